//! Who is let in: verified signatures, web pages, names, and https.

use std::time::Duration;

use bytes::Bytes;
use ekk::{Config, Credential, Ekk, Stack};
use ekk_server::aws::signature::Rules;
use reqwest::{Client, Method, Response};

use crate::up::{ekk, terminate, until_ready, up};

const STS: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const FORGED: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/SERVICE/aws4_request, \
                      SignedHeaders=host, Signature=0";

async fn text(response: Response) -> (u16, String) {
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn verified_signatures_are_asked_of_everybody_but_the_control_api() {
    let ekk = Ekk::builder().credentials([Credential::new("key", "secret")]).start().await.unwrap();
    ekk.put("logging-test", [r#"{"message": "hello"}"#, "no JSON"]).await.unwrap();
    ekk.settle().await.unwrap();
    let account = ekk.account("logging-test").unwrap();
    assert_eq!((account.indexed, account.failed), (1, 1), "delivery writes to S3 what OpenSearch refused");

    let client = Client::new();
    let forged = |service: &str| FORGED.replace("SERVICE", service);
    let put = client
        .post(ekk.endpoint_url())
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "Firehose_20150804.ListDeliveryStreams")
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", forged("firehose"));
    let (status, body) = text(put.body("{}").send().await.unwrap()).await;
    assert!(status == 400 && body.contains("Signature expired: 20260101T000000Z"), "{body}");
    for (base, path) in [(ekk.endpoint_url(), "/logging-test-backup"), (ekk.addresses().s3.as_str(), "")] {
        let (status, body) = text(client.get(format!("{base}{path}")).send().await.unwrap()).await;
        assert!(status == 403 && body.contains("<Code>AccessDenied</Code>"), "{body}");
    }
    let sts = client.post(ekk.endpoint_url()).body(STS).header("x-amz-date", "20260101T000000Z");
    let (status, body) = text(sts.header("authorization", forged("sts")).send().await.unwrap()).await;
    assert!(status == 403 && body.contains("<Code>SignatureDoesNotMatch</Code>"), "{body}");
    let (status, _) = text(client.get(format!("{}/_ekk/health", ekk.endpoint_url())).send().await.unwrap()).await;
    assert_eq!(status, 200);
}

/// Sends a request to the AWS endpoint, signed for a service.
async fn send_signed(
    ekk: &Ekk,
    by: &Credential,
    rules: Rules,
    headers: [(&str, &str); 2],
    body: &str,
) -> (u16, String) {
    let url = &ekk.addresses().aws;
    let mut request = http::Request::post(url.as_str()).header("host", url.authority());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(body.to_owned())).unwrap();
    let signed = by.sign(rules, request, "us-east-1", ekk::Clock::system().now()).map(reqwest::Body::from);
    text(Client::new().execute(signed.try_into().unwrap()).await.unwrap()).await
}

#[tokio::test]
async fn temporary_credentials_are_good_at_other_services_until_they_expire() {
    let clock = ekk::Clock::frozen_at("2026-11-23T12:00:00Z".parse().unwrap());
    let ours = Credential::new("key", "secret");
    let ekk = Ekk::builder().clock(clock.clone()).credentials([ours.clone()]).start().await.unwrap();
    let assume =
        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=test&RoleArn=arn:aws:iam::222222222222:role/logs";
    let form = [("content-type", "application/x-www-form-urlencoded"), ("accept", "*/*")];
    let (status, answer) = send_signed(&ekk, &ours, Rules::of_query("sts"), form, assume).await;
    assert_eq!(status, 200, "{answer}");
    let element = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    let session_token = Some(element("SessionToken"));
    let temporary = Credential { session_token, ..Credential::new(element("AccessKeyId"), element("SecretAccessKey")) };
    let list =
        [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "Firehose_20150804.ListDeliveryStreams")];
    let (status, answer) = send_signed(&ekk, &temporary, Rules::of("firehose"), list, "{}").await;
    assert_eq!(status, 200, "{answer}");
    let without_token = Credential { session_token: None, ..temporary.clone() };
    let (status, answer) = send_signed(&ekk, &without_token, Rules::of("firehose"), list, "{}").await;
    assert!(status == 400 && answer.contains("UnrecognizedClientException"), "{answer}");
    clock.advance(Duration::from_hours(1));
    let (status, answer) = send_signed(&ekk, &temporary, Rules::of("firehose"), list, "{}").await;
    assert_eq!(status, 400);
    assert_eq!(
        answer,
        r#"{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}"#
    );
}

