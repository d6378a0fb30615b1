//! The body of an error as S3 writes it: what was asked for stands in it, by the code in one way or another.
//!
//! s3s writes code and message; the message of its own errors is missing. Which elements S3 adds is not documented but for
//! `Resource`; those here are what its answers show.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use axum::body::Body;
use http::{HeaderValue, Request, header};

/// What of a request an error repeats.
pub(super) struct Asked {
    /// As it was sent.
    path: String,
    /// Without the `?`.
    query: String,
    range: Option<String>,
}

impl Asked {
    pub(super) fn of(request: &Request<Body>) -> Self {
        let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
        Self {
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            range: range.map(str::to_owned),
        }
    }

    fn bucket(&self) -> String {
        let path = self.path.trim_start_matches('/');
        decoded(path.split('/').next().unwrap_or_default())
    }

    fn key(&self) -> String {
        let path = self.path.trim_start_matches('/');
        decoded(path.split_once('/').map_or("", |(_, key)| key))
    }

    fn upload_id(&self) -> String {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| *name == "uploadId").map(|(_, value)| decoded(value)).next().unwrap_or_default()
    }
}

/// Completes the body `text` of an error. `content_range` is the answer's header, which knows how long the object is.
pub(super) fn complete(
    text: &str,
    asked: &Asked,
    content_range: Option<&HeaderValue>,
    request_id: &str,
    host_id: &str,
) -> String {
    let Some(error) = text.strip_suffix("</Error>") else { return text.to_owned() };
    let code = error.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    let message = match default_message(code) {
        message if !error.contains("<Message>") => format!("<Message>{message}</Message>"),
        _ => String::new(),
    };
    let details = match code {
        "NoSuchBucket" | "BucketNotEmpty" => element("BucketName", &asked.bucket()),
        "NoSuchKey" => element("Key", &asked.key()),
        "NoSuchUpload" => element("UploadId", &asked.upload_id()),
        "InvalidRange" => {
            let size = content_range.and_then(|range| range.to_str().ok()).and_then(|range| range.rsplit('/').next());
            element("RangeRequested", asked.range.as_deref().unwrap_or_default())
                + &element("ActualObjectSize", size.unwrap_or_default())
        }
        _ => element("Resource", &asked.path),
    };
    format!("{error}{message}{details}<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>")
}

fn element(name: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<{name}>{text}</{name}>")
}

/// Takes percent-encoding off; what is not UTF-8 then becomes the replacement character.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(nibble(*high) << 4 | nibble(*low));
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn nibble(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default()
}

fn default_message(code: &str) -> &str {
    match code {
        "InvalidBucketName" => "The specified bucket is not valid.",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => "The XML you provided was not well-formed or did not validate against our published schema",
        "MaxMessageLengthExceeded" => "Your request was too big.",
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "IncompleteBody" => "You did not provide the number of bytes specified by the Content-Length HTTP header",
        "InternalError" => "We encountered an internal error. Please try again.",
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, code: &str, expected: &str) {
        let request = Request::get(uri).header("range", "bytes=9-").body(Body::empty()).unwrap();
        let text = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
        let range = HeaderValue::from_static("bytes */4");
        let completed = complete(&text, &Asked::of(&request), Some(&range), "R", "H");
        let end = "<RequestId>R</RequestId><HostId>H</HostId></Error>";
        assert_eq!(completed, format!("<Error><Code>{code}</Code><Message>m</Message>{expected}{end}"));
    }

    #[test]
    fn an_error_repeats_what_was_asked_for_as_its_code_demands() {
        check("/b/a%26%C3%A4/%zz", "NoSuchKey", "<Key>a&amp;ä/%zz</Key>");
        check("/b/a", "NoSuchBucket", "<BucketName>b</BucketName>");
        check("/b/a?partNumber=1&uploadId=x%2By", "NoSuchUpload", "<UploadId>x+y</UploadId>");
        let range = "<RangeRequested>bytes=9-</RangeRequested><ActualObjectSize>4</ActualObjectSize>";
        check("/b/a", "InvalidRange", range);
        check("/b/a%26", "AccessDenied", "<Resource>/b/a%26</Resource>");
    }
}
