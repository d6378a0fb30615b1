//! Processors and partitions: which go together, and which parameters each needs.

use serde_json::{Value, json};

use super::{
    super::Kind,
    configured, described, patched, refusal,
    samples::{lambda, smallest},
};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:transform";

/// A processor with parameters.
fn processor(kind: &str, parameters: &[(&str, &str)]) -> Value {
    let parameter = |(name, value): &(&str, &str)| json!({"ParameterName": name, "ParameterValue": value});
    json!({"Type": kind, "Parameters": parameters.iter().map(parameter).collect::<Vec<_>>()})
}

fn extraction(query: &str) -> Value {
    processor("MetadataExtraction", &[("MetadataExtractionQuery", query), ("JsonParsingEngine", "JQ-1.6")])
}

fn enabled(processors: &[Value]) -> Value {
    json!({"ProcessingConfiguration": {"Enabled": true, "Processors": processors}})
}

/// Processors of every kind of destination are refused.
#[track_caller]
fn check(processors: &[Value], expected: &str) {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::S3) {
        let configuration = patched(smallest(kind), &enabled(processors));
        assert_eq!(refusal(configured(kind, &configuration)), expected, "{kind:?} {processors:?}");
    }
}

#[track_caller]
fn check_taken(processors: &[Value]) {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::S3) {
        let configuration = patched(smallest(kind), &enabled(processors));
        configured(kind, &configuration).unwrap_or_else(|error| panic!("{kind:?} {processors:?}: {error}"));
    }
}

#[test]
fn there_are_one_to_five_processors_each_once() {
    let text = "A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled.";
    check(&[], text);
    let one = processor("Lambda", &[("LambdaArn", FUNCTION)]);
    check(&vec![one.clone(); 6], text);
    let other = processor("Lambda", &[("LambdaArn", &format!("{FUNCTION}:2"))]);
    check(&[one.clone(), other], "Cannot have more than 1 Lambda processor.");
    let delimiter = json!({"Type": "AppendDelimiterToRecord"});
    check(&[delimiter.clone(), delimiter.clone()], "Cannot have more than 1 AppendDelimiterToRecord processor.");
    check_taken(&[one, delimiter]);
}

#[test]
fn a_function_has_an_arn_and_parameters_in_their_ranges() {
    check(&[json!({"Type": "Lambda"})], "LambdaArn is required when Lambda processor is used.");
    check(&[processor("Lambda", &[("NumberOfRetries", "1")])], "LambdaArn is required when Lambda processor is used.");
    for arn in ["transform", "arn:aws:s3:::logs", "arn:aws:lambda:us-east-1:000000000000:function:"] {
        let text = format!("LambdaArn {arn} is not the ARN of a Lambda function.");
        check(&[processor("Lambda", &[("LambdaArn", arn)])], &text);
    }
    let with = |parameters: &[(&str, &str)]| processor("Lambda", &[&[("LambdaArn", FUNCTION)], parameters].concat());
    let (size, interval, retries) = ("BufferSizeInMBs", "BufferIntervalInSeconds", "NumberOfRetries");
    let both = "Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda \
                processor.";
    check(&[with(&[(size, "1")])], both);
    check(&[with(&[(interval, "60")])], both);
    for value in ["3.01", "0.199", "-1", "big", "NaN"] {
        let text = "BufferSizeInMBs for lambda processor must be between 0.2 and 3.";
        check(&[with(&[(size, value), (interval, "60")])], text);
    }
    for value in ["901", "-1", "0.5", "long"] {
        let text = "BufferIntervalInSeconds for lambda processor must be between 0 and 900.";
        check(&[with(&[(size, "1"), (interval, value)])], text);
    }
    for value in ["301", "-1", "1.5", "inf"] {
        check(&[with(&[(retries, value)])], "Number of retries for lambda must be between 0 and 300.");
    }
    check_taken(&[with(&[(size, "0.2"), (interval, "0"), (retries, "0")])]);
    check_taken(&[with(&[(size, "3"), (interval, "900"), (retries, "300")])]);
}

