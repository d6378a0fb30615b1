//! The AWS SDK for Rust as a client, whose parser insists on every required member.

use aws_sdk_sts::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    error::ProvideErrorMetadata as _,
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::Stand;

/// Carries the SDK's requests to the router without a socket.
#[derive(Debug, Clone)]
struct InProcess(Router);

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let router = self.0.clone();
        HttpConnectorFuture::new(async move { Ok(carry(router, request).await) })
    }
}

async fn carry(router: Router, request: HttpRequest) -> HttpResponse {
    let mut builder = Request::builder().method(request.method()).uri(request.uri());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let body = Body::from(request.body().bytes().unwrap().to_vec());
    let response = router.oneshot(builder.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let mut answer = HttpResponse::new(parts.status.as_u16().try_into().unwrap(), bytes.to_vec().into());
    for (name, value) in &parts.headers {
        answer.headers_mut().insert(name.as_str().to_owned(), value.to_str().unwrap().to_owned());
    }
    answer
}

fn client(stand: &Stand, credentials: Credentials) -> Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url("http://localhost:4566")
        .http_client(InProcess(stand.router()))
        .build();
    Client::from_conf(config)
}

#[tokio::test]
async fn the_sdk_assumes_a_role_and_is_that_role() {
    let stand = Stand::new();
    let own = client(&stand, Credentials::new("test", "test", None, None, "test"));
    let identity = own.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("000000000000"));
    assert_eq!(identity.arn(), Some("arn:aws:iam::000000000000:root"));

    let role = "arn:aws:iam::123456789012:role/deployer";
    let assumed = own.assume_role().role_arn(role).role_session_name("me").send().await.unwrap();
    let given = assumed.credentials().unwrap();
    assert_eq!(given.expiration().secs() - stand.clock.now().as_second(), 3_600);
    let token = Some(given.session_token().to_owned());
    let given = Credentials::new(given.access_key_id(), given.secret_access_key(), token, None, "assumed");
    let identity = client(&stand, given).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:sts::123456789012:assumed-role/deployer/me"));
}

#[tokio::test]
async fn the_sdk_reads_errors_by_their_code() {
    let stand = Stand::new();
    let client = client(&stand, Credentials::new("test", "test", None, None, "test"));
    let error = client.get_access_key_info().access_key_id("short").send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationError"));
    let error = client.decode_authorization_message().encoded_message("x").send().await.unwrap_err();
    assert_eq!(error.message(), Some("ekk does not answer the STS action DecodeAuthorizationMessage"));
}
