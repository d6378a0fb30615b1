//! Who asks: the account and region of a request, from its signature's credential, or from the session that it was
//! given.

use ekk_clock::Clock;
use ekk_server::aws::{
    CredentialScope,
    signature::{Credential, Payload, Presented, Rules, ScopeMismatch, SignatureError, Verifier},
};

use crate::{
    Service,
    error::ApiError,
    front_door::Incoming,
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
    /// What is wrong with the signature: that it is not there or not whole, or for another service or for what is no
    /// region; with a verifier also that it is not right. `ExpiredToken` for temporary credentials that have expired.
    pub(crate) fn of(incoming: &Incoming<'_>, signing_name: &'static str) -> Result<Self, ApiError> {
        let (service, parts) = (incoming.service, incoming.parts);
        let presented = Presented::of(parts)?;
        let scope = CredentialScope::of(&parts.headers, &parts.uri)
            .ok_or_else(|| SignatureError::Credential { got: presented.credential().to_owned() })?;
        let mismatch = ScopeMismatch {
            region: !is_region(&scope.region),
            service: (scope.service != signing_name).then_some(signing_name),
            ..ScopeMismatch::default()
        };
        if mismatch != ScopeMismatch::default() {
            return Err(SignatureError::Scope(mismatch).into());
        }
        let session = service.sessions.find(&scope.access_key);
        if session.as_ref().is_some_and(|session| session.expires <= service.clock.now()) {
            return Err(ApiError::ExpiredToken);
        }
        if let Some(verifier) = incoming.verifier {
            verify(verifier, session.as_ref().map(|session| &session.credential), incoming, signing_name)?;
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

/// Computes the signature: with the credentials that were given out here, or those that the verifier knows. Signatures
/// live by real time, not by the stack's clock.
fn verify(
    verifier: &Verifier,
    given_out: Option<&Credential>,
    incoming: &Incoming<'_>,
    signing_name: &'static str,
) -> Result<(), SignatureError> {
    let of_session = given_out.map(|credential| Verifier::new([credential.clone()]));
    let now = Clock::system().now();
    let verifier = of_session.as_ref().unwrap_or(verifier);
    let rules = if signing_name == "es" { Rules::of(signing_name) } else { Rules::of_query(signing_name) };
    verifier.verify(rules, incoming.parts, Payload::Body(incoming.body), now).map(drop)
}

fn is_region(region: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (5..=30).contains(&region.len()) && region.bytes().all(plain)
}