#[test]
fn parameters_that_are_left_out_are_described_with_their_defaults() {
    let given = [processor("Lambda", &[("LambdaArn", FUNCTION), ("NumberOfRetries", "0")])];
    let delimiter = json!({"Type": "AppendDelimiterToRecord"});
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::S3) {
        let configuration = patched(smallest(kind), &enabled(&[given[0].clone(), delimiter.clone()]));
        let found = described(&configured(kind, &configuration).unwrap());
        let role = [("RoleArn", configuration["RoleARN"].as_str().unwrap_or_default())];
        let has_role = configuration.get("RoleARN").is_some();
        let size = if kind == Kind::Splunk { "0.25" } else { "1" };
        let parameters = [
            &[("LambdaArn", FUNCTION), ("NumberOfRetries", "0")],
            role.get(..usize::from(has_role)).unwrap(),
            &[("BufferSizeInMBs", size), ("BufferIntervalInSeconds", "60")],
        ];
        let expected = [processor("Lambda", &parameters.concat()), processor("AppendDelimiterToRecord", &[])];
        assert_eq!(found["ProcessingConfiguration"], enabled(&expected)["ProcessingConfiguration"], "{kind:?}");
    }
}

#[test]
fn parameters_are_of_their_processor_and_given_once() {
    check(
        &[processor("Lambda", &[("LambdaArn", FUNCTION), ("Delimiter", "a")])],
        "Delimiter is not a parameter of the Lambda processor.",
    );
    check(
        &[processor("AppendDelimiterToRecord", &[("Delimiter", "a"), ("Delimiter", "b")])],
        "Delimiter is given more than once for the AppendDelimiterToRecord processor.",
    );
}

#[test]
fn logs_are_decompressed_before_their_messages_are_taken() {
    let messages = |value: &str| processor("CloudWatchLogProcessing", &[("DataMessageExtraction", value)]);
    let decompression = |value: &str| processor("Decompression", &[("CompressionFormat", value)]);
    check(&[messages("true")], "CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor");
    let text = "Invalid parameter value for DataMessageExtraction. Allowed values are True and False.";
    check(&[decompression("GZIP"), messages("yes")], text);
    check(&[decompression("GZIP"), json!({"Type": "CloudWatchLogProcessing"})], text);
    check(&[decompression("ZIP")], "CompressionFormat has to be GZIP");
    check(&[json!({"Type": "Decompression"})], "CompressionFormat has to be GZIP");
    check_taken(&[decompression("GZIP"), messages("true")]);
    check_taken(&[decompression("GZIP"), messages("False")]);
}

#[test]
fn keys_are_extracted_for_partitions_and_tables_alone() {
    let json = processor("RecordDeAggregation", &[("SubRecordType", "JSON")]);
    for (name, processor) in [("MetadataExtraction", extraction("{a: .a}")), ("RecordDeAggregation", json)] {
        for kind in Kind::ALL {
            let configuration = patched(smallest(kind), &enabled(std::slice::from_ref(&processor)));
            if kind == Kind::Iceberg {
                configured(kind, &configuration).unwrap();
            } else if kind != Kind::S3 {
                let text = format!(
                    "class com.amazonaws.services.firehose.internal.model.{name}Processor can only be present when \
                     Dynamic Partitioning is enabled."
                );
                assert_eq!(refusal(configured(kind, &configuration)), text, "{kind:?}");
            }
        }
    }
}

#[test]
fn processing_that_is_not_enabled_is_not_looked_at() {
    for processing in [
        json!({"Enabled": false, "Processors": [{"Type": "Lambda"}]}),
        json!({"Processors": [{"Type": "Lambda"}, {"Type": "Lambda"}]}),
        json!({"Enabled": false}),
        json!({}),
    ] {
        let configuration = patched(smallest(Kind::Splunk), &json!({"ProcessingConfiguration": processing}));
        let found = super::described(&configured(Kind::Splunk, &configuration).unwrap());
        let expected = patched(processing, &json!({"Enabled": false}));
        assert_eq!(found["ProcessingConfiguration"], expected);
    }
}

