//! Answers that were recorded from AWS: what led to them is done again, and is answered with the same members and values.
//!
//! `tests/recorded/aws-firehose.json` holds the answers, with identifiers in angle brackets for those that a run makes. Three
//! were recorded of streams with a Kinesis source, which is described here and not read: records of two of them are put
//! directly.

use ekk::Ekk;
use ekk_tests::clients;
use serde_json::{Deserializer, Value, json};

const RECORDED: &str = include_str!("../../recorded/aws-firehose.json");
const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";

/// What was recorded under the name of a scenario.
fn recorded(scenario: &str) -> Value {
    let mut file: Value = serde_json::from_str(RECORDED).unwrap();
    let content = file["recordings"][scenario]["recorded-content"].take();
    assert!(content.is_object(), "{scenario} is not recorded");
    content
}

/// The members of a recorded answer, without what the recording client says of the response; its status is 200.
fn members(mut answer: Value) -> Value {
    let metadata = answer.as_object_mut().unwrap().remove("ResponseMetadata").unwrap();
    assert_eq!(metadata["HTTPStatusCode"], 200);
    answer
}

#[test]
fn no_recorded_answer_is_left_out() {
    let file: Value = serde_json::from_str(RECORDED).unwrap();
    let names: Vec<&str> = file["recordings"].as_object().unwrap().keys().map(String::as_str).collect();
    let replayed = [
        "TestFirehoseIntegration::test_kinesis_firehose_kinesis_as_source_multiple_delivery_streams",
        "TestFirehoseResourceTagging::test_resource_tagging",
        "TestKinesisFirehoseScenario::test_kinesis_firehose_s3",
        "test_firehose_stack_with_kinesis_as_source",
    ];
    assert_eq!(names, replayed);
}

#[tokio::test]
async fn tags_are_answered_as_recorded() {
    let recorded = recorded("TestFirehoseResourceTagging::test_resource_tagging");
    let ekk = Ekk::start().await.unwrap();
    let name = json!("tagged");
    let create = json!({
        "DeliveryStreamName": name, "Tags": [{ "Key": "subject", "Value": "taboo" }],
        "ExtendedS3DestinationConfiguration": { "RoleARN": ROLE, "BucketARN": "arn:aws:s3:::logging-test-backup" },
    });
    ekk.firehose("CreateDeliveryStream", &create).await.unwrap();
    let list = ("ListTagsForDeliveryStream", json!({ "DeliveryStreamName": name }));
    let untag = ("UntagDeliveryStream", json!({ "DeliveryStreamName": name, "TagKeys": ["subject"] }));
    let tags = json!([{ "Key": "feeling", "Value": "uncomfortable" }]);
    let tag = ("TagDeliveryStream", json!({ "DeliveryStreamName": name, "Tags": tags }));
    let calls = [
        ("list-tags-1", &list),
        ("remove-tags", &untag),
        ("list-tags-2", &list),
        ("add-tags", &tag),
        ("list-tags-3", &list),
    ];
    assert_eq!(recorded.as_object().unwrap().len(), calls.len());
    for (step, (operation, request)) in calls {
        let answer = ekk.firehose(operation, request).await.unwrap();
        // The recording client makes an object without members of an empty body.
        let answer = if answer.is_null() { json!({}) } else { answer };
        assert_eq!(answer, members(recorded[step].clone()), "{step}");
    }
}

/// A description with the identifiers of the recording.
fn normalised(description: &Value) -> Value {
    let text = description
        .to_string()
        .replace("stream/kinesis-source", "stream/<resource:4>")
        .replace("role/firehose-role", "role/<resource:3>")
        .replace("s3:::described-bucket", "s3:::<resource:2>")
        .replace("described-stream", "<resource:1>")
        .replace("arn:aws:", "arn:<partition>:")
        .replace("us-east-1", "<region>")
        .replace("000000000000", "111111111111")
        .replace("destinationId-111111111111", "destinationId-000000000001");
    let mut normalised: Value = serde_json::from_str(&text).unwrap();
    for time in ["/CreateTimestamp", "/Source/KinesisStreamSourceDescription/DeliveryStartTimestamp"] {
        let time = normalised.pointer_mut(time).unwrap();
        assert!(time.as_f64().is_some_and(|secs| secs > 1_700_000_000.0), "{time} is no number of seconds");
        *time = json!("timestamp");
    }
    normalised
}

