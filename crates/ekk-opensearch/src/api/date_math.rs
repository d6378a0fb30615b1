//! Date math in index names: `<logs-{now/d}>`, `<logs-{now/M{yyyy.MM}}>`, `<logs-{now/d{yyyy.MM.dd|+12:00}}>`.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/date-math-index-names/>

use std::borrow::Cow;

use ekk_engine::{mapping::date_format::Rounding, query::date_math};
use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

use crate::error::{Exception, RestError, Result};

/// The pattern of a date that names none.
const DEFAULT_PATTERN: &str = "yyyy.MM.dd";

/// Works out a name; one without `<` and `>` is left as it is.
///
/// # Errors
/// 400 `parse_exception` when the expression cannot be read.
pub(crate) fn resolve(name: &str, now: Timestamp) -> Result<Cow<'_, str>> {
    let Some(inner) = name.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else {
        return Ok(Cow::Borrowed(name));
    };
    let failed = |why: &str| RestError::parse(format!("invalid dynamic name expression [{inner}]. {why}"));
    let mut resolved = String::new();
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('{') {
        resolved.push_str(before);
        let end = closing(after).ok_or_else(|| failed("date math placeholder is open ended"))?;
        let (expression, remaining) = after.split_at(end);
        resolved.push_str(&evaluate(expression, now)?);
        rest = remaining.strip_prefix('}').unwrap_or_default();
    }
    if rest.contains('}') {
        return Err(failed("invalid character at position 0. `{` and `}` are reserved characters"));
    }
    resolved.push_str(rest);
    if resolved.is_empty() {
        return Err(failed("nothing captured"));
    }
    Ok(Cow::Owned(resolved))
}

/// Where the brace that was opened before `text` is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn evaluate(expression: &str, now: Timestamp) -> Result<String> {
    let (math, format) = match expression.split_once('{') {
        Some((math, format)) => (math, format.strip_suffix('}').unwrap_or(format)),
        None => (expression, DEFAULT_PATTERN),
    };
    let (pattern, zone) = match format.split_once('|') {
        Some((pattern, zone)) => (pattern, time_zone(zone)?),
        None => (format, TimeZone::UTC),
    };
    let failed = || {
        let cause = Exception::illegal_argument(format!("date math [{math}] is not supported"));
        Exception::new("parse_exception", format!("failed to parse date field [{math}]")).caused_by(cause).bad_request()
    };
    let operations = math.trim().strip_prefix("now").ok_or_else(failed)?;
    let date = date_math::apply(now.to_zoned_datetime(zone), operations, Rounding::Down).map_err(|_| failed())?;
    Ok(print(&date, if pattern.is_empty() { DEFAULT_PATTERN } else { pattern }))
}

fn time_zone(name: &str) -> Result<TimeZone> {
    let fixed = || jiff::fmt::strtime::parse("%:z", name).ok().and_then(|parsed| parsed.offset()).map(TimeZone::fixed);
    fixed()
        .or_else(|| TimeZone::get(name).ok())
        .ok_or_else(|| RestError::illegal_argument(format!("unknown time zone [{name}]")))
}

/// Prints by the letters that index names use; everything else stands as it is.
fn print(date: &ZonedDateTime, pattern: &str) -> String {
    let mut printed = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut width = 1;
        while letters.peek() == Some(&letter) {
            letters.next();
            width += 1;
        }
        let iso = date.date().iso_week_date();
        let value = match letter {
            'y' | 'u' | 'Y' => i64::from(date.year()),
            'x' => i64::from(iso.year()),
            'M' => i64::from(date.month()),
            'd' => i64::from(date.day()),
            'D' => i64::from(date.day_of_year()),
            'w' => i64::from(iso.week()),
            'H' => i64::from(date.hour()),
            'm' => i64::from(date.minute()),
            's' => i64::from(date.second()),
            '\'' => continue,
            other => {
                printed.extend(std::iter::repeat_n(other, width));
                continue;
            }
        };
        let value = if width == 2 && matches!(letter, 'y' | 'u' | 'Y' | 'x') { value % 100 } else { value };
        printed.extend(format!("{value:0width$}").chars());
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_date_math_are_worked_out() {
        let now: Timestamp = "2026-11-23T22:30:00Z".parse().unwrap();
        for (name, expected) in [
            ("plain", "plain"),
            ("<logs-{now/d}>", "logs-2026.11.23"),
            ("<logs-{now/d-1d}>", "logs-2026.11.22"),
            ("<logs-{now/M{yyyy.MM}}>", "logs-2026.11"),
            ("<logs-{now/d{yyyy-MM-dd|+02:00}}-x>", "logs-2026-11-24-x"),
            ("<logs-{now/w{yyyy.MM.dd.HH}}>", "logs-2026.11.23.00"),
        ] {
            assert_eq!(resolve(name, now).unwrap(), expected);
        }
        assert!(resolve("<logs-{now/d>", now).is_err());
        assert!(resolve("<logs-{then}>", now).is_err());
    }
}
