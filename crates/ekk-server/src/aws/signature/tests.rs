//! Requests signed by AWS's own signer are found right, and wrong as soon as anything in them is changed.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use http::{HeaderName, HeaderValue, Request, request::Parts};
use proptest::prelude::*;

use super::*;

const NOW: &str = "2026-11-23T12:00:00Z";
const BODY: &[u8] = br#"{"DeliveryStreamName":"logs"}"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn verifier() -> Verifier {
    let session = Credential { session_token: Some("token".to_owned()), ..Credential::new("ASIA", "hush") };
    Verifier::new([Credential::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), session])
}

/// What a client signs with.
#[derive(Clone, Copy)]
struct Client {
    access_key: &'static str,
    secret: &'static str,
    token: Option<&'static str>,
    region: &'static str,
    service: &'static str,
    time: &'static str,
    location: SignatureLocation,
}

const CLIENT: Client = Client {
    access_key: "AKIDEXAMPLE",
    secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    token: None,
    region: "us-east-1",
    service: "firehose",
    time: NOW,
    location: SignatureLocation::Headers,
};

const S3: Client = Client { service: "s3", ..CLIENT };

impl Client {
    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        settings.signature_location = self.location;
        settings.expires_in = matches!(self.location, SignatureLocation::QueryParams).then(|| Duration::from_mins(15));
        settings.excluded_headers = None;
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }

    /// Signs a request by AWS's own signer.
    fn sign(&self, mut parts: Parts, body: SignableBody<'_>) -> Parts {
        let credentials = Credentials::new(self.access_key, self.secret, self.token.map(str::to_owned), None, "test");
        let identity = credentials.into();
        let time = UNIX_EPOCH + Duration::from_secs(at(self.time).as_second().unsigned_abs());
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(time)
            .settings(self.settings())
            .build()
            .unwrap()
            .into();
        let uri = format!("http://localhost:4566{}", parts.uri);
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let signable = SignableRequest::new(parts.method.as_str(), uri, headers, body).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        for (name, value) in instructions.headers() {
            parts.headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        }
        let mut query: Vec<String> = parts.uri.query().map(str::to_owned).into_iter().collect();
        for (name, value) in instructions.params() {
            query.push(format!("{name}={}", value.replace('/', "%2F")));
        }
        if !query.is_empty() {
            parts.uri = format!("{}?{}", parts.uri.path(), query.join("&")).parse().unwrap();
        }
        parts
    }

    fn request(&self) -> Parts {
        self.sign(post("/"), SignableBody::Bytes(BODY))
    }
}

fn post(uri: &str) -> Parts {
    let builder = Request::post(uri)
        .header("host", "localhost:4566")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "Firehose_20150804.DescribeDeliveryStream")
        .header("x-amz-meta-words", "  two   words ")
        .header("x-amz-meta-words", "and more");
    builder.body(()).unwrap().into_parts().0
}

fn verify(parts: &Parts) -> Result<Verified, SignatureError> {
    verifier().verify(Rules::of("firehose"), parts, Payload::Body(BODY), at(NOW))
}

#[track_caller]
fn check(name: &str, parts: &Parts, code: &str, text: &str) {
    let error = verify(parts).expect_err(name);
    assert_eq!((error.code(), error.to_string().as_str()), (code, text), "{name}");
}

fn with_header(mut parts: Parts, name: &'static str, value: &str) -> Parts {
    parts.headers.insert(name, value.parse().unwrap());
    parts
}

fn authorized(edit: impl Fn(&str) -> String) -> Parts {
    let parts = CLIENT.request();
    let value = edit(parts.headers["authorization"].to_str().unwrap());
    with_header(parts, "authorization", &value)
}

#[test]
fn the_published_example_is_right() {
    let request = Request::get("/").header("host", "example.amazonaws.com").header("x-amz-date", "20150830T123600Z");
    let request = request.header(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders=host;x-amz-date, \
         Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    );
    let parts = request.body(()).unwrap().into_parts().0;
    let found = verifier().verify(Rules::of("service"), &parts, Payload::Body(b""), at("2015-08-30T12:36:00Z"));
    assert_eq!(found.unwrap().scope, "20150830/us-east-1/service/aws4_request");
}

