//! Binds a socket and serves a router on it until told to stop.

use std::{io, net::SocketAddr};

use axum::{Router, serve::ListenerExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A socket could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("{service} cannot listen on {address}: {}", self.remedy())]
pub struct BindError {
    /// The service that wanted the socket, as shown to the user.
    pub service: &'static str,
    /// The address that was asked for.
    pub address: SocketAddr,
    /// What the system answered.
    #[source]
    pub source: io::Error,
}

impl BindError {
    fn remedy(&self) -> String {
        let flag = self.service.to_lowercase();
        match self.source.kind() {
            io::ErrorKind::AddrInUse => format!(
                "port {} is in use by another program; stop it, or choose another port with --listen-{flag} {}:PORT",
                self.address.port(),
                self.address.ip()
            ),
            io::ErrorKind::PermissionDenied => {
                format!("ports below 1024 need privileges; choose a higher one with --listen-{flag}")
            }
            _ => self.source.to_string(),
        }
    }
}

/// Binds `address` for `service`; port 0 lets the system choose a free one.
///
/// # Errors
/// Says which service, which address and what to do when the port is taken.
pub async fn bind(service: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError { service, address, source })
}

/// Serves `router` until `shutdown` is cancelled, then lets the requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn off Nagle's algorithm");
        }
    });
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

/// Serves `router` by http and https on one socket until `shutdown` is cancelled, then lets the requests under way finish.
#[cfg(feature = "tls")]
pub async fn serve_with_tls(
    listener: TcpListener,
    tls: crate::tls::Tls,
    router: Router,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let listener = crate::tls::TlsListener::new(listener, tls);
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_what_to_do() {
        let first = bind("AWS", SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = first.local_addr().unwrap();
        let error = bind("AWS", address).await.unwrap_err().to_string();
        let port = address.port();
        assert_eq!(
            error,
            format!(
                "AWS cannot listen on 127.0.0.1:{port}: port {port} is in use by another program; \
                 stop it, or choose another port with --listen-aws 127.0.0.1:PORT"
            )
        );
    }
}
