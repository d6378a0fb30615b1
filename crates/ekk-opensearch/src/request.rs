//! A REST request as handlers see it: path and query parameters, and a body that has been read, unpacked and capped.

use bytes::Bytes;
use http::Method;

use crate::{
    error::{Exception, RestError, Result},
    json::parse::{self, Node},
};

/// Parameters that every path takes.
const COMMON: [&str; 7] = ["pretty", "human", "error_trace", "filter_path", "format", "source", "source_content_type"];

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path as it was sent, still percent-encoded.
    pub(crate) path: String,
    /// What the placeholders of the route's path hold.
    pub(crate) captures: Vec<(&'static str, String)>,
    /// The query's pairs, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Empty when there was none.
    pub(crate) body: Bytes,
    /// Whether the `Accept` header asks for YAML.
    pub(crate) accepts_yaml: bool,
    /// The `Host` header.
    pub(crate) host: Option<String>,
}

/// What `refresh=` asks for after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    No,
    /// Refresh now, and say so in the answer.
    Forced,
    /// Answer when the write is visible.
    ///
    /// Differs from OpenSearch: the refresh is not waited for but done at once; the answer is the same.
    Wait,
}

impl Request {
    /// A placeholder of the path, or a query parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let captured = self.captures.iter().find(|(capture, _)| *capture == name).map(|(_, value)| value.as_str());
        captured.or_else(|| self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str()))
    }

    /// A boolean; the bare name counts as true.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.param(name) {
            None => Ok(default),
            Some("" | "true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(RestError::illegal_argument(format!(
                "Failed to parse value [{other}] as only [true] or [false] are allowed."
            ))),
        }
    }

    /// A number.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>> {
        let Some(text) = self.param(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            RestError::illegal_argument(format!("Failed to parse int parameter [{name}] with value [{text}]"))
                .with_cause(Exception::new("number_format_exception", format!("For input string: \"{text}\"")))
        })
    }

    /// The items of a comma-separated parameter, when it is there and not empty.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let text = self.param(name).filter(|text| !text.is_empty())?;
        Some(text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect())
    }

    /// The `refresh` parameter.
    pub(crate) fn refresh(&self) -> Result<Refresh> {
        match self.param("refresh") {
            None | Some("false") => Ok(Refresh::No),
            Some("" | "true") => Ok(Refresh::Forced),
            Some("wait_for") => Ok(Refresh::Wait),
            Some(other) => Err(RestError::illegal_argument(format!("Unknown value for refresh: [{other}]."))),
        }
    }

    /// The body, or what `?source=` carries for clients that cannot send one.
    pub(crate) fn content(&self) -> Result<Bytes> {
        if !self.body.is_empty() {
            return Ok(self.body.clone());
        }
        match self.param("source") {
            Some(source) if self.param("source_content_type").is_some() => Ok(Bytes::from(source.to_owned())),
            Some(_) => {
                Err(Exception::new("illegal_state_exception", "source and source_content_type parameters are required")
                    .status(http::StatusCode::INTERNAL_SERVER_ERROR))
            }
            None => Ok(Bytes::new()),
        }
    }

    /// The body as JSON, if there is one.
    pub(crate) fn json(&self) -> Result<Option<Node>> {
        let content = self.content()?;
        if content.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        Ok(Some(parse::parse(&content)?))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 400 `parse_exception` when there is none.
    pub(crate) fn required_json(&self) -> Result<Node> {
        self.json()?.ok_or_else(body_required)
    }

    /// Refuses parameters that neither the route nor every route takes.
    pub(crate) fn check_params(&self, known: &[&[&str]]) -> Result<()> {
        let candidates = || known.iter().flat_map(|names| names.iter().copied()).chain(COMMON);
        let mut unknown: Vec<&str> = self
            .query
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !candidates().any(|known| known == *name))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() {
            return Ok(());
        }
        let all: Vec<&str> = candidates().chain(self.captures.iter().map(|(name, _)| *name)).collect();
        let names: Vec<String> = unknown.iter().map(|name| with_suggestion(name, &all)).collect();
        let plural = if names.len() > 1 { "s" } else { "" };
        Err(RestError::illegal_argument(format!(
            "request [{}] contains unrecognized parameter{plural}: {}",
            self.path,
            names.join(", ")
        )))
    }
}

/// 400: the path needs a body.
pub(crate) fn body_required() -> RestError {
    RestError::parse("request body is required")
}

/// The name in brackets, and the known names that look like it.
pub(crate) fn with_suggestion(name: &str, known: &[&str]) -> String {
    let mut near: Vec<(f64, &str)> = known
        .iter()
        .map(|candidate| (similarity(name, candidate), *candidate))
        .filter(|(similarity, _)| *similarity > 0.5)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    let near: Vec<&str> = near.into_iter().map(|(_, candidate)| candidate).collect();
    match near.as_slice() {
        [] => format!("[{name}]"),
        [one] => format!("[{name}] -> did you mean [{one}]?"),
        many => format!("[{name}] -> did you mean any of [{}]?", many.join(", ")),
    }
}

/// One minus the Levenshtein distance over the longer length.
fn similarity(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longest = u32::try_from(a.len().max(b.len())).unwrap_or(u32::MAX);
    if longest == 0 {
        return 1.0;
    }
    let mut row: Vec<u32> = (0..=u32::try_from(b.len()).unwrap_or(u32::MAX)).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = u32::try_from(i).unwrap_or(u32::MAX) + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + u32::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    1.0 - f64::from(row[b.len()]) / f64::from(longest)
}

impl RestError {
    /// The same error with `cause` nested in its exception.
    #[must_use]
    pub(crate) fn with_cause(self, cause: Exception) -> Self {
        match self.exception() {
            Some(exception) => exception.clone().caused_by(cause).status(self.status),
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(query: &[(&str, &str)]) -> Request {
        Request {
            method: Method::GET,
            path: "/_cluster/health".to_owned(),
            captures: Vec::new(),
            query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: Bytes::new(),
            accepts_yaml: false,
            host: None,
        }
    }

    fn reason(error: &RestError) -> &str {
        &error.exception().unwrap().reason
    }

    #[test]
    fn unknown_parameters_are_refused_with_what_was_probably_meant() {
        let known: &[&[&str]] = &[&["level", "timeout"]];
        assert!(request(&[("pretty", ""), ("level", "shards")]).check_params(known).is_ok());
        let error = request(&[("prety", ""), ("nope", "1")]).check_params(known).unwrap_err();
        assert_eq!(
            reason(&error),
            "request [/_cluster/health] contains unrecognized parameters: [nope], [prety] -> did you mean [pretty]?"
        );
    }

    #[test]
    fn booleans_are_true_or_false_and_nothing_else() {
        assert!(request(&[("v", "")]).flag("v", false).unwrap());
        let error = request(&[("v", "yes")]).flag("v", false).unwrap_err();
        assert_eq!(reason(&error), "Failed to parse value [yes] as only [true] or [false] are allowed.");
    }
}
