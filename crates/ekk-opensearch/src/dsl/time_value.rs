//! Durations as OpenSearch writes them: `1m`, `30s`, `500ms`, `2d`.

use std::time::Duration;

use crate::error::Exception;

/// Reads a duration for the setting or parameter called `setting`.
///
/// # Errors
/// `illegal_argument_exception` when the unit or the number is missing.
pub(crate) fn parse(text: &str, setting: &str) -> Result<Duration, Exception> {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    let (digits, nanos) = [
        ("nanos", 1.0),
        ("micros", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        // Only minutes in lower case: `M` is a month, which no duration has.
        ("m", 6e10),
        ("h", 3.6e12),
        ("d", 8.64e13),
    ]
    .into_iter()
    .find_map(|(unit, nanos)| {
        let text = if unit == "m" { trimmed } else { lower.as_str() };
        text.strip_suffix(unit).map(|digits| (digits.trim().to_owned(), nanos))
    })
    .or_else(|| (trimmed == "0" || trimmed == "-1").then(|| ("0".to_owned(), 1.0)))
    .ok_or_else(|| {
        Exception::illegal_argument(format!(
            "failed to parse setting [{setting}] with value [{text}] as a time value: unit is missing or unrecognized"
        ))
    })?;
    let number: f64 =
        digits.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0).ok_or_else(|| {
            Exception::illegal_argument(format!(
                "failed to parse setting [{setting}] with value [{text}] as a time value"
            ))
        })?;
    Ok(Duration::from_secs_f64((number * nanos / 1e9).min(1e9)))
}

/// A signed offset of a histogram, in milliseconds: `+6h`, `-30m`.
pub(crate) fn parse_offset(text: &str) -> Result<i64, Exception> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let millis = parse(rest, "DateHistogramAggregationBuilder.parseOffset")?.as_millis();
    Ok(sign * i64::try_from(millis).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        for (text, millis) in
            [("1m", 60_000), ("30s", 30_000), ("500ms", 500), ("2d", 172_800_000), ("1.5h", 5_400_000)]
        {
            assert_eq!(parse(text, "timeout").unwrap(), Duration::from_millis(millis), "{text}");
        }
        assert_eq!(parse_offset("-30m"), Ok(-1_800_000));
        assert_eq!(
            parse("1x", "timeout").unwrap_err().reason,
            "failed to parse setting [timeout] with value [1x] as a time value: unit is missing or unrecognized"
        );
    }
}
