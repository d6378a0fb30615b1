//! A stream that cannot be used: records go to the fallback, a person is told once, and shipping goes on when it can.

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aws_sdk_firehose::{
    Client,
    config::{Config, Region},
};
use firehose_shipper::{Batch, Builder, Condition, Fallback, Retry, Shipper, WhenUnusable, testing::ManualClock};

use crate::fake_firehose::{Answer, FakeFirehose, config};

const LONG: Duration = Duration::from_mins(1);

type Notices = Arc<Mutex<Vec<String>>>;

fn into_file(builder: Builder, file: &Path) -> (Builder, Notices) {
    let notices = Notices::default();
    let builder = builder.fallback(Fallback::File(file.into())).on_notice({
        let notices = Arc::clone(&notices);
        move |notice| notices.lock().unwrap().push(notice.to_owned())
    });
    (builder, notices)
}

/// Sends a record by a client that cannot work, and checks where it ends and what is said.
#[track_caller]
fn check_unusable(name: &str, client: Client, said: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    let (builder, notices) = into_file(Shipper::builder(client, "logs"), &file);
    let shipper = builder.start().unwrap();
    shipper.send("{\"n\":1}").unwrap();
    let report = shipper.flush(LONG);
    assert!(matches!(shipper.health().condition, Condition::FallingBack { .. }), "{name}: {notices:?}");
    shipper.send("{\"n\":2}").unwrap();
    let last = shipper.shutdown(LONG);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"n\":1}\n{\"n\":2}\n", "{name}");
    assert_eq!((report.counts.unsent.unusable, last.counts.fallen_back, last.counts.sent), (1, 2, 0), "{name}");
    let notices = notices.lock().unwrap();
    assert_eq!(notices.len(), 1, "{name}: {notices:?}");
    assert!(notices[0].starts_with("stream logs: cannot be used, records go to the fallback"), "{name}: {notices:?}");
    assert!(notices[0].contains(said), "{name}: {notices:?}");
}

fn refusing(code: &'static str, message: &'static str) -> FakeFirehose {
    FakeFirehose::start(move |_| Answer::Refuse { status: 400, code, message })
}

#[test]
fn records_of_a_stream_that_cannot_be_used_go_to_the_fallback_with_one_message() {
    let missing = refusing("ResourceNotFoundException", "Firehose logs under account 0 not found.");
    check_unusable(
        "no stream",
        missing.client(),
        "ResourceNotFoundException: Firehose logs under account 0 not found.",
    );
    let denied = refusing("AccessDeniedException", "not authorized to perform: firehose:PutRecordBatch");
    check_unusable("no access", denied.client(), "AccessDeniedException: not authorized");
    let sourced = refusing(
        "InvalidArgumentException",
        "This operation is not permitted on KinesisStreamAsSource delivery stream type.",
    );
    check_unusable("a Kinesis stream is the source", sourced.client(), "This operation is not permitted");
}

#[test]
fn without_credentials_or_a_region_records_go_to_the_fallback() {
    let http = || aws_smithy_http_client::Builder::new().build_http();
    let behavior = aws_sdk_firehose::config::BehaviorVersion::latest();
    let no_credentials = Config::builder()
        .behavior_version(behavior)
        .region(Region::new("us-east-1"))
        .endpoint_url("http://127.0.0.1:9")
        .http_client(http())
        .build();
    check_unusable("no credentials", Client::from_conf(no_credentials), "credentials");
    let no_region = config().region(None).build();
    check_unusable("no region", Client::from_conf(no_region), "egion");
    let no_http = Config::builder()
        .behavior_version(behavior)
        .region(Region::new("us-east-1"))
        .endpoint_url("http://127.0.0.1:9")
        .credentials_provider(aws_sdk_firehose::config::Credentials::new("test", "test", None, None, "test"))
        .build();
    check_unusable("no HTTP client", Client::from_conf(no_http), "HTTP");
}

