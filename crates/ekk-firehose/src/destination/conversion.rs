//! `DataFormatConversionConfiguration`: what another format needs before AWS takes it.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html>

use serde_json::{Map, Value};

use super::settings::Settings;
use crate::error::ApiError;

/// Where another format is asked for.
pub(super) const CONVERSION: &str = "DataFormatConversionConfiguration";

/// Letters that are none of the patterns of Java's `DateTimeFormatter`, as AWS refuses them.
const NOT_PATTERN_LETTERS: &str = "CIJPRTUVbfijloprt";

/// Turns the conversion on if it is given and not turned off.
pub(super) fn complete(settings: &mut Settings) {
    settings.default_within(CONVERSION, "Enabled", true);
}

/// Checks a conversion that is on.
///
/// # Errors
/// `InvalidArgumentException`: a part of it is missing or given twice, or the bucket's members do not go with it.
pub(super) fn check(settings: &Settings) -> Result<(), ApiError> {
    let Some(conversion) = settings.value(CONVERSION).filter(|_| settings.enabled(CONVERSION)) else { return Ok(()) };
    if settings.text("CompressionFormat") != Some("UNCOMPRESSED") {
        return Err(ApiError::invalid(
            "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is \
             enabled. To enable compression within the converted output format, set the appropriate serialization \
             option in the output format configuration.",
        ));
    }
    if settings.number("BufferingHints", "SizeInMBs") < Some(64) {
        return Err(ApiError::invalid(
            "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.",
        ));
    }
    let input = part(conversion, "InputFormatConfiguration")?;
    let output = part(conversion, "OutputFormatConfiguration")?;
    let schema = part(conversion, "SchemaConfiguration")?;
    let deserializer = one_of(input, "Deserializer", ["OpenXJsonSerDe", "HiveJsonSerDe"])?;
    one_of(output, "Serializer", ["ParquetSerDe", "OrcSerDe"])?;
    check_timestamp_formats(deserializer)?;
    for (name, shown) in [("RoleARN", "RoleArn"), ("DatabaseName", "DatabaseName"), ("TableName", "TableName")] {
        if schema.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(ApiError::invalid(format!("SchemaConfiguration.{shown} must not be null or empty")));
        }
    }
    Ok(())
}

/// Puts the members of a change into the conversion that there is, and those of its schema into the schema.
pub(super) fn merge(known: &mut Map<String, Value>, change: Map<String, Value>) {
    for (name, value) in change {
        match (known.get_mut(&name), value) {
            (Some(Value::Object(schema)), Value::Object(members)) if name == "SchemaConfiguration" => {
                schema.extend(members);
            }
            (_, value) => {
                known.insert(name, value);
            }
        }
    }
}

fn part<'a>(of: &'a Value, name: &str) -> Result<&'a Value, ApiError> {
    of.get(name).ok_or_else(|| ApiError::invalid(format!("{name} must not be null")))
}

/// The structure `name`, which holds exactly one of its two members.
fn one_of<'a>(of: &'a Value, name: &str, members: [&str; 2]) -> Result<&'a Value, ApiError> {
    let choice = part(of, name)?;
    match members.map(|member| choice.get(member).is_some()) {
        [false, false] => Err(ApiError::invalid(format!("{name} must not be null"))),
        [true, true] => {
            let name = name.to_lowercase();
            Err(ApiError::invalid(format!("More than one {name} specified. Only one may be chosen.")))
        }
        _ => Ok(choice),
    }
}

/// Timestamp formats are patterns of Java's, or the word `millis`.
fn check_timestamp_formats(deserializer: &Value) -> Result<(), ApiError> {
    let formats = deserializer.get("HiveJsonSerDe").and_then(|serde| serde.get("TimestampFormats"));
    let formats = formats.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    match formats.iter().filter_map(Value::as_str).find(|&format| format != "millis" && !is_pattern(format)) {
        None => Ok(()),
        Some(format) => Err(ApiError::invalid(format!(
            "Invalid deserializer option(s): One or more SerDe options are invalid for \
             org.apache.hcatalog.data.JsonSerDe: [Key: timestamp.formats Value: {format}]"
        ))),
    }
}

/// Whether every letter outside of quotes is one of a pattern.
fn is_pattern(format: &str) -> bool {
    format.split('\'').step_by(2).all(|unquoted| !unquoted.contains(|char| NOT_PATTERN_LETTERS.contains(char)))
}
