//! The parts of a date that a text gave, and the instant they make together with what is missing.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, ISOWeekDate, Time, Weekday},
    tz::{Offset, TimeZone},
};

use super::Rounding;

/// What was read of a date. Missing parts stay `None`.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    pub(super) year: Option<i64>,
    pub(super) month: Option<i64>,
    pub(super) day: Option<i64>,
    pub(super) day_of_year: Option<i64>,
    pub(super) week_year: Option<i64>,
    pub(super) week: Option<i64>,
    pub(super) day_of_week: Option<i64>,
    pub(super) hour: Option<i64>,
    /// 0..=11.
    pub(super) half_day_hour: Option<i64>,
    pub(super) afternoon: Option<bool>,
    pub(super) minute: Option<i64>,
    pub(super) second: Option<i64>,
    pub(super) nanos: Option<i64>,
    pub(super) nanos_of_day: Option<i64>,
    pub(super) offset_secs: Option<i32>,
    pub(super) zone: Option<TimeZone>,
}

impl Fields {
    /// The epoch milliseconds, or `None` when the parts are no date.
    pub(super) fn resolve(&self, zone: &TimeZone, rounding: Rounding) -> Option<i64> {
        let local = DateTime::from_parts(self.date(rounding)?, self.time(rounding)?);
        let instant = match (self.offset_secs, &self.zone) {
            (Some(seconds), _) => Offset::from_seconds(seconds).ok()?.to_timestamp(local).ok()?,
            (None, own) => own.as_ref().unwrap_or(zone).to_timestamp(local).ok()?,
        };
        Some(floor_millis(instant))
    }

    /// What is wrong with the date, in Java's words; `None` when that is not its day or month.
    pub(super) fn complaint(&self) -> Option<String> {
        const MONTHS: [&str; 12] = [
            "JANUARY",
            "FEBRUARY",
            "MARCH",
            "APRIL",
            "MAY",
            "JUNE",
            "JULY",
            "AUGUST",
            "SEPTEMBER",
            "OCTOBER",
            "NOVEMBER",
            "DECEMBER",
        ];
        let month = self.month.unwrap_or(1);
        let day = self.day.unwrap_or(1);
        let Some(name) = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)) else {
            return Some(format!("Invalid value for MonthOfYear (valid values 1 - 12): {month}"));
        };
        match (month, day) {
            (_, ..=0 | 32..) => Some(format!("Invalid value for DayOfMonth (valid values 1 - 28/31): {day}")),
            (2, 29) => {
                let year = self.year.unwrap_or(1970);
                Some(format!("Invalid date 'February 29' as '{year}' is not a leap year"))
            }
            (2, 30..) | (4 | 6 | 9 | 11, 31) => Some(format!("Invalid date '{name} {day}'")),
            _ => None,
        }
    }

    fn date(&self, rounding: Rounding) -> Option<Date> {
        if let Some(year) = self.week_year {
            let week = self.week.unwrap_or(1);
            let weekday = Weekday::from_monday_one_offset(i8::try_from(self.day_of_week.unwrap_or(1)).ok()?).ok()?;
            let date = ISOWeekDate::new(i16::try_from(year).ok()?, i8::try_from(week).ok()?, weekday).ok()?;
            return Some(date.date());
        }
        let year = i16::try_from(self.year.unwrap_or(1970)).ok()?;
        if let Some(day) = self.day_of_year {
            return Date::new(year, 1, 1).ok()?.with().day_of_year(i16::try_from(day).ok()?).build().ok();
        }
        let (last_month, up) = match rounding {
            Rounding::Down => (1, false),
            Rounding::Up => (12, true),
        };
        let month = i8::try_from(self.month.unwrap_or(last_month)).ok()?;
        match self.day {
            Some(day) => Date::new(year, month, i8::try_from(day).ok()?).ok(),
            None if up => Date::new(year, month, 1).ok().map(Date::last_of_month),
            None => Date::new(year, month, 1).ok(),
        }
    }

    fn time(&self, rounding: Rounding) -> Option<Time> {
        if let Some(nanos) = self.nanos_of_day {
            let second_of_day = nanos / 1_000_000_000;
            let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
            let subsec = i32::try_from(nanos % 1_000_000_000).ok()?;
            return Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, subsec)
                .ok();
        }
        let missing = |last: i64| if rounding == Rounding::Up { last } else { 0 };
        let hour = match (self.hour, self.half_day_hour) {
            (Some(hour), _) => hour,
            (None, Some(hour)) => hour + if self.afternoon == Some(true) { 12 } else { 0 },
            (None, None) => missing(23),
        };
        Time::new(
            i8::try_from(hour).ok()?,
            i8::try_from(self.minute.unwrap_or(missing(59))).ok()?,
            i8::try_from(self.second.unwrap_or(missing(59))).ok()?,
            i32::try_from(self.nanos.unwrap_or(missing(999_999_999))).ok()?,
        )
        .ok()
    }
}

/// The millisecond that an instant lies in; before 1970 too.
fn floor_millis(instant: Timestamp) -> i64 {
    i64::try_from(instant.as_nanosecond().div_euclid(1_000_000)).unwrap_or_default()
}
