//! A rule that cannot be kept.

use std::fmt::Display;

/// Says which member of a rule is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", if field.is_empty() { String::new() } else { format!("{field}: ") })]
pub struct RuleError {
    /// The path of the member, such as `effect.fail_records.count`; empty when the JSON as a whole is none.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl RuleError {
    pub(crate) fn new(field: impl Into<String>, reason: impl Display) -> Self {
        Self { field: field.into(), reason: reason.to_string() }
    }

    pub(crate) fn of_json(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = error.path().to_string();
        let field = if path == "." { String::new() } else { path };
        Self::new(field, error.into_inner())
    }
}
