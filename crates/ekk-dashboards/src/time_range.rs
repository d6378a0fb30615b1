//! The time range of a page: what the user typed, and the instants it stands for.
//!
//! Understands OpenSearch's date math on `now` (`now-15m`, `now/d`, `now-1w/w+3h`), instants with a zone, epoch
//! milliseconds, and civil times, which are read in the zone the page shows.
//! Source: <https://docs.opensearch.org/latest/field-types/supported-field-types/date/#date-math>

use jiff::{Span, Timestamp, ZonedDateTime, civil::DateTime, tz::TimeZone};

/// A range of time as it stands in the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeRange {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// A range of time: `from` belongs to it, `to` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instants {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// Why a range cannot be searched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RangeError {
    #[error("“{0}” is not a time: write now-15m, now/d, 2026-11-23 14:00 or 2026-11-23T14:00:00Z")]
    Unreadable(String),
    #[error("the range ends before it begins")]
    Backwards,
}

/// The ranges that a click chooses: name, from, to. The same ten as OpenSearch Dashboards' `timepicker:quickRanges`.
pub(crate) const QUICK_RANGES: [(&str, &str, &str); 10] = [
    ("Last 15 minutes", "now-15m", "now"),
    ("Last 30 minutes", "now-30m", "now"),
    ("Last 1 hour", "now-1h", "now"),
    ("Last 24 hours", "now-24h", "now"),
    ("Last 7 days", "now-7d", "now"),
    ("Last 30 days", "now-30d", "now"),
    ("Last 90 days", "now-90d", "now"),
    ("Last 1 year", "now-1y", "now"),
    ("Today", "now/d", "now/d"),
    ("This week", "now/w", "now/w"),
];

impl Default for TimeRange {
    fn default() -> Self {
        Self { from: "now-24h".to_owned(), to: "now".to_owned() }
    }
}

impl TimeRange {
    /// A range of fixed instants.
    pub(crate) fn absolute(instants: Instants) -> Self {
        Self { from: wire(instants.from), to: wire(instants.to) }
    }

    /// The instants that the range stands for at `now`, with civil times and roundings taken in `zone`.
    pub(crate) fn resolve(&self, now: Timestamp, zone: &TimeZone) -> Result<Instants, RangeError> {
        let from =
            instant(&self.from, now, zone, Rounding::Down).ok_or_else(|| RangeError::Unreadable(self.from.clone()))?;
        let to = instant(&self.to, now, zone, Rounding::Up).ok_or_else(|| RangeError::Unreadable(self.to.clone()))?;
        if from < to { Ok(Instants { from, to }) } else { Err(RangeError::Backwards) }
    }

    /// Turns civil times, as a browser's picker sends them, into instants, so that a link means the same in every zone.
    pub(crate) fn pin_civil_times(&mut self, zone: &TimeZone) {
        for text in [&mut self.from, &mut self.to] {
            if let Ok(civil) = text.trim().parse::<DateTime>()
                && text.parse::<Timestamp>().is_err()
                && let Ok(instant) = zone.to_timestamp(civil)
            {
                *text = wire(instant);
            }
        }
    }

    /// The name of the quick range that this is, if it is one.
    pub(crate) fn quick_name(&self) -> Option<&'static str> {
        QUICK_RANGES.iter().find(|(_, from, to)| *from == self.from && *to == self.to).map(|(name, _, _)| *name)
    }

    /// Whether the range moves with the time.
    pub(crate) fn is_relative(&self) -> bool {
        self.from.starts_with("now") || self.to.starts_with("now")
    }
}

impl Instants {
    /// The length in milliseconds, at least one.
    pub(crate) fn millis(self) -> i64 {
        (self.to.as_millisecond() - self.from.as_millisecond()).max(1)
    }

    /// The range of the same length before (`-1`) or after (`1`) this one, as far as time goes.
    pub(crate) fn shifted(self, steps: i64) -> Self {
        let by = jiff::SignedDuration::from_millis(self.millis().saturating_mul(steps));
        self.moved(by, by)
    }

