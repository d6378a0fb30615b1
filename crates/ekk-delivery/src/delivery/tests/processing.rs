//! Records through the processors and a function, to a destination that gets what is left of them.

use std::io::Write;

use serde_json::{Value, json};

use super::{outside::each, *};
use crate::{LambdaProcessor, Outcome, Processor, SubRecordType, Target};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:transform";

fn function(interval: Duration) -> Processor {
    Processor::Lambda(LambdaProcessor {
        arn: ARN.to_owned(),
        number_of_retries: 3,
        buffering_hints: BufferingHints { size_bytes: 1 << 20, interval },
    })
}

/// A stream to an index whose records are processed.
fn processed(processors: Vec<Processor>) -> StreamSpec {
    StreamSpec { processors, ..spec(|_| {}) }
}

fn gzip(text: &str) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap().into()
}

fn codes(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line.get("errorCode").unwrap().as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_function_gets_the_event_of_aws_and_its_answer_is_delivered() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| {
        // {"b":2}
        answers.function =
            Some(|event| (200, false, each(event, |_, _| json!({ "result": "Ok", "data": "eyJiIjoyfQ==" }))));
    });
    let stream = scene.delivery.open(processed(vec![function(Duration::from_mins(1))])).unwrap();
    let numbers = stream.accept(&records(&["{\"a\":1}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!(given.texts(), [("log-2026-11-23-09", "{\"b\":2}")]);
    let event = given.events.first().unwrap();
    assert_eq!(event.get("deliveryStreamArn").unwrap(), &*stream.spec().arn);
    assert_eq!(event.get("region").unwrap(), "us-east-1");
    assert_eq!(event.get("invocationId").unwrap().as_str().unwrap().len(), 36);
    assert_eq!(event.get("sourceKinesisStreamArn"), None);
    let record = event.pointer("/records/0").unwrap();
    assert_eq!(record.get("recordId").unwrap(), &format!("{}000000", numbers.first().unwrap()));
    assert_eq!(record.get("approximateArrivalTimestamp").unwrap(), scene.clock.now().as_millisecond());
    assert_eq!(record.get("data").unwrap(), "eyJhIjoxfQ==");
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.indexed_bytes), (1, 7));
}

#[tokio::test]
async fn the_function_has_buffering_hints_of_its_own_and_the_destination_waits_from_then_on() {
    let scene = Scene::start().await;
    let stream = scene.delivery.open(processed(vec![function(Duration::from_secs(30))])).unwrap();
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    scene.clock.advance(Duration::from_secs(29));
    stream.accept(&records(&["{\"a\":2}"])).unwrap();
    tokio::task::yield_now().await;
    assert!(scene.outside.given().events.is_empty(), "the function's buffer is not old enough");
    scene.clock.advance(Duration::from_secs(1));
    let given = scene.outside.wait(|given| given.events.len() == 1).await;
    assert_eq!(given.events.first().unwrap().get("records").unwrap().as_array().unwrap().len(), 2);
    let transformed = scene.clock.now();
    while scene.outside.given().bulks.is_empty() {
        tokio::task::yield_now().await;
        scene.clock.advance(Duration::from_millis(1));
    }
    let waited = transformed.duration_until(scene.clock.now());
    assert!(waited >= jiff::SignedDuration::from_secs(60), "the destination waits a minute from then on, not {waited}");
    assert_eq!(scene.outside.given().bulks, [2]);
}

