//! The fields of an index pattern, as `_field_caps` answers them, in the form a reader knows them.
//!
//! A `.keyword` beside a text is not a field of its own here: it is how that text's values are counted and matched.
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/field-caps/>

use std::collections::BTreeMap;

use serde::Deserialize;

/// The answer of `_field_caps`.
#[derive(Debug, Deserialize)]
pub(crate) struct FieldCaps {
    #[serde(default, deserialize_with = "one_or_many")]
    indices: Vec<String>,
    #[serde(default)]
    fields: BTreeMap<String, BTreeMap<String, Capability>>,
}

#[derive(Debug, Deserialize)]
struct Capability {
    #[serde(default)]
    searchable: bool,
    #[serde(default)]
    aggregatable: bool,
}

/// The fields of all indices that match a pattern, sorted by name.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) indices: usize,
    by_name: BTreeMap<String, Field>,
    /// All of them as they are, for queries.
    searched: Vec<ekk_dql::Field>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Whether a filter can find its values; those within nested objects need queries of their own.
    pub(crate) searchable: bool,
    /// The field that counts and sorts this one's values: itself, or its `.keyword`.
    pub(crate) aggregated_by: Option<String>,
}

/// What a field holds, by OpenSearch Dashboards' names for types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Number,
    Date,
    /// A date in nanoseconds; its sort values are not milliseconds.
    DateNanos,
    Boolean,
    Ip,
    Geo,
    Object,
    /// Different kinds in different indices.
    Conflict,
    Unknown,
}

impl Kind {
    fn of(wire: &str) -> Self {
        match wire {
            "text" | "match_only_text" | "keyword" | "constant_keyword" | "wildcard" | "flat_object" | "version" => {
                Self::String
            }
            "long" | "integer" | "short" | "byte" | "double" | "float" | "half_float" | "scaled_float"
            | "unsigned_long" => Self::Number,
            "date" => Self::Date,
            "date_nanos" => Self::DateNanos,
            "boolean" => Self::Boolean,
            "ip" => Self::Ip,
            "geo_point" | "geo_shape" => Self::Geo,
            "object" | "nested" => Self::Object,
            _ => Self::Unknown,
        }
    }

    /// The sign that stands for the kind in a list.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::String => "t",
            Self::Number => "#",
            Self::Date | Self::DateNanos => "d",
            Self::Boolean => "b",
            Self::Ip => "ip",
            Self::Geo => "g",
            Self::Object => "{}",
            Self::Conflict => "!",
            Self::Unknown => "?",
        }
    }

    /// The kind in a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Date | Self::DateNanos => "date",
            Self::Boolean => "boolean",
            Self::Ip => "ip address",
            Self::Geo => "geo",
            Self::Object => "object",
            Self::Conflict => "conflict of types between indices",
            Self::Unknown => "unknown type",
        }
    }
}

impl Fields {
    /// The fields in an answer, without meta fields and objects, each multi-field folded into its parent.
    pub(crate) fn of(caps: &FieldCaps) -> Self {
        let searched = searched(caps);
        let mut by_name: BTreeMap<String, Field> = caps
            .fields
            .iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, types)| (name.clone(), field(name, types)))
            .filter(|(_, field)| field.kind != Kind::Object)
            .collect();
        let nested: Vec<&String> =
            caps.fields.iter().filter(|(_, types)| types.contains_key("nested")).map(|(name, _)| name).collect();
        for field in by_name.values_mut() {
            if nested.iter().any(|outer| is_within(&field.name, outer)) {
                field.searchable = false;
                field.aggregated_by = None;
            }
        }
        for name in caps.fields.keys() {
            let Some((parent, _)) = name.rsplit_once('.') else { continue };
            if !by_name.contains_key(parent) {
                continue;
            }
            let counts = by_name.remove(name).and_then(|child| child.aggregated_by);
            if let Some(parent) = by_name.get_mut(parent)
                && parent.aggregated_by.is_none()
            {
                parent.aggregated_by = counts;
            }
        }
        Self { indices: caps.indices.len(), by_name, searched }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Field> {
        self.by_name.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.by_name.values()
    }

    /// All fields that a query can name, each multi-field by itself.
    pub(crate) fn searched(&self) -> &[ekk_dql::Field] {
        &self.searched
    }

    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// The field that holds the level of records and can be counted, if there is one.
    pub(crate) fn level(&self) -> Option<&Field> {
        crate::level::LEVEL_FIELDS
            .iter()
            .filter_map(|name| self.get(name))
            .find(|field| field.kind == Kind::String && field.aggregated_by.is_some())
    }
}

