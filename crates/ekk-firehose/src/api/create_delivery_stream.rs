//! `CreateDeliveryStream`: defines a stream, which takes records at once.
//!
//! Differs from AWS: there the stream is `CREATING` for a minute or two.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html>

use serde_json::json;

use crate::{Service, definition::Definition, destination, error::ApiError, model, wire::CreateDeliveryStreamInput};

/// Answers `{"DeliveryStreamARN": string}`.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let arn = create(service, body)?;
    Ok(json!({"DeliveryStreamARN": arn}).to_string())
}

/// Creates the stream of a request and answers its ARN.
///
/// # Errors
/// - `SerializationException`, `ValidationException`: the request breaks the model.
/// - `InvalidArgumentException`: its members contradict, or it asks for what is not supported.
/// - `ResourceInUseException`: the name is taken.
/// - `LimitExceededException`: there are as many streams as the quota allows.
pub(super) fn create(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let input: CreateDeliveryStreamInput = model::read(&model::shapes::CREATE_DELIVERY_STREAM, body)?;
    check_source(&input)?;
    if input.delivery_stream_encryption_configuration_input.is_some() {
        return Err(ApiError::unsupported("DeliveryStreamEncryptionConfigurationInput"));
    }
    let destination = destination::describe(&input)?;
    let arn = arn(service, &input.delivery_stream_name);
    service.streams.create(Definition {
        delivery_stream_name: input.delivery_stream_name,
        delivery_stream_arn: arn.clone(),
        deleting: false,
        version_id: 1,
        create_timestamp: service.clock.now(),
        source: input.direct_put_source_configuration,
        tags: input.tags,
        destination,
    })?;
    Ok(arn)
}

fn check_source(input: &CreateDeliveryStreamInput) -> Result<(), ApiError> {
    let direct_put = input.delivery_stream_type.as_deref().is_none_or(|kind| kind == "DirectPut");
    if direct_put && input.kinesis_stream_source_configuration.is_some() {
        return Err(ApiError::invalid(
            "KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type",
        ));
    }
    let unsupported = [
        ("MSKSourceConfiguration", input.msk_source_configuration.is_some()),
        ("DatabaseSourceConfiguration", input.database_source_configuration.is_some()),
    ];
    match unsupported.into_iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(ApiError::unsupported(name)),
        None if direct_put => Ok(()),
        None => {
            let kind = input.delivery_stream_type.as_deref().unwrap_or_default();
            Err(ApiError::unsupported(format!("DeliveryStreamType {kind}")))
        }
    }
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
