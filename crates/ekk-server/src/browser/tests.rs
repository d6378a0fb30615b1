//! What browsers are let do, seen from the headers that they send.

use axum::body::Body;
use tower::ServiceExt as _;

use super::*;

const PAGE: &str = "http://localhost:3000";

fn rules(origins: &[&str]) -> BrowserRules {
    BrowserRules {
        origins: origins.iter().map(|origin| origin.parse().unwrap()).collect(),
        names: Some(vec!["ekk.test".to_owned()]),
    }
}

/// Sends a request to a service that answers 204 to everything.
async fn send(rules: BrowserRules, method: Method, headers: &[(&str, &str)]) -> Response {
    let router = Router::new().fallback(|| async { StatusCode::NO_CONTENT });
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    rules.guard(router).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn without_permission_a_page_is_told_nothing() {
    for method in [Method::GET, Method::OPTIONS] {
        let preflight = [("origin", PAGE), ("access-control-request-method", "POST")];
        let response = send(rules(&["http://other:1"]), method, &preflight).await;
        assert_eq!(response.status(), 204, "the request goes on, and the browser keeps the answer from the page");
        assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control-")));
    }
}

/// `application/x-amz-json-1.1` and every header of AWS's make a browser ask first, and it is not told yes.
#[tokio::test]
async fn a_page_cannot_call_an_aws_api_without_permission() {
    let asked = [
        ("origin", PAGE),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type,x-amz-date,x-amz-target"),
    ];
    let response = send(rules(&[]), Method::OPTIONS, &asked).await;
    assert_eq!(header(&response, "access-control-allow-origin"), None);
    let response = send(rules(&[]), Method::POST, &[("origin", PAGE), ("host", "localhost:4566")]).await;
    assert_eq!(response.status(), 403, "not even what a browser sends without asking");
}

#[tokio::test]
async fn pages_of_another_origin_change_nothing() {
    let cases = [
        (Method::POST, PAGE, "localhost:4566", 403),
        (Method::PUT, "null", "localhost:4566", 403),
        (Method::DELETE, "http://evil.example", "localhost:4566", 403),
        (Method::GET, PAGE, "localhost:4566", 204),
        (Method::POST, "http://localhost:4566", "localhost:4566", 204),
        (Method::POST, "https://LOCALHOST:4566", "localhost:4566", 204),
    ];
    for (method, origin, host, status) in cases {
        let response = send(rules(&[]), method, &[("origin", origin), ("host", host)]).await;
        assert_eq!(response.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn an_allowed_page_may_ask_and_send_and_read() {
    for (allowed, told, vary) in [(PAGE, PAGE, Some("Origin")), ("*", "*", None)] {
        let asked = [
            ("origin", PAGE),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "a, b, c"),
        ];
        let response = send(rules(&["http://other:1", allowed]), Method::OPTIONS, &asked).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "access-control-allow-origin"), Some(told));
        assert_eq!(header(&response, "access-control-allow-headers"), Some("a, b, c"));
        assert_eq!(header(&response, "access-control-allow-methods"), Some("POST"));
        assert_eq!(header(&response, "access-control-max-age"), Some("172800"));
        assert_eq!(header(&response, "vary"), vary);
        let response = send(rules(&[allowed]), Method::POST, &[("origin", PAGE)]).await;
        assert_eq!(response.status(), 204);
        assert_eq!(header(&response, "access-control-allow-origin"), Some(told));
        assert_eq!(
            header(&response, "access-control-expose-headers"),
            Some("x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date")
        );
    }
}

#[tokio::test]
async fn a_name_that_is_not_this_machines_is_refused() {
    let cases = [
        ("localhost", 204),
        ("LocalHost:4566", 204),
        ("localhost.:4566", 204),
        ("s3.localhost:4566", 204),
        ("127.0.0.1:4566", 204),
        ("192.168.1.2", 204),
        ("[::1]:4566", 204),
        ("[::1]", 204),
        ("host.docker.internal:4566", 204),
        ("ekk.test:4566", 204),
        ("evil.example:4566", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("evillocalhost", 403),
        ("", 403),
    ];
    for (host, status) in cases {
        assert_eq!(send(rules(&[]), Method::GET, &[("host", host)]).await.status(), status, "{host}");
        let everywhere = BrowserRules { names: None, ..rules(&[]) };
        assert_eq!(send(everywhere, Method::GET, &[("host", host)]).await.status(), 204, "{host}");
    }
    assert_eq!(send(rules(&[]), Method::GET, &[]).await.status(), 204, "no name at all is no browser's");
    let response = send(rules(&["*"]), Method::GET, &[("host", "evil.example:4566")]).await;
    let text = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    assert!(text.ends_with(b"start ekk with --host-name evil.example\n"), "{text:?}");
}

#[test]
fn origins_are_read_as_browsers_write_them() {
    for text in ["*", "http://localhost:3000", "https://app.example", "chrome-extension://abc", "http://[::1]:3000"] {
        assert_eq!(text.parse::<AllowedOrigin>().unwrap().to_string(), text);
    }
    for text in ["", "localhost:3000", "http://", "http://localhost/", "http://a b", "null"] {
        assert_eq!(text.parse::<AllowedOrigin>(), Err(OriginError), "{text}");
    }
}
