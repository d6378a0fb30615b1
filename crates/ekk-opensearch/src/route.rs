//! Finds the handler of a path as OpenSearch does: literal segments win over placeholders, and a path that exists with
//! other methods answers 405.
//!
//! The table itself is [`crate::routes`]'s.

use std::borrow::Cow;

use http::{Method, StatusCode};

use crate::{
    error::{RestError, Result},
    node::Node,
    request::Request,
    response::Response,
};

/// What handles a request.
pub(crate) type Handler = fn(&Node, &Request) -> Result<Response>;

/// One row of the table: a path, a method, the query parameters it takes, and its handler.
#[derive(Debug)]
pub(crate) struct Route {
    /// `GET`, or several as `GET,POST`.
    pub(crate) methods: &'static str,
    /// Segments; a placeholder stands in braces.
    pub(crate) path: &'static str,
    /// The query parameters it takes besides those that every path takes.
    pub(crate) params: &'static [&'static [&'static str]],
    pub(crate) handler: Handler,
}

/// A route and what its placeholders hold.
pub(crate) struct Match {
    pub(crate) route: &'static Route,
    pub(crate) captures: Vec<(&'static str, String)>,
}

impl Route {
    fn segments(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter(|segment| !segment.is_empty())
    }

    fn takes(&self, method: &Method) -> bool {
        self.methods.split(',').any(|taken| taken == method.as_str())
    }

    /// The captures, and one bit a segment that is set where a literal matched, the first segment highest.
    fn matches(&self, segments: &[&str]) -> Option<(u32, Vec<(&'static str, String)>)> {
        let mut captures = Vec::new();
        let mut literals = 0;
        let mut count = 0;
        for pattern in self.segments() {
            let segment = *segments.get(count)?;
            literals <<= 1;
            match pattern.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => captures.push((name, decode(segment))),
                None if pattern == segment => literals |= 1,
                None => return None,
            }
            count += 1;
        }
        (count == segments.len()).then_some((literals, captures))
    }
}

/// Finds the route for `method` and the encoded `path`.
///
/// # Errors
/// - 405 with the methods that the path takes; `Allow` is the caller's to set from [`allowed`].
/// - 400 `no handler found` as a bare text.
pub(crate) fn find(table: &'static [Route], method: &Method, path: &str, uri: &str) -> Result<Match> {
    let candidates = best(table, path);
    if candidates.is_empty() {
        return Err(RestError::no_handler(uri, method.as_str()));
    }
    if let Some(found) = candidates.into_iter().find(|found| found.route.takes(method)) {
        Ok(found)
    } else {
        let allowed = allowed(table, path).join(", ");
        Err(RestError::text(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("Incorrect HTTP method for uri [{uri}] and method [{method}], allowed: [{allowed}]"),
        ))
    }
}

/// The methods that the path takes, in OpenSearch's order of enumeration.
pub(crate) fn allowed(table: &'static [Route], path: &str) -> Vec<&'static str> {
    let mut methods: Vec<&'static str> =
        best(table, path).iter().flat_map(|found| found.route.methods.split(',')).collect();
    let order = |method: &&str| ["GET", "POST", "PUT", "DELETE", "HEAD"].iter().position(|known| known == method);
    methods.sort_by_key(order);
    methods.dedup();
    methods
}

/// The rows whose path fits with the most literal segments.
fn best(table: &'static [Route], path: &str) -> Vec<Match> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut found = Vec::new();
    let mut most = 0;
    for route in table {
        if let Some((literals, captures)) = route.matches(&segments) {
            if literals > most || found.is_empty() {
                most = literals;
                found.clear();
            }
            if literals == most {
                found.push(Match { route, captures });
            }
        }
    }
    found
}

/// Undoes percent-encoding; `+` stays a plus, as in a path. What is not UTF-8 is replaced.
pub(crate) fn decode(text: &str) -> String {
    decode_with(text, false)
}

/// Undoes percent-encoding of a query, where `+` is a space.
pub(crate) fn decode_query(text: &str) -> String {
    decode_with(text, true)
}

fn decode_with(text: &str, plus_is_space: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match byte {
            b'%' => {
                if let (Some(high), Some(low)) = (hex(0), hex(1)) {
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                    rest = after.get(2..).unwrap_or_default();
                    continue;
                }
                bytes.push(b'%');
            }
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes a document's id for a `Location` header.
pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(format!("%{byte:02X}").chars());
        }
    }
    Cow::Owned(encoded)
}

/// The pairs of a query string; a name without `=` has an empty value.
pub(crate) fn query_pairs(query: &str) -> Vec<(String, String)> {
    query
        .split(['&', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode_query(name), decode_query(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    fn path_of(method: &Method, path: &str) -> String {
        match find(ROUTES, method, path, path) {
            Ok(found) => found.route.path.to_owned(),
            Err(error) => String::from_utf8(error.to_json().to_bytes()).unwrap(),
        }
    }

    #[test]
    fn literal_segments_win_over_placeholders() {
        for (method, path, expected) in [
            (Method::GET, "/", "/"),
            (Method::GET, "/_search", "/_search"),
            (Method::GET, "/_license", "/{index}"),
            (Method::POST, "/agg1/_doc/_search", "/{index}/_doc/{id}"),
            (Method::GET, "/_cluster/health/a", "/_cluster/health/{index}"),
            (
                Method::GET,
                "/_no_such_api/x",
                r#"{"error":"no handler found for uri [/_no_such_api/x] and method [GET]"}"#,
            ),
            (
                Method::DELETE,
                "/_bulk",
                r#"{"error":"Incorrect HTTP method for uri [/_bulk] and method [DELETE], allowed: [POST, PUT]","status":405}"#,
            ),
            (
                Method::PUT,
                "/_search",
                r#"{"error":"Incorrect HTTP method for uri [/_search] and method [PUT], allowed: [GET, POST]","status":405}"#,
            ),
        ] {
            assert_eq!(path_of(&method, path), expected, "{path}");
        }
    }

    #[test]
    fn encoded_text_is_read_and_written() {
        assert_eq!(decode("%3Clog-%7Bnow%2Fd%7D%3E+a"), "<log-{now/d}>+a");
        assert_eq!(query_pairs("q=a+b%2B&v"), [("q".to_owned(), "a b+".to_owned()), ("v".to_owned(), String::new())]);
        assert_eq!(encode("config:3.4.0"), "config%3A3.4.0");
    }
}
