//! Several requests at a time: how many, in what order, and what a restart in the midst of them repeats.

use std::collections::BTreeSet;

use tempfile::TempDir;

use super::{endpoint::endpoint, outside::Given, *};
use crate::{ExtendedS3Destination, LambdaProcessor, Processor, limits::REQUESTS_AT_ONCE};

const HINTS: BufferingHints = BufferingHints { size_bytes: 10, interval: Duration::from_mins(1) };

/// Records that are a batch each.
fn batches(count: usize) -> Vec<Bytes> {
    (0..count).map(|number| Bytes::from(format!("{{\"n\":{:05}}}", 10_000 + number))).collect()
}

fn to_bucket(source_backup: Option<S3Destination>) -> StreamSpec {
    let objects = S3Destination { buffering_hints: HINTS, ..bucket() };
    spec_of(Destination::S3(ExtendedS3Destination { objects, source_backup, dynamic_partitioning: None }))
}

fn behind_a_function() -> StreamSpec {
    let function = LambdaProcessor {
        arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
        number_of_retries: 3,
        buffering_hints: HINTS,
    };
    let objects = S3Destination { buffering_hints: BufferingHints { size_bytes: 1 << 20, ..HINTS }, ..bucket() };
    let destination = ExtendedS3Destination { objects, source_backup: None, dynamic_partitioning: None };
    StreamSpec { processors: vec![Processor::Lambda(function)], ..spec_of(Destination::S3(destination)) }
}

/// Where a stream sends one request a batch, under the name of what it is.
fn streams(scene: &Scene) -> Vec<(&'static str, StreamSpec)> {
    vec![
        ("bulk requests", spec(|destination| destination.buffering_hints = HINTS)),
        ("requests to an endpoint", endpoint(scene, |destination| destination.buffering_hints = HINTS)),
        ("objects", to_bucket(None)),
        ("invocations of a function", behind_a_function()),
    ]
}

#[tokio::test]
async fn five_requests_are_under_way_at_once_and_no_more() {
    for place in 0..4 {
        let scene = Scene::start().await;
        let (what, spec) = streams(&scene).swap_remove(place);
        scene.outside.answer(|answers| answers.held = Some(String::new()));
        let stream = scene.delivery.open(spec).unwrap();
        stream.accept(&batches(12)).unwrap();
        scene.outside.wait(|given| given.held == REQUESTS_AT_ONCE).await;
        assert_eq!(stream.account().queued, 12, "{what}");
        scene.outside.answer(|answers| answers.held = None);
        stream.settled(PATIENCE).await.unwrap();
        let account = stream.account();
        check_sums(&account);
        assert_eq!((account.queued, account.accepted, account.retries), (0, 12, 0), "{what}");
        assert_eq!(account.indexed + account.acknowledged + account.stored, 12, "{what}");
    }
}

#[tokio::test]
async fn the_backup_writes_several_objects_at_once() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.held = Some(String::new()));
    let source = S3Destination { bucket: "source".to_owned(), buffering_hints: HINTS, ..bucket() };
    let mut spec = to_bucket(Some(source));
    if let Destination::S3(destination) = &mut spec.destination {
        destination.objects.buffering_hints.size_bytes = 1 << 20;
    }
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&batches(12)).unwrap();
    scene.outside.wait(|given| given.held == REQUESTS_AT_ONCE).await;
    scene.outside.answer(|answers| answers.held = None);
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    assert_eq!((account.stored, account.backed_up, account.backup_queued), (12, 12, 0));
    assert_eq!(scene.outside.given().objects.keys().filter(|key| key.starts_with("source/")).count(), 12);
}

#[tokio::test]
async fn while_a_request_waits_for_its_next_attempt_no_other_is_begun() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.open(|destination| destination.buffering_hints = HINTS);
    stream.accept(&batches(12)).unwrap();
    stream.flush().await;
    let attempts = |number| stream.recent().iter().filter(|attempt| attempt.attempt == number).count();
    assert_eq!((attempts(1), attempts(2)), (REQUESTS_AT_ONCE, 0));
    scene.outside.answer(|answers| answers.bulk_status = None);
    scene.clock.advance(Duration::from_secs(1));
    scene.outside.wait(|given| given.documents.len() == 12).await;
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!((stream.account().indexed, stream.account().retries), (12, REQUESTS_AT_ONCE as u64));
}

