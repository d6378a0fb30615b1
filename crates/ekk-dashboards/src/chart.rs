//! The geometry of the histogram: where bars, parts, lines and labels lie. Drawing it is `page::histogram`.
//!
//! Positions from left to right are percentages of the width, so that the picture fits any screen without being
//! stretched; heights are pixels.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    interval::Interval,
    level::Severity,
    time_range::{Instants, start_of},
};

/// Height of the tallest bar, in pixels.
pub(crate) const HEIGHT: f64 = 132.0;

/// Heights below this could not be seen, in pixels.
const LEAST_HEIGHT: f64 = 1.5;

/// Part of a bucket's width that its bar fills.
const FILLED: f64 = 0.9;

/// Labels under the bars, at most.
const MAX_TICKS: i64 = 9;

/// The count of records in one span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeBucket {
    pub(crate) start: Timestamp,
    pub(crate) count: u64,
    /// The counts by level's name; levels that are too many or absent are not among them.
    pub(crate) by_level: Vec<(String, u64)>,
}

#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) bars: Vec<Bar>,
    pub(crate) ticks: Vec<Tick>,
    /// The count at the top line; the line in the middle stands at half of it.
    pub(crate) top_count: u64,
}

#[derive(Debug)]
pub(crate) struct Bar {
    /// Left end, in percent.
    pub(crate) left: f64,
    /// Width, in percent.
    pub(crate) width: f64,
    /// What the bar stands for, cut to the range shown.
    pub(crate) span: Instants,
    pub(crate) count: u64,
    /// From the bottom up.
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) severity: Severity,
    /// Upper end, in pixels from the top.
    pub(crate) top: f64,
    /// In pixels.
    pub(crate) height: f64,
    pub(crate) count: u64,
}

#[derive(Debug)]
pub(crate) struct Tick {
    /// In percent.
    pub(crate) at: f64,
    pub(crate) label: String,
}

/// Lays out `buckets` over `range`.
pub(crate) fn lay_out(range: Instants, interval: &Interval, zone: &TimeZone, buckets: &[TimeBucket]) -> Chart {
    let highest = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0);
    let top_count = round_up(highest);
    let bars = buckets.iter().filter_map(|bucket| bar(range, interval, zone, bucket, top_count)).collect();
    Chart { bars, ticks: ticks(range, zone), top_count }
}

fn bar(range: Instants, interval: &Interval, zone: &TimeZone, bucket: &TimeBucket, top_count: u64) -> Option<Bar> {
    let span = Instants { from: bucket.start.max(range.from), to: interval.end(bucket.start, zone).min(range.to) };
    if span.from >= span.to || bucket.count == 0 {
        return None;
    }
    let left = percent_of(range, span.from);
    let width = percent_of(range, span.to) - left;
    Some(Bar { left, width: width * FILLED, span, count: bucket.count, parts: stack(bucket, top_count) })
}

/// The parts of a bar, least severe at the bottom; the levels' names that mean the same share one.
fn stack(bucket: &TimeBucket, top_count: u64) -> Vec<Part> {
    let named: u64 = bucket.by_level.iter().map(|(_, count)| count).sum();
    let mut counts: Vec<(Severity, u64)> = vec![(Severity::Other, bucket.count.saturating_sub(named))];
    for (level, count) in &bucket.by_level {
        let severity = Severity::of(level);
        match counts.iter_mut().find(|(present, _)| *present == severity) {
            Some((_, sum)) => *sum += count,
            None => counts.push((severity, *count)),
        }
    }
    counts.retain(|(_, count)| *count > 0);
    counts.sort_unstable();
    let mut top = HEIGHT;
    let mut parts = Vec::with_capacity(counts.len());
    for (severity, count) in counts {
        let height = (HEIGHT * ratio(count, top_count)).max(LEAST_HEIGHT);
        top = (top - height).max(0.0);
        parts.push(Part { severity, top, height, count });
    }
    parts
}

fn percent_of(range: Instants, at: Timestamp) -> f64 {
    let passed = at.as_millisecond() - range.from.as_millisecond();
    100.0 * ratio(u64::try_from(passed).unwrap_or(0), u64::try_from(range.millis()).unwrap_or(1))
}

