//! Numbers of JSON, checked and kept as they are written.

use super::{Reader, Token};
use crate::error::Exception;

impl<'a> Reader<'a> {
    /// Reads the number whose first character is next.
    pub(super) fn number(&mut self) -> Result<Token<'a>, Exception> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        if negative {
            self.at += 1;
        }
        let digits_at = self.at;
        if self.digits() == 0 {
            return Err(self.bad_digit("expected digit (0-9) to follow minus sign, for valid numeric value"));
        }
        if self.at - digits_at > 1 && self.text.as_bytes().get(digits_at) == Some(&b'0') {
            return Err(self.parse_error("Invalid numeric value: Leading zeroes not allowed", digits_at + 1));
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.bad_digit("Decimal point not followed by a digit"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.bad_digit("Exponent indicator not followed by a digit"));
            }
        }
        if let Some(byte) = self.peek()
            && !matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')
            && self.open.is_empty()
        {
            return Err(self.unexpected(byte, ": Expected space separating root-level values"));
        }
        Ok(Token::Number { text: self.text.get(start..self.at).unwrap_or_default(), whole })
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn bad_digit(&self, what: &str) -> Exception {
        let Some(byte) = self.peek() else {
            return self.end_of_input(" in VALUE_NUMBER_INT");
        };
        let character = char::from(byte);
        let reason = format!("Unexpected character ('{character}' (code {byte})) in numeric value: {what}");
        self.parse_error(&reason, self.at)
    }
}
