//! Several streams of different kinds in one stack, on parts that may be started again: to an index that becomes one of
//! another service by update, to a bucket with a backup of what came in, and to partitions behind a function.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use base64_simd::STANDARD;
use ekk::{
    Account, Clock, Config, Ekk, Fixtures, HarnessError, LambdaTarget, Listen, Stack, Stream,
    faults::{Destination, Effect, Rule},
};
use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{self, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::run::{Doubts, START, fault, pick};

const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";
const STREAMS: [&str; 3] = ["index", "bucket", "parts"];
const BUCKETS: [&str; 4] = ["index-backup", "bucket", "source", "parts"];

/// What happens next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Put(&'static str, u64),
    Advance(u64),
    Jump(i64),
    Flush(&'static str),
    Fault(Rule),
    ClearFaults,
    /// The index becomes one of Elasticsearch, or of OpenSearch Service again.
    Switch(u64),
    Restart,
    RestartParts,
}

impl Step {
    pub(super) fn random(random: &mut StdRng) -> Self {
        let stream = pick(random, &STREAMS);
        match random.random_range(0..24) {
            0..9 => Self::Put(stream, random.random_range(1..6)),
            9..14 => Self::Advance(random.random_range(0..600)),
            14 => Self::Jump(random.random_range(-120..3_600)),
            15 => Self::Flush(stream),
            16 => Self::Switch(random.random_range(0..600)),
            17 => Self::Restart,
            18 => Self::RestartParts,
            19 => Self::ClearFaults,
            20 => Self::Fault(fault_of_the_function(random)),
            _ => Self::Fault(fault(random)),
        }
    }
}

fn fault_of_the_function(random: &mut StdRng) -> Rule {
    let effect = pick(random, &[Effect::Gone, Effect::Status(403), Effect::Status(429), Effect::Status(500)]);
    Rule::behind(Destination::Lambda, effect).times(random.random_range(1..6))
}

/// A function that drops every fifth record, fails for every seventh, and leaves the others as they are.
pub(super) async fn start_function() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's runtime ends with the test, and its tasks with it")]
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            // A caller that goes away ends its connection, and nothing else.
            tokio::spawn(async move { drop(answer_invocations(socket).await) });
        }
    });
    address
}

/// Answers one invocation after the other.
async fn answer_invocations(socket: TcpStream) -> io::Result<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut event = vec![0; length];
        socket.read_exact(&mut event).await?;
        let response = transform(&serde_json::from_slice(&event)?).to_string();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", response.len());
        socket.write_all(format!("{head}{response}").as_bytes()).await?;
    }
}

fn transform(event: &Value) -> Value {
    let records = event["records"].as_array().unwrap().iter().map(|record| {
        let text = STANDARD.decode_to_vec(record["data"].as_str().unwrap()).unwrap();
        let number = serde_json::from_slice::<Value>(&text).unwrap()["n"].as_u64().unwrap();
        let result = match number {
            number if number.is_multiple_of(5) => "Dropped",
            number if number.is_multiple_of(7) => "ProcessingFailed",
            _ => "Ok",
        };
        json!({ "recordId": record["recordId"], "result": result, "data": record["data"] })
    });
    json!({ "records": records.collect::<Vec<_>>() })
}

fn streams() -> [Value; 3] {
    let bucket = |name: &str| format!("arn:aws:s3:::{name}");
    let hints = |secs: u64, size: u64| json!({ "IntervalInSeconds": secs, "SizeInMBs": size });
    let index = Stream::to_index("index").buffering(Duration::from_mins(1), 1).backing_up_all();
    let source = json!({ "RoleARN": ROLE, "BucketARN": bucket("source"), "BufferingHints": hints(60, 1) });
    let to_bucket = Stream::to_bucket("bucket")
        .with("BufferingHints", hints(0, 1))
        .with("S3BackupMode", "Enabled".into())
        .with("S3BackupConfiguration", source);
    let parameter = |name: &str, value: &str| json!({ "ParameterName": name, "ParameterValue": value });
    let function = [
        parameter("LambdaArn", "arn:aws:lambda:us-east-1:000000000000:function:f"),
        parameter("NumberOfRetries", "1"),
        parameter("BufferSizeInMBs", "1"),
        parameter("BufferIntervalInSeconds", "30"),
    ];
    let query = [parameter("MetadataExtractionQuery", "{p: .p}"), parameter("JsonParsingEngine", "JQ-1.6")];
    let processors = json!([
        { "Type": "Lambda", "Parameters": function },
        { "Type": "MetadataExtraction", "Parameters": query },
    ]);
    let to_parts = Stream::to_bucket("parts")
        .with("Prefix", "p=!{partitionKeyFromQuery:p}/".into())
        .with("ErrorOutputPrefix", "errors/!{firehose:error-output-type}/".into())
        .with("BufferingHints", hints(60, 64))
        .with(
            "DynamicPartitioningConfiguration",
            json!({ "Enabled": true, "RetryOptions": { "DurationInSeconds": 300 } }),
        )
        .with("ProcessingConfiguration", json!({ "Enabled": true, "Processors": processors }));
    [index.into_json(), to_bucket.into_json(), to_parts.into_json()]
}

