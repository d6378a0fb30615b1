//! One side of the comparison while a file of requests is sent to it: where it is, and what was saved from its answers.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, header::CONTENT_LENGTH};
use serde_json::Value;

use crate::{
    answer,
    cases::{Case, Save},
    subject::{Subject, signature},
};

/// A server, and the values that it gave for `@save`.
#[derive(Debug)]
pub(crate) struct Session {
    subject: Subject,
    server: Server,
    saved: HashMap<String, String>,
}

/// Where a server is, and with which keys it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) http: reqwest::Client,
    /// Without a slash at its end.
    pub(crate) url: String,
    /// Requests are signed for S3 with these: the key's id and its secret.
    pub(crate) keys: Option<(String, String)>,
}

impl Server {
    /// A server that nobody signs requests to.
    pub(crate) fn open(url: impl Into<String>) -> Self {
        Self { http: reqwest::Client::new(), url: url.into(), keys: None }
    }

    /// A server whose keys may be in its address, as `http://KEY:SECRET@HOST`.
    pub(crate) fn with_keys(url: &str) -> Result<Self> {
        let mut parsed = reqwest::Url::parse(url).with_context(|| format!("`{url}` is no address"))?;
        let secret = parsed.password().unwrap_or("testtest").to_owned();
        let key = if parsed.username().is_empty() { "test".to_owned() } else { parsed.username().to_owned() };
        if parsed.set_username("").is_err() || parsed.set_password(None).is_err() {
            bail!("`{url}` cannot have keys");
        }
        let url = parsed.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http: reqwest::Client::new(), url, keys: Some((key, secret)) })
    }

    /// Sends one request as it is.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Option<String>,
    ) -> Result<reqwest::Response> {
        let method: Method = method.parse().with_context(|| format!("`{method}` is no method"))?;
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match body.filter(|body| !body.is_empty()) {
            Some(body) => request = request.body(body),
            None if matches!(method, Method::PUT | Method::POST) => request = request.header(CONTENT_LENGTH, 0),
            None => {}
        }
        let mut request = request.build()?;
        if let Some(keys) = &self.keys {
            signature::sign(&mut request, keys)?;
        }
        self.http.execute(request).await.with_context(|| format!("{} does not answer", self.url))
    }
}

impl Session {
    pub(crate) fn new(subject: Subject, server: Server) -> Self {
        Self { subject, server, saved: HashMap::new() }
    }

    /// Sends the request of `case` and reads the answer.
    pub(crate) async fn ask(&mut self, case: &Case) -> Result<Value> {
        let mut headers = Vec::new();
        for (name, value) in &case.headers {
            headers.push((name.clone(), self.fill(value)?));
        }
        let path = self.fill(&case.path)?;
        let body = case.body.as_deref().map(|body| self.fill(body)).transpose()?;
        let body = self.subject.complete(&path, &mut headers, body);
        let response = self.server.send(&case.method, &path, &headers, body).await?;
        let answer = answer::read(response, self.subject.headers()).await?;
        for save in &case.saves {
            self.save(save, &answer);
        }
        Ok(answer)
    }

    /// What is not there is saved as nothing, so that later requests show it.
    fn save(&mut self, save: &Save, answer: &Value) {
        let value = match answer.pointer(&save.from) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        self.saved.insert(save.name.clone(), value);
    }

    /// Puts saved values in the place of `{{name}}`.
    fn fill(&self, text: &str) -> Result<String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((name, after)) = after.split_once("}}").filter(|(name, _)| is_name(name)) else {
                filled.push_str("{{");
                rest = after;
                continue;
            };
            filled.push_str(self.saved.get(name).with_context(|| format!("nothing is saved as `{name}`"))?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// In JSON, two braces may open without meaning a saved value.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn saved_values_stand_where_they_are_named() {
        let mut session = Session::new(Subject::S3, Server::open("http://127.0.0.1:1"));
        session.save(&Save { name: "id".into(), from: "/body/A/Id".into() }, &json!({"body": {"A": {"Id": "7"}}}));
        assert_eq!(session.fill("/b?uploadId={{id}}&x={{}").unwrap(), "/b?uploadId=7&x={{}");
        assert_eq!(session.fill("{\"a\":{\"b\":{{\"c\":1}}}").unwrap(), "{\"a\":{\"b\":{{\"c\":1}}}");
        assert_eq!(session.fill("{{gone}}").unwrap_err().to_string(), "nothing is saved as `gone`");
    }

    #[test]
    fn keys_are_taken_out_of_the_address() {
        let server = Server::with_keys("http://me:secret@127.0.0.1:9000/").unwrap();
        assert_eq!(server.url, "http://127.0.0.1:9000");
        assert_eq!(server.keys, Some(("me".into(), "secret".into())));
    }
}
