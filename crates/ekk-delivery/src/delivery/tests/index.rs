//! The way to the index: when it is gone, what is in a request, and what becomes of each document.

use jiff::SignedDuration;
use serde_json::Value;

use super::*;
use crate::{DeliveryAttempt, Outcome, Target};

#[tokio::test]
async fn a_full_buffer_is_flushed_at_once_and_no_batch_is_over_the_size() {
    let scene = Scene::start().await;
    let stream = scene.open(|destination| destination.buffering_hints.size_bytes = 100);
    stream.accept(&records(&["{\"number\":123456789}"; 10])).unwrap();
    let given = scene.outside.wait(|given| given.documents.len() == 10).await;
    assert_eq!(given.bulks, [5, 5]);
}

#[tokio::test]
async fn an_old_buffer_is_flushed_and_a_young_one_is_not() {
    let scene = Scene::start().await;
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    scene.clock.advance(Duration::from_secs(59));
    stream.accept(&records(&["{\"a\":2}"])).unwrap();
    scene.clock.advance(Duration::from_secs(1));
    let given = scene.outside.wait(|given| given.documents.len() == 2).await;
    assert_eq!(given.bulks, [2], "nothing was sent before the first record was a minute old");
    assert_eq!(given.texts(), [("log-2026-11-23-09", "{\"a\":1}"), ("log-2026-11-23-10", "{\"a\":2}")]);
}

#[tokio::test]
async fn an_interval_of_zero_delivers_without_the_clock() {
    let scene = Scene::start().await;
    let stream = scene.open(|destination| destination.buffering_hints.interval = Duration::ZERO);
    for number in 0..5 {
        stream.accept(&records(&[&format!("{{\"a\":{number}}}")])).unwrap();
        scene.outside.wait(|given| given.documents.len() == number + 1).await;
    }
}

#[tokio::test]
async fn an_update_of_the_hints_counts_for_what_waits_already() {
    let scene = Scene::start().await;
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    let mut newer = spec(|destination| destination.buffering_hints.interval = Duration::ZERO);
    newer.version = 2;
    stream.update(newer).unwrap();
    scene.outside.wait(|given| given.documents.len() == 1).await;
    assert_eq!(stream.spec().version, 2);
}

#[tokio::test]
async fn a_document_that_the_index_refuses_fails_alone_and_at_once() {
    let scene = Scene::start().await;
    let stream = scene.open(|_| {});
    let numbers = stream.accept(&records(&["{\"a\":1}", "not JSON: conflict\n", "{\"a\":3}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!(given.bulks, [3]);
    assert_eq!(given.documents.len(), 2);
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.failed, account.failed_bytes, account.retries), (2, 1, 19, 0));
    let (key, body) = given.objects.first_key_value().unwrap();
    assert!(
        key.starts_with("backup/logs/AmazonOpenSearchService-failed/2026/11/23/09/logging-test-1-2026-11-23-09-59-59-")
    );
    let failed = serde_json::from_slice::<Value>(body).unwrap();
    assert_eq!(failed.get("esDocumentId").unwrap(), &format!("{}.0", numbers.get(1).unwrap()));
    assert_eq!(failed.get("errorCode").unwrap(), "400");
    assert_eq!(failed.get("errorMessage").unwrap(), r#"{"reason":"status 400","type":"stand_in_exception"}"#);
    assert_eq!(failed.get("rawData").unwrap(), "bm90IEpTT046IGNvbmZsaWN0Cg==");
}

#[tokio::test]
async fn only_failed_documents_are_in_the_bucket_unless_all_shall_be() {
    for (backup_mode, objects) in [(S3BackupMode::FailedDocumentsOnly, 1), (S3BackupMode::AllDocuments, 2)] {
        let scene = Scene::start().await;
        let stream = scene.open(|destination| destination.backup_mode = backup_mode);
        stream.accept(&records(&["{\"a\":1}", "conflict"])).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        assert_eq!((given.objects.len(), given.failed_documents().len()), (objects, 1), "{backup_mode:?}");
    }
}

#[tokio::test]
async fn documents_that_the_cluster_is_too_busy_for_are_sent_again_without_the_others() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.busy_status = Some(429));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"a\":1}", "{\"busy\":2}"])).unwrap();
    stream.flush().await;
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.queued), (1, 1));
    scene.outside.answer(|answers| answers.busy_status = None);
    scene.clock.advance(Duration::from_secs(1));
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!(scene.outside.given().bulks, [2, 1]);
    assert_eq!((stream.account().indexed, stream.account().retries), (2, 1));
}