#[test]
fn what_the_sdk_signs_is_right() {
    let session = Client { access_key: "ASIA", secret: "hush", token: Some("token"), ..CLIENT };
    let query = |client: Client| Client { location: SignatureLocation::QueryParams, ..client };
    for (name, client) in [
        ("header", CLIENT),
        ("header with a session", session),
        ("query", query(CLIENT)),
        ("query with a session", query(session)),
        ("another region", Client { region: "ap-northeast-1", ..CLIENT }),
    ] {
        assert_eq!(verify(&client.request()).err(), None, "{name}");
    }
}

#[test]
fn what_is_signed_here_is_right_too() {
    let session: Credential = "ASIA:hush:token".parse().unwrap();
    for credential in [Credential::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), session] {
        let request = Request::from_parts(post("/a/../b//c?z=1&a=%20"), Bytes::from_static(BODY));
        let signed = credential.sign(Rules::of("firehose"), request, "eu-west-1", at(NOW));
        assert_eq!(verify(&signed.into_parts().0).err(), None);
    }
}

#[test]
fn a_date_beyond_the_window_is_refused_with_both_times() {
    let expired =
        "Signature expired: 20261123T115459Z is now earlier than 20261123T115500Z (20261123T120000Z - 5 min.)";
    let early =
        "Signature not yet current: 20261123T120501Z is still later than 20261123T120500Z (20261123T120000Z + 5 min.)";
    for (time, text) in [("2026-11-23T11:54:59Z", expired), ("2026-11-23T12:05:01Z", early)] {
        for location in [SignatureLocation::Headers, SignatureLocation::QueryParams] {
            check(time, &Client { time, location, ..CLIENT }.request(), "InvalidSignatureException", text);
        }
    }
    for time in ["2026-11-23T11:55:00Z", "2026-11-23T12:05:00Z"] {
        assert_eq!(verify(&Client { time, ..CLIENT }.request()).err(), None, "{time}");
    }
}

#[test]
fn a_date_may_stand_in_the_date_header() {
    let signed = |date: &str| {
        let request = Request::get("/").header("host", "example.amazonaws.com").header("date", date);
        let request = request.header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20110909/us-east-1/host/aws4_request, \
             SignedHeaders=date;host, Signature=0",
        );
        let parts = request.body(()).unwrap().into_parts().0;
        verifier().verify(Rules::of("host"), &parts, Payload::Body(b""), at("2011-09-09T23:36:00Z")).unwrap_err()
    };
    assert_eq!(signed("Fri, 09 Sep 2011 23:36:00 GMT"), SignatureError::Mismatch);
    assert_eq!(signed("20110909T233600Z"), SignatureError::Mismatch);
    assert!(matches!(signed("Fri, 09 Sep 2011 22:36:00 GMT"), SignatureError::Expired { .. }));
}

#[test]
fn a_date_that_is_none_is_shown() {
    for got in ["201", "2026-11-23T12:00:00Z", "20261123T120000", "20261323T120000Z"] {
        let text =
            format!("Date must be in ISO-8601 'basic format'. Got '{got}'. See http://en.wikipedia.org/wiki/ISO_8601");
        check(got, &with_header(CLIENT.request(), "x-amz-date", got), "IncompleteSignatureException", &text);
    }
}

#[test]
fn a_scope_that_does_not_fit_is_refused_part_by_part() {
    let region = "Credential should be scoped to a valid region. ";
    let service = "Credential should be scoped to correct service: 'firehose'. ";
    let term = "Credential should be scoped with a valid terminator: 'aws4_request'. ";
    let date = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP. ";
    let all = [region, service, term, date].concat();
    let cases = [
        ("20261123//firehose/aws4_request", region),
        ("20261123/US East/firehose/aws4_request", region),
        ("20261123/us-east-1/kinesis/aws4_request", service),
        ("20261123/us-east-1/firehose/aws5_request", term),
        ("20261122/us-east-1/firehose/aws4_request", date),
        ("b/C/d/e", &all),
    ];
    for (scope, text) in cases {
        let scope = scope.replace(' ', "+");
        let parts = authorized(|value| value.replace("20261123/us-east-1/firehose/aws4_request", &scope));
        check(&scope, &parts, "InvalidSignatureException", text);
    }
}

