//! What the AWS SDK for Rust reads of each description: every member, with the value that is on the wire.
//!
//! The SDK's types are compared by what they print, which spells names and values of enums in Rust's way: case and
//! underscores are left out on both sides.

use aws_sdk_firehose::types::DestinationDescription;
use serde_json::{Value, json};

use super::{Stand, bucket, kinesis_stream, named, sdk::client, stream};
use crate::destination::{
    Kind,
    tests::{patched, samples},
};

/// What the SDK prints in the place of a value that its model calls sensitive.
const REDACTED: &str = r#""***sensitivedataredacted***""#;

fn plain(text: &str) -> String {
    text.chars().filter(|char| !matches!(char, '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Checks that each value of the wire is in what the SDK prints of it.
#[track_caller]
fn check_printed(name: &str, wire: &Value, printed: &str) {
    match wire {
        // Numbers of seconds become dates, which are checked elsewhere.
        _ if name.ends_with("Timestamp") => {
            assert!(printed.contains(&plain(&format!("{name}:Some("))), "{name} of {printed}");
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| check_printed(name, value, printed)),
        Value::Array(items) => items.iter().for_each(|item| check_printed("", item, printed)),
        leaf => {
            let text = match leaf {
                Value::String(text) => plain(&format!("{text:?}")),
                other => other.to_string(),
            };
            // A value of an enum is printed without quotes.
            let ways = [text.as_str(), text.trim_matches('"'), REDACTED];
            let forms =
                ways.map(|way| [format!("{way},"), format!("{way}}}"), format!("{way}]"), format!("some({way})")]);
            let name = plain(name);
            // Elements of lists have no name, and keys of maps have quotes.
            let labels = if name.is_empty() { vec![name] } else { vec![format!("{name}:"), format!("\"{name}\":")] };
            let is_printed =
                |label: &String| forms.iter().flatten().any(|form| printed.contains(&format!("{label}{form}")));
            let found = labels.iter().any(is_printed);
            assert!(found, "{labels:?} {text} is not in {printed}");
        }
    }
}

/// Whether a description of this kind is there.
fn is_described(kind: Kind, destination: &DestinationDescription) -> bool {
    match kind {
        Kind::S3 => destination.s3_destination_description().is_some(),
        Kind::ExtendedS3 => destination.extended_s3_destination_description().is_some(),
        Kind::Redshift => destination.redshift_destination_description().is_some(),
        Kind::Elasticsearch => destination.elasticsearch_destination_description().is_some(),
        Kind::Amazonopensearchservice => destination.amazonopensearchservice_destination_description().is_some(),
        Kind::Splunk => destination.splunk_destination_description().is_some(),
        Kind::HttpEndpoint => destination.http_endpoint_destination_description().is_some(),
        Kind::AmazonOpenSearchServerless => {
            destination.amazon_open_search_serverless_destination_description().is_some()
        }
        Kind::Snowflake => destination.snowflake_destination_description().is_some(),
        Kind::Iceberg => destination.iceberg_destination_description().is_some(),
    }
}

/// Creates a stream, and checks that the SDK reads of its description what is on the wire.
async fn check(stand: &Stand, request: &Value) -> DestinationDescription {
    let name = request["DeliveryStreamName"].as_str().unwrap();
    stand.firehose.create_from_json(request.to_string().as_bytes()).unwrap();
    let wire = stand.call("DescribeDeliveryStream", &named(name)).await.ok();
    let described = client(stand).describe_delivery_stream().delivery_stream_name(name).send().await.unwrap();
    let description = described.delivery_stream_description().unwrap();
    // Two values that the SDK calls by other names.
    let printed = plain(&format!("{description:?}"))
        .replace("lambdanumberofretries", "numberofretries")
        .replace(":buffersizeinmb,", ":buffersizeinmbs,");
    assert!(!printed.contains("unknown("), "the SDK knows each value: {printed}");
    check_printed("", &wire["DeliveryStreamDescription"], &printed);
    description.destinations()[0].clone()
}

#[tokio::test]
async fn the_sdk_reads_every_kind_of_destination_with_few_members_and_with_all() {
    let stand = Stand::allowing_undelivered();
    for kind in Kind::ALL {
        let samples = [samples::smallest(kind), samples::terraform(kind), samples::whole(kind)];
        for (number, configuration) in samples.into_iter().enumerate() {
            let name = format!("{}-{number}", kind.name());
            let request = json!({"DeliveryStreamName": name, kind.member("Configuration"): configuration});
            let destination = check(&stand, &request).await;
            assert!(is_described(kind, &destination), "{name}");
        }
    }
}

#[tokio::test]
async fn the_sdk_reads_every_member_of_every_format() {
    let stand = Stand::allowing_undelivered();
    for (number, conversion) in samples::formats().into_iter().enumerate() {
        let configuration = patched(bucket(), &json!({"DataFormatConversionConfiguration": conversion}));
        let name = format!("format-{number}");
        check(&stand, &json!({"DeliveryStreamName": name, "ExtendedS3DestinationConfiguration": configuration})).await;
    }
}

#[tokio::test]
async fn the_sdk_reads_every_source_and_a_key_of_the_customer() {
    let stand = Stand::allowing_undelivered();
    let mut direct = stream("direct");
    direct["DirectPutSourceConfiguration"] = json!({"ThroughputHintInMBs": 5});
    direct["DeliveryStreamEncryptionConfigurationInput"] = json!({
        "KeyType": "CUSTOMER_MANAGED_CMK",
        "KeyARN": "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555",
    });
    let of_type = |kind: &str, member: &str, source: &Value| {
        let mut request = kinesis_stream(kind);
        request.as_object_mut().unwrap().remove("KinesisStreamSourceConfiguration");
        request["DeliveryStreamType"] = kind.into();
        request[member] = source.clone();
        request
    };
    let kafka = json!({
        "MSKClusterARN": "arn:aws:kafka:us-east-1:000000000000:cluster/logs/1",
        "TopicName": "logs",
        "AuthenticationConfiguration": {"RoleARN": super::ROLE, "Connectivity": "PRIVATE"},
        "ReadFromTimestamp": 1_767_225_600,
    });
    let database = json!({
        "Type": "PostgreSQL",
        "Endpoint": "db.example.com",
        "Port": 5432,
        "SSLMode": "Enabled",
        "Databases": {"Include": ["logs"], "Exclude": ["other"]},
        "Tables": {"Include": ["logs.events"]},
        "Columns": {"Exclude": ["logs.events.secret"]},
        "SurrogateKeys": ["id"],
        "SnapshotWatermarkTable": "logs.watermark",
        "DatabaseSourceAuthenticationConfiguration": {"SecretsManagerConfiguration": {"Enabled": false}},
        "DatabaseSourceVPCConfiguration": {
            "VpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
        },
    });
    let mut database = of_type("DatabaseAsSource", "DatabaseSourceConfiguration", &database);
    database.as_object_mut().unwrap().remove("ExtendedS3DestinationConfiguration");
    database["IcebergDestinationConfiguration"] = samples::smallest(Kind::Iceberg);
    let kafka = of_type("MSKAsSource", "MSKSourceConfiguration", &kafka);
    for request in [direct, kinesis_stream("kinesis"), kafka, database] {
        check(&stand, &request).await;
    }
}
