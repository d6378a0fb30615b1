//! The one node of the cluster: its names, its engine and clock, and the searches it keeps open.

use std::sync::{Arc, Mutex};

use ekk_clock::Clock;
use ekk_engine::{engine::Engine, index::Index};
use tokio_util::task::TaskTracker;

use crate::api::scroll::Contexts;

/// The version that is reported, and that the answers follow.
pub(crate) const VERSION: &str = "3.4.0";
/// The node's name.
pub(crate) const NODE_NAME: &str = "node-1";
/// The cluster's name.
pub(crate) const CLUSTER_NAME: &str = "ekk";
/// The build that answers were recorded from.
pub(crate) const BUILD_HASH: &str = "00336141f90b2456d7aa35e9052fd6baf7147423";

/// What every handler works on.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Clock,
    pub(crate) visibility: Visibility,
    /// 22 characters, new with each process, as in OpenSearch without a data folder.
    pub(crate) id: String,
    pub(crate) cluster_uuid: String,
    pub(crate) contexts: Mutex<Contexts>,
    /// Held while an index is made or metadata (templates, aliases, cluster settings) is read and written back.
    pub(crate) metadata: Mutex<()>,
    /// What works on the engine, also for clients that went away: whoever closes the node waits for it.
    pub(crate) work: TaskTracker,
}

/// When a search sees the writes to an index whose `index.refresh_interval` is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// After a refresh, as in OpenSearch.
    AfterRefresh,
    /// In the next search.
    AtOnce,
}

impl Node {
    pub(crate) fn new(engine: Arc<Engine>, clock: Clock, visibility: Visibility) -> Self {
        Self {
            engine,
            clock,
            visibility,
            id: new_uuid(),
            cluster_uuid: new_uuid(),
            contexts: Mutex::new(Contexts::default()),
            metadata: Mutex::new(()),
            work: TaskTracker::new(),
        }
    }

    /// Makes the writes to an index visible before a search, where that is asked for.
    pub(crate) fn show_writes(&self, index: &Index) {
        if self.visibility == Visibility::AtOnce
            && index.settings().get("index.refresh_interval").is_none()
            && index.is_dirty()
            && let Err(error) = index.refresh()
        {
            tracing::error!(%error, index = index.name(), "cannot refresh");
        }
    }

    /// Refreshes what is dirty, flushes long translogs, merges what is due, and drops contexts whose time is over.
    pub(crate) fn refresh_dirty(&self) {
        for index in self.engine.indices() {
            if index.is_open()
                && refreshes_by_itself(&index)
                && index.is_dirty()
                && let Err(error) = index.refresh()
            {
                tracing::error!(%error, index = index.name(), "cannot refresh");
                continue;
            }
            if index.wants_flush()
                && let Err(error) = index.flush()
            {
                tracing::error!(%error, index = index.name(), "cannot flush to the data folder");
            }
            if let Err(error) = index.merge() {
                tracing::warn!(%error, index = index.name(), "cannot merge segments");
            }
        }
        self.contexts.lock().expect("no handler panics while it holds the contexts").expire(self.clock.now());
    }
}

fn refreshes_by_itself(index: &Index) -> bool {
    index.settings().get("index.refresh_interval") != Some("-1")
}

/// 128 random bits in the 22 characters that OpenSearch gives nodes and indices.
pub(crate) fn new_uuid() -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(uuid::Uuid::new_v4().as_bytes())
}