#[test]
fn a_credential_of_another_form_is_shown() {
    for got in ["a", "a/b/c/d", "a/b/c/d/e/f"] {
        let parts = authorized(|value| value.replace("AKIDEXAMPLE/20261123/us-east-1/firehose/aws4_request", got));
        let text = format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{got}'"
        );
        check(got, &parts, "IncompleteSignatureException", &text);
    }
}

#[test]
fn host_must_be_signed_and_the_algorithm_known() {
    check(
        "host",
        &authorized(|value| value.replace(";host;", ";")),
        "InvalidSignatureException",
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
    check(
        "algorithm",
        &authorized(|value| value.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA25")),
        "IncompleteSignatureException",
        "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ",
    );
}

#[test]
fn keys_secrets_and_tokens_must_be_known() {
    let unknown = "The security token included in the request is invalid.";
    let token = "The security token included in the request is invalid";
    let mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS \
                    Secret Access Key and signing method. Consult the service documentation for details.";
    let session = Client { access_key: "ASIA", secret: "hush", token: Some("token"), ..CLIENT };
    let cases = [
        ("key", Client { access_key: "AKIDOTHER", ..CLIENT }, "UnrecognizedClientException", unknown),
        ("secret", Client { secret: "wrong", ..CLIENT }, "InvalidSignatureException", mismatch),
        ("no token", Client { token: None, ..session }, "UnrecognizedClientException", unknown),
        ("other token", Client { token: Some("other"), ..session }, "UnrecognizedClientException", token),
        ("token of nobody", Client { token: Some("token"), ..CLIENT }, "UnrecognizedClientException", token),
    ];
    for (name, client, code, text) in cases {
        for location in [SignatureLocation::Headers, SignatureLocation::QueryParams] {
            check(name, &Client { location, ..client }.request(), code, text);
        }
    }
}

/// Gave out one credential that lasts and one that has expired.
#[derive(Debug)]
struct TwoSessions;

impl Issuer for TwoSessions {
    fn find(&self, access_key: &str) -> Option<Temporary> {
        let is_expired = match access_key {
            "ASIANEW" => false,
            "ASIAOLD" => true,
            _ => return None,
        };
        let credential = Credential { session_token: Some("token".to_owned()), ..Credential::new(access_key, "hush") };
        Some(Temporary { credential, account: "222222222222".to_owned(), is_expired })
    }
}

#[test]
fn temporary_credentials_are_known_by_who_gave_them_out() {
    let verifier = verifier().with_issuer(Arc::new(TwoSessions));
    let verify = |access_key, token| {
        let parts = Client { access_key, secret: "hush", token, ..CLIENT }.request();
        verifier.verify(Rules::of("firehose"), &parts, Payload::Body(BODY), at(NOW)).map(|verified| verified.account)
    };
    assert_eq!(verify("ASIANEW", Some("token")), Ok(Some("222222222222".to_owned())));
    assert_eq!(verify("ASIANEW", Some("other")), Err(SignatureError::Token));
    assert_eq!(verify("ASIANEW", None), Err(SignatureError::UnknownKey));
    assert_eq!(verify("ASIANONE", Some("token")), Err(SignatureError::UnknownKey));
    let expired = verify("ASIAOLD", Some("token")).unwrap_err();
    assert_eq!(
        (expired.code(), expired.to_string().as_str()),
        ("ExpiredTokenException", "The security token included in the request is expired")
    );
}

#[test]
fn a_signature_of_upper_case_or_other_length_is_wrong() {
    let signature = |value: &str| value.split("Signature=").last().unwrap().to_owned();
    for edit in [str::to_uppercase, |text: &str| text.replacen('a', "", 1), |text: &str| format!("{text}00")] {
        let parts = authorized(|value| value.replace(&signature(value), &edit(&signature(value))));
        assert_eq!(verify(&parts).unwrap_err(), SignatureError::Mismatch);
    }
}

#[test]
fn a_presigned_url_of_s3_lives_as_long_as_it_says() {
    let client = Client { location: SignatureLocation::QueryParams, ..S3 };
    let parts = client.sign(post("/logs/key"), SignableBody::UnsignedPayload);
    let at_time = |time| verifier().verify(Rules::of_s3(), &parts, Payload::Declared("UNSIGNED-PAYLOAD"), at(time));
    assert!(at_time("2026-11-23T12:15:00Z").is_ok());
    assert!(matches!(at_time("2026-11-23T12:15:01Z").unwrap_err(), SignatureError::Expired { .. }));
    assert!(matches!(at_time("2026-11-23T11:44:59Z").unwrap_err(), SignatureError::NotYetCurrent { .. }));
}

/// Changes one bit of a text that stays a header or a path.
fn flipped(text: &str, place: usize, bit: u8) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let place = place % bytes.len();
    bytes[place] ^= 1 << (bit % 7);
    String::from_utf8(bytes).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '))
}

/// S3's clients encode every character of a key that is not unreserved, the others' need not.
fn path_part() -> impl Strategy<Value = (bool, String)> {
    let path = |segment: &'static str| {
        prop::collection::vec(segment, 0..5).prop_map(|segments| format!("/{}", segments.join("/")))
    };
    prop_oneof![
        path("[a-zA-Z0-9._~-]{0,6}|%2B|%20|%C3%BC|\\.|\\.\\.").prop_map(|path| (true, path)),
        path("[a-zA-Z0-9._~!$&'()*+,;=:@-]{0,6}|%2F|%20|%C3%BC|\\.|\\.\\.").prop_map(|path| (false, path)),
    ]
}