/// The parts behind the stack, which keep their addresses and their data when they are started again.
struct Parts {
    folder: TempDir,
    listen: Listen,
    stack: Stack,
}

impl Parts {
    async fn start(clock: &Clock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut listen = Listen::any_port();
        let stack = Self::stack(&folder, listen, clock).await;
        let socket = |url: &reqwest::Url| url.socket_addrs(|| None).unwrap()[0];
        listen.opensearch = socket(&stack.addresses().opensearch);
        listen.s3 = socket(&stack.addresses().s3);
        let client = reqwest::Client::new();
        for bucket in BUCKETS {
            let created = client.put(stack.addresses().s3.join(bucket).unwrap()).send().await.unwrap();
            assert!(created.status().is_success(), "{created:?}");
        }
        Self { folder, listen, stack }
    }

    async fn stack(folder: &TempDir, listen: Listen, clock: &Clock) -> Stack {
        let data = Some(folder.path().to_owned());
        let config = Config { listen, data, fixtures: Fixtures::default(), ..Config::default() };
        Stack::start(config, clock.clone()).await.unwrap()
    }

    async fn restart(self, clock: &Clock) -> Self {
        let Self { folder, listen, stack } = self;
        stack.stop().await;
        let stack = Self::stack(&folder, listen, clock).await;
        Self { folder, listen, stack }
    }
}

/// The stack, and the model of what it has.
pub(super) struct Run {
    seed: u64,
    clock: Clock,
    function: SocketAddr,
    ekk: Option<Ekk>,
    parts: Option<Parts>,
    /// Where the stack's data is; without, it is not started again.
    folder: Option<TempDir>,
    /// The texts of accepted records, by stream and number.
    accepted: BTreeMap<&'static str, BTreeMap<u64, String>>,
    next: u64,
    /// Of the stream to the index.
    version: u64,
    doubts: Doubts,
    story: Vec<String>,
}

impl Run {
    pub(super) async fn start(seed: u64, function: SocketAddr) -> Self {
        let clock = Clock::frozen_at(START.parse().unwrap());
        let parts = if seed.is_multiple_of(3) { Some(Parts::start(&clock).await) } else { None };
        let folder = (!seed.is_multiple_of(4)).then(|| tempfile::tempdir().unwrap());
        let accepted = STREAMS.into_iter().map(|stream| (stream, BTreeMap::new())).collect();
        let (doubts, story) = (Doubts::default(), Vec::new());
        let mut run =
            Self { seed, clock, function, ekk: None, parts, folder, accepted, next: 0, version: 1, doubts, story };
        run.open().await;
        run
    }

    async fn open(&mut self) {
        let function = LambdaTarget::Http(format!("http://{}", self.function).parse().unwrap());
        let mut builder = Ekk::builder().clock(self.clock.clone()).seed(self.seed).lambda("*", function);
        for stream in &streams() {
            builder = builder.stream_json(stream);
        }
        if let Some(folder) = &self.folder {
            builder = builder.data(folder.path());
        }
        if let Some(Parts { stack, .. }) = &self.parts {
            let addresses = stack.addresses();
            builder = builder.opensearch(addresses.opensearch.clone()).s3(addresses.s3.clone());
        }
        self.ekk = Some(builder.grace(Duration::ZERO).start().await.unwrap());
    }

