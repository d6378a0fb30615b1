//! What can be asked of one document, and what came of it.

use std::sync::Arc;

use serde_json::Value;

/// One write of a batch. Ids are checked for their length by the caller ([`crate::limits::MAX_ID_BYTES`]).
#[derive(Debug, Clone)]
pub enum Operation {
    /// Writes a whole document.
    Index {
        /// The document's id; `None` gives it a new one.
        id: Option<String>,
        /// The document: JSON as received.
        source: Arc<str>,
        /// Whether the document must not exist yet (`op_type=create`).
        create: bool,
        /// What must hold for the write to happen.
        check: VersionCheck,
    },
    /// Deletes a document.
    Delete {
        /// The document's id.
        id: String,
        /// What must hold for the delete to happen.
        check: VersionCheck,
    },
    /// Reads a document, changes it, and writes it back, without another write in between.
    Update(Box<Update>),
}

/// A partial update (`_update`).
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// The document's id.
    pub id: String,
    /// Fields that are merged into the document, objects recursively.
    pub doc: Option<Value>,
    /// The document that is written when there is none.
    pub upsert: Option<Value>,
    /// Whether `doc` is written when there is no document.
    pub doc_as_upsert: bool,
    /// Whether an update that changes nothing is not written (OpenSearch's default: true).
    pub detect_noop: bool,
    /// The state the document must be in.
    pub condition: Option<Condition>,
}

/// The state a document must be in for a write (`if_seq_no`, `if_primary_term`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The document's sequence number.
    pub seq_no: u64,
    /// The document's primary term; always 1 here.
    pub primary_term: u64,
}

/// What must hold for a write to happen, and where its version comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VersionCheck {
    /// Nothing; the version counts up (`version_type=internal`).
    #[default]
    None,
    /// The document is in this state.
    Condition(Condition),
    /// The given version is above the current one, and becomes the document's (`version_type=external`).
    External(u64),
    /// The given version is not below the current one (`version_type=external_gte`).
    ExternalGte(u64),
}

/// A write that happened, or was found needless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The document's id, as given or made.
    pub id: String,
    /// The document's version after the write.
    pub version: u64,
    /// The write's sequence number.
    pub seq_no: u64,
    /// What happened.
    pub outcome: Outcome,
    /// The source after an [`Operation::Update`], noops included; the REST edge answers `get` from it.
    pub source: Option<Arc<str>>,
}

/// What a write did (`result`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A new document: 201.
    Created,
    /// A document was overwritten: 200.
    Updated,
    /// A document was deleted: 200.
    Deleted,
    /// There was nothing to delete: 404, yet it has a sequence number.
    NotFound,
    /// An update changed nothing: 200.
    Noop,
}

impl Outcome {
    /// The wire text, for example `created`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::NotFound => "not_found",
            Self::Noop => "noop",
        }
    }
}

/// A document as a get answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The document's id.
    pub id: String,
    /// How often it was written, or its external version.
    pub version: u64,
    /// The sequence number of its last write.
    pub seq_no: u64,
    /// Always 1.
    pub primary_term: u64,
    /// The source, byte for byte as it was received.
    pub source: Arc<str>,
}
