//! Key prefixes with `!{namespace:value}` expressions: parsed, checked as the API checks them, and evaluated.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>

mod pattern;

use jiff::ZonedDateTime;

use crate::limits::EVALUATED_PREFIX_CHARS;
use pattern::{Pattern, PatternError};

/// A prefix that AWS would not take, with the text that the API answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Ths supplied prefix(es) do not satisfy the following constraint: {constraint}")]
pub struct PrefixError {
    constraint: String,
}

impl PrefixError {
    fn new(constraint: impl Into<String>) -> Self {
        Self { constraint: constraint.into() }
    }
}

/// Checks the prefixes of a bucket as the API does when a stream is created.
///
/// # Errors
/// `InvalidArgumentException` (400) with the error's text, which is AWS's but for letters of time patterns that AWS takes
/// and are not supported here.
pub fn check(prefix: &str, error_output_prefix: Option<&str>) -> Result<(), PrefixError> {
    Prefixes::parse(prefix, error_output_prefix).map(|_| ())
}

/// The two prefixes of a bucket, checked together.
#[derive(Clone, Debug)]
pub(crate) struct Prefixes {
    objects: Template,
    errors: Template,
    /// Whether objects get the default `yyyy/MM/dd/HH/` after their prefix.
    objects_dated: bool,
    /// Whether errors get their type and the default date after their prefix.
    errors_typed: bool,
}

/// What an evaluation needs to know.
pub(crate) struct Evaluation<'a> {
    /// When the oldest record of the object arrived, in the bucket's time zone.
    pub(crate) oldest: &'a ZonedDateTime,
    /// Makes the 11 characters of `!{firehose:random-string}`, new ones at each call.
    pub(crate) random_string: &'a mut dyn FnMut() -> String,
}

impl Prefixes {
    pub(crate) fn parse(prefix: &str, error_output_prefix: Option<&str>) -> Result<Self, PrefixError> {
        let objects = Template::parse(prefix, "Prefix")?;
        let error_output_prefix = error_output_prefix.filter(|given| !given.is_empty());
        if objects.has_expressions() && error_output_prefix.is_none() {
            return Err(PrefixError::new("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"));
        }
        if objects.has(&Part::ErrorOutputType) {
            return Err(PrefixError::new("Prefix must not contain any occurrence of !{firehose:error-output-type}"));
        }
        let errors = match error_output_prefix {
            Some(given) => Template::parse(given, "ErrorOutputPrefix")?,
            None => objects.clone(),
        };
        if errors.has_expressions() && !errors.has(&Part::ErrorOutputType) {
            return Err(PrefixError::new(
                "ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}",
            ));
        }
        let prefixes =
            Self { objects_dated: !objects.has_timestamp(), errors_typed: !errors.has_expressions(), objects, errors };
        prefixes.check_length()?;
        Ok(prefixes)
    }

    /// The prefix of an object of records.
    pub(crate) fn of_records(&self, evaluation: &mut Evaluation<'_>) -> String {
        let date = if self.objects_dated { default_date(evaluation.oldest) } else { String::new() };
        self.objects.evaluate(evaluation, "") + &date
    }

    /// The prefix of an object of errors of the type `error_output_type`.
    pub(crate) fn of_errors(&self, evaluation: &mut Evaluation<'_>, error_output_type: &str) -> String {
        let date = if self.errors_typed {
            format!("{error_output_type}/{}", default_date(evaluation.oldest))
        } else {
            String::new()
        };
        self.errors.evaluate(evaluation, error_output_type) + &date
    }

    fn check_length(&self) -> Result<(), PrefixError> {
        const LONGEST_ERROR_OUTPUT_TYPE: &str = "AmazonOpenSearchService-failed";
        let sample = ZonedDateTime::default();
        let mut random_string = || "0".repeat(11);
        let objects = self.of_records(&mut Evaluation { oldest: &sample, random_string: &mut random_string });
        let errors = self.of_errors(
            &mut Evaluation { oldest: &sample, random_string: &mut random_string },
            LONGEST_ERROR_OUTPUT_TYPE,
        );
        for (name, evaluated) in [("prefix", objects), ("ErrorOutputPrefix", errors)] {
            if evaluated.chars().count() > EVALUATED_PREFIX_CHARS {
                return Err(PrefixError::new(format!(
                    "Length of evaluated {name} cannot be greater than {EVALUATED_PREFIX_CHARS}"
                )));
            }
        }
        Ok(())
    }
}