    /// The range of twice the length around this one, as far as time goes.
    pub(crate) fn zoomed_out(self) -> Self {
        let half = jiff::SignedDuration::from_millis((self.millis() / 2).max(1));
        self.moved(-half, half)
    }

    fn moved(self, from_by: jiff::SignedDuration, to_by: jiff::SignedDuration) -> Self {
        match (self.from.checked_add(from_by), self.to.checked_add(to_by)) {
            (Ok(from), Ok(to)) if from >= earliest() => Self { from, to },
            _ => self,
        }
    }
}

/// An instant as the engine and the URL spell it, in milliseconds.
pub(crate) fn wire(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// An instant as a page shows it.
pub(crate) fn shown(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
}

/// An instant as the value of a browser's date and time input.
pub(crate) fn input_value(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The first instant that every date format of OpenSearch can write: the year 1.
fn earliest() -> Timestamp {
    Timestamp::from_millisecond(-62_135_596_800_000).unwrap_or(Timestamp::MIN)
}

#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Up,
}

fn instant(text: &str, now: Timestamp, zone: &TimeZone, rounding: Rounding) -> Option<Timestamp> {
    let text = text.trim();
    let instant = match text.strip_prefix("now") {
        Some(math) => apply_math(math, now.to_zoned_datetime(zone.clone()), rounding)?.timestamp(),
        None => absolute(text, zone)?,
    };
    (instant >= earliest()).then_some(instant)
}

fn absolute(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if text.len() > 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Timestamp::from_millisecond(text.parse().ok()?).ok();
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    zone.to_timestamp(text.parse::<DateTime>().ok()?).ok()
}

/// Applies `+1h`, `-3d` and `/w` from left to right.
fn apply_math(mut math: &str, mut at: ZonedDateTime, rounding: Rounding) -> Option<ZonedDateTime> {
    while !math.is_empty() {
        let mut rest = math.chars();
        let operator = rest.next()?;
        let digits = rest.as_str().len() - rest.as_str().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.as_str().split_at_checked(digits)?;
        let mut after = after.chars();
        let unit = after.next()?;
        math = after.as_str();
        at = match (operator, number) {
            ('/', "") => round(&at, unit, rounding)?,
            ('+', number) => at.checked_add(span(number, unit)?).ok()?,
            ('-', number) => at.checked_sub(span(number, unit)?).ok()?,
            _ => return None,
        };
    }
    Some(at)
}

fn span(number: &str, unit: char) -> Option<Span> {
    let count: i64 = if number.is_empty() { 1 } else { number.parse().ok()? };
    let span = Span::new();
    match unit {
        's' => span.try_seconds(count),
        'm' => span.try_minutes(count),
        'h' | 'H' => span.try_hours(count),
        'd' => span.try_days(count),
        'w' => span.try_weeks(count),
        'M' => span.try_months(count),
        'y' => span.try_years(count),
        _ => return None,
    }
    .ok()
}

/// The start of the unit around `at`, or with [`Rounding::Up`] the start of the next one, as ends are exclusive.
fn round(at: &ZonedDateTime, unit: char, rounding: Rounding) -> Option<ZonedDateTime> {
    let start = start_of(at, unit)?;
    match rounding {
        Rounding::Down => Some(start),
        Rounding::Up => start.checked_add(span("1", unit)?).ok(),
    }
}

/// The start of the second, minute, hour, day, week (from Monday), month or year around `at`, in its own zone.
pub(crate) fn start_of(at: &ZonedDateTime, unit: char) -> Option<ZonedDateTime> {
    match unit {
        's' => at.with().subsec_nanosecond(0).build().ok(),
        'm' => at.with().subsec_nanosecond(0).second(0).build().ok(),
        'h' | 'H' => at.with().subsec_nanosecond(0).second(0).minute(0).build().ok(),
        'd' => at.start_of_day().ok(),
        'w' => {
            let days = i64::from(at.weekday().to_monday_zero_offset());
            at.checked_sub(Span::new().try_days(days).ok()?).ok()?.start_of_day().ok()
        }
        'M' => at.first_of_month().ok()?.start_of_day().ok(),
        'y' => at.first_of_year().ok()?.start_of_day().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
