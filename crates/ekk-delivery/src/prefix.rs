//! Key prefixes with `!{namespace:value}` expressions: parsed, checked as the API checks them, and evaluated.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>

mod pattern;

use std::collections::BTreeMap;

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
    Prefixes::parse(prefix, error_output_prefix, Keys::None).map(|_| ())
}

/// Checks the prefixes of a bucket with dynamic partitioning: `Prefix` has at least one partition key.
///
/// # Errors
/// As [`check`]; AWS's words for a missing key are not known.
pub fn check_partitioned(prefix: &str, error_output_prefix: Option<&str>) -> Result<(), PrefixError> {
    Prefixes::parse(prefix, error_output_prefix, Keys::Required).map(|_| ())
}

/// What partition keys are to prefixes that are parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// There is no dynamic partitioning.
    None,
    /// There is, and a prefix without a key would put everything into one partition.
    Required,
    /// The prefixes were checked.
    OfRecords,
}

/// The partition keys of one record, by where they come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartitionKeys<'a> {
    pub(crate) query: &'a BTreeMap<String, String>,
    pub(crate) lambda: &'a BTreeMap<String, String>,
}

/// Stands for the random string in the name of a partition: each object of it has another one.
const RANDOM_STRING: &str = "!{firehose:random-string}";

/// The prefix of an object in a partition.
pub(crate) fn with_random_strings(partition: &str, evaluation: &mut Evaluation<'_>) -> String {
    let mut parts = partition.split(RANDOM_STRING);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(&(evaluation.random_string)());
        out.push_str(part);
    }
    out
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
    pub(crate) fn parse(prefix: &str, error_output_prefix: Option<&str>, keys: Keys) -> Result<Self, PrefixError> {
        let objects = Template::parse(prefix, "Prefix")?;
        match keys {
            Keys::None if objects.has_keys() => {
                return Err(PrefixError::new(
                    "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is \
                     enabled.",
                ));
            }
            Keys::Required if !objects.has_keys() => {
                return Err(PrefixError::new(
                    "Prefix must contain a partition key when dynamic partitioning is enabled",
                ));
            }
            _ => {}
        }
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
        if error_output_prefix.is_some() && errors.has_keys() {
            return Err(PrefixError::new(
                "Dynamic Partitioning Namespaces can't be part of an error prefix expression",
            ));
        }
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

    /// The prefix of the partition that a record with these keys belongs to; random strings are left for its objects to
    /// fill in.
    ///
    /// # Errors
    /// The first key that is missing or empty, as an expression.
    pub(crate) fn partition(&self, oldest: &ZonedDateTime, keys: PartitionKeys<'_>) -> Result<String, PartitionError> {
        let date = if self.objects_dated { default_date(oldest) } else { String::new() };
        let mut out = String::new();
        for part in &self.objects.parts {
            match part {
                Part::PartitionKey { expression, from_query, key } => {
                    let keys = if *from_query { keys.query } else { keys.lambda };
                    match keys.get(key).filter(|value| !value.is_empty()) {
                        Some(value) => out.push_str(value),
                        None => return Err(PartitionError::NoValue(expression.clone())),
                    }
                }
                Part::Literal(text) => out.push_str(text),
                Part::Timestamp(pattern) => pattern.write(&mut out, oldest),
                Part::RandomString => out.push_str(RANDOM_STRING),
                Part::ErrorOutputType => {}
            }
        }
        out.push_str(&date);
        let chars = out.chars().count();
        if chars > EVALUATED_PREFIX_CHARS { Err(PartitionError::TooLong(chars)) } else { Ok(out) }
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
    PartitionKey { expression: String, from_query: bool, key: String },
}

/// Why a record has no partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PartitionError {
    /// The expression has no value.
    NoValue(String),
    /// The prefix has so many characters.
    TooLong(usize),
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

    fn has_keys(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::PartitionKey { .. }))
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
                // Records without a partition of their own have no keys.
                Part::PartitionKey { .. } => {}
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
            ("partitionKeyFromQuery" | "partitionKeyFromLambda", key) => Ok(Self::PartitionKey {
                expression: format!("!{{{namespace}:{value}}}"),
                from_query: namespace == "partitionKeyFromQuery",
                key: key.to_owned(),
            }),
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
        let prefixes = Prefixes::parse(prefix, error_output_prefix, Keys::None).unwrap();
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
                "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is \
                 enabled.",
            ),
        ] {
            let error = check(prefix, error_output_prefix).unwrap_err();
            assert_eq!(error.constraint, constraint, "{prefix}");
        }
    }

    #[test]
    fn a_partitioned_prefix_has_keys_in_the_prefix_alone_and_an_error_prefix() {
        let query = "!{partitionKeyFromQuery:id}/";
        check_partitioned(query, Some("e/")).unwrap();
        check_partitioned("!{partitionKeyFromLambda:id}/!{timestamp:yyyy}/", Some("e/")).unwrap();
        for (prefix, error_output_prefix, constraint) in [
            ("a/", Some("e/"), "Prefix must contain a partition key when dynamic partitioning is enabled"),
            (query, None, "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
            (
                query,
                Some("!{partitionKeyFromQuery:id}/!{firehose:error-output-type}/"),
                "Dynamic Partitioning Namespaces can't be part of an error prefix expression",
            ),
            (
                "!{partitionKeyFromQuery:}/",
                Some("e/"),
                "Invalid expression usage: !{partitionKeyFromQuery:}/.Must be of the form !{<namespace>:<value>}",
            ),
        ] {
            assert_eq!(check_partitioned(prefix, error_output_prefix).unwrap_err().constraint, constraint, "{prefix}");
        }
    }

    #[test]
    fn a_partition_is_named_by_keys_and_time_and_leaves_random_strings_to_its_objects() {
        let at = "2018-08-27T10:05:09Z".parse::<Timestamp>().unwrap().to_zoned_datetime(TimeZone::UTC);
        let keys = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let (query, lambda) = (keys(&[("id", "7"), ("none", "")]), keys(&[("id", "8")]));
        let keys = PartitionKeys { query: &query, lambda: &lambda };
        let partition =
            |prefix: &str| Prefixes::parse(prefix, Some("e/"), Keys::Required).unwrap().partition(&at, keys);
        assert_eq!(
            partition("q=!{partitionKeyFromQuery:id}/l=!{partitionKeyFromLambda:id}/!{timestamp:yyyy}/").unwrap(),
            "q=7/l=8/2018/"
        );
        assert_eq!(partition("!{partitionKeyFromQuery:id}/").unwrap(), "7/2018/08/27/10/", "the date is added");
        let random = partition("!{partitionKeyFromQuery:id}/!{firehose:random-string}/!{timestamp:HH}/").unwrap();
        let mut random_string = || "046b6c7f-0b".to_owned();
        let evaluation = &mut Evaluation { oldest: &at, random_string: &mut random_string };
        assert_eq!(with_random_strings(&random, evaluation), "7/046b6c7f-0b/10/");
        for missing in ["none", "other"] {
            let expression = format!("!{{partitionKeyFromQuery:{missing}}}");
            assert_eq!(partition(&format!("{expression}/")), Err(PartitionError::NoValue(expression)));
        }
        assert_eq!(
            partition(&format!("!{{partitionKeyFromQuery:id}}{}!{{timestamp:HH}}", "x".repeat(510))),
            Err(PartitionError::TooLong(513))
        );
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
