//! Where the cursor stands within a query, as the grammar finds it.

use crate::{
    complete::Wanted,
    scanner::{CURSOR, Scanner},
};

/// What a rule of the grammar found: what it stands for, or that the cursor is in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found<T> {
    Parsed(T),
    Cursor(At),
}

/// The place of the cursor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At {
    /// The piece of the text that the cursor stands in, in bytes of the text without the cursor.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The piece before and after the cursor, without backslashes.
    pub(crate) prefix: String,
    pub(crate) suffix: String,
    pub(crate) wanted: Vec<Wanted>,
    /// The field whose value is typed.
    pub(crate) field: Option<String>,
    /// The field with nested documents around it.
    pub(crate) nested: Option<String>,
    /// Whether the piece is quoted.
    pub(crate) is_quoted: bool,
}

impl At {
    /// The cursor was just read, with what is before it since `start` and after it.
    pub(crate) fn new(scanner: &Scanner<'_>, start: usize, prefix: String, suffix: String) -> Self {
        let end = scanner.at - CURSOR.len_utf8();
        Self { start, end, prefix, suffix, wanted: Vec::new(), field: None, nested: None, is_quoted: false }
    }

    /// The same, before the quote that closes it.
    pub(crate) fn closed(mut self) -> Self {
        self.end += 1;
        self.is_quoted = true;
        self
    }

    pub(crate) fn wanting(mut self, wanted: &[Wanted]) -> Self {
        self.wanted = wanted.to_vec();
        self
    }

    /// The same within nested documents.
    pub(crate) fn nested_in(mut self, path: &str) -> Self {
        self.nested = Some(self.nested.map_or_else(|| path.to_owned(), |inner| format!("{path}.{inner}")));
        self
    }
}

impl<T> Found<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::Parsed(parsed) => Found::Parsed(change(parsed)),
            Self::Cursor(at) => Found::Cursor(at),
        }
    }
}
