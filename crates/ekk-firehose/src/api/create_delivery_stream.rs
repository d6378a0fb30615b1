//! `CreateDeliveryStream`: defines a stream, which takes records at once.
//!
//! Differs from AWS: there the stream is `CREATING` for a minute or two.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html>

use super::answer_json;
use crate::{
    Service,
    definition::Definition,
    destination::Destination,
    error::ApiError,
    model,
    wire::{
        CreateDeliveryStreamInput, CreateDeliveryStreamOutput, DeliveryStreamType, DirectPutSourceDescription,
        SourceDescription,
    },
};

/// Answers `{"DeliveryStreamARN": string}`.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let arn = create(service, body)?;
    answer_json(&CreateDeliveryStreamOutput { delivery_stream_arn: Some(arn) })
}

/// Creates the stream of a request and answers its ARN.
///
/// # Errors
/// - `SerializationException`, `ValidationException`: the request breaks the model.
/// - `InvalidArgumentException`: its members contradict, or it asks for what is not supported.
/// - `ResourceInUseException`: the name is taken.
/// - `LimitExceededException`: there are as many streams as the quota allows.
pub(super) fn create(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let request = model::check::<CreateDeliveryStreamInput>(body)?;
    let destination = Destination::configured(&request.0)?;
    let input: CreateDeliveryStreamInput = request.into_input()?;
    let (delivery_stream_type, source) = source(&input)?;
    if input.delivery_stream_encryption_configuration_input.is_some() {
        return Err(ApiError::unsupported("DeliveryStreamEncryptionConfigurationInput"));
    }
    let arn = arn(service, &input.delivery_stream_name);
    let tags = input.tags.unwrap_or_default();
    service.streams.create(Definition {
        delivery_stream_name: input.delivery_stream_name,
        delivery_stream_arn: arn.clone(),
        deleting: false,
        version_id: 1,
        create_timestamp: service.clock.now(),
        last_update_timestamp: None,
        delivery_stream_type,
        source,
        tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        destination,
    })?;
    Ok(arn)
}

/// Where the records of a stream come from.
fn source(input: &CreateDeliveryStreamInput) -> Result<(DeliveryStreamType, Option<SourceDescription>), ApiError> {
    let kind = input.delivery_stream_type.unwrap_or(DeliveryStreamType::DirectPut);
    if kind != DeliveryStreamType::KinesisStreamAsSource && input.kinesis_stream_source_configuration.is_some() {
        return Err(ApiError::invalid(
            "KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type",
        ));
    }
    let source = input.direct_put_source_configuration.as_ref().map(|source| SourceDescription {
        direct_put_source_description: Some(DirectPutSourceDescription {
            throughput_hint_in_mbs: Some(source.throughput_hint_in_mbs),
        }),
        ..SourceDescription::default()
    });
    Ok((kind, source))
}

fn arn(service: &Service, name: &str) -> String {
    let Service { region, account, .. } = service;
    format!("arn:{}:firehose:{region}:{account}:deliverystream/{name}", partition(region))
}

fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

#[cfg(test)]
mod tests;
