//! One run: the stack, what it was told, and what must hold of it.

use std::{collections::BTreeMap, time::Duration};

use ekk::{
    Account, Ekk, HarnessError, Rotation, Stream,
    faults::{Destination, Effect, ErrorCode, Moment, Operation, Rule, Share},
};
use jiff::Timestamp;
use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What happens next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Put(usize),
    /// The clock does what is due on the way.
    Advance(u64),
    /// The clock jumps, also back.
    Jump(i64),
    Flush,
    Fault(Rule),
    ClearFaults,
    Update(Value),
    Restart,
}

impl Step {
    pub(super) fn random(random: &mut StdRng, may_fail: bool) -> Self {
        match random.random_range(0..if may_fail { 24 } else { 17 }) {
            0..8 => Self::Put(random.random_range(1..9)),
            8..12 => Self::Advance(random.random_range(0..900)),
            12 => Self::Jump(random.random_range(-120..7_200)),
            13 | 14 => Self::Flush,
            15 => Self::Update(update(random)),
            16 => Self::Restart,
            17 => Self::ClearFaults,
            _ => Self::Fault(fault(random)),
        }
    }
}

impl Step {
    pub(super) fn is_about_s3(&self) -> bool {
        matches!(self, Self::Fault(rule) if rule.destination == Some(Destination::S3))
    }
}

fn update(random: &mut StdRng) -> Value {
    match random.random_range(0..3) {
        0 => json!({ "BufferingHints": hints(random) }),
        1 => json!({ "RetryOptions": { "DurationInSeconds": random.random_range(0..900) } }),
        _ => json!({ "IndexRotationPeriod": pick(random, &["OneHour", "OneDay", "NoRotation"]) }),
    }
}

fn hints(random: &mut StdRng) -> Value {
    json!({ "IntervalInSeconds": pick(random, &[0, 60, 300]), "SizeInMBs": 1 })
}

pub(super) fn fault(random: &mut StdRng) -> Rule {
    let share = pick(random, &[Share::Count(2), Share::Of(0.4), Share::Every(3)]);
    let status = pick(random, &[403, 429, 500, 503]);
    let moment = pick(random, &[Moment::BeforeWork, Moment::AfterWork]);
    let rule = match random.random_range(0..9) {
        0 => Rule::at(Operation::PutRecordBatch, Effect::fail_records(share)),
        1 => Rule::at(Operation::PutRecordBatch, Effect::answer(ErrorCode::ServiceUnavailableException)),
        2 => Rule::at(Operation::PutRecordBatch, Effect::DropConnection(moment)),
        3 => Rule::behind(Destination::OpenSearch, Effect::Status(status)),
        4 => Rule::behind(Destination::OpenSearch, Effect::fail_items(share, status)),
        5 => Rule::behind(Destination::OpenSearch, Effect::DropConnection(moment)),
        6 => Rule::behind(Destination::OpenSearch, Effect::Gone),
        7 => Rule::behind(Destination::S3, Effect::Status(status)),
        _ => Rule::behind(Destination::S3, Effect::DropConnection(moment)),
    };
    match random.random_range(0..3) {
        0 => rule.times(random.random_range(1..5)),
        1 => rule.lasting(Duration::from_secs(random.random_range(1..1_200))),
        _ => rule.with_probability(0.5).times(10),
    }
}

pub(super) fn pick<T: Clone>(random: &mut StdRng, choices: &[T]) -> T {
    choices[random.random_range(0..choices.len())].clone()
}

/// What may have made a record be there twice.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    pub(super) restarted: bool,
    /// An answer of OpenSearch's may have been lost.
    pub(super) lost_answers: bool,
    /// An answer of S3's may have been lost.
    pub(super) lost_objects: bool,
}

impl Doubts {
    /// Notes what a fault makes doubtful.
    pub(super) fn note(&mut self, rule: &Rule) {
        let lossy = Effect::DropConnection(Moment::AfterWork);
        self.lost_answers |= rule.destination == Some(Destination::OpenSearch)
            && (rule.effect == lossy || matches!(rule.effect, Effect::Status(500 | 502 | 504)));
        self.lost_objects |= rule.destination == Some(Destination::S3) && rule.effect == lossy;
    }
}

/// The stack, and the model of what it has.
pub(super) struct Run {
    seed: u64,
    ekk: Option<Ekk>,
    /// Where the data is kept; a stack in memory is not started again.
    folder: Option<TempDir>,
    stream: Stream,
    has_ids: bool,
    /// The texts of accepted records by number.
    accepted: BTreeMap<u64, String>,
    next: u64,
    /// Records that puts were told were not taken, since the last start.
    refused: u64,
    version: u64,
    doubts: Doubts,
    story: Vec<String>,
}

pub(super) const START: &str = "2026-11-23T09:00:00Z";

