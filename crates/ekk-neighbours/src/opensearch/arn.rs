//! The ARNs of domains.

use crate::shelf::Key;

/// The ARN of a domain, `arn:aws:es:<region>:<account>:domain/<name>`.
pub(super) fn of(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:es:{region}:{account}:domain/{name}")
}

/// Where the domain of this ARN would stand, or `None` when it is not the ARN of a domain.
pub(crate) fn key_of(arn: &str) -> Option<Key> {
    let (region, rest) = arn.strip_prefix("arn:aws:es:")?.split_once(':')?;
    let (account, name) = rest.split_once(":domain/")?;
    Some(Key { owner: format!("{account}.{region}"), name: name.to_owned() })
}
