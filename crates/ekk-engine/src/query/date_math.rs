//! Date math: `now-1d/d`, `2026-11-23||+1M/M`, and the time zones that queries name.
//!
//! Source: <https://docs.opensearch.org/latest/field-types/supported-field-types/date/#date-math>

use jiff::{
    RoundMode, Span, Timestamp, ToSpan, Unit, ZonedDateTime, ZonedDateTimeRound,
    civil::Weekday,
    tz::{Offset, TimeZone},
};

use crate::{
    error::Exception,
    mapping::{DateFormat, date_format::Rounding},
};

/// Reads a date with math and gives epoch milliseconds.
///
/// `zone` is that of dates without an offset and of the days that `/d` rounds to. With [`Rounding::Up`] the last
/// millisecond of what is named is meant, as `lte` and `gt` need it.
///
/// # Errors
/// `parse_exception`, worded as OpenSearch words it.
pub fn resolve(
    text: &str,
    format: &DateFormat,
    zone: &TimeZone,
    rounding: Rounding,
    now: Timestamp,
) -> Result<i64, Exception> {
    let (start, math) = match (text.strip_prefix("now"), text.split_once("||")) {
        (Some(math), _) => (now.as_millisecond(), math),
        (None, Some((date, math))) => (read(date, format, zone, Rounding::Down)?, math),
        (None, None) => return read(text, format, zone, rounding),
    };
    let start = Timestamp::from_millisecond(start).map_err(|_| out_of_range(text))?;
    let end = apply(start.to_zoned_datetime(zone.clone()), math, rounding)?;
    Ok(end.timestamp().as_millisecond())
}

/// Reads a date. Rounding up goes to the end of a day at most: OpenSearch takes `2024-05` for the first of May, until
/// midnight.
fn read(date: &str, format: &DateFormat, zone: &TimeZone, rounding: Rounding) -> Result<i64, Exception> {
    let millis = parse(date, format, zone, rounding)?;
    if rounding == Rounding::Down {
        return Ok(millis);
    }
    let first = parse(date, format, zone, Rounding::Down)?;
    let first = Timestamp::from_millisecond(first).map_err(|_| out_of_range(date))?;
    let end = round(&first.to_zoned_datetime(zone.clone()), 'd', Rounding::Up).map_err(|_| out_of_range(date))?;
    Ok(millis.min(end.timestamp().as_millisecond()))
}

fn parse(date: &str, format: &DateFormat, zone: &TimeZone, rounding: Rounding) -> Result<i64, Exception> {
    format.parse(date, zone, rounding).map_err(|cause| {
        let reason =
            format!("failed to parse date field [{date}] with format [{}]: [{}]", format.pattern(), cause.reason);
        Exception::new("parse_exception", reason).caused_by(cause)
    })
}

/// Reads a time zone: an offset such as `+02:00`, or a name such as `Europe/Paris`.
///
/// # Errors
/// `illegal_argument_exception`: no zone has this name.
pub fn time_zone(name: &str) -> Result<TimeZone, Exception> {
    if matches!(name, "Z" | "z" | "UTC" | "GMT" | "UT") {
        return Ok(TimeZone::UTC);
    }
    let bare = name.strip_prefix("UTC").or_else(|| name.strip_prefix("GMT")).unwrap_or(name);
    if let Some(offset) = offset(bare) {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).map_err(|_| {
        let reason = format!("Unknown time-zone ID: {name}");
        Exception::illegal_argument(format!("java.time.zone.ZoneRulesException: {reason}"))
            .caused_by(Exception::new("zone_rules_exception", reason))
    })
}

/// `+2`, `+02`, `+0200`, `+02:00`, `+02:00:00`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.split(':').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits.get(range).map_or(Some(0), |part| part.parse::<i32>().ok());
    let hours = if digits.len() < 2 { digits.parse::<i32>().ok()? } else { part(0..2)? };
    let seconds = hours * 3_600 + part(2..4)? * 60 + part(4..6)?;
    Offset::from_seconds(sign * seconds).ok()
}

/// Applies `+1d`, `-2M`, `/d` to a time, in order; rounding goes by the days of the time's zone.
///
/// # Errors
/// `parse_exception`, worded as OpenSearch words it.
pub fn apply(mut time: ZonedDateTime, math: &str, rounding: Rounding) -> Result<ZonedDateTime, Exception> {
    let error = |what: &str| Exception::new("parse_exception", format!("{what} [{math}]"));
    let mut chars = math.chars().peekable();
    while let Some(operator) = chars.next() {
        let sign = match operator {
            '/' | '+' => 1,
            '-' => -1,
            _ => return Err(error("operator not supported for date math")),
        };
        let mut digits = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let unit = chars.next().ok_or_else(|| error("truncated date math"))?;
        let count: i64 = match digits.as_str() {
            "" => 1,
            digits => digits.parse().map_err(|_| out_of_range(math))?,
        };
        if !matches!(unit, 'y' | 'M' | 'w' | 'd' | 'h' | 'H' | 'm' | 's') {
            return Err(error(&format!("unit [{unit}] not supported for date math")));
        }
        time = if operator != '/' {
            let span = span(unit, sign * count).ok_or_else(|| out_of_range(math))?;
            time.checked_add(span).map_err(|_| out_of_range(math))?
        } else if count == 1 {
            round(&time, unit, rounding).map_err(|_| out_of_range(math))?
        } else {
            return Err(error("rounding `/` can only be used on single unit types"));
        };
    }
    Ok(time)
}

