//! The scope that a `SigV4` signature names: who, when, where and for which service.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use http::{HeaderMap, Uri, header::AUTHORIZATION};

/// The credential of a signed request, read without checking the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialScope {
    /// The access key id, for instance `test` or `AKIA…`.
    pub access_key: String,
    /// The day of the signature, `yyyyMMdd`.
    pub date: String,
    /// The region the request is for, for instance `us-east-1`.
    pub region: String,
    /// The signing name of the service, for instance `firehose` or `s3`.
    pub service: String,
}

impl CredentialScope {
    /// Reads the scope from the `Authorization` header, or from the query of a presigned URL.
    ///
    /// Answers `None` when the request carries neither, or one that is not `SigV4`.
    pub fn of(headers: &HeaderMap, uri: &Uri) -> Option<Self> {
        match headers.get(AUTHORIZATION) {
            Some(value) => Self::from_authorization(value.to_str().ok()?),
            None => Self::from_query(uri.query()?),
        }
    }

    /// The account that the credential names: the access key id itself when it is a number of 12 digits.
    pub fn account(&self) -> Option<&str> {
        let is_account = self.access_key.len() == 12 && self.access_key.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then_some(&self.access_key)
    }

    fn from_authorization(value: &str) -> Option<Self> {
        let parameters = value.strip_prefix("AWS4-HMAC-SHA256")?;
        let credential = parameters.split(',').find_map(|part| part.trim().strip_prefix("Credential="))?;
        Self::from_credential(credential)
    }

    fn from_query(query: &str) -> Option<Self> {
        let credential = query.split('&').find_map(|part| part.strip_prefix("X-Amz-Credential="))?;
        Self::from_credential(&credential.replace("%2F", "/").replace("%2f", "/"))
    }

    /// Parses `<access key>/<date>/<region>/<service>/aws4_request`; an access key may itself hold slashes.
    fn from_credential(credential: &str) -> Option<Self> {
        let scope = credential.strip_suffix("/aws4_request")?;
        let mut parts = scope.rsplitn(4, '/');
        let (service, region, date, access_key) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            access_key: access_key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(authorization: &str, expected: Option<(Option<&str>, &str, &str)>) {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        let scope = CredentialScope::of(&headers, &Uri::from_static("/"));
        let found = scope.as_ref().map(|scope| (scope.account(), scope.region.as_str(), scope.service.as_str()));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_header_names_region_service_and_account() {
        check(
            "AWS4-HMAC-SHA256 Credential=test/20261123/eu-west-1/firehose/aws4_request, SignedHeaders=host, Signature=0",
            Some((None, "eu-west-1", "firehose")),
        );
        check(
            "AWS4-HMAC-SHA256 Credential=123456789012/20261123/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0",
            Some((Some("123456789012"), "us-east-1", "s3")),
        );
    }

    #[test]
    fn other_schemes_have_no_scope() {
        check("Basic dGVzdDp0ZXN0", None);
        check("AWS4-HMAC-SHA256 Credential=test/20261123", None);
    }

    #[test]
    fn a_presigned_url_names_its_scope_in_the_query() {
        let uri = Uri::from_static("/b/k?X-Amz-Credential=test%2F20261123%2Fus-east-1%2Fs3%2Faws4_request");
        assert_eq!(CredentialScope::of(&HeaderMap::new(), &uri).unwrap().service, "s3");
    }
}
