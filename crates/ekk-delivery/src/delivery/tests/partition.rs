//! Dynamic partitioning: one buffer and one prefix for each partition.

use serde_json::json;

use super::{outside::each, *};
use crate::{DynamicPartitioning, ExtendedS3Destination, LambdaProcessor, Processor, SubRecordType};

fn partitioned(prefix: &str, processors: Vec<Processor>) -> StreamSpec {
    let objects = S3Destination {
        prefix: prefix.to_owned(),
        error_output_prefix: Some("errors/!{firehose:error-output-type}/".to_owned()),
        buffering_hints: BufferingHints { size_bytes: 64 << 20, interval: Duration::from_mins(1) },
        ..bucket()
    };
    let dynamic_partitioning = Some(DynamicPartitioning { retry_duration: Duration::from_mins(5) });
    let destination = ExtendedS3Destination { objects, source_backup: None, dynamic_partitioning };
    StreamSpec { processors, ..spec_of(Destination::S3(destination)) }
}

fn query(text: &str) -> Processor {
    Processor::MetadataExtraction { query: text.to_owned() }
}

const BY_CUSTOMER: &str = "customer=!{partitionKeyFromQuery:customer}/!{timestamp:yyyy}/";

fn by_customer() -> StreamSpec {
    partitioned(BY_CUSTOMER, vec![query("{customer: .c}")])
}