/// `yyyy/MM/dd/HH/`, which a prefix without a timestamp gets. No `/` goes before it.
fn default_date(oldest: &ZonedDateTime) -> String {
    oldest.strftime("%Y/%m/%d/%H/").to_string()
}

#[derive(Clone, Debug)]
struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Timestamp(Pattern),
    RandomString,
    ErrorOutputType,
}

impl Template {
    fn parse(text: &str, member: &str) -> Result<Self, PrefixError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once("!{") {
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let (expression, tail) = after
                .split_once('}')
                .and_then(|(expression, tail)| Some((expression.split_once(':')?, tail)))
                .filter(|((namespace, value), _)| !namespace.is_empty() && !value.is_empty())
                .ok_or_else(|| {
                    let form = "Must be of the form !{<namespace>:<value>}";
                    PrefixError::new(format!("Invalid expression usage: {text}.{form}"))
                })?;
            parts.push(Part::parse(expression, member)?);
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    fn has(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }

    fn has_expressions(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Literal(_)))
    }

    fn has_timestamp(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Timestamp(_)))
    }

    fn evaluate(&self, evaluation: &mut Evaluation<'_>, error_output_type: &str) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Timestamp(pattern) => pattern.write(&mut out, evaluation.oldest),
                Part::RandomString => out.push_str(&(evaluation.random_string)()),
                Part::ErrorOutputType => out.push_str(error_output_type),
            }
        }
        out
    }
}

