//! Test suites in other languages that start the command themselves and use the control API, as their users' would.
//!
//! The programs are named by the variables that `cargo xtask test` sets; without one the test is skipped, aloud.

use std::{
    env,
    ffi::OsString,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

/// The program that `variable` names.
fn find(variable: &str) -> Option<OsString> {
    let found = env::var_os(variable).filter(|path| !path.is_empty());
    if found.is_none() {
        let advice = format!("{variable} is not set; `cargo xtask test` finds the program or says how to install it");
        assert!(env::var_os("EKK_REQUIRE_CLIENTS").is_none(), "{advice}");
        drop(writeln!(io::stderr().lock(), "skipped: {advice}"));
    }
    found
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients")
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.env("EKK_COMMAND", env!("CARGO_BIN_EXE_ekk")).output().unwrap();
    let texts = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{}\n{}", texts.0, texts.1);
}

#[test]
fn the_example_of_pytest_passes() {
    let Some(python) = find("EKK_PYTHON") else { return };
    let folder = clients().join("python");
    let arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"];
    run(Command::new(python).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder));
}

#[test]
fn the_example_of_node_passes() {
    let Some(node) = find("EKK_NODE") else { return };
    run(Command::new(node).args(["--test", "example.test.mjs"]).current_dir(clients().join("node")));
}
