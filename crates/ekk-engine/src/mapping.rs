//! The mapping of an index: which fields its documents have, of which type, and what an unknown field becomes.
//!
//! Reading and writing the JSON form, merging and dynamic mapping are the submodules'; parsing documents by a mapping is
//! `document`'s.
//!
//! Source: <https://docs.opensearch.org/latest/mappings/>

pub mod date_format;
pub mod dynamic;
pub mod field_type;
mod merge;
mod object;
mod parse;
mod print;
mod spec;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

pub use self::{
    date_format::DateFormat,
    field_type::{FieldType, Normalizer},
};
pub(crate) use self::{
    dynamic::{DynamicTemplate, MappingUpdate, Sample},
    object::{Dynamic, Leaf, Node, Object},
    parse::java_text,
    spec::{LeafSpec, ObjectSpec, Spec},
};
use crate::{analysis::Analyzer, error::MappingError, settings::MappingLimits};

/// The number of a leaf field in its index. It is given once, in order, and never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u32);

/// A leaf of a mapping: a field that holds values, or one of its multi-fields (`message.keyword`).
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "these are the mapping's own flags, as OpenSearch names them")]
pub struct Field {
    /// The field's number.
    pub id: FieldId,
    /// The full dotted path.
    pub path: Arc<str>,
    /// The type and what belongs to it.
    pub kind: FieldType,
    /// The type as the mapping shows it; it differs from the kind's name for `wildcard` and `match_only_text`.
    pub type_name: &'static str,
    /// Whether queries may use it (`index`).
    pub index: bool,
    /// Whether it has a column to sort and aggregate on (`doc_values`); always false for text.
    pub doc_values: bool,
    /// Whether a value that does not parse is left out instead of refusing the document.
    pub ignore_malformed: bool,
    /// Whether strings and fractions are taken for whole numbers (`coerce`).
    pub coerce: bool,
    /// What an explicit `null` is indexed as.
    pub null_value: Option<Value>,
    /// Fields that get this field's values too.
    pub copy_to: Vec<Box<str>>,
    /// The field that this one is a multi-field of.
    pub parent: Option<FieldId>,
    /// The parameters that the mapping shows, without `type`, `fields` and defaults.
    pub(crate) params: BTreeMap<&'static str, Value>,
}

impl Field {
    /// The analyzer of a text field's values.
    pub fn analyzer(&self) -> Option<Analyzer> {
        match self.kind {
            FieldType::Text { analyzer, .. } => Some(analyzer),
            _ => None,
        }
    }

    /// Whether segments have a column of it. Only keywords can go without; a text never has one.
    pub fn has_column(&self) -> bool {
        match self.kind {
            FieldType::Text { .. } | FieldType::Binary => false,
            FieldType::Keyword { .. } => self.doc_values,
            _ => true,
        }
    }

    /// The name of the field in every segment's tantivy schema.
    pub fn column(&self) -> String {
        format!("f{}", self.id.0)
    }
}

/// The fields of an index and the rules for new ones. Cheap to share, replaced as a whole when it grows.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(crate) root: Object,
    /// By [`FieldId`].
    pub(crate) fields: Vec<Arc<Field>>,
    pub(crate) paths: BTreeMap<Arc<str>, FieldId>,
    /// Paths of `alias` fields and where they lead.
    pub(crate) aliases: BTreeMap<Arc<str>, Arc<str>>,
    pub(crate) rules: Rules,
}

/// The mapping's root parameters.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rules {
    pub(crate) date_detection: Option<bool>,
    pub(crate) numeric_detection: Option<bool>,
    /// The formats tried on strings; `None` stands for OpenSearch's three defaults.
    pub(crate) dynamic_date_formats: Option<Vec<DateFormat>>,
    pub(crate) templates: Option<Vec<DynamicTemplate>>,
    /// Root parameters that are kept and shown only: `_meta`, `_source`, `_routing`.
    pub(crate) kept: BTreeMap<Box<str>, Value>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            root: Object::root(),
            fields: Vec::new(),
            paths: BTreeMap::new(),
            aliases: BTreeMap::new(),
            rules: Rules::default(),
        }
    }
}