    fn ekk(&self) -> &Ekk {
        self.ekk.as_ref().expect("it runs")
    }

    fn account(&self, stream: &str) -> Account {
        self.ekk().account(stream).unwrap()
    }

    pub(super) async fn take(&mut self, step: Step) {
        self.story.push(format!("{step:?}"));
        match step {
            Step::Put(stream, count) => self.put(stream, count).await,
            Step::Advance(secs) => self.ekk().advance(Duration::from_secs(secs)).await.unwrap(),
            Step::Jump(secs) => {
                let by = jiff::SignedDuration::from_secs(secs);
                self.clock.set(self.clock.now().saturating_add(by).unwrap());
            }
            Step::Flush(stream) => self.ekk().flush(stream).await.unwrap(),
            Step::Fault(rule) => {
                self.doubts.note(&rule);
                self.ekk().faults().add(rule).unwrap();
            }
            Step::ClearFaults => self.ekk().faults().clear(),
            Step::Switch(retry_secs) => self.switch(retry_secs).await,
            Step::Restart => self.restart().await,
            Step::RestartParts => {
                if let Some(parts) = self.parts.take() {
                    self.doubts.lost_objects = true;
                    self.parts = Some(parts.restart(&self.clock).await);
                }
            }
        }
        self.check();
    }

    async fn put(&mut self, stream: &'static str, count: u64) {
        let texts: Vec<(u64, String)> = (self.next..)
            .take(usize::try_from(count).unwrap())
            .map(|number| {
                let text = match stream {
                    "index" if number % 7 == 3 => format!("no json {number};"),
                    "parts" => json!({ "n": number, "p": number % 3, "end": true }).to_string(),
                    _ => json!({ "n": number, "end": true }).to_string(),
                };
                (number, text)
            })
            .collect();
        self.next += count;
        let taken = |entries: &Value, texts: Vec<(u64, String)>| -> Vec<(u64, String)> {
            let entries = entries.as_array().unwrap().iter().map(|entry| entry.get("RecordId").is_some());
            texts.into_iter().zip(entries).filter_map(|(text, is_taken)| is_taken.then_some(text)).collect()
        };
        let accepted = match self.ekk().put(stream, texts.iter().map(|(_, text)| text)).await {
            Ok(answer) => taken(&answer["RequestResponses"], texts),
            // What was taken without an answer is among the newest.
            Err(HarnessError::Http(_)) => {
                let newest = self.ekk().records(stream).unwrap();
                let is_there = |text: &str| newest.iter().any(|record| record.data == text.as_bytes());
                texts.into_iter().filter(|(_, text)| is_there(text)).collect()
            }
            Err(HarnessError::Refused { .. }) => Vec::new(),
            Err(error) => panic!("{}: {error}", self.seed),
        };
        self.accepted.entry(stream).or_default().extend(accepted);
    }

    async fn switch(&mut self, retry_secs: u64) {
        let member = if self.version % 2 == 1 { "Elasticsearch" } else { "Amazonopensearchservice" };
        let mut request = json!({
            "DeliveryStreamName": "index",
            "CurrentDeliveryStreamVersionId": self.version.to_string(),
            "DestinationId": "destinationId-000000000001",
        });
        request[format!("{member}DestinationUpdate")] = json!({ "RetryOptions": { "DurationInSeconds": retry_secs } });
        self.ekk().firehose("UpdateDestination", &request).await.unwrap();
        self.version += 1;
    }

    async fn restart(&mut self) {
        if self.folder.is_some() {
            self.ekk.take().expect("it runs").stop().await;
            self.open().await;
            self.doubts.restarted = true;
        }
    }

    fn check(&self) {
        for (stream, accepted) in &self.accepted {
            let account = self.account(stream);
            let told = || format!("seed {}, {stream}: {account:?}\n{:#?}", self.seed, self.story);
            assert_eq!(account.accepted, accepted.len() as u64, "{}", told());
            assert_eq!(account.accepted + account.expanded, account.ended() + account.queued, "{}", told());
            assert_eq!((account.lost, account.expanded), (0, 0), "{}", told());
        }
    }

