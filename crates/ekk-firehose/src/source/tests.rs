//! Which source each type of stream has, and what is refused with which words.

use serde_json::{Value, json};

use super::*;
use crate::{destination::tests::samples, model};

const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";

/// A request with every source configuration.
fn configurations() -> Value {
    json!({
        "DirectPutSourceConfiguration": {"ThroughputHintInMBs": 5},
        "KinesisStreamSourceConfiguration": {
            "KinesisStreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/logs",
            "RoleARN": ROLE,
        },
        "MSKSourceConfiguration": {
            "MSKClusterARN": "arn:aws:kafka:us-east-1:000000000000:cluster/logs/1",
            "TopicName": "logs",
            "AuthenticationConfiguration": {"RoleARN": ROLE, "Connectivity": "PRIVATE"},
        },
        "DatabaseSourceConfiguration": {
            "Type": "MySQL",
            "Endpoint": "db.example.com",
            "Port": 3306,
            "SSLMode": "Enabled",
            "Databases": {"Include": ["logs"]},
            "Tables": {"Include": ["logs.events"]},
            "SnapshotWatermarkTable": "logs.watermark",
            "DatabaseSourceAuthenticationConfiguration": {"SecretsManagerConfiguration": {"Enabled": false}},
            "DatabaseSourceVPCConfiguration": {
                "VpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
            },
        },
    })
}

/// The source of a request of this type with these configurations.
fn source(kind: Option<&str>, names: &[&str], destination: Kind) -> Result<Option<Value>, String> {
    let mut request = json!({
        "DeliveryStreamName": "logs",
        "DeliveryStreamType": kind,
        destination.member("Configuration"): samples::smallest(destination),
    });
    for name in names {
        request[*name] = configurations()[*name].clone();
    }
    let checked = model::check::<CreateDeliveryStreamInput>(request.to_string().as_bytes()).unwrap();
    let destination = Destination::configured(&checked.0, "us-east-1").unwrap();
    let start = "2026-01-01T00:00:00.25Z".parse().unwrap();
    match of(&checked.into_input().unwrap(), &destination, start) {
        Ok((_, source)) => Ok(source.map(|source| serde_json::to_value(source).unwrap())),
        Err(ApiError::InvalidArgument(text)) => Err(text.into_owned()),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn each_type_of_stream_has_the_source_that_it_needs() {
    for (kind, names, text) in [
        (
            None,
            &["KinesisStreamSourceConfiguration"][..],
            "KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type",
        ),
        (
            Some("DirectPut"),
            &["MSKSourceConfiguration"],
            "MSKSourceConfig is only applicable for MSKAsSource stream type",
        ),
        (
            Some("MSKAsSource"),
            &["MSKSourceConfiguration", "DatabaseSourceConfiguration"],
            "DatabaseSourceConfig is only applicable for DatabaseAsSource stream type",
        ),
        (
            Some("KinesisStreamAsSource"),
            &["KinesisStreamSourceConfiguration", "DirectPutSourceConfiguration"],
            "DirectPutSourceConfig is only applicable for DirectPut stream type",
        ),
        (
            Some("KinesisStreamAsSource"),
            &[],
            "KinesisSourceStreamConfig is mandatory for KinesisStreamAsSource stream type.",
        ),
        (Some("MSKAsSource"), &[], "MSKSourceConfig is mandatory for MSK as Source stream type."),
        (
            Some("DatabaseAsSource"),
            &["DatabaseSourceConfiguration"],
            "IcebergDestinationConfiguration must be specified for Database as Source.",
        ),
    ] {
        assert_eq!(source(kind, names, Kind::S3), Err(text.to_owned()), "{kind:?} {names:?}");
    }
    assert_eq!(
        source(Some("DatabaseAsSource"), &[], Kind::Iceberg),
        Err("DatabaseSourceConfig is mandatory for Database as Source stream type.".to_owned())
    );
}

#[test]
fn a_source_is_described_as_it_was_configured() {
    assert_eq!(source(None, &[], Kind::S3), Ok(None));
    let direct = source(Some("DirectPut"), &["DirectPutSourceConfiguration"], Kind::S3).unwrap().unwrap();
    assert_eq!(direct, json!({"DirectPutSourceDescription": {"ThroughputHintInMBs": 5}}));
    let kinesis =
        source(Some("KinesisStreamAsSource"), &["KinesisStreamSourceConfiguration"], Kind::S3).unwrap().unwrap();
    let mut expected = configurations()["KinesisStreamSourceConfiguration"].clone();
    expected["DeliveryStartTimestamp"] = json!(1_767_225_600.25);
    assert_eq!(kinesis, json!({"KinesisStreamSourceDescription": expected}));
    let msk = source(Some("MSKAsSource"), &["MSKSourceConfiguration"], Kind::S3).unwrap().unwrap();
    let mut expected = configurations()["MSKSourceConfiguration"].clone();
    expected["DeliveryStartTimestamp"] = json!(1_767_225_600.25);
    expected["ReadFromTimestamp"] = json!(1_767_225_600.25);
    assert_eq!(msk, json!({"MSKSourceDescription": expected}));
    let database = source(Some("DatabaseAsSource"), &["DatabaseSourceConfiguration"], Kind::Iceberg).unwrap().unwrap();
    assert_eq!(database, json!({"DatabaseSourceDescription": configurations()["DatabaseSourceConfiguration"]}));
}
