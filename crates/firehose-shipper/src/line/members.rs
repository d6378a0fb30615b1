//! The fields of an event or a span, already as JSON, in one piece of memory.

use std::{error::Error, fmt, ops::Range};

use serde::Serialize;

use crate::line::json;

/// Names and values, in the order in which they were set first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    text: Vec<u8>,
    places: Vec<Place>,
    /// The message, when it was set: where it is in `text`.
    message: Option<Range<usize>>,
    exc_info: String,
}

/// Where a field is in the text. The name is without its quotes.
#[derive(Clone, Debug)]
struct Place {
    name: Range<usize>,
    value: Range<usize>,
}

impl Members {
    /// Sets a field to what is written; a field of this name is replaced.
    pub(crate) fn set(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        json::escape(&mut self.text, name);
        let name = start..self.text.len();
        let before = self.places.iter().position(|place| self.text[place.name.clone()] == self.text[name.clone()]);
        let start = self.text.len();
        write(&mut self.text);
        let value = start..self.text.len();
        match before.and_then(|before| self.places.get_mut(before)) {
            Some(place) => place.value = value,
            None => self.places.push(Place { name, value }),
        }
    }

    /// Sets a field to a value of any shape; to null when it cannot be written.
    pub(crate) fn set_value(&mut self, name: &str, value: &impl Serialize) {
        let json = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        self.set(name, |out| out.extend_from_slice(&json));
    }

    pub(crate) fn set_message(&mut self, message: fmt::Arguments<'_>) {
        let start = self.text.len();
        json::write_display(&mut self.text, message);
        self.message = Some(start..self.text.len());
    }

    /// The message as JSON.
    pub(crate) fn message(&self) -> Option<&[u8]> {
        self.message.clone().and_then(|place| self.text.get(place))
    }

    /// What is known of an error: its causes, a backtrace.
    pub(crate) fn exc_info(&self) -> &str {
        &self.exc_info
    }

    pub(crate) fn add_exc_info(&mut self, text: &str) {
        if !self.exc_info.is_empty() {
            self.exc_info.push('\n');
        }
        self.exc_info.push_str(text);
    }

    /// Sets a field to what an error says, and adds the error with its causes to `exc_info`.
    pub(crate) fn set_error(&mut self, name: &str, error: &(dyn Error + 'static)) {
        self.set(name, |out| json::write_display(out, format_args!("{error}")));
        let mut chain = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            chain.push_str("\nCaused by: ");
            chain.push_str(&error.to_string());
            cause = error.source();
        }
        self.add_exc_info(&chain);
    }

    /// Names, with escapes and without quotes, and values as JSON.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.places.iter().map(|place| (&self.text[place.name.clone()], &self.text[place.value.clone()]))
    }

    /// Whether there is a field of this name, with its escapes.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.places.iter().any(|place| &self.text[place.name.clone()] == name)
    }

    /// Forgets everything but the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
        self.message = None;
        self.exc_info.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_field_that_is_set_again_keeps_its_place() {
        let mut members = Members::default();
        for (name, value) in [("a", 1), ("b\"", 2), ("a", 3)] {
            members.set(name, |out| json::write_integer(out, value));
        }
        let fields: Vec<_> = members.iter().collect();
        assert_eq!(fields, [(b"a".as_slice(), b"3".as_slice()), (b"b\\\"", b"2")]);
        assert!(members.has(b"a") && !members.has(b"c"));
        members.clear();
        assert_eq!(members.iter().count(), 0);
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("order 17 was not paid")]
        struct Unpaid(#[source] io::Error);

        let mut members = Members::default();
        members.set_error("error", &Unpaid(io::Error::other("connection refused")));
        assert_eq!(members.iter().next().unwrap().1, br#""order 17 was not paid""#);
        assert_eq!(members.exc_info(), "order 17 was not paid\nCaused by: connection refused");
    }
}