#[expect(clippy::cast_precision_loss, reason = "a pixel does not see the 54th bit")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// The smallest even round number that is not below `count`: 2, 4, 6, 8, 10, 20, 40, 50, 60, 80, 100 and so on.
fn round_up(count: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for mantissa in [1, 2, 4, 5, 6, 8] {
            let Some(candidate) = power.checked_mul(mantissa) else { return u64::MAX };
            if candidate >= count && candidate % 2 == 0 {
                return candidate;
            }
        }
        let Some(next) = power.checked_mul(10) else { return u64::MAX };
        power = next;
    }
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Distances between labels, in milliseconds, below a day.
const CLOCK_STEPS: [i64; 18] = [
    1,
    10,
    100,
    500,
    1_000,
    5_000,
    10_000,
    30_000,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
];

/// Distances from a day on: unit and count.
const CALENDAR_STEPS: [(char, i64, i64); 12] = [
    ('d', 1, DAY),
    ('d', 2, 2 * DAY),
    ('w', 1, 7 * DAY),
    ('w', 2, 14 * DAY),
    ('M', 1, 31 * DAY),
    ('M', 3, 92 * DAY),
    ('M', 6, 184 * DAY),
    ('y', 1, 366 * DAY),
    ('y', 5, 5 * 366 * DAY),
    ('y', 20, 20 * 366 * DAY),
    ('y', 100, 100 * 366 * DAY),
    ('y', 1000, 1000 * 366 * DAY),
];

/// The labels under the bars, at round times of `zone`.
fn ticks(range: Instants, zone: &TimeZone) -> Vec<Tick> {
    let fits = |millis: i64| range.millis() / millis < MAX_TICKS;
    let times = match CLOCK_STEPS.into_iter().find(|step| fits(*step)) {
        Some(step) => clock_times(range, zone, step),
        None => CALENDAR_STEPS
            .into_iter()
            .find(|(_, _, millis)| fits(*millis))
            .map(|(unit, count, _)| calendar_times(range, zone, unit, count))
            .unwrap_or_default(),
    };
    times
        .into_iter()
        .filter(|(at, _)| *at >= range.from && *at < range.to)
        .map(|(at, label)| Tick { at: percent_of(range, at), label })
        .collect()
}

fn clock_times(range: Instants, zone: &TimeZone, step_millis: i64) -> Vec<(Timestamp, String)> {
    let from = range.from.to_zoned_datetime(zone.clone());
    let Ok(midnight) = from.start_of_day().map(|midnight| midnight.timestamp()) else { return Vec::new() };
    let steps = (range.from.as_millisecond() - midnight.as_millisecond()) / step_millis;
    (0..=MAX_TICKS + 1)
        .filter_map(|number| {
            let passed = SignedDuration::from_millis((steps + number) * step_millis);
            let at = midnight.checked_add(passed).ok()?;
            let zoned = at.to_zoned_datetime(zone.clone());
            let format = if zoned.start_of_day().is_ok_and(|start| start == zoned) {
                "%b %-d"
            } else if step_millis >= MINUTE {
                "%H:%M"
            } else if step_millis >= 1000 {
                "%H:%M:%S"
            } else {
                "%H:%M:%S.%3f"
            };
            Some((at, zoned.strftime(format).to_string()))
        })
        .collect()
}

