//! The part of Java's `DateTimeFormatter` patterns that `!{timestamp:…}` takes.
//!
//! Letters repeated are one field; text in single quotes and everything that is not a letter stands for itself.
//! Fields of eras, periods of the day and localized offsets, which no key needs, are refused by name.
//!
//! Source: <https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html>

use std::fmt::Write;

use jiff::{ZonedDateTime, civil::Weekday};

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Literal(String),
    Letters(char, usize),
}

/// Why a text is not taken as a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PatternError {
    /// Java does not take it either.
    Invalid,
    /// A letter that Java knows and we do not write.
    Unsupported(char),
}

impl Pattern {
    /// Parses a pattern.
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut fields = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(first) = chars.next() {
            if first == '\'' {
                fields.push(Field::Literal(quoted(&mut chars)?));
            } else if first.is_ascii_alphabetic() {
                let mut count = 1;
                while chars.next_if_eq(&first).is_some() {
                    count += 1;
                }
                check(first, count)?;
                fields.push(Field::Letters(first, count));
            } else if matches!(first, '[' | ']' | '{' | '}' | '#') {
                return Err(PatternError::Invalid);
            } else {
                fields.push(Field::Literal(first.to_string()));
            }
        }
        if fields.is_empty() {
            return Err(PatternError::Invalid);
        }
        Ok(Self { fields })
    }

    /// Appends `at` in this pattern.
    pub(super) fn write(&self, out: &mut String, at: &ZonedDateTime) {
        for field in &self.fields {
            match field {
                Field::Literal(text) => out.push_str(text),
                Field::Letters(letter, count) => write_field(out, *letter, *count, at),
            }
        }
    }
}

/// What stands up to the closing quote; two quotes are one, inside a quotation and alone.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, PatternError> {
    let mut text = String::new();
    loop {
        match chars.next() {
            None => return Err(PatternError::Invalid),
            Some('\'') if chars.next_if_eq(&'\'').is_some() => text.push('\''),
            Some('\'') if text.is_empty() => return Ok("'".to_owned()),
            Some('\'') => return Ok(text),
            Some(other) => text.push(other),
        }
    }
}

fn check(letter: char, count: usize) -> Result<(), PatternError> {
    let most = match letter {
        'y' | 'u' | 'Y' | 'S' => 9,
        'M' | 'L' | 'E' | 'e' => 4,
        'D' | 'X' | 'x' | 'Z' | 'z' => 3,
        'd' | 'H' | 'k' | 'K' | 'h' | 'm' | 's' | 'w' | 'Q' | 'q' | 'V' => 2,
        'a' | 'F' | 'W' => 1,
        'A' | 'n' | 'N' => 19,
        'B' | 'G' | 'O' | 'c' | 'g' | 'v' => return Err(PatternError::Unsupported(letter)),
        _ => return Err(PatternError::Invalid),
    };
    let valid = count <= most && (letter != 'V' || count == 2);
    if valid { Ok(()) } else { Err(PatternError::Invalid) }
}

fn write_field(out: &mut String, letter: char, count: usize, at: &ZonedDateTime) {
    let number = match letter {
        'M' | 'L' if count >= 3 => return write_name(out, at.strftime("%B"), count),
        'E' => return write_name(out, at.strftime("%A"), count.max(3)),
        'e' if count >= 3 => return write_name(out, at.strftime("%A"), count),
        'a' => return write_name(out, at.strftime("%p"), 4),
        'V' => return write_name(out, at.strftime("%Q"), 4),
        'z' => return write_name(out, at.strftime("%Z"), 4),
        'X' | 'x' | 'Z' => return write_offset(out, letter, count, at),
        'S' => {
            let nanoseconds = format!("{:09}", at.subsec_nanosecond());
            return out.extend(nanoseconds.chars().take(count));
        }
        'y' | 'u' | 'Y' => {
            let year = if letter == 'Y' { us_week_year(at).0 } else { i64::from(at.year()) };
            if count == 2 { year.rem_euclid(100) } else { year }
        }
        _ => field_number(letter, at),
    };
    let width = if letter == 'y' || letter == 'u' || letter == 'Y' { count.max(4) } else { count };
    let width = if count == 2 {
        2
    } else if count == 1 {
        1
    } else {
        width
    };
    write!(out, "{number:0width$}").expect("a string takes what is written to it");
}