#[tokio::test]
async fn a_partitioned_stream_with_a_source_is_described_as_recorded() {
    let recorded = recorded("test_firehose_stack_with_kinesis_as_source");
    let ekk = Ekk::builder().allow_undelivered().start().await.unwrap();
    let role = "arn:aws:iam::000000000000:role/firehose-role";
    let parameter = |name: &str, value: &str| json!({ "ParameterName": name, "ParameterValue": value });
    let create = json!({
        "DeliveryStreamName": "described-stream", "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": {
            "KinesisStreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/kinesis-source", "RoleARN": role,
        },
        "ExtendedS3DestinationConfiguration": {
            "BucketARN": "arn:aws:s3:::described-bucket", "RoleARN": role,
            "BufferingHints": { "IntervalInSeconds": 60, "SizeInMBs": 64 },
            "DynamicPartitioningConfiguration": { "Enabled": true },
            "DataFormatConversionConfiguration": { "Enabled": false },
            "Prefix": "firehoseTest/!{partitionKeyFromQuery:s3Prefix}",
            "ErrorOutputPrefix": "firehoseTest-errors/!{firehose:error-output-type}/",
            "ProcessingConfiguration": { "Enabled": true, "Processors": [{ "Type": "MetadataExtraction", "Parameters": [
                parameter("MetadataExtractionQuery", "{s3Prefix: .tableName}"), parameter("JsonParsingEngine", "JQ-1.6"),
            ] }] },
        },
    });
    ekk.firehose("CreateDeliveryStream", &create).await.unwrap();
    let request = json!({ "DeliveryStreamName": "described-stream" });
    let answer = ekk.firehose("DescribeDeliveryStream", &request).await.unwrap();
    let expected = members(recorded["delivery_stream"].clone());
    assert_eq!(recorded["outputs"]["deliveryStreamRef"], expected["DeliveryStreamDescription"]["DeliveryStreamName"]);
    assert_eq!(answer.as_object().unwrap().len(), expected.as_object().unwrap().len());
    assert_eq!(normalised(&answer["DeliveryStreamDescription"]), expected["DeliveryStreamDescription"]);
}

/// A stream to a new bucket of its own, which buffers for a minute.
async fn bucket_stream(ekk: &Ekk, name: &str) {
    clients::s3(ekk).create_bucket().bucket(name).send().await.unwrap();
    let create = json!({
        "DeliveryStreamName": name,
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": ROLE, "BucketARN": format!("arn:aws:s3:::{name}"),
            "BufferingHints": { "IntervalInSeconds": 60, "SizeInMBs": 1 },
        },
    });
    ekk.firehose("CreateDeliveryStream", &create).await.unwrap();
}

#[tokio::test]
async fn objects_hold_the_recorded_records_in_their_order() {
    let recorded = recorded("TestKinesisFirehoseScenario::test_kinesis_firehose_s3");
    let ekk = Ekk::start().await.unwrap();
    bucket_stream(&ekk, "ten-messages").await;
    let expected = recorded["s3"].as_array().unwrap();
    for message in expected {
        ekk.put("ten-messages", [message.to_string()]).await.unwrap();
    }
    ekk.settle().await.unwrap();
    let objects = clients::objects(&ekk, "ten-messages").await;
    let bytes: Vec<u8> = objects.into_iter().flat_map(|(_, bytes)| bytes).collect();
    let found: Result<Vec<Value>, _> = Deserializer::from_slice(&bytes).into_iter().collect();
    assert_eq!(&found.unwrap(), expected);
}

#[tokio::test]
async fn each_of_several_streams_writes_the_recorded_record_and_nothing_else() {
    let scenario = "TestFirehoseIntegration::test_kinesis_firehose_kinesis_as_source_multiple_delivery_streams";
    let recorded = recorded(scenario);
    let ekk = Ekk::start().await.unwrap();
    let buckets = recorded["kinesis-event-stream-multiple-delivery-streams"].as_object().unwrap();
    for name in buckets.keys() {
        let name = name.trim_matches(['<', '>']);
        bucket_stream(&ekk, name).await;
        ekk.put(name, ["Test-message-2948294kdlsie"]).await.unwrap();
    }
    ekk.settle().await.unwrap();
    for (name, objects) in buckets {
        let found = clients::objects(&ekk, name.trim_matches(['<', '>'])).await;
        let found: Vec<_> = found.iter().map(|(_, bytes)| std::str::from_utf8(bytes).unwrap()).collect();
        let expected: Vec<_> = objects.as_object().unwrap().values().map(|text| text.as_str().unwrap()).collect();
        assert_eq!(found, expected, "{name}");
    }
}
