//! The words of a search over saved objects: the parts of OpenSearch's `simple_query_string` that people and programs
//! use, over the texts of an object.
//!
//! Words in any order, `"a phrase"`, `pre*`, `-without`, `+`, `|`. Brackets and `~` are taken for spaces.

use serde_json::Value;

use crate::{SavedObject, find::Operator, limits::SEARCH_WORDS};

#[derive(Debug)]
pub(crate) struct Search {
    clauses: Vec<Clause>,
    operator: Operator,
}

#[derive(Debug, PartialEq, Eq)]
struct Clause {
    words: Vec<String>,
    /// Whether the last word may go on.
    is_prefix: bool,
    negated: bool,
}

impl Search {
    pub(crate) fn parse(text: &str, operator: Operator) -> Self {
        let mut clauses = Vec::new();
        let mut operator = operator;
        let mut rest = text.trim_start();
        while !rest.is_empty() && clauses.len() < SEARCH_WORDS {
            let negated = rest.starts_with('-');
            rest = rest.trim_start_matches(['-', '+', '(', ')']);
            if let Some(after) = rest.strip_prefix('|') {
                operator = Operator::Or;
                rest = after.trim_start();
                continue;
            }
            let (piece, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => rest.split_at(rest.find([' ', '\t', '\n', '"', '|', '(', ')']).unwrap_or(rest.len())),
            };
            let words = words(piece);
            let is_prefix = piece.ends_with('*') && !rest.starts_with('"');
            if !words.is_empty() {
                clauses.push(Clause { words, is_prefix, negated });
            }
            rest = after.trim_start();
        }
        Self { clauses, operator }
    }

    /// Whether an object has what is looked for, in these attributes or, when there are none, in all.
    pub(crate) fn matches(&self, object: &SavedObject, fields: &[String]) -> bool {
        if self.clauses.is_empty() {
            return false;
        }
        let mut texts = Vec::new();
        if fields.is_empty() || fields.iter().any(|field| field == "*") {
            collect(&Value::Object(object.attributes().clone()), &mut texts);
        } else {
            for field in fields {
                let name = field.split('^').next().unwrap_or(field);
                if let Some(value) = object.attributes().get(name) {
                    collect(value, &mut texts);
                }
            }
        }
        let has = |clause: &Clause| texts.iter().any(|text| clause.is_in(text)) != clause.negated;
        match self.operator {
            Operator::And => self.clauses.iter().all(has),
            Operator::Or => self.clauses.iter().any(has),
        }
    }
}

impl Clause {
    fn is_in(&self, text: &[String]) -> bool {
        let last = self.words.len() - 1;
        text.windows(self.words.len()).any(|window| {
            let mut pairs = window.iter().zip(&self.words).enumerate();
            pairs.all(|(index, (found, asked))| {
                found == asked || index == last && self.is_prefix && found.starts_with(asked.as_str())
            })
        })
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The words of all texts within a value; JSON within a text is a text.
fn collect(value: &Value, texts: &mut Vec<Vec<String>>) {
    match value {
        Value::String(text) => texts.push(words(text)),
        Value::Number(number) => texts.push(words(&number.to_string())),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(members) => members.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_prefixes_and_negations_are_found() {
        let line = r#"{"type":"t","id":"a","attributes":{"title":"My-favorite Vis*","description":"of errors","n":{"x":["deep 42"]}}}"#;
        let object = SavedObject::parse(line).unwrap();
        for (text, operator, fields, expected) in [
            ("favorite", Operator::Or, "", true),
            ("FAVORITE nothing", Operator::Or, "", true),
            ("favorite nothing", Operator::And, "", false),
            ("favorite | nothing", Operator::And, "", true),
            ("fav", Operator::Or, "", false),
            ("fav*", Operator::Or, "", true),
            ("my-fav*", Operator::Or, "title", true),
            ("my-*", Operator::Or, "title^3", true),
            ("\"my favorite\"", Operator::Or, "title", true),
            ("\"favorite my\"", Operator::Or, "title", false),
            ("errors", Operator::Or, "title", false),
            ("errors", Operator::Or, "description", true),
            ("deep", Operator::Or, "", true),
            ("42", Operator::Or, "", true),
            ("favorite -errors", Operator::And, "", false),
            ("favorite -nothing", Operator::And, "", true),
            ("", Operator::Or, "", false),
            ("*", Operator::Or, "", false),
            ("\"open", Operator::Or, "", false),
        ] {
            let fields: Vec<String> = fields.split_terminator(',').map(str::to_owned).collect();
            assert_eq!(Search::parse(text, operator).matches(&object, &fields), expected, "{text} in {fields:?}");
        }
    }
}
