//! Prints instants by the items of a pattern.

use std::fmt::Write as _;

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

use super::{
    pattern::{Item, Number},
    reader::{DAYS, MONTHS},
};

/// Seconds, with a fraction when there is one.
pub(super) fn epoch_second(epoch_ms: i64) -> String {
    let (seconds, millis) = (epoch_ms.div_euclid(1_000), epoch_ms.rem_euclid(1_000));
    if millis == 0 { seconds.to_string() } else { format!("{seconds}.{millis:03}").trim_end_matches('0').to_owned() }
}

/// Prints an instant; one outside of jiff's range prints as its number.
pub(super) fn print(items: &[Item], epoch_ms: i64, zone: &TimeZone) -> String {
    let Ok(instant) = Timestamp::from_millisecond(epoch_ms) else { return epoch_ms.to_string() };
    let zoned = instant.to_zoned_datetime(zone.clone());
    let mut text = String::with_capacity(32);
    print_items(&mut text, items, &zoned);
    text
}

fn print_items(text: &mut String, items: &[Item], zoned: &ZonedDateTime) {
    for item in items {
        match item {
            Item::Literal(literal) => text.push_str(literal),
            Item::Number { field, min, .. } => push_number(text, number(*field, zoned), *min),
            Item::FractionPoint => text.push('.'),
            Item::Fraction { min, .. } => {
                let digits = format!("{:09}", zoned.subsec_nanosecond());
                text.push_str(digits.get(..*min).unwrap_or(&digits));
            }
            Item::MonthName { short } => {
                let index = usize::try_from(zoned.month() - 1).unwrap_or_default();
                push_name(text, MONTHS.get(index), *short);
            }
            Item::DayName { short } => {
                let index = usize::try_from(zoned.weekday().to_monday_zero_offset()).unwrap_or_default();
                push_name(text, DAYS.get(index), *short);
            }
            Item::AmPm => text.push_str(if zoned.hour() < 12 { "AM" } else { "PM" }),
            Item::Offset { colon, minutes, zulu } => {
                push_offset(text, zoned.offset().seconds(), *colon, *minutes, *zulu);
            }
            Item::Zone => match zoned.time_zone().iana_name() {
                Some("UTC") | None => push_offset(text, zoned.offset().seconds(), true, true, true),
                Some(name) => text.push_str(name),
            },
            Item::Optional(inner) => print_items(text, inner, zoned),
        }
    }
}

fn number(field: Number, zoned: &ZonedDateTime) -> i64 {
    let week = zoned.date().iso_week_date();
    match field {
        Number::Year => i64::from(zoned.year()),
        Number::YearOfCentury => i64::from(zoned.year()).rem_euclid(100),
        Number::Month => i64::from(zoned.month()),
        Number::Day => i64::from(zoned.day()),
        Number::DayOfYear => i64::from(zoned.day_of_year()),
        Number::Hour => i64::from(zoned.hour()),
        Number::ClockHour => i64::from(if zoned.hour() == 0 { 24 } else { zoned.hour() }),
        Number::HalfDayHour => i64::from(if zoned.hour() % 12 == 0 { 12 } else { zoned.hour() % 12 }),
        Number::HalfDayHourFromZero => i64::from(zoned.hour() % 12),
        Number::Minute => i64::from(zoned.minute()),
        Number::Second => i64::from(zoned.second()),
        Number::Millis => {
            let seconds = (i64::from(zoned.hour()) * 60 + i64::from(zoned.minute())) * 60 + i64::from(zoned.second());
            seconds * 1_000 + i64::from(zoned.millisecond())
        }
        Number::Nanos => i64::from(zoned.subsec_nanosecond()),
        Number::WeekYear => i64::from(week.year()),
        Number::Week => i64::from(week.week()),
        Number::DayOfWeek => i64::from(week.weekday().to_monday_one_offset()),
    }
}

fn push_number(text: &mut String, value: i64, width: usize) {
    if value < 0 {
        text.push('-');
    }
    write!(text, "{:0width$}", value.unsigned_abs()).expect("a String takes all that is written to it");
}

fn push_name(text: &mut String, name: Option<&&str>, short: bool) {
    let name = name.copied().unwrap_or_default();
    text.push_str(if short { name.get(..3).unwrap_or(name) } else { name });
}

fn push_offset(text: &mut String, seconds: i32, colon: bool, minutes: bool, zulu: bool) {
    if zulu && seconds == 0 {
        text.push('Z');
        return;
    }
    let (hours, rest) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    let between = if colon { ":" } else { "" };
    let written = if minutes || rest != 0 {
        write!(text, "{sign}{hours:02}{between}{rest:02}")
    } else {
        write!(text, "{sign}{hours:02}")
    };
    written.expect("a String takes all that is written to it");
}
