//! A pull reader of JSON that borrows from the text and knows where each token stands.
//!
//! Documents are read by it once, without a tree, and what is wrong with one is said in the words of Jackson, which is
//! OpenSearch's reader. Positions are Jackson's too: line and column from 1, in bytes.

mod number;
mod text;

use std::borrow::Cow;

use crate::{error::Exception, limits::MAX_JSON_DEPTH};

/// One token. Strings and numbers borrow from the text unless escapes had to be resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token<'a> {
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    /// The name of an object's next value.
    Name(Cow<'a, str>),
    String(Cow<'a, str>),
    /// A number, as written; `whole` when it has neither fraction nor exponent.
    Number {
        text: &'a str,
        whole: bool,
    },
    Boolean(bool),
    Null,
}

/// Reads tokens from a text.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Where the last token starts.
    token_at: usize,
    /// Open objects and arrays, each with the offset of its bracket.
    open: Vec<(Bracket, usize)>,
    expect: Expect,
    /// Names of the open objects; `frames` says where each object's start.
    names: Vec<Cow<'a, str>>,
    frames: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Object,
    Array,
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// A value; in an array that was just opened also its end.
    Value { first: bool },
    /// A name; in an object that was just opened also its end.
    Name { first: bool },
    /// A comma or the end of what is open; nothing at the root.
    CommaOrEnd,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            token_at: 0,
            open: Vec::new(),
            expect: Expect::Value { first: false },
            names: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// Offset of the last token's first byte.
    pub(crate) fn token_offset(&self) -> usize {
        self.token_at
    }

    /// Offset after the last token.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// The text that is read.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The next token, or `None` at the end of the text.
    pub(crate) fn next(&mut self) -> Result<Option<Token<'a>>, Exception> {
        self.skip_white_space();
        let Some(byte) = self.peek() else {
            return if self.open.is_empty() { Ok(None) } else { Err(self.unexpected_end()) };
        };
        if byte == b'}' || byte == b']' {
            return self.close(byte).map(Some);
        }
        if self.expect == Expect::CommaOrEnd {
            let Some(&(bracket, _)) = self.open.last() else { return self.value(byte).map(Some) };
            if byte != b',' {
                let kind = if bracket == Bracket::Object { "Object" } else { "Array" };
                return Err(self.unexpected(byte, &format!(": was expecting comma to separate {kind} entries")));
            }
            self.at += 1;
            self.expect = match bracket {
                Bracket::Object => Expect::Name { first: false },
                Bracket::Array => Expect::Value { first: false },
            };
            self.skip_white_space();
            let Some(byte) = self.peek() else { return Err(self.unexpected_end()) };
            return self.name_or_value(byte).map(Some);
        }
        self.name_or_value(byte).map(Some)
    }

    fn name_or_value(&mut self, byte: u8) -> Result<Token<'a>, Exception> {
        if matches!(self.expect, Expect::Name { .. }) { self.name(byte) } else { self.value(byte) }
    }

    fn name(&mut self, byte: u8) -> Result<Token<'a>, Exception> {
        self.token_at = self.at;
        if byte != b'"' {
            return Err(self.unexpected(byte, ": was expecting double-quote to start field name"));
        }
        let name = self.string(text::Place::Name)?;
        self.refuse_duplicate(name.clone())?;
        self.skip_white_space();
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(other) => {
                return Err(self.unexpected(other, ": was expecting a colon to separate field name and value"));
            }
            None => return Err(self.end_of_input(" within/between Object entries")),
        }
        self.expect = Expect::Value { first: false };
        Ok(Token::Name(name))
    }

    /// Remembers a name of the innermost object.
    fn refuse_duplicate(&mut self, name: Cow<'a, str>) -> Result<(), Exception> {
        let frame = self.frames.last().copied().unwrap_or_default();
        if self.names.get(frame..).is_some_and(|names| names.contains(&name)) {
            return Err(self.parse_error(&format!("Duplicate field '{name}'"), self.at));
        }
        self.names.push(name);
        Ok(())
    }

    fn value(&mut self, byte: u8) -> Result<Token<'a>, Exception> {
        self.token_at = self.at;
        self.expect = Expect::CommaOrEnd;
        match byte {
            b'{' => self.open(Bracket::Object),
            b'[' => self.open(Bracket::Array),
            b'"' => self.string(text::Place::Value).map(Token::String),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.literal(byte),
        }
    }

    fn open(&mut self, bracket: Bracket) -> Result<Token<'a>, Exception> {
        self.open.push((bracket, self.at));
        self.at += 1;
        if self.open.len() > MAX_JSON_DEPTH {
            return Err(Exception::new(
                "stream_constraints_exception",
                format!(
                    "Document nesting depth ({}) exceeds the maximum allowed ({MAX_JSON_DEPTH}, from \
                     `StreamReadConstraints.getMaxNestingDepth()`)",
                    self.open.len()
                ),
            ));
        }
        Ok(match bracket {
            Bracket::Object => {
                self.frames.push(self.names.len());
                self.expect = Expect::Name { first: true };
                Token::StartObject
            }
            Bracket::Array => {
                self.expect = Expect::Value { first: true };
                Token::StartArray
            }
        })
    }

    fn close(&mut self, byte: u8) -> Result<Token<'a>, Exception> {
        let closed = if byte == b'}' { Bracket::Object } else { Bracket::Array };
        self.token_at = self.at;
        if self.expect == (Expect::Value { first: false }) && !self.open.is_empty() {
            return Err(self.no_value(byte));
        }
        match self.open.last() {
            Some(&(bracket, _)) if bracket == closed => {}
            _ => return Err(self.wrong_close_marker(byte)),
        }
        if self.expect == (Expect::Name { first: false }) {
            return Err(self.unexpected(byte, ": was expecting double-quote to start field name"));
        }
        self.open.pop();
        if closed == Bracket::Object
            && let Some(frame) = self.frames.pop()
        {
            self.names.truncate(frame);
        }
        self.at += 1;
        self.expect = Expect::CommaOrEnd;
        Ok(if closed == Bracket::Object { Token::EndObject } else { Token::EndArray })
    }

    fn literal(&mut self, byte: u8) -> Result<Token<'a>, Exception> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word_len = rest
            .find(|character: char| !(character.is_alphanumeric() || character == '_' || character == '$'))
            .unwrap_or(rest.len());
        let word = rest.get(..word_len).unwrap_or_default();
        let token = match word {
            "true" => Token::Boolean(true),
            "false" => Token::Boolean(false),
            "null" => Token::Null,
            "NaN" | "Infinity" => {
                self.at += word_len;
                let reason =
                    format!("Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow");
                return Err(self.parse_error(&reason, self.at));
            }
            _ if word_len == 0 || !byte.is_ascii_alphabetic() => return Err(self.no_value(byte)),
            _ => {
                self.at += word_len;
                let reason = format!(
                    "Unrecognized token '{word}': was expecting (JSON String, Number, Array, Object or token 'null', \
                     'true' or 'false')"
                );
                // Jackson has read the character after the word.
                return Err(self.parse_error(&reason, (self.at + 1).min(self.text.len())));
            }
        };
        self.at += word_len;
        Ok(token)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

