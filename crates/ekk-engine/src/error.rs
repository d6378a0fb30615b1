//! The engine's errors, each with the exception that OpenSearch names and words for it.
//!
//! An [`Exception`] is the type, reason and cause that a client sees; the enums around it say what a caller does next.
//! Status codes and envelopes are the edge's.

use std::fmt;

/// An exception as OpenSearch reports it: its wire type, its reason, and what caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The wire type, for example `mapper_parsing_exception`.
    pub kind: &'static str,
    /// The text for the client, as OpenSearch words it.
    pub reason: String,
    /// The nested `caused_by`, if any.
    pub caused_by: Option<Box<Exception>>,
}

impl Exception {
    /// An exception without a cause.
    pub fn new(kind: &'static str, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into(), caused_by: None }
    }

    /// An `illegal_argument_exception`.
    pub fn illegal_argument(reason: impl Into<String>) -> Self {
        Self::new("illegal_argument_exception", reason)
    }

    /// A `mapper_parsing_exception`.
    pub fn mapper_parsing(reason: impl Into<String>) -> Self {
        Self::new("mapper_parsing_exception", reason)
    }

    /// The same exception with `cause` nested in it.
    #[must_use]
    pub fn caused_by(mut self, cause: Exception) -> Self {
        self.caused_by = Some(Box::new(cause));
        self
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.reason)?;
        self.caused_by.as_ref().map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl std::error::Error for Exception {}

/// Why a mapping was not taken (400).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct MappingError(#[from] pub Exception);

/// Why one write of a batch did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The document does not fit the mapping, is not JSON, or the operation's options contradict each other (400).
    #[error(transparent)]
    Rejected(#[from] Exception),
    /// The document is not in the state the operation asked for (409, `version_conflict_engine_exception`).
    #[error("[{id}]: version conflict, {detail}")]
    VersionConflict {
        /// The document's id.
        id: String,
        /// What was found, as OpenSearch words it.
        detail: String,
    },
    /// An update of a document that does not exist and has no upsert (404, `document_missing_exception`).
    #[error("[{id}]: document missing")]
    DocumentMissing {
        /// The document's id.
        id: String,
    },
    /// The index does not take writes: a block of its settings (403, or 429 for `read_only_allow_delete`).
    #[error(transparent)]
    Blocked(IndexBlock),
    /// The index is closed (400, `index_closed_exception`) or deleted.
    #[error("closed")]
    Closed,
    /// The write could not be made durable (500).
    #[error("{0}")]
    Storage(String),
}

impl WriteError {
    /// The exception a client sees.
    pub fn exception(&self) -> Exception {
        match self {
            Self::Rejected(exception) => exception.clone(),
            Self::VersionConflict { .. } => Exception::new("version_conflict_engine_exception", self.to_string()),
            Self::DocumentMissing { .. } => Exception::new("document_missing_exception", self.to_string()),
            Self::Blocked(_) => Exception::new("cluster_block_exception", self.to_string()),
            Self::Closed => Exception::new("index_closed_exception", self.to_string()),
            Self::Storage(_) => Exception::new("translog_exception", self.to_string()),
        }
    }
}

/// A setting that stops writes to an index (`cluster_block_exception`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("index [{index}] blocked by: [{level}/{id}/{description}];")]
pub struct IndexBlock {
    /// The index's name.
    pub index: String,
    /// `FORBIDDEN` (403) or `TOO_MANY_REQUESTS` (429).
    pub level: &'static str,
    /// OpenSearch's number of the block.
    pub id: u8,
    /// The block in words.
    pub description: &'static str,
}

/// Why an operation of the engine did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An index of this name is there (400, `resource_already_exists_exception`).
    #[error("index [{name}/{uuid}] already exists")]
    IndexExists {
        /// The name asked for.
        name: String,
        /// The uuid of the index that has it.
        uuid: String,
    },
    /// The name is not allowed for an index (400, `invalid_index_name_exception`).
    #[error("Invalid index name [{name}], {reason}")]
    InvalidIndexName {
        /// The name asked for.
        name: String,
        /// What is wrong with it, as OpenSearch words it.
        reason: String,
    },
    /// Mappings, settings or aliases were refused (400).
    #[error(transparent)]
    Rejected(#[from] Exception),
    /// No index has this name (404, `index_not_found_exception`).
    #[error("no such index [{name}]")]
    IndexNotFound {
        /// The name asked for.
        name: String,
    },
    /// The data folder could not be read or written (500).
    #[error("storage at {path}: {source}")]
    Storage {
        /// The file or folder.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file of the data folder does not hold what it should (500).
    #[error("{path} is damaged: {detail}")]
    Damaged {
        /// The file.
        path: String,
        /// What was expected.
        detail: String,
    },
    /// tantivy failed (500).
    #[error("tantivy: {0}")]
    Tantivy(#[from] tantivy::TantivyError),
}

impl From<MappingError> for Error {
    fn from(error: MappingError) -> Self {
        Self::Rejected(error.0)
    }
}

impl Error {
    /// The exception a client sees.
    pub fn exception(&self) -> Exception {
        match self {
            Self::Rejected(exception) => exception.clone(),
            Self::IndexExists { .. } => Exception::new("resource_already_exists_exception", self.to_string()),
            Self::InvalidIndexName { .. } => Exception::new("invalid_index_name_exception", self.to_string()),
            Self::IndexNotFound { .. } => Exception::new("index_not_found_exception", self.to_string()),
            Self::Storage { .. } | Self::Damaged { .. } | Self::Tantivy(_) => {
                Exception::new("engine_exception", self.to_string())
            }
        }
    }
}
