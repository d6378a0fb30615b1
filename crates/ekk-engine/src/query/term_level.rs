//! The term-level queries: exact terms, ranges and patterns, without analysis.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/term/index/>

use super::full_text::Fuzziness;
use super::scalar::Scalar;

/// `term`.
#[derive(Debug, Clone, PartialEq)]
pub struct TermQuery {
    /// Path of the field.
    pub field: String,
    /// The exact value; for an `ip` field also a network such as `10.0.0.0/8`.
    pub value: Scalar,
    /// Whether ASCII letters match in either case.
    pub case_insensitive: bool,
}

impl TermQuery {
    /// The exact value in the field.
    pub fn new(field: impl Into<String>, value: impl Into<Scalar>) -> Self {
        Self { field: field.into(), value: value.into(), case_insensitive: false }
    }
}

/// `terms`: one of several values.
#[derive(Debug, Clone, PartialEq)]
pub struct TermsQuery {
    /// Path of the field.
    pub field: String,
    /// The values, at most `index.max_terms_count` (65,536).
    pub values: Vec<Scalar>,
}

/// `range`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RangeQuery {
    /// Path of the field.
    pub field: String,
    /// `gte`, `gt` or `from`; `None` is unbounded.
    pub lower: Option<Bound>,
    /// `lte`, `lt` or `to`; `None` is unbounded.
    pub upper: Option<Bound>,
    /// Date format of the bounds; the field's own by default.
    pub format: Option<String>,
    /// Time zone of bounds that name none, for example `Europe/Paris` or `+02:00`.
    pub time_zone: Option<String>,
    /// `relation`, meant for range fields; accepted on others and without effect there.
    pub relation: Option<RangeRelation>,
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The value; for a date field a date with optional math.
    pub value: Scalar,
    /// Whether the value itself is within.
    pub inclusive: bool,
}

impl Bound {
    /// `gte` or `lte`.
    pub fn inclusive(value: impl Into<Scalar>) -> Self {
        Self { value: value.into(), inclusive: true }
    }

    /// `gt` or `lt`.
    pub fn exclusive(value: impl Into<Scalar>) -> Self {
        Self { value: value.into(), inclusive: false }
    }
}

/// `relation` of a range query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeRelation {
    /// `INTERSECTS`.
    Intersects,
    /// `CONTAINS`.
    Contains,
    /// `WITHIN`.
    Within,
}

/// `prefix`.
#[derive(Debug, Clone, PartialEq)]
pub struct PrefixQuery {
    /// Path of the field.
    pub field: String,
    /// What the term starts with.
    pub value: String,
    /// Whether ASCII letters match in either case.
    pub case_insensitive: bool,
}

/// `wildcard`: `*` any characters, `?` one, `\` escapes.
#[derive(Debug, Clone, PartialEq)]
pub struct WildcardQuery {
    /// Path of the field.
    pub field: String,
    /// The pattern of a whole term.
    pub value: String,
    /// Whether ASCII letters match in either case.
    pub case_insensitive: bool,
}

/// `regexp`: Lucene's regular expressions, of a whole term.
#[derive(Debug, Clone, PartialEq)]
pub struct RegexpQuery {
    /// Path of the field.
    pub field: String,
    /// The expression.
    pub value: String,
    /// Whether ASCII letters match in either case.
    pub case_insensitive: bool,
}

/// `fuzzy`: terms within an edit distance.
#[derive(Debug, Clone, PartialEq)]
pub struct FuzzyQuery {
    /// Path of the field.
    pub field: String,
    /// The term looked for.
    pub value: Scalar,
    /// How many edits; `AUTO` by default.
    pub fuzziness: Fuzziness,
    /// Characters at the start that must be equal, 0 by default.
    pub prefix_length: usize,
    /// Terms tried at most, 50 by default.
    pub max_expansions: usize,
    /// Whether swapping two neighbours is one edit, true by default.
    pub transpositions: bool,
}
