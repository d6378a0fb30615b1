//! Saved searches: a view kept as the saved object `search` that OpenSearch Dashboards keeps, and a view made of one.
//!
//! What a search holds beyond a view (filters of other kinds, keys of plugins) stays in the object and is left out of the
//! view. The time range is not saved, as there.

use ekk_saved_objects::{Key, NewObject, Reference, SavedObject, Store};
use serde_json::{Map, Value, json};

use crate::{
    filter::{Condition, Filter},
    index_pattern::{IndexPattern, Patterns},
    limits::LIST_ENTRIES,
    view::{Language, Sort, View},
};

const INDEX: &str = "kibanaSavedObjectMeta.searchSourceJSON.index";

/// A search that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SavedSearch {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) view: View,
}

/// The searches of a store by title, as views with the time, zone and theme of `now`.
pub(crate) fn all(objects: &Store, patterns: &Patterns, now: &View) -> Vec<SavedSearch> {
    let mut searches: Vec<SavedSearch> =
        objects.all("search").iter().filter_map(|object| read(objects, patterns, object, now)).collect();
    searches.sort_by_key(|search| search.title.to_lowercase());
    searches.truncate(LIST_ENTRIES);
    searches
}

/// Nothing when the search is on a pattern that cannot be shown.
fn read(objects: &Store, patterns: &Patterns, object: &SavedObject, now: &View) -> Option<SavedSearch> {
    let source = object.attributes().get("kibanaSavedObjectMeta")?.get("searchSourceJSON")?.as_str()?;
    let source: Value = serde_json::from_str(source).ok()?;
    let title = pattern_title(objects, object, &source)?;
    let (index, _) = patterns.iter().enumerate().find(|(_, pattern)| pattern.title == title)?;
    let mut view = View { pattern: (index > 0).then_some(title), ..View::default() };
    (view.range, view.zone, view.frame.theme) = (now.range.clone(), now.zone.clone(), now.frame.theme);
    if let Some(query) = source.get("query") {
        query.get("query").and_then(Value::as_str).unwrap_or_default().trim().clone_into(&mut view.query);
        if query.get("language").and_then(Value::as_str) == Some("lucene") {
            view.language = Language::Lucene;
        }
    }
    for filter in source.get("filter").and_then(Value::as_array).into_iter().flatten().filter_map(filter) {
        view.add_filter(filter);
    }
    let columns = object.attributes().get("columns").and_then(Value::as_array)?;
    let columns = columns.iter().filter_map(Value::as_str).filter(|column| *column != "_source");
    view.columns = Some(columns.take(LIST_ENTRIES).map(str::to_owned).collect());
    view.sort = object.attributes().get("sort").and_then(sort);
    // Columns and order that are there anyway are not written into the address.
    let pattern = patterns.get(view.pattern.as_deref());
    view.columns = view.columns.filter(|columns| *columns != pattern.columns);
    view.sort = view.sort.filter(|sort| sort.field != pattern.time_field || sort.ascending);
    Some(SavedSearch { id: object.key().id.clone(), title: object.title()?.to_owned(), view })
}

/// The title of the index pattern that a search is on.
fn pattern_title(objects: &Store, object: &SavedObject, source: &Value) -> Option<String> {
    let name = source.get("indexRefName").and_then(Value::as_str).unwrap_or(INDEX);
    let reference = object.references().iter().find(|reference| reference.name == name)?;
    objects.get(&reference.key())?.title().map(str::to_owned)
}

/// The first order of a saved one: `[["asctime", "desc"]]`, or `["asctime", "desc"]` before 7.4.
fn sort(saved: &Value) -> Option<Sort> {
    let first = saved.get(0)?;
    let pair = if first.is_array() { first } else { saved };
    let (field, order) = (pair.get(0)?.as_str()?, pair.get(1)?.as_str()?);
    Some(Sort { field: field.to_owned(), ascending: order == "asc" })
}