impl Mapping {
    /// Reads a mapping as `PUT /index` takes it under `mappings`; `null` is an empty one.
    ///
    /// # Errors
    /// `mapper_parsing_exception` or `illegal_argument_exception` (400), worded as OpenSearch words it.
    pub fn from_json(json: &Value, limits: &MappingLimits) -> Result<Self, MappingError> {
        let mut mapping = Self::default();
        mapping.merge(json, limits).map_err(|error| parse::creation_failure(error.0))?;
        Ok(mapping)
    }

    /// Adds what `json` says, as `PUT /index/_mapping` does. Nothing is changed when it fails.
    ///
    /// # Errors
    /// `mapper_parsing_exception` (400) when `json` is no mapping, `illegal_argument_exception` (400) when it contradicts
    /// a field that exists or exceeds a limit of `limits`.
    pub fn merge(&mut self, json: &Value, limits: &MappingLimits) -> Result<(), MappingError> {
        let update = parse::parse_mapping(json)?;
        let mut merged = self.clone();
        merge::merge_parsed(&mut merged, update)?;
        limits.check(&merged)?;
        *self = merged;
        Ok(())
    }

    /// The mapping as `GET /index/_mapping` shows it.
    pub fn to_json(&self) -> Value {
        print::mapping_to_json(self)
    }

    /// The JSON of one field as `GET /index/_mapping/field/x` shows it, for example `{"type": "long"}`.
    pub fn field_to_json(&self, path: &str) -> Option<Value> {
        print::field_to_json(self, path)
    }

    /// The leaf at a full path, multi-fields (`message.keyword`) and aliases included.
    pub fn field(&self, path: &str) -> Option<&Field> {
        let path = self.aliases.get(path).map_or(path, |target| target);
        let id = self.paths.get(path)?;
        self.fields.get(id.0 as usize).map(AsRef::as_ref)
    }

    /// All leaves, multi-fields included, in order of their paths.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.paths.values().filter_map(|id| self.fields.get(id.0 as usize)).map(AsRef::as_ref)
    }

    /// All leaves that a path or a pattern with `*` names, in order of their paths.
    pub fn matching<'a>(&'a self, pattern: &'a str) -> impl Iterator<Item = &'a Field> + 'a {
        self.fields().filter(move |field| dynamic::simple_match(pattern, &field.path))
    }

    /// Whether `path` is an object (it has leaves below it, or may get some).
    pub fn is_object(&self, path: &str) -> bool {
        self.root.object_at(path).is_some()
    }

    /// Whether `path` is an object of type `nested`.
    ///
    /// Differs from OpenSearch: nested objects are indexed flat, as plain objects are.
    pub fn is_nested(&self, path: &str) -> bool {
        self.root.object_at(path).is_some_and(|object| object.nested)
    }

    /// Paths of all objects, in order, without the root.
    pub fn objects(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        self.root.collect_paths(&mut paths);
        paths
    }

    /// The paths of all leaves by number, for [`Mapping::with_field_paths`].
    pub(crate) fn field_paths(&self) -> Vec<&str> {
        self.fields.iter().map(|field| field.path.as_ref()).collect()
    }

    /// The same mapping with its leaves numbered as in `paths`, which names them all.
    pub(crate) fn with_field_paths(&self, paths: &[String]) -> Option<Self> {
        merge::renumbered(self, paths)
    }

    /// Alias fields: path and the path they stand for.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases.iter().map(|(path, target)| (path.as_ref(), target.as_ref()))
    }

    /// How many leaves were ever added; two mappings of one index with the same number have the same segment schema.
    pub fn generation(&self) -> u32 {
        u32::try_from(self.fields.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
