//! Every limit of the REST layer, with its unit and where it comes from.

/// Largest request body, in bytes, before and after it is unpacked (`http.max_content_length`, answered 413).
///
/// Source: <https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/network-settings/>
pub(crate) const MAX_CONTENT_BYTES: usize = 100 * 1024 * 1024;

/// Smallest answer, in bytes, that is packed when the client accepts gzip.
pub(crate) const GZIP_FROM_BYTES: usize = 1_024;

/// `from + size` of a search at most (`index.max_result_window`).
pub(crate) const MAX_RESULT_WINDOW: usize = 10_000;

/// Scrolls and points in time that are open at once (`search.max_open_scroll_context`).
pub(crate) const MAX_OPEN_CONTEXTS: usize = 500;

/// Longest life of a scroll or point in time, in seconds (`search.max_keep_alive`, 24 hours).
pub(crate) const MAX_KEEP_ALIVE_SECS: u64 = 24 * 60 * 60;

/// Shards that one node holds (`cluster.max_shards_per_node`).
pub(crate) const MAX_SHARDS_PER_NODE: u64 = 1_000;

/// How often indices with unseen writes are refreshed (`index.refresh_interval`), in seconds.
pub(crate) const REFRESH_INTERVAL_SECS: u64 = 1;

/// `docvalue_fields` of one search at most (`index.max_docvalue_fields_search`).
pub(crate) const MAX_DOCVALUE_FIELDS: usize = 100;
