//! Which addresses are this machine's: the only ones that may be plain http, and the only ones that are taken by their
//! word.

use url::{Host, Url};

/// Whether an address is on this machine: `localhost`, a name below it, or a loopback address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a text is an address on this machine over plain http.
pub(crate) fn is_plain_loopback(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_localhost_and_the_loopback_addresses() {
        for (text, expected) in [
            ("http://localhost:9200", true),
            ("http://user:word@logs.localhost/x", true),
            ("http://127.0.0.1", true),
            ("http://127.1:80", true),
            ("http://[::1]:9200", true),
            ("https://localhost", false),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
            ("http://[::2]", false),
            ("http:localhost", true),
            ("unix:/x", false),
            ("http", false),
        ] {
            assert_eq!(is_plain_loopback(text), expected, "{text}");
        }
    }
}