#[test]
fn shipping_goes_on_when_the_stream_is_there() {
    let exists = Arc::new(AtomicBool::new(false));
    let fake = FakeFirehose::start({
        let exists = Arc::clone(&exists);
        move |_| {
            if exists.load(Ordering::SeqCst) {
                Answer::Take
            } else {
                Answer::Refuse { status: 400, code: "ResourceNotFoundException", message: "not found" }
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    let clock = Arc::new(ManualClock::new());
    let (builder, notices) = into_file(Shipper::builder(fake.client(), "logs"), &file);
    let retry = Retry { call_timeout: Duration::MAX, ..Retry::default() };
    let shipper = builder.clock(clock.clone()).retry(retry).start().unwrap();
    for n in 0..3 {
        shipper.send(format!("{{\"n\":{n}}}")).unwrap();
        shipper.flush(LONG);
    }
    assert_eq!(fake.calls(), 1, "it is not tried again at once");
    exists.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_secs(1));
    shipper.send("{\"n\":3}").unwrap();
    shipper.flush(LONG);
    assert!(shipper.health().is_well());
    assert_eq!(fake.numbers(), [3]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n");
    assert_eq!(notices.lock().unwrap().last().unwrap(), "stream logs: records reach it");
}

#[test]
fn records_of_a_stream_that_cannot_be_used_are_held_if_that_is_chosen() {
    let fake = FakeFirehose::start(|call| match call.number {
        0..3 => Answer::Refuse { status: 400, code: "ResourceNotFoundException", message: "not found" },
        _ => Answer::Take,
    });
    let notices = Notices::default();
    let retry = Retry { first_pause: Duration::from_millis(1), when_unusable: WhenUnusable::Hold, ..Retry::default() };
    let shipper = Shipper::builder(fake.client(), "logs").retry(retry).on_notice({
        let notices = Arc::clone(&notices);
        move |notice| notices.lock().unwrap().push(notice.to_owned())
    });
    let shipper = shipper.start().unwrap();
    (0..3).for_each(|n| _ = shipper.send(format!("{{\"n\":{n}}}")).unwrap());
    let report = shipper.shutdown(LONG);
    assert!(report.all_sent(), "{report}");
    assert_eq!(fake.numbers(), [0, 1, 2]);
    let notices = notices.lock().unwrap();
    assert_eq!(
        *notices,
        [
            "stream logs: cannot be used, records are held until it can: ResourceNotFoundException: not found",
            "stream logs: records reach it",
        ]
    );
}

#[test]
fn whether_the_fallback_has_a_record_is_told_with_its_end() {
    let folder = tempfile::tempdir().unwrap();
    for (file, in_fallback) in [(folder.path().join("lines"), true), (folder.path().join("none/lines"), false)] {
        let fake = refusing("ResourceNotFoundException", "not found");
        let settled = Arc::new(Mutex::new(Vec::new()));
        let (builder, notices) = into_file(Shipper::builder(fake.client(), "logs"), &file);
        let builder = builder.on_settled({
            let settled = Arc::clone(&settled);
            move |records| settled.lock().unwrap().extend(records.iter().map(|record| record.in_fallback))
        });
        let shipper = builder.start().unwrap();
        shipper.send("a").unwrap();
        let report = shipper.shutdown(LONG);
        assert_eq!(report.counts.fallen_back, u64::from(in_fallback), "{notices:?}");
        assert_eq!(*settled.lock().unwrap(), [in_fallback], "{notices:?}");
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_tried_again_and_what_is_left_at_the_end_goes_to_the_fallback() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    let nowhere = Client::from_conf(config().endpoint_url("http://127.0.0.1:9").build());
    let (builder, notices) = into_file(Shipper::builder(nowhere, "logs"), &file);
    let retry = Retry { first_pause: Duration::from_millis(1), ..Retry::default() };
    let shipper = builder.retry(retry).batch(Batch { linger: Duration::ZERO, ..Batch::default() }).start().unwrap();
    shipper.send("{\"n\":1}").unwrap();
    while shipper.health().is_well() {
        std::thread::yield_now();
    }
    assert!(matches!(shipper.health().condition, Condition::Retrying { .. }), "{notices:?}");
    assert_eq!(shipper.counts().duplicates_possible, 0, "without a connection, nothing can have arrived");
    let report = shipper.shutdown(Duration::ZERO);
    assert_eq!((report.counts.unsent.left, report.counts.fallen_back), (1, 1));
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"n\":1}\n");
}

#[test]
fn a_record_is_given_up_to_the_fallback_after_its_time() {
    let fake = refusing_always();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    let (builder, _) = into_file(Shipper::builder(fake.client(), "logs"), &file);
    let retry =
        Retry { first_pause: Duration::from_millis(1), give_up_after: Duration::from_millis(20), ..Retry::default() };
    let shipper = builder.retry(retry).start().unwrap();
    shipper.send("{\"n\":1}").unwrap();
    let report = shipper.flush(LONG);
    assert_eq!((report.counts.unsent.gave_up, report.counts.fallen_back, report.left), (1, 1, 0));
    assert!(report.counts.retried >= 1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"n\":1}\n");
}

fn refusing_always() -> FakeFirehose {
    FakeFirehose::start(|_| Answer::Refuse { status: 500, code: "InternalFailure", message: "no" })
}
