//! Fields as a mapping's JSON or a document's new values ask for them, before they are part of a mapping.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Dynamic, FieldType};

/// A leaf that is asked for. It has neither number nor path yet.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "these are the mapping's own flags, as OpenSearch names them")]
pub(crate) struct LeafSpec {
    pub(crate) kind: FieldType,
    /// The type as the mapping shows it; it differs from the kind's name for `wildcard` and `match_only_text`.
    pub(crate) type_name: &'static str,
    pub(crate) index: bool,
    pub(crate) doc_values: bool,
    pub(crate) ignore_malformed: bool,
    pub(crate) coerce: bool,
    pub(crate) null_value: Option<Value>,
    pub(crate) copy_to: Vec<Box<str>>,
    /// What the mapping shows, without `type` and `fields`.
    pub(crate) params: BTreeMap<&'static str, Value>,
    pub(crate) multi_fields: BTreeMap<Box<str>, LeafSpec>,
}

/// An object that is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObjectSpec {
    pub(crate) dynamic: Option<Dynamic>,
    pub(crate) enabled: Option<bool>,
    pub(crate) nested: bool,
    /// Whether the object says `nested` or `object` itself; one that a dotted name implies does not.
    pub(crate) explicit: bool,
    pub(crate) params: BTreeMap<&'static str, Value>,
    pub(crate) children: BTreeMap<Box<str>, Spec>,
}

/// A child that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Spec {
    Object(ObjectSpec),
    Leaf(Box<LeafSpec>),
    Alias(Arc<str>),
}

impl LeafSpec {
    /// A leaf of a type with the type's defaults.
    pub(crate) fn new(kind: FieldType) -> Self {
        let doc_values = !matches!(kind, FieldType::Text { .. } | FieldType::Binary);
        Self {
            type_name: kind.name(),
            index: !matches!(kind, FieldType::Binary),
            doc_values,
            ignore_malformed: false,
            coerce: true,
            null_value: None,
            copy_to: Vec::new(),
            params: BTreeMap::new(),
            multi_fields: BTreeMap::new(),
            kind,
        }
    }
}
