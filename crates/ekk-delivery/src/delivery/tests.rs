//! Deliveries with a clock that stands still, against stand-ins for a cluster and a bucket.

mod at_once;
mod backup;
mod endpoint;
mod faults;
mod index;
mod measured;
mod model;
mod objects;
mod outside;
mod partition;
mod processing;
mod restart;

use jiff::tz::TimeZone;

use super::*;
use crate::{
    BufferingHints, CompressionFormat, DefaultDocumentIdFormat, Destination, Endpoint, Flavour, IndexRotationPeriod,
    OpenSearchDestination, S3BackupMode, S3Destination,
};
use bytes::Bytes;
use outside::{Answers, Outside};

const PATIENCE: Duration = Duration::from_secs(20);

/// A stack's delivery, and what it delivers to.
struct Scene {
    outside: Outside,
    clock: Clock,
    delivery: Delivery,
}

impl Scene {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let outside = Outside::start().await;
        let clock = Clock::frozen_at("2026-11-23T09:59:59Z".parse().unwrap());
        let mut config = outside.config();
        change(&mut config);
        let delivery = Delivery::start(config, clock.clone()).unwrap();
        Self { outside, clock, delivery }
    }

    fn open(&self, change: impl FnOnce(&mut OpenSearchDestination)) -> Stream {
        self.delivery.open(spec(change)).unwrap()
    }
}

fn bucket() -> S3Destination {
    S3Destination {
        bucket: "backup".to_owned(),
        prefix: "logs/".to_owned(),
        error_output_prefix: None,
        buffering_hints: BufferingHints::default(),
        compression: CompressionFormat::Uncompressed,
        custom_time_zone: TimeZone::UTC,
        file_extension: None,
    }
}

fn spec(change: impl FnOnce(&mut OpenSearchDestination)) -> StreamSpec {
    let mut destination = OpenSearchDestination {
        flavour: Flavour::OpenSearch,
        endpoint: Endpoint::Stack,
        index_name: "log".to_owned(),
        rotation: IndexRotationPeriod::OneHour,
        buffering_hints: BufferingHints { size_bytes: 5 << 20, interval: Duration::from_mins(1) },
        retry_duration: Duration::from_mins(5),
        document_id: DefaultDocumentIdFormat::FirehoseDefault,
        backup_mode: S3BackupMode::FailedDocumentsOnly,
        backup: bucket(),
    };
    change(&mut destination);
    spec_of(Destination::OpenSearch(destination))
}

fn spec_of(destination: Destination) -> StreamSpec {
    StreamSpec {
        id: "logging-test".to_owned(),
        name: "logging-test".to_owned(),
        arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/logging-test".to_owned(),
        version: 1,
        processors: Vec::new(),
        destination,
    }
}

fn records(texts: &[&str]) -> Vec<Bytes> {
    texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect()
}

#[track_caller]
fn check_sums(account: &Account) {
    assert_eq!(account.accepted + account.expanded, account.ended() + account.lost + account.queued, "{account:?}");
    assert_eq!(account.accepted_bytes, account.ended_bytes() + account.queued_bytes, "{account:?}");
}

#[tokio::test]
async fn a_name_is_open_once() {
    let scene = Scene::start().await;
    scene.open(|_| {});
    assert!(matches!(scene.delivery.open(spec(|_| {})), Err(Error::AlreadyOpen(name)) if name == "logging-test"));
    assert_eq!(scene.delivery.streams().len(), 1);
    assert!(scene.delivery.stream("other").is_none());
}

#[tokio::test]
async fn what_cannot_be_delivered_to_is_refused_by_name() {
    let scene = Scene::start().await;
    let tls = spec(|destination| destination.endpoint = Endpoint::Url("https://search.example.com".parse().unwrap()));
    assert_eq!(
        scene.delivery.open(tls).unwrap_err().to_string(),
        "https://search.example.com/ cannot be used: TLS is not supported yet; use an http address"
    );
    let prefix = spec(|destination| destination.backup.prefix = "!{timestamp:yyyy}/".to_owned());
    assert!(matches!(scene.delivery.open(prefix), Err(Error::Prefix(_))));
}

#[test]
fn delivery_outside_a_runtime_says_so() {
    let config = Config {
        opensearch: "http://127.0.0.1:1".parse().unwrap(),
        s3: "http://127.0.0.1:1".parse().unwrap(),
        region: "us-east-1".to_owned(),
        folder: None,
        queue_bytes: 1 << 20,
        seed: 7,
        faults: ekk_faults::Faults::default(),
        lambda: BTreeMap::new(),
    };
    assert!(matches!(Delivery::start(config, Clock::system()), Err(Error::NoRuntime)));
}

#[tokio::test]
async fn a_full_queue_refuses_a_call_as_a_whole_and_says_what_is_held_up() {
    let scene = Scene::with(|config| config.queue_bytes = 400).await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{}", "{}", "{}"])).unwrap();
    stream.flush().await;
    let refused = stream.accept(&records(&["{}", "{}", "{}", "{}"])).unwrap_err();
    insta::assert_snapshot!(refused.reason, @"the queue of stream logging-test holds 198 bytes and cannot take 264 more: its bound is 400; the stand-in was told to answer 503");
    assert_eq!(stream.account().accepted, 3);
    stream.accept(&records(&["{}", "{}", "{}"])).unwrap();
    scene.outside.answer(|answers| answers.bulk_status = None);
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!(stream.account().indexed, 6);
}

#[tokio::test]
async fn settle_says_what_is_left_and_why() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    stream.accept(&records(&["{}"])).unwrap();
    stream.flush().await;
    // The flush has found the trouble; the clock stands, so no other attempt is made but the one that settle asks for.
    let unsettled = scene.delivery.settle(Duration::from_millis(200)).await.unwrap_err().to_string();
    let (start, rest) = unsettled.split_once("; next attempt at ").unwrap();
    let (_next, end) = rest.split_once(", ").unwrap();
    insta::assert_snapshot!(format!("{start}; next attempt at [time], {end}"), @"stream logging-test: 1 records not delivered, 0 not backed up: delivery: the stand-in was told to answer 503; next attempt at [time], the stack's clock stands at 2026-11-23T09:59:59Z: advance it, or flush");
}

#[tokio::test]
async fn a_dropped_delivery_takes_no_more() {
    let Scene { delivery, outside: _outside, .. } = Scene::start().await;
    let stream = delivery.open(spec(|_| {})).unwrap();
    drop(delivery);
    assert_eq!(stream.accept(&records(&["{}"])).unwrap_err().reason, "the stream is closed");
}
