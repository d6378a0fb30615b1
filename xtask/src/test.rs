//! `cargo xtask test`: every test of the workspace, and a plain word on those that this machine cannot run.
//!
//! The tests themselves belong to the crates; this task only looks for the foreign programs that some of them drive.

use std::{env, ffi::OsString, fs};

use crate::{
    Outcome,
    clients::{CLIENTS, Client},
    command, workspace,
};

pub(crate) const HELP: &str = "\
Usage: cargo xtask test [arguments of `cargo test`]
       cargo xtask test --real-parts [words in the names of tests]

Runs all tests of the workspace, doctests included. Tests that drive the stack by a foreign program (Python with boto3,
the AWS CLI, Node.js, Go, Java, Chromium) run when the program is here; at the end the task says which were not, and how to get them.

  cargo xtask test rotation           only tests whose name holds `rotation`
  cargo xtask test -- --nocapture     with what the tests print
  cargo xtask test --real-parts       the scenarios of tests/ on a real OpenSearch and a real MinIO, one after the other,
                                      but for those that tests/embedded-only.txt names. Both are made and started as by
                                      `cargo xtask conformance`, unless EKK_TEST_OPENSEARCH and EKK_TEST_S3 give their
                                      addresses: EVERYTHING IN THEM IS DELETED, again and again

Environment:
  EKK_REQUIRE_CLIENTS=1      a missing program is a failure, nothing is skipped
  EKK_PYTHON, EKK_AWS_CLI, EKK_NODE, EKK_GO, EKK_JAVA, EKK_CHROMIUM
                             where the programs are
";

/// Runs the tests, with `arguments` handed to cargo.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    match arguments {
        [first, words @ ..] if first == "--real-parts" => on_real_parts(words),
        _ => run_with(&["test", "--workspace"], arguments),
    }
}

/// Which scenarios work on the embedded parts alone, and why.
const EMBEDDED_ONLY: &str = "tests/embedded-only.txt";

fn on_real_parts(words: &[OsString]) -> Outcome {
    let list = workspace::root().join(EMBEDDED_ONLY);
    let list = fs::read_to_string(&list).map_err(|error| format!("cannot read {EMBEDDED_ONLY}: {error}"))?;
    let test = ["test", "--locked", "--package", "ekk-tests", "--test", "it"];
    let mut libtest: Vec<OsString> = vec!["--test-threads=1".into()];
    for name in embedded_only(&list) {
        libtest.extend(["--skip".into(), name.into()]);
    }
    let given = ["EKK_TEST_OPENSEARCH", "EKK_TEST_S3"].iter().all(|variable| env::var_os(variable).is_some());
    let mut cargo = if given {
        command::cargo(&test)
    } else {
        let mut beside = command::cargo(&["run", "--locked", "--package", "ekk-conformance", "--", "run", "cargo"]);
        beside.args(test);
        beside
    };
    for client in &CLIENTS {
        if let Some(path) = client.find() {
            cargo.env(client.variable, path);
        }
    }
    command::run(cargo.arg("--").args(libtest).args(words))
}

/// The names of the list: its lines are `NAME: REASON`, or comments.
fn embedded_only(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": ")).map(|(name, _)| name)
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
    fn the_list_of_what_runs_embedded_only_names_tests_with_reasons() {
        let names: Vec<_> = embedded_only("# a remark: x\nrestart::: owns its data\nmodel::a: too slow\n\n").collect();
        assert_eq!(names, ["restart::", "model::a"]);
        let list = fs::read_to_string(workspace::root().join(EMBEDDED_ONLY)).unwrap();
        assert!(embedded_only(&list).count() > 0);
    }

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
