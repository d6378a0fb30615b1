//! What a test finds in its indices, in a form that a snapshot can hold: in the order of arrival, without what changes from
//! run to run.

use std::{collections::BTreeSet, fmt};

use ekk_clock::Pace;
use serde::{Serialize, Serializer, ser::SerializeSeq as _};
use serde_json::{Value, json};

use super::{Ekk, HarnessError};

/// Documents that one call fetches.
const DOCUMENTS: u64 = 10_000;

/// The documents of some indices in the order of their arrival.
///
/// As JSON and as text they are without ids, with `[time]` for fields that are dates in the mapping, and with `[uuid]` for
/// texts that are UUIDs. The end of an index's name that shows the day is `[date]`, unless the stack's clock stands.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// All of them, as they are.
    pub documents: Vec<Document>,
    /// Paths of fields that are dates.
    dates: BTreeSet<String>,
    /// Whether names of indices are the same in every run.
    stands: bool,
}

/// One document of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The index, with its rotation suffix.
    pub index: String,
    /// The `_id`.
    pub id: String,
    /// What was indexed.
    pub source: Value,
}

impl Ekk {
    /// The documents of the indices that `index` names, such as `app-*`, in the order of their arrival. What is buffered is
    /// delivered first.
    ///
    /// # Errors
    /// [`HarnessError::Missing`] as [`Ekk::settle`], [`HarnessError::Refused`] with OpenSearch's own answer,
    /// [`HarnessError::Asked`] when there are more than 10,000: search for those that you want.
    pub async fn delivered(&self, index: &str) -> Result<Delivered, HarnessError> {
        self.settle().await?;
        let body = json!({ "size": DOCUMENTS, "track_total_hits": true, "query": { "match_all": {} } });
        let found = self.search(index, &body).await?;
        let total = found.pointer("/hits/total/value").and_then(Value::as_u64).unwrap_or_default();
        if total > DOCUMENTS {
            return Err(HarnessError::Asked(format!(
                "{index} has {total} documents, more than {DOCUMENTS}: search for those that you want"
            )));
        }
        let mapping = self.mapping(index).await?;
        let mut dates = BTreeSet::new();
        for index in mapping.as_object().into_iter().flatten().map(|(_, index)| index) {
            collect_dates(&index["mappings"]["properties"], "", &mut dates);
        }
        let hits = found.pointer("/hits/hits").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut documents: Vec<Document> = hits.into_iter().map(Document::of_hit).collect();
        documents.sort_by_cached_key(Document::order);
        Ok(Delivered { documents, dates, stands: matches!(self.clock().pace(), Pace::Frozen { .. }) })
    }
}

impl Document {
    fn of_hit(mut hit: Value) -> Self {
        let text = |hit: &Value, name: &str| hit[name].as_str().unwrap_or_default().to_owned();
        Self { index: text(&hit, "_index"), id: text(&hit, "_id"), source: hit["_source"].take() }
    }

    /// By sequence number and piece, where the id has the form of Firehose's; else by what is in it.
    fn order(&self) -> (String, u64, String) {
        let parts = self.id.split_once('.').filter(|(number, _)| number.len() == 56);
        match parts.and_then(|(number, piece)| Some((number, piece.parse().ok()?))) {
            Some((number, piece)) => (number.to_owned(), piece, String::new()),
            None => (String::new(), 0, self.source.to_string()),
        }
    }
}

fn collect_dates(properties: &Value, path: &str, dates: &mut BTreeSet<String>) {
    for (name, field) in properties.as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if field["type"] == "date" {
            dates.insert(path.clone());
        }
        collect_dates(&field["properties"], &path, dates);
    }
}

impl Delivered {
    fn redacted(&self, document: &Document) -> Value {
        let index = if self.stands { document.index.clone() } else { undated(&document.index) };
        json!({ "index": index, "source": self.redacted_value(&document.source, "") })
    }

    fn redacted_value(&self, value: &Value, path: &str) -> Value {
        match value {
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    (name.clone(), self.redacted_value(value, &path))
                };
                Value::Object(members.iter().map(member).collect())
            }
            Value::Array(items) => items.iter().map(|item| self.redacted_value(item, path)).collect(),
            Value::Null => Value::Null,
            _ if self.dates.contains(path) => "[time]".into(),
            Value::String(text) if is_uuid(text) => "[uuid]".into(),
            other => other.clone(),
        }
    }
}

/// The name of an index with `[date]` for the suffix of its rotation.
fn undated(index: &str) -> String {
    let mut parts: Vec<&str> = index.split('-').collect();
    let is_part = |part: &&str| {
        let digits = part.strip_prefix('w').unwrap_or(part);
        (digits.len() == 2 || digits.len() == 4) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut cut = false;
    while parts.len() > 1 && parts.last().is_some_and(is_part) {
        parts.pop();
        cut = true;
    }
    if cut { format!("{}-[date]", parts.join("-")) } else { index.to_owned() }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

impl Serialize for Delivered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.documents.len()))?;
        for document in &self.documents {
            items.serialize_element(&self.redacted(document))?;
        }
        items.end()
    }
}

/// A line of JSON for each document.
impl fmt::Display for Delivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, document) in self.documents.iter().enumerate() {
            let redacted = self.redacted(document);
            let separator = if index == 0 { "" } else { "\n" };
            let name = redacted["index"].as_str().unwrap_or_default();
            write!(formatter, "{separator}{name} {}", redacted["source"])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_from_run_to_run_is_not_shown() {
        let document = Document {
            index: "app-2026-11-23-09".to_owned(),
            id: "1".to_owned(),
            source: json!({
                "at": "2026-11-23T09:00:00Z", "user": { "seen": [1, 2], "id": 7 },
                "request": "8f14e45f-ceea-467f-a9b2-3c6f1a5d7e10",
            }),
        };
        let dates = BTreeSet::from(["at".to_owned(), "user.seen".to_owned()]);
        let mut delivered = Delivered { documents: vec![document], dates, stands: false };
        assert_eq!(
            delivered.to_string(),
            r#"app-[date] {"at":"[time]","request":"[uuid]","user":{"id":7,"seen":["[time]","[time]"]}}"#
        );
        delivered.stands = true;
        assert!(delivered.to_string().starts_with("app-2026-11-23-09 "));
        assert_eq!(serde_json::to_value(&delivered).unwrap()[0]["source"]["user"]["id"], 7);
    }

    #[test]
    fn suffixes_of_rotation_are_known() {
        for (index, expected) in [
            ("app", "app"),
            ("my-app-v2", "my-app-v2"),
            ("app-2026-11", "app-[date]"),
            ("app-2026-w48", "app-[date]"),
            ("app-2026-11-23-09", "app-[date]"),
        ] {
            assert_eq!(undated(index), expected);
        }
    }
}
