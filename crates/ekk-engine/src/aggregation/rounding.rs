//! Where the buckets of a date histogram begin, by the calendar of a time zone.
//!
//! Source: <https://github.com/opensearch-project/OpenSearch/blob/3.4.0/server/src/main/java/org/opensearch/common/Rounding.java>

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use super::interval::{CalendarUnit, Interval};

/// Rounds times down to the start of their bucket. All times are epoch milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Rounding {
    length: Length,
    zone: TimeZone,
    /// Set when the zone's offset never changes.
    fixed: Option<Offset>,
    /// Shift of the buckets, in milliseconds.
    offset: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    /// Units of a day or longer, which begin at midnight.
    Days(CalendarUnit),
    Millis(i64),
}

impl Rounding {
    pub(crate) fn new(interval: Interval, zone: TimeZone, offset: i64) -> Self {
        let length = match interval {
            Interval::Fixed { millis } => Length::Millis(millis.max(1)),
            Interval::Calendar(CalendarUnit::Second) => Length::Millis(1_000),
            Interval::Calendar(CalendarUnit::Minute) => Length::Millis(60_000),
            Interval::Calendar(CalendarUnit::Hour) => Length::Millis(3_600_000),
            Interval::Calendar(unit) => Length::Days(unit),
        };
        let fixed = zone.to_fixed_offset().ok();
        Self { length, zone, fixed, offset }
    }

    /// The start of the bucket of a time.
    pub(crate) fn round(&self, millis: i64) -> i64 {
        self.round_plain(millis.saturating_sub(self.offset)).saturating_add(self.offset)
    }

    /// The start of the bucket after the one that starts at `start`.
    pub(crate) fn next(&self, start: i64) -> i64 {
        let plain = start.saturating_sub(self.offset);
        let next = match self.length {
            Length::Days(unit) => self.next_unit(plain, unit),
            Length::Millis(length) => {
                let local = plain.saturating_add(length).saturating_add(self.offset_at(plain));
                self.instant_of(local).max(self.round_plain(plain.saturating_add(length)))
            }
        };
        next.max(plain.saturating_add(1)).saturating_add(self.offset)
    }

    /// The exact length of a bucket in milliseconds, when all are equally long.
    pub(crate) fn fixed_length(&self) -> Option<i64> {
        match self.length {
            Length::Millis(length) if self.fixed.is_some() => Some(length),
            _ => None,
        }
    }

    fn round_plain(&self, millis: i64) -> i64 {
        match self.length {
            Length::Millis(length) => match self.fixed {
                Some(_) => {
                    let offset = self.offset_at(millis);
                    (millis.saturating_add(offset)).div_euclid(length).saturating_mul(length).saturating_sub(offset)
                }
                None => self.round_in_zone(millis, length),
            },
            Length::Days(unit) => self.midnight(start_of(self.local(millis).date(), unit)),
        }
    }

    /// Rounds local time, then finds the instant of it that is not after the time: a clock set back makes two of one
    /// local time, and one set forward leaves some out.
    fn round_in_zone(&self, millis: i64, length: i64) -> i64 {
        let local = millis.saturating_add(self.offset_at(millis));
        let rounded = local.div_euclid(length).saturating_mul(length);
        let Some(datetime) = datetime_of(rounded) else { return millis };
        let change = self.change_before(millis.saturating_add(1));
        let offsets = match self.zone.to_ambiguous_timestamp(datetime).offset() {
            AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
            AmbiguousOffset::Fold { before, after } => [Some(after), Some(before)],
            AmbiguousOffset::Gap { .. } => return change.unwrap_or(millis),
        };
        for offset in offsets.into_iter().flatten() {
            let instant = rounded - i64::from(offset.seconds()) * 1_000;
            if let Some(change) = change.filter(|change| instant < *change) {
                return self.round_in_zone(change - 1, length);
            }
            if instant <= millis {
                return instant;
            }
        }
        millis
    }

    fn change_before(&self, millis: i64) -> Option<i64> {
        let at = Timestamp::from_millisecond(millis).ok()?;
        self.zone.preceding(at).next().map(|change| change.timestamp().as_millisecond())
    }

    fn offset_at(&self, millis: i64) -> i64 {
        let offset = self.fixed.or_else(|| Some(self.zone.to_offset(Timestamp::from_millisecond(millis).ok()?)));
        offset.map_or(0, |offset| i64::from(offset.seconds()) * 1_000)
    }

    fn local(&self, millis: i64) -> DateTime {
        datetime_of(millis.saturating_add(self.offset_at(millis))).unwrap_or(DateTime::ZERO)
    }

    fn instant_of(&self, local: i64) -> i64 {
        match self.fixed {
            Some(_) => local.saturating_sub(self.offset_at(local)),
            None => datetime_of(local).map_or(local, |datetime| self.instant(datetime)),
        }
    }

    fn instant(&self, datetime: DateTime) -> i64 {
        self.zone.to_timestamp(datetime).map_or(i64::MAX, Timestamp::as_millisecond)
    }

    /// The first instant of a day.
    fn midnight(&self, date: Date) -> i64 {
        let start = date.to_datetime(jiff::civil::Time::midnight());
        match self.fixed {
            Some(offset) => millis_of(start).saturating_sub(i64::from(offset.seconds()) * 1_000),
            None => {
                date.to_zoned_datetime(self.zone.clone()).map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
            }
        }
    }

