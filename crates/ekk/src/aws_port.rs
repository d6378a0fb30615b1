//! The one AWS endpoint: finds the service that a request is for and hands it over.
//!
//! AWS gives each service its own host; here they share a port, so the service is read from what the client signed.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::any,
};
use ekk_server::aws::CredentialScope;
use tower::ServiceExt as _;

/// The services behind the endpoint.
#[derive(Clone, Debug)]
pub(crate) struct AwsPort {
    pub(crate) control: Router,
    pub(crate) firehose: Router,
    pub(crate) s3: Router,
    /// STS, IAM and OpenSearch Service.
    pub(crate) neighbours: Router,
}

impl AwsPort {
    /// One router over all of them.
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(any(dispatch)).with_state(self)
    }
}

async fn dispatch(State(port): State<AwsPort>, request: Request) -> Response {
    let router = match service_of(request.method(), request.uri(), request.headers()) {
        Service::Control => port.control,
        Service::Firehose => port.firehose,
        Service::S3 => port.s3,
        Service::Neighbours => port.neighbours,
        Service::Unknown(name) => return unknown(&name),
    };
    router.oneshot(request).await.into_response()
}

#[derive(Debug, PartialEq, Eq)]
enum Service {
    Control,
    Firehose,
    S3,
    Neighbours,
    Unknown(String),
}

/// The control API has its own path, Firehose its own target header, the others a signature that names them.
/// Without a signature the paths of OpenSearch Service and a form are the neighbours' to refuse, any other `POST /` is
/// Firehose's, and anything else an anonymous S3 request.
fn service_of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Service {
    if uri.path() == "/_ekk" || uri.path().starts_with("/_ekk/") {
        return Service::Control;
    }
    if headers.get("x-amz-target").is_some_and(|target| target.as_bytes().starts_with(b"Firehose_")) {
        return Service::Firehose;
    }
    match CredentialScope::of(headers, uri) {
        Some(scope) => match scope.service.as_str() {
            "firehose" => Service::Firehose,
            "s3" => Service::S3,
            "sts" | "iam" | "es" => Service::Neighbours,
            _ => Service::Unknown(scope.service),
        },
        None if uri.path().starts_with("/2021-01-01/") || uri.path().starts_with("/2015-01-01/") => Service::Neighbours,
        None if method == Method::POST && uri.path() == "/" => {
            let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let is_form = content_type.starts_with("application/x-www-form-urlencoded");
            if is_form { Service::Neighbours } else { Service::Firehose }
        }
        None => Service::S3,
    }
}

fn unknown(service: &str) -> Response {
    let service: String =
        service.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '-').take(64).collect();
    let message = format!("ekk does not emulate the service {service}; it answers firehose, s3, sts, iam and es\n");
    (StatusCode::NOT_IMPLEMENTED, message).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::header::AUTHORIZATION;

    use super::*;

    #[track_caller]
    fn check(method: &Method, path: &'static str, headers: &[(&'static str, &str)], expected: &Service) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        assert_eq!(service_of(method, &Uri::from_static(path), &map), *expected);
    }

    #[test]
    fn a_request_goes_to_the_service_it_was_signed_for() {
        let signed =
            |service: &str| format!("AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/{service}/aws4_request");
        let authorization = AUTHORIZATION.as_str();
        check(&Method::POST, "/", &[(authorization, &signed("firehose"))], &Service::Firehose);
        check(&Method::PUT, "/bucket/key", &[(authorization, &signed("s3"))], &Service::S3);
        for service in ["sts", "iam", "es"] {
            check(&Method::POST, "/", &[(authorization, &signed(service))], &Service::Neighbours);
        }
        check(&Method::POST, "/", &[(authorization, &signed("kinesis"))], &Service::Unknown("kinesis".to_owned()));
    }

    #[test]
    fn unsigned_requests_are_told_apart_by_method_path_and_target() {
        check(&Method::POST, "/", &[("x-amz-target", "Firehose_20150804.PutRecord")], &Service::Firehose);
        check(&Method::POST, "/", &[], &Service::Firehose);
        let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        check(&Method::POST, "/", &[form], &Service::Neighbours);
        check(&Method::GET, "/2021-01-01/domain", &[], &Service::Neighbours);
        check(&Method::POST, "/2015-01-01/es/domain", &[], &Service::Neighbours);
        check(&Method::GET, "/bucket/key", &[], &Service::S3);
        check(&Method::GET, "/_ekk/health", &[], &Service::Control);
        check(&Method::GET, "/_ekkbucket/key", &[], &Service::S3);
    }
}