fn query_part() -> impl Strategy<Value = String> {
    let pair = "[a-zA-Z0-9._~*-]{1,6}|%20|%2F|%C3%BC";
    prop::collection::vec((pair, prop::option::of("[a-zA-Z0-9._~*+:@-]{0,6}|%3D|%26")), 0..5).prop_map(|pairs| {
        let pairs =
            pairs.into_iter().map(|(name, value)| value.map_or(name.clone(), |value| format!("{name}={value}")));
        pairs.collect::<Vec<_>>().join("&")
    })
}

proptest! {
    #[test]
    fn any_request_that_the_sdk_signs_is_right(
        (is_s3, path) in path_part(), query in query_part(), value in "[ -~]{0,20}", body in prop::collection::vec(any::<u8>(), 0..64),
        in_query in any::<bool>(),
    ) {
        let uri = if query.is_empty() { path } else { format!("{path}?{query}") };
        let location = if in_query { SignatureLocation::QueryParams } else { SignatureLocation::Headers };
        let client = Client { location, ..if is_s3 { S3 } else { CLIENT } };
        let parts = client.sign(with_header(post(&uri), "x-amz-meta-value", &value), SignableBody::Bytes(&body));
        let rules = if is_s3 { Rules::of_s3() } else { Rules::of("firehose") };
        let found = verifier().verify(rules, &parts, Payload::Body(&body), at(NOW));
        prop_assert_eq!(found.err(), None, "{}", parts.uri);
    }

    #[test]
    fn a_request_that_was_changed_by_one_bit_is_wrong(what in 0..6_usize, place in any::<usize>(), bit in 0..7_u8) {
        let original = CLIENT.sign(post("/some/path?name=value"), SignableBody::Bytes(BODY));
        let mut parts = original.clone();
        let mut body = BODY.to_vec();
        let header = |name: &str| original.headers[name].to_str().unwrap().to_owned();
        match what {
            0 => {
                let place = place % body.len();
                body[place] ^= 1 << bit;
            }
            1 => {
                let uri = flipped("/some/path?name=value", place, bit).and_then(|uri| uri.parse().ok());
                prop_assume!(uri.is_some());
                parts.uri = uri.unwrap();
                // A slash twice, and a query whose `?` went, are the same request or another one by their form alone.
                prop_assume!(parts.uri != original.uri);
            }
            2 => parts.method = http::Method::PUT,
            kind => {
                let name = ["x-amz-target", "x-amz-date", "authorization"][kind - 3];
                let value = flipped(&header(name), place, bit);
                prop_assume!(value.is_some());
                let value = value.unwrap();
                // The names of signed headers are not told apart by case, and white space is trimmed.
                prop_assume!(!value.eq_ignore_ascii_case(&header(name)) || name != "authorization");
                parts.headers.insert(name, value.parse().unwrap());
            }
        }
        let found = verifier().verify(Rules::of("firehose"), &parts, Payload::Body(&body), at(NOW));
        prop_assert!(found.is_err(), "{:?}", parts);
    }
}
