//! Reads JSON into a tree that knows where each value stands, because OpenSearch's parse errors name line and column.
//!
//! The texts of syntax errors are those of the JSON library that OpenSearch uses.

use std::fmt;

use crate::json::{Json, Object};

/// Deepest nesting that is read; deeper bodies are refused as OpenSearch does.
const MAX_DEPTH: usize = 1_000;

/// Where a token begins, both counted from 1; columns count bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value of a request's body with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    /// The closing bracket of an object or array; otherwise the same as `at`.
    pub(crate) end: Position,
    pub(crate) value: Value,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// The number as it was spelled.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A name and its value.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) name_at: Position,
    pub(crate) value: Node,
}

/// A body is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, column: {}]", at.line, at.column)]
pub(crate) struct SyntaxError {
    message: String,
    at: Position,
    ended: bool,
}

impl SyntaxError {
    /// The exception's name on the wire.
    pub(crate) fn kind(&self) -> &'static str {
        if self.ended { "json_e_o_f_exception" } else { "json_parse_exception" }
    }
}

impl Node {
    /// The members, when this is an object.
    pub(crate) fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The last member called `name`, as the last one counts in OpenSearch.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.members()?.iter().rev().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The items, when this is an array.
    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a string, number or boolean, which OpenSearch takes for one another.
    pub(crate) fn text(&self) -> Option<String> {
        match &self.value {
            Value::String(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A string.
    pub(crate) fn string(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The name of the token that begins this value, as error texts give it.
    pub(crate) fn token(&self) -> &'static str {
        match &self.value {
            Value::Null => "VALUE_NULL",
            Value::Bool(_) => "VALUE_BOOLEAN",
            Value::Number(_) => "VALUE_NUMBER",
            Value::String(_) => "VALUE_STRING",
            Value::Array(_) => "START_ARRAY",
            Value::Object(_) => "START_OBJECT",
        }
    }

    /// The same value without places, in the order of the text.
    pub(crate) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(text) => Json::Number(text.clone().into()),
            Value::String(text) => Json::String(text.clone().into()),
            Value::Array(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Object(members) => Json::Object(Object {
                members: members.iter().map(|m| (m.name.clone().into(), m.value.to_json())).collect(),
            }),
        }
    }

    /// The same value as the engine takes it.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        use serde_json::Value as V;
        match &self.value {
            Value::Null => V::Null,
            Value::Bool(value) => V::Bool(*value),
            Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| V::String(text.clone())),
            Value::String(text) => V::String(text.clone()),
            Value::Array(items) => V::Array(items.iter().map(Node::to_value).collect()),
            Value::Object(members) => V::Object(members.iter().map(|m| (m.name.clone(), m.value.to_value())).collect()),
        }
    }
}

/// Reads one JSON value; what follows it is ignored, as OpenSearch ignores it.
pub(crate) fn parse(text: &[u8]) -> Result<Node, SyntaxError> {
    let mut parser = Parser { text, at: 0, line: 1, line_start: 0 };
    parser.skip_space();
    parser.node(0)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    line_start: usize,
}

