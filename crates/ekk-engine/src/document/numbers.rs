//! Numbers of documents as the number types take them, with Java's ranges, roundings and words.

use super::Val;
use crate::{
    error::Exception,
    mapping::{Field, FieldType},
};

/// A number field's value from a JSON string.
pub(super) fn from_string(field: &Field, text: &str) -> Result<Val, Exception> {
    if !field.coerce {
        let name = match field.kind {
            FieldType::Long | FieldType::UnsignedLong => "Long",
            FieldType::Integer | FieldType::Byte => "Integer",
            FieldType::Short => "Short",
            FieldType::Float | FieldType::HalfFloat => "Float",
            _ => "Double",
        };
        return Err(Exception::illegal_argument(format!("{name} value passed as String")));
    }
    match &field.kind {
        FieldType::Long => long_from_string(text).map(Val::I64),
        FieldType::UnsignedLong => unsigned_long(text).map(Val::U64),
        FieldType::Integer | FieldType::Short | FieldType::Byte => {
            let number = parse_double(text)?;
            let (smallest, largest) = range(&field.kind);
            // OpenSearch reads a byte as an integer first, and says so.
            let (read_smallest, read_largest, name) = match field.kind {
                FieldType::Short => (smallest, largest, "a short"),
                _ => (f64::from(i32::MIN), f64::from(i32::MAX), "an integer"),
            };
            if number < read_smallest || number > read_largest {
                return Err(Exception::illegal_argument(format!("Value [{text}] is out of range for {name}")));
            }
            checked_whole(field, number, &String::new)
        }
        _ => parse_double(text).and_then(|number| fraction(field, number)),
    }
}

/// A number field's value from a JSON number; `at` is where it ends, for the error texts.
pub(super) fn from_number(field: &Field, text: &str, whole: bool, at: &dyn Fn() -> String) -> Result<Val, Exception> {
    match &field.kind {
        FieldType::Long => long_from_number(field, text, whole, at).map(Val::I64),
        FieldType::UnsignedLong => unsigned_long(text).map(Val::U64),
        FieldType::Integer | FieldType::Short | FieldType::Byte => {
            let number: f64 = text.parse().unwrap_or(f64::INFINITY);
            if number < f64::from(i32::MIN) || number > f64::from(i32::MAX) {
                let reason =
                    format!("Numeric value ({text}) out of range of int (-2147483648 - 2147483647)\n at {}", at());
                return Err(Exception::new("input_coercion_exception", reason));
            }
            if !whole && !field.coerce && number.fract() != 0.0 {
                return Err(data_loss(text, if field.kind == FieldType::Short { "Short" } else { "Integer" }));
            }
            checked_whole(field, number, at)
        }
        _ => text.parse().map_err(|_| not_a_number(text)).and_then(|number| fraction(field, number)),
    }
}

/// The reason of a whole number that is no long.
pub(super) fn out_of_long(text: &str, at: &str) -> String {
    format!("Numeric value ({text}) out of range of long (-9223372036854775808 - 9223372036854775807)\n at {at}")
}

fn long_from_number(field: &Field, text: &str, whole: bool, at: &dyn Fn() -> String) -> Result<i64, Exception> {
    let out_of_range = || Exception::new("input_coercion_exception", out_of_long(text, &at()));
    if whole {
        return text.parse().map_err(|_| out_of_range());
    }
    let number: f64 = text.parse().unwrap_or(f64::INFINITY);
    if !field.coerce && number.fract() != 0.0 {
        return Err(data_loss(text, "Long"));
    }
    truncated(number).ok_or_else(out_of_range)
}

fn long_from_string(text: &str) -> Result<i64, Exception> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    if text.trim() != text {
        return Err(Exception::illegal_argument(format!("For input string: \"{text}\"")));
    }
    let number: f64 = text.parse().map_err(|_| Exception::illegal_argument(format!("For input string: \"{text}\"")))?;
    if !number.is_finite() && !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(Exception::illegal_argument(format!("For input string: \"{text}\"")));
    }
    truncated(number).ok_or_else(|| Exception::illegal_argument(format!("Value [{text}] is out of range for a long")))
}

fn unsigned_long(text: &str) -> Result<u64, Exception> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let out_of_range = || {
        let shown = if text.contains(['e', 'E']) { plain_digits(text) } else { text.to_owned() };
        Exception::illegal_argument(format!("Value [{shown}] is out of range for an unsigned long"))
    };
    if text.trim() != text {
        return Err(Exception::illegal_argument(format!("For input string: \"{text}\"")));
    }
    let number: f64 = text.parse().map_err(|_| Exception::illegal_argument(format!("For input string: \"{text}\"")))?;
    if !number.is_finite() && !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(Exception::illegal_argument(format!("For input string: \"{text}\"")));
    }
    if number <= -1.0 || number >= 18_446_744_073_709_551_616.0 || text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(out_of_range());
    }
    format!("{:.0}", number.trunc().abs()).parse().map_err(|_| out_of_range())
}

