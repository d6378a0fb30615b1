//! What web pages may do here: which origins may use a service, and under which names it may be reached.
//!
//! A service on a developer's machine is reached by every page in the developer's browser. By default no page of another
//! origin reads an answer or changes anything, and no page finds the way here by a name that it points at this machine.
//! Programs are not concerned: they send no `Origin`, and their `Host` is this machine's.
//!
//! Sources: <https://fetch.spec.whatwg.org/#http-cors-protocol>, and for the headers the answers of Kinesis, whose front
//! end Firehose shares.

use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN, VARY,
    },
};

/// The headers of an answer that a page may read, as AWS lists them.
const EXPOSED: &str = "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date";

/// Seconds that a browser may remember what it was allowed, as AWS says.
const MAX_AGE_SECS: &str = "172800";

/// What a service lets web pages do.
#[derive(Clone, Debug, Default)]
pub struct BrowserRules {
    /// The origins whose pages may use the service; none by default.
    pub origins: Vec<AllowedOrigin>,
    /// The names that the service is reached by besides addresses, `localhost`, `*.localhost` and
    /// `host.docker.internal`; any name when `None`, as for a service that listens to a network, where containers reach
    /// it by the name of theirs.
    pub names: Option<Vec<String>>,
}

/// An origin whose pages may use a service: `*`, or a scheme with a host and mostly a port, as browsers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin(String);

/// A text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an origin is * or like http://localhost:3000, without a path")]
pub struct OriginError;

impl FromStr for AllowedOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        let (scheme, host) = text.split_once("://").ok_or(OriginError)?;
        let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_host =
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
        if is_scheme && is_host { Ok(Self(text.to_ascii_lowercase())) } else { Err(OriginError) }
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl BrowserRules {
    /// Puts the rules before a router.
    pub fn guard(self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(Arc::new(self), admit))
    }

    /// What a page of `origin` is told that it may be: `None` when it may not use the service.
    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.origins.iter().any(|allowed| allowed.0 == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        let is_allowed =
            self.origins.iter().any(|allowed| allowed.0.as_bytes().eq_ignore_ascii_case(origin.as_bytes()));
        is_allowed.then(|| origin.clone())
    }

    fn is_reached_by(&self, host: &str) -> bool {
        let Some(names) = &self.names else { return true };
        let host = without_port(host).to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        let is_address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        is_address
            || matches!(host, "localhost" | "host.docker.internal")
            || host.ends_with(".localhost")
            || names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

async fn admit(State(rules): State<Arc<BrowserRules>>, request: Request, next: Next) -> Response {
    if let Some(host) = hosts(request.uri(), request.headers()).find(|host| !rules.is_reached_by(host)) {
        return wrong_host(host);
    }
    let Some(origin) = request.headers().get(ORIGIN).cloned() else { return next.run(request).await };
    let Some(allowed) = rules.allowed(&origin) else {
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if changes && !is_same_origin(&origin, request.headers()) {
            return wrong_origin(&origin);
        }
        return next.run(request).await;
    };
    let mut response = if let Some(headers) = preflight(&request) {
        (StatusCode::OK, headers).into_response()
    } else {
        let mut response = next.run(request).await;
        response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        response
    };
    let headers = response.headers_mut();
    if allowed != "*" {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    response
}

/// The answer to a browser that asks before it sends: whatever an allowed page wants to send, it may.
fn preflight(request: &Request) -> Option<HeaderMap> {
    if request.method() != Method::OPTIONS {
        return None;
    }
    let mut headers = HeaderMap::new();
    let mut grant = |asked: HeaderName, granted: HeaderName| {
        if let Some(value) = request.headers().get(asked) {
            headers.insert(granted, value.clone());
        }
    };
    grant(ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS);
    grant(ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_SECS));
    Some(headers)
}

/// The hosts that a request names: in its headers, and in its target when that is a whole URL.
fn hosts<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
    let in_headers = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default());
    in_headers.chain(uri.host())
}

/// Whether the page came from where the request goes.
fn is_same_origin(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin.zip(host).is_some_and(|((_, origin), host)| origin.eq_ignore_ascii_case(host))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
            if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
        }
        _ => host,
    }
}

fn wrong_host(host: &str) -> Response {
    let host: String = host.chars().filter(char::is_ascii_graphic).take(255).collect();
    let text = format!(
        "{host} is not a name of this machine, so that a web page may have sent this. If the name is yours, start ekk \
         with --host-name {}\n",
        without_port(&host)
    );
    (StatusCode::FORBIDDEN, text).into_response()
}

fn wrong_origin(origin: &HeaderValue) -> Response {
    let origin: String = String::from_utf8_lossy(origin.as_bytes()).chars().take(255).collect();
    let text = format!(
        "a web page of {origin} may not change anything here. If the page is yours, start ekk with --allow-origin {origin}\n"
    );
    (StatusCode::FORBIDDEN, text).into_response()
}

#[cfg(test)]
mod tests;
