//! What is read as what, and that no text makes the crate panic, hang or overflow.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn options() -> Options {
    Options {
        stack: "stack".to_owned(),
        region: "us-east-1".to_owned(),
        account: "000000000000".to_owned(),
        parameters: BTreeMap::new(),
    }
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = read(text, &options()).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn requests_are_taken_as_they_are_alone_or_several() {
    let one = json!({ "DeliveryStreamName": "a", "ExtendedS3DestinationConfiguration": { "Anything": [1] } });
    let reading = read(&one.to_string(), &options()).unwrap();
    assert_eq!(reading.format, Format::Request);
    assert_eq!(reading.streams, [Stream { name: "a".to_owned(), origin: "request".to_owned(), request: one.clone() }]);
    let two = json!([one, { "DeliveryStreamName": "b" }]);
    let names: Vec<String> =
        read(&two.to_string(), &options()).unwrap().streams.into_iter().map(|stream| stream.name).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn what_holds_no_streams_is_refused_with_what_to_do() {
    for (text, expected) in [
        ("{\"DeliveryStreamName\": ", "the file is no JSON: EOF"),
        ("resource \"aws_s3_bucket\" \"b\" {}", "use the output of `terraform show -json`"),
        ("{\"terraform_version\": \"1.11.4\", \"serial\": 1}", "it is a state file of Terraform"),
        ("{\"artifacts\": {}}", "it is the manifest of a CDK assembly"),
        ("{}", "it has none of DeliveryStreamName, Resources, planned_values and values"),
        ("{\"Resources\": {}}", "there is no delivery stream in the file"),
        ("[]", "it has none of"),
        ("{\"S3DestinationConfiguration\": {}}", "request: the request has no DeliveryStreamName"),
        ("[{\"DeliveryStreamName\": \"a\"}, {\"DeliveryStreamName\": \"a\"}]", "[001]: [000] has the name a too"),
        ("", "the file is no YAML: it is empty"),
    ] {
        refused(text, expected);
    }
    let mut with_parameters = options();
    with_parameters.parameters.insert("A".to_owned(), "b".to_owned());
    let error = read("{\"DeliveryStreamName\": \"a\"}", &with_parameters).unwrap_err().to_string();
    assert_eq!(error, "only a CloudFormation template has parameters");
}

#[test]
fn size_and_depth_are_bounded() {
    refused(&" ".repeat(limits::FILE_BYTES + 1), "is over the 67108864-byte limit");
    refused(&"[".repeat(100_000), "recursion limit exceeded");
    refused(&"{a: ".repeat(100_000), "the file is no JSON");
    refused(&"a:\n ".repeat(1000), "the file is no YAML");
    refused(&format!("- {}", "[".repeat(100_000)), "the file is no YAML");
}

#[test]
fn every_bucket_of_a_request_is_found_once() {
    let request = json!({
        "ExtendedS3DestinationConfiguration": {
            "BucketARN": "arn:aws:s3:::logs",
            "S3BackupConfiguration": { "BucketARN": "arn:aws:s3:::raw" },
            "ProcessingConfiguration": { "Processors": [{ "BucketARN": "arn:aws:s3:::logs" }] },
        }
    });
    assert_eq!(buckets(&request), ["logs", "raw"]);
}

/// Names that mean something to one of the formats, so that random documents get somewhere.
const NAMES: [&str; 34] = [
    "Resources",
    "Parameters",
    "Conditions",
    "Mappings",
    "Stream",
    "Type",
    "Properties",
    "Condition",
    "Ref",
    "Fn::Sub",
    "Fn::Join",
    "Fn::If",
    "Fn::GetAtt",
    "Fn::Select",
    "Fn::Split",
    "Fn::FindInMap",
    "Fn::Equals",
    "Default",
    "ExtendedS3DestinationConfiguration",
    "DeliveryStreamName",
    "BucketARN",
    "format_version",
    "planned_values",
    "values",
    "root_module",
    "resources",
    "child_modules",
    "address",
    "configuration",
    "resource_changes",
    "change",
    "after_unknown",
    "extended_s3_configuration",
    "name",
];

const TEXTS: [&str; 12] = [
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::S3::Bucket",
    "aws_kinesis_firehose_delivery_stream",
    "Stream",
    "Stream.Arn",
    "${Stream}",
    "${Stream.Arn}-${",
    "extended_s3",
    "AWS::NoValue",
    "managed",
    "module.a[\"b\"].c",
    "",
];

fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    scalar.prop_recursive(8, 96, 8, |inner| {
        let name = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn random_documents_are_read_or_refused(document in document()) {
        let stream = json!({ "Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": document });
        for text in [
            document.to_string(),
            json!({ "Resources": { "Stream": stream, "Other": document }, "Conditions": document, "Mappings": document }).to_string(),
            json!({ "format_version": "1.2", "planned_values": document, "configuration": document }).to_string(),
            json!({ "format_version": "1.0", "values": { "root_module": { "resources": [{
                "address": "a.b", "type": "aws_kinesis_firehose_delivery_stream", "values": document,
            }] } } }).to_string(),
        ] {
            drop(read(&text, &options()));
        }
    }

    #[test]
    fn random_text_is_read_or_refused(text in "[\\PC\\n\\t]{0,200}") {
        drop(read(&text, &options()));
    }

    #[test]
    fn random_yaml_is_read_or_refused(text in "([ \\n:,!&*|>#%?'\"\\[\\]{}-]|Ref|Sub|a|1){0,120}") {
        drop(read(&text, &options()));
    }
}
