//! Finds objects by type, words, references and pages, as `_find` does.
//!
//! Source: <https://docs.opensearch.org/latest/dashboards/management/multi-data-sources/> and the API's own routes.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{Error, Key, SavedObject, Store, search};

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Find {
    /// Types, at least one.
    pub kinds: Vec<String>,
    /// Words as `simple_query_string` takes them: `log* -test "two words"`.
    pub search: Option<String>,
    /// The attributes that are searched, all texts when empty; a boost (`title^3`) is passed over.
    pub search_fields: Vec<String>,
    /// What holds between words.
    pub operator: Operator,
    /// Only objects that refer to this one.
    pub has_reference: Option<Key>,
    /// The attribute or member that they are sorted by, rising; by type and id when absent.
    pub sort_field: Option<String>,
    /// The attributes that are answered, all when empty.
    pub fields: Vec<String>,
    /// Counted from 1; 0 is taken for 1.
    pub page: usize,
    /// Objects a page.
    pub per_page: usize,
}

/// What holds between the words of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// Any of them.
    #[default]
    Or,
    /// All of them.
    And,
}

/// One page of what was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Objects on all pages.
    pub total: usize,
    /// Those of this page, in the form of the API.
    pub objects: Vec<Map<String, Value>>,
}

impl Default for Find {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            search: None,
            search_fields: Vec::new(),
            operator: Operator::Or,
            has_reference: None,
            sort_field: None,
            fields: Vec::new(),
            page: 1,
            per_page: 20,
        }
    }
}

impl Store {
    /// Finds objects.
    ///
    /// # Errors
    /// - [`Error::BadSort`]: the objects have no such field, or several types are to be sorted by one's field.
    pub fn find(&self, find: &Find) -> Result<Found, Error> {
        let mut matching = self.matching(find);
        if let Some(field) = &find.sort_field {
            sort(&mut matching, field, &find.kinds)?;
        }
        let total = matching.len();
        let from = find.per_page.saturating_mul(find.page.max(1) - 1);
        let page = matching.into_iter().skip(from).take(find.per_page);
        Ok(Found { total, objects: page.map(|object| with_fields(object.described(), &find.fields)).collect() })
    }

    pub(crate) fn matching(&self, find: &Find) -> Vec<Arc<SavedObject>> {
        let mut kinds = find.kinds.clone();
        kinds.sort();
        kinds.dedup();
        let words = find.search.as_deref().map(|text| search::Search::parse(text, find.operator));
        let matches = |object: &Arc<SavedObject>| {
            let refers = find
                .has_reference
                .as_ref()
                .is_none_or(|key| object.references().iter().any(|reference| reference.key() == *key));
            refers && words.as_ref().is_none_or(|words| words.matches(object, &find.search_fields))
        };
        kinds.iter().flat_map(|kind| self.all(kind)).filter(matches).collect()
    }
}

/// Members that objects of all types have, by which several types can be sorted.
const ROOT_FIELDS: [&str; 3] = ["type", "updated_at", "originId"];

fn sort(objects: &mut [Arc<SavedObject>], field: &str, kinds: &[String]) -> Result<(), Error> {
    if field == "_id" || field == "_score" {
        objects.sort_by(|one, other| one.key().id.cmp(&other.key().id));
        return Ok(());
    }
    let of_root = ROOT_FIELDS.contains(&field);
    if kinds.len() > 1 && !of_root {
        let message = format!("Unable to sort multiple types by field {field}, not a root property");
        return Err(Error::BadSort(message));
    }
    let value = |object: &SavedObject| {
        let found = if of_root { object.document().get(field) } else { at(object.attributes(), field) };
        found.cloned()
    };
    if !of_root && !objects.is_empty() && objects.iter().all(|object| value(object).is_none()) {
        return Err(Error::BadSort(format!("Unknown sort field {field}")));
    }
    objects.sort_by_cached_key(|object| value(object).map_or((1, String::new()), |found| (0, sort_text(&found))));
    Ok(())
}

/// A text whose order is the value's: numbers are filled up.
fn sort_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => format!("{:020.6}", number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

/// The value at a path of names between dots.
fn at<'a>(attributes: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut names = path.split('.');
    let first = attributes.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

/// The same object with these attributes only.
pub(crate) fn with_fields(mut object: Map<String, Value>, fields: &[String]) -> Map<String, Value> {
    if fields.is_empty() {
        return object;
    }
    let Some(Value::Object(all)) = object.remove("attributes") else { return object };
    let mut kept = Map::new();
    for field in fields {
        if let Some(value) = at(&all, field) {
            insert(&mut kept, field, value.clone());
        }
    }
    object.insert("attributes".to_owned(), Value::Object(kept));
    object
}

fn insert(into: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            into.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = into.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