#[tokio::test]
async fn dropped_and_failed_records_are_accounted_for_and_failed_ones_are_in_s3() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| {
        answers.function = Some(|event| {
            let answer = |place, data: &str| match place {
                0 => json!({ "result": "Ok", "data": data }),
                1 => json!({ "result": "Dropped", "data": data }),
                2 => json!({ "result": "ProcessingFailed", "data": data }),
                _ => json!({ "result": "Ok" }),
            };
            (200, false, each(event, answer))
        });
    });
    let stream = scene.delivery.open(processed(vec![function(Duration::ZERO)])).unwrap();
    stream.accept(&records(&["{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.dropped, account.processing_failed, account.failed), (1, 1, 2, 0));
    let given = scene.outside.given();
    let key = given.objects.first_key_value().unwrap().0;
    assert!(
        key.starts_with("backup/logs/processing-failed/2026/11/23/09/logging-test-1-2026-11-23-09-59-59-"),
        "{key}"
    );
    let failed = given.lines_of("processing-failed/");
    assert_eq!(codes(&failed), ["Lambda.ProcessingFailedStatus", "Lambda.InvalidReturnFormat"]);
    let first = failed.first().unwrap();
    assert_eq!(first.get("rawData").unwrap(), "eyJhIjozfQ==");
    assert_eq!((first.get("attemptsMade").unwrap(), first.get("lambdaArn").unwrap()), (&json!(1), &json!(ARN)));
}

#[tokio::test]
async fn a_function_that_fails_is_tried_three_times_more_and_then_its_records_have_failed() {
    for (function_answer, code) in [
        ((|_| (200, true, "{\"errorMessage\":\"boom\"}".to_owned())) as outside::Function, "Lambda.FunctionError"),
        (
            |_| (200, true, "{\"errorMessage\":\"Task timed out after 3.00 seconds\"}".to_owned()),
            "Lambda.FunctionTimedOut",
        ),
        (|_| (429, false, String::new()), "Lambda.InvokeLimitExceeded"),
        (|_| (404, false, String::new()), "Lambda.ResourceNotFound"),
        (|_| (403, false, String::new()), "Lambda.InvokeAccessDenied"),
        (|_| (500, false, "no".to_owned()), "Lambda.InternalServerError"),
    ] {
        let scene = Scene::start().await;
        scene.outside.answer(|answers| answers.function = Some(function_answer));
        let stream = scene.delivery.open(processed(vec![function(Duration::ZERO)])).unwrap();
        stream.accept(&records(&["{\"a\":1}", "{\"a\":2}"])).unwrap();
        for attempts in 1..=3 {
            scene.outside.wait(|given| given.events.len() == attempts).await;
            scene.clock.advance(Duration::from_mins(1));
            stream.flush().await;
        }
        stream.settled(PATIENCE).await.unwrap();
        let account = stream.account();
        check_sums(&account);
        assert_eq!((account.processing_failed, account.retries), (2, 3), "{code}");
        let failed = scene.outside.given().lines_of("processing-failed/");
        assert_eq!(codes(&failed), [code, code]);
        assert!(failed.iter().all(|line| line.get("attemptsMade").unwrap() == 4), "{failed:?}");
        assert_eq!(scene.outside.given().events.len(), 4, "{code}");
        let ids: Vec<Value> =
            scene.outside.given().events.iter().map(|event| event.get("invocationId").unwrap().clone()).collect();
        assert!(ids.windows(2).all(|pair| pair.first() == pair.last()), "{ids:?}");
    }
}

#[tokio::test]
async fn a_function_that_comes_back_in_time_gets_the_records_and_settle_says_what_it_waits_for() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.function = Some(|_| (429, false, String::new())));
    let stream = scene.delivery.open(processed(vec![function(Duration::ZERO)])).unwrap();
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    stream.flush().await;
    let left = scene.delivery.settle(Duration::from_millis(100)).await.unwrap_err().to_string();
    assert!(left.contains("processing: Lambda.InvokeLimitExceeded: "), "{left}");
    scene.outside.answer(|answers| answers.function = None);
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!(stream.account().indexed, 1);
    let functions = stream.recent().into_iter().filter(|attempt| matches!(attempt.target, Target::Function { .. }));
    let outcomes: Vec<Outcome> = functions.map(|attempt| attempt.outcome).collect();
    assert!(matches!(outcomes.first(), Some(Outcome::Retried { .. })), "{outcomes:?}");
    assert_eq!(outcomes.last(), Some(&Outcome::Delivered));
}

