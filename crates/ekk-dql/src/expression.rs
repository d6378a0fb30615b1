//! What a query says, without its text.

use std::fmt;

use serde_json::{Number, Value};

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// All of them.
    And(Vec<Expression>),
    /// Any of them.
    Or(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
    /// One nested document within `path` of which all of this holds: `items:{ name:a and price > 3 }`.
    Nested {
        /// The field that holds nested documents, within the one around it.
        path: Term,
        /// What holds of one of them; its fields are named from there.
        inner: Box<Expression>,
    },
    /// The field has the value: `field:value`, or `value` in any field.
    Is {
        /// `null` stands for any field, as in OpenSearch Dashboards.
        field: Term,
        /// What is looked for.
        value: Term,
        /// Whether it was quoted, so that its words have to stand next to each other.
        is_phrase: bool,
    },
    /// The field's value compares so: `took >= 100`.
    Range {
        /// The field.
        field: Term,
        /// How it compares.
        operator: Operator,
        /// To what.
        value: Term,
    },
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Lt,
    /// `<=`
    Lte,
    /// `>`
    Gt,
    /// `>=`
    Gte,
}

/// A name or a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// As it stands.
    Literal(Literal),
    /// With stars.
    Wildcard(Wildcard),
}

/// A name or value without stars.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Digits that OpenSearch Dashboards takes for a number.
    Number(Number),
    /// Anything else, and all that was quoted.
    Text(String),
}

/// The texts between stars; there is one more than there are stars, and texts may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    pub(crate) parts: Vec<String>,
}

impl Operator {
    /// The name in a range query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
        }
    }
}

impl Term {
    /// A text that is taken as it stands.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Literal(Literal::Text(text.into()))
    }

    /// The value in a query of OpenSearch.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Literal(Literal::Null) => Value::Null,
            Self::Literal(Literal::Bool(value)) => Value::Bool(*value),
            Self::Literal(Literal::Number(number)) => Value::Number(number.clone()),
            Self::Literal(Literal::Text(text)) => Value::String(text.clone()),
            Self::Wildcard(wildcard) => Value::String(wildcard.to_string()),
        }
    }

    /// The same within `path`.
    pub(crate) fn within(&self, path: &str) -> Self {
        match self {
            Self::Literal(_) => Self::text(format!("{path}.{self}")),
            Self::Wildcard(wildcard) => {
                let mut parts = wildcard.parts.clone();
                if let Some(first) = parts.first_mut() {
                    *first = format!("{path}.{first}");
                }
                Self::Wildcard(Wildcard { parts })
            }
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(Literal::Text(text)) => formatter.write_str(text),
            Self::Literal(_) => write!(formatter, "{}", self.to_json()),
            Self::Wildcard(wildcard) => write!(formatter, "{wildcard}"),
        }
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.parts.join("*"))
    }
}

impl Wildcard {
    /// Whether it is a star and nothing else.
    pub fn is_everything(&self) -> bool {
        self.parts.len() == 2 && self.parts.iter().all(String::is_empty)
    }

    /// Whether a text is of this form.
    pub fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
            rest = after;
        }
        rest.ends_with(last.as_str())
    }

    /// The form in a `query_string`, where all that is not a star is escaped.
    pub(crate) fn to_query_string(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| escaped(part)).collect();
        parts.join("*")
    }
}

/// OpenSearch Dashboards escapes all from `+` to `=` too, digits among them, which means the same.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '+'..='=')
            || matches!(
                character,
                '&' | '|' | '>' | '!' | '(' | ')' | '{' | '}' | '[' | ']' | '^' | '"' | '~' | '*' | '?' | '\\'
            )
        {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_matches_whole_names() {
        for (parts, text, expected) in [
            (vec!["", ""], "", true),
            (vec!["", ""], "anything", true),
            (vec!["http.", ""], "http.status", true),
            (vec!["http.", ""], "http", false),
            (vec!["", ".keyword"], "name.keyword", true),
            (vec!["a", "b", "c"], "a-b-c", true),
            (vec!["a", "b", "c"], "ac", false),
            (vec!["ab", "b"], "ab", false),
            (vec!["a", "a"], "a", false),
        ] {
            let wildcard = Wildcard { parts: parts.iter().map(|&part| part.to_owned()).collect() };
            assert_eq!(wildcard.matches(text), expected, "{wildcard} {text}");
        }
    }
}
