//! The way to S3: incoming records, failed documents, and buckets that are gone.

use std::io::Read;

use super::*;
use crate::{Outcome, Target};

#[tokio::test]
async fn all_documents_are_backed_up_byte_for_byte_under_their_own_hints() {
    let scene = Scene::start().await;
    let stream = scene.open(|destination| {
        destination.backup_mode = S3BackupMode::AllDocuments;
        destination.buffering_hints.interval = Duration::ZERO;
        destination.backup.buffering_hints = BufferingHints { size_bytes: 30, interval: Duration::from_mins(15) };
    });
    stream.accept(&records(&["{\"a\":1}\n", "conflict\n"])).unwrap();
    scene.outside.wait(|given| given.objects.len() == 1).await;
    let account = stream.account();
    assert_eq!(account.backup_queued, 2, "only the failed document is in S3 by now");
    stream.accept(&records(&["{\"a\":22222}\n", "{\"a\":3}\n"])).unwrap();
    scene.outside.wait(|given| given.objects.len() == 2).await;
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let backup: Vec<&Bytes> = given
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with("backup/logs/2026/11/23/09/"))
        .map(|(_, body)| body)
        .collect();
    let mut backup: Vec<&str> = backup.into_iter().map(|body| std::str::from_utf8(body).unwrap()).collect();
    backup.sort_unstable();
    assert_eq!(backup, ["{\"a\":1}\nconflict\n{\"a\":22222}\n", "{\"a\":3}\n"]);
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.failed, account.backed_up, account.backed_up_bytes), (3, 1, 4, 37));
}

#[tokio::test]
async fn a_cluster_in_trouble_does_not_hold_the_backup_up() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    stream.flush().await;
    let account = stream.account();
    assert_eq!((account.queued, account.backup_queued, account.backed_up), (1, 0, 1));
}

#[tokio::test]
async fn failed_documents_wait_for_their_bucket() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.object_status = Some(404));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["conflict"])).unwrap();
    stream.flush().await;
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.failed, account.queued), (0, 1));
    let last = stream.recent().pop().unwrap();
    assert!(matches!(last.target, Target::FailedDocuments { .. }));
    let Outcome::Retried { reason, .. } = last.outcome else { panic!("{last:?}") };
    insta::assert_snapshot!(reason, @"S3 answers 404 NoSuchBucket for bucket backup: It is not there; create the bucket or use a bucket that exists");
    scene.outside.answer(|answers| answers.object_status = None);
    scene.clock.advance(Duration::from_secs(1));
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!((stream.account().failed, stream.account().queued), (1, 0));
    assert_eq!(scene.outside.given().failed_documents().len(), 1);
}

#[tokio::test]
async fn records_are_held_when_both_are_gone_for_longer_than_a_day() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| {
        answers.bulk_status = Some(503);
        answers.object_status = Some(503);
    });
    let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    for _ in 0..5 {
        stream.flush().await;
        scene.clock.advance(Duration::from_hours(6));
    }
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.queued, account.backup_queued), (1, 1));
    scene.outside.answer(|answers| *answers = Answers::default());
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!((stream.account().failed, stream.account().backed_up), (1, 1));
    assert_eq!(scene.outside.given().failed_documents().len(), 1);
}

#[tokio::test]
async fn an_update_sends_what_is_held_to_the_new_bucket() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.object_status = Some(404));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["conflict"])).unwrap();
    stream.flush().await;
    let mut newer = spec(|destination| destination.backup.bucket = "other".to_owned());
    newer.version = 2;
    stream.update(newer).unwrap();
    scene.outside.answer(|answers| answers.object_status = None);
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert!(given.objects.keys().all(|key| key.starts_with("other/logs/") && key.contains("/logging-test-2-")));
}

#[tokio::test]
async fn a_write_that_is_made_again_keeps_its_key() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.object_status = Some(503));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["conflict"])).unwrap();
    stream.flush().await;
    stream.flush().await;
    let keys: Vec<_> = stream
        .recent()
        .into_iter()
        .filter_map(|attempt| match attempt.target {
            Target::FailedDocuments { key, .. } => Some(key),
            _ => None,
        })
        .collect();
    assert!(keys.len() == 2 && keys.windows(2).all(|pair| pair.first() == pair.last()), "{keys:?}");
}

#[tokio::test]
async fn a_bucket_destination_gets_compressed_objects_by_size_and_age() {
    let scene = Scene::start().await;
    let bucket = S3Destination {
        compression: CompressionFormat::Gzip,
        prefix: "year=!{timestamp:yyyy}/".to_owned(),
        error_output_prefix: Some("errors/".to_owned()),
        buffering_hints: BufferingHints { size_bytes: 10, interval: Duration::from_mins(1) },
        ..bucket()
    };
    let stream = scene.delivery.open(spec_of(Destination::S3(bucket.into()))).unwrap();
    stream.accept(&records(&["12345", "67890", "abc"])).unwrap();
    scene.outside.wait(|given| given.objects.len() == 1).await;
    scene.clock.advance(Duration::from_mins(1));
    let given = scene.outside.wait(|given| given.objects.len() == 2).await;
    let mut bodies: Vec<String> = given
        .objects
        .iter()
        .map(|(key, body)| {
            assert!(key.starts_with("backup/year=2026/logging-test-1-2026-11-23-09-59-59-"), "{key}");
            assert_eq!(key.rsplit_once('.').unwrap().1, "gz");
            let mut text = String::new();
            flate2::read::GzDecoder::new(&**body).read_to_string(&mut text).unwrap();
            text
        })
        .collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["1234567890", "abc"]);
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.stored, account.stored_bytes, account.backup_queued), (3, 13, 0));
}
