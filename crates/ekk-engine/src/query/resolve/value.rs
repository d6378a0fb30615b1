//! Scalars of a query as values of a field's column, with the errors OpenSearch gives for those that are none.

use std::net::{IpAddr, Ipv6Addr};

use crate::{
    error::Exception,
    mapping::{Field, FieldType},
    query::Scalar,
};

/// A number of a query: whole if it can be, so that no digit of a long is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(i128),
    Fraction(f64),
}

impl Number {
    pub(super) fn as_f64(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "a fraction's column has no more digits")]
            Self::Whole(value) => value as f64,
            Self::Fraction(value) => value,
        }
    }
}

/// The number that a scalar is.
///
/// # Errors
/// `number_format_exception`, `For input string: "x"`.
pub(super) fn number(value: &Scalar) -> Result<Number, Exception> {
    match value {
        Scalar::Long(value) => Ok(Number::Whole(i128::from(*value))),
        Scalar::UnsignedLong(value) => Ok(Number::Whole(i128::from(*value))),
        Scalar::Double(value) => Ok(whole_or_fraction(*value)),
        Scalar::String(text) => match text.trim().parse::<i128>() {
            Ok(value) => Ok(Number::Whole(value)),
            Err(_) => text.trim().parse::<f64>().map(whole_or_fraction).map_err(|_| not_a_number(text)),
        },
        Scalar::Bool(value) => Err(not_a_number(&value.to_string())),
    }
}

fn whole_or_fraction(value: f64) -> Number {
    #[expect(clippy::cast_possible_truncation, reason = "the value is whole and below 2^100")]
    if value.fract() == 0.0 && value.abs() < 1e30 { Number::Whole(value as i128) } else { Number::Fraction(value) }
}

fn not_a_number(text: &str) -> Exception {
    let reason =
        if text.trim().is_empty() { "empty String".to_owned() } else { format!("For input string: \"{text}\"") };
    Exception::new("number_format_exception", reason)
}

/// The lowest and highest value of a whole number's type, and the type as OpenSearch writes it in errors.
pub(super) fn whole_bounds(kind: &FieldType) -> (i128, i128, &'static str) {
    match kind {
        FieldType::Integer => (i32::MIN.into(), i32::MAX.into(), "an integer"),
        FieldType::Short => (i16::MIN.into(), i16::MAX.into(), "a short"),
        FieldType::Byte => (i8::MIN.into(), i8::MAX.into(), "a byte"),
        FieldType::UnsignedLong => (0, u64::MAX.into(), "an unsigned long"),
        _ => (i64::MIN.into(), i64::MAX.into(), "a long"),
    }
}

/// Refuses a whole number that its type cannot hold.
///
/// # Errors
/// `illegal_argument_exception`, `Value [x] is out of range for an integer`.
pub(super) fn check_whole(field: &Field, number: Number, value: &Scalar) -> Result<(), Exception> {
    let (lowest, highest, name) = whole_bounds(&field.kind);
    let within = match number {
        Number::Whole(number) => (lowest..=highest).contains(&number),
        #[expect(clippy::cast_precision_loss, reason = "a fraction this close to the bound is whole")]
        Number::Fraction(number) => (lowest as f64..=highest as f64).contains(&number),
    };
    if within {
        return Ok(());
    }
    Err(Exception::illegal_argument(format!("Value [{value}] is out of range for {name}")))
}

/// The value as the column of a fraction holds it: rounded to the type's digits.
///
/// # Errors
/// `number_format_exception`, or `illegal_argument_exception` when the type cannot hold it.
pub(super) fn fraction(field: &Field, value: &Scalar) -> Result<f64, Exception> {
    let number = number(value)?.as_f64();
    let rounded = match &field.kind {
        #[expect(clippy::cast_possible_truncation, reason = "that is what the type does")]
        FieldType::Float => f64::from(number as f32),
        FieldType::HalfFloat => half_float(number),
        FieldType::ScaledFloat { scaling_factor } => (number * scaling_factor).round() / scaling_factor,
        _ => number,
    };
    if rounded.is_finite() {
        return Ok(rounded);
    }
    let shown = java_double(number);
    Err(Exception::illegal_argument(format!("[{}] supports only finite values, but got [{shown}]", field.kind.name())))
}

/// The nearest number of 16 bits.
#[expect(clippy::cast_possible_truncation, reason = "that is what the type does")]
fn half_float(number: f64) -> f64 {
    let single = number as f32;
    if !single.is_finite() || single.abs() >= 65_520.0 {
        return if single.is_sign_negative() { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let exponent = if single == 0.0 { -14 } else { single.abs().log2().floor().max(-14.0) as i32 };
    let step = 2_f64.powi(exponent - 10);
    (f64::from(single) / step).round_ties_even() * step
}

/// A double as Java prints it.
pub(crate) fn java_double(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-3..1e7).contains(&magnitude) && value.is_finite() {
        let text = format!("{value:E}");
        return match text.split_once('E') {
            Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
            _ => text,
        };
    }
    format!("{value:?}")
}

/// The boolean that a scalar is.
///
/// # Errors
/// `illegal_argument_exception`, `Can't parse boolean value [x], expected [true] or [false]`.
pub(super) fn boolean(value: &Scalar) -> Result<bool, Exception> {
    match value.to_string().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        other => {
            Err(Exception::illegal_argument(format!("Can't parse boolean value [{other}], expected [true] or [false]")))
        }
    }
}

/// The address that a scalar is, IPv4 mapped into IPv6.
///
/// # Errors
/// `illegal_argument_exception`, `'x' is not an IP string literal.`
pub(crate) fn address(value: &str) -> Result<Ipv6Addr, Exception> {
    match value.parse() {
        Ok(IpAddr::V4(address)) => Ok(address.to_ipv6_mapped()),
        Ok(IpAddr::V6(address)) => Ok(address),
        Err(_) => Err(Exception::illegal_argument(format!("'{value}' is not an IP string literal."))),
    }
}

/// The first and the last address of a network such as `10.0.0.0/8`.
///
/// # Errors
/// `illegal_argument_exception`: it is no network.
pub(crate) fn network(text: &str) -> Result<(Ipv6Addr, Ipv6Addr), Exception> {
    let (start, length) = text.split_once('/').unwrap_or((text, "128"));
    let first = address(start)?;
    let wrong = || Exception::illegal_argument(format!("Expected [ip/prefix] but was [{text}]"));
    let length: u32 = length.parse().map_err(|_| wrong())?;
    let is_v4 = start.contains('.') && !start.contains(':');
    if length > if is_v4 { 32 } else { 128 } {
        return Err(Exception::illegal_argument(format!(
            "illegal prefixLength '{length}'. Must be 0-{} for {} ranges",
            if is_v4 { 32 } else { 128 },
            if is_v4 { "IPv4" } else { "IPv6" }
        )));
    }
    let length = if is_v4 { length + 96 } else { length };
    let mask = u128::MAX.checked_shr(length).unwrap_or(0);
    let bits = u128::from(first);
    Ok((Ipv6Addr::from(bits & !mask), Ipv6Addr::from(bits | mask)))
}

/// An address as OpenSearch prints it: IPv4 where it is one.
pub(crate) fn print_address(address: Ipv6Addr) -> String {
    address.to_ipv4_mapped().map_or_else(|| address.to_string(), |address| address.to_string())
}