    /// Lets everything come to its end, and looks for every record of every stream.
    pub(super) async fn end(mut self) {
        self.ekk().faults().clear();
        self.ekk().settle().await.unwrap_or_else(|error| panic!("seed {}: {error}\n{:#?}", self.seed, self.story));
        self.check();
        self.check_index().await;
        let may_repeat = self.doubts.restarted;
        self.check_objects("bucket", "bucket", "2026/", may_repeat).await;
        self.check_objects("bucket", "source", "2026/", may_repeat).await;
        let may_repeat = may_repeat || (self.doubts.lost_objects && self.version > 1);
        self.check_objects("index", "index-backup", "2026/", may_repeat).await;
        self.check_parts().await;
        self.ekk.take().expect("it runs").stop().await;
        if let Some(parts) = self.parts.take() {
            parts.stack.stop().await;
        }
    }

    /// Documents have ids, so each is in the index once, whatever happened.
    async fn check_index(&self) {
        let mut indexed: BTreeMap<u64, u64> = BTreeMap::new();
        for document in self.ekk().delivered("index*").await.unwrap().documents {
            *indexed.entry(document.source["n"].as_u64().unwrap()).or_default() += 1;
        }
        let mut failed = self.lines("index-backup", "AmazonOpenSearchService-failed/").await;
        failed.extend(self.lines("index-backup", "elasticsearch-failed/").await);
        for (number, text) in &self.accepted["index"] {
            let (times, has_failed) = (indexed.get(number).copied().unwrap_or(0), failed.contains(text));
            let told = |what: &str| format!("seed {}: {what} {text}\n{:#?}", self.seed, self.story);
            assert!(times == 1 || (times == 0 && has_failed), "{}", told(&format!("{times} times in the index:")));
            let may_be_both = self.doubts.lost_answers || self.doubts.restarted || self.parts.is_some();
            assert!(times == 0 || !has_failed || may_be_both, "{}", told("indexed and failed:"));
            assert!(!text.starts_with("no json") || has_failed, "{}", told("not failed:"));
        }
        assert_eq!(indexed.keys().find(|number| !self.accepted["index"].contains_key(*number)), None);
    }

    /// Every record of a stream is in a bucket, once unless it may be there again.
    async fn check_objects(&self, stream: &str, bucket: &str, prefix: &str, may_repeat: bool) {
        let all = self.text(bucket, prefix).await;
        for text in self.accepted[stream].values() {
            let times = all.matches(text.as_str()).count();
            let is_right = times == 1 || (may_repeat && times > 1);
            assert!(is_right, "seed {}: {times} times in {bucket}: {text}\n{:#?}", self.seed, self.story);
        }
    }

    /// Every record of the partitioned stream is where the function wants it, or failed.
    async fn check_parts(&self) {
        let stored = self.text("parts", "p=").await;
        let failed = self.lines("parts", "errors/").await;
        for (number, text) in &self.accepted["parts"] {
            let (times, has_failed) = (stored.matches(text.as_str()).count(), failed.contains(text));
            let told = |what: &str| format!("seed {}: {what} {text}\n{:#?}", self.seed, self.story);
            let is_dropped = number.is_multiple_of(5);
            assert!(times > 0 || has_failed || is_dropped, "{}", told("lost"));
            assert!(times == 0 || !(is_dropped || number.is_multiple_of(7)), "{}", told("stored"));
            let may_repeat = self.doubts.restarted;
            assert!(times <= 1 || may_repeat, "{}", told(&format!("{times} times stored")));
            let may_be_both = may_repeat || self.doubts.lost_objects;
            assert!(times == 0 || !has_failed || may_be_both, "{}", told("stored and failed"));
        }
        let account = self.account("parts");
        assert_eq!(account.stored + account.dropped + account.processing_failed, account.accepted);
    }

    async fn text(&self, bucket: &str, prefix: &str) -> String {
        self.ekk().objects(bucket, prefix).await.unwrap().iter().map(ekk::Object::text).collect()
    }

    /// The records in the failures of a bucket.
    async fn lines(&self, bucket: &str, prefix: &str) -> Vec<String> {
        let text = self.text(bucket, prefix).await;
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let raw = lines.map(|line| STANDARD.decode_to_vec(line["rawData"].as_str().unwrap()).unwrap());
        raw.map(|raw| String::from_utf8(raw).unwrap()).collect()
    }
}
