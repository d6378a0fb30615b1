//! Why a search failed.

use std::sync::Arc;

use crate::error::Exception;

/// Why a search failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The request does not make sense whatever the indices hold (400 with the exception itself).
    #[error(transparent)]
    Request(Exception),
    /// An index cannot run it: `search_phase_execution_exception`, "all shards failed", with this as the shard's reason
    /// (400). A `query_shard_exception` also prints the index and its uuid.
    #[error("[{index}] {exception}")]
    Shard {
        /// The index.
        index: Arc<str>,
        /// What went wrong there.
        exception: Exception,
    },
    /// The aggregations make too many buckets (503, `too_many_buckets_exception`).
    #[error(
        "Trying to create too many buckets. Must be less than or equal to: [{max}] but was [{found}]. This limit can be \
         set by changing the [search.max_buckets] cluster level setting."
    )]
    TooManyBuckets {
        /// The limit.
        max: usize,
        /// Buckets when it was found out.
        found: usize,
    },
    /// A segment could not be read (500).
    #[error("segment of [{index}]: {detail}")]
    Storage {
        /// The index.
        index: Arc<str>,
        /// tantivy's words.
        detail: String,
    },
}
