//! The same requests to the embedded OpenSearch and S3 and to the real ones: how do their answers differ?
//!
//! `cases` reads the requests of `tests/conformance`, `session` sends a file of them to one side, `difference` compares
//! two answers, and `report` makes the table of FIDELITY.md. `subject` says what is particular to OpenSearch and to S3,
//! `real` starts the real ones as plain processes, by the recipes of `tests/images`.
//!
//! The embedded parts are started without the rest of the stack, because what the stack puts into them at its start is
//! not in the real ones.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its user")]

mod answer;
mod cases;
mod difference;
mod options;
mod real;
mod recorded;
mod report;
mod session;
mod subject;
mod verdict;

use std::{env, process::ExitCode};

use anyhow::Result;

use crate::options::{Action, Options};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    match Options::read(env::args().skip(1))?.action {
        Action::Help => {
            print!("{}", options::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Action::Compare(compare) => verdict::compare(&compare).await,
        Action::Run(command) => real::run_beside(&command).await,
    }
}
