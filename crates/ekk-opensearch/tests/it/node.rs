//! A node on a port of its own for one test.

use std::{net::SocketAddr, sync::Arc};

use ekk_clock::Clock;
use ekk_engine::engine::Engine;
use ekk_opensearch::OpenSearch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A running node; it stops when dropped.
pub(crate) struct TestNode {
    pub(crate) url: String,
    pub(crate) opensearch: OpenSearch,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl TestNode {
    /// Starts a node over `engine`, without background refreshes.
    pub(crate) async fn start(engine: Engine) -> Self {
        let listener = ekk_server::listen::bind("OpenSearch", SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let opensearch = OpenSearch::new(Arc::new(engine), Clock::system());
        let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(ekk_server::listen::serve(listener, opensearch.router(), shutdown.clone()));
        Self { url, opensearch, shutdown, tasks }
    }

    /// Ends the requests under way and writes the engine's folder.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.opensearch.close().await;
    }
}

impl Drop for TestNode {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
