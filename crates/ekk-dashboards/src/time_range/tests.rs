//! Tests of what a typed range stands for.

use super::*;

const NOW: &str = "2026-11-23T17:35:06.948Z";

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: from.to_owned(), to: to.to_owned() }
}

#[track_caller]
fn check(from: &str, to: &str, zone: &str, expected: &str) {
    let zone = TimeZone::get(zone).unwrap();
    let shown = match range(from, to).resolve(NOW.parse().unwrap(), &zone) {
        Ok(instants) => format!("{} {}", wire(instants.from), wire(instants.to)),
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expected, "{from} to {to}");
}

#[test]
fn date_math_is_taken_from_now() {
    check("now-15m", "now", "UTC", "2026-11-23T17:20:06.948Z 2026-11-23T17:35:06.948Z");
    check("now-1M-2d+3h", "now+1h", "UTC", "2026-10-21T20:35:06.948Z 2026-11-23T18:35:06.948Z");
    check("now-1y", "now-s", "UTC", "2025-11-23T17:35:06.948Z 2026-11-23T17:35:05.948Z");
}

#[test]
fn rounding_goes_down_for_the_start_and_up_for_the_end_in_the_shown_zone() {
    check("now/d", "now/d", "UTC", "2026-11-23T00:00:00.000Z 2026-11-24T00:00:00.000Z");
    check("now/d", "now/d", "Asia/Kolkata", "2026-11-22T18:30:00.000Z 2026-11-23T18:30:00.000Z");
    check("now-1w/w", "now/w", "UTC", "2026-11-16T00:00:00.000Z 2026-11-30T00:00:00.000Z");
    check("now/M", "now/y", "UTC", "2026-11-01T00:00:00.000Z 2027-01-01T00:00:00.000Z");
    check("now/h", "now/m", "UTC", "2026-11-23T17:00:00.000Z 2026-11-23T17:36:00.000Z");
}

#[test]
fn civil_times_are_read_in_the_shown_zone() {
    check(
        "2026-11-23 14:00",
        "2026-11-23T15:00:30",
        "Europe/Berlin",
        "2026-11-23T13:00:00.000Z 2026-11-23T14:00:30.000Z",
    );
    check("2026-11-23", "2026-11-24", "UTC", "2026-11-23T00:00:00.000Z 2026-11-24T00:00:00.000Z");
}

#[test]
fn instants_keep_their_own_zone() {
    check(
        "2020-05-11T14:44:44+0200",
        "1589209999000",
        "Asia/Tokyo",
        "2020-05-11T12:44:44.000Z 2020-05-11T15:13:19.000Z",
    );
}

#[test]
fn what_is_not_a_range_is_said() {
    check("now", "now-1h", "UTC", "the range ends before it begins");
    check("now-1h", "now-1h", "UTC", "the range ends before it begins");
    for text in
        ["yesterday", "now-", "now-1x", "now//d", "now/5d", "now*2", "now-99999999999999999999d", "now-9999y", "", "-2"]
    {
        assert_eq!(
            range(text, "now").resolve(NOW.parse().unwrap(), &TimeZone::UTC),
            Err(RangeError::Unreadable(text.to_owned())),
            "{text}"
        );
    }
}

#[test]
fn civil_times_of_a_picker_become_instants() {
    let mut picked = range("2026-11-23T14:00", "now");
    picked.pin_civil_times(&TimeZone::get("Europe/Berlin").unwrap());
    assert_eq!(picked, range("2026-11-23T13:00:00.000Z", "now"));
    picked.pin_civil_times(&TimeZone::get("Asia/Tokyo").unwrap());
    assert_eq!(picked, range("2026-11-23T13:00:00.000Z", "now"));
}

#[test]
fn a_range_steps_and_widens_but_not_past_the_ends_of_time() {
    let hour = Instants { from: "2026-11-23T14:00:00Z".parse().unwrap(), to: "2026-11-23T15:00:00Z".parse().unwrap() };
    assert_eq!(hour.shifted(-1).to, hour.from);
    assert_eq!(wire(hour.zoomed_out().from), "2026-11-23T13:30:00.000Z");
    let all = Instants { from: earliest(), to: Timestamp::MAX };
    assert_eq!(all.zoomed_out(), all);
}