fn span(unit: char, count: i64) -> Option<Span> {
    let span = Span::new();
    match unit {
        'y' => span.try_years(count),
        'M' => span.try_months(count),
        'w' => span.try_weeks(count),
        'd' => span.try_days(count),
        'h' | 'H' => span.try_hours(count),
        'm' => span.try_minutes(count),
        _ => span.try_seconds(count),
    }
    .ok()
}

fn round(time: &ZonedDateTime, unit: char, rounding: Rounding) -> Result<ZonedDateTime, jiff::Error> {
    let floor = |unit| time.round(ZonedDateTimeRound::new().smallest(unit).mode(RoundMode::Trunc));
    let (start, length) = match unit {
        'y' => (time.first_of_year()?.start_of_day()?, 1.year()),
        'M' => (time.first_of_month()?.start_of_day()?, 1.month()),
        'w' => {
            let back = i64::from(time.weekday().since(Weekday::Monday));
            (time.checked_sub(back.days())?.start_of_day()?, 1.week())
        }
        'd' => (time.start_of_day()?, 1.day()),
        'h' | 'H' => (floor(Unit::Hour)?, 1.hour()),
        'm' => (floor(Unit::Minute)?, 1.minute()),
        _ => (floor(Unit::Second)?, 1.second()),
    };
    match rounding {
        Rounding::Down => Ok(start),
        Rounding::Up => start.checked_add(length)?.checked_sub(1.millisecond()),
    }
}

fn out_of_range(text: &str) -> Exception {
    Exception::new("parse_exception", format!("date math [{text}] leaves the range of dates"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-23T14:35:17.123Z";

    #[track_caller]
    fn check(text: &str, zone: &str, rounding: Rounding, expected: &str) {
        let zone = time_zone(zone).expect("zone");
        let now = NOW.parse().expect("now");
        let millis = resolve(text, &DateFormat::default(), &zone, rounding, now).expect(text);
        assert_eq!(Timestamp::from_millisecond(millis).expect("range").to_string(), expected, "{text}");
    }

    #[test]
    fn adds_and_rounds() {
        for (text, down, up) in [
            ("now", NOW, NOW),
            ("now-1d", "2026-11-22T14:35:17.123Z", "2026-11-22T14:35:17.123Z"),
            ("now/d", "2026-11-23T00:00:00Z", "2026-11-23T23:59:59.999Z"),
            ("now-1d/d", "2026-11-22T00:00:00Z", "2026-11-22T23:59:59.999Z"),
            ("now/w", "2026-11-23T00:00:00Z", "2026-11-29T23:59:59.999Z"),
            ("now-1M/M", "2026-10-01T00:00:00Z", "2026-10-31T23:59:59.999Z"),
            ("now/y", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59.999Z"),
            ("now/h", "2026-11-23T14:00:00Z", "2026-11-23T14:59:59.999Z"),
            ("now+1h-15m", "2026-11-23T15:20:17.123Z", "2026-11-23T15:20:17.123Z"),
            ("2024-01-31||+1M", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
            ("2024-03-31||/d", "2024-03-31T00:00:00Z", "2024-03-31T23:59:59.999Z"),
            ("2024-03", "2024-03-01T00:00:00Z", "2024-03-01T23:59:59.999Z"),
            ("2024-03-05T10", "2024-03-05T10:00:00Z", "2024-03-05T10:59:59.999Z"),
            ("2024-03-31T23:30:00-05:00", "2024-04-01T04:30:00Z", "2024-04-01T04:30:00.999Z"),
        ] {
            check(text, "UTC", Rounding::Down, down);
            check(text, "UTC", Rounding::Up, up);
        }
    }

    #[test]
    fn days_are_those_of_the_zone() {
        check("now/d", "+09:30", Rounding::Down, "2026-11-23T14:30:00Z");
        check("2024-03-31||+1d/d", "Europe/Paris", Rounding::Down, "2024-03-31T22:00:00Z");
        check("2024-03-31||/d", "Europe/Paris", Rounding::Up, "2024-03-31T21:59:59.999Z");
    }

    #[test]
    fn refuses_by_name() {
        for (text, reason) in [
            ("now-1x", "unit [x] not supported for date math [-1x]"),
            ("2024||+1", "truncated date math [+1]"),
            ("now*1d", "operator not supported for date math [*1d]"),
            ("now/2d", "rounding `/` can only be used on single unit types [/2d]"),
        ] {
            let now = NOW.parse().expect("now");
            let error = resolve(text, &DateFormat::default(), &TimeZone::UTC, Rounding::Down, now).expect_err(text);
            assert_eq!((error.kind, error.reason.as_str()), ("parse_exception", reason));
        }
        assert!(time_zone("Mars/Foo").expect_err("no such zone").reason.ends_with("Unknown time-zone ID: Mars/Foo"));
    }
}
