//! What is described of each kind: its defaults, all that was sent, and no secret.

use serde_json::{Value, json};

use super::{
    super::{Kind, conversion::CONVERSION, settings},
    configured, described, patched,
    samples::{conversion, formats, smallest, terraform, whole},
};
use crate::model::{Member, Shape, Structure, shapes};

/// Members of requests that descriptions have none for: secrets.
const SECRETS: [&str; 4] = ["Password", "AccessKey", "PrivateKey", "KeyPassphrase"];

#[test]
fn every_kind_is_described_with_its_defaults() {
    for kind in Kind::ALL {
        let found = described(&configured(kind, &smallest(kind)).unwrap());
        insta::assert_json_snapshot!(format!("{}_with_its_defaults", kind.name()), found);
    }
}

/// Checks that all that was sent is described as it was sent.
#[track_caller]
fn check_described(kind: Kind, sent: &Value, found: &Value) {
    for (name, value) in sent.as_object().unwrap() {
        let found = &found[settings::described_name(name)];
        match value {
            _ if SECRETS.contains(&name.as_str()) => assert_eq!(found, &Value::Null, "{kind:?} {name}"),
            Value::Object(_) => check_described(kind, value, found),
            value => assert_eq!(found, value, "{kind:?} {name}"),
        }
    }
}

#[test]
fn every_member_of_every_kind_is_described_as_it_was_sent() {
    for kind in Kind::ALL {
        let sent = whole(kind);
        check_has_all(kind.shape(&shapes::CREATE_DELIVERY_STREAM_INPUT_MEMBERS, "Configuration"), &sent);
        let destination = configured(kind, &sent).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        check_described(kind, &sent, &described(&destination));
    }
}

#[test]
fn every_member_of_every_format_is_described_as_it_was_sent() {
    for conversion in formats() {
        for (part, choice) in
            [("InputFormatConfiguration", "Deserializer"), ("OutputFormatConfiguration", "Serializer")]
        {
            let (name, sent) = conversion[part][choice].as_object().unwrap().iter().next().unwrap();
            let kind = Kind::ExtendedS3.shape(&shapes::CREATE_DELIVERY_STREAM_INPUT_MEMBERS, "Configuration");
            let shape = [CONVERSION, part, choice, name].iter().fold(kind, |shape, name| shape_of(shape, name));
            check_has_all(shape, sent);
        }
        let sent = patched(smallest(Kind::ExtendedS3), &json!({CONVERSION: conversion}));
        let found = described(&configured(Kind::ExtendedS3, &sent).unwrap());
        assert_eq!(found[CONVERSION], sent[CONVERSION]);
    }
}