impl Parser<'_> {
    fn node(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        let at = self.position();
        if depth > MAX_DEPTH {
            return Err(self.error(format!(
                "Document nesting depth ({depth}) exceeds the maximum allowed ({MAX_DEPTH}, from `StreamReadConstraints.getMaxNestingDepth()`)"
            )));
        }
        let value = match self.peek() {
            None => return Err(self.ended("Unexpected end-of-input")),
            Some(b'{') => return self.object(at, depth),
            Some(b'[') => return self.array(at, depth),
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(byte) if byte.is_ascii_alphabetic() => self.word()?,
            Some(_) => {
                return Err(self.unexpected(
                    "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
                ));
            }
        };
        Ok(Node { at, end: at, value })
    }

    fn object(&mut self, at: Position, depth: usize) -> Result<Node, SyntaxError> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'}') if members.is_empty() => break,
                Some(b'"') => {}
                None => return Err(self.unclosed("Object", at)),
                Some(_) => return Err(self.unexpected("was expecting double-quote to start field name")),
            }
            let name_at = self.position();
            let name = self.string()?;
            self.skip_space();
            match self.peek() {
                Some(b':') => self.at += 1,
                None => return Err(self.ended("Unexpected end-of-input within/between Object entries")),
                Some(_) => return Err(self.unexpected("was expecting a colon to separate field name and value")),
            }
            self.skip_space();
            if self.peek().is_none() {
                return Err(self.ended("Unexpected end-of-input within/between Object entries"));
            }
            let value = self.node(depth + 1)?;
            members.push(Member { name, name_at, value });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                None => return Err(self.unclosed("Object", at)),
                Some(_) => return Err(self.unexpected("was expecting comma to separate Object entries")),
            }
        }
        let end = self.position();
        self.at += 1;
        Ok(Node { at, end, value: Value::Object(members) })
    }

    fn array(&mut self, at: Position, depth: usize) -> Result<Node, SyntaxError> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b']') if items.is_empty() => break,
                None => return Err(self.unclosed("Array", at)),
                Some(_) => items.push(self.node(depth + 1)?),
            }
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                None => return Err(self.unclosed("Array", at)),
                Some(_) => return Err(self.unexpected("was expecting comma to separate Array entries")),
            }
        }
        let end = self.position();
        self.at += 1;
        Ok(Node { at, end, value: Value::Array(items) })
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        let mut end = self.at + 1;
        loop {
            match self.text.get(end) {
                None => {
                    self.at = self.text.len();
                    return Err(self.ended("Unexpected end-of-input: was expecting closing quote for a string value"));
                }
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(byte @ 0x00..=0x1f) => {
                    self.at = end;
                    return Err(self.error(format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {byte})): has to be escaped using backslash to be included in string value"
                    )));
                }
                Some(_) => end += 1,
            }
        }
        self.at = end + 1;
        let quoted = self.text.get(start..=end).unwrap_or_default();
        serde_json::from_slice(quoted).map_err(|error| self.error(format!("Unrecognized character escape: {error}")))
    }

    fn number(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = String::from_utf8_lossy(self.text.get(start..self.at).unwrap_or_default()).into_owned();
        if serde_json::from_str::<&serde_json::value::RawValue>(&text).is_err() {
            return Err(self.error(format!("Invalid numeric value: {text}")));
        }
        Ok(text)
    }

    fn word(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        while matches!(self.peek(), Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$') {
            self.at += 1;
        }
        match self.text.get(start..self.at).unwrap_or_default() {
            b"null" => Ok(Value::Null),
            b"true" => Ok(Value::Bool(true)),
            b"false" => Ok(Value::Bool(false)),
            word => Err(self.error(format!(
                "Unrecognized token '{}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
                String::from_utf8_lossy(word)
            ))),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.at;
            }
        }
    }

    fn position(&self) -> Position {
        let column = u32::try_from(self.at - self.line_start).unwrap_or(u32::MAX - 1) + 1;
        Position { line: self.line, column }
    }

    fn error(&self, message: String) -> SyntaxError {
        SyntaxError { message, at: self.position(), ended: false }
    }

    fn unexpected(&self, expectation: &str) -> SyntaxError {
        let rest = String::from_utf8_lossy(self.text.get(self.at..).unwrap_or_default()).into_owned();
        let found = rest.chars().next().unwrap_or(' ');
        self.error(format!("Unexpected character ('{found}' (code {})): {expectation}", u32::from(found)))
    }

    fn ended(&self, message: &str) -> SyntaxError {
        SyntaxError { message: message.to_owned(), at: self.position(), ended: true }
    }

    fn unclosed(&self, what: &str, start: Position) -> SyntaxError {
        self.ended(&format!(
            "Unexpected end-of-input: expected close marker for {what} (start marker at [Source: REDACTED \
             (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, column: {}])",
            start.line, start.column
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_where_they_stand() {
        let node = parse(b"{\"query\": {\"term\": {\"a\": 1, \"b\": 2}}}").unwrap();
        let term = node.get("query").unwrap().get("term").unwrap();
        assert_eq!(term.at, Position { line: 1, column: 20 });
        assert_eq!(term.get("b").unwrap().at, Position { line: 1, column: 34 });
    }

    #[test]
    fn syntax_errors_read_as_opensearch_words_them() {
        const SOURCE: &str =
            "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column:";
        for (text, kind, reason) in [
            (
                "zzz",
                "json_parse_exception",
                format!(
                    "Unrecognized token 'zzz': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at {SOURCE} 4]"
                ),
            ),
            (
                "{\"query\":{\"match_all\":{}}",
                "json_e_o_f_exception",
                format!(
                    "Unexpected end-of-input: expected close marker for Object (start marker at {SOURCE} 1])\n at {SOURCE} 26]"
                ),
            ),
            (
                "{\"a\": ",
                "json_e_o_f_exception",
                format!("Unexpected end-of-input within/between Object entries\n at {SOURCE} 7]"),
            ),
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert_eq!((error.kind(), error.to_string()), (kind, reason), "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_spelling() {
        assert_eq!(
            parse(b"[10.0,1e3,18446744073709551615]").unwrap().to_json().to_bytes(),
            b"[10.0,1e3,18446744073709551615]"
        );
    }
}
