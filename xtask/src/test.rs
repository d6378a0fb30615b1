//! `cargo xtask test`: every test of the workspace, and a plain word on those that this machine cannot run.
//!
//! The tests themselves belong to the crates; this task only looks for the foreign programs that some of them drive.

use std::{env, ffi::OsString};

use crate::{
    Outcome,
    clients::{CLIENTS, Client},
    command,
};

pub(crate) const HELP: &str = "\
Usage: cargo xtask test [arguments of `cargo test`]

Runs all tests of the workspace, doctests included. Tests that drive the stack by a foreign program (Python with boto3,
the AWS CLI, Node.js, Go, Java, Chromium) run when the program is here; at the end the task says which were not, and how to get them.

  cargo xtask test rotation           only tests whose name holds `rotation`
  cargo xtask test -- --nocapture     with what the tests print

Environment:
  EKK_REQUIRE_CLIENTS=1      a missing program is a failure, nothing is skipped
  EKK_PYTHON, EKK_AWS_CLI, EKK_NODE, EKK_GO, EKK_JAVA, EKK_CHROMIUM
                             where the programs are
";

/// Runs the tests, with `arguments` handed to cargo.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    run_with(&["test", "--workspace"], arguments)
}

/// Runs the tests by `cargo` with the given words before the user's.
pub(crate) fn run_with(words: &[&str], arguments: &[OsString]) -> Outcome {
    let mut cargo = command::cargo(words);
    let mut missing = Vec::new();
    for client in &CLIENTS {
        match client.find() {
            Some(path) => drop(cargo.env(client.variable, path)),
            None => missing.push(client),
        }
    }
    if !missing.is_empty() && env::var_os("EKK_REQUIRE_CLIENTS").is_some_and(|value| value == "1") {
        return Err(format!("EKK_REQUIRE_CLIENTS=1 allows no test to be skipped, and {}", describe(&missing)));
    }
    command::run(cargo.args(arguments))?;
    if missing.is_empty() {
        eprintln!("xtask: nothing was skipped");
    } else {
        eprintln!("xtask: some tests were skipped: {}", describe(&missing));
    }
    Ok(())
}

fn describe(missing: &[&Client]) -> String {
    let each = |client: &&Client| {
        format!("\n  {}, which would test {}; to enable:\n    {}", client.name, client.proves, client.enable)
    };
    let lines: String = missing.iter().map(each).collect();
    format!("this machine lacks{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_told_with_what_it_would_test_and_how_to_get_it() {
        let chromium = CLIENTS.iter().find(|client| client.name == "Chromium").unwrap();
        assert_eq!(
            describe(&[chromium]),
            "this machine lacks\n  Chromium, which would test Discover in a real browser; to enable:\n    \
             sudo apt-get install --yes chromium"
        );
    }
}
