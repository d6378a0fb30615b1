//! The client of the OpenSearch HTTP API: the only way by which the pages see data.
//!
//! Knows requests, answers and errors of OpenSearch; what is asked is in [`crate::query`].

use std::collections::BTreeMap;

use bytes::BytesMut;
use reqwest::{Method, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use url::Url;

use crate::{
    fields::FieldCaps,
    limits::{ANSWER_BYTES, CONNECT_PATIENCE, ENGINE_PATIENCE},
};

/// A client of one OpenSearch.
#[derive(Clone, Debug)]
pub(crate) struct OpenSearch {
    http: reqwest::Client,
    url: Url,
}

/// A request to the engine got no useful answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The engine does not answer; asking again later may help.
    #[error("no answer from OpenSearch at {url}: {reason}")]
    Unreachable { url: String, reason: String },
    /// The engine refuses the request; the query has to change.
    #[error("{reason}")]
    Refused { status: u16, kind: String, reason: String },
    /// The answer is longer than a page can hold; fewer records have to be asked for.
    #[error("the answer of OpenSearch is over the {ANSWER_BYTES}-byte limit")]
    TooLarge,
    /// The answer is not one of OpenSearch's.
    #[error("what answers at {url} is not OpenSearch: {reason}")]
    Unreadable { url: String, reason: String },
}

/// The answer of `_search`.
#[derive(Debug, Deserialize)]
pub(crate) struct SearchAnswer {
    #[serde(default)]
    pub(crate) took: u64,
    #[serde(default)]
    pub(crate) timed_out: bool,
    #[serde(default, rename = "_shards")]
    pub(crate) shards: Shards,
    #[serde(default)]
    pub(crate) hits: Hits,
    #[serde(default)]
    pub(crate) aggregations: BTreeMap<String, Aggregation>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shards {
    #[serde(default)]
    pub(crate) total: u64,
    #[serde(default)]
    pub(crate) failed: u64,
    #[serde(default)]
    failures: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Hits {
    total: Option<Total>,
    #[serde(default)]
    pub(crate) hits: Vec<Hit>,
}

#[derive(Debug, Deserialize)]
struct Total {
    value: u64,
}

/// One record as it was found; `_source` is kept as its bytes.
#[derive(Debug, Deserialize)]
pub(crate) struct Hit {
    #[serde(rename = "_index")]
    pub(crate) index: String,
    #[serde(rename = "_id")]
    pub(crate) id: String,
    #[serde(rename = "_source")]
    pub(crate) source: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) sort: Vec<Value>,
}

/// Any of the aggregations that the pages ask for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Aggregation {
    /// A list, or by name for `filters`.
    #[serde(default)]
    buckets: Buckets,
    #[serde(default)]
    pub(crate) sum_other_doc_count: u64,
    /// Of `min` and `max`: epoch milliseconds on dates.
    pub(crate) value: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Buckets {
    Listed(Vec<Bucket>),
    Named(BTreeMap<String, Bucket>),
}

impl Default for Buckets {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Bucket {
    #[serde(default)]
    pub(crate) key: Value,
    #[serde(default)]
    key_as_string: Option<String>,
    pub(crate) doc_count: u64,
    #[serde(flatten)]
    inner: BTreeMap<String, Value>,
}

impl Hits {
    /// How many records match, when that was asked for.
    pub(crate) fn count(&self) -> u64 {
        self.total.as_ref().map_or(0, |total| total.value)
    }
}

impl Aggregation {
    pub(crate) fn buckets(&self) -> &[Bucket] {
        match &self.buckets {
            Buckets::Listed(buckets) => buckets,
            Buckets::Named(_) => &[],
        }
    }

    pub(crate) fn bucket(&self, name: &str) -> Option<&Bucket> {
        match &self.buckets {
            Buckets::Listed(_) => None,
            Buckets::Named(buckets) => buckets.get(name),
        }
    }
}

impl Bucket {
    /// An aggregation within the bucket.
    pub(crate) fn inner(&self, name: &str) -> Option<Aggregation> {
        Aggregation::deserialize(self.inner.get(name)?).ok()
    }

    /// The key as text: booleans and addresses have one of their own.
    pub(crate) fn name(&self) -> String {
        match (&self.key_as_string, &self.key) {
            (Some(text), _) | (None, Value::String(text)) => text.clone(),
            (None, other) => other.to_string(),
        }
    }

    /// The key of a bucket in time, in epoch milliseconds.
    pub(crate) fn key_millis(&self) -> Option<i64> {
        whole(&self.key)
    }
}

impl Shards {
    /// Why the first failed shard failed.
    pub(crate) fn reason(&self) -> Option<String> {
        self.failures.first().and_then(|failure| failure.get("reason")).map(deepest_reason)
    }
}

/// A whole number, however it was written.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "times in milliseconds fit into 53 bits")]
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
}

impl OpenSearch {
    pub(crate) fn new(url: Url) -> Self {
        let http = reqwest::Client::builder()
            .timeout(ENGINE_PATIENCE)
            .connect_timeout(CONNECT_PATIENCE)
            .build()
            .expect("a client without TLS has nothing that can fail");
        Self { http, url }
    }