impl Part {
    fn parse((namespace, value): (&str, &str), member: &str) -> Result<Self, PrefixError> {
        let invalid = || {
            PrefixError::new(format!("Invalid conversion character used in the value of the expression in {member}"))
        };
        match (namespace, value) {
            ("timestamp", pattern) => Pattern::parse(pattern).map(Self::Timestamp).map_err(|error| match error {
                PatternError::Invalid => invalid(),
                PatternError::Unsupported(letter) => PrefixError::new(format!(
                    "{member} contains !{{timestamp:{pattern}}}, whose pattern letter {letter} is not supported by ekk \
                     yet"
                )),
            }),
            ("firehose", "random-string") => Ok(Self::RandomString),
            ("firehose", "error-output-type") => Ok(Self::ErrorOutputType),
            ("firehose", _) => Err(invalid()),
            ("partitionKeyFromQuery" | "partitionKeyFromLambda", _) => Err(PrefixError::new(format!(
                "{member} contains !{{{namespace}:{value}}}, which needs dynamic partitioning"
            ))),
            _ => Err(PrefixError::new(format!("Namespace to the left of colon ({namespace}) is an invalid keyword!"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::*;

    fn evaluate(prefix: &str, error_output_prefix: Option<&str>) -> (String, String) {
        let oldest = "2018-08-27T10:05:09Z".parse::<Timestamp>().unwrap().to_zoned_datetime(TimeZone::UTC);
        let prefixes = Prefixes::parse(prefix, error_output_prefix).unwrap();
        let mut count = 0;
        let mut random_string = || {
            count += 1;
            format!("046b6c7f-0{count}")
        };
        let records = prefixes.of_records(&mut Evaluation { oldest: &oldest, random_string: &mut random_string });
        let errors = prefixes
            .of_errors(&mut Evaluation { oldest: &oldest, random_string: &mut random_string }, "processing-failed");
        (records, errors)
    }

    #[test]
    fn prefixes_evaluate_as_documented() {
        for (prefix, error_output_prefix, records, errors) in [
            ("", None, "2018/08/27/10/", "processing-failed/2018/08/27/10/"),
            ("logs/", None, "logs/2018/08/27/10/", "logs/processing-failed/2018/08/27/10/"),
            ("myapp", None, "myapp2018/08/27/10/", "myappprocessing-failed/2018/08/27/10/"),
            ("a/", Some("errors/"), "a/2018/08/27/10/", "errors/processing-failed/2018/08/27/10/"),
            (
                "myPrefix/!{timestamp:yyyy/MM/dd}/",
                Some("failures/!{firehose:error-output-type}/"),
                "myPrefix/2018/08/27/",
                "failures/processing-failed/",
            ),
            (
                "!{firehose:random-string}/!{firehose:random-string}/",
                Some("!{firehose:error-output-type}/!{timestamp:'day='D}/"),
                "046b6c7f-01/046b6c7f-02/2018/08/27/10/",
                "processing-failed/day=239/",
            ),
            (
                "y=!{timestamp:yyyy}/h=!{timestamp:HH}",
                Some("e!{firehose:error-output-type}"),
                "y=2018/h=10",
                "eprocessing-failed",
            ),
        ] {
            assert_eq!(evaluate(prefix, error_output_prefix), (records.to_owned(), errors.to_owned()), "{prefix}");
        }
    }

    #[test]
    fn prefixes_that_aws_refuses_are_refused() {
        for (prefix, error_output_prefix, constraint) in [
            ("!{timestamp:yyyy}/", None, "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
            (
                "!{timestamp:yyyy}/",
                Some(""),
                "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions",
            ),
            (
                "!{firehose:error-output-type}/",
                Some("e/"),
                "Prefix must not contain any occurrence of !{firehose:error-output-type}",
            ),
            (
                "a/",
                Some("!{timestamp:yyyy}/"),
                "ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}",
            ),
            ("a!{b", Some("e/"), "Invalid expression usage: a!{b.Must be of the form !{<namespace>:<value>}"),
            ("a!{b}", Some("e/"), "Invalid expression usage: a!{b}.Must be of the form !{<namespace>:<value>}"),
            (
                "!{timestamp:}",
                None,
                "Invalid expression usage: !{timestamp:}.Must be of the form !{<namespace>:<value>}",
            ),
            ("a/!{bogus:yyyy}/", Some("e/"), "Namespace to the left of colon (bogus) is an invalid keyword!"),
            (
                "!{firehose:nothing}",
                Some("e/"),
                "Invalid conversion character used in the value of the expression in Prefix",
            ),
            (
                "a/",
                Some("!{timestamp:bbb}/!{firehose:error-output-type}"),
                "Invalid conversion character used in the value of the expression in ErrorOutputPrefix",
            ),
            (
                "!{timestamp:yyyy'}",
                Some("e/"),
                "Invalid conversion character used in the value of the expression in Prefix",
            ),
            (
                "!{timestamp:G}",
                Some("e/"),
                "Prefix contains !{timestamp:G}, whose pattern letter G is not supported by ekk yet",
            ),
            (
                "!{partitionKeyFromQuery:id}/",
                Some("e/"),
                "Prefix contains !{partitionKeyFromQuery:id}, which needs dynamic partitioning",
            ),
        ] {
            let error = check(prefix, error_output_prefix).unwrap_err();
            assert_eq!(error.constraint, constraint, "{prefix}");
        }
    }

    #[test]
    fn the_missing_error_prefix_is_worded_as_aws_words_it() {
        assert_eq!(
            check("!{timestamp:yyyy}/", None).unwrap_err().to_string(),
            "Ths supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or empty \
             when Prefix contains expressions"
        );
    }

    #[test]
    fn an_evaluated_prefix_has_at_most_512_characters() {
        // The default date takes 14 of them, and an error's type and slash 31 more.
        check(&"p".repeat(512 - 14 - 31), None).unwrap();
        let errors = check(&"p".repeat(512 - 14 - 30), None).unwrap_err();
        assert_eq!(errors.constraint, "Length of evaluated ErrorOutputPrefix cannot be greater than 512");
        check(&"p".repeat(512 - 14), Some("e/")).unwrap();
        let objects = check(&"p".repeat(512 - 13), Some("e/")).unwrap_err();
        assert_eq!(objects.constraint, "Length of evaluated prefix cannot be greater than 512");
    }
}