/// An Extended S3 destination with partitions by a query.
fn partitioned() -> Value {
    let processing = enabled(&[extraction("{customer: .customer, day: .day}")]);
    let partitioning = json!({
        "Prefix": "a/!{partitionKeyFromQuery:customer}/!{partitionKeyFromQuery:day}/!{timestamp:HH}/",
        "ErrorOutputPrefix": "errors/",
        "DynamicPartitioningConfiguration": {"Enabled": true},
    });
    patched(patched(smallest(Kind::ExtendedS3), &partitioning), &processing)
}

#[track_caller]
fn check_partitioned(patch: &Value, expected: &str) {
    let configuration = patched(partitioned(), patch);
    assert_eq!(refusal(configured(Kind::ExtendedS3, &configuration)), expected, "{patch}");
}

#[test]
fn partitions_have_large_buffers() {
    configured(Kind::ExtendedS3, &partitioned()).unwrap();
    check_partitioned(
        &json!({"BufferingHints": {"SizeInMBs": 63, "IntervalInSeconds": 300}}),
        "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.",
    );
    for interval in [0, 59] {
        check_partitioned(
            &json!({"BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": interval}}),
            "BufferingHints.IntervalInSeconds must be at least 60 seconds when Dynamic Partitioning is enabled.",
        );
    }
}

#[test]
fn the_keys_of_a_prefix_come_from_processors() {
    check_partitioned(
        &json!({"Prefix": "data/plain/"}),
        "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled",
    );
    check_partitioned(
        &json!({"ErrorOutputPrefix": null}),
        "Ths supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or empty \
         when Prefix contains expressions",
    );
    let none = "Processing Configuration is not enabled when DataPartitioning is enabled";
    check_partitioned(&json!({"ProcessingConfiguration": null}), none);
    check_partitioned(&enabled(&[json!({"Type": "AppendDelimiterToRecord"})]), none);
    check_partitioned(
        &json!({"Prefix": "!{partitionKeyFromLambda:a}/!{partitionKeyFromQuery:customer}"}),
        "Lambda should be present when S3 Prefix contains keys from partitionKeyFromLambda namespace",
    );
    check_partitioned(
        &json!({"ProcessingConfiguration": lambda()}),
        "MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace",
    );
    check_partitioned(
        &json!({"Prefix": "p/!{partitionKeyFromQuery:missing}/"}),
        "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression",
    );
    configured(Kind::ExtendedS3, &patched(partitioned(), &enabled(&[extraction(".keys")]))).unwrap();
}

#[test]
fn partitions_have_parameters_of_their_own() {
    let engine = "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6";
    for (parameters, text) in [
        (&[("MetadataExtractionQuery", "{customer: .c, day: .d}")][..], engine),
        (&[("MetadataExtractionQuery", "{customer: .c, day: .d}"), ("JsonParsingEngine", "JQ-1.7")], engine),
        (
            &[("JsonParsingEngine", "JQ-1.6")],
            "MetadataExtractionQuery is required when MetadataExtraction processor is used.",
        ),
    ] {
        check_partitioned(&enabled(&[processor("MetadataExtraction", parameters)]), text);
    }
    for (parameters, text) in [
        (&[("SubRecordType", "CSV")][..], "SubRecordType has to be one of JSON, DELIMITED"),
        (&[], "SubRecordType has to be one of JSON, DELIMITED"),
        (&[("SubRecordType", "DELIMITED")], "Delimiter should be present for DELIMITED"),
        (&[("SubRecordType", "DELIMITED"), ("Delimiter", "####")], "Delimiter #### is not in base64."),
    ] {
        check_partitioned(&enabled(&[processor("RecordDeAggregation", parameters)]), text);
    }
    let delimited = processor("RecordDeAggregation", &[("SubRecordType", "DELIMITED"), ("Delimiter", "IyMjIw==")]);
    let both = enabled(&[delimited, extraction("{customer: .c, day: .d}")]);
    configured(Kind::ExtendedS3, &patched(partitioned(), &both)).unwrap();
}