/// The fields as DQL knows them. Meta fields are left out: a query reaches `_id` and `_index` by their names, and the others
/// cannot be searched.
fn searched(caps: &FieldCaps) -> Vec<ekk_dql::Field> {
    let is_nested = |name: &str| caps.fields.get(name).is_some_and(|types| types.contains_key("nested"));
    caps.fields
        .iter()
        .filter(|(name, types)| !name.starts_with('_') && !types.keys().all(|wire| Kind::of(wire) == Kind::Object))
        .map(|(name, types)| {
            let all = |wanted: &[Kind]| types.keys().all(|wire| wanted.contains(&Kind::of(wire)));
            let kind = if all(&[Kind::Date, Kind::DateNanos]) {
                ekk_dql::Kind::Date
            } else if all(&[Kind::Number]) {
                ekk_dql::Kind::Number
            } else {
                ekk_dql::Kind::Other
            };
            let ends = name.rmatch_indices('.').map(|(end, _)| name.split_at(end).0);
            let nested = ends.into_iter().find(|outer| is_nested(outer)).map(str::to_owned);
            ekk_dql::Field { name: name.clone(), kind, nested }
        })
        .collect()
}

fn is_within(name: &str, outer: &str) -> bool {
    name.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

fn field(name: &str, types: &BTreeMap<String, Capability>) -> Field {
    let mut kinds = types.keys().map(|wire| Kind::of(wire));
    let first = kinds.next().unwrap_or(Kind::Unknown);
    let kind = if kinds.all(|kind| kind == first) { first } else { Kind::Conflict };
    let aggregatable =
        !matches!(kind, Kind::Geo | Kind::Unknown) && types.values().all(|capability| capability.aggregatable);
    Field {
        name: name.to_owned(),
        kind,
        searchable: types.values().any(|capability| capability.searchable),
        aggregated_by: aggregatable.then(|| name.to_owned()),
    }
}

/// `indices` is one text when a single index matches in some versions, a list in all others.
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Indices {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Indices::deserialize(deserializer)? {
        Indices::One(index) => vec![index],
        Indices::Many(indices) => indices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        Fields::of(&serde_json::from_str(json).unwrap())
    }

    const CAPS: &str = r#"{"indices":["a","b"],"fields":{
        "_id":{"_id":{"type":"_id","searchable":true,"aggregatable":true}},
        "asctime":{"date":{"type":"date","searchable":true,"aggregatable":true}},
        "levelname":{"text":{"type":"text","searchable":true,"aggregatable":false}},
        "levelname.keyword":{"keyword":{"type":"keyword","searchable":true,"aggregatable":true}},
        "http":{"object":{"type":"object","searchable":false,"aggregatable":false}},
        "http.status":{"long":{"type":"long","searchable":true,"aggregatable":true}},
        "took":{"long":{"type":"long","searchable":true,"aggregatable":true,"indices":["a"]},
                "text":{"type":"text","searchable":true,"aggregatable":false,"indices":["b"]}}}}"#;

    #[test]
    fn a_text_is_counted_by_its_keyword_which_is_not_listed() {
        let fields = fields(CAPS);
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["asctime", "http.status", "levelname", "took"]);
        assert_eq!(fields.get("levelname").unwrap().aggregated_by.as_deref(), Some("levelname.keyword"));
        assert_eq!(fields.level().unwrap().name, "levelname");
    }

    #[test]
    fn types_that_differ_between_indices_are_a_conflict_and_cannot_be_counted() {
        let fields = fields(CAPS);
        let took = fields.get("took").unwrap();
        assert_eq!((took.kind, took.aggregated_by.as_deref()), (Kind::Conflict, None));
    }

    #[test]
    fn places_and_fields_within_nested_objects_are_shown_but_not_counted() {
        let fields = fields(
            r#"{"indices":["a"],"fields":{
            "place":{"geo_point":{"type":"geo_point","searchable":true,"aggregatable":true}},
            "items":{"nested":{"type":"nested","searchable":false,"aggregatable":false}},
            "items.id":{"long":{"type":"long","searchable":true,"aggregatable":true}},
            "itemsets":{"long":{"type":"long","searchable":true,"aggregatable":true}}}}"#,
        );
        let shown: Vec<_> =
            fields.iter().map(|field| (field.name.as_str(), field.searchable, field.aggregated_by.is_some())).collect();
        assert_eq!(shown, [("items.id", false, false), ("itemsets", true, true), ("place", true, false)]);
        let nested: Vec<_> =
            fields.searched().iter().map(|field| (field.name.as_str(), field.nested.as_deref())).collect();
        assert_eq!(nested, [("items.id", Some("items")), ("itemsets", None), ("place", None)]);
    }

    #[test]
    fn no_index_has_no_fields() {
        let fields = fields(r#"{"indices":[],"fields":{}}"#);
        assert_eq!((fields.indices, fields.len()), (0, 0));
    }
}
