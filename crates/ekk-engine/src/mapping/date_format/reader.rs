//! Reads dates by the items of a pattern.

use jiff::tz::TimeZone;

use super::{
    Failure,
    fields::Fields,
    pattern::{Item, Number},
};

/// English month names, as Java prints them.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// English day names, from Monday.
pub(super) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Whole milliseconds, which may have a fraction that is dropped.
pub(super) fn epoch_millis(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    if fraction.is_some_and(|digits| digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    digits_only(whole)?.parse().ok()
}

/// Whole seconds, which may have a fraction of up to nine digits.
pub(super) fn epoch_second(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').map_or((text, ""), |parts| parts);
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = digits_only(whole)?.parse().ok()?;
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let millis = if whole.starts_with('-') { -millis } else { millis };
    seconds.checked_mul(1_000)?.checked_add(millis)
}

fn digits_only(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// Reads all of `text` into `fields`.
pub(super) fn read(items: &[Item], text: &str, fields: &mut Fields) -> Result<(), Failure> {
    let end = read_items(items, text, 0, fields).map_err(Failure::At)?;
    if end == text.len() { Ok(()) } else { Err(Failure::Unparsed(end)) }
}

fn read_items(items: &[Item], text: &str, from: usize, fields: &mut Fields) -> Result<usize, usize> {
    let mut at = from;
    for item in items {
        at = match item {
            Item::Optional(inner) => {
                let mut tried = fields.clone();
                match read_items(inner, text, at, &mut tried) {
                    Ok(end) => {
                        *fields = tried;
                        end
                    }
                    Err(_) => at,
                }
            }
            item => read_item(item, text, at, fields).ok_or(at)?,
        };
    }
    Ok(at)
}

fn read_item(item: &Item, text: &str, at: usize, fields: &mut Fields) -> Option<usize> {
    let rest = text.get(at..)?;
    match item {
        Item::Literal(literal) => rest.starts_with(literal.as_str()).then(|| at + literal.len()),
        Item::Number { field, min, max } => {
            let (value, len) = number(rest, *min, *max, *field == Number::Year)?;
            set(fields, *field, value);
            Some(at + len)
        }
        Item::FractionPoint => (rest.starts_with('.') || rest.starts_with(',')).then_some(at + 1),
        Item::Fraction { min, max } => {
            let (_, len) = number(rest, *min, *max, false)?;
            fields.nanos = format!("{:0<9}", rest.get(..len)?).parse().ok();
            Some(at + len)
        }
        Item::MonthName { short } => {
            let (index, len) = name(rest, &MONTHS, *short)?;
            fields.month = Some(index + 1);
            Some(at + len)
        }
        Item::DayName { short } => name(rest, &DAYS, *short).map(|(_, len)| at + len),
        Item::AmPm => {
            let half = rest.get(..2)?;
            fields.afternoon = Some(if half.eq_ignore_ascii_case("pm") {
                true
            } else if half.eq_ignore_ascii_case("am") {
                false
            } else {
                return None;
            });
            Some(at + 2)
        }
        Item::Offset { zulu, .. } => {
            if *zulu && rest.starts_with('Z') {
                fields.offset_secs = Some(0);
                return Some(at + 1);
            }
            let (seconds, len) = offset(rest)?;
            fields.offset_secs = Some(seconds);
            Some(at + len)
        }
        Item::Zone => zone(rest, fields).map(|len| at + len),
        Item::Optional(_) => None,
    }
}

/// A run of `min..=max` digits and its length; a year of more than four digits, or before 0, carries a sign.
fn number(text: &str, min: usize, max: usize, signed: bool) -> Option<(i64, usize)> {
    let sign = usize::from(signed && (text.starts_with('+') || text.starts_with('-')));
    let digits = text.get(sign..)?;
    let len = digits.bytes().take(max).take_while(u8::is_ascii_digit).count();
    // A year of more digits than its letters has a sign, and one with a plus has more digits.
    let is_padded =
        signed && max > min && min >= 4 && (len > min) != (text.starts_with('+') || (len > min && sign == 1));
    if len < min || is_padded {
        return None;
    }
    let value: i64 = digits.get(..len)?.parse().ok()?;
    Some((if text.starts_with('-') { -value } else { value }, sign + len))
}

fn set(fields: &mut Fields, field: Number, value: i64) {
    match field {
        Number::Year => fields.year = Some(value),
        Number::YearOfCentury => fields.year = Some(2_000 + value),
        Number::Month => fields.month = Some(value),
        Number::Day => fields.day = Some(value),
        Number::DayOfYear => fields.day_of_year = Some(value),
        Number::Hour => fields.hour = Some(value),
        Number::ClockHour => fields.hour = Some(value % 24),
        Number::HalfDayHour => fields.half_day_hour = Some(value % 12),
        Number::HalfDayHourFromZero => fields.half_day_hour = Some(value),
        Number::Minute => fields.minute = Some(value),
        Number::Second => fields.second = Some(value),
        Number::Millis => fields.nanos_of_day = value.checked_mul(1_000_000),
        Number::Nanos => fields.nanos = Some(value),
        Number::WeekYear => fields.week_year = Some(value),
        Number::Week => fields.week = Some(value),
        Number::DayOfWeek => fields.day_of_week = Some(value),
    }
}

fn name(text: &str, names: &[&str], short: bool) -> Option<(i64, usize)> {
    for (index, name) in (0..).zip(names) {
        let name = if short { name.get(..3)? } else { name };
        if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Some((index, name.len()));
        }
    }
    None
}

/// `+HH`, `+HHMM`, `+HH:MM`, `+HH:MM:SS`: the seconds and the length of the text.
fn offset(text: &str) -> Option<(i32, usize)> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |at: usize| -> Option<i32> {
        let digits = text.get(at..at + 2)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let colon = |at: usize| text.as_bytes().get(at) == Some(&b':');
    let hours = two(1)?;
    let (minutes, seconds, len) = if colon(3) {
        let minutes = two(4)?;
        match colon(6).then(|| two(7)).flatten() {
            Some(seconds) => (minutes, seconds, 9),
            None => (minutes, 0, 6),
        }
    } else {
        two(3).map_or((0, 0, 3), |minutes| (minutes, 0, 5))
    };
    (hours <= 18 && minutes < 60 && seconds < 60).then_some((sign * (hours * 3_600 + minutes * 60 + seconds), len))
}

fn zone(text: &str, fields: &mut Fields) -> Option<usize> {
    if let Some((seconds, len)) = offset(text) {
        fields.offset_secs = Some(seconds);
        return Some(len);
    }
    let len = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+' | b':'))
        .count();
    let name = text.get(..len)?;
    match name {
        "" => return None,
        "Z" | "UTC" | "GMT" | "UT" => fields.offset_secs = Some(0),
        _ => {
            if let Some(rest) = ["UTC", "GMT", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix)) {
                fields.offset_secs = Some(offset(rest)?.0);
            } else {
                fields.zone = Some(TimeZone::get(name).ok()?);
            }
        }
    }
    Some(len)
}