#[tokio::test]
async fn what_functions_answer_out_of_order_keeps_its_order() {
    let scene = Scene::start().await;
    let records = batches(REQUESTS_AT_ONCE);
    let first = base64_simd::STANDARD.encode_to_string(records.first().unwrap());
    scene.outside.answer(|answers| answers.held = Some(first));
    let stream = scene.delivery.open(behind_a_function()).unwrap();
    stream.accept(&records).unwrap();
    scene.outside.wait(|given| given.held == 1 && given.events.len() == REQUESTS_AT_ONCE - 1).await;
    scene.outside.answer(|answers| answers.held = None);
    stream.settled(PATIENCE).await.unwrap();
    let objects = scene.outside.given().objects;
    assert_eq!(objects.values().map(|body| &**body).collect::<Vec<_>>(), [records.concat()]);
}

/// What a process leaves that is killed now.
fn copy(folder: &TempDir) -> TempDir {
    let killed = TempDir::new().unwrap();
    let queue = stream_folder(killed.path(), "logging-test");
    fs::create_dir(&queue).unwrap();
    for entry in fs::read_dir(stream_folder(folder.path(), "logging-test")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), queue.join(entry.file_name())).unwrap();
    }
    killed
}

/// How many records with each number were delivered, of those that came through in any way.
fn numbers(given: &Given) -> Vec<String> {
    let texts = given.objects.iter().filter(|(key, _)| !key.contains("-failed/")).map(|(_, body)| body.to_vec());
    let mut numbers: Vec<String> = texts.map(|body| String::from_utf8(body).unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn a_restart_repeats_what_was_not_acknowledged_and_nothing_else() {
    let with_backup =
        || to_bucket(Some(S3Destination { bucket: "source".to_owned(), buffering_hints: HINTS, ..bucket() }));
    for (what, spec) in [("index", spec(|destination| destination.buffering_hints = HINTS)), ("bucket", with_backup())]
    {
        let folder = TempDir::new().unwrap();
        let scene = Scene::with(|config| config.folder = Some(folder.path().to_owned())).await;
        scene.outside.answer(|answers| answers.held = Some("10001".to_owned()));
        let stream = scene.delivery.open(spec.clone()).unwrap();
        stream.accept(&batches(REQUESTS_AT_ONCE)).unwrap();
        let others = REQUESTS_AT_ONCE as u64 - 1;
        let reached = |account: &Account| account.ended() == others && (what == "index" || account.backed_up == others);
        stream.account_reaches(reached).await;
        let before = stream.account();
        check_sums(&before);

        let killed = copy(&folder);
        scene.delivery.shutdown(Duration::ZERO).await;
        let requests = scene.outside.given().bulks.len();
        let config = Config { folder: Some(killed.path().to_owned()), ..scene.outside.config() };
        scene.outside.answer(|answers| answers.held = None);
        let delivery = Delivery::start(config, scene.clock.clone()).unwrap();
        let stream = delivery.open(spec).unwrap();
        let account = stream.account();
        check_sums(&account);
        assert_eq!((account.ended(), account.queued, account.backed_up), (others, 1, before.backed_up), "{what}");
        stream.settled(PATIENCE).await.unwrap();
        let account = stream.account();
        check_sums(&account);
        assert_eq!((account.ended(), account.accepted, account.queued), (others + 1, others + 1, 0), "{what}");
        let given = scene.outside.given();
        if what == "index" {
            assert_eq!(given.documents.len() as u64, others + 1);
            assert!(given.bulks.len() - requests <= 2, "only the one that was held: {:?}", given.bulks);
        } else {
            let numbers = numbers(&given);
            let distinct: BTreeSet<&String> = numbers.iter().collect();
            assert_eq!(distinct.len() as u64, others + 1);
            for number in distinct.into_iter().filter(|text| !text.contains("10001")) {
                let times = numbers.iter().filter(|text| *text == number).count();
                assert_eq!(times, 2, "{number}: once in the bucket and once in the backup");
            }
        }
    }
}
