//! Processors as delivery takes them. What they ask for was checked before.

use ekk_delivery::{BufferingHints, LambdaProcessor, Processor as Delivered, SubRecordType};

use super::{Name, Processor, Type, enabled, parameter};
use crate::{destination::settings::Settings, error::ApiError};

/// What delivery is told of the processors that are enabled.
///
/// # Errors
/// `InternalFailure` when the stored settings are not of the type.
pub(in crate::destination) fn delivered(settings: &Settings) -> Result<Vec<Delivered>, ApiError> {
    Ok(enabled(settings)?.iter().filter_map(processor).collect())
}

fn processor(processor: &Processor) -> Option<Delivered> {
    let text = |name| parameter(processor, name);
    Some(match processor.r#type {
        Type::Decompression => Delivered::Decompression,
        Type::CloudWatchLogProcessing if text(Name::DataMessageExtraction)?.eq_ignore_ascii_case("true") => {
            Delivered::CloudWatchLogProcessing
        }
        Type::CloudWatchLogProcessing => return None,
        Type::RecordDeAggregation => Delivered::RecordDeAggregation(match text(Name::Delimiter).and_then(decoded) {
            Some(delimiter) if text(Name::SubRecordType) == Some("DELIMITED") => {
                SubRecordType::Delimited(delimiter.into())
            }
            _ => SubRecordType::Json,
        }),
        Type::Lambda => Delivered::Lambda(LambdaProcessor {
            arn: text(Name::LambdaArn)?.to_owned(),
            number_of_retries: text(Name::NumberOfRetries).and_then(number).map_or(3, whole),
            buffering_hints: BufferingHints {
                size_bytes: u64::from(whole(
                    text(Name::BufferSizeInMBs).and_then(number).unwrap_or(1.0) * f64::from(1 << 20),
                )),
                interval: super::super::settings::seconds(i64::from(
                    text(Name::BufferIntervalInSeconds).and_then(number).map_or(60, whole),
                )),
            },
        }),
        Type::MetadataExtraction => {
            Delivered::MetadataExtraction { query: text(Name::MetadataExtractionQuery)?.to_owned() }
        }
        Type::AppendDelimiterToRecord => {
            Delivered::AppendDelimiterToRecord { delimiter: unescaped(text(Name::Delimiter).unwrap_or("\n")).into() }
        }
    })
}

fn decoded(base64: &str) -> Option<Vec<u8>> {
    base64_simd::STANDARD.decode_to_vec(base64).ok()
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of processors are checked to be between 0 and 3 MiB"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

/// A delimiter with the escapes that people write who cannot write a line feed: `\\n`, `\\r`, `\\t` and `\\\\`.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let escaped = match chars.peek() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('\\') => '\\',
            _ => {
                out.push(char);
                continue;
            }
        };
        if char == '\\' {
            chars.next();
            out.push(escaped);
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(kind: &str, parameters: &[(&str, &str)], expected: impl Into<Option<Delivered>>) {
        let parameter = |(name, value): &(&str, &str)| json!({"ParameterName": name, "ParameterValue": value});
        let parameters: Vec<_> = parameters.iter().map(parameter).collect();
        let given: Processor = serde_json::from_value(json!({"Type": kind, "Parameters": parameters})).unwrap();
        assert_eq!(processor(&given), expected.into(), "{given:?}");
    }

    fn lambda(number_of_retries: u32, size_bytes: u64, seconds: u64) -> Delivered {
        let buffering_hints = BufferingHints { size_bytes, interval: Duration::from_secs(seconds) };
        Delivered::Lambda(LambdaProcessor { arn: "arn".to_owned(), number_of_retries, buffering_hints })
    }

    #[test]
    fn each_processor_is_told_to_delivery() {
        check("Lambda", &[("LambdaArn", "arn")], lambda(3, 1 << 20, 60));
        let sizes = [("BufferSizeInMBs", "0.25"), ("BufferIntervalInSeconds", "0"), ("NumberOfRetries", "300")];
        check("Lambda", &[&[("LambdaArn", "arn")][..], &sizes].concat(), lambda(300, 1 << 18, 0));
        check("Decompression", &[("CompressionFormat", "GZIP")], Some(Delivered::Decompression));
        let messages = Some(Delivered::CloudWatchLogProcessing);
        check("CloudWatchLogProcessing", &[("DataMessageExtraction", "True")], messages);
        check("CloudWatchLogProcessing", &[("DataMessageExtraction", "false")], None);
        let json = Some(Delivered::RecordDeAggregation(SubRecordType::Json));
        check("RecordDeAggregation", &[("SubRecordType", "JSON"), ("Delimiter", "IyMjIw==")], json);
        let delimited = SubRecordType::Delimited(Bytes::from_static(b"####"));
        let delimited = Some(Delivered::RecordDeAggregation(delimited));
        check("RecordDeAggregation", &[("SubRecordType", "DELIMITED"), ("Delimiter", "IyMjIw==")], delimited);
        let query = Some(Delivered::MetadataExtraction { query: "{a: .a}".to_owned() });
        check("MetadataExtraction", &[("MetadataExtractionQuery", "{a: .a}"), ("JsonParsingEngine", "JQ-1.6")], query);
    }

    #[test]
    fn a_delimiter_may_be_written_with_escapes() {
        for (parameters, delimiter) in [
            (&[][..], "\n"),
            (&[("Delimiter", "\\n")], "\n"),
            (&[("Delimiter", "|\\r\\n")], "|\r\n"),
            (&[("Delimiter", "\\\\n")], "\\n"),
            (&[("Delimiter", "\\x\\")], "\\x\\"),
            (&[("Delimiter", "n")], "n"),
        ] {
            let delimiter = Bytes::from_static(delimiter.as_bytes());
            check("AppendDelimiterToRecord", parameters, Some(Delivered::AppendDelimiterToRecord { delimiter }));
        }
    }

    #[test]
    fn processors_that_are_not_enabled_are_none() {
        let of = |enabled: bool| {
            let processing = json!({"Enabled": enabled, "Processors": [{"Type": "AppendDelimiterToRecord"}]});
            let Value::Object(members) = json!({"ProcessingConfiguration": processing}) else { unreachable!() };
            delivered(&Settings::of_request(&members)).unwrap().len()
        };
        assert_eq!((of(true), of(false)), (1, 0));
    }
}
