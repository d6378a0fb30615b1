//! Signatures, where they are verified: the SDK's own are right, and whatever is not signed rightly gets nothing.

use std::time::Duration;

use aws_sdk_s3::{
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier},
};
use bytes::Bytes;
use ekk_clock::Clock;
use ekk_server::aws::signature::{Credential, Rules, hex};
use http::Request;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use crate::served::{BUCKET, Served, client, code};

fn credential() -> Credential {
    Credential::new("AKIDEXAMPLE", "hush/hush+=")
}

/// The status, the code and the message of an answer.
async fn read(response: reqwest::Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>")).unwrap_or_default();
        rest.split("</").next().unwrap_or_default().replace("&quot;", "\"").replace("&apos;", "'")
    };
    (status, element("Code"), element("Message").replace("&lt;", "<").replace("&gt;", ">"))
}

/// A request as a client without an SDK makes it, and what was changed in it after it was signed.
struct Raw {
    uri: String,
    body: &'static str,
    skew: SignedDuration,
    credential: Credential,
}

impl Raw {
    fn delete_objects() -> Self {
        Self {
            uri: format!("/{BUCKET}?delete"),
            body: "<Delete><Object><Key>key</Key></Object></Delete>",
            skew: SignedDuration::ZERO,
            credential: credential(),
        }
    }

    async fn send(self, s3: &Served, change: impl Fn(&mut Request<Bytes>)) -> (u16, String, String) {
        let host = s3.endpoint.strip_prefix("http://").unwrap();
        let request = Request::post(&self.uri)
            .header("host", host)
            .header("x-amz-content-sha256", hex(&Sha256::digest(self.body)))
            .header("content-md5", "VUxjCEXWiErKatrg6+J0xA==")
            .body(Bytes::from_static(self.body.as_bytes()))
            .unwrap();
        let now = Clock::system().now() + self.skew;
        let mut signed = self.credential.sign(Rules::of_s3(), request, "us-east-1", now);
        change(&mut signed);
        *signed.uri_mut() = format!("{}{}", s3.endpoint, signed.uri()).parse().unwrap();
        let signed = reqwest::Request::try_from(signed.map(reqwest::Body::from)).unwrap();
        read(reqwest::Client::new().execute(signed).await.unwrap()).await
    }
}

#[tokio::test]
async fn everything_that_the_sdk_signs_is_served() {
    let s3 = Served::verifying(credential()).await;
    for key in ["key", "a folder/ü+&=%2F", "..//x/./y"] {
        s3.put(key, "body").await;
        assert_eq!(s3.get(key).await.unwrap(), b"body", "{key}");
    }
    assert_eq!(s3.keys().await.len(), 3);
    let upload = s3.client.create_multipart_upload().bucket(BUCKET).key("parts").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = s3.client.upload_part().bucket(BUCKET).key("parts").upload_id(id).part_number(1);
    let part = part.body(ByteStream::from_static(b"part")).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let complete = s3.client.complete_multipart_upload().bucket(BUCKET).key("parts").upload_id(id);
    complete.multipart_upload(parts).send().await.unwrap();
    let key = ObjectIdentifier::builder().key("key").build().unwrap();
    let delete = Delete::builder().objects(key).build().unwrap();
    s3.client.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    assert_eq!(s3.keys().await, ["..//x/./y", "a folder/ü+&=%2F", "parts"]);
}

#[tokio::test]
async fn who_is_not_known_gets_nothing() {
    let s3 = Served::verifying(credential()).await;
    let cases = [("AKIDEXAMPLE", "guess", "SignatureDoesNotMatch"), ("AKIDOTHER", "x", "InvalidAccessKeyId")];
    for (access_key, secret, expected) in cases {
        let client = client(&s3.endpoint, access_key, secret);
        let put = client.put_object().bucket(BUCKET).key("key").body(ByteStream::from_static(b"body"));
        assert_eq!(code(&put.send().await.unwrap_err()), expected);
    }
    let anonymous = reqwest::get(format!("{}/{BUCKET}", s3.endpoint)).await.unwrap();
    assert_eq!(read(anonymous).await, (403, "AccessDenied".to_owned(), "Access Denied".to_owned()));
    assert_eq!(s3.keys().await, [""; 0]);
}

#[tokio::test]
async fn a_presigned_url_is_good_as_it_is_and_no_other() {
    let s3 = Served::verifying(credential()).await;
    s3.put("key", "body").await;
    let presigning = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
    let get = s3.client.get_object().bucket(BUCKET).key("key").presigned(presigning).await.unwrap();
    let url = get.uri().to_owned();
    assert_eq!(reqwest::get(&url).await.unwrap().text().await.unwrap(), "body");
    let day = url.split("X-Amz-Date=").nth(1).unwrap().split('T').next().unwrap();
    let wrong = "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.";
    let week = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
                604800 seconds";
    let without = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                   X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
    let malformed = "AuthorizationQueryParametersError";
    let cases = [
        (url.replace("/key?", "/other?"), 403, "SignatureDoesNotMatch", wrong),
        (url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), 403, "SignatureDoesNotMatch", wrong),
        (format!("{url}&partNumber=1"), 403, "SignatureDoesNotMatch", wrong),
        (url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801"), 400, malformed, week),
        (url.replace("X-Amz-Expires=60", "X-Amz-Expires=-1"), 400, malformed, "X-Amz-Expires must be non-negative"),
        (url.replace("X-Amz-Expires=60", "X-Amz-Expires=soon"), 400, malformed, "X-Amz-Expires should be a number"),
        (url.replace("X-Amz-Expires=60&", ""), 400, malformed, without),
        (url.replace("X-Amz-SignedHeaders=host&", ""), 400, malformed, without),
        (url.replace(day, "20200101"), 403, "AccessDenied", "Request has expired"),
        (url.replace(day, "29990101"), 403, "AccessDenied", "Request is not valid yet"),
    ];
    for (url, status, code, message) in cases {
        let found = read(reqwest::get(&url).await.unwrap()).await;
        assert_eq!(found, (status, code.to_owned(), message.to_owned()), "{url}");
    }
}

