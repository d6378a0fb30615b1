//! The settings of an index: flat `index.…` keys with string values, checked against the ones that OpenSearch knows.
//!
//! Settings that mean nothing to a single process (allocation, replicas, codecs) are kept and shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{error::Exception, limits, mapping::Mapping};

/// The settings of one index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// Keys start with `index.`; values are strings, or arrays of strings.
    values: BTreeMap<String, Value>,
}
