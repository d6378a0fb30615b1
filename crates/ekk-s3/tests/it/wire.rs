//! What goes over the wire, seen by a client that knows nothing of S3.

use reqwest::{Client, Method, Response};

use crate::served::{BUCKET, Served, on_each_store};

async fn send(s3: &Served, method: Method, path: &str, headers: &[(&str, &str)], body: &'static str) -> Response {
    // An answer is read as it is, also where another crate turns on the client's decompression.
    let client = Client::builder().no_gzip().build().unwrap();
    let mut request = client.request(method, format!("{}{path}", s3.endpoint)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["x-amz-request-id"].len(), 16);
    assert_eq!(response.headers()["x-amz-id-2"].len(), 96);
    response
}

/// The body with the ids taken out.
async fn text(response: Response) -> String {
    let ids = ["x-amz-request-id", "x-amz-id-2"].map(|name| response.headers()[name].to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    ids.iter().fold(text, |text, id| text.replace(id, "ID"))
}

#[tokio::test]
async fn an_unsigned_request_is_answered() {
    on_each_store(async |s3| {
        let path = format!("/{BUCKET}/key");
        let put = send(s3, Method::PUT, &path, &[], "body").await;
        assert_eq!((put.status().as_u16(), put.headers()["etag"].to_str().unwrap().len()), (200, 34));
        let get = send(s3, Method::GET, &path, &[], "").await;
        assert_eq!(get.headers()["content-type"], "binary/octet-stream");
        assert_eq!(
            (get.headers()["accept-ranges"].as_bytes(), get.headers()["content-length"].as_bytes()),
            (&b"bytes"[..], &b"4"[..])
        );
        assert_eq!(get.headers()["last-modified"], "Fri, 02 Jan 2026 03:04:05 GMT");
        assert_eq!(get.text().await.unwrap(), "body");
    })
    .await;
}

#[tokio::test]
async fn an_error_has_s3s_form() {
    on_each_store(async |s3| {
        let error = send(s3, Method::GET, &format!("/{BUCKET}/a%26b"), &[], "").await;
        assert_eq!((error.status().as_u16(), error.headers()["content-type"].to_str().unwrap()), (404, "application/xml"));
        let error = text(error).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&amp;b</Key><RequestId>ID</RequestId><HostId>ID</HostId></Error>"#);
        }
        let error = send(s3, Method::PUT, "/UPPER", &[], "").await;
        assert_eq!(error.status(), 400);
        let error = text(error).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidBucketName</Code><Message>The specified bucket is not valid.</Message><Resource>/UPPER</Resource><RequestId>ID</RequestId><HostId>ID</HostId></Error>"#);
        }
    })
    .await;
}

