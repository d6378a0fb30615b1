//! Which index a record goes to: the name, and a suffix from the UTC time at which the record arrived.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html#es-index-rotation>

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::spec::IndexRotationPeriod;

/// The index of a record that arrived at `arrival`.
pub(crate) fn index_name(index_name: &str, rotation: IndexRotationPeriod, arrival: Timestamp) -> String {
    let at = arrival.to_zoned_datetime(TimeZone::UTC);
    match rotation {
        IndexRotationPeriod::NoRotation => index_name.to_owned(),
        IndexRotationPeriod::OneHour => format!("{index_name}-{}", at.strftime("%Y-%m-%d-%H")),
        IndexRotationPeriod::OneDay => format!("{index_name}-{}", at.strftime("%Y-%m-%d")),
        IndexRotationPeriod::OneWeek => {
            let (year, week) = us_week(at.date());
            format!("{index_name}-{year:04}-w{week:02}")
        }
        IndexRotationPeriod::OneMonth => format!("{index_name}-{}", at.strftime("%Y-%m")),
    }
}

/// The week of `date` and the year that it is counted in, by US conventions: weeks begin on Sunday, and the first week
/// of a year is the first one that has its Saturday in that year.
///
/// AWS's page contradicts itself. Its note states this rule; its older table shows 2016-02-25 as `w08`, which is ISO's
/// week, where this rule gives `w09`. The note is newer and explicit, so it is followed. It also says which year a week
/// belongs to (that of its Saturday), so that a week at the turn of the year is one index, not two.
fn us_week(date: Date) -> (i16, i16) {
    let days_to_saturday = 6 - i64::from(date.weekday().to_sunday_zero_offset());
    let saturday = date.saturating_add(jiff::Span::new().days(days_to_saturday));
    (saturday.year(), (saturday.day_of_year() - 1) / 7 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rotation: IndexRotationPeriod, rows: &[(&str, &str)]) {
        for (arrival, expected) in rows {
            assert_eq!(index_name("log", rotation, arrival.parse().unwrap()), *expected, "arrival {arrival}");
        }
    }

    #[test]
    fn no_rotation_keeps_the_name() {
        check(IndexRotationPeriod::NoRotation, &[("2016-02-25T13:00:00Z", "log"), ("2026-12-31T23:59:59Z", "log")]);
    }

    #[test]
    fn an_hour_ends_at_its_last_millisecond() {
        check(
            IndexRotationPeriod::OneHour,
            &[
                ("2016-02-25T13:00:00Z", "log-2016-02-25-13"),
                ("2016-02-25T13:59:59.999Z", "log-2016-02-25-13"),
                ("2016-02-25T14:00:00Z", "log-2016-02-25-14"),
                ("2026-12-31T23:59:59.999Z", "log-2026-12-31-23"),
                ("2027-01-01T00:00:00Z", "log-2027-01-01-00"),
                ("2026-06-15T01:00:00+03:00", "log-2026-06-14-22"),
            ],
        );
    }

    #[test]
    fn a_day_ends_at_midnight_utc() {
        check(
            IndexRotationPeriod::OneDay,
            &[
                ("2016-02-25T13:00:00Z", "log-2016-02-25"),
                ("2024-02-28T23:59:59.999Z", "log-2024-02-28"),
                ("2024-02-29T00:00:00Z", "log-2024-02-29"),
                ("2026-12-31T23:59:59.999Z", "log-2026-12-31"),
                ("2027-01-01T00:00:00Z", "log-2027-01-01"),
            ],
        );
    }

    #[test]
    fn a_month_ends_with_its_last_day() {
        check(
            IndexRotationPeriod::OneMonth,
            &[
                ("2016-02-25T13:00:00Z", "log-2016-02"),
                ("2024-02-29T23:59:59.999Z", "log-2024-02"),
                ("2024-03-01T00:00:00Z", "log-2024-03"),
                ("2026-12-31T23:59:59.999Z", "log-2026-12"),
                ("2027-01-01T00:00:00Z", "log-2027-01"),
            ],
        );
    }

    #[test]
    fn a_week_begins_on_sunday_and_belongs_to_the_year_of_its_saturday() {
        check(
            IndexRotationPeriod::OneWeek,
            &[
                // The guide's table says w08 here (ISO); its note's rule gives w09.
                ("2016-02-25T13:00:00Z", "log-2016-w09"),
                // The guide's note gives this one, which both rules agree on.
                ("2020-08-13T00:00:00Z", "log-2020-w33"),
                ("2021-06-15T00:00:00Z", "log-2021-w25"),
                ("2022-12-31T23:59:59.999Z", "log-2022-w53"),
                ("2023-01-01T00:00:00Z", "log-2023-w01"),
                ("2024-12-28T23:59:59.999Z", "log-2024-w52"),
                ("2024-12-29T00:00:00Z", "log-2025-w01"),
                ("2025-01-01T00:00:00Z", "log-2025-w01"),
                ("2026-01-03T23:59:59.999Z", "log-2026-w01"),
                ("2026-01-04T00:00:00Z", "log-2026-w02"),
                ("2026-12-26T23:59:59.999Z", "log-2026-w52"),
                ("2026-12-31T00:00:00Z", "log-2027-w01"),
                ("2027-01-02T23:59:59.999Z", "log-2027-w01"),
                ("2027-01-03T00:00:00Z", "log-2027-w02"),
            ],
        );
    }
}