/// The structure of a member.
fn shape_of(structure: &'static Structure, name: &str) -> &'static Structure {
    match structure.members.iter().find(|member| member.name == name) {
        Some(Member { shape: Shape::Structure(inner), .. }) => inner,
        other => panic!("{name} of {} is {other:?}", structure.name),
    }
}

/// Checks that a sample leaves no member of its shape out, but for alternatives.
fn check_has_all(structure: &Structure, sent: &Value) {
    for member in structure.members {
        let is_left_out = sent.get(member.name).is_none();
        let is_alternative = [
            "ClusterEndpoint",
            "NoEncryptionConfig",
            "Processors",
            "DataFormatConversionConfiguration",
            "OpenXJsonSerDe",
            "OrcSerDe",
        ];
        assert!(!is_left_out || is_alternative.contains(&member.name), "{} of {}", member.name, structure.name);
        if let (Shape::Structure(inner), Some(sent), false) =
            (member.shape, sent.get(member.name), is_alternative.contains(&member.name))
        {
            check_has_all(inner, sent);
        }
    }
}

#[test]
fn what_terraform_sends_is_described_without_a_difference() {
    for kind in Kind::ALL {
        let sent = terraform(kind);
        let found = described(&configured(kind, &sent).unwrap_or_else(|error| panic!("{kind:?}: {error}")));
        check_described(kind, &sent, &found);
    }
}

#[test]
fn a_bucket_is_described_as_the_plain_and_as_the_extended_one() {
    let destination = configured(Kind::ExtendedS3, &terraform(Kind::ExtendedS3)).unwrap();
    let described = serde_json::to_value(destination.described("destinationId-000000000001").unwrap()).unwrap();
    let plain = described["S3DestinationDescription"].as_object().unwrap();
    let names: Vec<_> = plain.keys().map(String::as_str).collect();
    let expected = [
        "BucketARN",
        "BufferingHints",
        "CloudWatchLoggingOptions",
        "CompressionFormat",
        "EncryptionConfiguration",
        "ErrorOutputPrefix",
        "Prefix",
        "RoleARN",
    ];
    assert_eq!(names, expected);
    let plain = configured(Kind::S3, &smallest(Kind::S3)).unwrap();
    let described = serde_json::to_value(plain.described("destinationId-000000000001").unwrap()).unwrap();
    let extended = described["ExtendedS3DestinationDescription"].as_object().unwrap();
    assert_eq!(extended["S3BackupMode"], "Disabled");
    assert_eq!(extended["BucketARN"], described["S3DestinationDescription"]["BucketARN"]);
}

#[test]
fn a_token_of_splunk_is_described_and_other_secrets_are_not() {
    let splunk = described(&configured(Kind::Splunk, &smallest(Kind::Splunk)).unwrap());
    assert_eq!(splunk["HECToken"], "token");
    for kind in [Kind::Redshift, Kind::HttpEndpoint, Kind::Snowflake] {
        let text = described(&configured(kind, &whole(kind)).unwrap()).to_string();
        assert!(!SECRETS.iter().any(|secret| text.contains(&format!("\"{secret}\""))), "{text}");
    }
}

#[test]
fn large_buffers_are_the_default_of_another_format_and_of_partitions() {
    let mut configuration = smallest(Kind::ExtendedS3);
    configuration["DataFormatConversionConfiguration"] = conversion();
    configuration["DataFormatConversionConfiguration"].as_object_mut().unwrap().remove("Enabled");
    let found = described(&configured(Kind::ExtendedS3, &configuration).unwrap());
    assert_eq!(found["BufferingHints"], json!({"IntervalInSeconds": 300, "SizeInMBs": 128}));
    assert_eq!(found["DataFormatConversionConfiguration"]["Enabled"], true);
    let mut configuration = whole(Kind::ExtendedS3);
    configuration["DataFormatConversionConfiguration"].take();
    configuration["BufferingHints"].take();
    configuration["DynamicPartitioningConfiguration"] = json!({"Enabled": true});
    let found = described(&configured(Kind::ExtendedS3, &configuration).unwrap());
    assert_eq!(found["BufferingHints"], json!({"IntervalInSeconds": 300, "SizeInMBs": 128}));
    let partitioning = json!({"Enabled": true, "RetryOptions": {"DurationInSeconds": 300}});
    assert_eq!(found["DynamicPartitioningConfiguration"], partitioning);
}

#[test]
fn partners_have_buffers_of_their_own() {
    for (url, size_in_mbs) in [
        ("https://aws-kinesis-http-intake.logs.datadoghq.com/v1/input", 4),
        ("https://firehose-ingress.coralogix.com/firehose", 6),
        ("https://logs.es.us-east-1.aws.elastic-cloud.com", 1),
        ("https://api.honeycomb.io/1/kinesis_events/logs", 15),
        ("https://nothoneycomb.io", 5),
        ("https://abc.live.dynatrace.com/api/v2/logs/ingest/aws_firehose", 5),
    ] {
        let mut configuration = smallest(Kind::HttpEndpoint);
        configuration["EndpointConfiguration"]["Url"] = json!(url);
        let found = described(&configured(Kind::HttpEndpoint, &configuration).unwrap());
        let hints = json!({"IntervalInSeconds": 60, "SizeInMBs": size_in_mbs});
        assert_eq!(found["BufferingHints"], hints, "{url}");
    }
}

#[test]
fn what_has_no_effect_is_said() {
    let opensearch = configured(Kind::Amazonopensearchservice, &whole(Kind::Amazonopensearchservice)).unwrap();
    let expected = ["CloudWatchLoggingOptions", "EncryptionConfiguration.KMSEncryptionConfig", "VpcConfiguration"];
    assert_eq!(opensearch.without_effect(), expected);
    let mut configuration = smallest(Kind::ExtendedS3);
    configuration["ProcessingConfiguration"] = json!({"Processors": [{"Type": "AppendDelimiterToRecord"}]});
    let off = configured(Kind::ExtendedS3, &configuration).unwrap();
    assert_eq!(off.without_effect(), ["ProcessingConfiguration.Processors, for it is not enabled"]);
    for kind in Kind::ALL {
        assert!(configured(kind, &terraform(kind)).unwrap().without_effect().is_empty(), "{kind:?}");
    }
}
