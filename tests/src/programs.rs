//! Programs of other languages, run against a stack as their users run them.
//!
//! `cargo xtask test` finds the programs and names them in the variables below; without a variable the scenario is
//! skipped, aloud. With `EKK_REQUIRE_CLIENTS` set a missing program fails the scenario instead.

use std::{
    env,
    ffi::OsString,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Output,
};

use ekk::Ekk;
use tokio::process::Command;

/// Python with the packages of `tests/clients/requirements.txt`.
pub const PYTHON: &str = "EKK_PYTHON";
/// The `aws` command.
pub const AWS_CLI: &str = "EKK_AWS_CLI";
/// Node.js, with the packages of `tests/clients/node`.
pub const NODE: &str = "EKK_NODE";
/// Go, with the modules of `tests/clients/go` in its cache.
pub const GO: &str = "EKK_GO";
/// Java 11 or newer with its compiler, and the libraries of `tests/clients/java`.
pub const JAVA: &str = "EKK_JAVA";
/// Chromium.
pub const CHROMIUM: &str = "EKK_CHROMIUM";

/// The path of the program that `variable` names; `None` says that the scenario is skipped.
///
/// # Panics
/// When the program is missing and `EKK_REQUIRE_CLIENTS` is set.
pub fn find(variable: &str) -> Option<OsString> {
    let found = env::var_os(variable).filter(|path| !path.is_empty());
    if found.is_none() {
        let advice = format!("{variable} is not set; `cargo xtask test` finds the program or says how to install it");
        assert!(env::var_os("EKK_REQUIRE_CLIENTS").is_none(), "{advice}");
        drop(writeln!(io::stderr().lock(), "skipped: {advice}"));
    }
    found
}

/// The folder of the client programs, `tests/clients`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// A command that finds the stack by the variables that `ekk up` prints, and nothing else of AWS on this machine.
pub fn command(program: impl Into<OsString>, ekk: &Ekk) -> Command {
    let mut command = Command::new(program.into());
    let addresses = ekk.addresses();
    command
        .env("AWS_ENDPOINT_URL", ekk.endpoint_url())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("EKK_OPENSEARCH_URL", addresses.opensearch.as_str().trim_end_matches('/'))
        .env("EKK_S3_URL", addresses.s3.as_str().trim_end_matches('/'))
        .env("EKK_DASHBOARDS_URL", addresses.dashboards.as_str().trim_end_matches('/'))
        .kill_on_drop(true);
    command
}

/// Runs a command and answers its stdout.
///
/// # Panics
/// When it cannot be run or fails; shows what it printed.
pub async fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().await.expect("the program starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?} ended with {status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
    stdout.into_owned()
}