#[tokio::test]
async fn a_cluster_that_comes_back_in_time_gets_everything() {
    for status in [401, 403, 404, 408, 429, 500, 502, 503] {
        let scene = Scene::start().await;
        scene.outside.answer(|answers| answers.bulk_status = Some(status));
        let stream = scene.open(|_| {});
        stream.accept(&records(&["{\"a\":1}"])).unwrap();
        stream.flush().await;
        scene.outside.answer(|answers| answers.bulk_status = None);
        scene.clock.advance(Duration::from_secs(1));
        stream.settled(PATIENCE).await.unwrap();
        assert_eq!((stream.account().indexed, stream.account().retries), (1, 1), "status {status}");
        assert_eq!(scene.outside.given().objects.len(), 0, "status {status}");
    }
}

#[tokio::test]
async fn documents_go_to_s3_when_the_retry_duration_is_over() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.open(|destination| destination.flavour = Flavour::Elasticsearch);
    stream.accept(&records(&["{\"a\":1}", "{\"a\":2}"])).unwrap();
    stream.flush().await;
    scene.clock.advance(Duration::from_mins(5));
    let given = scene.outside.wait(|given| !given.objects.is_empty()).await;
    stream.settled(PATIENCE).await.unwrap();
    assert!(given.objects.keys().all(|key| key.starts_with("backup/logs/elasticsearch-failed/2026/11/23/09/")));
    let failed = given.failed_documents();
    assert_eq!(failed.len(), 2);
    for document in &failed {
        assert_eq!(document.get("attemptsMade").unwrap(), 2);
        assert_eq!(document.get("errorCode").unwrap(), "503");
        assert_eq!(document.get("errorMessage").unwrap(), "the stand-in was told to answer 503");
    }
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.failed, account.queued), (2, 0));
    let outcomes: Vec<_> = stream.recent().into_iter().map(|attempt| attempt.outcome).collect();
    assert!(matches!(outcomes.as_slice(), [Outcome::Retried { .. }, Outcome::GaveUp { .. }, Outcome::Delivered]));
}

#[tokio::test]
async fn a_retry_duration_of_zero_makes_one_attempt() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.busy_status = Some(429));
    let stream = scene.open(|destination| destination.retry_duration = Duration::ZERO);
    stream.accept(&records(&["{\"busy\":1}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let failed = scene.outside.given().failed_documents();
    assert_eq!(failed.first().unwrap().get("attemptsMade").unwrap(), 1);
    assert_eq!(stream.account().retries, 0);
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_named() {
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let scene = Scene::start().await;
    let stream = scene.open(|destination| {
        destination.endpoint = Endpoint::Url(format!("http://{closed}").parse().unwrap());
        destination.retry_duration = Duration::ZERO;
    });
    stream.accept(&records(&["{}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let failed = scene.outside.given().failed_documents();
    let failed = failed.first().unwrap();
    assert_eq!(failed.get("errorCode").unwrap(), "OS.ConnectionFailed");
    let message = failed.get("errorMessage").unwrap().as_str().unwrap();
    assert!(message.starts_with(&format!("no answer from http://{closed}/: ")), "{message}");
    assert!(message.contains("Connection refused"), "{message}");
}

#[tokio::test]
async fn a_request_that_is_too_large_is_halved_until_it_fits() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.most_documents = Some(2));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"a\":1}"; 5])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!((given.bulks, given.documents.len()), (vec![2, 1, 2], 5));
}

#[tokio::test]
async fn a_document_that_alone_is_too_large_fails() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.most_documents = Some(0));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"a\":1}", "{\"a\":2}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let failed = scene.outside.given().failed_documents();
    assert_eq!(failed.iter().map(|document| document.get("errorCode").unwrap()).collect::<Vec<_>>(), ["413", "413"]);
}

