//! Key prefixes with `!{namespace:value}` expressions.

/// A prefix that AWS would not take, with the text that the API answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Ths supplied prefix(es) do not satisfy the following constraint: {constraint}")]
pub struct PrefixError {
    constraint: String,
}

/// Checks the prefixes of a bucket as the API does when a stream is created.
///
/// # Errors
/// `InvalidArgumentException` (400) with the error's text.
pub fn check(prefix: &str, error_output_prefix: Option<&str>) -> Result<(), PrefixError> {
    if prefix.contains("!{") && error_output_prefix.is_none_or(str::is_empty) {
        return Err(PrefixError {
            constraint: "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions".to_owned(),
        });
    }
    Ok(())
}