fn field_number(letter: char, at: &ZonedDateTime) -> i64 {
    let hour = i64::from(at.hour());
    let since_midnight = at.time().duration_since(jiff::civil::Time::midnight());
    match letter {
        'M' | 'L' => i64::from(at.month()),
        'd' => i64::from(at.day()),
        'D' => i64::from(at.day_of_year()),
        'H' => hour,
        'k' => (hour + 23) % 24 + 1,
        'K' => hour % 12,
        'h' => (hour + 11) % 12 + 1,
        'm' => i64::from(at.minute()),
        's' => i64::from(at.second()),
        'w' => us_week_year(at).1,
        'W' => (i64::from(at.day()) + first_weekday_offset(at) - 1) / 7 + 1,
        'F' => (i64::from(at.day()) - 1) / 7 + 1,
        'e' => i64::from(at.weekday().to_sunday_zero_offset()) + 1,
        'Q' | 'q' => (i64::from(at.month()) - 1) / 3 + 1,
        'n' => i64::from(at.subsec_nanosecond()),
        'A' => i64::try_from(since_midnight.as_millis()).expect("a day has 86,400,000 milliseconds"),
        'N' => i64::try_from(since_midnight.as_nanos()).expect("a day's nanoseconds are in 64 bits"),
        other => unreachable!("the letter {other} does not pass the check"),
    }
}

/// The weekday of the month's first day, from Sunday.
fn first_weekday_offset(at: &ZonedDateTime) -> i64 {
    i64::from(at.date().first_of_month().weekday().to_sunday_zero_offset())
}

/// Week-based year and week of the US locale: weeks begin on Sunday, and the first holds January 1.
fn us_week_year(at: &ZonedDateTime) -> (i64, i64) {
    let date = at.date();
    let to_saturday = i64::from(Weekday::Saturday.to_sunday_zero_offset() - date.weekday().to_sunday_zero_offset());
    let saturday = date.saturating_add(jiff::Span::new().days(to_saturday));
    (i64::from(saturday.year()), (i64::from(saturday.day_of_year()) - 1) / 7 + 1)
}

/// Writes a name, of which fewer than four letters mean the first three characters.
fn write_name(out: &mut String, name: impl std::fmt::Display, count: usize) {
    let name = name.to_string();
    if count >= 4 { out.push_str(&name) } else { out.extend(name.chars().take(3)) }
}

fn write_offset(out: &mut String, letter: char, count: usize, at: &ZonedDateTime) {
    let seconds = at.offset().seconds();
    if letter == 'X' && seconds == 0 {
        return out.push('Z');
    }
    let (sign, seconds) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let text = match (letter, count) {
        ('X' | 'x', 1) if minutes == 0 => format!("{sign}{hours:02}"),
        ('X' | 'x', 3) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}"),
    };
    out.push_str(&text);
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::*;

    fn write(pattern: &str, at: &str, zone: &str) -> String {
        let at = at.parse::<Timestamp>().unwrap().to_zoned_datetime(TimeZone::get(zone).unwrap());
        let mut out = String::new();
        Pattern::parse(pattern).unwrap().write(&mut out, &at);
        out
    }

    #[test]
    fn letters_are_written_as_java_writes_them() {
        for (pattern, expected) in [
            ("yyyy/MM/dd/HH/", "2026/03/07/05/"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2026-03-07T05:06:09.012"),
            ("yy M d H m s", "26 3 7 5 6 9"),
            ("y u uuuu", "2026 2026 2026"),
            ("'year='yyyy'/it''s'", "year=2026/it's"),
            ("MMM MMMM LLL", "Mar March Mar"),
            ("E EEE EEEE e ee", "Sat Sat Saturday 7 07"),
            ("D DDD", "66 066"),
            ("h hh a K k kk", "5 05 AM 5 5 05"),
            ("Q qq", "1 01"),
            ("YYYY-'w'ww W F", "2026-w10 1 1"),
            ("n N A", "12000000 18369012000000 18369012"),
            ("X XX XXX x xx xxx Z", "Z Z Z +00 +0000 +00:00 +0000"),
            ("VV", "UTC"),
            ("''", "'"),
        ] {
            assert_eq!(write(pattern, "2026-03-07T05:06:09.012Z", "UTC"), expected, "{pattern}");
        }
    }

    #[test]
    fn the_time_zone_moves_all_fields() {
        assert_eq!(
            write("yyyy/MM/dd/HH XXX VV", "2026-12-31T20:00:00Z", "Asia/Calcutta"),
            "2027/01/01/01 +05:30 Asia/Calcutta"
        );
    }

    #[test]
    fn what_java_or_we_refuse_is_refused() {
        for pattern in ["", "yyyy'", "bbbb", "ddd", "[yyyy]", "V"] {
            assert_eq!(Pattern::parse(pattern).unwrap_err(), PatternError::Invalid, "{pattern}");
        }
        assert_eq!(Pattern::parse("G").unwrap_err(), PatternError::Unsupported('G'));
    }

    #[test]
    fn the_letters_that_aws_refuses_are_refused() {
        for letter in ('A'..='Z').chain('a'..='z') {
            let is_refused = "CIJPRTUVbfijloprt".contains(letter);
            let error = Pattern::parse(&letter.to_string()).err();
            assert_eq!(error == Some(PatternError::Invalid), is_refused, "{letter}");
        }
    }
}
