//! A place in a text that goes forward and back, and the farthest place at which nothing fitted.
//!
//! The grammar tries one thing after another from the same place. What it expected at the farthest place it came to is
//! what a reader is told. Things with a name are expected by it, whatever they are made of.

use std::collections::BTreeSet;

/// Stands for the cursor in a text that is completed; a character that no text has a use for.
pub(crate) const CURSOR: char = '\u{10fffd}';

#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// In bytes, between two characters.
    pub(crate) at: usize,
    /// Whether [`CURSOR`] is one.
    with_cursor: bool,
    /// Above 0, what is expected is not noted.
    silent: usize,
    farthest: usize,
    expected: BTreeSet<&'static str>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str, with_cursor: bool) -> Self {
        Self { text, at: 0, with_cursor, silent: 0, farthest: 0, expected: BTreeSet::new() }
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    pub(crate) fn is_cursor(&self) -> bool {
        self.with_cursor && self.peek() == Some(CURSOR)
    }

    /// Takes the cursor, if it is here.
    pub(crate) fn cursor(&mut self) -> bool {
        let here = self.is_cursor();
        if here {
            self.next();
        }
        here
    }

    /// Notes that something would have fitted here.
    pub(crate) fn expect(&mut self, what: &'static str) {
        if self.silent > 0 || self.at < self.farthest {
            return;
        }
        if self.at > self.farthest {
            self.farthest = self.at;
            self.expected.clear();
        }
        self.expected.insert(what);
    }

    /// Takes a text, in any case; or notes it by its name.
    pub(crate) fn take(&mut self, text: &str, name: &'static str) -> bool {
        let fits = self.rest().get(..text.len()).is_some_and(|found| found.eq_ignore_ascii_case(text));
        if fits {
            self.at += text.len();
        } else {
            self.expect(name);
        }
        fits
    }

    /// Takes white space, any amount; says whether there was some.
    pub(crate) fn spaces(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(' ' | '\t' | '\r' | '\n')) {
            self.next();
        }
        self.expect("whitespace");
        self.at > start
    }

    /// Tries something; the place is as before when it does not fit.
    pub(crate) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.at;
        let read = read(self);
        if read.is_none() {
            self.at = start;
        }
        read
    }

    /// Tries something that has a name, by which alone it is expected.
    pub(crate) fn named<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.silent += 1;
        let found = self.attempt(read);
        self.silent -= 1;
        if found.is_none() {
            self.expect(name);
        }
        found
    }

    /// Whether something would fit here.
    pub(crate) fn looking_at<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> bool {
        let start = self.at;
        self.silent += 1;
        let fits = read(self).is_some();
        self.silent -= 1;
        self.at = start;
        fits
    }

    /// The farthest place at which nothing fitted, and what would have.
    pub(crate) fn farthest(&self) -> (usize, impl Iterator<Item = &'static str>) {
        (self.farthest, self.expected.iter().copied())
    }
}
