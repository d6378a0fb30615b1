//! The index patterns that Discover shows: saved objects of the type `index-pattern`, each with the columns of the first
//! saved search on it.
//!
//! A pattern without a time field is passed over, for Discover shows records by time.

use ekk_saved_objects::{SavedObject, Store};
use serde_json::Value;

use crate::limits::LISTED_PATTERNS;

/// Indices that are read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndexPattern {
    /// Index names and wildcards, joined by commas: `logging-test-*`.
    pub(crate) title: String,
    /// The date field that records are sorted and counted by: `asctime`.
    pub(crate) time_field: String,
    /// The fields that the table shows beside the time.
    pub(crate) columns: Vec<String>,
}

/// At least one, the default first; no title comes twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patterns {
    patterns: Vec<IndexPattern>,
}

impl Patterns {
    /// The patterns of a store in the order of their ids, behind the default. Without any, all indices by `@timestamp`.
    pub(crate) fn of(objects: &Store, default_id: Option<&str>) -> Self {
        let mut saved = objects.all("index-pattern");
        saved.sort_by_key(|object| Some(object.key().id.as_str()) != default_id);
        let searches = objects.all("search");
        let mut patterns: Vec<IndexPattern> = Vec::new();
        for object in saved {
            let Some(mut pattern) = read(&object) else { continue };
            if patterns.len() == LISTED_PATTERNS || patterns.iter().any(|present| present.title == pattern.title) {
                continue;
            }
            let on_it = searches.iter().find(|search| search.references().iter().any(|to| to.key() == *object.key()));
            pattern.columns = on_it.map(|search| columns(search)).unwrap_or_default();
            patterns.push(pattern);
        }
        if patterns.is_empty() {
            let (title, time_field) = ("*".to_owned(), "@timestamp".to_owned());
            patterns.push(IndexPattern { title, time_field, columns: Vec::new() });
        }
        Self { patterns }
    }

    /// The pattern with this title, or the first one.
    pub(crate) fn get(&self, title: Option<&str>) -> &IndexPattern {
        let named = title.and_then(|title| self.iter().find(|pattern| pattern.title == title));
        named.or(self.patterns.first()).expect("there is at least one pattern")
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &IndexPattern> {
        self.patterns.iter()
    }
}

fn read(object: &SavedObject) -> Option<IndexPattern> {
    let text = |name| object.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(IndexPattern { title: text("title")?, time_field: text("timeFieldName")?, columns: Vec::new() })
}

/// The columns of a saved search; `_source` stands for whole records.
fn columns(search: &SavedObject) -> Vec<String> {
    let columns = search.attributes().get("columns").and_then(Value::as_array).into_iter().flatten();
    columns.filter_map(Value::as_str).filter(|column| *column != "_source").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(ndjson: &str, default_id: Option<&str>) -> Patterns {
        let objects = Store::in_memory();
        objects.import_missing(ndjson).unwrap();
        Patterns::of(&objects, default_id)
    }

    #[test]
    fn the_fixture_names_the_pattern_its_time_field_and_columns() {
        let columns = ["levelname", "name", "message"].map(str::to_owned).to_vec();
        let pattern = IndexPattern { title: "logging-test-*".to_owned(), time_field: "asctime".to_owned(), columns };
        let fixture = include_str!("../../../fixtures/dashboards/logging-test.ndjson");
        assert_eq!(patterns(fixture, None), Patterns { patterns: vec![pattern] });
    }

    #[test]
    fn the_default_comes_first_and_what_discover_cannot_show_is_passed_over() {
        let pattern = |id: &str, attributes: &str| {
            format!(r#"{{"type":"index-pattern","id":"{id}","attributes":{{{attributes}}}}}"#)
        };
        let export = [
            pattern("a", r#""title":"a-*","timeFieldName":"t""#),
            pattern("b", r#""title":"b-*","timeFieldName":"t""#),
            pattern("c", r#""title":"a-*","timeFieldName":"other""#),
            pattern("d", r#""title":"d-*""#),
            pattern("e", r#""timeFieldName":"t""#),
            pattern("f", r#""title":7,"timeFieldName":"t""#),
        ]
        .join("\n");
        let titles = |patterns: &Patterns| patterns.iter().map(|pattern| pattern.title.clone()).collect::<Vec<_>>();
        assert_eq!(titles(&patterns(&export, Some("b"))), ["b-*", "a-*"]);
        assert_eq!(titles(&patterns(&export, Some("gone"))), ["a-*", "b-*"]);
        assert_eq!(titles(&patterns("", None)), ["*"]);
        assert_eq!(patterns(&export, None).get(Some("b-*")).title, "b-*");
        assert_eq!(patterns(&export, None).get(Some("no such")).title, "a-*");
    }
}