/// What is wrong, as Jackson says it.
impl Reader<'_> {
    /// Line and column of a byte offset, both from 1.
    pub(crate) fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.as_bytes().get(..offset.min(self.text.len())).unwrap_or_default();
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        (1 + memchr::memchr_iter(b'\n', before).count(), 1 + offset - line_start)
    }

    /// Where an offset is, as Jackson appends it to a reason.
    pub(crate) fn location(&self, offset: usize) -> String {
        let (line, column) = self.line_and_column(offset);
        format!(
            "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
        )
    }

    pub(crate) fn parse_error(&self, reason: &str, offset: usize) -> Exception {
        Exception::new("json_parse_exception", format!("{reason}\n at {}", self.location(offset)))
    }

    fn unexpected(&self, byte: u8, expected: &str) -> Exception {
        let character = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or(char::from(byte));
        let reason = format!("Unexpected character ('{character}' (code {})){expected}", u32::from(character));
        self.parse_error(&reason, self.at)
    }

    fn no_value(&self, byte: u8) -> Exception {
        let in_array = matches!(self.open.last(), Some((Bracket::Array, _)));
        let expected = match byte {
            b',' | b'}' => ": expected a value",
            b']' if in_array => ": expected a value",
            _ => ": expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        };
        self.unexpected(byte, expected)
    }

    fn end_of_input(&self, place: &str) -> Exception {
        let reason = format!("Unexpected end-of-input{place}\n at {}", self.location(self.text.len()));
        Exception::new("json_e_o_f_exception", reason)
    }

    fn unexpected_end(&self) -> Exception {
        match (self.expect, self.open.last()) {
            (Expect::Value { first: false }, Some((Bracket::Object, _))) => {
                self.end_of_input(" within/between Object entries")
            }
            (_, Some((bracket, offset))) => {
                let kind = if *bracket == Bracket::Object { "Object" } else { "Array" };
                self.end_of_input(&format!(
                    ": expected close marker for {kind} (start marker at {})",
                    self.location(*offset)
                ))
            }
            (_, None) => self.end_of_input(""),
        }
    }

    fn wrong_close_marker(&self, byte: u8) -> Exception {
        let (kind, expected, start) = match self.open.last() {
            Some((Bracket::Object, offset)) => ("Object", '}', self.location(*offset)),
            Some((Bracket::Array, offset)) => ("Array", ']', self.location(*offset)),
            None => {
                let source = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1]";
                ("root", ']', source.to_owned())
            }
        };
        let found = char::from(byte);
        let reason =
            format!("Unexpected close marker '{found}': expected '{expected}' (for {kind} starting at {start})");
        self.parse_error(&reason, self.at)
    }
}

#[cfg(test)]
mod tests;
