//! The certificates that the authority gives to a service: one for what it is always called, and one for each handshake
//! that names something under `localhost`, because clients take no wildcard there.

use std::sync::Arc;

use jiff::Timestamp;
use rcgen::KeyPair;
use rustls::{
    crypto::ring::sign::any_ecdsa_type,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName},
    server::{ClientHello, ResolvesServerCert},
    sign::{CertifiedKey, SigningKey},
};

use super::{
    TlsError,
    authority::{Authority, unmade},
};

/// What every certificate is for.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

pub(super) struct Certificates {
    authority: Authority,
    key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    /// When they begin.
    now: Timestamp,
    usual: Arc<CertifiedKey>,
}

impl Certificates {
    /// Certificates of `authority` for this machine and `names`, found good with the authority's own.
    pub(super) fn new(authority: Authority, names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        for name in names {
            let checked = name.strip_prefix("*.").unwrap_or(name);
            ServerName::try_from(checked).map_err(|_| TlsError::Name { name: name.clone() })?;
        }
        let key = KeyPair::generate().map_err(unmade)?;
        let signing_key = any_ecdsa_type(&PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        let all = LOCAL_NAMES.iter().map(|name| (*name).to_owned()).chain(names.iter().cloned()).collect();
        let certificate = authority.certify(&key, all, now)?;
        authority.check(&certificate, now)?;
        let usual = certified(certificate, &signing_key);
        Ok(Self { authority, key, signing_key, now, usual })
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let local = hello.server_name().filter(|name| name.ends_with(".localhost"));
        let Some(name) = local else { return Some(self.usual.clone()) };
        let certificate = self.authority.certify(&self.key, vec![name.to_owned()], self.now).ok()?;
        Some(certified(certificate, &self.signing_key))
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Certificates").finish_non_exhaustive()
    }
}

fn certified(certificate: CertificateDer<'static>, key: &Arc<dyn SigningKey>) -> Arc<CertifiedKey> {
    Arc::new(CertifiedKey::new(vec![certificate], key.clone()))
}
