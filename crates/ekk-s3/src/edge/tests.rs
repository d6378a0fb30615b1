//! What the edge takes off a request.

use super::*;

#[test]
fn a_presigned_query_is_taken_off() {
    let cases = [
        ("/b/k?X-Amz-Signature=0&X-Amz-Date=1", "/b/k"),
        ("/b/k?partNumber=1&X-Amz-Signature=0&uploadId=a%2Fb", "/b/k?partNumber=1&uploadId=a%2Fb"),
        ("/b/k?AWSAccessKeyId=a&Signature=b&Expires=1&uploads", "/b/k?uploads"),
    ];
    for (uri, expected) in cases {
        let (stripped, _) = strip_query(&uri.parse().unwrap()).unwrap();
        assert_eq!(stripped, expected, "{uri}");
    }
    for uri in ["/b/k", "/b?prefix=X-Amz-Date&Expires=1"] {
        assert!(strip_query(&uri.parse().unwrap()).is_none(), "{uri}");
    }
}

#[test]
fn headers_in_a_presigned_query_become_headers() {
    let uri = "/b/k?x-amz-meta-m=a%20b&x-amz-acl=private&X-Amz-Signature=0".parse().unwrap();
    let (stripped, hoisted) = strip_query(&uri).unwrap();
    let hoisted: Vec<_> = hoisted.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(
        (stripped.to_string().as_str(), hoisted),
        ("/b/k", vec![("x-amz-meta-m", "a b"), ("x-amz-acl", "private")])
    );
}

#[test]
fn a_presigned_url_expires_with_its_last_second() {
    let cases = [
        ("X-Amz-Date=20260102T030400Z&X-Amz-Expires=5&X-Amz-Signature=0", false),
        ("X-Amz-Date=20260102T030400Z&X-Amz-Expires=4&X-Amz-Signature=0", true),
        ("X-Amz-Date=yesterday&X-Amz-Expires=4&X-Amz-Signature=0", false),
        ("Signature=0&Expires=1767323045", false),
        ("Signature=0&Expires=1767323044", true),
        ("prefix=a", false),
    ];
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    for (query, expected) in cases {
        assert_eq!(has_expired(query, now), expected, "{query}");
    }
}

#[test]
fn a_range_that_makes_no_sense_is_taken_off() {
    for (range, kept) in [("bytes=0-1", true), ("bytes=-1", true), ("bytes=2-1", false), ("lines=1-2", false)] {
        let request = Request::get("/b/k").header("range", range).body(Body::empty()).unwrap();
        assert_eq!(admit(request).headers().contains_key("range"), kept, "{range}");
    }
}

#[test]
fn percent_codes_that_are_none_stay() {
    for (text, expected) in [("a%20b", "a b"), ("%C3%A4", "ä"), ("100%", "100%"), ("%zz%2", "%zz%2")] {
        assert_eq!(percent_decode(text), expected);
    }
}
