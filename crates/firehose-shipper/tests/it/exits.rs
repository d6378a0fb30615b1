//! Programs as processes of their own: whichever way they end, what they logged arrives.
//!
//! The programs are this crate's examples, which `cargo test` builds beside the tests.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use crate::fake_firehose::{Answer, FakeFirehose};

const RECORDS: usize = 10_000;

/// An example, with the endpoint and credentials that an SDK finds in its environment.
fn example(name: &str, endpoint: &str) -> Command {
    let tests = env::current_exe().unwrap();
    let path: PathBuf = tests.parent().and_then(|deps| deps.parent()).unwrap().join("examples").join(name);
    assert!(path.exists(), "cargo test -p firehose-shipper builds {}", path.display());
    let mut command = Command::new(path);
    command
        .envs([("AWS_ENDPOINT_URL", endpoint), ("AWS_REGION", "us-east-1")])
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// Runs the example `exits`, which logs ten thousand records and then ends in this way.
fn run(way: &str, fake: &FakeFirehose) -> Output {
    example("exits", &fake.url()).arg(way).output().unwrap()
}

#[track_caller]
fn check_all_arrived(way: &str, fake: &FakeFirehose) {
    let expected = if way == "both" { 2 * RECORDS } else { RECORDS };
    let messages: Vec<String> =
        fake.taken().iter().map(|record| String::from_utf8_lossy(record).into_owned()).collect();
    let of_loop = messages.iter().filter(|line| line.contains("\"n\":")).count();
    assert_eq!(of_loop, expected, "{way}");
}

#[test]
fn a_program_that_ends_in_any_way_delivers_what_it_logged() {
    for (way, success) in [("return", true), ("panic", false), ("abort", false), ("exit", true)] {
        let fake = FakeFirehose::start(|_| Answer::Take);
        let output = run(way, &fake);
        assert_eq!(output.status.success(), success, "{way}: {output:?}");
        check_all_arrived(way, &fake);
    }
}

#[cfg(unix)]
#[test]
fn a_program_that_is_told_to_terminate_delivers_what_it_logged() {
    for (way, signal, status) in [("wait", "TERM", 143), ("wait", "INT", 130), ("both", "TERM", 143)] {
        let fake = FakeFirehose::start(|_| Answer::Take);
        let mut child = example("exits", &fake.url()).arg(way).stdout(Stdio::piped()).spawn().unwrap();
        wait_until_logged(&mut child);
        let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(status), "{signal}");
        check_all_arrived(way, &fake);
    }
}

fn wait_until_logged(child: &mut Child) {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "logged\n");
}

#[test]
fn a_program_that_cannot_ship_writes_its_lines_to_standard_error() {
    let fake = FakeFirehose::start(|_| Answer::Refuse {
        status: 400,
        code: "ResourceNotFoundException",
        message: "not found",
    });
    let output = run("return", &fake);
    assert!(output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("{\"asctime\":") && line.ends_with('}')).count();
    assert_eq!(lines, RECORDS);
    let notices: Vec<_> = text.lines().filter(|line| line.starts_with("firehose-shipper: ")).collect();
    assert_eq!(notices.len(), 2, "one that it cannot be used, and one at the end: {notices:?}");
    assert!(notices[0].contains("ResourceNotFoundException: not found"));
    assert!(notices[1].contains("10000 written to the fallback"));
}
