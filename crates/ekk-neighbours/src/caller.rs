//! Who asks: the account and region of a request, from its signature's credential, or from the session that it was
//! given.

use ekk_server::aws::CredentialScope;
use http::{HeaderMap, Uri, header::AUTHORIZATION};

use crate::{
    Service,
    error::ApiError,
    sts::sessions::{Identity, Session},
};

/// The one who signed a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) region: String,
    /// The role that was assumed, if any.
    pub(crate) identity: Option<Identity>,
}

impl Caller {
    /// Reads the caller of a request to the service with this signing name.
    ///
    /// # Errors
    /// `MissingAuthenticationToken`, `IncompleteSignature`, `SignatureDoesNotMatch` when the signature is for another
    /// service or for what is no region, and `ExpiredToken`. Whether the signature is right is not checked here.
    pub(crate) fn of(service: &Service, signing_name: &str, headers: &HeaderMap, uri: &Uri) -> Result<Self, ApiError> {
        let Some(scope) = CredentialScope::of(headers, uri) else {
            let is_there = headers.contains_key(AUTHORIZATION)
                || uri.query().is_some_and(|query| query.contains("X-Amz-Credential="));
            return Err(if is_there { ApiError::IncompleteSignature } else { ApiError::MissingAuthentication });
        };
        if scope.service != signing_name {
            let text = format!("Credential should be scoped to correct service: '{signing_name}'.");
            return Err(ApiError::WrongScope(text));
        }
        if !is_region(&scope.region) {
            return Err(ApiError::WrongScope("Credential should be scoped to a valid region.".to_owned()));
        }
        let session = service.sessions.find(&scope.access_key);
        if session.as_ref().is_some_and(|session| session.expires <= service.clock.now()) {
            return Err(ApiError::ExpiredToken);
        }
        Ok(Self::with(service, &scope, session))
    }

    /// A caller that needs no signature.
    pub(crate) fn anonymous(service: &Service) -> Self {
        Self { account: service.account.clone(), region: service.region.clone(), identity: None }
    }

    fn with(service: &Service, scope: &CredentialScope, session: Option<Session>) -> Self {
        let account =
            session.as_ref().map(|session| session.account.as_str()).or(scope.account()).unwrap_or(&service.account);
        let (account, region) = (account.to_owned(), scope.region.clone());
        Self { account, region, identity: session.and_then(|session| session.identity) }
    }

    /// The caller's own ARN.
    pub(crate) fn arn(&self) -> String {
        self.identity.as_ref().map_or_else(|| format!("arn:aws:iam::{}:root", self.account), |it| it.arn.clone())
    }

    /// The caller's unique id.
    pub(crate) fn user_id(&self) -> &str {
        self.identity.as_ref().map_or(&self.account, |identity| &identity.user_id)
    }
}

fn is_region(region: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (5..=30).contains(&region.len()) && region.bytes().all(plain)
}
