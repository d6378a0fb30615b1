//! The formats that OpenSearch names, as patterns.

/// The patterns of a named format: the first one prints, each is tried for reading.
///
/// `@` in a pattern stands for a point or comma and one to nine digits.
pub(super) fn patterns(name: &str) -> Option<&'static [&'static str]> {
    // The camel-case names of old go on as aliases.
    let name = name.strip_prefix("strict_").unwrap_or(name);
    Some(match name {
        "date_optional_time"
        | "dateOptionalTime"
        | "date_optional_time_nanos"
        | "strictDateOptionalTime"
        | "iso8601" => &["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy[-MM[-dd]]['T'[HH[:mm[:ss[@]]][VV]]]"],
        "basic_date" => &["yyyyMMdd"],
        "basic_date_time" => &["yyyyMMdd'T'HHmmss.SSSX", "yyyyMMdd'T'HHmmss@VV"],
        "basic_date_time_no_millis" => &["yyyyMMdd'T'HHmmssX", "yyyyMMdd'T'HHmmssVV"],
        "basic_ordinal_date" => &["yyyyDDD"],
        "basic_ordinal_date_time" => &["yyyyDDD'T'HHmmss.SSSX", "yyyyDDD'T'HHmmss@VV"],
        "basic_ordinal_date_time_no_millis" => &["yyyyDDD'T'HHmmssX", "yyyyDDD'T'HHmmssVV"],
        "basic_time" => &["HHmmss.SSSX", "HHmmss@VV"],
        "basic_time_no_millis" => &["HHmmssX", "HHmmssVV"],
        "basic_t_time" => &["'T'HHmmss.SSSX", "'T'HHmmss@VV"],
        "basic_t_time_no_millis" => &["'T'HHmmssX", "'T'HHmmssVV"],
        "basic_week_date" => &["YYYY'W'wwe"],
        "basic_week_date_time" => &["YYYY'W'wwe'T'HHmmss.SSSX", "YYYY'W'wwe'T'HHmmss@VV"],
        "basic_week_date_time_no_millis" => &["YYYY'W'wwe'T'HHmmssX", "YYYY'W'wwe'T'HHmmssVV"],
        "date" | "year_month_day" | "yearMonthDay" => &["yyyy-MM-dd"],
        "date_hour" | "dateHour" => &["yyyy-MM-dd'T'HH"],
        "date_hour_minute" | "dateHourMinute" => &["yyyy-MM-dd'T'HH:mm"],
        "date_hour_minute_second" | "dateHourMinuteSecond" => &["yyyy-MM-dd'T'HH:mm:ss"],
        "date_hour_minute_second_fraction" | "date_hour_minute_second_millis" => {
            &["yyyy-MM-dd'T'HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ss@"]
        }
        "date_time" | "dateTime" => &["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy-MM-dd'T'HH:mm:ss[@]VV"],
        "date_time_no_millis" | "dateTimeNoMillis" => &["yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ssVV"],
        "hour" => &["HH"],
        "hour_minute" | "hourMinute" => &["HH:mm"],
        "hour_minute_second" | "hourMinuteSecond" => &["HH:mm:ss"],
        "hour_minute_second_fraction" | "hour_minute_second_millis" => &["HH:mm:ss.SSS", "HH:mm:ss@"],
        "ordinal_date" | "ordinalDate" => &["yyyy-DDD"],
        "ordinal_date_time" => &["yyyy-DDD'T'HH:mm:ss.SSSXXX", "yyyy-DDD'T'HH:mm:ss@VV"],
        "ordinal_date_time_no_millis" => &["yyyy-DDD'T'HH:mm:ssXXX", "yyyy-DDD'T'HH:mm:ssVV"],
        "time" => &["HH:mm:ss.SSSXXX", "HH:mm:ss@VV"],
        "time_no_millis" => &["HH:mm:ssXXX", "HH:mm:ssVV"],
        "t_time" => &["'T'HH:mm:ss.SSSXXX", "'T'HH:mm:ss@VV"],
        "t_time_no_millis" => &["'T'HH:mm:ssXXX", "'T'HH:mm:ssVV"],
        "week_date" | "weekDate" | "weekyear_week_day" | "weekyearWeekDay" => &["YYYY-'W'ww-e"],
        "week_date_time" => &["YYYY-'W'ww-e'T'HH:mm:ss.SSSXXX", "YYYY-'W'ww-e'T'HH:mm:ss@VV"],
        "week_date_time_no_millis" => &["YYYY-'W'ww-e'T'HH:mm:ssXXX", "YYYY-'W'ww-e'T'HH:mm:ssVV"],
        "weekyear" | "week_year" => &["YYYY"],
        "weekyear_week" | "weekyearWeek" => &["YYYY-'W'ww"],
        "year" => &["yyyy"],
        "year_month" | "yearMonth" => &["yyyy-MM"],
        "rfc3339_lenient" => &["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy[-MM[-dd['T'HH:mm[:ss[@]]VV]]]"],
        _ => return None,
    })
}
