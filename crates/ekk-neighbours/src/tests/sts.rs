//! STS: identities and temporary credentials.

use std::time::Duration;

use axum::body::Body;
use http::Request;

use super::{Answer, Stand, refused};

const DEPLOYER: &str = "arn:aws:iam::123456789012:role/ci/deployer";

async fn assume(stand: &Stand, members: &[(&str, &str)]) -> Answer {
    stand.query("sts", &[&[("Action", "AssumeRole")], members].concat()).await
}

async fn identity(stand: &Stand) -> Answer {
    stand.query("sts", &[("Action", "GetCallerIdentity")]).await
}

#[tokio::test]
async fn the_caller_has_an_identity() {
    let stand = Stand::new();
    let answer = identity(&stand).await;
    assert_eq!(answer.element("Arn").unwrap(), "arn:aws:iam::000000000000:root");
    assert_eq!(answer.element("Account").unwrap(), "000000000000");
    let answer = identity(&stand.as_client("123456789012", "eu-west-1")).await;
    assert_eq!(answer.element("UserId").unwrap(), "123456789012");
}

#[tokio::test]
async fn who_assumed_a_role_is_that_role_until_the_credentials_expire() {
    let stand = Stand::new();
    let answer =
        assume(&stand, &[("RoleArn", DEPLOYER), ("RoleSessionName", "build-7"), ("DurationSeconds", "900")]).await;
    assert_eq!(answer.element("Expiration").unwrap(), "2026-11-23T08:15:00Z");
    let key = answer.element("AccessKeyId").unwrap();
    assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
    assert_eq!(answer.element("SecretAccessKey").unwrap().len(), 40);

    let assumed = stand.as_client(&key, "us-east-1");
    let who = identity(&assumed).await;
    assert_eq!(who.element("Arn").unwrap(), "arn:aws:sts::123456789012:assumed-role/deployer/build-7");
    assert_eq!(who.element("UserId"), answer.element("AssumedRoleId"));
    assert_eq!(who.element("Account").unwrap(), "123456789012");
    let info = stand.query("sts", &[("Action", "GetAccessKeyInfo"), ("AccessKeyId", &key)]).await;
    assert_eq!(info.element("Account").unwrap(), "123456789012");

    stand.clock.advance(Duration::from_mins(15));
    let expired = "The security token included in the request is expired";
    refused(&identity(&assumed).await.refusal(), 403, "ExpiredToken", expired);
    let found = assumed.es_refused("GET", "/2021-01-01/domain", &serde_json::Value::Null).await;
    refused(&found, 403, "ExpiredTokenException", expired);
}

#[tokio::test]
async fn a_session_of_ones_own_keeps_the_identity() {
    let stand = Stand::new();
    let answer = stand.query("sts", &[("Action", "GetSessionToken")]).await;
    assert_eq!(answer.element("Expiration").unwrap(), "2026-11-23T20:00:00Z");
    let own = stand.as_client(&answer.element("AccessKeyId").unwrap(), "us-east-1");
    assert_eq!(identity(&own).await.element("Arn").unwrap(), "arn:aws:iam::000000000000:root");
}

#[tokio::test]
async fn a_role_that_is_here_bounds_its_sessions() {
    let stand = Stand::new();
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let created = stand.iam_ok("CreateRole", &[("RoleName", "short"), ("AssumeRolePolicyDocument", trust)]).await;
    let arn = created.element("Arn").unwrap();
    let request = [("RoleArn", arn.as_str()), ("RoleSessionName", "me"), ("DurationSeconds", "3601")];
    refused(
        &assume(&stand, &request).await.refusal(),
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    let answer = assume(&stand, &request[..2]).await;
    let id = created.element("RoleId").unwrap();
    assert_eq!(answer.element("AssumedRoleId").unwrap(), format!("{id}:me"));
}

#[tokio::test]
async fn what_is_no_role_is_refused() {
    let stand = Stand::new();
    for (members, code, message) in [
        (
            vec![("RoleSessionName", "me")],
            "ValidationError",
            "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
        ),
        (
            vec![("RoleArn", "arn:aws:s3:::not-a-role-at-all"), ("RoleSessionName", "me")],
            "ValidationError",
            "arn:aws:s3:::not-a-role-at-all is invalid",
        ),
        (
            vec![("RoleArn", DEPLOYER), ("RoleSessionName", "m e"), ("DurationSeconds", "899")],
            "ValidationError",
            "2 validation errors detected: Value 'm e' at 'roleSessionName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w+=,.@-]*; Value '899' at 'durationSeconds' failed to satisfy \
             constraint: Member must have value greater than or equal to 900",
        ),
        (
            vec![("RoleArn", DEPLOYER), ("RoleSessionName", "me"), ("Policy", "{")],
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        ),
        (
            vec![("RoleArn", DEPLOYER), ("RoleSessionName", "me"), ("DurationSeconds", "long")],
            "MalformedInput",
            "DurationSeconds is not an integer",
        ),
    ] {
        refused(&assume(&stand, &members).await.refusal(), 400, code, message);
    }
}

/// Sends a form that nobody signed.
async fn with_web_identity(stand: &Stand, token: &str) -> Answer {
    let form = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={DEPLOYER}&RoleSessionName=me&WebIdentityToken={token}"
    );
    stand.send(Request::post("/").body(Body::from(form)).unwrap()).await
}

#[tokio::test]
async fn a_web_identity_needs_no_signature_but_a_token() {
    let stand = Stand::new();
    let token = |claims: &str| format!("e30.{}.c2ln", base64_simd::URL_SAFE_NO_PAD.encode_to_string(claims));
    let good = token(r#"{"iss":"https://ci.example","sub":"repo:logs","aud":["sts.amazonaws.com"],"exp":1895000000}"#);
    let answer = with_web_identity(&stand, &good).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.element("SubjectFromWebIdentityToken").unwrap(), "repo:logs");
    assert_eq!(answer.element("Audience").unwrap(), "sts.amazonaws.com");
    assert_eq!(answer.element("Provider").unwrap(), "https://ci.example");

    let refusal = with_web_identity(&stand, "nonsense").await.refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (400, "InvalidIdentityToken"));
    let old = token(r#"{"iss":"https://ci.example","sub":"repo:logs","exp":1}"#);
    let refusal = with_web_identity(&stand, &old).await.refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (400, "ExpiredTokenException"));
}
