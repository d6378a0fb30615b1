//! JSON as the REST layer writes it: an ordered tree whose numbers keep their spelling, and its compact and pretty texts.
//!
//! Answers are built here because `serde_json::Value` sorts keys and turns `10.0` into a number of its own spelling, while
//! OpenSearch's clients compare texts. Reading with positions is in [`parse`], `filter_path` in [`filter`], YAML in [`yaml`].

pub(crate) mod filter;
pub(crate) mod parse;
pub(crate) mod yaml;

use std::borrow::Cow;

use bytes::Bytes;

/// A JSON value to be sent; objects keep the order in which they were built.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The number as it will be spelled.
    Number(Cow<'static, str>),
    String(Cow<'static, str>),
    Array(Vec<Json>),
    Object(Object),
    /// Valid JSON text that is sent as it is: a document's source.
    Raw(Bytes),
}

/// The members of a JSON object in the order in which they are sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object {
    pub(crate) members: Vec<(Cow<'static, str>, Json)>,
}

impl Object {
    /// An object without members.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a member and hands the object on.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Json>) -> Self {
        self.put(name, value);
        self
    }

    /// Adds a member when there is a value for it.
    #[must_use]
    pub(crate) fn with_some(self, name: &'static str, value: Option<impl Into<Json>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a member.
    pub(crate) fn put(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Json>) {
        self.members.push((name.into(), value.into()));
    }

    /// The member called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    /// The object called `name`, made at the end when there is none.
    pub(crate) fn object_mut(&mut self, name: &str) -> &mut Object {
        let at = self.members.iter().position(|(member, _)| member == name).unwrap_or_else(|| {
            self.put(name.to_owned(), Object::new());
            self.members.len() - 1
        });
        let value = &mut self.members[at].1;
        if !matches!(value, Json::Object(_)) {
            *value = Json::Object(Object::new());
        }
        match value {
            Json::Object(object) => object,
            _ => unreachable!("the value was made an object above"),
        }
    }
}

impl Json {
    /// Appends the text without white space, as OpenSearch answers by default.
    pub(crate) fn write_compact(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(text) => out.extend_from_slice(text.as_bytes()),
            Self::String(text) => write_string(text, out),
            Self::Raw(text) => out.extend_from_slice(text),
            Self::Array(items) => {
                out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    item.write_compact(out);
                }
                out.push(b']');
            }
            Self::Object(object) => {
                out.push(b'{');
                for (at, (name, value)) in object.members.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    write_string(name, out);
                    out.push(b':');
                    value.write_compact(out);
                }
                out.push(b'}');
            }
        }
    }

    /// Appends the text as `?pretty` shows it: two spaces a level, `"name" : value`.
    ///
    /// A [`Json::Raw`] value stays on its line; [`parse`] the text first to spread it too.
    pub(crate) fn write_pretty(&self, depth: usize, out: &mut Vec<u8>) {
        match self {
            Self::Array(items) if !items.is_empty() => {
                out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    new_line(depth + 1, out);
                    item.write_pretty(depth + 1, out);
                }
                new_line(depth, out);
                out.push(b']');
            }
            Self::Object(object) if !object.members.is_empty() => {
                out.push(b'{');
                for (at, (name, value)) in object.members.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    new_line(depth + 1, out);
                    write_string(name, out);
                    out.extend_from_slice(b" : ");
                    value.write_pretty(depth + 1, out);
                }
                new_line(depth, out);
                out.push(b'}');
            }
            Self::Array(_) => out.extend_from_slice(b"[ ]"),
            Self::Object(_) => out.extend_from_slice(b"{ }"),
            _ => self.write_compact(out),
        }
    }

    /// The compact text.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        self.write_compact(&mut out);
        out
    }

    /// A double as Java spells it: `10.0`, `1.0E10`; what is not finite becomes the strings Java writes.
    pub(crate) fn double(value: f64) -> Self {
        if value.is_finite() {
            Self::Number(java_double(value).into())
        } else {
            Self::String(java_double(value).into())
        }
    }

    /// A float as Java spells it: the shortest digits that read back as this `f32`.
    pub(crate) fn float(value: f32) -> Self {
        Self::Number(java_decimal(&format!("{value:e}")).into())
    }
}

/// A double as Java's `Double.toString` spells it.
pub(crate) fn java_double(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else {
        java_decimal(&format!("{value:e}"))
    }
}

/// Rewrites Rust's shortest scientific spelling (`1.25e-7`) into Java's: plain from 10^-3 to below 10^7, `E` otherwise.
fn java_decimal(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if digits == "0" {
        return format!("{sign}0.0");
    }
    if !(-3..7).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        return format!("{sign}{first}.{}E{exponent}", if rest.is_empty() { "0" } else { rest });
    }
    match usize::try_from(exponent) {
        Ok(exponent) if digits.len() > exponent + 1 => {
            let (whole, fraction) = digits.split_at(exponent + 1);
            format!("{sign}{whole}.{fraction}")
        }
        Ok(exponent) => format!("{sign}{digits}{}.0", "0".repeat(exponent + 1 - digits.len())),
        Err(_) => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
    }
}

/// Appends `text` as a JSON string with what has to be escaped escaped.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut plain_from = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x08 => b"\\b",
            0x0c => b"\\f",
            0x00..=0x1f => {
                out.extend_from_slice(&bytes[plain_from..at]);
                out.extend_from_slice(format!("\\u{byte:04X}").as_bytes());
                plain_from = at + 1;
                continue;
            }
            _ => continue,
        };
        out.extend_from_slice(&bytes[plain_from..at]);
        out.extend_from_slice(escape);
        plain_from = at + 1;
    }
    out.extend_from_slice(&bytes[plain_from..]);
    out.push(b'"');
}

fn new_line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    for _ in 0..depth {
        out.extend_from_slice(b"  ");
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Json {
            fn from(value: $integer) -> Self {
                Self::Number(value.to_string().into())
            }
        }
    )*};
}
from_integers!(i32, u32, i64, u64, usize, u16);

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        Self::double(value)
    }
}

impl From<&'static str> for Json {
    fn from(text: &'static str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::Array(items)
    }
}

impl From<Vec<String>> for Json {
    fn from(items: Vec<String>) -> Self {
        Self::Array(items.into_iter().map(Json::from).collect())
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number.to_string().into()),
            Value::String(text) => Self::String(text.into()),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(Object {
                members: members.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_spelled_as_java_spells_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (30.5, "30.5"),
            (1_711_753_200_000.0, "1.7117532E12"),
            (9_999_999.0, "9999999.0"),
            (10_000_000.0, "1.0E7"),
            (0.001, "0.001"),
            (0.000_1, "1.0E-4"),
            (-12.75, "-12.75"),
            (16.666_666_666_666_664, "16.666666666666664"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(java_double(value), text);
        }
        assert_eq!(Json::float(0.699_537_6).to_bytes(), b"0.6995376");
    }

    #[test]
    fn strings_escape_what_json_asks_for() {
        let mut out = Vec::new();
        write_string("a\"b\\c\n\u{1}é", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#""a\"b\\c\n\u0001é""#);
    }

    #[test]
    fn pretty_text_looks_as_opensearch_prints_it() {
        let json = Json::from(
            Object::new().with("count", 43).with("_shards", Object::new().with("total", 1)).with("none", Object::new()),
        );
        let mut out = Vec::new();
        json.write_pretty(0, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\n  \"count\" : 43,\n  \"_shards\" : {\n    \"total\" : 1\n  },\n  \"none\" : { }\n}"
        );
    }
}
