//! Takes a form with files apart (`multipart/form-data`, RFC 7578), from a body that is there whole.

use axum::http::HeaderMap;
use http::header;

use super::{error::Boom, request};
use crate::limits::FORM_PARTS;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) name: String,
    /// Of a file.
    pub(super) filename: Option<String>,
    pub(super) content: &'a [u8],
}

/// The boundary that the request's header names.
pub(super) fn boundary(headers: &HeaderMap) -> Result<String, Boom> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut pieces = content_type.split(';');
    if !pieces.next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("multipart/form-data")) {
        return Err(request::unsupported_media_type());
    }
    let boundary = pieces.find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    });
    boundary
        .filter(|boundary| !boundary.is_empty())
        .ok_or_else(|| Boom::bad_request("Invalid content-type header: multipart missing boundary"))
}

/// The parts of a form. A body that ends early is refused.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, Boom> {
    let broken = || Boom::bad_request("Invalid multipart payload format");
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = match body.strip_prefix(first.as_bytes()) {
        Some(rest) => rest,
        None => split_once(body, &between).ok_or_else(broken)?.1,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        if parts.len() == FORM_PARTS {
            return Err(Boom::bad_request(format!("Invalid multipart payload format: over {FORM_PARTS} parts")));
        }
        let (_, after) = split_once(rest, "\r\n").ok_or_else(broken)?;
        let (part, after) = split_once(after, &between).ok_or_else(broken)?;
        let (head, content) = match part.strip_prefix(b"\r\n") {
            Some(content) => (b"".as_slice(), content),
            None => split_once(part, "\r\n\r\n").ok_or_else(broken)?,
        };
        let (name, filename) = disposition(&String::from_utf8_lossy(head));
        parts.push(Part { name: name.unwrap_or_default(), filename, content });
        rest = after;
    }
    Ok(parts)
}

/// Name and file name of a part.
fn disposition(head: &str) -> (Option<String>, Option<String>) {
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    });
    let parameter = |wanted: &str| {
        let mut rest = line?;
        while let Some((_, after)) = rest.split_once(';') {
            let (name, value) = after.split_once('=')?;
            let (value, after) = if let Some(quoted) = value.strip_prefix('"') {
                quoted_text(quoted)
            } else {
                let (value, after) = value.split_at(value.find(';').unwrap_or(value.len()));
                (value.trim().to_owned(), after)
            };
            if name.trim().eq_ignore_ascii_case(wanted) {
                return Some(value);
            }
            rest = after;
        }
        None
    };
    (parameter("name"), parameter("filename"))
}

/// The text before the next quote that has no backslash, and what follows.
fn quoted_text(text: &str) -> (String, &str) {
    let mut quoted = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => quoted.extend(characters.next()),
            other => quoted.push(other),
        }
    }
    (quoted, characters.as_str())
}

fn split_once<'a>(bytes: &'a [u8], at: &str) -> Option<(&'a [u8], &'a [u8])> {
    let at = at.as_bytes();
    let index = bytes.windows(at.len()).position(|window| window == at)?;
    let (before, rest) = bytes.split_at(index);
    Some((before, rest.split_at(at.len()).1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_apart() {
        let body = b"--B\r\nContent-Disposition: form-data; name=\"retries\"\r\n\r\n[]\r\n\
            --B\r\ncontent-type: x\r\nCONTENT-DISPOSITION: form-data; name=file; filename=\"a \\\"b\\\"; c.ndjson\"\r\n\r\n{\r\n--}\r\n\r\n--B--\r\n";
        let part = |name: &str, filename: Option<&str>, content: &'static [u8]| Part {
            name: name.to_owned(),
            filename: filename.map(str::to_owned),
            content,
        };
        let expected = [part("retries", None, b"[]"), part("file", Some("a \"b\"; c.ndjson"), b"{\r\n--}\r\n")];
        assert_eq!(parts(body, "B").unwrap(), expected);
        assert_eq!(parts(b"--B--", "B").unwrap(), []);
    }

    #[test]
    fn a_form_that_is_cut_off_is_refused() {
        let whole = b"preamble\r\n--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc\r\n--B--";
        assert_eq!(parts(whole, "B").unwrap().len(), 1);
        for end in 0..whole.len() - 2 {
            let (cut, _) = whole.split_at(end);
            assert!(parts(cut, "B").is_err(), "{end}");
        }
    }

    #[test]
    fn the_boundary_is_read_from_the_header() {
        for (value, expected) in [
            ("multipart/form-data; boundary=a-b", Ok("a-b")),
            ("Multipart/Form-Data; charset=utf-8; Boundary=\"x y\"", Ok("x y")),
            ("multipart/form-data", Err("Invalid content-type header: multipart missing boundary")),
            ("multipart/form-data; boundary=", Err("Invalid content-type header: multipart missing boundary")),
            ("application/json", Err("Unsupported Media Type")),
            ("", Err("Unsupported Media Type")),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]);
            let read = boundary(&headers).map_err(|boom| boom.payload()["message"].as_str().unwrap().to_owned());
            assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{value}");
        }
    }
}