/// A number with an exponent, without it.
fn plain_digits(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return text.to_owned() };
    let Ok(exponent) = exponent.parse::<usize>() else { return text.to_owned() };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    format!("{whole}{fraction}{}", "0".repeat(exponent.saturating_sub(fraction.len())))
}

fn range(kind: &FieldType) -> (f64, f64) {
    match kind {
        FieldType::Byte => (f64::from(i8::MIN), f64::from(i8::MAX)),
        FieldType::Short => (f64::from(i16::MIN), f64::from(i16::MAX)),
        _ => (f64::from(i32::MIN), f64::from(i32::MAX)),
    }
}

fn checked_whole(field: &Field, number: f64, at: &dyn Fn() -> String) -> Result<Val, Exception> {
    if number.is_nan() {
        // As Java casts it.
        return Ok(Val::I64(0));
    }
    let (smallest, largest) = range(&field.kind);
    let whole = truncated(number).filter(|_| (smallest..=largest).contains(&number.trunc()));
    whole.map(Val::I64).ok_or_else(|| {
        let shown = number.trunc();
        if field.kind == FieldType::Byte {
            return Exception::illegal_argument(format!("Value [{shown}] is out of range for a byte"));
        }
        let reason = format!("Numeric value ({shown}) out of range of Java short\n at {}", at());
        Exception::new("input_coercion_exception", reason)
    })
}

/// A double without its fraction, if that is a long.
fn truncated(number: f64) -> Option<i64> {
    let whole = number.trunc();
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
    Some(whole as i64)
}

/// A fraction as its type holds it.
fn fraction(field: &Field, number: f64) -> Result<Val, Exception> {
    #[expect(clippy::cast_possible_truncation, reason = "a float field rounds to 32 bits")]
    let single = number as f32;
    let stored = match field.kind {
        FieldType::Float => f64::from(single),
        FieldType::HalfFloat => f64::from(half(single)),
        FieldType::ScaledFloat { scaling_factor } => (number * scaling_factor).round() / scaling_factor,
        _ => number,
    };
    if stored.is_finite() {
        return Ok(Val::F64(stored));
    }
    let name = field.kind.name();
    let shown = match field.kind {
        FieldType::HalfFloat => java_double(f64::from(single)),
        FieldType::Float => java_double(stored),
        _ => java_double(number),
    };
    Err(Exception::illegal_argument(format!("[{name}] supports only finite values, but got [{shown}]")))
}

/// Rounds to the nearest half-precision float, ties to even; over 65504 becomes infinite.
fn half(number: f32) -> f32 {
    const SMALLEST_NORMAL: f32 = 6.103_515_6e-5;
    let size = number.abs();
    let rounded = if size < SMALLEST_NORMAL {
        // Subnormal halves are multiples of 2^-24.
        (size * 16_777_216.0).round_ties_even() / 16_777_216.0
    } else {
        let bits = size.to_bits();
        let odd = (bits >> 13) & 1;
        f32::from_bits((bits + 0xfff + odd) & !0x1fff)
    };
    let rounded = if rounded > 65_504.0 { f32::INFINITY } else { rounded };
    rounded.copysign(number)
}

fn parse_double(text: &str) -> Result<f64, Exception> {
    let trimmed = text.trim();
    let digits = match trimmed.as_bytes() {
        [.., before, b'd' | b'D' | b'f' | b'F'] if before.is_ascii_digit() || *before == b'.' => {
            trimmed.get(..trimmed.len() - 1).unwrap_or(trimmed)
        }
        _ => trimmed,
    };
    let is_word = digits.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'));
    let java_word = matches!(digits.trim_start_matches(['+', '-']), "NaN" | "Infinity");
    if is_word && !java_word {
        return Err(not_a_number(text));
    }
    digits.parse().map_err(|_| not_a_number(text))
}

fn not_a_number(text: &str) -> Exception {
    Exception::new("number_format_exception", format!("For input string: \"{text}\""))
}

fn data_loss(text: &str, java_type: &str) -> Exception {
    Exception::illegal_argument(format!("{text} cannot be converted to {java_type} without data loss"))
}

/// A JSON number as Java prints the object that it becomes.
pub(super) fn java_number(text: &str) -> String {
    if text.contains(['.', 'e', 'E']) {
        return text.parse().map_or_else(|_| text.to_owned(), java_double);
    }
    text.to_owned()
}

/// A double as `Double.toString` prints it.
pub(super) fn java_double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 || (1e-3..1e7).contains(&number.abs()) {
        return format!("{number:?}");
    }
    let text = format!("{number:E}");
    match text.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => text,
    }
}