impl Run {
    pub(super) async fn start(seed: u64, random: &mut StdRng) -> Self {
        let has_ids = random.random_bool(0.7);
        let rotation = pick(random, &[Rotation::OneHour, Rotation::OneDay, Rotation::NoRotation]);
        let mut stream = Stream::to_index("model").rotation(rotation).with("BufferingHints", hints(random));
        stream = stream.retrying(Duration::from_secs(random.random_range(0..900))).backing_up_all();
        if !has_ids {
            stream = stream.without_document_ids();
        }
        let mut run = Self {
            seed,
            ekk: None,
            folder: seed.is_multiple_of(4).then(|| tempfile::tempdir().unwrap()),
            stream,
            has_ids,
            accepted: BTreeMap::new(),
            next: 0,
            refused: 0,
            version: 1,
            doubts: Doubts::default(),
            story: Vec::new(),
        };
        run.open(START.parse().unwrap()).await;
        run
    }

    async fn open(&mut self, now: Timestamp) {
        let mut builder = Ekk::builder().frozen_at(now).seed(self.seed).stream(self.stream.clone());
        if let Some(folder) = &self.folder {
            builder = builder.data(folder.path());
        }
        self.ekk = Some(builder.grace(Duration::ZERO).start().await.unwrap());
    }

    fn ekk(&self) -> &Ekk {
        self.ekk.as_ref().expect("it runs")
    }

    fn account(&self) -> Account {
        self.ekk().account("model").unwrap()
    }

    pub(super) async fn take(&mut self, step: Step, random: &mut StdRng) {
        self.story.push(format!("{step:?}"));
        match step {
            Step::Put(count) => self.put(count, random).await,
            Step::Advance(secs) => self.ekk().advance(Duration::from_secs(secs)).await.unwrap(),
            Step::Jump(secs) => {
                let now = self.ekk().clock().now();
                self.ekk().clock().set(now.saturating_add(jiff::SignedDuration::from_secs(secs)).unwrap());
            }
            Step::Flush => self.ekk().flush("model").await.unwrap(),
            Step::Fault(rule) => {
                self.doubts.note(&rule);
                self.ekk().faults().add(rule).unwrap();
            }
            Step::ClearFaults => self.ekk().faults().clear(),
            Step::Update(update) => self.update(update).await,
            Step::Restart => self.restart().await,
        }
        self.check();
    }

    /// Waits until all that is due is done.
    pub(super) async fn quiet(&self) {
        self.ekk().clock().quiet().await;
    }

    /// Puts records that a mapping takes, and each seventh that is no JSON.
    async fn put(&mut self, count: usize, random: &mut StdRng) {
        let texts: Vec<(u64, String)> = (self.next..)
            .take(count)
            .map(|number| {
                (number, if number % 7 == 3 { format!("no json {number};") } else { document(number, random) })
            })
            .collect();
        self.next += count as u64;
        let drops = self.dropped_answers();
        match self.ekk().put("model", texts.iter().map(|(_, text)| text)).await {
            Ok(answer) => {
                let entries = answer["RequestResponses"].as_array().unwrap();
                assert_eq!(entries.len(), texts.len());
                for (entry, (number, text)) in entries.iter().zip(texts) {
                    if entry.get("RecordId").is_some() {
                        self.accepted.insert(number, text);
                    } else {
                        self.refused += 1;
                    }
                }
            }
            // Without an answer all was done, or nothing was; some of it may have been told to fail.
            Err(HarnessError::Http(_)) if self.dropped_answers() > drops => self.took_without_an_answer(texts),
            Err(HarnessError::Refused { .. } | HarnessError::Http(_)) => {}
            Err(error) => panic!("{}: {error}", self.seed),
        }
    }

    /// Which records were taken is what the newest of the stream tell.
    fn took_without_an_answer(&mut self, texts: Vec<(u64, String)>) {
        let newest = self.ekk().records("model").unwrap();
        for (number, text) in texts {
            if newest.iter().any(|record| record.data == text.as_bytes()) {
                self.accepted.insert(number, text);
            } else {
                self.refused += 1;
            }
        }
    }

    /// How often the answer of a put was dropped after the work.
    fn dropped_answers(&self) -> u64 {
        let lossy = Effect::DropConnection(Moment::AfterWork);
        let faults = self.ekk().faults().list();
        faults
            .iter()
            .filter(|armed| armed.rule.operation.is_some() && armed.rule.effect == lossy)
            .map(|armed| armed.hits)
            .sum()
    }

    async fn update(&mut self, update: Value) {
        let request = json!({
            "DeliveryStreamName": "model",
            "CurrentDeliveryStreamVersionId": self.version.to_string(),
            "DestinationId": "destinationId-000000000001",
            "AmazonopensearchserviceDestinationUpdate": update,
        });
        self.ekk().firehose("UpdateDestination", &request).await.unwrap();
        self.version += 1;
    }

    async fn restart(&mut self) {
        if self.folder.is_none() {
            return;
        }
        let ekk = self.ekk.take().expect("it runs");
        let now = ekk.clock().now();
        ekk.stop().await;
        self.open(now).await;
        self.refused = 0;
        self.doubts.restarted = true;
    }

