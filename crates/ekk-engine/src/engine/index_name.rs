//! Which names an index may have.
//!
//! Source: `MetadataCreateIndexService.validateIndexOrAliasName` of OpenSearch 3.4.0.

use crate::{error::Error, limits::MAX_INDEX_NAME_BYTES};

/// Refuses a name that OpenSearch refuses for an index.
///
/// # Errors
/// [`Error::InvalidIndexName`].
pub fn check_index_name(name: &str) -> Result<(), Error> {
    let refuse = |reason: &str| Err(Error::InvalidIndexName { name: name.to_owned(), reason: reason.to_owned() });
    let forbidden = ['\\', '/', '*', '?', '"', '<', '>', '|', ' ', ','];
    if name.is_empty() {
        return refuse("must not be empty");
    }
    if name.contains(forbidden) {
        return refuse("must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]");
    }
    if name.contains('#') {
        return refuse("must not contain '#'");
    }
    if name.contains(':') {
        return refuse("must not contain ':'");
    }
    if name.starts_with(['_', '-', '+']) {
        return refuse("must not start with '_', '-', or '+'");
    }
    if name.len() > MAX_INDEX_NAME_BYTES {
        let len = name.len();
        return refuse(&format!("index name is too long, ({len} > {MAX_INDEX_NAME_BYTES})"));
    }
    if name == "." || name == ".." {
        return refuse("must not be '.' or '..'");
    }
    if name.chars().any(char::is_uppercase) {
        return refuse("must be lowercase");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_refused_in_opensearchs_words() {
        let rows = [
            ("Log_UPPER", "must be lowercase"),
            ("bad,name", "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]"),
            ("_bad", "must not start with '_', '-', or '+'"),
            ("bad#name", "must not contain '#'"),
            ("..", "must not be '.' or '..'"),
        ];
        for (name, reason) in rows {
            let error = check_index_name(name).unwrap_err();
            assert_eq!(error.to_string(), format!("Invalid index name [{name}], {reason}"));
        }
        for name in ["logging-test-2026-11-23", ".kibana_1", "größe", "a.b"] {
            assert!(check_index_name(name).is_ok(), "{name}");
        }
    }
}