#[tokio::test]
async fn a_function_that_answers_rubbish_is_not_asked_again() {
    for (function_answer, code) in [
        ((|_| (200, false, "rubbish".to_owned())) as outside::Function, "Lambda.JsonProcessingException"),
        (|_| (200, false, "{}".to_owned()), "Lambda.MissingRecordId"),
    ] {
        let scene = Scene::start().await;
        scene.outside.answer(|answers| answers.function = Some(function_answer));
        let stream = scene.delivery.open(processed(vec![function(Duration::ZERO)])).unwrap();
        stream.accept(&records(&["{\"a\":1}"])).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        assert_eq!(codes(&given.lines_of("processing-failed/")), [code]);
        assert_eq!((given.events.len(), stream.account().processing_failed), (1, 1));
    }
}

#[tokio::test]
async fn a_function_that_returns_a_record_twice_fails_that_record_and_no_other() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| {
        answers.function = Some(|event| {
            let mut response: Value =
                serde_json::from_str(&each(event, |_, data| json!({ "result": "Ok", "data": data }))).unwrap();
            let records = response.get_mut("records").unwrap().as_array_mut().unwrap();
            records.push(records.first().unwrap().clone());
            (200, false, response.to_string())
        });
    });
    let stream = scene.delivery.open(processed(vec![function(Duration::ZERO)])).unwrap();
    stream.accept(&records(&["{\"a\":1}", "{\"a\":2}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.processing_failed, account.queued), (1, 1, 0));
    let given = scene.outside.given();
    assert_eq!(given.texts(), [("log-2026-11-23-09", "{\"a\":2}")], "not even once");
    let failed = given.lines_of("processing-failed/");
    assert_eq!((codes(&failed), given.events.len()), (vec!["Lambda.DuplicatedRecordId"], 1));
    assert_eq!(failed.first().unwrap().get("rawData").unwrap(), "eyJhIjoxfQ==");
}

#[tokio::test]
async fn a_response_of_more_than_6_mib_is_an_error_of_the_function() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.function = Some(|_| (200, false, " ".repeat((6 << 20) + 1))));
    let once = Processor::Lambda(LambdaProcessor {
        arn: ARN.to_owned(),
        number_of_retries: 0,
        buffering_hints: BufferingHints { size_bytes: 1 << 20, interval: Duration::ZERO },
    });
    let stream = scene.delivery.open(processed(vec![once])).unwrap();
    stream.accept(&records(&["{}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!(codes(&scene.outside.given().lines_of("processing-failed/")), ["Lambda.FunctionError"]);
}

#[tokio::test]
async fn a_gzip_bomb_is_in_s3_as_it_came_and_harms_nothing() {
    let scene = Scene::start().await;
    let stream = scene.delivery.open(processed(vec![Processor::Decompression])).unwrap();
    let bomb = gzip(&" ".repeat(17 << 20));
    assert!(bomb.len() < 100_000);
    stream.accept(&[bomb.clone(), gzip("{\"a\":1}"), bomb.clone()]).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.processing_failed), (1, 2));
    let failed = scene.outside.given().lines_of("decompression-failed/");
    for line in &failed {
        assert_eq!(line.get("errorMessage").unwrap(), "The record decompresses to more than 16777216 bytes");
        assert_eq!(line.get("rawData").unwrap(), &base64_simd::STANDARD.encode_to_string(&bomb));
    }
    assert_eq!(failed.len(), 2);
}

#[tokio::test]
async fn the_pieces_of_a_record_are_documents_of_their_own_and_expand_the_account() {
    let scene = Scene::start().await;
    let processors = vec![Processor::RecordDeAggregation(SubRecordType::Json)];
    let stream = scene.delivery.open(processed(processors)).unwrap();
    let numbers = stream.accept(&records(&["{\"a\":1}{\"conflict\":2}\n{\"a\":3}", "{\"a\":4}"])).unwrap();
    assert_eq!(stream.account().queued, 2);
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.accepted, account.indexed, account.failed, account.expanded), (2, 3, 1, 2));
    let given = scene.outside.given();
    let first = numbers.first().unwrap();
    let ids: Vec<&String> = given.documents.keys().map(|(_, id)| id).collect();
    assert_eq!(ids, [&format!("{first}.0"), &format!("{first}.2"), &format!("{}.0", numbers.last().unwrap())]);
    let failed = given.failed_documents();
    assert_eq!(failed.first().unwrap().get("esDocumentId").unwrap(), &format!("{first}.1"));
    assert_eq!(failed.first().unwrap().get("rawData").unwrap(), "eyJjb25mbGljdCI6Mn0=");
}