#[tokio::test]
async fn records_that_are_no_document_do_not_disturb_their_neighbours() {
    let scene = Scene::start().await;
    let stream = scene.open(|_| {});
    let garbage: [&[u8]; 7] =
        [b"", b"\n", b"{\n\"a\":\n1}\n", b"\xff\xfe\n\x00", b"{\"delete\":{}}\n{\"delete\":{}}", b"\r\n\r\n", b"]"];
    let mut all = records(&["{\"first\":1}"]);
    all.extend(garbage.iter().map(|bytes| Bytes::copy_from_slice(bytes)));
    all.extend(records(&["{\"last\":1}"]));
    stream.accept(&all).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let texts = given.texts();
    assert_eq!((given.bulks.as_slice(), texts.len()), (&[9][..], 9));
    assert_eq!(texts.first().unwrap().1, "{\"first\":1}");
    assert_eq!(texts.last().unwrap().1, "{\"last\":1}");
}

#[tokio::test]
async fn an_answer_that_got_lost_doubles_nothing_when_documents_have_ids() {
    for (document_id, doubled, documents) in
        [(DefaultDocumentIdFormat::FirehoseDefault, 0, 2), (DefaultDocumentIdFormat::NoDocumentId, 2, 4)]
    {
        let scene = Scene::start().await;
        scene.outside.answer(|answers| answers.loses_them = true);
        let stream = scene.open(|destination| destination.document_id = document_id);
        stream.accept(&records(&["{\"a\":1}", "{\"a\":2}"])).unwrap();
        stream.flush().await;
        scene.outside.answer(|answers| answers.loses_them = false);
        stream.settled(PATIENCE).await.unwrap();
        let account = stream.account();
        assert_eq!((account.indexed, account.duplicates_possible), (2, doubled), "{document_id:?}");
        assert_eq!(scene.outside.given().documents.len(), documents, "{document_id:?}");
    }
}

#[tokio::test]
async fn a_large_batch_is_sent_in_requests_below_their_bound() {
    let scene = Scene::start().await;
    let stream = scene.open(|destination| destination.buffering_hints.size_bytes = 100 << 20);
    let record = Bytes::from(format!("{{\"a\":\"{}\"}}", "x".repeat(1_000_000)));
    stream.accept(&vec![record; 20]).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let mut bulks = scene.outside.given().bulks;
    bulks.sort_unstable();
    assert_eq!(bulks, [2, 9, 9]);
    let bulks: Vec<DeliveryAttempt> = stream.recent();
    assert!(bulks.iter().all(|bulk| bulk.bytes < 9 << 20 && bulk.outcome == Outcome::Delivered));
    assert!(bulks.iter().all(|bulk| bulk.target == Target::Index { index: "log-2026-11-23-09".to_owned() }));
}

#[tokio::test]
async fn every_period_rotates_at_its_boundary() {
    for (rotation, before, after) in [
        (IndexRotationPeriod::NoRotation, "log", "log"),
        (IndexRotationPeriod::OneHour, "log-2026-12-31-23", "log-2027-01-01-00"),
        (IndexRotationPeriod::OneDay, "log-2026-12-31", "log-2027-01-01"),
        (IndexRotationPeriod::OneWeek, "log-2027-w01", "log-2027-w01"),
        (IndexRotationPeriod::OneMonth, "log-2026-12", "log-2027-01"),
    ] {
        let scene = Scene::start().await;
        scene.clock.set("2026-12-31T23:59:59.999Z".parse().unwrap());
        let stream = scene.open(|destination| destination.rotation = rotation);
        stream.accept(&records(&["{\"a\":1}"])).unwrap();
        scene.clock.advance(Duration::from_millis(1));
        stream.accept(&records(&["{\"a\":2}"])).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        assert_eq!(given.texts(), [(before, "{\"a\":1}"), (after, "{\"a\":2}")]);
        assert_eq!(given.bulks, [2], "records of both periods travel together");
    }
}

#[tokio::test]
async fn the_retry_duration_is_measured_by_the_stacks_clock() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{}"])).unwrap();
    for _ in 0..3 {
        stream.flush().await;
    }
    let attempts: Vec<u32> = stream.recent().iter().map(|attempt| attempt.attempt).collect();
    assert_eq!(attempts, [1, 2, 3], "a flush makes the attempt that waits");
    let nexts: Vec<_> = stream
        .recent()
        .into_iter()
        .filter_map(|attempt| match attempt.outcome {
            Outcome::Retried { next, .. } => Some(next.duration_since(scene.clock.now())),
            _ => None,
        })
        .collect();
    for (next, full) in nexts.iter().zip([1, 2, 4]) {
        let full = SignedDuration::from_secs(full);
        assert!(*next <= full && *next >= full / 2, "{next} of {full}");
    }
}

