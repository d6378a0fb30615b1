//! Date formats: how a `date` field's strings become epoch milliseconds, and milliseconds become text again.
//!
//! A format is a list of alternatives joined by `||`, each a name (`strict_date_optional_time`, `epoch_millis`) or a
//! pattern of Java's `DateTimeFormatter`.
//!
//! Source: <https://docs.opensearch.org/latest/field-types/supported-field-types/date/#custom-formats>

mod fields;
mod named;
mod pattern;
mod reader;
mod writer;

use std::sync::Arc;

use jiff::tz::TimeZone;

use self::{fields::Fields, pattern::Item};
use crate::error::Exception;

/// What a missing part of a date stands for: its first or its last value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// `2020-05` is its first millisecond.
    Down,
    /// `2020-05` is its last millisecond, as `gt` and `lte` need it.
    Up,
}

/// The format of a date field. Equal when its pattern is.
#[derive(Debug, Clone)]
pub struct DateFormat {
    /// As given: alternatives joined by `||`.
    pattern: Arc<str>,
    alternatives: Arc<[Alternative]>,
    /// What prints instead of the first alternative (`print_format`).
    print: Option<(Arc<str>, Arc<[Alternative]>)>,
}

impl PartialEq for DateFormat {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.print_pattern() == other.print_pattern()
    }
}

/// One of a format's alternatives.
#[derive(Debug, Clone, PartialEq)]
enum Alternative {
    EpochMillis,
    EpochSecond,
    /// Tried in order; the first one prints.
    Patterns {
        patterns: Vec<Vec<Item>>,
        /// Whether a date that cannot be is no match. OpenSearch finds it out too late to try other formats when the
        /// pattern is a user's.
        is_strict: bool,
    },
}

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It does not match from this index on.
    At(usize),
    /// It matches up to this index, and goes on.
    Unparsed(usize),
    /// It matches, and the date cannot be.
    Invalid(String),
}

/// The format of a date field that names none.
pub const DEFAULT_FORMAT: &str = "strict_date_optional_time||epoch_millis";

impl Default for DateFormat {
    fn default() -> Self {
        Self::new(DEFAULT_FORMAT).expect("the default format is one of the named ones")
    }
}

impl DateFormat {
    /// Compiles a format.
    ///
    /// # Errors
    /// `illegal_argument_exception` (400), `Invalid format: [x]: …`, when an alternative is neither a name nor a pattern.
    pub fn new(pattern: &str) -> Result<Self, Exception> {
        Ok(Self { pattern: pattern.into(), alternatives: compile_all(pattern)?, print: None })
    }

    /// The same format, printing by another one (`print_format`).
    ///
    /// # Errors
    /// As [`DateFormat::new`].
    pub fn printed_as(mut self, pattern: &str) -> Result<Self, Exception> {
        self.print = Some((pattern.into(), compile_all(pattern)?));
        Ok(self)
    }

    /// The format that prints, if it is another one than the one that reads.
    pub fn print_pattern(&self) -> Option<&str> {
        self.print.as_ref().map(|(pattern, _)| pattern.as_ref())
    }

    /// The format as given.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Reads a date; one without an offset of its own is in `zone`.
    ///
    /// # Errors
    /// `illegal_argument_exception` (400), `failed to parse date field [x] with format [y]`.
    pub fn parse(&self, text: &str, zone: &TimeZone, rounding: Rounding) -> Result<i64, Exception> {
        if text.is_empty() {
            return Err(Exception::illegal_argument("cannot parse empty date"));
        }
        let mut failure = Failure::At(0);
        for alternative in self.alternatives.iter() {
            match alternative.parse(text, zone, rounding) {
                Ok(millis) => return Ok(millis),
                Err(Failure::Invalid(reason)) => return Err(Exception::new("date_time_exception", reason)),
                Err(other) => failure = other,
            }
        }
        Err(self.failure(text, &failure))
    }

