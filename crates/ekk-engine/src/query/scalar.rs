//! A JSON scalar as it stands in a query, before the field's type gives it a meaning.

use std::fmt;

/// A scalar of a query: `"x"`, `7`, `1.5`, `true`.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits 64 signed bits.
    Long(i64),
    /// A whole number above them.
    UnsignedLong(u64),
    /// A number with a fraction or an exponent.
    Double(f64),
    /// A text.
    String(String),
}

impl Scalar {
    /// The scalar of a JSON value; `None` for null, arrays and objects.
    pub fn from_json(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Bool(value) => Some(Self::Bool(*value)),
            serde_json::Value::String(text) => Some(Self::String(text.clone())),
            serde_json::Value::Number(number) => number
                .as_i64()
                .map(Self::Long)
                .or_else(|| number.as_u64().map(Self::UnsignedLong))
                .or_else(|| number.as_f64().map(Self::Double)),
            serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
        }
    }

    /// The text of a string scalar.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Scalar {
    /// As OpenSearch turns it into a term: strings bare, doubles with a fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Long(value) => write!(f, "{value}"),
            Self::UnsignedLong(value) => write!(f, "{value}"),
            Self::Double(value) => write!(f, "{value:?}"),
            Self::String(text) => f.write_str(text),
        }
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Long(value)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