#[tokio::test]
async fn what_cannot_be_decompressed_is_in_s3_and_harms_nothing() {
    let scene = Scene::start().await;
    let processors = vec![Processor::CloudWatchLogProcessing, Processor::Decompression];
    let stream = scene.delivery.open(processed(processors)).unwrap();
    let log = r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":"{\"a\":1}"}]}"#;
    let control = r#"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#;
    stream.accept(&[gzip(log), Bytes::from_static(b"plain"), gzip(control)]).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.indexed, account.processing_failed, account.dropped), (1, 1, 1));
    let given = scene.outside.given();
    assert_eq!(given.texts(), [("log-2026-11-23-09", "{\"a\":1}")]);
    let failed = given.lines_of("backup/logs/decompression-failed/2026/11/23/09/");
    assert_eq!(failed.first().unwrap().get("rawData").unwrap(), "cGxhaW4=");
    assert!(
        failed.first().unwrap().get("errorCode").is_some() && failed.first().unwrap().get("errorMessage").is_some()
    );
}

#[tokio::test]
async fn the_backup_has_the_records_as_they_came_in() {
    let scene = Scene::start().await;
    let mut spec = spec(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    spec.processors = vec![Processor::AppendDelimiterToRecord { delimiter: Bytes::from_static(b" ") }];
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!(given.objects.values().map(|body| &**body).collect::<Vec<_>>(), [b"{\"a\":1}"]);
    assert_eq!(given.texts().first().unwrap().1, "{\"a\":1} ");
}

#[tokio::test]
async fn processors_may_come_and_go_by_update() {
    let scene = Scene::start().await;
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"a\":1}"])).unwrap();
    let delimiter = Processor::AppendDelimiterToRecord { delimiter: Bytes::from_static(b" ") };
    stream.update(StreamSpec { version: 2, ..processed(vec![delimiter]) }).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    stream.update(StreamSpec { version: 3, ..processed(Vec::new()) }).unwrap();
    stream.accept(&records(&["{\"a\":2}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!(given.texts().iter().map(|(_, text)| *text).collect::<Vec<_>>(), ["{\"a\":1} ", "{\"a\":2}"]);
}

#[tokio::test]
async fn an_update_that_cannot_be_delivered_is_refused_and_changes_nothing() {
    let scene = Scene::with(|config| config.lambda = BTreeMap::new()).await;
    let stream = scene.open(|_| {});
    let refused = stream.update(StreamSpec { version: 2, ..processed(vec![function(Duration::ZERO)]) }).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "LambdaArn arn:aws:lambda:us-east-1:000000000000:function:transform without an address for it is not supported"
    );
    assert_eq!(stream.spec().version, 1);
}

#[tokio::test]
async fn records_between_function_and_destination_survive_a_restart() {
    let folder = tempfile::TempDir::new().unwrap();
    let scene = Scene::with(|config| config.folder = Some(folder.path().to_owned())).await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.delivery.open(processed(vec![function(Duration::ZERO)])).unwrap();
    stream.accept(&records(&["{\"a\":1}{\"b\":1}", "{\"a\":2}"])).unwrap();
    scene.outside.wait(|given| given.events.len() == 1).await;
    scene.delivery.shutdown(Duration::ZERO).await;
    let Scene { delivery, outside, clock } = scene;
    drop((delivery, stream));
    outside.answer(|answers| *answers = Answers::default());
    let config = Config { folder: Some(folder.path().to_owned()), ..outside.config() };
    let delivery = Delivery::start(config, clock).unwrap();
    let stream = delivery.open(processed(vec![function(Duration::ZERO)])).unwrap();
    assert_eq!(stream.account().queued, 2);
    stream.settled(PATIENCE).await.unwrap();
    check_sums(&stream.account());
    assert_eq!(stream.account().indexed, 2);
}