    fn next_unit(&self, start: i64, unit: CalendarUnit) -> i64 {
        let date = self.local(start).date();
        let span = match unit {
            CalendarUnit::Week => 1.week(),
            CalendarUnit::Month => 1.month(),
            CalendarUnit::Quarter => 3.months(),
            CalendarUnit::Year => 1.year(),
            _ => 1.day(),
        };
        date.checked_add(span).map_or(i64::MAX, |date| self.midnight(date))
    }
}

fn start_of(date: Date, unit: CalendarUnit) -> Date {
    match unit {
        CalendarUnit::Week => date.checked_sub(i64::from(date.weekday().since(Weekday::Monday)).days()).unwrap_or(date),
        CalendarUnit::Month => date.first_of_month(),
        CalendarUnit::Quarter => {
            let month = (date.month() - 1) / 3 * 3 + 1;
            Date::new(date.year(), month, 1).unwrap_or(date)
        }
        CalendarUnit::Year => date.first_of_year(),
        _ => date,
    }
}

fn datetime_of(local_millis: i64) -> Option<DateTime> {
    Timestamp::from_millisecond(local_millis).ok().map(|timestamp| Offset::UTC.to_datetime(timestamp))
}

fn millis_of(local: DateTime) -> i64 {
    Offset::UTC.to_timestamp(local).map_or(i64::MAX, Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use jiff::ZonedDateTimeRound;
    use proptest::prelude::*;

    use super::*;
    use crate::query::date_math::time_zone;

    fn rounding(interval: Interval, zone: &str, offset: i64) -> Rounding {
        Rounding::new(interval, time_zone(zone).expect(zone), offset)
    }

    fn millis(text: &str) -> i64 {
        text.parse::<Timestamp>().expect(text).as_millisecond()
    }

    #[track_caller]
    fn check(rounding: &Rounding, time: &str, start: &str, next: &str) {
        let found = rounding.round(millis(time));
        let print = |millis| Timestamp::from_millisecond(millis).expect("range").to_string();
        assert_eq!((print(found), print(rounding.next(found))), (start.to_owned(), next.to_owned()), "{time}");
    }

    #[test]
    fn units_follow_the_calendar() {
        use CalendarUnit::{Day, Hour, Month, Quarter, Week, Year};
        for (unit, start, next) in [
            (Hour, "2024-03-31T13:00:00Z", "2024-03-31T14:00:00Z"),
            (Day, "2024-03-31T00:00:00Z", "2024-04-01T00:00:00Z"),
            (Week, "2024-03-25T00:00:00Z", "2024-04-01T00:00:00Z"),
            (Month, "2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z"),
            (Quarter, "2024-01-01T00:00:00Z", "2024-04-01T00:00:00Z"),
            (Year, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ] {
            check(&rounding(Interval::Calendar(unit), "UTC", 0), "2024-03-31T13:07:00Z", start, next);
        }
        let shifted = rounding(Interval::Calendar(Day), "UTC", 6 * 3_600_000);
        check(&shifted, "2024-03-30T05:00:00Z", "2024-03-29T06:00:00Z", "2024-03-30T06:00:00Z");
    }

    #[test]
    fn days_of_a_zone_may_have_23_or_25_hours() {
        let days = rounding(Interval::Calendar(CalendarUnit::Day), "Europe/Paris", 0);
        check(&days, "2024-03-31T12:00:00Z", "2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z");
        check(&days, "2024-10-27T12:00:00Z", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z");
    }

    #[test]
    fn fixed_lengths_in_a_zone_are_of_local_time() {
        let hours = rounding(Interval::Fixed { millis: 6 * 3_600_000 }, "Europe/Paris", 0);
        check(&hours, "2024-03-31T01:30:00Z", "2024-03-30T23:00:00Z", "2024-03-31T04:00:00Z");
        check(&hours, "2024-03-31T05:00:00Z", "2024-03-31T04:00:00Z", "2024-03-31T10:00:00Z");
    }

    proptest! {
        #[test]
        fn whole_hours_of_a_zone_agree_with_jiff(seconds in 0_i64..4_000_000_000, zone in 0_usize..4) {
            let zone = ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"][zone];
            let time = Timestamp::from_second(seconds).expect("range");
            let zoned = time.to_zoned_datetime(time_zone(zone).expect(zone));
            for (unit, expected) in [
                (CalendarUnit::Day, zoned.start_of_day().expect("range")),
                (CalendarUnit::Month, zoned.first_of_month().and_then(|first| first.start_of_day()).expect("range")),
                (CalendarUnit::Year, zoned.first_of_year().and_then(|first| first.start_of_day()).expect("range")),
                (CalendarUnit::Minute, zoned.round(ZonedDateTimeRound::new().smallest(jiff::Unit::Minute).mode(jiff::RoundMode::Trunc)).expect("range")),
            ] {
                let found = rounding(Interval::Calendar(unit), zone, 0).round(time.as_millisecond());
                prop_assert_eq!(found, expected.timestamp().as_millisecond());
            }
        }

        #[test]
        fn a_bucket_holds_its_times_and_ends_where_the_next_begins(
            seconds in 1_600_000_000_i64..1_900_000_000,
            length in prop::sample::select(vec![1_000_i64, 60_000, 1_800_000, 3_600_000, 10_800_000, 86_400_000]),
            zone in 0_usize..4,
        ) {
            let zone = ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"][zone];
            let rounding = rounding(Interval::Fixed { millis: length }, zone, 0);
            let time = seconds * 1_000;
            let start = rounding.round(time);
            prop_assert!(start <= time);
            prop_assert_eq!(rounding.round(start), start);
            prop_assert!(rounding.next(start) > start);
        }
    }
}