#[tokio::test]
async fn the_requests_of_a_batch_share_one_retry_duration() {
    for answers in [
        Answers { bulk_status: Some(503), ..Answers::default() },
        Answers { busy_status: Some(429), ..Answers::default() },
    ] {
        let scene = Scene::start().await;
        scene.outside.answer(|given| *given = answers.clone());
        let stream = scene.open(|destination| {
            destination.buffering_hints.size_bytes = 100 << 20;
            destination.backup.buffering_hints.size_bytes = 100 << 20;
        });
        let record = Bytes::from(format!("{{\"busy\":\"{}\"}}", "x".repeat(5_000_000)));
        stream.accept(&vec![record; 7]).unwrap();
        stream.flush().await;
        scene.clock.advance(Duration::from_mins(5));
        stream.settled(PATIENCE).await.unwrap();
        let mut failed = scene.outside.given().failed_documents();
        failed.sort_by_key(|document| document.get("esDocumentId").unwrap().to_string());
        let attempts: Vec<_> =
            failed.iter().map(|document| document.get("attemptsMade").unwrap().as_u64().unwrap()).collect();
        assert_eq!(attempts, [2, 2, 2, 2, 2, 1, 1], "{answers:?}: five at once, and the others after them");
    }
}

#[tokio::test]
async fn an_index_that_is_blocked_is_waited_for_and_one_that_is_closed_or_missing_fails_its_documents_at_once() {
    // 403 is `cluster_block_exception`, of a full disk or a read-only index; 400 is `index_closed_exception`, 404
    // `index_not_found_exception` where indices are not created by themselves, 409 a conflict of versions.
    for (status, waits) in [(403, true), (400, false), (404, false), (409, false)] {
        let scene = Scene::start().await;
        scene.outside.answer(|answers| answers.busy_status = Some(status));
        let stream = scene.open(|_| {});
        stream.accept(&records(&["{\"busy\":1}", "{\"a\":2}"])).unwrap();
        stream.flush().await;
        let account = stream.account();
        check_sums(&account);
        assert_eq!((account.indexed, account.queued), (1, u64::from(waits)), "status {status}");
        scene.outside.answer(|answers| answers.busy_status = None);
        stream.settled(PATIENCE).await.unwrap();
        let account = stream.account();
        assert_eq!((account.indexed, account.failed), if waits { (2, 0) } else { (1, 1) }, "status {status}");
    }
}

#[tokio::test]
async fn a_collection_gets_documents_without_ids_and_its_failures_are_named_as_its_own() {
    let scene = Scene::start().await;
    let stream = scene.open(|destination| {
        destination.flavour = Flavour::OpenSearchServerless;
        destination.rotation = IndexRotationPeriod::NoRotation;
        destination.document_id = DefaultDocumentIdFormat::NoDocumentId;
    });
    stream.accept(&records(&["{\"a\":1}", "conflict"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!(given.texts(), [("log", "{\"a\":1}")]);
    let failed = given.lines_of("backup/logs/AmazonOpenSearchService-failed/");
    let failed = failed.first().unwrap();
    assert_eq!((failed.get("osIndexName").unwrap(), failed.get("osDocumentId").unwrap()), (&"log".into(), &"".into()));
    assert_eq!((failed.get("esIndexName"), failed.get("esTypeName")), (None, None));
    for (rotation, document_id, what) in [
        (IndexRotationPeriod::OneDay, DefaultDocumentIdFormat::NoDocumentId, "IndexRotationPeriod"),
        (IndexRotationPeriod::NoRotation, DefaultDocumentIdFormat::FirehoseDefault, "DocumentIdOptions"),
    ] {
        let mut refused = spec(|destination| {
            destination.flavour = Flavour::OpenSearchServerless;
            destination.rotation = rotation;
            destination.document_id = document_id;
        });
        refused.id = "other".to_owned();
        let error = scene.delivery.open(refused).unwrap_err().to_string();
        assert_eq!(error, format!("{what} of an OpenSearch Serverless collection is not supported"));
    }
}
