//! All indices of a stack, and the named documents that go with them (templates, cluster settings).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, RwLock},
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{error::Error, index::Index};

/// What a new index starts with, as `PUT /index` takes it, templates already applied.
#[derive(Debug, Clone, Default)]
pub struct IndexConfig {
    /// `settings`, nested or flat, with or without the `index.` prefix; `null` for none.
    pub settings: Value,
    /// `mappings`; `null` for none.
    pub mappings: Value,
    /// `aliases`: names to their properties.
    pub aliases: Map<String, Value>,
}
