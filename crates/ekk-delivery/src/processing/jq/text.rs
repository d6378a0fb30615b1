//! Values as text: JSON as jq 1.6 writes it, and the formats `@…`.

use std::fmt::Write;

use base64_simd::STANDARD;

use super::value::Value;

/// A value as JSON without white space.
pub(super) fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write_json(&mut out, value);
    out
}

fn write_json(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => write_number(out, *number),
        Value::String(text) => out.push_str(&serde_json::to_string(&**text).expect("a text is JSON")),
        Value::Array(array) => {
            out.push('[');
            for (place, item) in array.items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_json(out, item);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (place, (key, value)) in object.entries.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(&**key).expect("a text is JSON"));
                out.push(':');
                write_json(out, value);
            }
            out.push('}');
        }
    }
}

/// Whole numbers up to 10^17 without an exponent, as jq 1.6 does with its 17 digits.
fn write_number(out: &mut String, number: f64) {
    let written = if number.is_nan() {
        write!(out, "null")
    } else if number.is_infinite() {
        write!(out, "{}1.7976931348623157e+308", if number < 0.0 { "-" } else { "" })
    } else if number == 0.0 || (1e-5..1e17).contains(&number.abs()) {
        write!(out, "{number}")
    } else {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |exponent| ("-", exponent));
        write!(out, "{digits}e{sign}{exponent:0>2}")
    };
    written.expect("a text takes what is written to it");
}

/// A value in one of the formats; `text` is that of `tostring`.
pub(super) fn format(name: &str, value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.to_string(),
        other => to_json(other),
    };
    Ok(match name {
        "text" => text,
        "json" => to_json(value),
        "html" => replaced(&text, &[('<', "&lt;"), ('>', "&gt;"), ('&', "&amp;"), ('\'', "&#39;"), ('"', "&quot;")]),
        "uri" => {
            let mut out = String::new();
            for byte in text.bytes() {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                    out.push(char::from(byte));
                } else {
                    write!(out, "%{byte:02X}").expect("a text takes what is written to it");
                }
            }
            out
        }
        "csv" => row(value, ",", |text| format!("\"{}\"", text.replace('"', "\"\"")))?,
        "tsv" => {
            row(value, "\t", |text| replaced(text, &[('\\', "\\\\"), ('\t', "\\t"), ('\n', "\\n"), ('\r', "\\r")]))?
        }
        "sh" => match value {
            Value::Array(array) => array.items.iter().map(shell).collect::<Result<Vec<_>, _>>()?.join(" "),
            other => shell(other)?,
        },
        "base64" => STANDARD.encode_to_string(text.as_bytes()),
        _ => {
            let unpadded = text.trim_end_matches('=');
            let bytes = base64_simd::STANDARD_NO_PAD
                .decode_to_vec(unpadded)
                .map_err(|_| format!("{} is not valid base64 data", super::builtin::described(value)))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    })
}

fn row(value: &Value, separator: &str, quote: impl Fn(&str) -> String) -> Result<String, String> {
    let Value::Array(array) = value else {
        return Err(format!("{} cannot be csv-formatted, only an array can be", super::builtin::described(value)));
    };
    let cells: Result<Vec<String>, String> = array
        .items
        .iter()
        .map(|cell| match cell {
            Value::String(text) => Ok(quote(text)),
            Value::Null => Ok(String::new()),
            Value::Array(_) | Value::Object(_) => {
                Err(format!("{} is not valid in a csv row", super::builtin::described(cell)))
            }
            other => Ok(to_json(other)),
        })
        .collect();
    Ok(cells?.join(separator))
}

fn shell(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(format!("'{}'", text.replace('\'', "'\\''"))),
        Value::Array(_) | Value::Object(_) => {
            Err(format!("{} can not be escaped for shell", super::builtin::described(value)))
        }
        other => Ok(to_json(other)),
    }
}

fn replaced(text: &str, with: &[(char, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    for next in text.chars() {
        match with.iter().find(|(from, _)| *from == next) {
            Some((_, to)) => out.push_str(to),
            None => out.push(next),
        }
    }
    out
}

/// The text of code points.
pub(super) fn implode(value: &Value) -> Result<String, String> {
    let points: &[Value] = match value {
        Value::Array(array) => &array.items,
        number @ Value::Number(_) => std::slice::from_ref(number),
        _ => return Err("implode input must be an array".to_owned()),
    };
    let point = |value: &Value| match value {
        Value::Number(number) => {
            let point = super::builtin::position(*number, 0x0010_ffff).and_then(|point| u32::try_from(point).ok());
            Ok(point.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER))
        }
        _ => Err("Unicode codepoint must be numeric".to_owned()),
    };
    points.iter().map(point).collect()
}

/// What is between separators; the characters when the separator is empty.
pub(super) fn split(text: &str, separator: &str) -> Result<Value, String> {
    if text.is_empty() {
        return Value::array(Vec::new());
    }
    if separator.is_empty() {
        return Value::array(text.chars().map(|character| Value::text(character.to_string())).collect());
    }
    Value::array(text.split(separator).map(Value::text).collect())
}

/// Where `part` begins in `text`, in bytes as in jq 1.6.
pub(super) fn places(text: &str, part: &str) -> Result<Value, String> {
    if part.is_empty() {
        return Ok(Value::Null);
    }
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(part)) {
        found.push(Value::count(from + at));
        from += at + text.get(from + at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    }
    Value::array(found)
}