type Change = Box<dyn Fn(&mut Request<Bytes>)>;

fn with_header(name: &'static str, value: &'static str) -> Change {
    Box::new(move |request| drop(request.headers_mut().insert(name, value.parse().unwrap())))
}

fn without_header(name: &'static str) -> Change {
    Box::new(move |request| drop(request.headers_mut().remove(name)))
}

/// The same request with something else in its `Authorization`.
fn edited(from: &'static str, to: &'static str) -> Change {
    Box::new(move |request| {
        let value = request.headers()["authorization"].to_str().unwrap().replace(from, to);
        request.headers_mut().insert("authorization", value.parse().unwrap());
    })
}

async fn check_changes(changes: Vec<(Change, u16, &str, &str)>) {
    let s3 = Served::verifying(credential()).await;
    for (change, status, code, message) in changes {
        let found = Raw::delete_objects().send(&s3, change).await;
        assert_eq!(found, (status, code.to_owned(), message.to_owned()));
    }
}

#[tokio::test]
async fn a_request_that_was_changed_is_refused_for_what_was_changed() {
    let body: Change = Box::new(|request| *request.body_mut() = Bytes::from_static(b"<Delete/>"));
    let mismatch = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    let unsigned = "There were headers present in the request which were not signed";
    let missing = "Missing required header for this request: x-amz-content-sha256";
    let no_date = "AWS authentication requires a valid Date or x-amz-date header";
    let skewed = "The difference between the request time and the current time is too large.";
    let wrong = "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.";
    check_changes(vec![
        (Box::new(|_| {}), 200, "", ""),
        (body, 400, "XAmzContentSHA256Mismatch", mismatch),
        (with_header("x-amz-bypass-governance-retention", "true"), 403, "AccessDenied", unsigned),
        (edited(";host;", ";"), 403, "AccessDenied", unsigned),
        (without_header("x-amz-content-sha256"), 400, "InvalidRequest", missing),
        (with_header("x-amz-date", "yesterday"), 403, "AccessDenied", no_date),
        (without_header("x-amz-date"), 403, "AccessDenied", no_date),
        (with_header("x-amz-date", "20200101T000000Z"), 403, "RequestTimeTooSkewed", skewed),
        (edited("Signature=", "Signature=0"), 403, "SignatureDoesNotMatch", wrong),
    ])
    .await;
}

#[tokio::test]
async fn a_signature_of_another_form_is_refused_for_its_form() {
    let version_4 = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    let malformed = |text: &str| format!("The authorization header is malformed; {text}");
    let parts =
        malformed("the authorization header requires three components: Credential, SignedHeaders, and Signature.");
    let service = malformed("incorrect service \"sts\". This endpoint belongs to \"s3\".");
    let terminal = malformed("incorrect terminal \"aws5_request\". This endpoint uses \"aws4_request\".");
    let region = malformed("the region '' is wrong; expecting 'us-east-1'");
    let credential =
        malformed("the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    let code = "AuthorizationHeaderMalformed";
    check_changes(vec![
        (with_header("authorization", "AWS AKID:c2ln"), 400, "InvalidRequest", version_4),
        (edited("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), 400, "InvalidArgument", "Unsupported Authorization Type"),
        (with_header("authorization", "Basic a2V5"), 400, code, &parts),
        (edited("/s3/", "/sts/"), 400, code, &service),
        (edited("aws4_request", "aws5_request"), 400, code, &terminal),
        (edited("/us-east-1/", "//"), 400, code, &region),
        (edited("/us-east-1", ""), 400, code, &credential),
    ])
    .await;
}

#[tokio::test]
async fn a_clock_may_be_off_by_fifteen_minutes() {
    let s3 = Served::verifying(credential()).await;
    for (minutes, status) in [(-14, 200), (14, 200), (-16, 403), (16, 403)] {
        let raw = Raw { skew: SignedDuration::from_mins(minutes), ..Raw::delete_objects() };
        assert_eq!(raw.send(&s3, |_| {}).await.0, status, "{minutes}");
    }
}

#[tokio::test]
async fn a_session_token_must_be_the_one_of_its_key() {
    let session: Credential = "ASIAEXAMPLE:hush:token".parse().unwrap();
    let s3 = Served::verifying(session.clone()).await;
    let with = |token: Option<&str>| Raw {
        credential: Credential { session_token: token.map(str::to_owned), ..session.clone() },
        ..Raw::delete_objects()
    };
    assert_eq!(with(Some("token")).send(&s3, |_| {}).await.0, 200);
    let (_, code, message) = with(Some("other")).send(&s3, |_| {}).await;
    assert_eq!(code + ": " + &message, "InvalidToken: The provided token is malformed or otherwise invalid.");
    assert_eq!(with(None).send(&s3, |_| {}).await.1, "InvalidAccessKeyId");
}
