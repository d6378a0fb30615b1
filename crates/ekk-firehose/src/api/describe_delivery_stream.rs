//! `DescribeDeliveryStream`: a stream's state and its destination, with every default filled in.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_DescribeDeliveryStream.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Service,
    definition::Definition,
    destination::DestinationDescription,
    error::ApiError,
    model,
    wire::{DirectPutSource, S3DestinationDescription},
};

/// The id of a stream's one destination.
const DESTINATION_ID: &str = "destinationId-000000000001";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeDeliveryStreamInput {
    delivery_stream_name: String,
    exclusive_start_destination_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeDeliveryStreamOutput<'a> {
    delivery_stream_description: DeliveryStreamDescription<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeliveryStreamDescription<'a> {
    /// Seconds since 1970, with milliseconds as a fraction.
    create_timestamp: f64,
    #[serde(rename = "DeliveryStreamARN")]
    delivery_stream_arn: &'a str,
    delivery_stream_encryption_configuration: EncryptionState,
    delivery_stream_name: &'a str,
    delivery_stream_status: &'static str,
    delivery_stream_type: &'static str,
    destinations: Vec<Destination<'a>>,
    has_more_destinations: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    version_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptionState {
    status: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Source {
    direct_put_source_description: DirectPutSource,
}

#[derive(Debug, Serialize)]
struct Destination<'a> {
    #[serde(rename = "DestinationId")]
    id: &'static str,
    #[serde(flatten)]
    description: &'a DestinationDescription,
    /// AWS describes an Extended S3 destination a second time, as the plain one that it extends.
    #[serde(rename = "S3DestinationDescription", skip_serializing_if = "Option::is_none")]
    s3: Option<&'a S3DestinationDescription>,
}

/// Answers `{"DeliveryStreamDescription": {…}}`.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let input: DescribeDeliveryStreamInput = model::read(&model::shapes::DESCRIBE_DELIVERY_STREAM, body)?;
    let stream = service.streams.get(&input.delivery_stream_name)?;
    let output = DescribeDeliveryStreamOutput {
        delivery_stream_description: describe(&stream.definition, input.exclusive_start_destination_id.as_deref()),
    };
    serde_json::to_string(&output)
        .map_err(|source| ApiError::Internal { doing: "describe a stream", source: source.into() })
}

fn describe<'a>(definition: &'a Definition, after_destination: Option<&str>) -> DeliveryStreamDescription<'a> {
    let is_after = after_destination.is_none_or(|start| DESTINATION_ID > start);
    DeliveryStreamDescription {
        create_timestamp: epoch_seconds(definition.create_timestamp),
        delivery_stream_arn: &definition.delivery_stream_arn,
        delivery_stream_encryption_configuration: EncryptionState { status: "DISABLED" },
        delivery_stream_name: &definition.delivery_stream_name,
        delivery_stream_status: if definition.deleting { "DELETING" } else { "ACTIVE" },
        delivery_stream_type: "DirectPut",
        destinations: is_after.then(|| destination(&definition.destination)).into_iter().collect(),
        has_more_destinations: false,
        source: definition.source.map(|source| Source { direct_put_source_description: source }),
        version_id: definition.version_id.to_string(),
    }
}

fn destination(description: &DestinationDescription) -> Destination<'_> {
    let s3 = match description {
        DestinationDescription::ExtendedS3(extended) => Some(&extended.s3),
        DestinationDescription::Amazonopensearchservice(_) | DestinationDescription::Elasticsearch(_) => None,
    };
    Destination { id: DESTINATION_ID, description, s3 }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any year to come fit into 53 bits")]
fn epoch_seconds(timestamp: Timestamp) -> f64 {
    timestamp.as_millisecond() as f64 / 1000.0
}
