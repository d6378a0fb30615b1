//! The OpenSearch REST API over [`ekk_engine`]: what a client of OpenSearch 3.4.0 sends and gets.
//!
//! A request goes through `service` (body, content type, compression), `route` (the handler), one file of `api` for
//! its area, and `response` (pretty, filters, YAML). Request bodies are read by `dsl` into the engine's own types.
//! What is indexed and how it is searched is the engine's; Firehose and the pages are other crates'.

mod api;
mod catalog;
mod dsl;
mod error;
mod expression;
mod json;
mod limits;
mod node;
mod request;
mod response;
mod route;
mod routes;
mod service;

use std::{sync::Arc, time::Duration};

use ekk_clock::Clock;
use ekk_engine::engine::Engine;
use tokio_util::sync::CancellationToken;

use crate::{
    limits::REFRESH_INTERVAL_SECS,
    node::{Node, Visibility},
};

/// One node that answers as OpenSearch does. Clones share the node.
///
/// # Examples
/// ```no_run
/// # async fn run(listener: tokio::net::TcpListener, shutdown: tokio_util::sync::CancellationToken) -> std::io::Result<()> {
/// use std::sync::Arc;
/// use ekk_clock::Clock;
/// use ekk_engine::engine::Engine;
/// use ekk_opensearch::OpenSearch;
///
/// let opensearch = OpenSearch::new(Arc::new(Engine::in_memory()), Clock::system());
/// ekk_server::listen::serve(listener, opensearch.router(), shutdown).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OpenSearch {
    node: Arc<Node>,
}

impl OpenSearch {
    /// A node over `engine` whose refreshes, scroll lives and `now` in queries go by `clock`.
    pub fn new(engine: Arc<Engine>, clock: Clock) -> Self {
        Self { node: Arc::new(Node::new(engine, clock, Visibility::AfterRefresh)) }
    }

    /// The same, but a search sees all earlier writes to an index whose `index.refresh_interval` is not set.
    ///
    /// Differs from OpenSearch: there, such an index is refreshed once a second, or by a search when nothing has searched
    /// it for 30 s. A local log is wanted on the page as soon as it is delivered.
    pub fn showing_writes_at_once(engine: Arc<Engine>, clock: Clock) -> Self {
        Self { node: Arc::new(Node::new(engine, clock, Visibility::AtOnce)) }
    }

    /// The REST API. It may be served on any number of sockets.
    pub fn router(&self) -> axum::Router {
        let node = Arc::clone(&self.node);
        axum::Router::new().fallback(move |request| service::serve(Arc::clone(&node), request))
    }

    /// Makes writes visible once a second, merges segments and ends scrolls that nobody reads, until `shutdown`.
    ///
    /// Only indices with unseen writes are refreshed; `index.refresh_interval: -1` leaves an index out.
    pub async fn run_refresh(&self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.node.clock.sleep(Duration::from_secs(REFRESH_INTERVAL_SECS)) => {}
            }
            let node = Arc::clone(&self.node);
            let refresh = self.node.work.spawn_blocking(move || node.refresh_dirty());
            if let Err(error) = refresh.await {
                tracing::error!(%error, "the refresh panicked");
            }
        }
    }

    /// Writes everything to the data folder, if there is one, when nothing works on it any more. Requests should have ended
    /// before; what works for a client that went away meanwhile is waited for.
    pub async fn close(&self) {
        self.node.work.close();
        self.node.work.wait().await;
        let node = Arc::clone(&self.node);
        match tokio::task::spawn_blocking(move || node.engine.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "indices could not be written to the data folder"),
            Err(error) => tracing::error!(%error, "closing the engine panicked"),
        }
    }
}
