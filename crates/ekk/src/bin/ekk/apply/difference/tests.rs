//! A stream as AWS describes it, beside requests that differ from it in one thing each.

use serde_json::json;

use super::*;

fn there() -> Existing {
    Existing {
        description: json!({
            "DeliveryStreamName": "logs", "DeliveryStreamType": "DirectPut", "VersionId": "3",
            "Destinations": [{
                "DestinationId": "destinationId-000000000001",
                "AmazonopensearchserviceDestinationDescription": {
                    "IndexName": "app", "RoleARN": "arn:r", "BufferingHints": { "IntervalInSeconds": 300, "SizeInMBs": 5 },
                    "S3BackupMode": "FailedDocumentsOnly",
                    "ProcessingConfiguration": { "Enabled": true, "Processors": [{ "Type": "Lambda", "Parameters": [
                        { "ParameterName": "LambdaArn", "ParameterValue": "arn:l" },
                        { "ParameterName": "NumberOfRetries", "ParameterValue": "4" },
                        { "ParameterName": "RoleArn", "ParameterValue": "arn:r" },
                        { "ParameterName": "BufferSizeInMBs", "ParameterValue": "1" },
                        { "ParameterName": "BufferIntervalInSeconds", "ParameterValue": "60" },
                    ] }] },
                    "S3DestinationDescription": { "BucketARN": "arn:aws:s3:::b", "CompressionFormat": "UNCOMPRESSED" },
                },
            }],
        }),
        tags: BTreeMap::from([("env".to_owned(), "dev".to_owned())]),
    }
}

/// The request that made it, with members of the destination laid over.
fn request(more: &Value) -> Value {
    let mut request = json!({
        "DeliveryStreamName": "logs",
        "Tags": [{ "Key": "env", "Value": "dev" }],
        "AmazonopensearchserviceDestinationConfiguration": {
            "IndexName": "app", "RoleARN": "arn:r", "TypeName": "", "VpcConfiguration": null,
            "BufferingHints": { "IntervalInSeconds": 300.0 },
            "CloudWatchLoggingOptions": { "Enabled": false, "LogGroupName": "" },
            "ProcessingConfiguration": { "Enabled": true, "Processors": [{ "Type": "Lambda", "Parameters": [
                { "ParameterName": "NumberOfRetries", "ParameterValue": "4" },
                { "ParameterName": "LambdaArn", "ParameterValue": "arn:l" },
            ] }] },
            "S3Configuration": { "BucketARN": "arn:aws:s3:::b", "Prefix": "" },
        },
    });
    let members = request["AmazonopensearchserviceDestinationConfiguration"].as_object_mut().unwrap();
    members.extend(more.as_object().cloned().unwrap());
    request
}

fn differences(request: Value, is_whole: bool) -> Differences {
    let stream = Stream { name: "logs".to_owned(), origin: String::new(), request };
    between(&stream, &there(), is_whole)
}

#[test]
fn what_was_sent_is_what_is_described() {
    assert_eq!(differences(request(&json!({})), true), Differences::default());
    assert_eq!(differences(request(&json!({ "S3BackupMode": "FailedDocumentsOnly" })), true), Differences::default());
}

#[test]
fn parameters_of_a_function_that_are_left_out_have_their_defaults() {
    let with = |parameters: Value| {
        let processors = json!([{ "Type": "Lambda", "Parameters": parameters }]);
        request(&json!({ "ProcessingConfiguration": { "Enabled": true, "Processors": processors } }))
    };
    let function = json!({ "ParameterName": "LambdaArn", "ParameterValue": "arn:l" });
    let retries = |count: &str| json!({ "ParameterName": "NumberOfRetries", "ParameterValue": count });
    let size = json!({ "ParameterName": "BufferSizeInMBs", "ParameterValue": "1" });
    assert_eq!(differences(with(json!([function, size, retries("4")])), true), Differences::default());
    let at = "AmazonopensearchserviceDestination.ProcessingConfiguration.Processors.0.Parameters";
    assert_eq!(differences(with(json!([function])), true).names(), at);
    assert_eq!(differences(with(json!([function, retries("3")])), true).names(), at);
    assert_eq!(differences(with(json!([function, retries("5")])), true).names(), format!("{at}.1.ParameterValue"));
}

#[test]
fn another_value_becomes_an_update_by_the_names_of_an_update() {
    let more = json!({ "S3Configuration": { "BucketARN": "arn:aws:s3:::b", "Prefix": "p/" }, "S3BackupMode": "FailedDocumentsOnly" });
    let found = differences(request(&more), true);
    assert_eq!(found.names(), "AmazonopensearchserviceDestination.S3Configuration.Prefix");
    let (operation, update) = &found.requests[0];
    assert_eq!((*operation, found.requests.len()), ("UpdateDestination", 1));
    assert_eq!(update["CurrentDeliveryStreamVersionId"], "3");
    assert_eq!(update["DestinationId"], "destinationId-000000000001");
    let update = &update["AmazonopensearchserviceDestinationUpdate"];
    assert_eq!(update["S3Update"]["Prefix"], "p/");
    assert_eq!((update.get("S3BackupMode"), update.get("S3Configuration")), (None, None));
}

#[test]
fn what_no_update_changes_is_told() {
    for (more, expected) in [
        (json!({ "S3BackupMode": "AllDocuments" }), "S3BackupMode"),
        (json!({ "VpcConfiguration": { "RoleARN": "arn:v" } }), "VpcConfiguration"),
    ] {
        assert_eq!(differences(request(&more), true).fixed, [expected]);
    }
    let mut other = request(&json!({}));
    other["DeliveryStreamType"] = json!("KinesisStreamAsSource");
    assert_eq!(differences(other, true).fixed, ["DeliveryStreamType"]);
}

#[test]
fn another_destination_is_left_for_the_api_to_refuse() {
    let request = json!({ "DeliveryStreamName": "logs", "SplunkDestinationConfiguration": { "HECToken": "t" } });
    let found = differences(request, false);
    assert_eq!(found.names(), "SplunkDestination");
    assert_eq!(found.requests[0].1["SplunkDestinationUpdate"], json!({ "HECToken": "t" }));
}

#[test]
fn tags_and_encryption_follow_the_file_when_it_is_whole() {
    let mut other = request(&json!({}));
    other["Tags"] = json!([{ "Key": "team", "Value": "a" }]);
    other["DeliveryStreamEncryptionConfigurationInput"] = json!({ "KeyType": "AWS_OWNED_CMK" });
    let found = differences(other.clone(), true);
    let operations: Vec<&str> = found.requests.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(operations, ["StartDeliveryStreamEncryption", "UntagDeliveryStream", "TagDeliveryStream"]);
    assert_eq!(found.names(), "encryption, Tags");
    other.as_object_mut().unwrap().remove("Tags");
    assert_eq!(differences(other.clone(), false).names(), "encryption");
    assert_eq!(differences(other, true).names(), "encryption, Tags");
}
