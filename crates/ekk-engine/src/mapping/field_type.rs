//! The types a leaf field can have.
//!
//! How each is stored in a segment is [`crate::segment`]'s; how JSON becomes a value of it is `document`'s.

use super::DateFormat;
use crate::analysis::Analyzer;

/// The type of a leaf field, with the parameters that change how it is indexed or queried.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FieldType {
    /// `text` and `match_only_text`: analyzed, with positions.
    Text {
        /// Cuts values into terms.
        analyzer: Analyzer,
        /// Cuts query text into terms.
        search_analyzer: Analyzer,
    },
    /// `keyword`: one term a value.
    Keyword {
        /// Values of more UTF-16 code units than this are left out (inclusive bound).
        ignore_above: Option<usize>,
        /// What is done to a value before it is indexed or looked up.
        normalizer: Option<Normalizer>,
    },
    /// `long`: -2^63..=2^63-1.
    Long,
    /// `integer`: -2^31..=2^31-1.
    Integer,
    /// `short`: -32768..=32767.
    Short,
    /// `byte`: -128..=127.
    Byte,
    /// `unsigned_long`: 0..=2^64-1.
    UnsignedLong,
    /// `double`.
    Double,
    /// `float`; values are rounded to 32 bits.
    Float,
    /// `half_float`; values are rounded to 16 bits.
    HalfFloat,
    /// `scaled_float`: a long of the value times the factor; columns hold the rounded value itself.
    ScaledFloat {
        /// The factor, over 0.
        scaling_factor: f64,
    },
    /// `boolean`.
    Boolean,
    /// `date`: milliseconds since 1970-01-01T00:00:00Z.
    Date {
        /// How strings are read and values printed.
        format: DateFormat,
    },
    /// `ip`: IPv6, with IPv4 mapped into it.
    Ip,
    /// `binary`: kept in the source only.
    Binary,
}

/// What a keyword's `normalizer` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalizer {
    /// `lowercase`.
    Lowercase,
}

impl FieldType {
    /// The type's name in a mapping, for example `half_float`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Keyword { .. } => "keyword",
            Self::Long => "long",
            Self::Integer => "integer",
            Self::Short => "short",
            Self::Byte => "byte",
            Self::UnsignedLong => "unsigned_long",
            Self::Double => "double",
            Self::Float => "float",
            Self::HalfFloat => "half_float",
            Self::ScaledFloat { .. } => "scaled_float",
            Self::Boolean => "boolean",
            Self::Date { .. } => "date",
            Self::Ip => "ip",
            Self::Binary => "binary",
        }
    }

    /// Whether the type holds whole numbers in an i64 column (a date does not count as one).
    pub fn is_whole_number(&self) -> bool {
        matches!(self, Self::Long | Self::Integer | Self::Short | Self::Byte | Self::UnsignedLong)
    }

    /// Whether the type holds fractions in an f64 column.
    pub fn is_fraction(&self) -> bool {
        matches!(self, Self::Double | Self::Float | Self::HalfFloat | Self::ScaledFloat { .. })
    }

    /// Whether the type is a number.
    pub fn is_number(&self) -> bool {
        self.is_whole_number() || self.is_fraction()
    }
}
