//! What every request passes before an operation sees it.

use axum::body::Body;
use bytes::Bytes;
use ekk_clock::Clock;
use ekk_server::aws::signature::{Credential, Rules, Verifier};
use http::{
    Request,
    header::{AUTHORIZATION, HOST},
};
use serde_json::{Value, json};

use super::{DATE, Stand, refused};
use crate::limits;

#[tokio::test]
async fn a_request_without_a_signature_is_refused() {
    let stand = Stand::new();
    let answer = stand.send(Request::get("/2021-01-01/domain").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.headers["x-amzn-errortype"], "MissingAuthenticationTokenException");
    assert_eq!(answer.json(), json!({"message": "Missing Authentication Token"}));

    let form = "Action=ListRoles&Version=2010-05-08";
    let answer = stand.send(Request::post("/").body(Body::from(form)).unwrap()).await;
    refused(&answer.refusal(), 403, "MissingAuthenticationToken", "Request is missing Authentication Token");
    assert!(answer.text.starts_with("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"));
}

#[tokio::test]
async fn a_signature_is_for_the_service_and_a_region() {
    let stand = Stand::new();
    let request = |authorization: String| {
        let request = Request::get("/2021-01-01/domain").header(AUTHORIZATION, authorization);
        request.header("x-amz-date", DATE).body(Body::empty()).unwrap()
    };
    for (authorization, status, code) in [
        (stand.authorization("iam"), 403, "InvalidSignatureException"),
        (stand.as_client("test", "../../etc").authorization("es"), 403, "InvalidSignatureException"),
        (stand.as_client("test", "").authorization("es"), 403, "InvalidSignatureException"),
        ("Bearer nobody".to_owned(), 400, "IncompleteSignatureException"),
    ] {
        let answer = stand.send(request(authorization)).await;
        assert_eq!((answer.status.as_u16(), &answer.headers["x-amzn-errortype"]), (status, &code.parse().unwrap()));
    }
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused_in_the_form_of_each_protocol() {
    let stand = Stand::new();
    let long = "a".repeat(limits::BODY_BYTES + 1);
    let found = stand.es_refused("POST", "/2021-01-01/opensearch/domain", &Value::from(long.clone())).await;
    refused(&found, 413, "RequestEntityTooLargeException", "Request body is too large");
    let found = stand.iam_refused("CreateRole", &[("RoleName", &long)]).await;
    refused(&found, 413, "RequestEntityTooLarge", "Request body is too large");
}

#[tokio::test]
async fn what_is_not_built_is_refused_by_its_name() {
    let stand = Stand::new();
    let found = stand.es_refused("GET", "/2021-01-01/opensearch/vpcEndpoints", &Value::Null).await;
    refused(
        &found,
        404,
        "UnknownOperationException",
        "ekk does not answer the OpenSearch Service operation GET /2021-01-01/opensearch/vpcEndpoints",
    );
    let found = stand.iam_refused("CreateUser", &[("UserName", "me")]).await;
    refused(&found, 400, "InvalidAction", "ekk does not answer the IAM action CreateUser");
    let found = stand.query("sts", &[("Action", "GetFederationToken")]).await.refusal();
    refused(&found, 400, "InvalidAction", "ekk does not answer the STS action GetFederationToken");
}

#[tokio::test]
async fn an_action_is_of_the_version_of_its_api() {
    let stand = Stand::new();
    let request = |form: &'static str| {
        let request = Request::post("/").header(AUTHORIZATION, stand.authorization("iam")).header("x-amz-date", DATE);
        stand.send(request.body(Body::from(form)).unwrap())
    };
    for (form, code, message) in [
        ("Version=2010-05-08", "MissingAction", "Missing Action"),
        ("Action=GetRole", "InvalidAction", "Could not find operation GetRole for version NO_VERSION_SPECIFIED"),
        (
            "Action=Get%3CRole&Version=2010-05-08",
            "InvalidAction",
            "Could not find operation Get&lt;Role for version 2010-05-08",
        ),
    ] {
        refused(&request(form).await.refusal(), 400, code, message);
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let stand = Stand::new();
    for answer in [
        stand.es("GET", "/2021-01-01/domain", &Value::Null).await,
        stand.es("GET", "/2021-01-01/nowhere", &Value::Null).await,
        stand.iam("ListRoles", &[]).await,
        stand.iam("Nothing", &[]).await,
    ] {
        assert_eq!(answer.headers["x-amzn-requestid"].len(), 36);
        if answer.headers["content-type"] == "text/xml" {
            assert_eq!(answer.element("RequestId").unwrap(), answer.headers["x-amzn-requestid"].to_str().unwrap());
        } else {
            assert_eq!(answer.headers["content-type"], "application/json");
        }
    }
}

#[tokio::test]
async fn signatures_are_verified_on_request_those_of_temporary_credentials_too() {
    let stand = Stand::new();
    let own = Credential::new("key", "secret");
    let router = stand.neighbours.router_verifying(Verifier::new([own.clone()]));
    let call = |credential: Credential, form: &'static str| {
        let request = Request::post("/").header(HOST, "localhost").body(Bytes::from_static(form.as_bytes())).unwrap();
        let now = Clock::system().now();
        let request = credential.sign(Rules::of("sts"), request, "us-east-1", now).map(Body::from);
        stand.send_to(router.clone(), request)
    };
    let identity = "Action=GetCallerIdentity&Version=2011-06-15";
    assert_eq!(call(own.clone(), identity).await.status, 200);
    let forbidden = call(Credential::new("key", "guess"), identity).await.refusal();
    assert_eq!((forbidden.0, forbidden.1.as_str()), (403, "SignatureDoesNotMatch"));
    let unknown = call(Credential::new("nobody", "secret"), identity).await.refusal();
    let text = "The security token included in the request is invalid.";
    refused(&unknown, 403, "InvalidClientTokenId", text);

    let assume = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=me&RoleArn=arn:aws:iam::123456789012:role/r";
    let given = call(own, assume).await;
    let part = |name| given.element(name).unwrap();
    let (access_key, secret) = (part("AccessKeyId"), part("SecretAccessKey"));
    let temporary = Credential { access_key, secret, session_token: Some(part("SessionToken")) };
    assert_eq!(call(temporary.clone(), identity).await.element("Account").unwrap(), "123456789012");
    let without_token = Credential { session_token: None, ..temporary };
    assert_eq!(call(without_token, identity).await.refusal().1, "InvalidClientTokenId");
}