    /// Prints milliseconds since 1970-01-01T00:00:00Z in `zone`, by the first alternative.
    pub fn print(&self, epoch_ms: i64, zone: &TimeZone) -> String {
        let printing = self.print.as_ref().map_or(&self.alternatives, |(_, alternatives)| alternatives);
        match printing.first() {
            None | Some(Alternative::EpochMillis) => epoch_ms.to_string(),
            Some(Alternative::EpochSecond) => writer::epoch_second(epoch_ms),
            Some(Alternative::Patterns { patterns, .. }) => {
                let items = patterns.first().map(Vec::as_slice).unwrap_or_default();
                writer::print(items, epoch_ms, zone)
            }
        }
    }

    /// Whether a number is read as a count of milliseconds or seconds, without going through text.
    pub(crate) fn parse_whole(&self, number: i64) -> Option<i64> {
        match self.alternatives.first()? {
            Alternative::EpochMillis => Some(number),
            Alternative::EpochSecond => number.checked_mul(1_000),
            // Four digits are a year to the named formats; more cannot be.
            Alternative::Patterns { .. } if *self.pattern == *DEFAULT_FORMAT && !(1_000..=9_999).contains(&number) => {
                Some(number)
            }
            Alternative::Patterns { .. } => None,
        }
    }

    fn failure(&self, text: &str, failure: &Failure) -> Exception {
        let cause = match (&*self.alternatives, failure) {
            ([Alternative::Patterns { .. }], Failure::At(at)) => {
                format!("Text '{text}' could not be parsed at index {at}")
            }
            ([Alternative::Patterns { .. }], Failure::Unparsed(at)) => {
                format!("Text '{text}' could not be parsed, unparsed text found at index {at}")
            }
            _ => "Failed to parse with all enclosed parsers".to_owned(),
        };
        Exception::illegal_argument(format!("failed to parse date field [{text}] with format [{}]", self.pattern))
            .caused_by(Exception::new("date_time_parse_exception", cause))
    }
}

fn compile_all(pattern: &str) -> Result<Arc<[Alternative]>, Exception> {
    pattern.split("||").map(|one| compile(one).map_err(|cause| invalid(pattern, cause))).collect()
}

fn invalid(pattern: &str, cause: String) -> Exception {
    let cause = Exception::illegal_argument(cause);
    Exception::illegal_argument(format!("Invalid format: [{pattern}]: {}", cause.reason)).caused_by(cause)
}

fn compile(one: &str) -> Result<Alternative, String> {
    match one {
        "epoch_millis" => return Ok(Alternative::EpochMillis),
        "epoch_second" => return Ok(Alternative::EpochSecond),
        _ => {}
    }
    let (patterns, is_strict) = if let Some(patterns) = named::patterns(one) {
        let compile = |text: &&str| pattern::compile(&text.replace('@', &pattern::FRACTION.to_string()));
        (patterns.iter().map(compile).collect::<Result<_, _>>()?, true)
    } else {
        // Patterns may start with 8, which Elasticsearch used to mark the ones of java.time.
        let pattern = one.strip_prefix('8').unwrap_or(one);
        (vec![pattern::compile(pattern)?], !pattern.contains('y'))
    };
    Ok(Alternative::Patterns { patterns, is_strict })
}

impl Alternative {
    fn parse(&self, text: &str, zone: &TimeZone, rounding: Rounding) -> Result<i64, Failure> {
        match self {
            Self::EpochMillis => reader::epoch_millis(text).ok_or(Failure::At(0)),
            Self::EpochSecond => reader::epoch_second(text).ok_or(Failure::At(0)),
            Self::Patterns { patterns, is_strict } => {
                let mut failure = Failure::At(0);
                for items in patterns {
                    let mut fields = Fields::default();
                    match reader::read(items, text, &mut fields) {
                        Ok(()) => match fields.resolve(zone, rounding) {
                            Some(millis) => return Ok(millis),
                            None if *is_strict => failure = Failure::At(0),
                            None => return Err(fields.complaint().map_or(Failure::At(0), Failure::Invalid)),
                        },
                        Err(other) => failure = other,
                    }
                }
                Err(failure)
            }
        }
    }
}

#[cfg(test)]
mod tests;
