//! A filter pill: one condition beside the query, that a click adds, inverts, disables, pins and removes.
//!
//! In the URL it is its kind, its field and what it asks, between colons: `is:FIELD:VALUE`, `one:FIELD:VALUE,VALUE`,
//! `in:FIELD:FROM,TO`, `has:FIELD`; negated `not:`, `none:`, `out:` and `no:`. `off.` stands before it while it is disabled,
//! `pin.` before that while it is pinned. What would be taken for a sign has a backslash before it. To the engine it is the
//! same clause that OpenSearch Dashboards sends for its phrase, phrases, range and exists filters.

use serde_json::{Map, Value, json};

use crate::limits::LIST_ENTRIES;

/// One condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) field: String,
    pub(crate) condition: Condition,
    pub(crate) negated: bool,
    pub(crate) disabled: bool,
    /// Whether it stays when another index pattern is chosen.
    pub(crate) pinned: bool,
}

/// What a filter asks of its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Holds this value, as a phrase.
    Is(String),
    /// Holds any of these values, each as a phrase.
    OneOf(Vec<String>),
    /// From the first, up to and without the second; an end that is empty is open.
    Between(String, String),
    /// Holds any value.
    Exists,
}

impl Filter {
    pub(crate) fn new(field: &str, condition: Condition) -> Self {
        Self { field: field.to_owned(), condition, negated: false, disabled: false, pinned: false }
    }

    pub(crate) fn is(field: &str, value: &str) -> Self {
        Self::new(field, Condition::Is(value.to_owned()))
    }

    pub(crate) fn exists(field: &str) -> Self {
        Self::new(field, Condition::Exists)
    }

    pub(crate) fn inverted(&self) -> Self {
        Self { negated: !self.negated, ..self.clone() }
    }

    pub(crate) fn switched(&self) -> Self {
        Self { disabled: !self.disabled, ..self.clone() }
    }

    /// Pinned, or not any more.
    pub(crate) fn repinned(&self) -> Self {
        Self { pinned: !self.pinned, ..self.clone() }
    }

    /// Reads the form it has in a URL; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (text, pinned) = text.strip_prefix("pin.").map_or((text, false), |rest| (rest, true));
        let (text, disabled) = text.strip_prefix("off.").map_or((text, false), |rest| (rest, true));
        let (kind, rest) = text.split_once(':')?;
        let (field, value) = split_field(rest);
        let (condition, negated) = match (kind, value) {
            ("is" | "not", Some(value)) => (Condition::Is(value.to_owned()), kind == "not"),
            ("one" | "none", Some(values)) => (Condition::OneOf(split_values(values)), kind == "none"),
            ("in" | "out", Some(ends)) => {
                let mut ends = split_values(ends);
                let (to, from) = (ends.pop()?, ends.pop()?);
                if !ends.is_empty() {
                    return None;
                }
                (Condition::Between(from, to), kind == "out")
            }
            ("has" | "no", None) => (Condition::Exists, kind == "no"),
            _ => return None,
        };
        (!field.is_empty()).then_some(Self { field, condition, negated, disabled, pinned })
    }

    /// The form that [`Filter::parse`] reads.
    pub(crate) fn wire(&self) -> String {
        let pin = if self.pinned { "pin." } else { "" };
        let off = if self.disabled { "off." } else { "" };
        let field = self.field.replace('\\', "\\\\").replace(':', "\\:");
        let (kinds, asked) = match &self.condition {
            Condition::Is(value) => (["is", "not"], Some(value.clone())),
            Condition::OneOf(values) => (["one", "none"], Some(join_values(values))),
            Condition::Between(from, to) => (["in", "out"], Some(join_values(&[from.clone(), to.clone()]))),
            Condition::Exists => (["has", "no"], None),
        };
        let kind = kinds[usize::from(self.negated)];
        let asked = asked.map(|asked| format!(":{asked}")).unwrap_or_default();
        format!("{pin}{off}{kind}:{field}{asked}")
    }

    /// The clause for the engine, without regard to [`Filter::negated`].
    pub(crate) fn clause(&self) -> Value {
        let phrase = |value: &String| json!({"match_phrase": {&self.field: value}});
        match &self.condition {
            Condition::Is(value) => phrase(value),
            Condition::OneOf(values) => {
                let phrases: Vec<Value> = values.iter().map(phrase).collect();
                json!({"bool": {"should": phrases, "minimum_should_match": 1}})
            }
            Condition::Between(from, to) => {
                let ends = [("gte", from), ("lt", to)].into_iter().filter(|(_, end)| !end.is_empty());
                let bounds: Map<String, Value> = ends.map(|(name, end)| (name.to_owned(), json!(end))).collect();
                json!({"range": {&self.field: bounds}})
            }
            Condition::Exists => json!({"exists": {"field": self.field}}),
        }
    }

    /// Whether both ask the same of the same field, be they negated, disabled or not.
    pub(crate) fn same_condition(&self, other: &Self) -> bool {
        self.field == other.field && self.condition == other.condition
    }
}

