//! The prefixes of a bucket: AWS's rules for their expressions, those of partition keys among them.
//!
//! What the expressions are and evaluate to is known to delivery.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>

use ekk_delivery::prefix;

use super::settings::Settings;
use crate::error::ApiError;

/// The keys of records that a prefix asks for, by where they come from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PartitionKeys {
    /// Of `!{partitionKeyFromQuery:…}`.
    pub(super) query: Vec<String>,
    /// Of `!{partitionKeyFromLambda:…}`.
    pub(super) lambda: Vec<String>,
}

/// Checks the prefixes of a bucket that is not partitioned.
///
/// # Errors
/// `InvalidArgumentException`: a prefix breaks AWS's rules.
pub(super) fn check(settings: &Settings) -> Result<(), ApiError> {
    if check_partitioned(settings)? != PartitionKeys::default() {
        return Err(ApiError::invalid(
            "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is \
             enabled.",
        ));
    }
    Ok(())
}

/// Checks the prefixes of a bucket that is partitioned, and answers by which keys.
///
/// # Errors
/// `InvalidArgumentException`: a prefix breaks AWS's rules.
pub(super) fn check_partitioned(settings: &Settings) -> Result<PartitionKeys, ApiError> {
    let (keys, objects) = partition_keys(settings.text("Prefix").unwrap_or_default());
    let (error_keys, errors) = partition_keys(settings.text("ErrorOutputPrefix").unwrap_or_default());
    if error_keys != PartitionKeys::default() {
        return Err(ApiError::invalid("Dynamic Partitioning Namespaces can't be part of an error prefix expression"));
    }
    prefix::check(&objects, Some(&errors)).map_err(|error| ApiError::invalid(error.to_string()))?;
    Ok(keys)
}

/// The partition keys in a prefix, and the prefix with another expression in the place of each.
fn partition_keys(prefix: &str) -> (PartitionKeys, String) {
    let mut keys = PartitionKeys::default();
    let mut others = String::with_capacity(prefix.len());
    let mut rest = prefix;
    while let Some((before, after)) = rest.split_once("!{") {
        others.push_str(before);
        let key = after.split_once('}').and_then(|(expression, after)| {
            let (namespace, key) = expression.split_once(':')?;
            match namespace {
                "partitionKeyFromQuery" if !key.is_empty() => keys.query.push(key.to_owned()),
                "partitionKeyFromLambda" if !key.is_empty() => keys.lambda.push(key.to_owned()),
                _ => return None,
            }
            Some(after)
        });
        others.push_str(if key.is_some() { "!{firehose:random-string}" } else { "!{" });
        rest = key.unwrap_or(after);
    }
    others.push_str(rest);
    (keys, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_keys_are_found_among_other_expressions() {
        let (keys, others) = partition_keys(
            "a/!{partitionKeyFromQuery:customer}/!{timestamp:yyyy}/!{partitionKeyFromLambda:day}!{partitionKeyFromQuery:",
        );
        assert_eq!((keys.query, keys.lambda), (vec!["customer".to_owned()], vec!["day".to_owned()]));
        let random = "!{firehose:random-string}";
        assert_eq!(others, format!("a/{random}/!{{timestamp:yyyy}}/{random}!{{partitionKeyFromQuery:"));
        assert_eq!(partition_keys("!{partitionKeyFromQuery:}").1, "!{partitionKeyFromQuery:}");
    }
}
