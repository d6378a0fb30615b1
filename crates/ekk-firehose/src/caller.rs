//! Whose request it is, and for which region: read from the scope of its signature.
//!
//! Whether the signature is right is the front end's subject.

use ekk_server::aws::CredentialScope;
use serde::{Deserialize, Serialize};

use crate::{Service, limits};

/// The account and the region that an operation works in. Streams of one do not see those of another, as in AWS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Caller {
    /// 12 digits: that of temporary credentials, which a verifier knows; the access key id itself where it is such a
    /// number; else the configured account.
    pub(crate) account: String,
    /// The region that the request was signed for, or the configured one where the signature names none.
    pub(crate) region: String,
}

impl Caller {
    /// The caller of a signed request.
    pub(crate) fn of(scope: Option<&CredentialScope>, service: &Service) -> Self {
        let mut caller = service.home.clone();
        let Some(scope) = scope else { return caller };
        if let Some(account) = scope.account() {
            account.clone_into(&mut caller.account);
        }
        if is_region(&scope.region) {
            scope.region.clone_into(&mut caller.region);
        }
        caller
    }

    /// The Amazon resource name of this caller's stream `name`.
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
    fn an_arn_has_the_partition_of_its_region() {
        let arn = |region: &str| Caller { account: "123456789012".to_owned(), region: region.to_owned() }.arn("logs");
        assert_eq!(arn("eu-west-1"), "arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs");
        assert_eq!(arn("cn-north-1"), "arn:aws-cn:firehose:cn-north-1:123456789012:deliverystream/logs");
        assert_eq!(arn("us-gov-west-1"), "arn:aws-us-gov:firehose:us-gov-west-1:123456789012:deliverystream/logs");
    }
}
