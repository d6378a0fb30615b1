//! The servers of a stack: each router on its socket, behind the rules for web pages, by http and where asked by https.

use std::{future::Future, time::Duration};

use axum::Router;
#[cfg(feature = "tls")]
use ekk_server::tls::Tls;
use ekk_server::{
    browser::{AllowedOrigin, BrowserRules},
    listen,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::Access;

/// How long the servers may take to finish their last answers once nothing is left to deliver.
const SERVER_GRACE: Duration = Duration::from_secs(2);

/// The servers and what else runs beside them; dropping them tells them to stop.
#[derive(Debug)]
pub(crate) struct Servers {
    tasks: TaskTracker,
    shutdown: CancellationToken,
    origins: Vec<AllowedOrigin>,
    host_names: Vec<String>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// Which web pages may use a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    /// Those of the origins that the stack allows.
    Allowed,
    /// Its own only.
    Own,
}

impl Servers {
    pub(crate) fn new(access: &Access) -> Self {
        let host_names = [
            access.host_names.as_slice(),
            #[cfg(feature = "tls")]
            access.tls.as_ref().map(|tls| tls.names.as_slice()).unwrap_or_default(),
        ];
        Self {
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            origins: access.allow_origins.clone(),
            host_names: host_names.concat(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The same servers, which answer https as well.
    #[cfg(feature = "tls")]
    pub(crate) fn with_tls(mut self, tls: Option<Tls>) -> Self {
        self.tls = tls;
        self
    }

    #[cfg(feature = "tls")]
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Serves `router` until the servers are stopped.
    pub(crate) fn serve(&self, listener: TcpListener, router: Router, pages: Pages) {
        let is_local = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
        let rules = BrowserRules {
            origins: if pages == Pages::Allowed { self.origins.clone() } else { Vec::new() },
            names: is_local.then(|| self.host_names.clone()),
        };
        let router = rules.guard(router);
        #[cfg(feature = "tls")]
        let tls = self.tls.clone();
        self.run(|shutdown| async move {
            #[cfg(feature = "tls")]
            let ended = match tls {
                Some(tls) => listen::serve_with_tls(listener, tls, router, shutdown).await,
                None => listen::serve(listener, router, shutdown).await,
            };
            #[cfg(not(feature = "tls"))]
            let ended = listen::serve(listener, router, shutdown).await;
            if let Err(error) = ended {
                tracing::error!(%error, "a server ended");
            }
        });
    }

    /// Runs what ends by itself when it is told to.
    pub(crate) fn run<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(CancellationToken) -> F) {
        self.tasks.spawn(task(self.shutdown.clone()));
    }

    pub(crate) async fn stop(&self) {
        self.shutdown.cancel();
        self.tasks.close();
        if tokio::time::timeout(SERVER_GRACE, self.tasks.wait()).await.is_err() {
            tracing::debug!("left connections that stayed open");
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
