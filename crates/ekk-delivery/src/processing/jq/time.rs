//! Dates: seconds since 1970, their parts, and their texts, all in UTC.

use jiff::{Timestamp, ZonedDateTime, civil::DateTime, fmt::strtime, tz::TimeZone};

use super::{builtin::described, value::Value};

/// How dates are written without a format.
const ISO_8601: &str = "%Y-%m-%dT%H:%M:%SZ";

/// Functions without arguments; the error of an unknown name says so.
pub(super) fn of_input(name: &str, input: &Value) -> Result<Value, String> {
    match name {
        "todate" | "todateiso8601" | "date" => formatted(input, ISO_8601),
        "fromdate" | "fromdateiso8601" => parsed(input, ISO_8601).map(|at| seconds(&at)),
        "mktime" => instant(input).map(|at| seconds(&at)),
        "gmtime" => instant(input).and_then(|at| parts(&at)),
        _ => Err(format!("{name}/0 is not supported")),
    }
}

/// `strftime` and `strptime`.
pub(super) fn with_format(name: &str, input: &Value, format: &str) -> Result<Value, String> {
    if name == "strftime" { formatted(input, format) } else { parsed(input, format).and_then(|at| parts(&at)) }
}

fn formatted(input: &Value, format: &str) -> Result<Value, String> {
    let at = instant(input)?;
    strtime::format(format, &at).map(Value::text).map_err(|error| format!("strftime/1: {error}"))
}

fn parsed(input: &Value, format: &str) -> Result<ZonedDateTime, String> {
    let Value::String(text) = input else {
        return Err(format!("strptime/1 requires string inputs and arguments, not {}", input.kind()));
    };
    let failed = |_| format!("date \"{text}\" does not match format \"{format}\"");
    let broken = strtime::parse(format, &**text).map_err(failed)?;
    if broken.offset().is_some() {
        return broken.to_timestamp().map(|at| at.to_zoned_datetime(TimeZone::UTC)).map_err(failed);
    }
    let day = broken.to_date().map_err(failed)?;
    let at =
        broken.to_time().map_or_else(|_| day.to_datetime(jiff::civil::Time::midnight()), |time| day.to_datetime(time));
    zoned(at)
}

fn zoned(at: DateTime) -> Result<ZonedDateTime, String> {
    at.to_zoned_datetime(TimeZone::UTC).map_err(|error| error.to_string())
}

/// The instant of seconds since 1970 or of the parts of a date.
fn instant(input: &Value) -> Result<ZonedDateTime, String> {
    match input {
        Value::Number(number) => {
            #[expect(clippy::cast_possible_truncation, reason = "a number outside of the range of dates is an error")]
            let at = Timestamp::from_millisecond((number * 1000.0).floor() as i64);
            at.map(|at| at.to_zoned_datetime(TimeZone::UTC))
                .map_err(|_| "error converting number of seconds since epoch to datetime".to_owned())
        }
        Value::Array(array) => {
            let part = |place: usize| match array.items.get(place) {
                #[expect(clippy::cast_possible_truncation, reason = "a part outside of its range is an error")]
                Some(Value::Number(number)) => Ok(number.floor() as i16),
                _ => Err("mktime requires parsed datetime inputs".to_owned()),
            };
            let small =
                |place| part(place)?.try_into().map_err(|_| "mktime requires parsed datetime inputs".to_owned());
            let month: i8 = small(1)?;
            let invalid = |_| "invalid gmtime representation".to_owned();
            let day = jiff::civil::Date::new(part(0)?, month.saturating_add(1), small(2)?).map_err(invalid)?;
            let time = jiff::civil::Time::new(small(3)?, small(4)?, small(5)?, 0).map_err(invalid)?;
            zoned(day.to_datetime(time))
        }
        other => Err(format!("{} is not a date", described(other))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of dates are far below 2^53")]
fn seconds(at: &ZonedDateTime) -> Value {
    Value::Number(at.timestamp().as_second() as f64)
}

/// Year, month from 0, day, hour, minute, second, day of the week from Sunday, day of the year from 0.
fn parts(at: &ZonedDateTime) -> Result<Value, String> {
    let second = f64::from(at.second()) + f64::from(at.subsec_nanosecond()) / 1e9;
    let numbers = [
        f64::from(at.year()),
        f64::from(at.month() - 1),
        f64::from(at.day()),
        f64::from(at.hour()),
        f64::from(at.minute()),
        second,
        f64::from(at.weekday().to_sunday_zero_offset()),
        f64::from(at.day_of_year() - 1),
    ];
    Value::array(numbers.into_iter().map(Value::Number).collect())
}
