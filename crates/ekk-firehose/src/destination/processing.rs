//! `ProcessingConfiguration`: which processors there may be, and which parameters each takes and needs.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html>

mod delivered;

pub(super) use self::delivered::delivered;
use super::settings::Settings;
use crate::{
    error::ApiError,
    model,
    wire::{
        ProcessingConfiguration, Processor, ProcessorParameter, ProcessorParameterName as Name, ProcessorType as Type,
    },
};

/// Where processors are listed.
pub(super) const PROCESSING: &str = "ProcessingConfiguration";

/// Processors of one destination.
const MOST_PROCESSORS: usize = 5;

/// What becomes of keys that are extracted from records: partitions of a bucket, tables of Iceberg, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    Extracted,
    Unused,
}

/// Checks the processors of a configuration that is enabled, and answers them.
///
/// Processing that is neither enabled nor disabled is disabled, and what it lists is kept and not looked at.
///
/// Differs from AWS: the words for parameters that are not the processor's, that are given twice, or that are no ARN
/// and no base64 are ours.
///
/// # Errors
/// `InvalidArgumentException`: there are too many processors, one twice, or one that does not fit, or a parameter is
/// missing or out of range.
pub(super) fn complete(settings: &mut Settings, keys: Keys) -> Result<Vec<Processor>, ApiError> {
    settings.default_within(PROCESSING, "Enabled", false);
    if !settings.enabled(PROCESSING) {
        return Ok(Vec::new());
    }
    let processors = enabled(settings)?;
    if processors.is_empty() || processors.len() > MOST_PROCESSORS {
        return Err(ApiError::invalid(
            "A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled.",
        ));
    }
    for (index, processor) in processors.iter().enumerate() {
        let r#type = processor.r#type;
        if processors.iter().take(index).any(|before| before.r#type == r#type) {
            return Err(ApiError::invalid(format!("Cannot have more than 1 {type:?} processor.")));
        }
        if keys == Keys::Unused && matches!(r#type, Type::MetadataExtraction | Type::RecordDeAggregation) {
            return Err(ApiError::invalid(format!(
                "class com.amazonaws.services.firehose.internal.model.{type:?}Processor can only be present when \
                 Dynamic Partitioning is enabled."
            )));
        }
        check_parameters(processor)?;
    }
    let has = |wanted| processors.iter().any(|processor| processor.r#type == wanted);
    if has(Type::CloudWatchLogProcessing) && !has(Type::Decompression) {
        return Err(ApiError::invalid(
            "CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor",
        ));
    }
    complete_parameters(settings, processors)
}

/// Fills in the parameters that AWS describes of a processor that leaves them out: those of a function, and for others an
/// empty list.
fn complete_parameters(settings: &mut Settings, mut processors: Vec<Processor>) -> Result<Vec<Processor>, ApiError> {
    let role = settings.text("RoleARN");
    // Splunk alone has a token's type, and a buffer of its own.
    let size_in_mbs = if settings.has("HECEndpointType") { "0.25" } else { "1" };
    let defaults = [
        (Name::NumberOfRetries, Some("3")),
        (Name::RoleArn, role),
        (Name::BufferSizeInMBs, Some(size_in_mbs)),
        (Name::BufferIntervalInSeconds, Some("60")),
    ];
    for processor in &mut processors {
        let is_function = processor.r#type == Type::Lambda;
        let parameters = processor.parameters.get_or_insert_default();
        for (parameter_name, value) in defaults.iter().filter(|_| is_function) {
            if let Some(value) = value
                && parameters.iter().all(|given| given.parameter_name != *parameter_name)
            {
                let parameter_value = (*value).to_owned();
                parameters.push(ProcessorParameter { parameter_name: *parameter_name, parameter_value });
            }
        }
    }
    settings.set_within(PROCESSING, "Processors", &processors)?;
    Ok(processors)
}

/// The processors that work.
///
/// # Errors
/// `InternalFailure` when the stored settings are not of the type.
pub(super) fn enabled(settings: &Settings) -> Result<Vec<Processor>, ApiError> {
    let Some(configuration) = settings.value(PROCESSING).filter(|_| settings.enabled(PROCESSING)) else {
        return Ok(Vec::new());
    };
    let configuration: ProcessingConfiguration = model::typed(configuration.clone())?;
    Ok(configuration.processors.unwrap_or_default())
}

/// The value of a parameter.
pub(super) fn parameter(processor: &Processor, name: Name) -> Option<&str> {
    let parameters = processor.parameters.as_deref().unwrap_or_default();
    parameters.iter().find(|parameter| parameter.parameter_name == name).map(|found| found.parameter_value.as_str())
}

/// The parameters that a processor may have.
fn parameters_of(r#type: Type) -> &'static [Name] {
    match r#type {
        Type::Lambda => &[
            Name::LambdaArn,
            Name::RoleArn,
            Name::NumberOfRetries,
            Name::BufferSizeInMBs,
            Name::BufferIntervalInSeconds,
        ],
        Type::RecordDeAggregation => &[Name::SubRecordType, Name::Delimiter],
        Type::MetadataExtraction => &[Name::MetadataExtractionQuery, Name::JsonParsingEngine],
        Type::AppendDelimiterToRecord => &[Name::Delimiter],
        Type::Decompression => &[Name::CompressionFormat],
        Type::CloudWatchLogProcessing => &[Name::DataMessageExtraction],
    }
}

