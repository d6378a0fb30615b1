//! Saved objects in the form that OpenSearch Dashboards exports: index patterns, searches, visualizations, dashboards
//! and whatever else a plugin saves.
//!
//! A [`Store`] keeps each object as the line it was imported as, so that unknown types and keys come out of an export
//! byte for byte. On disk that is one file an object, made to be read and diffed ([`Store::open`]). What a visualization
//! means is left to who draws it; HTTP, and how a failure is answered, to `ekk-dashboards`.
//!
//! Reading order: `object` (one line), `store` (many), `import` and `export` (files of lines), `find`.

mod error;
mod export;
mod file_name;
mod find;
mod folder;
mod import;
mod kind;
mod layout;
mod limits;
mod object;
mod search;
mod store;

pub use crate::{
    error::{Error, ItemError},
    export::{Export, Selection},
    find::{Find, Found, Operator},
    folder::Damaged,
    import::{Failure, FailureReason, ImportOptions, Imported, ReplacedReference, Report, Retry},
    kind::{can_be_created, last_version},
    limits::{IMPORT_BYTES, IMPORT_OBJECTS},
    object::{Key, LineError, Reference, SavedObject},
    store::{NewObject, Store, Update},
};