    /// The engine's address, without a password that it may hold.
    pub(crate) fn shown_url(&self) -> String {
        let mut url = self.url.clone();
        if url.password().is_some() && url.set_password(None).is_err() {
            return String::new();
        }
        url.to_string()
    }

    /// The number of the engine's version.
    pub(crate) async fn version(&self) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Root {
            version: Version,
        }
        #[derive(Deserialize)]
        struct Version {
            number: String,
        }
        self.send::<Root>(Method::GET, self.url.clone(), None).await.map(|root| root.version.number)
    }

    /// The fields of all indices that match `pattern`; none when no index matches.
    pub(crate) async fn field_caps(&self, pattern: &str) -> Result<FieldCaps, Error> {
        let mut url = self.at(&[pattern, "_field_caps"]);
        url.set_query(Some("fields=*&ignore_unavailable=true"));
        self.send(Method::GET, url, None).await
    }

    /// Searches the indices that match `pattern`.
    pub(crate) async fn search(&self, pattern: &str, body: &Value) -> Result<SearchAnswer, Error> {
        let mut url = self.at(&[pattern, "_search"]);
        url.set_query(Some("ignore_unavailable=true"));
        self.send(Method::POST, url, Some(body)).await
    }

    fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    async fn send<T: DeserializeOwned>(&self, method: Method, url: Url, body: Option<&Value>) -> Result<T, Error> {
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = response.status();
        let bytes = self.read(response).await?;
        if !status.is_success() {
            return Err(self.refused(status, &bytes));
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::Unreadable { url: self.shown_url(), reason: error.to_string() })
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<BytesMut, Error> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(error))? {
            if bytes.len() + chunk.len() > ANSWER_BYTES {
                return Err(Error::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        let reason = if error.is_timeout() {
            format!("nothing came within {} seconds", ENGINE_PATIENCE.as_secs())
        } else {
            let error = error.without_url();
            let mut cause: &dyn std::error::Error = &error;
            while let Some(deeper) = cause.source() {
                cause = deeper;
            }
            cause.to_string()
        };
        Error::Unreachable { url: self.shown_url(), reason }
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> Error {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            let reason = format!("status {} without an error in JSON", status.as_u16());
            return Error::Unreadable { url: self.shown_url(), reason };
        };
        let error = answer.get("error").unwrap_or(&Value::Null);
        let failed_shard = error.pointer("/failed_shards/0/reason");
        let kind = error.pointer("/root_cause/0/type").or_else(|| error.get("type")).and_then(Value::as_str);
        Error::Refused {
            status: status.as_u16(),
            kind: kind.unwrap_or_default().to_owned(),
            reason: deepest_reason(failed_shard.unwrap_or(error)),
        }
    }
}

impl Error {
    /// Whether the query's text is at fault, so that the message belongs to the query bar.
    pub(crate) fn blames_query(&self) -> bool {
        match self {
            Self::Refused { status, kind, reason } => {
                *status == 400
                    && (matches!(kind.as_str(), "query_shard_exception" | "parse_exception" | "parsing_exception")
                        || reason.contains("annot parse")
                        || reason.contains("ailed to parse query"))
            }
            _ => false,
        }
    }
}

/// The reason of the innermost `caused_by`: it says what is wrong, where the outer ones say what failed.
fn deepest_reason(error: &Value) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.get("caused_by") {
        deepest = cause;
    }
    [deepest.get("reason"), error.get("reason"), error.get("type")]
        .into_iter()
        .flatten()
        .find_map(Value::as_str)
        .map_or_else(|| error.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> OpenSearch {
        OpenSearch::new("http://user:secret@localhost:9200/base/".parse().unwrap())
    }

    #[test]
    fn a_pattern_stays_one_segment_of_the_path() {
        let url = client().at(&["logs-*,a/../b?x", "_search"]);
        assert_eq!(url.path(), "/base/logs-*,a%2F..%2Fb%3Fx/_search");
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(client().shown_url(), "http://user@localhost:9200/base/");
    }

    #[test]
    fn the_innermost_reason_is_shown_and_a_syntax_error_is_told_from_others() {
        let syntax = r#"{"error":{"root_cause":[{"type":"query_shard_exception","reason":"Failed to parse query [a:(]"}],
            "type":"search_phase_execution_exception","reason":"all shards failed","failed_shards":[{"shard":0,"reason":
            {"type":"query_shard_exception","reason":"Failed to parse query [a:(]","caused_by":{"type":"parse_exception",
            "reason":"Cannot parse 'a:(': Encountered \"<EOF>\"","caused_by":{"type":"parse_exception",
            "reason":"Encountered \"<EOF>\" at line 1, column 3."}}}}]},"status":400}"#;
        let error = client().refused(StatusCode::BAD_REQUEST, syntax.as_bytes());
        assert_eq!(error.to_string(), "Encountered \"<EOF>\" at line 1, column 3.");
        assert!(error.blames_query());
        let missing = r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [x]"}],
            "type":"index_not_found_exception","reason":"no such index [x]"},"status":404}"#;
        let error = client().refused(StatusCode::NOT_FOUND, missing.as_bytes());
        assert_eq!(error.to_string(), "no such index [x]");
        assert!(!error.blames_query());
        let html = client().refused(StatusCode::BAD_GATEWAY, b"<html>");
        assert!(html.to_string().ends_with("status 502 without an error in JSON"), "{html}");
    }
}
