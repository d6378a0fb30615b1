//! Formats by name and pattern, both ways.

use super::*;

#[track_caller]
fn check(format: &str, text: &str, expected_ms: i64, printed: &str) {
    let format = DateFormat::new(format).unwrap();
    assert_eq!(format.parse(text, &TimeZone::UTC, Rounding::Down), Ok(expected_ms), "{text}");
    assert_eq!(format.print(expected_ms, &TimeZone::UTC), printed);
}

#[test]
fn named_formats_read_and_print() {
    check("strict_date_optional_time", "2020-05-11T14:44:44,5+02:00", 1_589_201_084_500, "2020-05-11T12:44:44.500Z");
    check("date_time", "2020-05-11T14:44:44.123Z", 1_589_208_284_123, "2020-05-11T14:44:44.123Z");
    check("date_hour_minute_second", "2020-05-11T14:44:44", 1_589_208_284_000, "2020-05-11T14:44:44");
    check("basic_date", "20200511", 1_589_155_200_000, "20200511");
    check("epoch_millis", "-5", -5, "-5");
    check("epoch_second", "1589201084.5", 1_589_201_084_500, "1589201084.5");
    check("year_month", "2020-05", 1_588_291_200_000, "2020-05");
    check("week_date", "2020-W20-1", 1_589_155_200_000, "2020-W20-1");
    check("ordinal_date", "2020-132", 1_589_155_200_000, "2020-132");
}

#[test]
fn java_patterns_read_and_print() {
    check("yyyy-MM-dd HH:mm:ss,SSS", "2020-05-11 14:44:44,123", 1_589_208_284_123, "2020-05-11 14:44:44,123");
    check("dd/MMM/yyyy:HH:mm:ss Z", "10/Oct/2000:13:55:36 -0700", 971_211_336_000, "10/Oct/2000:20:55:36 +0000");
    check("yyyyMMddHHmmssSSS", "20200511144444123", 1_589_208_284_123, "20200511144444123");
    check("EEE MMM d HH:mm:ss yyyy", "Mon May 11 14:44:44 2020", 1_589_208_284_000, "Mon May 11 14:44:44 2020");
    check("h:mm a, M/d/yy", "2:44 PM, 5/11/20", 1_589_208_240_000, "2:44 PM, 5/11/20");
    check("yyyy[-MM]", "2020", 1_577_836_800_000, "2020-01");
    check("yyyy 'o''clock' H", "2020 o'clock 3", 1_577_847_600_000, "2020 o'clock 3");
}

#[test]
fn missing_parts_are_rounded() {
    let format = DateFormat::default();
    for (text, up) in [
        ("2020", "2020-12-31T23:59:59.999Z"),
        ("2020-02", "2020-02-29T23:59:59.999Z"),
        ("2020-02-03", "2020-02-03T23:59:59.999Z"),
        ("2020-02-03T04", "2020-02-03T04:59:59.999Z"),
        ("2020-02-03T04:05:06", "2020-02-03T04:05:06.999Z"),
    ] {
        let millis = format.parse(text, &TimeZone::UTC, Rounding::Up).unwrap();
        assert_eq!(format.print(millis, &TimeZone::UTC), up, "{text}");
    }
}

#[test]
fn zones_apply_to_dates_without_an_offset() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let format = DateFormat::default();
    let millis = format.parse("2024-03-30", &zone, Rounding::Down).unwrap();
    assert_eq!(format.print(millis, &zone), "2024-03-30T00:00:00.000+01:00");
    assert_eq!(format.parse("2024-03-30T00:00:00Z", &zone, Rounding::Down).unwrap(), 1_711_756_800_000);
}

#[test]
fn unknown_formats_are_refused_by_their_letter() {
    let error = DateFormat::new("nope").unwrap_err();
    assert_eq!(error.reason, "Invalid format: [nope]: Unknown pattern letter: o");
}
