//! The shapes that a request must have, as data: types, lengths, ranges, patterns, enums, required members.
//!
//! A request passes three stages, each with AWS's own words for a failure: its types are converted ([`convert`]), its
//! constraints are checked ([`constraint`]), and what is left becomes a Rust type that needs no further look.
//! Which members exist is in [`shapes`]; what a combination of members means is not the model's subject.

mod constraint;
mod convert;
mod pattern;
pub(crate) mod shapes;

use serde::de::DeserializeOwned;

pub(crate) use self::{constraint::Violations, convert::ConversionError, pattern::Pattern};
use crate::error::ApiError;

/// What one value of a request may be.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string.
    Text(Text),
    /// A whole number; a fraction is cut off, as AWS does.
    Integer {
        min: i64,
        max: i64,
    },
    Boolean,
    /// Base64 of at most `max_bytes` bytes.
    Blob {
        max_bytes: usize,
    },
    List {
        of: &'static Shape,
        min: usize,
        max: usize,
    },
    Structure(&'static Structure),
    /// A structure whose use is refused by name later on, so that its members do not matter.
    Refused,
}

/// A string's constraints; lengths are in UTF-16 code units, as AWS's front end counts them.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) pattern: Option<Pattern>,
    /// All allowed values, or none when any is allowed.
    pub(crate) values: &'static [&'static str],
}

/// A named group of members, in the order of AWS's model.
#[derive(Debug)]
pub(crate) struct Structure {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
}

/// One member of a structure.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: &'static Shape,
}

/// Reads `body` as `structure` and then as `T`, whose members must be among the structure's.
///
/// # Errors
/// - `SerializationException`: not JSON, or a value of the wrong type.
/// - `ValidationException`: one or more constraints are violated.
pub(crate) fn read<T: DeserializeOwned>(structure: &'static Structure, body: &[u8]) -> Result<T, ApiError> {
    let value = serde_json::from_slice(body).map_err(|_| ApiError::NotJson)?;
    let value = convert::request(structure, value)?;
    constraint::check(structure, &value)?;
    serde_json::from_value(value).map_err(|error| ApiError::Internal { doing: "read a request", source: error.into() })
}
