//! `ekk up --data` that is killed while a program logs: what was acknowledged is indexed and backed up all the same.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use base64_simd::STANDARD;
use reqwest::blocking::{self, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::up::{ekk, firehose, until_ready, up};

/// Acknowledged batches after which each stack in turn is killed, once right after a start that had much to do.
const KILLED_AFTER: [u64; 4] = [3, 40, 1, 80];

const RECORDS: u64 = 50;

const STREAM: &str = include_str!("../../../../fixtures/streams/logging-test.json");

/// A stack on a data folder that outlives it.
struct Stack {
    child: Child,
    ready: Value,
}

impl Stack {
    fn start(folder: &Path) -> Self {
        let (data, fixtures) = (folder.join("data"), folder.join("fixtures"));
        let mut child = up(folder).arg("--data").arg(data).arg("--fixtures").arg(fixtures).spawn().unwrap();
        drop(until_ready(&mut child));
        let ready = serde_json::from_slice(&fs::read(folder.join("ready.json")).unwrap()).unwrap();
        Self { child, ready }
    }

    fn address(&self, part: &str) -> String {
        self.ready[part].as_str().unwrap().to_owned()
    }

    fn get(&self, part: &str, path: &str) -> String {
        let answer = blocking::get(format!("{}{path}", self.address(part))).unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().unwrap()
    }

    /// The numbers of the records in all objects of the backup.
    fn backed_up(&self) -> BTreeSet<u64> {
        let listing = self.get("s3", "/logging-test-backup?list-type=2");
        assert!(listing.contains("<IsTruncated>false</IsTruncated>"), "{listing}");
        let keys = listing.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>")).map(|(key, _)| key);
        let objects: String = keys.map(|key| self.get("s3", &format!("/logging-test-backup/{key}"))).collect();
        objects.lines().map(|line| number(&serde_json::from_str(line).unwrap())).collect()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn number(record: &Value) -> u64 {
    record["number"].as_u64().unwrap()
}

/// Puts batches one after the other until the stack is gone; `acknowledged` counts those that were answered.
fn log_until_it_is_gone(aws: &str, first: u64, acknowledged: &AtomicU64) {
    loop {
        let start = (first + acknowledged.load(Ordering::Acquire)) * RECORDS;
        let records = (start..start + RECORDS).map(|number| {
            let line = format!("{}\n", json!({ "number": number }));
            json!({ "Data": STANDARD.encode_to_string(line) })
        });
        let body = json!({ "DeliveryStreamName": "logging-test", "Records": records.collect::<Vec<_>>() });
        let put = firehose(aws, "PutRecordBatch", &body);
        let Ok(answer) = put.send().and_then(Response::text) else { return };
        assert!(answer.contains(r#""FailedPutCount":0"#), "{answer}");
        acknowledged.fetch_add(1, Ordering::Release);
    }
}

/// A folder whose stream `logging-test` delivers after so many seconds.
fn delivering_after(seconds: u64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut stream: Value = serde_json::from_str(STREAM).unwrap();
    stream["AmazonopensearchserviceDestinationConfiguration"]["BufferingHints"]["IntervalInSeconds"] = seconds.into();
    let streams = folder.path().join("fixtures/streams");
    fs::create_dir_all(&streams).unwrap();
    fs::write(streams.join("logging-test.json"), stream.to_string()).unwrap();
    folder
}

#[test]
fn what_was_acknowledged_before_a_kill_is_indexed_and_backed_up_after_it() {
    is_indexed_and_backed_up_after_kills(&delivering_after(900));
}

#[test]
fn what_was_being_delivered_when_it_was_killed_is_indexed_once_and_backed_up() {
    is_indexed_and_backed_up_after_kills(&delivering_after(0));
}

fn is_indexed_and_backed_up_after_kills(folder: &TempDir) {
    let mut batches = 0;
    let mut promised = BTreeSet::new();
    for killed_after in KILLED_AFTER {
        let stack = Stack::start(folder.path());
        let acknowledged = Arc::new(AtomicU64::new(0));
        let (aws, counter) = (stack.address("aws"), Arc::clone(&acknowledged));
        let program = thread::spawn(move || log_until_it_is_gone(&aws, batches, &counter));
        while acknowledged.load(Ordering::Acquire) < killed_after {
            thread::yield_now();
        }
        drop(stack);
        program.join().unwrap();
        let acknowledged = acknowledged.load(Ordering::Acquire);
        promised.extend(batches * RECORDS..(batches + acknowledged) * RECORDS);
        // The batch that was cut off may have arrived; its numbers are not used again.
        batches += acknowledged + 1;
    }

    let stack = Stack::start(folder.path());
    let wait = ekk().args(["wait", "--endpoint-url", &stack.address("aws")]).output().unwrap();
    assert!(wait.status.success(), "{wait:?}");
    let found: Value = serde_json::from_str(&stack.get("opensearch", "/logging-test-*/_search?size=10000")).unwrap();
    let hits = found["hits"]["hits"].as_array().unwrap();
    let indexed: BTreeSet<u64> = hits.iter().map(|hit| number(&hit["_source"])).collect();
    assert_eq!(indexed.len(), hits.len(), "a record that is delivered again has the id it had");
    assert_eq!(promised.difference(&indexed).count(), 0);
    assert_eq!(promised.difference(&stack.backed_up()).count(), 0);
}
