//! The commands that ask a running stack, as a developer types them.

use std::process::Output;

use crate::up::{ekk, put_hello, until_ready, up};

/// A stack that is stopped at once when the test ends, and its endpoint.
struct Running {
    child: std::process::Child,
    aws: String,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = up(folder.path()).spawn().unwrap();
        let (text, _) = until_ready(&mut child);
        let (_, rest) = text.split_once("AWS_ENDPOINT_URL=").unwrap();
        let aws = rest.split_whitespace().next().unwrap().to_owned();
        Self { child, aws, _folder: folder }
    }

    fn output(&self, args: &[&str]) -> Output {
        ekk().args(args).args(["--endpoint-url", &self.aws]).output().unwrap()
    }

    /// What a command prints.
    #[track_caller]
    fn say(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// What a command that fails says.
    #[track_caller]
    fn refused(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(!output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap().trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn the_clock_is_frozen_advanced_and_set_by_command() {
    let stack = Running::start();
    assert!(stack.say(&["clock"]).ends_with(" running"));
    let frozen = stack.say(&["clock", "freeze", "--at", "2026-12-31T23:59:59Z"]);
    assert_eq!(frozen, "2026-12-31T23:59:59Z frozen");
    assert_eq!(stack.say(&["clock", "advance", "1h 30m"]), "2027-01-01T01:29:59Z frozen");
    assert_eq!(stack.say(&["clock", "set", "2026-01-01T00:00:00Z"]), "2026-01-01T00:00:00Z frozen");
    assert!(stack.say(&["clock", "resume"]).ends_with(" running"));
    assert!(stack.refused(&["clock", "advance", "soon"]).contains("\"soon\" is no length of time"));
}

#[test]
fn faults_are_added_listed_and_removed_by_command() {
    let stack = Running::start();
    assert_eq!(stack.say(&["faults"]), "nothing fails on request");
    let rule = r#"{"destination":"opensearch","effect":"gone","times":1}"#;
    assert_eq!(stack.say(&["faults", "add", rule]), "added fault 1");
    assert_eq!(stack.say(&["faults"]), format!("1 armed hits=0 {rule}"));
    assert!(stack.refused(&["faults", "add", r#"{"effect":"gone"}"#]).contains("a rule needs an operation"));
    assert!(stack.refused(&["faults", "remove", "7"]).contains("no fault has the id 7"));
    assert_eq!(stack.say(&["faults", "clear"]), "nothing fails on request");
}

#[test]
fn records_deliveries_and_what_is_missing_are_shown_by_command() {
    let stack = Running::start();
    put_hello(&stack.aws);
    assert!(stack.say(&["records", "logging-test"]).ends_with(r#" {"message":"hello"}"#));
    stack.say(&["wait", "--count", "1", "--line", "indexed", "--stream", "logging-test"]);
    let deliveries = stack.say(&["deliveries", "logging-test"]);
    assert!(deliveries.contains(" index") && deliveries.contains("records=1") && deliveries.contains(" delivered"));
    let missing = stack.refused(&["wait", "--count", "5", "--stream", "logging-test", "--timeout-secs", "0"]);
    assert!(missing.contains("stream logging-test: indexed is 1, not 5; only 1 record was accepted"), "{missing}");
    assert_eq!(stack.say(&["reset"]), "emptied; the streams are now: logging-test");
    assert_eq!(stack.say(&["records", "logging-test"]), "");
    assert_eq!(stack.say(&["streams"]), "logging-test: 0 records accepted");
    assert!(stack.say(&["streams", "--json"]).contains("\"status\": \"ACTIVE\""));
}
