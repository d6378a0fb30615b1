//! Strings of JSON: borrowed where they hold no escape, resolved where they do.

use std::borrow::Cow;

use super::Reader;
use crate::error::Exception;

/// Where a string stands; the wording of errors depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Name,
    Value,
}

impl<'a> Reader<'a> {
    /// Reads the string whose opening quote is next.
    pub(super) fn string(&mut self, place: Place) -> Result<Cow<'a, str>, Exception> {
        self.at += 1;
        let start = self.at;
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b'"' => {
                    let text = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                b'\\' => return self.string_with_escapes(start, place).map(Cow::Owned),
                0..0x20 => return Err(self.control_character(byte)),
                _ => self.at += 1,
            }
        }
        Err(self.unterminated(place))
    }

    /// Goes on with a string that has an escape at the current place.
    fn string_with_escapes(&mut self, start: usize, place: Place) -> Result<String, Exception> {
        let mut text = String::with_capacity(self.at - start + 32);
        let mut copied = start;
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'"' => {
                    text.push_str(self.text.get(copied..self.at).unwrap_or_default());
                    self.at += 1;
                    return Ok(text);
                }
                b'\\' => {
                    text.push_str(self.text.get(copied..self.at).unwrap_or_default());
                    self.at += 1;
                    text.push(self.escape(place)?);
                    copied = self.at;
                }
                0..0x20 => return Err(self.control_character(byte)),
                _ => self.at += 1,
            }
        }
        Err(self.unterminated(place))
    }

    /// The character of the escape after a backslash.
    fn escape(&mut self, place: Place) -> Result<char, Exception> {
        let Some(byte) = self.peek() else { return Err(self.unterminated(place)) };
        let character = match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => {
                let character = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('?');
                let reason = format!("Unrecognized character escape '{character}' (code {})", u32::from(character));
                return Err(self.parse_error(&reason, self.at));
            }
        };
        self.at += 1;
        Ok(character)
    }

    /// The character of a `\u` escape, or of two that are a surrogate pair. A lone surrogate becomes U+FFFD.
    fn unicode_escape(&mut self) -> Result<char, Exception> {
        let first = self.code_unit()?;
        if (0xd800..0xdc00).contains(&first) && self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
            let after_first = self.at;
            self.at += 1;
            let second = self.code_unit()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after_first;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The four hexadecimal digits after a `u`.
    fn code_unit(&mut self) -> Result<u32, Exception> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let Some(byte) = self.peek() else { return Err(self.unterminated(Place::Value)) };
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.unexpected(byte, ": expected a hex-digit for character escape sequence"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn control_character(&self, byte: u8) -> Exception {
        let reason = format!(
            "Illegal unquoted character ((CTRL-CHAR, code {byte})): has to be escaped using backslash to be included in \
             string value"
        );
        self.parse_error(&reason, self.at)
    }

    fn unterminated(&self, place: Place) -> Exception {
        match place {
            Place::Name => self.end_of_input(" in field name"),
            Place::Value => self.end_of_input(" in VALUE_STRING"),
        }
    }
}
