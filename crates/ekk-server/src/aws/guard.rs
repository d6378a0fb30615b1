//! Verifies signatures before a service that does not do so itself, and refuses in the form of the service's protocol.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header::CONTENT_TYPE};
use jiff::Timestamp;
use serde_json::json;

use super::{
    RequestId,
    signature::{Payload, Rules, SignatureError, Verifier},
};
use crate::body::{self, BodyError};

/// The protocols of services, as far as their errors differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// AWS Query (STS, IAM): XML in the service's namespace.
    Query {
        /// For instance `https://sts.amazonaws.com/doc/2011-06-15/`.
        namespace: &'static str,
    },
    /// REST with JSON (OpenSearch Service): the code is in a header.
    RestJson,
}

/// Stands before a service and verifies the signatures of its requests.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Knows the credentials.
    pub verifier: Verifier,
    /// How the service wants its requests signed.
    pub rules: Rules,
    /// How it refuses.
    pub dialect: Dialect,
    /// Bytes that the body of a request may have: it is held to be hashed.
    pub body_bytes: usize,
}

impl Guard {
    /// Lets a request pass whose signature is right at `now`, which is real time.
    ///
    /// # Errors
    /// The answer that refuses it.
    pub async fn admit(&self, request: Request, now: Timestamp) -> Result<Request, Response> {
        let (parts, body) = request.into_parts();
        let body = body::read(body, self.body_bytes).await.map_err(|error| match error {
            BodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
            BodyError::Broken(_) => StatusCode::BAD_REQUEST.into_response(),
        })?;
        match self.verifier.verify(self.rules, &parts, Payload::Body(&body), now) {
            Ok(_) => Ok(Request::from_parts(parts, Body::from(body))),
            Err(error) => Err(refuse(&error, self.dialect)),
        }
    }
}

fn refuse(error: &SignatureError, dialect: Dialect) -> Response {
    let request_id = RequestId::random().to_string();
    match dialect {
        Dialect::Query { namespace } => {
            let (status, code) = query_code(error);
            let text = match error {
                SignatureError::Missing => "Request is missing Authentication Token".to_owned(),
                error => error.to_string(),
            };
            let text = text.trim_end().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let body = format!(
                "<ErrorResponse xmlns=\"{namespace}\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>{code}</Code>\n    \
                 <Message>{text}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
            );
            (status, [(CONTENT_TYPE.as_str(), "text/xml"), ("x-amzn-requestid", &request_id)], body).into_response()
        }
        Dialect::RestJson => {
            let headers = [
                (CONTENT_TYPE.as_str(), "application/json"),
                ("x-amzn-requestid", &request_id),
                ("x-amzn-errortype", error.code()),
            ];
            (StatusCode::FORBIDDEN, headers, json!({ "message": error.to_string() }).to_string()).into_response()
        }
    }
}

/// The status and the code that the services of the Query protocol have.
fn query_code(error: &SignatureError) -> (StatusCode, &'static str) {
    match error.code() {
        "MissingAuthenticationTokenException" => (StatusCode::FORBIDDEN, "MissingAuthenticationToken"),
        "IncompleteSignatureException" => (StatusCode::BAD_REQUEST, "IncompleteSignature"),
        "UnrecognizedClientException" => (StatusCode::FORBIDDEN, "InvalidClientTokenId"),
        _ => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::aws::signature::Credential;

    const STS: Dialect = Dialect::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" };
    const FORM: &str = "Action=GetCallerIdentity&Version=2011-06-15";

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    /// The body of a request that was let pass, or the status and body of the answer that refused it.
    async fn send(request: http::Request<Bytes>, dialect: Dialect) -> Result<String, (u16, String)> {
        let verifier = Verifier::new([Credential::new("key", "secret")]);
        let request = request.map(Body::from);
        let guard = Guard { verifier, rules: Rules::of_query("sts"), dialect, body_bytes: 100 };
        let text = async |body: Body| String::from_utf8(body::read(body, 10_000).await.unwrap().to_vec()).unwrap();
        match guard.admit(request, now()).await {
            Ok(request) => Ok(text(request.into_body()).await),
            Err(answer) => {
                let id = answer.headers().get("x-amzn-requestid").map(|id| id.to_str().unwrap().to_owned());
                let status = answer.status().as_u16();
                Err((status, text(answer.into_body()).await.replace(&id.unwrap_or_default(), "ID")))
            }
        }
    }

    fn request(credential: &Credential, body: &'static str) -> http::Request<Bytes> {
        let request = http::Request::post("/").header("host", "localhost").body(Bytes::from_static(body.as_bytes()));
        credential.sign(Rules::of_query("sts"), request.unwrap(), "us-east-1", now())
    }

    fn query_error(code: &str, text: &str) -> String {
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    \
             <Code>{code}</Code>\n    <Message>{text}</Message>\n  </Error>\n  <RequestId>ID</RequestId>\n</ErrorResponse>\n"
        )
    }

    #[tokio::test]
    async fn a_request_that_is_signed_rightly_goes_on_with_its_body() {
        let credential = Credential::new("key", "secret");
        assert_eq!(send(request(&credential, FORM), STS).await, Ok(FORM.to_owned()));
        let long = "a".repeat(101).leak();
        assert_eq!(send(request(&credential, long), STS).await.unwrap_err().0, 413);
    }

    #[tokio::test]
    async fn a_refusal_has_the_form_of_the_protocol() {
        let wrong = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                     Access Key and signing method. Consult the service documentation for details.";
        let unknown = "The security token included in the request is invalid.";
        let guess = request(&Credential::new("key", "guess"), FORM);
        let nobody = request(&Credential::new("nobody", "secret"), FORM);
        let unsigned = || http::Request::post("/").body(Bytes::new()).unwrap();
        let cases = [
            (guess, 403, "SignatureDoesNotMatch", wrong),
            (nobody, 403, "InvalidClientTokenId", unknown),
            (unsigned(), 403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
        ];
        for (request, status, code, text) in cases {
            assert_eq!(send(request, STS).await, Err((status, query_error(code, text))));
        }
        let json = r#"{"message":"Missing Authentication Token"}"#;
        assert_eq!(send(unsigned(), Dialect::RestJson).await, Err((403, json.to_owned())));
    }
}
