//! Every limit of the engine's write path, with its unit and where it comes from.

/// Longest document id, in bytes of UTF-8 (the REST edge words the refusal).
///
/// Source: <https://github.com/opensearch-project/OpenSearch/blob/3.4.0/server/src/main/java/org/opensearch/action/index/IndexRequest.java>
pub const MAX_ID_BYTES: usize = 512;

/// Longest index name, in bytes of UTF-8.
///
/// Source: `MetadataCreateIndexService.MAX_INDEX_NAME_BYTES`.
pub const MAX_INDEX_NAME_BYTES: usize = 255;

/// Default of `index.mapping.total_fields.limit`: objects, leaves and multi-fields of one mapping.
pub const TOTAL_FIELDS_LIMIT: usize = 1_000;

/// Default of `index.mapping.depth.limit`: objects within objects.
pub const MAPPING_DEPTH_LIMIT: usize = 20;

/// Default of `index.mapping.field_name_length.limit`, in characters.
pub const FIELD_NAME_LENGTH_LIMIT: usize = 50_000;

/// Deepest nesting of a document's arrays and objects that the JSON reader follows.
///
/// Source: Jackson's `StreamReadConstraints.DEFAULT_MAX_DEPTH`.
pub const MAX_JSON_DEPTH: usize = 1_000;

/// Longest keyword term, in bytes of UTF-8 (Lucene's `IndexWriter.MAX_TERM_LENGTH`).
pub const MAX_TERM_BYTES: usize = 32_766;

/// Longest token of the standard tokenizer, in characters; longer words are cut into pieces of this length.
pub const MAX_TOKEN_CHARS: usize = 255;

/// Documents in the buffer that are made a segment without waiting for a refresh.
pub const BUFFER_MAX_DOCS: usize = 20_000;

/// Bytes of sources in the buffer that are made a segment without waiting for a refresh.
pub const BUFFER_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Documents in the buffer from which on it is made two segments by two threads.
pub const PARALLEL_BUILD_DOCS: usize = 4_000;

/// Neighbouring segments of one size class that make a merge due.
///
/// A merge costs about as much a document as indexing it did, so there should be few levels of them; a search pays for
/// each segment some tens of microseconds.
pub const MERGE_FACTOR: usize = 16;

/// Segments up to this many documents count as one size class, so that small refreshes do not pile up.
pub const MERGE_FLOOR_DOCS: usize = 1_000;

/// Largest segment, in documents, that a merge makes.
pub const MERGE_MAX_DOCS: usize = 1_000_000;

/// Largest segment, in documents, that is indexed anew from its sources to take part in a merge with a newer schema.
pub const REBUILD_MAX_DOCS: usize = 50_000;

/// Segments of one index beyond which a refresh merges before it answers.
pub const MAX_SEGMENTS: usize = 64;

/// Translog of one index beyond which it is flushed in the background (`index.translog.flush_threshold_size`), in bytes.
///
/// Source: <https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/>
pub const FLUSH_THRESHOLD_BYTES: u64 = 512 * 1024 * 1024;

/// How long the version of a deleted document is remembered (`index.gc_deletes`), in seconds.
pub const GC_DELETES_SECS: i64 = 60;
