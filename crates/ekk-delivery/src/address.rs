//! Addresses of clusters and endpoints: which can be spoken to, and the credentials in them.

use std::{error::Error as StdError, fmt::Write, net::IpAddr};

use url::{Host, Url};

use crate::Error;

/// An address apart from its credentials.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// Without user and password, so it can be shown.
    pub(crate) url: Url,
    /// User and password, when there is a user.
    pub(crate) credentials: Option<(String, String)>,
}

impl Address {
    /// Takes the credentials out of `given`.
    ///
    /// # Errors
    /// [`Error::Address`] when it is not plain HTTP.
    pub(crate) fn parse(given: &Url) -> Result<Self, Error> {
        let mut url = given.clone();
        let cleared = url.set_username("").and_then(|()| url.set_password(None));
        let credentials = (!given.username().is_empty())
            .then(|| (decode(given.username()), decode(given.password().unwrap_or_default())));
        let address = Self { url, credentials };
        match address.url.scheme() {
            "http" if cleared.is_ok() && address.url.has_host() => Ok(address),
            "https" => Err(address.unusable(&"TLS is not supported yet; use an http address")),
            _ => Err(address.unusable(&"it is not an http address")),
        }
    }

    /// Whether the address is this machine's, so that no proxy shall be asked.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }

    pub(crate) fn unusable(&self, reason: &dyn ToString) -> Error {
        Error::Address { url: self.url.to_string(), reason: reason.to_string() }
    }
}

/// Undoes the percent-encoding of a user or password.
fn decode(text: &str) -> String {
    url::form_urlencoded::parse(format!("={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// An error and its causes in one line, each once.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let message = next.to_string();
        if !text.contains(&message) {
            write!(text, ": {message}").expect("a string takes what is written to it");
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_the_address() {
        for (given, url, credentials) in [
            ("http://127.0.0.1:9200", "http://127.0.0.1:9200/", None),
            ("http://admin:a%40b+c@localhost:9200/x", "http://localhost:9200/x", Some(("admin", "a@b+c"))),
            ("http://test@localhost", "http://localhost/", Some(("test", ""))),
        ] {
            let address = Address::parse(&given.parse().unwrap()).unwrap();
            assert_eq!(address.url.as_str(), url);
            assert!(address.is_loopback());
            let found = address.credentials.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
            assert_eq!(found, credentials, "{given}");
        }
    }

    #[test]
    fn what_is_not_plain_http_is_refused_without_showing_the_password() {
        for (given, expected) in [
            (
                "https://u:secret@search.example.com",
                "https://search.example.com/ cannot be used: TLS is not supported yet; use an http address",
            ),
            ("file:///tmp", "file:///tmp cannot be used: it is not an http address"),
        ] {
            assert_eq!(Address::parse(&given.parse().unwrap()).unwrap_err().to_string(), expected);
        }
    }
}
