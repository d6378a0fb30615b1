//! `ekk health`: whether every part of a running stack answers; for scripts and for the health checks of containers.

use std::time::Duration;

use clap::Args;
use ekk::Clock;
use serde_json::Value;

use crate::{
    control::{Ask, Target},
    up::say,
};

/// How long is waited between two questions.
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Args, Debug)]
#[command(after_help = "Exits with 0 when every part answers, else with 1.\n\nExample:\n  \
                        ekk up & ekk health --timeout-secs 10 && ./my-tests; kill %1")]
pub(crate) struct Health {
    #[command(flatten)]
    target: Target,
    /// How long to wait for a stack that does not answer yet.
    #[arg(long, default_value_t = 0, value_name = "SECS")]
    timeout_secs: u64,
}

impl Health {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let clock = Clock::system();
        let deadline = clock.now().saturating_add(Duration::from_secs(self.timeout_secs))?;
        loop {
            match self.ask().await {
                Err(_) if clock.now() < deadline => clock.sleep(PAUSE).await,
                answer => return answer.map(|parts| say(&parts)),
            }
        }
    }

    /// Each part that answers, a line each.
    async fn ask(&self) -> anyhow::Result<String> {
        let answer = Ask::get(&self.target, "health").send().await?;
        let parts = answer.get("parts").and_then(Value::as_object).into_iter().flatten();
        let lines: Vec<String> =
            parts.map(|(part, state)| format!("{part} {}", state.as_str().unwrap_or("?"))).collect();
        Ok(lines.join("\n"))
    }
}
