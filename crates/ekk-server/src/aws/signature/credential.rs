//! Who may sign: an access key id with its secret, as a person writes them on a command line.

use std::{fmt, str::FromStr};

/// An access key id, its secret, and the session token that must come with it if there is one.
///
/// Written `ACCESS_KEY:SECRET` or `ACCESS_KEY:SECRET:SESSION_TOKEN`. Its `Debug` shows neither secret nor token.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The access key id; visible ASCII without `/` and `:`. As a number of 12 digits it names the account, too.
    pub access_key: String,
    /// The secret access key.
    pub secret: String,
    /// The token of temporary credentials.
    pub session_token: Option<String>,
}

/// Temporary credentials that somebody gave out.
#[derive(Clone, Debug)]
pub struct Temporary {
    /// With its session token.
    pub credential: Credential,
    /// The account that they act for, 12 digits.
    pub account: String,
    /// Whether their time is over.
    pub is_expired: bool,
}

/// Who gives out temporary credentials, as STS does, and knows them again.
pub trait Issuer: fmt::Debug + Send + Sync {
    /// What was given out under this access key id, expired or not.
    fn find(&self, access_key: &str) -> Option<Temporary>;
}

/// A text is not a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// There is no colon in it, or nothing on one side of it.
    #[error("a credential is ACCESS_KEY:SECRET or ACCESS_KEY:SECRET:SESSION_TOKEN")]
    Form,
    /// The access key id could not stand in a signature.
    #[error("an access key id is of letters, digits and punctuation without / and ,")]
    AccessKey,
    /// The token could not stand in a header.
    #[error("a session token is of visible ASCII characters")]
    SessionToken,
}

impl Credential {
    /// A credential without a session token, for instance `test` and `test`.
    pub fn new(access_key: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { access_key: access_key.into(), secret: secret.into(), session_token: None }
    }
}

impl FromStr for Credential {
    type Err = CredentialError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, ':').map(str::to_owned);
        let mut part = || parts.next().filter(|part| !part.is_empty());
        let (access_key, secret) = part().zip(part()).ok_or(CredentialError::Form)?;
        let session_token = part();
        if text.splitn(3, ':').count() == 3 && session_token.is_none() {
            return Err(CredentialError::Form);
        }
        let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_visible(&access_key) || access_key.contains(['/', ',']) {
            return Err(CredentialError::AccessKey);
        }
        if session_token.as_deref().is_some_and(|token| !is_visible(token)) {
            return Err(CredentialError::SessionToken);
        }
        Ok(Self { access_key, secret, session_token })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credential").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_read_as_it_is_written_on_a_command_line() {
        let token =
            |token: &str| Credential { session_token: Some(token.to_owned()), ..Credential::new("key", "s/+=") };
        let cases = [
            ("key:secret", Ok(Credential::new("key", "secret"))),
            ("key:s/+=:to:ken", Ok(token("to:ken"))),
            ("key", Err(CredentialError::Form)),
            ("key:", Err(CredentialError::Form)),
            (":secret", Err(CredentialError::Form)),
            ("key:secret:", Err(CredentialError::Form)),
            ("k/ey:secret", Err(CredentialError::AccessKey)),
            ("k y:secret", Err(CredentialError::AccessKey)),
            ("key:secret:to ken", Err(CredentialError::SessionToken)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Credential>(), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?}", "key:hidden:token".parse::<Credential>().unwrap());
        assert_eq!(shown, r#"Credential { access_key: "key", .. }"#);
    }
}
