//! Bounds of the stores, and the life of the log.

use super::*;
use crate::catalogue::Mutation;

fn clock() -> Clock {
    Clock::frozen_at("2026-01-02T03:04:05.999Z".parse().unwrap())
}

#[tokio::test]
async fn memory_is_given_back_when_nobody_holds_it() {
    let store = Store::in_memory(clock());
    let most = store.stage("bucket", "key", limits::MEMORY_BYTES - 10).await.unwrap();
    assert!(matches!(store.stage("bucket", "key", 11).await, Err(Failure::MemoryFull)));
    let mut rest = store.stage("bucket", "key", 10).await.unwrap();
    rest.write(b"0123456789").await.unwrap();
    let segments = rest.finish().await.unwrap();
    drop(most);
    let all_but_the_segment = store.stage("bucket", "key", limits::MEMORY_BYTES - 10).await.unwrap();
    assert!(matches!(store.stage("bucket", "key", 1).await, Err(Failure::MemoryFull)));
    drop((segments, all_but_the_segment));
    store.stage("bucket", "key", limits::MEMORY_BYTES).await.unwrap();
}

#[test]
fn times_are_whole_seconds_and_never_ahead() {
    assert_eq!(Store::in_memory(clock()).now().to_string(), "2026-01-02T03:04:05Z");
}

#[test]
fn a_data_file_is_named_after_the_end_of_its_key() {
    for (key, expected) in [("a/b.gz", "a_b.gz"), ("..", ".."), ("ä\0\n%", "____"), ("", "")] {
        assert_eq!(label(key), expected);
    }
    assert_eq!(label(&"x/".repeat(512)).len(), 100);
}

#[test]
fn the_log_is_rewritten_once_most_of_it_is_history() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("_catalogue.jsonl");
    let lines = || fs::read_to_string(&log).unwrap().lines().count();
    let store = Store::on_folder(folder.path().to_owned(), clock()).unwrap();
    let toggle = |bucket: &str| {
        let create = |_: &Catalogue| {
            let created = store.now();
            Ok((Mutation::CreateBucket { bucket: bucket.to_owned(), created, location: None }, ()))
        };
        store.commit_blocking(create).unwrap();
    };
    toggle("kept");
    // Written past the store, because ten thousand synced commits take long.
    let history = "{\"DeleteBucket\":{\"bucket\":\"missing\"}}\n".repeat(limits::LOG_SLACK_LINES + 3);
    drop(store);
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, format!("{text}{history}")).unwrap();
    let store = Store::on_folder(folder.path().to_owned(), clock()).unwrap();
    let create =
        |bucket: &str| Mutation::CreateBucket { bucket: bucket.to_owned(), created: store.now(), location: None };
    assert!(lines() > limits::LOG_SLACK_LINES);
    store.commit_blocking(|_| Ok((create("second"), ()))).unwrap();
    assert!(lines() > limits::LOG_SLACK_LINES, "two buckets bear eight lines more");
    for bucket in ["third", "fourth", "fifth"] {
        store.commit_blocking(|_| Ok((Mutation::DeleteBucket { bucket: bucket.to_owned() }, ()))).unwrap();
    }
    store.commit_blocking(|_| Ok((Mutation::DeleteBucket { bucket: "second".to_owned() }, ()))).unwrap();
    assert_eq!(lines(), 2, "the header and the bucket that is left");
    store.commit_blocking(|_| Ok((create("after"), ()))).unwrap();
    drop(store);
    let store = Store::on_folder(folder.path().to_owned(), clock()).unwrap();
    assert_eq!(store.read(|catalogue| catalogue.buckets().keys().cloned().collect::<Vec<_>>()), ["after", "kept"]);
}

#[test]
fn a_closed_store_gives_its_folder_back_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Store::on_folder(folder.path().to_owned(), clock());
    let store = open().unwrap();
    assert!(matches!(open(), Err(Error::InUse { .. })));
    store.close();
    open().unwrap();
    let deletion = Mutation::DeleteBucket { bucket: "bucket".to_owned() };
    let refused = store.commit_blocking(|_| Ok((deletion, ())));
    assert!(matches!(refused, Err(Failure::Storage(_))));
    assert_eq!(fs::read_to_string(folder.path().join("_catalogue.jsonl")).unwrap(), "{\"ekk-s3\":1}\n");
}