fn calendar_times(range: Instants, zone: &TimeZone, unit: char, count: i64) -> Vec<(Timestamp, String)> {
    let Some(first) = start_of(&range.from.to_zoned_datetime(zone.clone()), unit) else { return Vec::new() };
    let format = match unit {
        'd' | 'w' => "%b %-d",
        'M' => "%b %Y",
        _ => "%Y",
    };
    (0..=MAX_TICKS + 1)
        .filter_map(|number| {
            let span = jiff::Span::new();
            let span = match unit {
                'd' => span.try_days(number * count),
                'w' => span.try_weeks(number * count),
                'M' => span.try_months(number * count),
                _ => span.try_years(number * count),
            };
            let at = first.checked_add(span.ok()?).ok()?;
            Some((at.timestamp(), at.strftime(format).to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> Instants {
        Instants { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn bucket(start: &str, by_level: &[(&str, u64)], count: u64) -> TimeBucket {
        let by_level = by_level.iter().map(|(level, count)| ((*level).to_owned(), *count)).collect();
        TimeBucket { start: start.parse().unwrap(), count, by_level }
    }

    #[test]
    fn bars_lie_at_their_times_and_stack_from_the_least_severe() {
        let hours = range("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
        let interval = Interval::for_range(hours);
        let buckets = [
            bucket("2026-11-23T06:00:00Z", &[("ERROR", 25), ("INFO", 50), ("WARN", 10), ("WARNING", 10)], 100),
            bucket("2026-11-23T12:00:00Z", &[("DEBUG", 1)], 1),
        ];
        let chart = lay_out(hours, &interval, &TimeZone::UTC, &buckets);
        assert_eq!(chart.top_count, 100);
        let first = &chart.bars[0];
        assert!((first.left - 25.0).abs() < 1e-9, "{}", first.left);
        let stack: Vec<_> = first.parts.iter().map(|part| (part.severity, part.count)).collect();
        assert_eq!(stack, [(Severity::Other, 5), (Severity::Info, 50), (Severity::Warning, 20), (Severity::Error, 25)]);
        assert!((first.parts[3].top - 0.0).abs() < 1e-9, "the highest bar reaches the top line");
        assert!(chart.bars[1].parts[0].height >= LEAST_HEIGHT, "one record of a hundred is seen");
    }

    #[test]
    fn bars_at_the_edges_are_cut_to_the_range() {
        let hours = range("2026-11-23T00:10:00Z", "2026-11-24T00:10:00Z");
        let interval = Interval::for_range(hours);
        let buckets = [
            bucket("2026-11-23T00:00:00Z", &[], 1),
            bucket("2026-11-24T00:00:00Z", &[], 1),
            bucket("2026-11-25T00:00:00Z", &[], 1),
        ];
        let chart = lay_out(hours, &interval, &TimeZone::UTC, &buckets);
        let spans: Vec<_> = chart.bars.iter().map(|bar| (bar.span.from.to_string(), bar.span.to.to_string())).collect();
        assert_eq!(
            spans,
            [
                ("2026-11-23T00:10:00Z".to_owned(), "2026-11-23T00:30:00Z".to_owned()),
                ("2026-11-24T00:00:00Z".to_owned(), "2026-11-24T00:10:00Z".to_owned()),
            ]
        );
        assert!(chart.bars.iter().all(|bar| bar.left >= 0.0 && bar.left + bar.width <= 100.0));
    }

    #[test]
    fn labels_stand_at_round_times_of_the_zone() {
        for (from, to, zone, expected) in [
            ("2026-11-22T17:35:00Z", "2026-11-23T17:35:00Z", "UTC", "18:00 21:00 Nov 23 03:00 06:00 09:00 12:00 15:00"),
            ("2026-11-23T17:20:00Z", "2026-11-23T17:35:00Z", "UTC", "17:20 17:22 17:24 17:26 17:28 17:30 17:32 17:34"),
            ("2026-11-23T00:00:00Z", "2026-11-23T12:00:00Z", "Asia/Kolkata", "06:00 08:00 10:00 12:00 14:00 16:00"),
            ("2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", "UTC", "Nov 2 Nov 9 Nov 16 Nov 23"),
            ("2026-01-15T00:00:00Z", "2027-01-15T00:00:00Z", "UTC", "Apr 2026 Jul 2026 Oct 2026 Jan 2027"),
            (
                "2026-11-23T17:20:00Z",
                "2026-11-23T17:20:00.500Z",
                "UTC",
                "17:20:00.000 17:20:00.100 17:20:00.200 17:20:00.300 17:20:00.400",
            ),
        ] {
            let labels: Vec<_> =
                ticks(range(from, to), &TimeZone::get(zone).unwrap()).into_iter().map(|tick| tick.label).collect();
            assert_eq!(labels.join(" "), expected, "{from} to {to} in {zone}");
        }
    }

    #[test]
    fn the_top_line_stands_at_an_even_round_number() {
        for (count, top) in
            [(0, 2), (1, 2), (2, 2), (3, 4), (9, 10), (11, 20), (2711, 4000), (4001, 5000), (u64::MAX, u64::MAX)]
        {
            assert_eq!(round_up(count), top, "{count}");
        }
    }

    #[test]
    fn the_longest_range_still_has_labels_and_no_panic() {
        let all = Instants { from: Timestamp::MIN, to: Timestamp::MAX };
        let chart = lay_out(all, &Interval::for_range(all), &TimeZone::UTC, &[]);
        assert!(chart.ticks.len() <= 12);
    }
}