    fn check(&self) {
        let account = self.account();
        let sum = account.ended() + account.queued;
        assert_eq!(account.accepted, self.accepted.len() as u64, "seed {}: {account:?}\n{:#?}", self.seed, self.story);
        assert_eq!(account.accepted, sum, "seed {}: {account:?}\n{:#?}", self.seed, self.story);
        assert_eq!((account.lost, account.expanded), (0, 0), "seed {}", self.seed);
        assert_eq!(account.refused_at_put, self.refused, "seed {}\n{:#?}", self.seed, self.story);
    }

    /// Lets everything come to its end, and looks for every record.
    pub(super) async fn end(mut self) {
        self.ekk().faults().clear();
        self.ekk().settle().await.unwrap_or_else(|error| panic!("seed {}: {error}\n{:#?}", self.seed, self.story));
        self.check();
        let account = self.account();
        let indexed = self.indexed().await;
        let failed = self.failed().await;
        let told = |what: &str| format!("seed {}: {what}: {account:?}\n{:#?}", self.seed, self.story);
        for (number, text) in &self.accepted {
            let (times, has_failed) =
                (indexed.get(number).copied().unwrap_or(0), failed.contains(&text.as_str().to_owned()));
            assert!(times > 0 || has_failed, "{}", told(&format!("lost {text}")));
            assert!(!text.starts_with("no json") || has_failed, "{}", told(&format!("not failed {text}")));
            // A restart may cut a request off, and an update before it is made again may name another index.
            let may_move = self.doubts.restarted && self.version > 1;
            let may_repeat = may_move || !self.has_ids && (self.doubts.lost_answers || self.doubts.restarted);
            assert!(times <= 1 || may_repeat, "{}", told(&format!("indexed {times} times: {text}")));
            let may_be_both = self.doubts.lost_answers || self.doubts.restarted;
            assert!(times == 0 || !has_failed || may_be_both, "{}", told(&format!("indexed and failed: {text}")));
        }
        assert!(
            indexed.keys().all(|number| self.accepted.contains_key(number)),
            "{}",
            told("indexed what was not taken")
        );
        let documents: u64 = indexed.values().sum();
        if !self.doubts.restarted {
            let most = account.indexed + account.duplicates_possible;
            assert!(documents >= account.indexed, "{}", told(&format!("{documents} documents are too few")));
            assert!(
                self.doubts.lost_answers || documents <= most,
                "{}",
                told(&format!("{documents} documents are too many"))
            );
        }
        self.check_backup().await;
        self.ekk.take().expect("it runs").stop().await;
    }

    /// How often each number is in the indices.
    async fn indexed(&self) -> BTreeMap<u64, u64> {
        let mut found = BTreeMap::new();
        for document in self.ekk().delivered("model*").await.unwrap().documents {
            *found.entry(document.source["n"].as_u64().unwrap()).or_default() += 1;
        }
        found
    }

    /// The records in all failed documents.
    async fn failed(&self) -> Vec<String> {
        let objects = self.ekk().objects("model-backup", "AmazonOpenSearchService-failed/").await.unwrap();
        let lines = objects.iter().flat_map(|object| object.text().lines().map(str::to_owned).collect::<Vec<_>>());
        lines
            .map(|line| {
                let line: Value = serde_json::from_str(&line).unwrap();
                let data = base64_simd::STANDARD.decode_to_vec(line["rawData"].as_str().unwrap()).unwrap();
                String::from_utf8(data).unwrap()
            })
            .collect()
    }

    /// The backup has each record, and once unless a restart was in the middle of a write, or an update came between an
    /// answer that got lost and the next attempt: the new version is part of the key.
    async fn check_backup(&self) {
        let objects = self.ekk().objects("model-backup", "2026/").await.unwrap();
        let all: String = objects.iter().map(ekk::Object::text).collect();
        for text in self.accepted.values() {
            let times = all.matches(text.as_str()).count();
            let may_repeat = self.doubts.restarted || (self.doubts.lost_objects && self.version > 1);
            let as_it_shall = times == 1 || (may_repeat && times > 1);
            assert!(as_it_shall, "seed {}: {text} is {times} times in the backup\n{:#?}", self.seed, self.story);
        }
        assert_eq!(self.account().backed_up, self.accepted.len() as u64);
    }

    /// What two runs of one seed have in common.
    pub(super) async fn story(mut self) -> (Vec<String>, Account, Vec<String>) {
        self.ekk().faults().clear();
        self.ekk().settle().await.unwrap();
        let account = self.account();
        let objects = self.ekk().objects("model-backup", "").await.unwrap();
        let keys = objects.into_iter().map(|object| object.key).collect();
        self.ekk.take().expect("it runs").stop().await;
        (std::mem::take(&mut self.story), account, keys)
    }
}

fn document(number: u64, random: &mut StdRng) -> String {
    let words = "x".repeat(random.random_range(0..40));
    json!({ "n": number, "words": words, "end": true }).to_string()
}
