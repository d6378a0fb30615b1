//! `ekk up` from its start to its farewell.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};

const ANY: &str = "127.0.0.1:0";

pub(crate) fn ekk() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekk"));
    command.env_clear().stdin(Stdio::null());
    command
}

pub(crate) fn up(folder: &Path) -> Command {
    let mut command = ekk();
    command
        .args(["up", "--listen-aws", ANY, "--listen-opensearch", ANY, "--listen-s3", ANY, "--listen-dashboards", ANY])
        .arg("--ready-file")
        .arg(folder.join("ready.json"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Reads what a stack prints until it is ready.
pub(crate) fn until_ready(child: &mut Child) -> (String, BufReader<ChildStdout>) {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("ready. Ctrl-C") {
        if out.read_line(&mut text).unwrap() == 0 {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("ekk ended before it was ready: {text}{errors}");
        }
    }
    (text, out)
}

pub(crate) fn terminate(child: &Child) {
    let done = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status().unwrap();
    assert!(done.success());
}

/// A call of Firehose, as a client sends it whose signature nobody verifies.
pub(crate) fn firehose(aws: &str, operation: &str, request: &Value) -> RequestBuilder {
    Client::new()
        .post(aws)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("Firehose_20150804.{operation}"))
        .header("x-amz-date", "20260101T000000Z")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/firehose/aws4_request, SignedHeaders=host, Signature=0",
        )
        .body(request.to_string())
}

/// A put of one record, `{"message":"hello"}`, to `logging-test`.
pub(crate) fn put_hello(aws: &str) {
    let request = json!({ "DeliveryStreamName": "logging-test", "Record": { "Data": "eyJtZXNzYWdlIjoiaGVsbG8ifQ==" } });
    assert_eq!(firehose(aws, "PutRecord", &request).send().unwrap().status(), 200);
}

#[test]
fn it_prints_what_to_paste_and_says_at_the_end_what_it_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = up(folder.path()).arg("--data").arg(folder.path().join("data")).spawn().unwrap();
    let (text, mut out) = until_ready(&mut child);
    let ready: Value = serde_json::from_slice(&fs::read(folder.path().join("ready.json")).unwrap()).unwrap();
    let aws = ready["aws"].as_str().unwrap();
    assert!(text.contains(&format!("export AWS_ENDPOINT_URL={aws}")), "{text}");

    let health = ekk().args(["health", "--endpoint-url", aws, "--timeout-secs", "10"]).output().unwrap();
    assert_eq!(String::from_utf8(health.stdout).unwrap(), "dashboards ok\nopensearch ok\ns3 ok\n");

    put_hello(aws);
    let wait = |form: &[&str]| {
        let wait = ekk().args(["wait", "--endpoint-url", aws]).args(form).output().unwrap();
        assert!(wait.status.success(), "{wait:?}");
        String::from_utf8(wait.stdout).unwrap()
    };
    assert_eq!(wait(&[]), "logging-test: 1 record accepted: 1 indexed; 1 backed up\n");
    assert!(wait(&["--json"]).contains("\"indexed\": 1"));

    terminate(&child);
    let mut farewell = String::new();
    out.read_to_string(&mut farewell).unwrap();
    assert!(child.wait().unwrap().success(), "{farewell}");
    assert!(farewell.contains("  logging-test: 1 record accepted: 1 indexed; 1 backed up\n"), "{farewell}");
    assert!(!folder.path().join("ready.json").exists());
}

#[test]
fn the_credentials_of_an_outside_part_are_shown_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = up(folder.path()).args(["--s3", "http://key:hidden@127.0.0.1:1"]).spawn().unwrap();
    let (text, _) = until_ready(&mut child);
    let file = fs::read_to_string(folder.path().join("ready.json")).unwrap();
    let ready: Value = serde_json::from_str(&file).unwrap();
    let answer = reqwest::blocking::get(format!("{}/bucket/key", ready["aws"].as_str().unwrap())).unwrap();
    assert_eq!(answer.status(), 501);
    let answer = answer.text().unwrap();
    let health = ekk().args(["health", "--endpoint-url", ready["aws"].as_str().unwrap()]).output().unwrap();
    assert_eq!(health.status.code(), Some(1));
    let health = String::from_utf8(health.stderr).unwrap();
    assert!(health.contains("error: s3: http://127.0.0.1:1/ does not answer"), "{health}");
    child.kill().unwrap();
    child.wait().unwrap();
    for shown in [text, file, answer, health] {
        assert!(shown.contains("http://127.0.0.1:1") && !shown.contains("hidden"), "{shown}");
    }
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let taken = TcpListener::bind(ANY).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = ekk()
        .args(["up", "--listen-aws", ANY, "--listen-opensearch", ANY, "--listen-s3", &address])
        .args(["--listen-dashboards", ANY])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("S3 cannot listen on") && errors.contains("--listen-s3"), "{errors}");
}

#[test]
fn without_a_stack_the_control_commands_say_how_to_start_one() {
    let output = ekk().args(["streams", "--endpoint-url", "http://127.0.0.1:1"]).output().unwrap();
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("no stack answers at http://127.0.0.1:1/; start one with `ekk up`"), "{errors}");
}
