//! Whether a text is a policy, in the words of IAM. What a policy means is nobody's subject here.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use serde_json::{Map, Value};

use crate::error::ApiError;

/// What a policy is for: it decides which elements a statement must and must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// What an identity may do.
    Identity,
    /// Who may assume a role.
    Trust,
}

const SYNTAX: &str = "Syntax errors in policy.";
const POLICY_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// Checks that a text is JSON.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(crate) fn check_json(document: &str) -> Result<(), ApiError> {
    serde_json::from_str::<Value>(document).map(drop).map_err(|_| malformed("This policy contains invalid Json"))
}

/// Checks that a text is a policy for this use.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(crate) fn check(document: &str, its_use: Use) -> Result<(), ApiError> {
    check_json(document)?;
    let Ok(Value::Object(policy)) = serde_json::from_str(document) else { return Err(malformed(SYNTAX)) };
    if policy.keys().any(|name| !POLICY_ELEMENTS.contains(&name.as_str())) {
        return Err(malformed(SYNTAX));
    }
    match policy.get("Version") {
        None => {}
        Some(Value::String(version)) if version == "2012-10-17" || version == "2008-10-17" => {}
        Some(Value::String(_)) => return Err(malformed("Policy document must be version 2012-10-17 or greater.")),
        Some(_) => return Err(malformed(SYNTAX)),
    }
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => return Err(malformed(SYNTAX)),
    };
    let mut sids = Vec::new();
    for statement in statements {
        let Value::Object(statement) = statement else { return Err(malformed(SYNTAX)) };
        check_statement(statement, its_use)?;
        match statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()) {
            Some(sid) if sids.contains(&sid) => {
                return Err(malformed("Statement IDs (SID) in a single policy must be unique."));
            }
            sid => sids.extend(sid),
        }
    }
    Ok(())
}

fn check_statement(statement: &Map<String, Value>, its_use: Use) -> Result<(), ApiError> {
    let has = |name: &str| statement.contains_key(name);
    let effect = statement.get("Effect").and_then(Value::as_str);
    if statement.keys().any(|name| !STATEMENT_ELEMENTS.contains(&name.as_str()))
        || !matches!(effect, Some("Allow" | "Deny"))
        || (has("Action") && has("NotAction"))
        || (has("Resource") && has("NotResource"))
        || statement.get("Sid").is_some_and(|sid| !sid.is_string())
        || statement.get("Condition").is_some_and(|condition| !condition.is_object())
    {
        return Err(malformed(SYNTAX));
    }
    let actions = texts(statement.get("Action").or_else(|| statement.get("NotAction")))?;
    let resources = texts(statement.get("Resource").or_else(|| statement.get("NotResource")))?;
    match its_use {
        Use::Trust => check_trust(statement, &actions),
        Use::Identity => check_identity(statement, &actions, &resources),
    }
}

fn check_trust(statement: &Map<String, Value>, actions: &[&str]) -> Result<(), ApiError> {
    let has = |name: &str| statement.contains_key(name);
    if has("Resource") || has("NotResource") {
        return Err(malformed("Has prohibited field Resource"));
    }
    if !has("Principal") && !has("NotPrincipal") {
        return Err(malformed("Missing required field Principal"));
    }
    if actions.is_empty() {
        return Err(malformed("Missing required field Action"));
    }
    let is_sts = |action: &&str| action.to_ascii_lowercase().starts_with("sts:") || **action == *"*";
    if !actions.iter().all(is_sts) {
        return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
    }
    Ok(())
}

fn check_identity(statement: &Map<String, Value>, actions: &[&str], resources: &[&str]) -> Result<(), ApiError> {
    if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
        return Err(malformed("Policy document should not specify a principal."));
    }
    if actions.is_empty() {
        return Err(malformed("Policy statement must contain actions."));
    }
    if !actions.iter().all(|action| *action == "*" || action.contains(':')) {
        return Err(malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."));
    }
    if resources.is_empty() {
        return Err(malformed("Policy statement must contain resources."));
    }
    match resources.iter().find(|resource| **resource != "*" && !resource.starts_with("arn:")) {
        Some(resource) => Err(ApiError::MalformedPolicyDocument(
            format!("Resource {resource} must be in ARN format or \"*\".").into(),
        )),
        None => Ok(()),
    }
}

/// One text or a list of texts; nothing when there is none.
fn texts(value: Option<&Value>) -> Result<Vec<&str>, ApiError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().ok_or_else(|| malformed(SYNTAX))).collect(),
        Some(_) => Err(malformed(SYNTAX)),
    }
}

/// Characters of a policy, white space left out, as quotas count them.
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|character| !character.is_whitespace()).count()
}

fn malformed(text: &'static str) -> ApiError {
    ApiError::MalformedPolicyDocument(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fails(document: &str, its_use: Use, expected: &str) {
        assert_eq!(check(document, its_use).unwrap_err().to_string(), expected, "{document}");
    }

    #[test]
    fn policies_as_tools_send_them_are_taken() {
        for (document, its_use) in [
            (
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["es:*","s3:PutObject"],"Resource":"*"}]}"#,
                Use::Identity,
            ),
            (r#"{"Statement":{"Effect":"Deny","NotAction":"s3:*","NotResource":["arn:aws:s3:::b"]}}"#, Use::Identity),
            (
                r#"{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"firehose.amazonaws.com"},"Condition":{"StringEquals":{"sts:ExternalId":"1"}}}]}"#,
                Use::Trust,
            ),
        ] {
            check(document, its_use).unwrap();
        }
    }

    #[test]
    fn what_is_no_policy_is_refused_in_the_words_of_iam() {
        let statement = |inner: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{inner}}}]}}"#);
        let cases = [
            ("nonsense".to_owned(), "This policy contains invalid Json"),
            ("[]".to_owned(), SYNTAX),
            (r#"{"Version":"2012-10-17"}"#.to_owned(), SYNTAX),
            (
                r#"{"Version":"2012","Statement":{}}"#.to_owned(),
                "Policy document must be version 2012-10-17 or greater.",
            ),
            (statement(r#""Effect":"allow","Action":"s3:*","Resource":"*""#), SYNTAX),
            (statement(r#""Effect":"Allow","Action":"s3:*","Resource":"*","Extra":1"#), SYNTAX),
            (
                statement(r#""Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*""#),
                "Policy document should not specify a principal.",
            ),
            (statement(r#""Effect":"Allow","Resource":"*""#), "Policy statement must contain actions."),
            (statement(r#""Effect":"Allow","Action":"s3:*""#), "Policy statement must contain resources."),
            (
                statement(r#""Effect":"Allow","Action":"put","Resource":"*""#),
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            (
                statement(r#""Effect":"Allow","Action":"s3:*","Resource":"bucket""#),
                "Resource bucket must be in ARN format or \"*\".",
            ),
        ];
        for (document, expected) in cases {
            check_fails(&document, Use::Identity, expected);
        }
    }

    #[test]
    fn a_trust_policy_says_who_and_not_what() {
        let statement = |inner: &str| format!(r#"{{"Statement":[{{"Effect":"Allow",{inner}}}]}}"#);
        for (inner, expected) in [
            (r#""Action":"sts:AssumeRole","Principal":"*","Resource":"*""#, "Has prohibited field Resource"),
            (r#""Action":"sts:AssumeRole""#, "Missing required field Principal"),
            (r#""Principal":{"AWS":"*"}"#, "Missing required field Action"),
            (
                r#""Action":"s3:PutObject","Principal":"*""#,
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ),
        ] {
            check_fails(&statement(inner), Use::Trust, expected);
        }
    }
}
