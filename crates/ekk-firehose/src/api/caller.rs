//! Whose request it is, and for which region: read from the scope of its signature.
//!
//! Whether the signature is right is the front end's subject.

use ekk_server::aws::CredentialScope;

use crate::Service;

/// The account and the region that an operation works in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// 12 digits: the access key id itself where it is such a number, else the configured account.
    pub(crate) account: String,
    /// The region that the request was signed for, or the configured one where the signature names none.
    pub(crate) region: String,
}

impl Caller {
    /// Whoever calls without a signature: the service itself, for the configured account and region.
    pub(crate) fn of_service(service: &Service) -> Self {
        Self { account: service.account.clone(), region: service.region.clone() }
    }

    /// The caller of a signed request.
    pub(crate) fn of(scope: Option<&CredentialScope>, service: &Service) -> Self {
        let mut caller = Self::of_service(service);
        let Some(scope) = scope else { return caller };
        if let Some(account) = scope.account() {
            account.clone_into(&mut caller.account);
        }
        if !scope.region.is_empty() {
            scope.region.clone_into(&mut caller.region);
        }
        caller
    }
}