/// What the form for a filter offers: by its name in the form, and in words.
pub(crate) const OPERATORS: [(&str, &str); 8] = [
    ("is", "is"),
    ("not", "is not"),
    ("one", "is one of"),
    ("none", "is not one of"),
    ("in", "is between"),
    ("out", "is not between"),
    ("has", "exists"),
    ("no", "does not exist"),
];

/// A filter as somebody typed it into the form: values with commas between them, the ends of a range in two inputs.
pub(crate) fn typed(field: &str, operator: &str, value: &str, to: &str) -> Option<Filter> {
    let condition = match operator {
        "is" | "not" if !value.is_empty() => Condition::Is(value.to_owned()),
        "one" | "none" => {
            let values: Vec<String> = split_values(value).into_iter().map(|value| value.trim().to_owned()).collect();
            let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
            if values.is_empty() {
                return None;
            }
            Condition::OneOf(values)
        }
        "in" | "out" if !(value.is_empty() && to.is_empty()) => Condition::Between(value.to_owned(), to.to_owned()),
        "has" | "no" => Condition::Exists,
        _ => return None,
    };
    let negated = matches!(operator, "not" | "none" | "out" | "no");
    (!field.is_empty()).then(|| Filter { negated, ..Filter::new(field, condition) })
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

/// Values between commas; a comma or backslash in one has a backslash before it.
fn split_values(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let has_room = values.len() < LIST_ENTRIES;
        match (character, values.last_mut()) {
            (',', _) if has_room => values.push(String::new()),
            ('\\', Some(value)) => value.extend(characters.next()),
            (other, Some(value)) => value.push(other),
            (_, None) => {}
        }
    }
    values
}

/// The form that [`split_values`] reads.
pub(crate) fn join_values(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| value.replace('\\', "\\\\").replace(',', "\\,")).collect();
    values.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_url() {
        for field in ["levelname.keyword", "a:b", "a\\b", "a\\:", "off.x", "ü"] {
            for value in ["ERROR", "", ":", "a:b:c", "<script>", "off.is:x:y", "\\", "a,b", "\\,"] {
                let values = vec![value.to_owned(), "x".to_owned()];
                let between = Condition::Between(value.to_owned(), "7".to_owned());
                let conditions =
                    [Condition::Is(value.to_owned()), Condition::OneOf(values), between, Condition::Exists];
                for filter in conditions.map(|condition| Filter::new(field, condition)) {
                    for filter in
                        [filter.clone(), filter.inverted(), filter.switched(), filter.repinned().inverted().switched()]
                    {
                        assert_eq!(Filter::parse(&filter.wire()), Some(filter.clone()), "{}", filter.wire());
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_filter_is_not_read_as_one() {
        for text in [
            "",
            "is",
            "is:",
            "is:field",
            "is::value",
            "has:",
            "has:field:value",
            "between:a:b",
            "off.",
            "in:a:1",
            "in:a:1,2,3",
        ] {
            assert_eq!(Filter::parse(text), None, "{text}");
        }
    }

    #[test]
    fn clauses_are_those_of_opensearch_dashboards() {
        let clause = |wire: &str| Filter::parse(wire).unwrap().clause().to_string();
        insta::assert_snapshot!(clause("is:name.keyword:app.db"), @r#"{"match_phrase":{"name.keyword":"app.db"}}"#);
        insta::assert_snapshot!(clause("no:exc_info"), @r#"{"exists":{"field":"exc_info"}}"#);
        insta::assert_snapshot!(clause("one:a:x,y\\,z"), @r#"{"bool":{"minimum_should_match":1,"should":[{"match_phrase":{"a":"x"}},{"match_phrase":{"a":"y,z"}}]}}"#);
        insta::assert_snapshot!(clause("in:took:1,"), @r#"{"range":{"took":{"gte":"1"}}}"#);
        insta::assert_snapshot!(clause("out:took:,5"), @r#"{"range":{"took":{"lt":"5"}}}"#);
    }

    #[test]
    fn a_form_makes_a_filter_when_it_has_all_that_one_needs() {
        for (operator, value, to, expected) in [
            ("is", "x", "", Some("is:f:x")),
            ("not", "x,y", "", Some("not:f:x,y")),
            ("is", "", "", None),
            ("one", "x, y,,", "", Some("one:f:x,y")),
            ("none", " , ", "", None),
            ("in", "1", "2", Some("in:f:1,2")),
            ("out", "", "2", Some("out:f:,2")),
            ("in", "", "", None),
            ("has", "ignored", "", Some("has:f")),
            ("no", "", "", Some("no:f")),
            ("other", "x", "", None),
        ] {
            let made = typed("f", operator, value, to).map(|filter| filter.wire());
            assert_eq!(made.as_deref(), expected, "{operator} {value} {to}");
        }
        assert_eq!(typed("", "has", "", ""), None);
    }
}
