//! Which cluster an address means.
//!
//! A definition that was copied from AWS must never write to AWS: every address means the stack's own OpenSearch, but
//! for those on this machine, which mean exactly the cluster that they name.

use ekk_delivery::Endpoint;
use url::Url;

use super::Undelivered;
use crate::{error::ApiError, loopback::is_loopback};

/// The cluster at the address that `member` holds.
///
/// # Errors
/// `InvalidArgumentException`: the address is not a URL.
pub(super) fn cluster(member: &str, address: &str) -> Result<Result<Endpoint, Undelivered>, ApiError> {
    let url =
        Url::parse(address).map_err(|error| ApiError::invalid(format!("{member} {address} is not a URL: {error}")))?;
    if !is_loopback(&url) {
        return Ok(Ok(Endpoint::Stack));
    }
    if url.scheme() == "http" {
        return Ok(Ok(Endpoint::Url(url)));
    }
    Ok(Err(Undelivered(format!("{member} {address} on this machine over https"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_means_the_stack_unless_it_is_on_this_machine() {
        let here = |text: &str| Ok(Endpoint::Url(text.parse().unwrap()));
        let undelivered = |text: &str| Err(Undelivered(format!("ClusterEndpoint {text} on this machine over https")));
        for (address, expected) in [
            ("https://search-logs.us-east-1.es.amazonaws.com", Ok(Endpoint::Stack)),
            ("https://10.0.0.1:9200", Ok(Endpoint::Stack)),
            ("http://127.0.0.1:9201", here("http://127.0.0.1:9201")),
            ("http://admin:word@localhost:9200/path", here("http://admin:word@localhost:9200/path")),
            ("https://localhost:9200", undelivered("https://localhost:9200")),
            ("https://[::1]", undelivered("https://[::1]")),
        ] {
            assert_eq!(cluster("ClusterEndpoint", address).unwrap(), expected, "{address}");
        }
    }
}