fn check_parameters(processor: &Processor) -> Result<(), ApiError> {
    let r#type = processor.r#type;
    let given = processor.parameters.as_deref().unwrap_or_default();
    for (index, parameter) in given.iter().enumerate() {
        let name = parameter.parameter_name;
        if !parameters_of(r#type).contains(&name) {
            return Err(ApiError::invalid(format!("{name:?} is not a parameter of the {type:?} processor.")));
        }
        if given.iter().take(index).any(|before| before.parameter_name == name) {
            return Err(ApiError::invalid(format!("{name:?} is given more than once for the {type:?} processor.")));
        }
    }
    let refused = match r#type {
        Type::Lambda => return check_lambda(processor),
        Type::RecordDeAggregation => return check_de_aggregation(processor),
        Type::MetadataExtraction => match parameter(processor, Name::MetadataExtractionQuery) {
            None => Some("MetadataExtractionQuery is required when MetadataExtraction processor is used."),
            Some(_) if parameter(processor, Name::JsonParsingEngine) != Some("JQ-1.6") => {
                Some("MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6")
            }
            Some(_) => None,
        },
        Type::Decompression => (parameter(processor, Name::CompressionFormat) != Some("GZIP"))
            .then_some("CompressionFormat has to be GZIP"),
        Type::CloudWatchLogProcessing => {
            let value = parameter(processor, Name::DataMessageExtraction).unwrap_or_default();
            let is_bool = ["true", "false"].iter().any(|bool| value.eq_ignore_ascii_case(bool));
            (!is_bool)
                .then_some("Invalid parameter value for DataMessageExtraction. Allowed values are True and False.")
        }
        Type::AppendDelimiterToRecord => None,
    };
    refused.map_or(Ok(()), |text| Err(ApiError::invalid(text)))
}

fn check_lambda(processor: &Processor) -> Result<(), ApiError> {
    let Some(arn) = parameter(processor, Name::LambdaArn) else {
        return Err(ApiError::invalid("LambdaArn is required when Lambda processor is used."));
    };
    if !is_function_arn(arn) {
        return Err(ApiError::invalid(format!("LambdaArn {arn} is not the ARN of a Lambda function.")));
    }
    let number = |name| parameter(processor, name).map(|text| text.trim().parse::<f64>().unwrap_or(f64::NAN));
    let size = number(Name::BufferSizeInMBs);
    let interval = number(Name::BufferIntervalInSeconds);
    let refused = if size.is_some() != interval.is_some() {
        "Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda processor."
    } else if size.is_some_and(|size| !(0.2..=3.0).contains(&size)) {
        "BufferSizeInMBs for lambda processor must be between 0.2 and 3."
    } else if interval.is_some_and(|interval| !is_whole(interval, 900.0)) {
        "BufferIntervalInSeconds for lambda processor must be between 0 and 900."
    } else if number(Name::NumberOfRetries).is_some_and(|retries| !is_whole(retries, 300.0)) {
        "Number of retries for lambda must be between 0 and 300."
    } else {
        return Ok(());
    };
    Err(ApiError::invalid(refused))
}

/// Whether a number is whole and between 0 and `most`.
fn is_whole(number: f64, most: f64) -> bool {
    (0.0..=most).contains(&number) && number.fract() == 0.0
}

/// `arn:aws:lambda:region:account:function:name`, with or without `:version`.
fn is_function_arn(arn: &str) -> bool {
    let parts: Vec<_> = arn.split(':').collect();
    let has_form = matches!(
        parts.as_slice(),
        ["arn", _, "lambda", _, _, "function", _] | ["arn", _, "lambda", _, _, "function", _, _]
    );
    has_form && parts.iter().all(|part| !part.is_empty())
}

fn check_de_aggregation(processor: &Processor) -> Result<(), ApiError> {
    let delimiter = parameter(processor, Name::Delimiter);
    let is_base64 = |text: &str| base64_simd::STANDARD.check(text.as_bytes()).is_ok();
    match (parameter(processor, Name::SubRecordType), delimiter) {
        (Some("DELIMITED"), None) => Err(ApiError::invalid("Delimiter should be present for DELIMITED")),
        (Some("DELIMITED"), Some(delimiter)) if !is_base64(delimiter) => {
            Err(ApiError::invalid(format!("Delimiter {delimiter} is not in base64.")))
        }
        (Some("JSON"), _) | (Some("DELIMITED"), Some(_)) => Ok(()),
        _ => Err(ApiError::invalid("SubRecordType has to be one of JSON, DELIMITED")),
    }
}
