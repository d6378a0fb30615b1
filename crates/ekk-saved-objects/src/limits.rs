//! Every bound of the store, with its unit and where the number comes from.

/// Bytes of one import; OpenSearch Dashboards' `savedObjects.maxImportPayloadBytes`.
pub const IMPORT_BYTES: usize = 26_214_400;

/// Objects of one import or export; OpenSearch Dashboards' `savedObjects.maxImportExportSize`.
pub const IMPORT_OBJECTS: usize = 10_000;

/// Bytes of `TYPE:ID`, which is the id of a document there; OpenSearch's limit on `_id`.
/// Source: <https://docs.opensearch.org/latest/api-reference/document-apis/index-document/>
pub(crate) const KEY_BYTES: usize = 512;

/// Bytes of all lines that a store holds in memory; ours.
pub(crate) const STORE_BYTES: usize = 256 * 1024 * 1024;

/// Files that are read at the start; ours.
pub(crate) const STORE_FILES: usize = 100_000;

/// Characters of an id that its file is named by; ours, well below the 255 bytes of every file system.
pub(crate) const FILE_NAME_CHARS: usize = 80;

/// Words of a search that are looked for; the others are dropped. OpenSearch's `indices.query.bool.max_clause_count`.
pub(crate) const SEARCH_WORDS: usize = 1024;
