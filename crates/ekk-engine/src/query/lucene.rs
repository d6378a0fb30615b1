//! Lucene's query language, as `query_string` takes it: text to a tree of clauses.
//!
//! Fields, analysis and defaults are not looked at here; they are the resolver's. Errors have the position and, as far as
//! it is the same in most places, the wording of Lucene's own parser.
//!
//! Source: <https://github.com/apache/lucene/blob/main/lucene/queryparser/src/java/org/apache/lucene/queryparser/classic/QueryParser.jj>

mod lexer;
mod parser;

use crate::{error::Exception, query::Operator};

/// Deepest nesting of parentheses that is read.
const MAX_DEPTH: usize = 200;

/// A part of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Clauses, each with how it must match.
    Bool(Vec<(Occur, Node)>),
    /// A node with its scores times a factor.
    Boosted(Box<Node>, f32),
    /// What is asked of a field.
    Leaf {
        /// The field named before it; `None` stands for the default ones.
        field: Option<String>,
        what: Leaf,
    },
}

/// What is asked of a field. Texts are without their escapes, patterns still have them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Leaf {
    /// One or more bare words.
    Text(String),
    /// A quoted text and the `~slop` after it.
    Phrase(String, Option<u32>),
    /// `term*`, without the star.
    Prefix(String),
    /// A term with `*` and `?`; `*` alone asks for any value.
    Wildcard(String),
    /// `/expression/`.
    Regexp(String),
    /// `term~` and the number after it.
    Fuzzy(String, Option<String>),
    /// `[a TO b}`; an end that is `*` is `None`.
    Range { lower: Option<String>, upper: Option<String>, includes_lower: bool, includes_upper: bool },
}

/// How a clause must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occur {
    Must,
    Should,
    MustNot,
}

/// Reads a query.
///
/// # Errors
/// `parse_exception`, `Cannot parse 'x': Encountered …`, with the position.
pub(crate) fn parse(text: &str, default_operator: Operator) -> Result<Node, Exception> {
    let parsed = lexer::tokens(text).and_then(|tokens| parser::Parser::new(&tokens, default_operator).parse());
    parsed.map_err(|error| {
        let cause = Exception::new(error.kind, error.message);
        Exception::new("parse_exception", format!("Cannot parse '{text}': {}", cause.reason)).caused_by(cause)
    })
}

/// Puts a backslash before every character that the language gives a meaning.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r#"\+-!():^[]"{}~*?|&/"#.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Takes escapes away: `\:` to `:`, `\u0041` to `A`.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let rest = chars.as_str();
        let code =
            rest.strip_prefix('u').and_then(|rest| rest.get(..4)).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match code.and_then(char::from_u32) {
            Some(decoded) => {
                plain.push(decoded);
                chars = rest.get(5..).unwrap_or_default().chars();
            }
            None => plain.extend(chars.next()),
        }
    }
    plain
}

/// Why a text is no query.
#[derive(Debug, Clone, PartialEq)]
struct SyntaxError {
    /// `parse_exception` or `token_mgr_error`.
    kind: &'static str,
    message: String,
}

#[cfg(test)]
mod tests;
