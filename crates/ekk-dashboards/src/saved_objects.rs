//! Reads saved objects in the NDJSON form that OpenSearch Dashboards exports, as far as Discover uses them: index
//! patterns, and the columns of saved searches. Other types and keys are passed over.

use serde::Deserialize;
use serde_json::Value;

/// The index patterns of an export, each with the columns of the first saved search on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedObjects {
    /// In the order of the file.
    pub index_patterns: Vec<IndexPattern>,
}

/// Indices that are read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPattern {
    /// Index names and wildcards, joined by commas: `logging-test-*`.
    pub title: String,
    /// The date field that records are sorted and counted by: `asctime`.
    pub time_field: String,
    /// The fields that the table shows beside the time.
    pub columns: Vec<String>,
}

/// A line of an export cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("line {line} {problem}")]
pub struct SavedObjectsError {
    /// Counted from 1.
    pub line: usize,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("is not a saved object: {0}")]
    NotAnObject(#[from] serde_json::Error),
    #[error("is the index pattern “{0}” without a title")]
    NoTitle(String),
    #[error("is the index pattern “{0}” without a time field, which Discover needs")]
    NoTimeField(String),
    #[error(
        "is the {0} “{1}” of the later version {2}; the last known version is {3}, so export it from an older OpenSearch Dashboards"
    )]
    LaterVersion(String, String, String, &'static str),
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    #[serde(default)]
    attributes: Value,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default, rename = "migrationVersion")]
    migration_version: Value,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

impl SavedObjects {
    /// Reads an export, one JSON object a line; empty lines and the closing summary are passed over.
    ///
    /// # Errors
    /// Names the line that is not a saved object, or is an index pattern without a title or time field, or that has a
    /// `migrationVersion` later than OpenSearch Dashboards knows (Kibana 7.11 and later write those).
    pub fn parse(ndjson: &str) -> Result<Self, SavedObjectsError> {
        let mut objects = Self::default();
        let mut ids: Vec<String> = Vec::new();
        let mut searches: Vec<(String, Vec<String>)> = Vec::new();
        for (number, text) in ndjson.lines().enumerate() {
            let failed = |problem| SavedObjectsError { line: number + 1, problem };
            let text = text.trim_start_matches('\u{feff}').trim();
            if text.is_empty() || is_summary(text) {
                continue;
            }
            let line: Line = serde_json::from_str(text).map_err(|error| failed(error.into()))?;
            line.check_version().map_err(failed)?;
            match line.kind.as_str() {
                "index-pattern" => {
                    objects.index_patterns.push(line.index_pattern().map_err(failed)?);
                    ids.push(line.id);
                }
                "search" => searches.extend(line.search()),
                _ => {}
            }
        }
        for (pattern, id) in objects.index_patterns.iter_mut().zip(&ids) {
            if let Some((_, columns)) = searches.iter().find(|(on, _)| on == id) {
                pattern.columns.clone_from(columns);
            }
        }
        Ok(objects)
    }
}

fn is_summary(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|line| line.get("exportedCount").is_some())
}

impl Line {
    fn check_version(&self) -> Result<(), Problem> {
        let known = match self.kind.as_str() {
            "index-pattern" => "7.6.0",
            "search" => "7.9.3",
            _ => return Ok(()),
        };
        match self.migration_version.get(&self.kind).and_then(Value::as_str) {
            Some(version) if numbers(version) > numbers(known) => {
                Err(Problem::LaterVersion(self.kind.clone(), self.id.clone(), version.to_owned(), known))
            }
            _ => Ok(()),
        }
    }

    fn index_pattern(&self) -> Result<IndexPattern, Problem> {
        let text = |key| self.attributes.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        Ok(IndexPattern {
            title: text("title").ok_or_else(|| Problem::NoTitle(self.id.clone()))?.to_owned(),
            time_field: text("timeFieldName").ok_or_else(|| Problem::NoTimeField(self.id.clone()))?.to_owned(),
            columns: Vec::new(),
        })
    }

    /// The id of the index pattern that a saved search is on, and its columns.
    fn search(&self) -> Option<(String, Vec<String>)> {
        let on = self.references.iter().find(|reference| reference.kind == "index-pattern")?.id.clone();
        let columns = self.attributes.get("columns")?.as_array()?;
        let columns = columns.iter().filter_map(Value::as_str).filter(|column| *column != "_source");
        Some((on, columns.map(str::to_owned).collect()))
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|number| number.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixture_names_the_pattern_its_time_field_and_columns() {
        let fixture = include_str!("../../../fixtures/dashboards/logging-test.ndjson");
        let columns = ["levelname", "name", "message"].map(str::to_owned).to_vec();
        let pattern = IndexPattern { title: "logging-test-*".to_owned(), time_field: "asctime".to_owned(), columns };
        assert_eq!(SavedObjects::parse(fixture).unwrap(), SavedObjects { index_patterns: vec![pattern] });
    }

    #[test]
    fn other_types_and_the_summary_are_passed_over() {
        let export = "\u{feff}{\"type\":\"dashboard\",\"id\":\"d\",\"attributes\":{}}\n\n{\"exportedCount\":1}\r\n";
        assert_eq!(SavedObjects::parse(export).unwrap(), SavedObjects::default());
    }

    #[test]
    fn a_line_that_cannot_be_used_is_named() {
        for (export, message) in [
            ("\nnot json", "line 2 is not a saved object: expected ident at line 1 column 2"),
            (
                r#"{"type":"index-pattern","id":"x","attributes":{"timeFieldName":"t"}}"#,
                "line 1 is the index pattern “x” without a title",
            ),
            (
                r#"{"type":"index-pattern","id":"x","attributes":{"title":"t"}}"#,
                "line 1 is the index pattern “x” without a time field, which Discover needs",
            ),
            (
                r#"{"type":"index-pattern","id":"x","migrationVersion":{"index-pattern":"7.11.0"},"attributes":{}}"#,
                "line 1 is the index-pattern “x” of the later version 7.11.0; the last known version is 7.6.0, \
                 so export it from an older OpenSearch Dashboards",
            ),
        ] {
            assert_eq!(SavedObjects::parse(export).unwrap_err().to_string(), message, "{export}");
        }
    }
}
