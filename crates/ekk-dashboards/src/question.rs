//! What the query bar asks, as a clause of the search: in DQL, OpenSearch Dashboards' own language, or in Lucene's.
//!
//! DQL is read here, so a mistake is known before anything is sent. Lucene's syntax is read by the engine.

use ekk_dql::Field;
use serde_json::{Value, json};

use crate::view::{Language, View};

/// The clauses of a query; both are empty when nothing was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Question {
    pub(crate) must: Option<Value>,
    pub(crate) filter: Option<Value>,
}

/// A query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Misunderstood {
    pub(crate) message: String,
    /// Where, in characters of the query; nothing when it is about all of it.
    pub(crate) at: Option<usize>,
}

impl Question {
    /// Reads the view's query. Dates without an offset are in its zone.
    pub(crate) fn of(view: &View, fields: &[Field], zone: Option<&str>) -> Result<Self, Misunderstood> {
        let zone = zone.filter(|name| *name != "UTC");
        match view.language {
            _ if view.query.is_empty() => Ok(Self::default()),
            Language::Lucene => {
                let mut query = json!({"query": view.query, "analyze_wildcard": true});
                if let Some(name) = zone {
                    query["time_zone"] = json!(name);
                }
                Ok(Self { must: Some(json!({"query_string": query})), filter: None })
            }
            Language::Dql => {
                let expression = ekk_dql::parse(&view.query).map_err(|error| {
                    let before = view.query.get(..error.at).unwrap_or_default();
                    Misunderstood { message: error.message, at: Some(before.chars().count()) }
                })?;
                let query = ekk_dql::to_query(&expression, fields, zone)
                    .map_err(|error| Misunderstood { message: error.to_string(), at: None })?;
                Ok(Self { must: None, filter: Some(query) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_clause_and_a_mistake_in_dql_is_known_at_once() {
        let question = |query: &str, language| {
            let view = View { query: query.to_owned(), language, ..View::default() };
            Question::of(&view, &[], Some("Europe/Berlin"))
        };
        assert_eq!(question("", Language::Dql), Ok(Question::default()));
        insta::assert_snapshot!(question("a", Language::Lucene).unwrap().must.unwrap(), @r#"{"query_string":{"analyze_wildcard":true,"query":"a","time_zone":"Europe/Berlin"}}"#);
        insta::assert_snapshot!(question("a:b", Language::Dql).unwrap().filter.unwrap(), @r#"{"bool":{"minimum_should_match":1,"should":[{"match":{"a":"b"}}]}}"#);
        let mistake = question("ü:(b", Language::Dql).unwrap_err();
        assert_eq!(mistake.at, Some(4));
    }
}
