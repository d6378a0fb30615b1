//! Dashboards Query Language (DQL), as the query bar of OpenSearch Dashboards has it: `level:ERROR and took >= 100`.
//!
//! Pure: texts in, queries of OpenSearch or an error with its place out. [`parse`] reads, [`to_query`] translates with
//! what is known of the fields, [`complete()`] says what may stand at a place of the text. Sending a query, and asking for
//! the values of a field, is left to the caller.
//!
//! The grammar is OpenSearch Dashboards' own, its oddities included, for what was typed there must mean the same here:
//! two words are one value, `not` binds its next term only, and a word that ends in `not`, `and` or `or` before a space
//! has to be quoted.
//! Source: <https://docs.opensearch.org/latest/dashboards/dql/>

mod complete;
mod cursor;
mod expression;
mod grammar;
mod literal;
mod scanner;
mod translate;

pub use crate::{
    complete::{Completion, Suggestion, Wanted, complete},
    expression::{Expression, Literal, Operator, Term, Wildcard},
    grammar::{MAX_BYTES, MAX_DEPTH, SyntaxError, parse},
    translate::{Field, FieldError, Kind, to_query},
};
