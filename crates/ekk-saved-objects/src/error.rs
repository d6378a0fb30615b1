//! What can be in the way of an operation on saved objects. How it is answered over HTTP is left to `ekk-dashboards`.

use std::{io, path::PathBuf};

use crate::{Key, LineError, limits::STORE_BYTES};

/// An operation did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such object.
    #[error("Saved object [{}/{}] not found", .0.kind, .0.id)]
    NotFound(Key),
    /// There is such an object already, and it was not to be overwritten.
    #[error("[{0}]: version conflict, document already exists (current version [1])")]
    Exists(Key),
    /// The object has changed since the version that was given.
    #[error("[{0}]: version conflict, the object has changed since version [{1}]")]
    Changed(Key, String),
    /// No plugin of OpenSearch Dashboards saves objects of this type.
    #[error("Unsupported saved object type: '{0}'")]
    UnsupportedType(String),
    /// A newer OpenSearch Dashboards, or a Kibana since 7.11, has written this object.
    #[error(
        "Document \"{}\" has property \"{}\" which belongs to a more recent version of OpenSearch Dashboards [{version}]. The last known version is [{known}]", key.id, key.kind
    )]
    LaterVersion {
        /// The object.
        key: Key,
        /// Its `migrationVersion`.
        version: String,
        /// The last one that is understood, `undefined` when objects of this type never had one.
        known: &'static str,
    },
    /// A line of an import is not a saved object.
    #[error("line {line} {problem}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: LineError,
    },
    /// What was given does not make a saved object.
    #[error("the saved object {0}")]
    Unusable(LineError),
    /// An import has more objects than one may have.
    #[error("Can't import more than {0} objects")]
    TooManyToImport(usize),
    /// An export would have more objects than one may have.
    #[error("Can't export more than {0} objects")]
    TooManyToExport(usize),
    /// An import names objects twice, or retries do.
    #[error("Non-unique {what}: [{}]", listed(.keys))]
    NotUnique {
        /// `import objects detected`, `retry objects` or `retry destinations`.
        what: &'static str,
        /// Each that comes more than once.
        keys: Vec<Key>,
    },
    /// Objects to export refer to one another in a circle, so no order puts each after what it needs.
    #[error("circular reference: {}", circle(.0))]
    Circular(Vec<Key>),
    /// Objects to export are not there.
    #[error("Bad Request")]
    CannotExport(Vec<ItemError>),
    /// An export says what it wants in two ways, or in none.
    #[error("{0}")]
    BadSelection(&'static str),
    /// An export asks for types that nobody saves.
    #[error("Trying to export non-exportable type(s): {}", .0.join(", "))]
    TypesNotExportable(Vec<String>),
    /// An export asks for objects of types that nobody saves.
    #[error("Trying to export object(s) with non-exportable types: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    ObjectsNotExportable(Vec<Key>),
    /// The objects cannot be sorted by this.
    #[error("{0}")]
    BadSort(String),
    /// The store is full.
    #[error("the saved objects would be over the {STORE_BYTES}-byte limit")]
    Full,
    /// The file of an object cannot be written or read.
    #[error("cannot use {}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

/// One object of several that could not be had.
#[derive(Debug)]
pub struct ItemError {
    /// The object.
    pub key: Key,
    /// Why not.
    pub error: Error,
}

fn listed(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn circle(keys: &[Key]) -> String {
    keys.iter().map(|key| format!("[{key}]")).collect::<Vec<_>>().join(" ref-> ")
}