#[tokio::test]
async fn a_framed_body_is_unpacked_and_its_trailer_checked() {
    on_each_store(async |s3| {
        let path = format!("/{BUCKET}/key");
        let headers = [
            ("authorization", "AWS4-HMAC-SHA256 Credential=anyone/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "4"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("content-encoding", "aws-chunked,gzip"),
        ];
        let good = "4;chunk-signature=00\r\nbody\r\n0;chunk-signature=00\r\nx-amz-checksum-crc32:26gLsg==\r\nx-amz-trailer-signature:00\r\n\r\n";
        let put = send(s3, Method::PUT, &path, &headers, good).await;
        assert_eq!((put.status().as_u16(), put.headers()["x-amz-checksum-crc32"].as_bytes()), (200, &b"26gLsg=="[..]));
        let get = send(s3, Method::GET, &path, &[], "").await;
        assert_eq!(get.headers()["content-encoding"], "gzip");
        assert_eq!(get.bytes().await.unwrap(), "body");
        let bad = [
            ("4\r\nbody\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"),
            ("3\r\nbod\r\n0\r\nx-amz-checksum-crc32:26gLsg==\r\n\r\n", "IncompleteBody"),
            ("5\r\nbody!\r\n0\r\nx-amz-checksum-crc32:26gLsg==\r\n\r\n", "IncompleteBody"),
            ("4\r\nbo", "IncompleteBody"),
            ("no chunk", "IncompleteBody"),
        ];
        for (body, expected) in bad {
            let refused = send(s3, Method::PUT, &path, &headers, body).await;
            assert_eq!(refused.status(), 400, "{body:?}");
            let text = text(refused).await;
            assert!(text.contains(&format!("<Code>{expected}</Code>")), "{body:?}: {text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_signed_payload_is_checked() {
    on_each_store(async |s3| {
        let path = format!("/{BUCKET}/key");
        let sha256 = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
        let good = send(s3, Method::PUT, &path, &[("x-amz-content-sha256", sha256)], "body").await;
        assert_eq!(good.status(), 200);
        let bad = send(s3, Method::PUT, &path, &[("x-amz-content-sha256", sha256)], "bodY").await;
        assert_eq!(bad.status(), 400);
        assert!(text(bad).await.contains("<Code>XAmzContentSHA256Mismatch</Code>"));
    })
    .await;
}

#[tokio::test]
async fn a_presigned_url_works_until_it_expires() {
    on_each_store(async |s3| {
        let signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=anyone%2F20260102&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
        let path = |date: &str, seconds: u64| {
            format!("/{BUCKET}/key?{signed}&X-Amz-Date={date}&X-Amz-Expires={seconds}&x-amz-meta-m=a%20b&x-id=PutObject")
        };
        let put = send(s3, Method::PUT, &path("29990101T000000Z", 60), &[], "body").await;
        assert_eq!(put.status(), 200);
        let get = send(s3, Method::GET, &path("29990101T000000Z", 60), &[], "").await;
        assert_eq!(get.headers()["x-amz-meta-m"], "a b");
        let late = send(s3, Method::GET, &path("20260102T000000Z", 60), &[], "").await;
        assert_eq!(late.status(), 403);
        assert!(text(late).await.contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"));
        let old = send(s3, Method::GET, &format!("/{BUCKET}/key?AWSAccessKeyId=a&Signature=b&Expires=1000"), &[], "").await;
        assert_eq!(old.status(), 403);
    })
    .await;
}

#[tokio::test]
async fn a_put_without_a_length_is_refused() {
    on_each_store(async |s3| {
        let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("bo"), Ok("dy")]);
        let put = Client::new().put(format!("{}/{BUCKET}/key", s3.endpoint)).body(reqwest::Body::wrap_stream(chunks));
        let refused = put.send().await.unwrap();
        assert_eq!(refused.status(), 411);
        assert!(text(refused).await.contains("<Code>MissingContentLength</Code>"));
    })
    .await;
}

#[tokio::test]
async fn a_listing_has_s3s_form() {
    on_each_store(async |s3| {
        s3.put("a/<&>", "body").await;
        let list = send(s3, Method::GET, &format!("/{BUCKET}?list-type=2&prefix=a"), &[], "").await;
        let list = text(list).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(list, @r#"<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logging-test-backup</Name><Prefix>a</Prefix><MaxKeys>1000</MaxKeys><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><ETag>"841a2d689ad86bd1611447453c22c6fc"</ETag><Key>a/&lt;&amp;&gt;</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>4</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"#);
        }
    })
    .await;
}

#[tokio::test]
async fn a_form_is_refused_by_name() {
    on_each_store(async |s3| {
        let headers = [("content-type", "multipart/form-data; boundary=x")];
        let refused = send(s3, Method::POST, &format!("/{BUCKET}"), &headers, "--x--").await;
        assert_eq!(refused.status(), 501);
        assert!(
            text(refused).await.contains("An upload by an HTML form (POST Object) is not supported by this endpoint")
        );
    })
    .await;
}

#[tokio::test]
async fn head_answers_206_for_a_range_as_get_does() {
    on_each_store(async |s3| {
        let path = format!("/{BUCKET}/key");
        send(s3, Method::PUT, &path, &[], "0123456789").await;
        for method in [Method::HEAD, Method::GET] {
            let part = send(s3, method.clone(), &path, &[("range", "bytes=2-4")], "").await;
            assert_eq!(part.status(), 206, "{method}");
            assert_eq!(part.headers()["content-range"], "bytes 2-4/10");
            assert_eq!(part.headers()["content-length"], "3");
        }
        let part = send(s3, Method::HEAD, &format!("{path}?partNumber=1"), &[], "").await;
        assert_eq!(part.status(), 206);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_modified_has_no_body_and_no_length() {
    on_each_store(async |s3| {
        let path = format!("/{BUCKET}/key");
        send(s3, Method::PUT, &path, &[], "body").await;
        for method in [Method::GET, Method::HEAD] {
            let same = send(s3, method, &path, &[("if-none-match", "*")], "").await;
            assert_eq!(same.status(), 304);
            assert!(same.headers().contains_key("etag") && same.headers().contains_key("last-modified"));
            assert!(!same.headers().contains_key("content-type"));
            assert_eq!(same.headers().get("content-length").map_or("0", |length| length.to_str().unwrap()), "0");
        }
    })
    .await;
}

#[tokio::test]
async fn a_checksum_must_be_one_and_several_deletions_must_have_one() {
    on_each_store(async |s3| {
        let path = format!("/{BUCKET}/key");
        let put = send(s3, Method::PUT, &path, &[("x-amz-checksum-crc32", "abc")], "body").await;
        assert_eq!(put.status(), 400);
        let error = text(put).await;
        assert!(
            error.contains("<Code>InvalidRequest</Code><Message>Value for x-amz-checksum-crc32 header is invalid.<")
        );
        let body = "<Delete><Object><Key>key</Key></Object></Delete>";
        let bare = send(s3, Method::POST, &format!("/{BUCKET}?delete"), &[], body).await;
        assert_eq!(bare.status(), 400);
        let error = text(bare).await;
        assert!(error.contains("Missing required header for this request: Content-MD5 OR x-amz-checksum-*"), "{error}");
    })
    .await;
}