/// A filter of one of the kinds that a pill can show.
fn filter(saved: &Value) -> Option<Filter> {
    let meta = saved.get("meta")?;
    let field = meta.get("key")?.as_str()?;
    let flag = |name: &str| meta.get(name).and_then(Value::as_bool).unwrap_or(false);
    let params = meta.get("params").unwrap_or(&Value::Null);
    let condition = match meta.get("type")?.as_str()? {
        "phrase" => Condition::Is(text(params.get("query").unwrap_or(params))?),
        "phrases" => Condition::OneOf(params.as_array()?.iter().filter_map(text).collect()),
        "range" => {
            let end = |names: [&str; 2]| names.iter().find_map(|name| params.get(name)).and_then(text);
            Condition::Between(end(["gte", "gt"]).unwrap_or_default(), end(["lt", "lte"]).unwrap_or_default())
        }
        "exists" => Condition::Exists,
        _ => return None,
    };
    let pinned = saved.pointer("/$state/store").and_then(Value::as_str) == Some("globalState");
    Some(Filter { negated: flag("negate"), disabled: flag("disabled"), pinned, ..Filter::new(field, condition) })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// The object that keeps a view; nothing when its pattern is no saved object.
pub(crate) fn object(objects: &Store, view: &View, pattern: &IndexPattern, title: &str) -> Option<NewObject> {
    let on = objects.all("index-pattern").into_iter().find(|object| object.title() == Some(pattern.title.as_str()))?;
    let mut references = vec![reference(INDEX, on.key())];
    let mut filters = Vec::new();
    for (index, filter) in view.filters.iter().enumerate() {
        let name = format!("kibanaSavedObjectMeta.searchSourceJSON.filter[{index}].meta.index");
        filters.push(saved_filter(filter, &name));
        references.push(reference(&name, on.key()));
    }
    let language = match view.language {
        Language::Dql => "kuery",
        Language::Lucene => "lucene",
    };
    let source = json!({
        "highlightAll": true, "version": true, "query": {"query": view.query, "language": language},
        "filter": filters, "indexRefName": INDEX,
    });
    let newest = || Sort { field: pattern.time_field.clone(), ascending: false };
    let sort = view.sort.clone().unwrap_or_else(newest);
    let attributes = json!({
        "title": title, "description": "", "hits": 0, "version": 1,
        "columns": view.columns.as_ref().unwrap_or(&pattern.columns),
        "sort": [[sort.field, if sort.ascending { "asc" } else { "desc" }]],
        "kibanaSavedObjectMeta": {"searchSourceJSON": source.to_string()},
    });
    let Value::Object(attributes) = attributes else { return None };
    Some(NewObject { kind: "search".to_owned(), attributes, references, ..NewObject::default() })
}

fn reference(name: &str, to: &Key) -> Reference {
    Reference { name: name.to_owned(), kind: to.kind.clone(), id: to.id.clone() }
}

/// A filter as OpenSearch Dashboards saves it.
fn saved_filter(filter: &Filter, reference: &str) -> Value {
    let (kind, params) = match &filter.condition {
        Condition::Is(value) => ("phrase", json!({"query": value})),
        Condition::OneOf(values) => ("phrases", json!(values)),
        Condition::Between(from, to) => {
            let ends = [("gte", from), ("lt", to)].into_iter().filter(|(_, end)| !end.is_empty());
            ("range", Value::Object(ends.map(|(name, end)| (name.to_owned(), json!(end))).collect::<Map<_, _>>()))
        }
        Condition::Exists => ("exists", Value::Null),
    };
    let mut meta = json!({
        "alias": null, "disabled": filter.disabled, "negate": filter.negated, "type": kind, "key": filter.field,
        "indexRefName": reference,
    });
    if !params.is_null() {
        meta["params"] = params;
    }
    let mut saved = filter.clause();
    if kind != "range" && kind != "exists" {
        saved = json!({"query": saved});
    }
    saved["meta"] = meta;
    saved["$state"] = json!({"store": if filter.pinned { "globalState" } else { "appState" }});
    saved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> Store {
        let objects = Store::in_memory();
        objects.import_missing(include_str!("../../../fixtures/dashboards/logging-test.ndjson")).unwrap();
        objects
    }

    #[test]
    fn a_view_survives_being_saved_and_opened() {
        let objects = objects();
        let patterns = Patterns::of(&objects, None);
        let filters = ["is:name:a", "none:b:x,y", "in:took:1,", "pin.off.no:exc_info"];
        let view = View {
            query: "levelname:ERROR and took > 5".to_owned(),
            filters: filters.iter().map(|wire| Filter::parse(wire).unwrap()).collect(),
            columns: Some(vec!["message".to_owned()]),
            sort: Some(Sort { field: "name".to_owned(), ascending: true }),
            ..View::default()
        };
        let new = object(&objects, &view, patterns.get(None), "Errors").unwrap();
        objects.create(new, false, jiff::Timestamp::UNIX_EPOCH).unwrap();
        let searches = all(&objects, &patterns, &View::default());
        let titles: Vec<&str> = searches.iter().map(|search| search.title.as_str()).collect();
        assert_eq!(titles, ["Errors", "Records"]);
        assert_eq!(searches[0].view, view);
        assert_eq!(searches[1].view, View { language: Language::Lucene, ..View::default() });
    }

    #[test]
    fn what_is_saved_is_what_opensearch_dashboards_saves() {
        let objects = objects();
        let patterns = Patterns::of(&objects, None);
        let view = View { query: "a".to_owned(), filters: vec![Filter::is("name", "x")], ..View::default() };
        let new = object(&objects, &view, patterns.get(None), "T").unwrap();
        let source: Value =
            serde_json::from_str(new.attributes["kibanaSavedObjectMeta"]["searchSourceJSON"].as_str().unwrap())
                .unwrap();
        insta::assert_snapshot!(source, @r#"{"filter":[{"$state":{"store":"appState"},"meta":{"alias":null,"disabled":false,"indexRefName":"kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index","key":"name","negate":false,"params":{"query":"x"},"type":"phrase"},"query":{"match_phrase":{"name":"x"}}}],"highlightAll":true,"indexRefName":"kibanaSavedObjectMeta.searchSourceJSON.index","query":{"language":"kuery","query":"a"},"version":true}"#);
        assert_eq!(new.attributes["sort"], json!([["asctime", "desc"]]));
        assert_eq!(new.references.len(), 2);
    }

    #[test]
    fn searches_that_cannot_be_shown_are_left_out_and_stay() {
        let objects = objects();
        let search = |id: &str, source: &str, on: &str| {
            let source = serde_json::to_string(source).unwrap();
            format!(
                r#"{{"type":"search","id":"{id}","attributes":{{"title":"{id}","columns":["_source"],"sort":["asctime","asc"],"kibanaSavedObjectMeta":{{"searchSourceJSON":{source}}}}},"references":[{{"name":"{INDEX}","type":"index-pattern","id":"{on}"}}]}}"#
            )
        };
        let export = [
            search("gone", "{}", "no such pattern"),
            search("broken", "{", "logging-test"),
            search(
                "old",
                r#"{"filter":[{"meta":{"type":"custom","key":"x"}},{"meta":{"type":"range","key":"n","params":{"gt":1,"lte":5}}},7]}"#,
                "logging-test",
            ),
        ];
        objects.import_missing(&export.join("\n")).unwrap();
        let searches = all(&objects, &Patterns::of(&objects, None), &View::default());
        let old = searches.iter().find(|search| search.id == "old").unwrap();
        assert_eq!(searches.len(), 2);
        assert_eq!(old.view.href(), "/app/discover?f=in:n:1,5&sort=asctime:asc");
    }
}
