//! `ekk ship` into a stack: pipes, files that are rotated while they are read, kills, signals, and faults of the stack.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use ekk::{
    Ekk, Stream,
    faults::{Effect, ErrorCode, Moment, Operation, Rule, Share},
};

use crate::up::{ekk as command, terminate};

/// A stack with a stream `app` to a bucket, and a folder of logs.
struct Shipping {
    ekk: Ekk,
    folder: tempfile::TempDir,
}

impl Shipping {
    async fn start() -> Self {
        let stream = Stream::to_bucket("app").buffering(Duration::from_mins(1), 64);
        let ekk = Ekk::builder().patience(Duration::from_mins(2)).stream(stream).start().await.unwrap();
        Self { ekk, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ship(&self, args: &[&str]) -> Command {
        let mut ship = command();
        ship.args(["ship", "--stream", "app", "--quiet", "--endpoint-url", self.ekk.endpoint_url()])
            .args(args)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        ship
    }

    /// Fails 20 calls of `PutRecordBatch` so, of those that come.
    fn fail(&self, probability: f64, effect: Effect) {
        let rule = Rule::at(Operation::PutRecordBatch, effect).with_probability(probability);
        self.ekk.faults().add(rule.times(20)).unwrap();
    }

    /// All records that have arrived, in the order of their objects.
    async fn arrived(&self) -> Vec<String> {
        self.ekk.settle().await.unwrap();
        let objects = self.ekk.objects("app", "").await.unwrap();
        objects.iter().flat_map(|object| object.text().lines().map(ToOwned::to_owned).collect::<Vec<_>>()).collect()
    }

    /// How often each of the numbers has arrived that stand behind `"n":` or at the end of a message.
    async fn numbers(&self) -> BTreeMap<u32, u32> {
        let mut times = BTreeMap::new();
        for record in self.arrived().await {
            let (_, number) = record.split_once("number ").expect("a record has a number");
            let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
            *times.entry(digits.parse().unwrap()).or_default() += 1;
        }
        times
    }

    /// All of these numbers have arrived, each once.
    async fn check_each_once(&self, numbers: std::ops::Range<u32>) {
        let times = self.numbers().await;
        assert_eq!(times.keys().copied().collect::<BTreeSet<_>>(), numbers.collect::<BTreeSet<_>>());
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    /// Waits until the stream has accepted so many records.
    async fn until_accepted(&self, records: u64) {
        self.ekk.wait_for("app", "accepted", records).await.unwrap();
    }
}

fn add(path: &Path, numbers: std::ops::Range<u32>) {
    let mut text = String::new();
    for number in numbers {
        text.push_str(&line(number));
    }
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Half of the lines are JSON.
fn line(number: u32) -> String {
    let message = format!("a line of some length for a log, with the number {number} at its end");
    if number.is_multiple_of(2) { format!("{{\"message\":\"{message}\"}}\n") } else { format!("{message}\n") }
}

fn last_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned()
}

/// Reads what a process has said, once it has ended, and its exit code.
fn ended(mut child: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipe_is_shipped_to_its_end() {
    let shipping = Shipping::start().await;
    let mut child = shipping.ship(&["--host", "h", "--field", "service=shop"]).stdin(Stdio::piped()).spawn().unwrap();
    let text = "{\"b\": 1.0, \"a\": 2}\r\nERROR no\nTraceback (most recent call last):\n  File \"x\"\nKeyError: 'a'\n\
                \n\u{1b}[31mred \u{e9}\nlast";
    child.stdin.take().unwrap().write_all(&[text.as_bytes(), b" \xff line"].concat()).unwrap();
    let (code, said) = ended(child);
    assert_eq!((code, said.as_str()), (Some(0), "ekk ship: 4 read: 4 sent, 0 retried, 0 not sent, 0 left\n"));
    let records = shipping.arrived().await;
    assert_eq!(records[0], r#"{"b": 1.0, "a": 2}"#);
    let wrapped: Vec<serde_json::Value> =
        records.iter().skip(1).map(|record| serde_json::from_str(record).unwrap()).collect();
    let messages: Vec<&str> = wrapped.iter().map(|record| record["message"].as_str().unwrap()).collect();
    assert_eq!(
        messages,
        [
            "ERROR no\nTraceback (most recent call last):\n  File \"x\"\nKeyError: 'a'",
            "\u{1b}[31mred \u{e9}",
            "last \u{fffd} line",
        ]
    );
    let first = &wrapped[0];
    assert_eq!((&first["host"], &first["file"], &first["service"]), (&"h".into(), &"-".into(), &"shop".into()));
    let time = first["asctime"].as_str().unwrap();
    assert!(time.len() == "2026-11-23T18:28:31.788001+01:00".len() && time.contains('T'), "{time}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_shipped_once_and_what_cannot_be_read_is_said() {
    let shipping = Shipping::start().await;
    add(&shipping.path("a.log"), 0..1_000);
    add(&shipping.path("b.log"), 1_000..2_000);
    fs::create_dir(shipping.path("folder")).unwrap();
    let args = ["--state", "offsets.json", "*.log", "missing.log", "folder"];
    let output = shipping.ship(&args).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said,
        "ekk ship: missing.log: No such file or directory (os error 2)\n\
         ekk ship: folder: it is a folder; name the files in it, such as folder/*.log\n\
         ekk ship: 2000 read: 2000 sent, 0 retried, 0 not sent, 0 left\n"
    );
    add(&shipping.path("b.log"), 2_000..2_100);
    let output = shipping.ship(&["--state", "offsets.json", "*.log"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(last_line(&output), "ekk ship: 100 read: 100 sent, 0 retried, 0 not sent, 0 left");
    shipping.check_each_once(0..2_100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_rotated_while_it_is_read_loses_nothing() {
    let shipping = Shipping::start().await;
    let log = shipping.path("app.log");
    let child = shipping.ship(&["--follow", "--state", "offsets.json", "app.log*"]).spawn().unwrap();
    for (round, numbers) in [0..700, 700..1_400, 1_400..2_100].into_iter().enumerate() {
        let middle = numbers.start + 300;
        add(&log, numbers.start..middle);
        fs::rename(&log, shipping.path(&format!("app.log.{round}"))).unwrap();
        add(&log, middle..numbers.end);
        shipping.until_accepted(u64::from(numbers.end)).await;
        // As logrotate does it by `copytruncate`.
        fs::copy(&log, shipping.path(&format!("app.log.copy.{round}"))).unwrap();
        File::options().write(true).truncate(true).open(&log).unwrap();
    }
    add(&log, 2_100..2_150);
    shipping.until_accepted(2_150).await;
    terminate(&child);
    let (code, said) = ended(child);
    assert_eq!((code, said.as_str()), (Some(0), "ekk ship: 2150 read: 2150 sent, 0 retried, 0 not sent, 0 left\n"));
    shipping.check_each_once(0..2_150).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_goes_on_where_records_were_delivered() {
    const RECORDS: u32 = 60_000;
    let shipping = Shipping::start().await;
    let log = shipping.path("app.log");
    add(&log, 0..RECORDS / 2);
    let args = ["--follow", "--state", "offsets.json", "--queue-records", "2000", "app.log*"];
    for accepted in [10_000, 20_000] {
        let mut child = shipping.ship(&args).spawn().unwrap();
        shipping.until_accepted(accepted).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // It is rotated while nobody looks.
    fs::rename(&log, shipping.path("app.log.1")).unwrap();
    add(&log, RECORDS / 2..RECORDS);
    let child = shipping.ship(&args).spawn().unwrap();
    shipping.until_accepted(u64::from(RECORDS)).await;
    terminate(&child);
    let (code, said) = ended(child);
    assert_eq!(code, Some(0), "{said}");
    let times = shipping.numbers().await;
    assert_eq!(times.keys().copied().collect::<Vec<_>>(), (0..RECORDS).collect::<Vec<_>>(), "none is lost");
    assert!(times.values().all(|times| *times <= 3), "each run sends a record once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_it_with_all_that_was_written_delivered() {
    for source in ["pipe", "file"] {
        let shipping = Shipping::start().await;
        let mut text = String::new();
        (0..10_000).for_each(|number| text.push_str(&line(number)));
        let child = if source == "pipe" {
            // The writer keeps the pipe open, as a service does.
            let mut child = shipping.ship(&["--linger", "1m"]).stdin(Stdio::piped()).spawn().unwrap();
            child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
            child
        } else {
            fs::write(shipping.path("app.log"), text).unwrap();
            shipping.ship(&["--linger", "1m", "--follow", "app.log"]).spawn().unwrap()
        };
        shipping.until_accepted(1).await;
        terminate(&child);
        let (code, said) = ended(child);
        let expected = "ekk ship: 10000 read: 10000 sent, 0 retried, 0 not sent, 0 left\n";
        assert_eq!((code, said.as_str()), (Some(0), expected), "{source}");
        shipping.check_each_once(0..10_000).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_it_was_started_to_ignore_is_ignored() {
    let shipping = Shipping::start().await;
    let log = shipping.path("app.log");
    add(&log, 0..100);
    // As `nohup` starts programs.
    let script = r#"trap "" HUP; exec "$0" ship --stream app --quiet --follow --endpoint-url "$1" app.log"#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_ekk"), shipping.ekk.endpoint_url()]);
    let child = shell.current_dir(shipping.folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    shipping.until_accepted(100).await;
    let hangup = Command::new("kill").args(["-s", "HUP", &child.id().to_string()]).status().unwrap();
    assert!(hangup.success());
    add(&log, 100..200);
    shipping.until_accepted(200).await;
    terminate(&child);
    let (code, said) = ended(child);
    assert_eq!(code, Some(0), "{said}");
    shipping.check_each_once(0..200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_failing_entries_calls_and_throttling_each_record_arrives_once() {
    let shipping = Shipping::start().await;
    shipping.fail(1.0, Effect::fail_records(Share::Of(1.0 / 3.0)));
    shipping.fail(0.5, Effect::answer(ErrorCode::InternalFailure));
    shipping.fail(0.1, Effect::answer(ErrorCode::ServiceUnavailableException));
    add(&shipping.path("app.log"), 0..20_000);
    let output = shipping.ship(&["--in-flight", "4", "app.log"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    shipping.check_each_once(0..20_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_dropped_connections_all_arrive_and_twice_only_after_the_work() {
    for (moment, is_doubled) in [(Moment::BeforeWork, false), (Moment::AfterWork, true)] {
        let shipping = Shipping::start().await;
        shipping.fail(0.3, Effect::DropConnection(moment));
        add(&shipping.path("app.log"), 0..20_000);
        let output = shipping.ship(&["app.log"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let times = shipping.numbers().await;
        assert_eq!(times.len(), 20_000, "{moment:?}");
        assert_eq!(times.values().any(|times| *times > 1), is_doubled, "{moment:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_a_minute_on_the_clock_is_outlasted() {
    let stream = Stream::to_bucket("app").buffering(Duration::from_mins(1), 64);
    let ekk = Ekk::builder().frozen_at("2026-11-23T09:00:00Z".parse().unwrap()).stream(stream).start().await.unwrap();
    let shipping = Shipping { ekk, folder: tempfile::tempdir().unwrap() };
    let outage = Rule::at(Operation::Any, Effect::answer(ErrorCode::InternalFailure)).lasting(Duration::from_mins(1));
    shipping.ekk.faults().add(outage).unwrap();
    add(&shipping.path("app.log"), 0..5_000);
    let mut child = shipping.ship(&["--follow", "app.log"]).spawn().unwrap();
    let mut first = vec![0; 40];
    child.stderr.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(String::from_utf8_lossy(&first), "ekk ship: stream app: calls fail, record");
    shipping.ekk.advance(Duration::from_mins(1)).await.unwrap();
    shipping.until_accepted(5_000).await;
    terminate(&child);
    let (code, said) = ended(child);
    assert_eq!(code, Some(0), "{said}");
    shipping.check_each_once(0..5_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_cannot_be_used_loses_nothing() {
    let shipping = Shipping::start().await;
    add(&shipping.path("app.log"), 0..100);
    let missing = ["--stream", "missing"];
    let ship = |args: &[&str]| {
        let mut ship = command();
        ship.args(["ship", "--quiet", "--endpoint-url", shipping.ekk.endpoint_url()]).args(args);
        ship.current_dir(shipping.folder.path());
        ship
    };
    // A file is read again, so the run ends.
    let output = ship(&[&missing[..], &["--state", "offsets.json", "app.log"]].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("ekk ship: the stream cannot be used: ResourceNotFoundException: "), "{said}");
    assert!(said.contains("read again by the next run"), "{said}");
    // A pipe cannot be read again, so its records go to standard error.
    let input = File::open(shipping.path("app.log")).unwrap();
    let output = ship(&missing).stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.lines().filter(|line| line.starts_with('{')).count(), 100, "{said}");
    // A fallback that cannot be written to has nothing, so the file is read again.
    let state = ["--state", "offsets.json", "--fallback", "none/unsent.jsonl", "app.log"];
    let output = ship(&[&missing[..], &state].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    // It is there now.
    let output = ship(&["--stream", "app", "--state", "offsets.json", "app.log"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    shipping.check_each_once(0..100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_writes_is_not_read_and_a_file_may_come_later() {
    let shipping = Shipping::start().await;
    add(&shipping.path("a.log"), 0..100);
    let args = ["--follow", "--state", "state.log", "--fallback", "unsent.log", "late.log", "*.log"];
    let child = shipping.ship(&args).spawn().unwrap();
    shipping.until_accepted(100).await;
    add(&shipping.path("late.log"), 100..200);
    shipping.until_accepted(200).await;
    fs::write(shipping.path("unsent.log"), line(200)).unwrap();
    add(&shipping.path("a.log"), 201..300);
    shipping.until_accepted(299).await;
    terminate(&child);
    let (code, said) = ended(child);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("ekk ship: late.log: No such file or directory (os error 2); it is read when it comes\n"));
    let numbers: Vec<u32> = shipping.numbers().await.into_keys().collect();
    assert_eq!(numbers, (0..200).chain(201..300).collect::<Vec<_>>());
}

#[test]
fn what_is_told_wrong_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.json"), "{}").unwrap();
    for (args, code, expected) in [
        (vec![], 2, "--stream <NAME>"),
        (vec!["--stream", "s", "--from", "end", "a.log"], 2, "--follow"),
        (vec!["--stream", "s", "--begins", "("], 2, "regex parse error"),
        (vec!["--stream", "s", "--when-full", "spill"], 2, "--spill-folder"),
        (vec!["--stream", "s", "--state", "o.json"], 1, "--state is for files"),
        (vec!["--stream", "s", "--state", "bad.json", "a.log"], 1, "bad.json does not hold offsets"),
        (vec!["--stream", "s", "--name", "level=l"], 1, "there are time, message, host and file"),
        (vec!["--stream", "s", "/tmp/[a"], 1, "/tmp/[a is no pattern for files"),
        (vec!["--stream", "no such", "--region", "eu-central-1"], 1, "no such"),
        (vec!["--stream", "s", "--queue-bytes", "10"], 1, "Queue::max_bytes is 10"),
    ] {
        let mut ship = command();
        ship.arg("ship").args(&args).current_dir(folder.path()).env("AWS_REGION", "us-east-1");
        ship.env("AWS_EC2_METADATA_DISABLED", "true");
        let output = ship.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && said.contains(expected), "{args:?}: {output:?}");
    }
}
