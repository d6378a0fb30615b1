//! The list of lengths that are over their limit on purpose. A listed number may shrink, never grow.
//!
//! One exception a line, `place lines reason`, for instance `crates/a/src/table.rs 712 one row for every operation`.

use crate::tidy::{Finding, lengths::Length};

/// One line of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception {
    place: String,
    lines: usize,
    /// Where the exception itself stands, counted from 1.
    listed_at: usize,
}

/// Reads the list; empty lines and lines that start with `#` say nothing.
///
/// # Errors
/// Names the first line that is not an exception with a number and a reason.
pub(super) fn parse(path: &str, text: &str) -> Result<Vec<Exception>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| says_something(line));
    lines
        .map(|(at, line)| {
            let broken = || format!("{path}:{}: `{line}` is not `place lines reason`", at + 1);
            let mut words = line.splitn(3, ' ');
            let place = words.next().ok_or_else(broken)?.to_owned();
            let lines = words.next().and_then(|word| word.parse().ok()).ok_or_else(broken)?;
            words.next().filter(|reason| !reason.trim().is_empty()).ok_or_else(broken)?;
            Ok(Exception { place, lines, listed_at: at + 1 })
        })
        .collect()
}

/// Compares what was measured with the limits and the list.
pub(super) fn judge(path: &str, lengths: &[Length], exceptions: &[Exception]) -> Vec<Finding> {
    let too_long = lengths.iter().filter_map(|length| {
        let listed = exceptions.iter().find(|exception| exception.place == length.place);
        let allowed = listed.map_or(length.limit(), |exception| exception.lines.max(length.limit()));
        (length.lines > allowed).then(|| over(length, allowed))
    });
    let stale = exceptions.iter().filter_map(|exception| {
        let length = lengths.iter().find(|length| length.place == exception.place);
        let message = match length {
            None => format!("{} is not there any more; remove the line", exception.place),
            Some(length) if length.lines <= length.limit() => {
                format!("{} is within its limit of {} now; remove the line", exception.place, length.limit())
            }
            Some(length) if length.lines < exception.lines => {
                format!(
                    "{} has shrunk to {} lines; lower the number (cargo xtask tidy --shrink)",
                    exception.place, length.lines
                )
            }
            Some(_) => return None,
        };
        Some(Finding::new(path, exception.listed_at, message))
    });
    too_long.chain(stale).collect()
}

/// The list with each number lowered to what was measured, and without the lines that are not needed any more.
pub(super) fn shrink(text: &str, lengths: &[Length]) -> String {
    let kept = text.lines().filter_map(|line| {
        if !says_something(line) {
            return Some(line.to_owned());
        }
        let mut words = line.splitn(3, ' ');
        let (place, listed, reason) = (words.next()?, words.next()?.parse::<usize>().ok()?, words.next()?);
        let length = lengths.iter().find(|length| length.place == place && length.lines > length.limit())?;
        Some(format!("{place} {} {reason}", listed.min(length.lines)))
    });
    kept.map(|line| line + "\n").collect()
}

fn over(length: &Length, allowed: usize) -> Finding {
    let (path, name) = length.place.split_once("::").unwrap_or((&length.place, ""));
    let what = if name.is_empty() { "the file".to_owned() } else { format!("`{name}`") };
    let lines = length.lines;
    Finding::new(
        path,
        length.line,
        format!("{what} has {lines} lines, over the limit of {allowed}; split it where a piece has a name"),
    )
}

fn says_something(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths() -> Vec<Length> {
        let length = |place: &str, line, lines| Length { place: place.into(), line, lines };
        vec![length("a.rs", 0, 700), length("a.rs::f", 9, 80), length("b.rs", 0, 600), length("b.rs::g", 3, 70)]
    }

    #[track_caller]
    fn check(list: &str, expected: &[&str]) {
        let exceptions = parse("list", list).unwrap();
        let lines: Vec<_> = judge("list", &lengths(), &exceptions).iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_over_its_limit_and_not_listed_is_found() {
        check(
            "",
            &[
                "a.rs: the file has 700 lines, over the limit of 600; split it where a piece has a name",
                "a.rs:9: `f` has 80 lines, over the limit of 70; split it where a piece has a name",
            ],
        );
    }

    #[test]
    fn what_is_listed_may_stay() {
        check("# why\n\na.rs 700 a table\na.rs::f 80 a table\n", &[]);
    }

    #[test]
    fn what_is_listed_may_not_grow() {
        check(
            "a.rs 699 a table\na.rs::f 80 a table\n",
            &["a.rs: the file has 700 lines, over the limit of 699; split it where a piece has a name"],
        );
    }

    #[test]
    fn a_number_that_is_too_high_or_not_needed_is_found() {
        check(
            "a.rs 701 a table\na.rs::f 80 a table\nb.rs 601 was long\nc.rs 900 was there\n",
            &[
                "list:1: a.rs has shrunk to 700 lines; lower the number (cargo xtask tidy --shrink)",
                "list:3: b.rs is within its limit of 600 now; remove the line",
                "list:4: c.rs is not there any more; remove the line",
            ],
        );
    }

    #[test]
    fn shrinking_lowers_and_drops_but_never_raises() {
        let list = "# why\na.rs 701 a table\na.rs::f 79 a table\nb.rs 601 was long\n";
        assert_eq!(shrink(list, &lengths()), "# why\na.rs 700 a table\na.rs::f 79 a table\n");
    }

    #[test]
    fn an_exception_without_a_number_or_a_reason_is_refused() {
        for line in ["a.rs many a table", "a.rs 700", "a.rs 700  ", "a.rs"] {
            assert_eq!(parse("list", line).unwrap_err(), format!("list:1: `{line}` is not `place lines reason`"));
        }
    }
}
