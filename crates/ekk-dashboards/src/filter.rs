//! A filter pill: one condition beside the query, that a click adds, inverts, disables and removes.
//!
//! In the URL it is `is:FIELD:VALUE`, `not:FIELD:VALUE`, `has:FIELD` or `no:FIELD`, with `off.` before it while it is
//! disabled; a colon or backslash in the field's name has a backslash before it. To the engine it is the same clause
//! that OpenSearch Dashboards sends for its phrase and exists filters.

use serde_json::{Value, json};

/// One condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) field: String,
    pub(crate) condition: Condition,
    pub(crate) negated: bool,
    pub(crate) disabled: bool,
}

/// What a filter asks of its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Holds this value, as a phrase.
    Is(String),
    /// Holds any value.
    Exists,
}

impl Filter {
    pub(crate) fn is(field: &str, value: &str) -> Self {
        let condition = Condition::Is(value.to_owned());
        Self { field: field.to_owned(), condition, negated: false, disabled: false }
    }

    pub(crate) fn exists(field: &str) -> Self {
        Self { field: field.to_owned(), condition: Condition::Exists, negated: false, disabled: false }
    }

    pub(crate) fn inverted(&self) -> Self {
        Self { negated: !self.negated, ..self.clone() }
    }

    pub(crate) fn switched(&self) -> Self {
        Self { disabled: !self.disabled, ..self.clone() }
    }

    /// Reads the form it has in a URL; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (text, disabled) = text.strip_prefix("off.").map_or((text, false), |rest| (rest, true));
        let (kind, rest) = text.split_once(':')?;
        let (field, value) = split_field(rest);
        let (condition, negated) = match (kind, value) {
            ("is", Some(value)) => (Condition::Is(value.to_owned()), false),
            ("not", Some(value)) => (Condition::Is(value.to_owned()), true),
            ("has", None) => (Condition::Exists, false),
            ("no", None) => (Condition::Exists, true),
            _ => return None,
        };
        (!field.is_empty()).then_some(Self { field, condition, negated, disabled })
    }

    /// The form that [`Filter::parse`] reads.
    pub(crate) fn wire(&self) -> String {
        let kind = match (&self.condition, self.negated) {
            (Condition::Is(_), false) => "is",
            (Condition::Is(_), true) => "not",
            (Condition::Exists, false) => "has",
            (Condition::Exists, true) => "no",
        };
        let off = if self.disabled { "off." } else { "" };
        let field = self.field.replace('\\', "\\\\").replace(':', "\\:");
        match &self.condition {
            Condition::Is(value) => format!("{off}{kind}:{field}:{value}"),
            Condition::Exists => format!("{off}{kind}:{field}"),
        }
    }

    /// The clause for the engine, without regard to [`Filter::negated`].
    pub(crate) fn clause(&self) -> Value {
        match &self.condition {
            Condition::Is(value) => json!({"match_phrase": {&self.field: value}}),
            Condition::Exists => json!({"exists": {"field": self.field}}),
        }
    }

    /// Whether both ask the same of the same field, be they negated, disabled or not.
    pub(crate) fn same_condition(&self, other: &Self) -> bool {
        self.field == other.field && self.condition == other.condition
    }
}

/// The field's name without its backslashes, and what follows the first colon that has none.
fn split_field(text: &str) -> (String, Option<&str>) {
    let mut field = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' => return (field, Some(characters.as_str())),
            '\\' => field.extend(characters.next()),
            other => field.push(other),
        }
    }
    (field, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_url() {
        for field in ["levelname.keyword", "a:b", "a\\b", "a\\:", "off.x", "ü"] {
            for value in ["ERROR", "", ":", "a:b:c", "<script>", "off.is:x:y", "\\"] {
                for filter in [Filter::is(field, value), Filter::exists(field)] {
                    for filter in [filter.clone(), filter.inverted(), filter.switched(), filter.inverted().switched()] {
                        assert_eq!(Filter::parse(&filter.wire()), Some(filter.clone()), "{}", filter.wire());
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_filter_is_not_read_as_one() {
        for text in ["", "is", "is:", "is:field", "is::value", "has:", "has:field:value", "between:a:b", "off."] {
            assert_eq!(Filter::parse(text), None, "{text}");
        }
    }

    #[test]
    fn clauses_are_those_of_opensearch_dashboards() {
        insta::assert_snapshot!(
            Filter::is("name.keyword", "app.db").clause(),
            @r#"{"match_phrase":{"name.keyword":"app.db"}}"#
        );
        insta::assert_snapshot!(Filter::exists("exc_info").clause(), @r#"{"exists":{"field":"exc_info"}}"#);
    }
}
