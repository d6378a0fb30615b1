//! Answers https beside http on one socket, with a certificate that an authority of this machine makes at the start.
//!
//! The first byte of a connection tells which of both it is. Clients are given the authority's certificate; its key is
//! kept in a folder, so that they need it once. All of it is rustls on ring: no system library takes part.
//!
//! - `authority`: the authority, made and kept
//! - `certificates`: what it certifies
//! - `connection`: a connection that finds out what it is

mod authority;
mod certificates;
mod connection;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use rustls::{ServerConfig, crypto::ring};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

pub(crate) use self::connection::TlsListener;
use self::{authority::Authority, certificates::Certificates};
use crate::limits;

/// The certificate of a service, ready to be served. Clones share it and the bound on handshakes.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    handshakes: Arc<Semaphore>,
    ca_pem: String,
    ca_file: Option<PathBuf>,
}

/// No certificate can be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The folder of the authority cannot be read or written.
    #[error("cannot use {} for the authority of TLS", path.display())]
    Folder {
        /// The folder or the file in it.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// The key is not one, or it and the certificate are not of one authority.
    #[error("{} does not hold an authority: {reason}; move it away and a new one is made", folder.display())]
    Authority {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A name cannot stand in a certificate.
    #[error("{name:?} cannot stand in a certificate: a name is one of DNS, or an address")]
    Name {
        /// The name.
        name: String,
    },
    /// A certificate cannot be made for another reason.
    #[error("cannot make a certificate: {0}")]
    Certificate(String),
}

impl Tls {
    /// Makes a certificate for this machine and for `names`, by the authority in `folder`, made there unless it is there
    /// already; without a folder the authority lives as long as this.
    ///
    /// The certificate is for `localhost`, every name under it, `127.0.0.1`, `::1` and the names, for 397 days from `now`
    /// (real time); the authority for ten years. In the folder `ca.pem` is for clients, and `ca.key`, readable by
    /// its owner only, is for nobody else.
    ///
    /// # Errors
    /// As [`TlsError`] says.
    pub fn new(folder: Option<&Path>, names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        let authority = match folder {
            Some(folder) => Authority::open(folder, now)?,
            None => Authority::new(now)?,
        };
        let ca_pem = authority.pem().to_owned();
        let certificates = Certificates::new(authority, names, now)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(Arc::new(certificates));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            handshakes: Arc::new(Semaphore::new(limits::HANDSHAKES)),
            ca_file: folder.map(|folder| folder.join(authority::CA_FILE)),
            ca_pem,
        })
    }

    /// The authority's certificate, for clients.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The file that holds it, if the authority is kept.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tls").field("ca_file", &self.ca_file).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
