//! The command `ekk`: runs the stack, asks a running one for its streams or gives it more, and ships files.

mod apply;
mod clock;
mod control;
mod deliveries;
mod faults;
mod health;
#[cfg(feature = "ship")]
mod ship;
#[cfg(feature = "tls")]
mod tls;
mod up;

use std::{
    io::{self, IsTerminal as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// The EKK logging stack on one machine: Firehose, OpenSearch, S3 and Dashboards.
#[derive(Debug, Parser)]
#[command(name = "ekk", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// What to log to stderr, as `RUST_LOG` takes it, for instance `info` or `ekk_delivery=debug`.
    #[arg(long, global = true, env = "EKK_LOG", default_value = "warn,s3s=off", value_name = "FILTER")]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the stack in the foreground until Ctrl-C.
    Up(Box<up::Up>),
    /// Says whether every part of a running stack answers.
    Health(health::Health),
    /// Shows the streams of a running stack and what became of their records, or creates those of a file.
    Streams(control::Streams),
    /// Delivers what a running stack has buffered, now.
    Flush(control::Flush),
    /// Waits until a running stack has delivered everything and it is searchable, or says what is missing, and why.
    Wait(control::Wait),
    /// Shows each attempt of a stream to deliver, with its reason.
    Deliveries(deliveries::OfStream),
    /// Shows the newest records that a stream was given.
    Records(deliveries::OfStream),
    /// Shows, freezes, sets and advances the clock of a running stack.
    Clock(clock::Clock),
    /// Shows and changes what fails in a running stack on request.
    Faults(faults::Faults),
    /// Empties a running stack and puts its fixtures in anew.
    Reset(control::Target),
    #[cfg(feature = "ship")]
    Ship(Box<ship::Ship>),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match log_to_stderr(&cli.log) {
        Ok(()) => run(cli.command).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            up::complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up(up) => up.run().await,
        Command::Health(health) => health.run().await,
        Command::Streams(streams) => control::streams(&streams).await,
        Command::Flush(flush) => control::flush(&flush).await,
        Command::Wait(wait) => control::wait(&wait).await,
        Command::Deliveries(of) => deliveries::deliveries(&of).await,
        Command::Records(of) => deliveries::records(&of).await,
        Command::Clock(clock) => clock.run().await,
        Command::Faults(faults) => faults.run().await,
        Command::Reset(target) => deliveries::reset(&target).await,
        #[cfg(feature = "ship")]
        Command::Ship(ship) => return ship.run().await,
    }?;
    Ok(ExitCode::SUCCESS)
}

fn log_to_stderr(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| anyhow::anyhow!("--log {filter}: {error}; try --log info or --log ekk_delivery=debug"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    Ok(())
}
