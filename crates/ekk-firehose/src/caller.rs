//! Whose request it is, and for which region: read from the scope of its signature.
//!
//! Whether the signature is right is the front end's subject.

use ekk_server::aws::CredentialScope;
use http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};

use crate::{Service, limits};

/// Who makes a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Whose streams the operation works on.
    pub(crate) owner: Owner,
    /// Whether the request says that it comes for `CloudWatch` Logs, see [`SOURCE_ARN`].
    pub(crate) is_cloudwatch_logs: bool,
}

/// The account and the region that a stream belongs to. Streams of one do not see those of another, as in AWS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Owner {
    /// 12 digits: that of temporary credentials, which a verifier knows; the access key id itself where it is such a
    /// number; else the configured account.
    pub(crate) account: String,
    /// The region that the request was signed for, or the configured one where the signature names none.
    pub(crate) region: String,
}

impl Caller {
    /// The caller of a request.
    pub(crate) fn of(headers: &HeaderMap, uri: &Uri, service: &Service) -> Self {
        let owner = Owner::of(CredentialScope::of(headers, uri).as_ref(), &service.home);
        let source = headers.get(SOURCE_ARN).and_then(|value| value.to_str().ok());
        Self { owner, is_cloudwatch_logs: source.is_some_and(is_of_logs) }
    }

    /// The service itself.
    pub(crate) fn home(service: &Service) -> Self {
        Self { owner: service.home.clone(), is_cloudwatch_logs: false }
    }
}

/// The header by which a service of AWS's says for which resource it makes a request.
///
/// Differs from AWS, where `CloudWatch` Logs is known by its credentials: here whoever sends
/// `arn:aws:logs:<region>:<account>:log-group:<name>` plays it, so that a stream which decompresses can be tried out.
const SOURCE_ARN: &str = "x-amz-source-arn";

/// `arn:<partition>:logs:…`
fn is_of_logs(arn: &str) -> bool {
    let mut parts = arn.split(':');
    parts.next() == Some("arn") && parts.nth(1) == Some("logs")
}

impl Owner {
    /// The owner of what a signed request is about; `home` where the signature does not say.
    fn of(scope: Option<&CredentialScope>, home: &Self) -> Self {
        let mut owner = home.clone();
        let Some(scope) = scope else { return owner };
        if let Some(account) = scope.account() {
            account.clone_into(&mut owner.account);
        }
        if is_region(&scope.region) {
            scope.region.clone_into(&mut owner.region);
        }
        owner
    }

    /// The Amazon resource name of this owner's stream `name`.
    pub(crate) fn arn(&self, name: &str) -> String {
        let Self { account, region } = self;
        format!("arn:{}:firehose:{region}:{account}:deliverystream/{name}", partition(region))
    }
}

/// Regions become parts of file names, so nothing else may pass for one.
fn is_region(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=limits::REGION_CHARS).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_short_and_has_no_sign_that_a_path_could_have() {
        for region in ["us-east-1", "local", "a", "0"] {
            assert!(is_region(region), "{region}");
        }
        for text in ["", "US-EAST-1", "../..", "us_east", "us.east", "é", &"a".repeat(33)] {
            assert!(!is_region(text), "{text}");
        }
    }

    #[test]
    fn cloudwatch_logs_is_known_by_the_service_in_an_arn() {
        for arn in ["arn:aws:logs:us-east-1:000000000000:log-group:/app", "arn:aws-cn:logs:::"] {
            assert!(is_of_logs(arn), "{arn}");
        }
        for arn in ["", "logs", "arn:aws:s3:::logs", "arn:logs:aws:", "urn:aws:logs:"] {
            assert!(!is_of_logs(arn), "{arn}");
        }
    }

    #[test]
    fn an_arn_has_the_partition_of_its_region() {
        let arn = |region: &str| Owner { account: "123456789012".to_owned(), region: region.to_owned() }.arn("logs");
        assert_eq!(arn("eu-west-1"), "arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs");
        assert_eq!(arn("cn-north-1"), "arn:aws-cn:firehose:cn-north-1:123456789012:deliverystream/logs");
        assert_eq!(arn("us-gov-west-1"), "arn:aws-us-gov:firehose:us-gov-west-1:123456789012:deliverystream/logs");
    }
}