#[tokio::test]
async fn each_partition_gets_its_own_object_under_its_prefix() {
    let scene = Scene::start().await;
    let stream = scene.delivery.open(by_customer()).unwrap();
    stream.accept(&records(&["{\"c\":\"a\"}", "{\"c\":\"b\"}", "{\"c\":\"a\",\"n\":2}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let objects: Vec<(&str, &[u8])> = given.objects.iter().map(|(key, body)| (key.as_str(), &**body)).collect();
    let [(first, a), (second, b)] = objects.as_slice() else { panic!("{objects:?}") };
    assert!(first.starts_with("backup/customer=a/2026/logging-test-1-2026-11-23-09-59-59-"), "{first}");
    assert!(second.starts_with("backup/customer=b/2026/logging-test-1-"), "{second}");
    assert_eq!((*a, *b), (b"{\"c\":\"a\"}{\"c\":\"a\",\"n\":2}".as_slice(), b"{\"c\":\"b\"}".as_slice()));
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.stored, account.queued), (3, 0));
}

#[tokio::test]
async fn each_partition_has_an_age_of_its_own() {
    let scene = Scene::start().await;
    let stream = scene.delivery.open(by_customer()).unwrap();
    stream.accept(&records(&["{\"c\":\"a\"}"])).unwrap();
    scene.outside.wait(|_| stream.account().queued == 1).await;
    while stream.metrics().iter().all(|metric| metric.name != "PartitionCount" || metric.value < 1.0) {
        tokio::task::yield_now().await;
    }
    scene.clock.advance(Duration::from_secs(30));
    stream.accept(&records(&["{\"c\":\"b\"}"])).unwrap();
    while stream.metrics().iter().all(|metric| metric.name != "PartitionCount" || metric.value < 2.0) {
        tokio::task::yield_now().await;
    }
    scene.clock.advance(Duration::from_secs(30));
    scene.outside.wait(|given| given.objects.keys().any(|key| key.contains("customer=a"))).await;
    assert_eq!(scene.outside.given().objects.len(), 1, "the partition of b is half a minute old");
    scene.clock.advance(Duration::from_secs(30));
    scene.outside.wait(|given| given.objects.len() == 2).await;
}

#[tokio::test]
async fn records_without_keys_go_to_the_error_prefix_with_the_code_of_aws() {
    let scene = Scene::start().await;
    let stream = scene.delivery.open(by_customer()).unwrap();
    stream.accept(&records(&["{\"c\":null}", "not JSON", "{\"c\":\"a\"}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert!(given.objects.keys().any(|key| key.starts_with("backup/errors/processing-failed/logging-test-1-")));
    let lines = given.lines_of("errors/processing-failed/");
    for (line, message) in
        lines.iter().zip(["partitionKeys values must not be null or empty", "Non JSON record provided"])
    {
        assert_eq!(line.get("errorCode").unwrap(), "DynamicPartitioning.MetadataExtractionFailed");
        assert_eq!(line.get("errorMessage").unwrap(), message);
    }
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.stored, account.processing_failed), (1, 2));
}

#[tokio::test]
async fn keys_may_come_from_a_function() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| {
        answers.function = Some(|event| {
            let answer = |place, data: &str| {
                let keys = json!({ "tenant": format!("t{place}") });
                json!({ "result": "Ok", "data": data, "metadata": { "partitionKeys": keys } })
            };
            (200, false, each(event, answer))
        });
    });
    let function = Processor::Lambda(LambdaProcessor {
        arn: "arn:aws:lambda:us-east-1:000000000000:function:keys".to_owned(),
        number_of_retries: 0,
        buffering_hints: BufferingHints::default(),
    });
    let spec = partitioned(
        "!{partitionKeyFromLambda:tenant}/!{partitionKeyFromQuery:id}/",
        vec![query("{id: .id}"), function],
    );
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["{\"id\":1}", "{\"id\":2}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let keys: Vec<&String> = given.objects.keys().collect();
    assert!(keys.first().unwrap().starts_with("backup/t0/1/2026/11/23/09/logging-test-"), "{keys:?}");
    assert!(keys.last().unwrap().starts_with("backup/t1/2/2026/11/23/09/logging-test-"), "{keys:?}");
}

#[tokio::test]
async fn the_pieces_of_one_record_may_go_to_different_partitions() {
    let scene = Scene::start().await;
    let processors = vec![
        Processor::RecordDeAggregation(SubRecordType::Json),
        query("{customer: .c}"),
        Processor::AppendDelimiterToRecord { delimiter: Bytes::from_static(b"\n") },
    ];
    let stream = scene.delivery.open(partitioned(BY_CUSTOMER, processors)).unwrap();
    stream.accept(&records(&["{\"c\":\"a\"}{\"c\":\"b\"}{}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.accepted, account.stored, account.processing_failed, account.expanded), (1, 2, 1, 2));
    let given = scene.outside.given();
    let bodies: Vec<&[u8]> = given.objects.values().map(|body| &**body).collect();
    assert!(bodies.contains(&b"{\"c\":\"a\"}\n".as_slice()) && bodies.contains(&b"{\"c\":\"b\"}\n".as_slice()));
}

#[tokio::test]
async fn no_more_than_500_partitions_are_active() {
    let scene = Scene::start().await;
    let stream = scene.delivery.open(by_customer()).unwrap();
    let texts: Vec<String> = (0..502).map(|number| format!("{{\"c\":{number}}}")).collect();
    stream.accept(&records(&texts.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.stored, account.processing_failed), (500, 2));
    let lines = scene.outside.given().lines_of("errors/activePartitionExceeded/");
    assert_eq!(lines.len(), 2);
    stream.accept(&records(&["{\"c\":501}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!(stream.account().stored, 501, "partitions that were delivered are not active");
}

#[tokio::test]
async fn a_partition_that_the_bucket_does_not_take_goes_to_the_error_prefix_after_its_retry_duration() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.object_status = Some(403));
    let stream = scene.delivery.open(by_customer()).unwrap();
    stream.accept(&records(&["{\"c\":\"a\"}"])).unwrap();
    stream.flush().await;
    scene.clock.advance(Duration::from_mins(6));
    stream.flush().await;
    scene.outside.answer(|answers| answers.object_status = None);
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.stored, account.processing_failed), (0, 1));
    let lines = scene.outside.given().lines_of("errors/processing-failed/");
    assert_eq!(lines.first().unwrap().get("rawData").unwrap(), "eyJjIjoiYSJ9");
}

#[tokio::test]
async fn a_query_that_never_ends_fails_its_record_and_not_the_stream() {
    let scene = Scene::start().await;
    let spec = partitioned(BY_CUSTOMER, vec![query("{customer: (if .loop then (def f: f; f) else .c end)}")]);
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["{\"loop\":true}", "{\"c\":\"a\"}"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!((stream.account().stored, stream.account().processing_failed), (1, 1));
    let lines = scene.outside.given().lines_of("errors/processing-failed/");
    let message = lines.first().unwrap().get("errorMessage").unwrap().as_str().unwrap().to_owned();
    assert!(message.starts_with("the query is nested deeper than"), "{message}");
}
