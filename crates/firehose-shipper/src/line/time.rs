//! The time of a record, as text.

use std::time::SystemTime;

use jiff::{Timestamp, ZonedDateTime, civil::DateTime, fmt::strtime::BrokenDownTime, tz::TimeZone};

use crate::line::json;

/// How the time of a record is written. By default as RFC 3339 with microseconds and the offset of the system's time zone:
/// `2026-11-23T18:28:31.788001+01:00`.
#[derive(Clone, Debug)]
pub struct TimeFormat {
    zone: TimeZone,
    /// None is RFC 3339.
    strftime: Option<String>,
}

/// A strftime format that is none.
#[derive(Debug, thiserror::Error)]
#[error("`{format}` is no format for a time: {reason}")]
pub struct TimeFormatError {
    format: String,
    reason: String,
}

impl Default for TimeFormat {
    fn default() -> Self {
        Self::rfc3339()
    }
}

impl TimeFormat {
    /// RFC 3339 with microseconds and the offset, in the system's time zone. OpenSearch takes it for a date by itself.
    pub fn rfc3339() -> Self {
        Self { zone: TimeZone::system(), strftime: None }
    }

    /// As strftime writes it, in the system's time zone. `%f` is the fraction of a second, `%3f` its milliseconds, `%z`
    /// the offset.
    ///
    /// The default of Python's logging is `%Y-%m-%d %H:%M:%S,%3f`. OpenSearch does not take that for a date by itself:
    /// its field needs a mapping with the format `yyyy-MM-dd HH:mm:ss,SSS`.
    ///
    /// # Errors
    /// When the format has a directive that there is not.
    pub fn strftime(format: &str) -> Result<Self, TimeFormatError> {
        let sample = ZonedDateTime::new(Timestamp::UNIX_EPOCH, TimeZone::UTC);
        let mut out = String::new();
        match BrokenDownTime::from(&sample).format(format, &mut out) {
            Ok(()) => Ok(Self { zone: TimeZone::system(), strftime: Some(format.to_owned()) }),
            Err(error) => Err(TimeFormatError { format: format.to_owned(), reason: error.to_string() }),
        }
    }

    /// In UTC instead of the system's time zone.
    #[must_use]
    pub fn utc(mut self) -> Self {
        self.zone = TimeZone::UTC;
        self
    }

    /// Appends the time as the inside of a JSON string.
    pub(crate) fn write(&self, time: SystemTime, out: &mut Vec<u8>) {
        // A time beyond the year 9999 is written as the last one before.
        let time = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
        match &self.strftime {
            None => {
                let offset = self.zone.to_offset(time);
                write_rfc3339(offset.to_datetime(time), offset.seconds(), out);
            }
            Some(format) => {
                let mut text = String::new();
                let zoned = ZonedDateTime::new(time, self.zone.clone());
                // It has been tried when it was made; what a certain time cannot be written as is left out.
                BrokenDownTime::from(&zoned).format(format, &mut text).unwrap_or_default();
                json::escape(out, &text);
            }
        }
    }
}

/// Appends `2026-11-23T18:28:31.788001+01:00`. Seconds of an offset, which no zone has had for a century, are dropped.
fn write_rfc3339(time: DateTime, offset_secs: i32, out: &mut Vec<u8>) {
    write_digits(out, u32::from(time.year().unsigned_abs()), 4);
    for (before, number) in
        [(b'-', time.month()), (b'-', time.day()), (b'T', time.hour()), (b':', time.minute()), (b':', time.second())]
    {
        out.push(before);
        write_digits(out, u32::from(number.unsigned_abs()), 2);
    }
    out.push(b'.');
    write_digits(out, time.subsec_nanosecond().unsigned_abs() / 1000, 6);
    out.push(if offset_secs < 0 { b'-' } else { b'+' });
    let minutes = offset_secs.unsigned_abs() / 60;
    write_digits(out, minutes / 60, 2);
    out.push(b':');
    write_digits(out, minutes % 60, 2);
}

/// Appends the last digits of a number.
fn write_digits(out: &mut Vec<u8>, number: u32, digits: usize) {
    let start = out.len();
    out.resize(start + digits, b'0');
    let mut rest = number;
    for digit in out.iter_mut().skip(start).rev() {
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[track_caller]
    fn check(format: TimeFormat, zone: &str, micros: u64, expected: &str) {
        let format = TimeFormat { zone: TimeZone::get(zone).unwrap(), ..format };
        let mut out = Vec::new();
        format.write(SystemTime::UNIX_EPOCH + Duration::from_micros(micros), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn the_time_is_written_with_its_offset() {
        let micros = 1_795_454_911_788_001;
        check(TimeFormat::rfc3339(), "UTC", micros, "2026-11-23T17:28:31.788001+00:00");
        check(TimeFormat::rfc3339(), "Europe/Berlin", micros, "2026-11-23T18:28:31.788001+01:00");
        check(TimeFormat::rfc3339(), "America/St_Johns", micros, "2026-11-23T13:58:31.788001-03:30");
        check(TimeFormat::rfc3339(), "UTC", 9, "1970-01-01T00:00:00.000009+00:00");
    }

    #[test]
    fn the_time_is_written_as_strftime_does() {
        let micros = 1_795_454_911_788_001;
        for (format, expected) in [
            ("%Y-%m-%d %H:%M:%S,%3f", "2026-11-23 18:28:31,788"),
            ("%Y-%m-%dT%H:%M:%S%z", "2026-11-23T18:28:31+0100"),
            ("\"%H\"", "\\\"18\\\""),
        ] {
            check(TimeFormat::strftime(format).unwrap(), "Europe/Berlin", micros, expected);
        }
    }

    #[test]
    fn a_format_that_is_none_is_refused() {
        let error = TimeFormat::strftime("%Y %@").unwrap_err().to_string();
        assert!(error.starts_with("`%Y %@` is no format for a time: "), "{error}");
    }
}
