//! The access policy of a domain: whether it is one, and whether it lets everybody in.

use serde_json::Value;

use crate::error::ApiError;

/// Checks that a text is a policy, or empty.
///
/// # Errors
/// `InvalidTypeException`.
pub(super) fn check(text: &str) -> Result<(), ApiError> {
    let is_policy = serde_json::from_str::<Value>(text).is_ok_and(|policy| !statements(&policy).is_empty());
    if text.trim().is_empty() || is_policy {
        return Ok(());
    }
    let shown: String = text.chars().take(crate::limits::ERROR_VALUE_CHARS).collect();
    Err(ApiError::InvalidType(format!("Error setting policy: [{shown}]")))
}

/// Whether a policy allows something to everybody, under no condition.
pub(super) fn is_open(text: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(text) else { return false };
    statements(&policy).iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && statement
                .get("Condition")
                .is_none_or(|condition| condition.as_object().is_none_or(serde_json::Map::is_empty))
            && statement.get("Principal").is_some_and(is_everybody)
    })
}

fn is_everybody(principal: &Value) -> bool {
    match principal {
        Value::String(name) => name == "*",
        Value::Array(names) => names.iter().any(is_everybody),
        Value::Object(kinds) => kinds.get("AWS").is_some_and(is_everybody),
        _ => false,
    }
}

/// The statements of a policy; none when it has another form.
fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) if statements.iter().all(Value::is_object) => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_open_when_everybody_may_without_a_condition() {
        let policy = |inner: &str| format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"es:*",{inner}}}]}}"#);
        for (inner, open) in [
            (r#""Principal":"*""#, true),
            (r#""Principal":{"AWS":"*"}"#, true),
            (r#""Principal":{"AWS":["*"]}"#, true),
            (r#""Principal":{"AWS":"arn:aws:iam::000000000000:root"}"#, false),
            (r#""Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.1"}}"#, false),
        ] {
            check(&policy(inner)).unwrap();
            assert_eq!(is_open(&policy(inner)), open, "{inner}");
        }
    }

    #[test]
    fn what_is_no_policy_is_refused_in_the_words_of_aws() {
        check("").unwrap();
        for text in ["nonsense", "[]", "{}", r#"{"Statement":[1]}"#] {
            assert_eq!(check(text).unwrap_err().to_string(), format!("Error setting policy: [{text}]"));
        }
    }
}