#[tokio::test]
async fn web_pages_are_let_in_at_the_endpoints_only_and_only_where_they_are_allowed() {
    let mut config = Config { listen: ekk::Listen::any_port(), ..Config::default() };
    config.access.allow_origins = vec!["http://localhost:3000".parse().unwrap()];
    config.access.host_names = vec!["ekk.test".to_owned()];
    let stack = Stack::start(config, ekk::Clock::system()).await.unwrap();
    let addresses = stack.addresses();
    let client = Client::new();
    let cases =
        [(&addresses.aws, true), (&addresses.opensearch, true), (&addresses.s3, true), (&addresses.dashboards, false)];
    for (address, is_open) in cases {
        let ask = |origin: &str| {
            let request = client.request(Method::OPTIONS, address.as_str()).header("origin", origin);
            request.header("access-control-request-method", "POST").send()
        };
        let allowed = ask("http://localhost:3000").await.unwrap();
        assert_eq!(allowed.headers().contains_key("access-control-allow-origin"), is_open, "{address}");
        let other = ask("http://localhost:3001").await.unwrap();
        assert!(!other.headers().contains_key("access-control-allow-origin"), "{address}");
        let change = client.post(address.as_str()).header("origin", "http://evil.example").send().await.unwrap();
        assert_eq!(change.status(), 403, "{address}");
        for (host, is_known) in [("ekk.test", true), ("evil.example", false)] {
            let response = client.get(address.as_str()).header("host", host).send().await.unwrap();
            let (status, body) = text(response).await;
            let is_refused = status == 403 && body.contains("--host-name evil.example");
            assert_eq!(is_refused, !is_known, "{address}: {body}");
        }
    }
    stack.stop().await;
}

#[test]
fn options_that_do_nothing_alone_are_refused() {
    let cases = [
        (vec!["--credentials", "key:secret"], "--verify-signatures"),
        (vec!["--verify-signatures", "--credentials", "key"], "a credential is ACCESS_KEY:SECRET"),
        (vec!["--allow-origin", "localhost:3000"], "an origin is * or like http://localhost:3000"),
        #[cfg(feature = "tls")]
        (vec!["--tls-name", "ekk.test"], "--tls"),
        #[cfg(feature = "tls")]
        (vec!["--tls"], "say where with --tls-folder DIR or --data DIR"),
    ];
    for (options, expected) in cases {
        let output = ekk().arg("up").args(&options).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && errors.contains(expected), "{options:?}: {errors}");
    }
}

#[test]
fn what_to_paste_names_the_credentials_that_are_verified_but_no_secret() {
    let cases = [
        ("", "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test   # signatures are verified"),
        ("key:hidden,other:hidden", "AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=…"),
    ];
    for (credentials, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut command = up(folder.path());
        if !credentials.is_empty() {
            command.env("EKK_CREDENTIALS", credentials);
        }
        let mut child = command.arg("--verify-signatures").spawn().unwrap();
        let (text, _out) = until_ready(&mut child);
        terminate(&child);
        child.wait().unwrap();
        assert!(text.contains(expected) && !text.contains("hidden"), "{text}");
    }
}

#[cfg(feature = "tls")]
mod tls {
    use std::{fs, sync::Arc};

    use rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    };
    use serde_json::json;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };
    use tokio_rustls::TlsConnector;
    use url::Url;

    use super::*;

    /// What a client that trusts one authority is answered over https.
    async fn get(url: &Url, path: &str, ca_pem: &str) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(url.socket_addrs(|| None).unwrap()[0]).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn every_port_answers_https_and_http() {
        let ekk = Ekk::builder().tls().start().await.unwrap();
        let (addresses, ca_pem) = (ekk.addresses(), ekk.ca_pem().unwrap());
        let cases = [
            (&addresses.aws, "/_ekk/health"),
            (&addresses.opensearch, "/"),
            (&addresses.s3, "/"),
            (&addresses.dashboards, "/api/status"),
        ];
        for (url, path) in cases {
            let answer = get(url, path, ca_pem).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{url}: {answer}");
            assert_eq!(reqwest::get(url.join(path).unwrap()).await.unwrap().status(), 200, "{url}");
        }
        ekk.put("logging-test", [r#"{"message": "hello"}"#]).await.unwrap();
        ekk.settle().await.unwrap();
        let found =
            ekk.search("logging-test-*", &json!({ "query": { "match": { "message": "hello" } } })).await.unwrap();
        assert_eq!(found["hits"]["total"]["value"], 1, "the parts meet over http as before");
        let other = Ekk::builder().tls().start().await.unwrap();
        let error = get(&addresses.aws, "/", other.ca_pem().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("invalid peer certificate"), "{error}");
    }

    #[test]
    fn the_authority_is_printed_for_each_client_and_kept_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let ca_file = data.join("tls/ca.pem");
        let mut kept = Vec::new();
        for _ in 0..2 {
            let mut child = up(folder.path()).arg("--tls").arg("--data").arg(&data).spawn().unwrap();
            let (text, _out) = until_ready(&mut child);
            terminate(&child);
            child.wait().unwrap();
            for variable in ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
                assert!(text.contains(&format!("export {variable}={}", ca_file.display())), "{text}");
            }
            assert!(text.contains("export AWS_ENDPOINT_URL=https://127.0.0.1:"), "{text}");
            kept.push(fs::read(&ca_file).unwrap());
        }
        assert_eq!(kept[0], kept[1]);
    }
}
