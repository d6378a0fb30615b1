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
use serde_json::{Map, Value};

pub(crate) use self::{constraint::Violations, convert::ConversionError, pattern::Pattern};
use crate::error::ApiError;

/// One operation and what it takes.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) input: &'static Structure,
}

/// What one value of a request may be.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string.
    Text(Text),
    /// A whole number; a fraction is cut off, as AWS does.
    Integer(Bounds),
    /// A number.
    Double(Bounds),
    Boolean,
    /// Seconds since 1970, as a number.
    Timestamp,
    /// Base64 of so many bytes.
    Blob(Bounds),
    List {
        of: &'static Shape,
        length: Bounds,
    },
    Map {
        key: &'static Shape,
        value: &'static Shape,
    },
    Structure(&'static Structure),
}

/// A string's constraints; lengths are in UTF-16 code units, as AWS's front end counts them.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) length: Bounds,
    pub(crate) pattern: Option<Pattern>,
    /// All allowed values, or none when any is allowed.
    pub(crate) values: &'static [&'static str],
}

/// The smallest and the largest that a quantity may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

/// A named group of members, in the order in which AWS's front end goes through them.
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

/// The request of an operation as a Rust type.
pub(crate) trait Input: DeserializeOwned {
    /// What the model says of it.
    const STRUCTURE: &'static Structure;
}

/// A request that the model found good, before it becomes a Rust type. Unknown members and nulls are gone.
#[derive(Debug)]
pub(crate) struct Checked(pub(crate) Map<String, Value>);

impl Checked {
    /// The request as the type of its operation.
    pub(crate) fn into_input<T: Input>(self) -> Result<T, ApiError> {
        typed(Value::Object(self.0))
    }
}

/// Reads `body` as the request of an operation.
///
/// # Errors
/// - `SerializationException`: not JSON, or a value of the wrong type.
/// - `ValidationException`: one or more constraints are violated.
pub(crate) fn read<T: Input>(body: &[u8]) -> Result<T, ApiError> {
    check::<T>(body)?.into_input()
}

/// Reads `body` and checks it as the request of an operation.
///
/// # Errors
/// As [`read`].
pub(crate) fn check<T: Input>(body: &[u8]) -> Result<Checked, ApiError> {
    check_structure(T::STRUCTURE, body)
}

pub(crate) fn check_structure(structure: &'static Structure, body: &[u8]) -> Result<Checked, ApiError> {
    let value = serde_json::from_slice(body).map_err(|_| ApiError::NotJson)?;
    let members = convert::request(structure, value)?;
    constraint::check(structure, &members)?;
    Ok(Checked(members))
}

/// Makes a type of the wire from members that the model found good.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|error| ApiError::Internal { doing: "read a request", source: error.into() })
}

/// Leaves of `members` what `structure` has members for, all the way down.
pub(crate) fn cut(structure: &Structure, members: &Map<String, Value>) -> Map<String, Value> {
    let known = structure.members.iter().filter_map(|member| {
        let value = members.get(member.name)?;
        Some((member.name.to_owned(), cut_value(member.shape, value)))
    });
    known.collect()
}

fn cut_value(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => Value::Object(cut(structure, members)),
        (Shape::List { of, .. }, Value::Array(items)) => items.iter().map(|item| cut_value(of, item)).collect(),
        (_, value) => value.clone(),
    }
}

#[cfg(test)]
mod tests;
