//! The interval of a date histogram, by the calendar or of a fixed length.

use crate::error::Exception;

/// Width of a date histogram's buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// `calendar_interval`: as long as the calendar makes it in the time zone.
    Calendar(CalendarUnit),
    /// `fixed_interval`: this many milliseconds, at least 1.
    Fixed {
        /// Length in milliseconds.
        millis: i64,
    },
}

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarUnit {
    /// `1s`.
    Second,
    /// `1m`.
    Minute,
    /// `1h`.
    Hour,
    /// `1d`.
    Day,
    /// `1w`, from Monday.
    Week,
    /// `1M`.
    Month,
    /// `1q`.
    Quarter,
    /// `1y`.
    Year,
}

impl Interval {
    /// Reads a `calendar_interval`: `minute`, `1m`, `month`, `1M`, ….
    ///
    /// # Errors
    /// `illegal_argument_exception`: it is no calendar unit; OpenSearch words it so.
    pub fn calendar(text: &str) -> Result<Self, Exception> {
        let unit = match text {
            "second" | "1s" => CalendarUnit::Second,
            "minute" | "1m" => CalendarUnit::Minute,
            "hour" | "1h" => CalendarUnit::Hour,
            "day" | "1d" => CalendarUnit::Day,
            "week" | "1w" => CalendarUnit::Week,
            "month" | "1M" => CalendarUnit::Month,
            "quarter" | "1q" => CalendarUnit::Quarter,
            "year" | "1y" => CalendarUnit::Year,
            _ => {
                let reason = format!("The supplied interval [{text}] could not be parsed as a calendar interval.");
                return Err(Exception::illegal_argument(reason));
            }
        };
        Ok(Self::Calendar(unit))
    }

    /// Reads a `fixed_interval`: a number with `ms`, `s`, `m`, `h` or `d`.
    ///
    /// # Errors
    /// `illegal_argument_exception`: the unit is missing or unknown, or the length is not positive.
    pub fn fixed(text: &str) -> Result<Self, Exception> {
        let failed = |why: &str| {
            let setting = "failed to parse setting [date_histogram.fixedInterval]";
            Exception::illegal_argument(format!("{setting} with value [{text}] as a time value: {why}"))
        };
        let trimmed = text.trim();
        let digits = trimmed.len() - trimmed.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = trimmed.split_at(digits);
        let factor = match unit.trim() {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" | "H" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(failed("unit is missing or unrecognized")),
        };
        let count: i64 = number.parse().map_err(|_| failed("the number is missing or too large"))?;
        match count.checked_mul(factor) {
            Some(millis) if millis > 0 => Ok(Self::Fixed { millis }),
            _ => Err(Exception::illegal_argument("Zero or negative time interval not supported")),
        }
    }
}
