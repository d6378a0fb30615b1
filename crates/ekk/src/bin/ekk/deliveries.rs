//! `ekk deliveries`, `ekk records`, `ekk reset`: what a running stack did, what it was given, and how to empty it.

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use crate::{
    control::{Ask, Target},
    up::say,
};

#[derive(Args, Debug)]
pub(crate) struct OfStream {
    #[command(flatten)]
    target: Target,
    /// The stream's name, or `name@account.region` when it is not the stack's own account and region.
    stream: String,
    /// Only so many, the newest.
    #[arg(long, value_name = "COUNT")]
    last: Option<usize>,
}

/// Shows each attempt to deliver with its reason, a line each.
pub(crate) async fn deliveries(of: &OfStream) -> anyhow::Result<()> {
    let answer = Ask::get(&of.target, &format!("streams/{}/deliveries", of.stream)).send().await?;
    let attempts = answer.get("deliveries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let skipped = of.last.map_or(0, |last| attempts.len().saturating_sub(last));
    if attempts.is_empty() {
        say("nothing has been delivered yet; `ekk flush` delivers what is buffered");
    }
    attempts.iter().skip(skipped).for_each(|attempt| say(&line(attempt)));
    Ok(())
}

/// Shows the newest records that came in, as text where they are text.
pub(crate) async fn records(of: &OfStream) -> anyhow::Result<()> {
    let mut ask = Ask::get(&of.target, &format!("streams/{}/records", of.stream));
    if let Some(last) = of.last {
        ask = ask.query("last", &last.to_string());
    }
    let answer = ask.send().await?;
    for record in answer.get("records").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let data = text("text").or(text("data")).unwrap_or_default();
        say(&format!("{} {}", text("arrived").unwrap_or_default(), data.trim_end()));
    }
    Ok(())
}

pub(crate) async fn reset(target: &Target) -> anyhow::Result<()> {
    let answer = Ask::new(target, Method::POST, "reset").send().await?;
    let names = |member: &str| {
        let values = answer.get(member).and_then(Value::as_array).into_iter().flatten();
        let name = |value: &Value| value.as_str().or(value.get("id")?.as_str()).map(str::to_owned);
        values.filter_map(name).collect::<Vec<_>>().join(", ")
    };
    let untouched = names("untouched");
    let outside = if untouched.is_empty() { String::new() } else { format!("; {untouched} is outside and untouched") };
    say(&format!("emptied; the streams are now: {}{outside}", names("streams")));
    Ok(())
}

fn line(attempt: &Value) -> String {
    let number = |name: &str| attempt.get(name).and_then(Value::as_u64).unwrap_or_default();
    let target = attempt.get("target").and_then(Value::as_object);
    let to: Vec<String> = target
        .into_iter()
        .flatten()
        .map(|(name, value)| if name == "to" { as_text(value) } else { format!("{name}={}", as_text(value)) })
        .collect();
    let outcome = attempt.get("outcome").and_then(Value::as_object);
    let how: Vec<String> = outcome
        .into_iter()
        .flatten()
        .map(|(name, value)| if name == "outcome" { as_text(value) } else { format!("{name}={}", as_text(value)) })
        .collect();
    format!(
        "{} {} records={} bytes={} attempt={} {}",
        attempt.get("at").map(as_text).unwrap_or_default(),
        to.join(" "),
        number("records"),
        number("bytes"),
        number("attempt"),
        how.join(" ")
    )
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
