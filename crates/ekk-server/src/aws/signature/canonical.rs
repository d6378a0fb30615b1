//! The canonical request: the one text that client and service make of a request, each for itself.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use http::{HeaderMap, request::Parts};

use super::Presented;

/// The canonical form of a request; `payload` is the hash of its body in hex, or a word that stands for it.
pub(super) fn request(parts: &Parts, presented: &Presented, is_s3: bool, payload: &str) -> String {
    let path = if is_s3 { s3_path(parts.uri.path()) } else { normalized_path(parts.uri.path()) };
    let query = query(parts.uri.query().unwrap_or_default(), presented.in_query);
    let mut names: Vec<String> = presented.signed_headers.split(';').map(str::to_ascii_lowercase).collect();
    names.sort_unstable();
    names.dedup();
    let headers: String = names.iter().map(|name| header(&parts.headers, name)).collect();
    format!("{}\n{path}\n{query}\n{headers}\n{}\n{payload}", parts.method, names.join(";"))
}

/// The pairs of a query, decoded; `+` is a space.
pub(super) fn query_pairs(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let halves = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    halves.map(|(name, value)| (decode(name, true), decode(value, true))).collect()
}

/// All services but S3 resolve the dots and slashes of the path that came, and encode it once more.
fn normalized_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let ends_in_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if ends_in_folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", encode(kept.join("/").as_bytes(), true))
}

/// S3 takes keys as they are: the path is encoded once, whichever characters the client encoded.
fn s3_path(path: &str) -> String {
    encode(&decode(path, false), true)
}

fn query(query: &str, in_query: bool) -> String {
    let mut pairs: Vec<(String, String)> = query_pairs(query)
        .into_iter()
        .filter(|(name, _)| !(in_query && name == b"X-Amz-Signature"))
        .map(|(name, value)| (encode(&name, false), encode(&value, false)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// A line of the signed headers: values joined by commas, trimmed, with single spaces.
fn header(headers: &HeaderMap, name: &str) -> String {
    let values: Vec<String> = headers
        .get_all(name)
        .iter()
        .map(|value| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        })
        .collect();
    format!("{name}:{}\n", values.join(","))
}

/// Percent-encodes all but unreserved characters.
fn encode(bytes: &[u8], keeps_slashes: bool) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(*byte)),
            b'/' if keeps_slashes => out.push('/'),
            byte => out.extend(['%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]),
        }
    }
    out
}

/// Takes percent-encoding off; what is not encoded rightly stays as it is.
fn decode(text: &str, plus_is_space: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match after {
            [high, low, after @ ..] if *first == b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(*high).zip(digit(*low)).map(|(high, low)| (high << 4 | low, after))
            }
            _ => None,
        };
        let plain = if plus_is_space && *first == b'+' { b' ' } else { *first };
        let (byte, after) = code.unwrap_or((plain, after));
        out.push(byte);
        rest = after;
    }
    out
}
