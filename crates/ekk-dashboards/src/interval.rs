//! The width of a histogram's bars.
//!
//! Chosen from the intervals of OpenSearch Dashboards so that a range has about [`BAR_TARGET`] bars. From a day on they
//! are calendar intervals, so bars begin at local midnight, on Mondays and on the first of a month.

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    limits::{BAR_TARGET, MAX_BARS},
    time_range::Instants,
};

/// The width of a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    /// As the engine spells it: `30m`, `1d`, `1M`.
    wire: String,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Fixed {
        millis: i64,
    },
    /// The unit as date math spells it.
    Calendar {
        unit: char,
        about_millis: i64,
    },
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const STEPS: [(&str, Step); 16] = [
    ("100ms", Step::Fixed { millis: 100 }),
    ("1s", Step::Fixed { millis: SECOND }),
    ("5s", Step::Fixed { millis: 5 * SECOND }),
    ("10s", Step::Fixed { millis: 10 * SECOND }),
    ("30s", Step::Fixed { millis: 30 * SECOND }),
    ("1m", Step::Fixed { millis: MINUTE }),
    ("5m", Step::Fixed { millis: 5 * MINUTE }),
    ("10m", Step::Fixed { millis: 10 * MINUTE }),
    ("30m", Step::Fixed { millis: 30 * MINUTE }),
    ("1h", Step::Fixed { millis: HOUR }),
    ("3h", Step::Fixed { millis: 3 * HOUR }),
    ("12h", Step::Fixed { millis: 12 * HOUR }),
    ("1d", Step::Calendar { unit: 'd', about_millis: DAY }),
    ("1w", Step::Calendar { unit: 'w', about_millis: 7 * DAY }),
    ("1M", Step::Calendar { unit: 'M', about_millis: 30 * DAY }),
    ("1y", Step::Calendar { unit: 'y', about_millis: 365 * DAY }),
];

impl Interval {
    /// The interval that gives `range` the number of bars nearest to the target, never more than [`MAX_BARS`].
    pub(crate) fn for_range(range: Instants) -> Self {
        let target = (range.millis() / BAR_TARGET).max(1);
        STEPS
            .iter()
            .filter(|(_, step)| range.millis() / step.about_millis() < MAX_BARS)
            .min_by_key(|(_, step)| ratio_permille(step.about_millis(), target))
            .map_or_else(|| Self::of_years(range), |(wire, step)| Self { wire: (*wire).to_owned(), step: *step })
    }

    /// The parameters of a `date_histogram` on `field` with this interval, its buckets aligned to `zone`.
    pub(crate) fn date_histogram(&self, field: &str, zone: &TimeZone) -> Value {
        let kind = match self.step {
            Step::Fixed { .. } => "fixed_interval",
            Step::Calendar { .. } => "calendar_interval",
        };
        let mut histogram = json!({"field": field, kind: self.wire, "min_doc_count": 1});
        if let Some(name) = zone.iana_name().filter(|name| *name != "UTC") {
            histogram["time_zone"] = json!(name);
        }
        histogram
    }

    /// Where the bucket that begins at `start` ends.
    pub(crate) fn end(&self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        let end = match self.step {
            Step::Fixed { millis } => start.checked_add(SignedDuration::from_millis(millis)).ok(),
            Step::Calendar { unit, .. } => {
                let span = match unit {
                    'd' => Span::new().try_days(1),
                    'w' => Span::new().try_weeks(1),
                    'M' => Span::new().try_months(1),
                    _ => Span::new().try_years(1),
                };
                let start = start.to_zoned_datetime(zone.clone());
                span.ok().and_then(|span| start.checked_add(span).ok()).map(|end| end.timestamp())
            }
        };
        end.unwrap_or(Timestamp::MAX)
    }

    /// The width in words: `30 minutes`, `day`.
    pub(crate) fn words(&self) -> String {
        let digits: String = self.wire.chars().take_while(char::is_ascii_digit).collect();
        let unit = match self.wire.trim_start_matches(|c: char| c.is_ascii_digit()) {
            "ms" => "millisecond",
            "s" => "second",
            "m" => "minute",
            "h" => "hour",
            "d" => "day",
            "w" => "week",
            "M" => "month",
            _ => "year",
        };
        if digits == "1" { unit.to_owned() } else { format!("{digits} {unit}s") }
    }

    /// For more than a century: as many whole days as a fiftieth of the range has.
    fn of_years(range: Instants) -> Self {
        let days = range.millis() / BAR_TARGET / DAY + 1;
        Self { wire: format!("{days}d"), step: Step::Fixed { millis: days * DAY } }
    }
}

impl Step {
    fn about_millis(self) -> i64 {
        match self {
            Self::Fixed { millis } | Self::Calendar { about_millis: millis, .. } => millis,
        }
    }
}

/// How far apart two lengths are, as the larger over the smaller in thousandths.
fn ratio_permille(left: i64, right: i64) -> i64 {
    left.max(right).saturating_mul(1000) / left.min(right).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(millis: i64) -> Instants {
        let to: Timestamp = "2026-11-23T17:35:06.948Z".parse().unwrap();
        Instants { from: to - SignedDuration::from_millis(millis), to }
    }

    #[test]
    fn a_range_gets_about_fifty_bars() {
        for (range, millis, wire) in [
            ("1 ms", 1, "100ms"),
            ("5 s", 5 * SECOND, "100ms"),
            ("1 min", MINUTE, "1s"),
            ("15 min", 15 * MINUTE, "30s"),
            ("1 h", HOUR, "1m"),
            ("3 h", 3 * HOUR, "5m"),
            ("12 h", 12 * HOUR, "10m"),
            ("24 h", DAY, "30m"),
            ("7 d", 7 * DAY, "3h"),
            ("30 d", 30 * DAY, "12h"),
            ("90 d", 90 * DAY, "1d"),
            ("1 y", 365 * DAY, "1w"),
            ("5 y", 5 * 365 * DAY, "1M"),
            ("50 y", 50 * 365 * DAY, "1y"),
            ("500 y", 500 * 365 * DAY, "3651d"),
        ] {
            let interval = Interval::for_range(last(millis));
            assert_eq!(interval.wire, wire, "{range}");
            assert!(millis / interval.step.about_millis() <= MAX_BARS, "{range}");
        }
    }

    #[test]
    fn a_days_bar_ends_at_the_next_local_midnight_also_when_clocks_change() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let day = Interval::for_range(last(90 * DAY));
        let start: Timestamp = "2026-10-24T22:00:00Z".parse().unwrap();
        assert_eq!(day.end(start, &berlin).to_string(), "2026-10-25T23:00:00Z");
    }

    #[test]
    fn the_engine_is_told_the_zone_unless_it_is_utc() {
        let half_hour = Interval::for_range(last(DAY));
        insta::assert_snapshot!(
            half_hour.date_histogram("asctime", &TimeZone::UTC),
            @r#"{"field":"asctime","fixed_interval":"30m","min_doc_count":1}"#
        );
        insta::assert_snapshot!(
            Interval::for_range(last(365 * DAY)).date_histogram("asctime", &TimeZone::get("Asia/Tokyo").unwrap()),
            @r#"{"calendar_interval":"1w","field":"asctime","min_doc_count":1,"time_zone":"Asia/Tokyo"}"#
        );
    }

    #[test]
    fn intervals_have_words() {
        assert_eq!(Interval::for_range(last(DAY)).words(), "30 minutes");
        assert_eq!(Interval::for_range(last(HOUR)).words(), "minute");
    }
}
