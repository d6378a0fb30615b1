//! The full-text queries: texts that are analysed as the field is.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/full-text/index/>

use super::minimum_should_match::MinimumShouldMatch;
use super::scalar::Scalar;
use crate::error::Exception;

/// How the terms of a text combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Operator {
    /// Any term will do.
    #[default]
    Or,
    /// All terms must match.
    And,
}

/// What a text without terms (only stop words or punctuation) matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ZeroTerms {
    /// Nothing.
    #[default]
    None,
    /// Everything.
    All,
}

/// How many edits a term may be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fuzziness {
    /// `AUTO` or `AUTO:low,high`: 0 edits below `low` characters, 1 below `high`, else 2.
    Auto {
        /// 3 by default.
        low: usize,
        /// 6 by default.
        high: usize,
    },
    /// 0, 1 or 2 edits.
    Edits(u8),
}

impl Fuzziness {
    /// `AUTO`.
    pub const AUTO: Self = Self::Auto { low: 3, high: 6 };

    /// Reads `AUTO`, `AUTO:3,6`, `0`, `1`, `2`.
    ///
    /// # Errors
    /// `illegal_argument_exception`: it is none of these.
    pub fn parse(text: &str) -> Result<Self, Exception> {
        let upper = text.to_ascii_uppercase();
        if upper == "AUTO" {
            return Ok(Self::AUTO);
        }
        if let Some(bounds) = upper.strip_prefix("AUTO:") {
            let parsed = bounds.split_once(',').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
            return match parsed {
                Some((low, high)) if low <= high => Ok(Self::Auto { low, high }),
                _ => Err(Exception::new(
                    "parse_exception",
                    format!("failed to find low and high distance values in [{text}]"),
                )),
            };
        }
        match text.parse::<f64>() {
            Ok(0.0) => Ok(Self::Edits(0)),
            Ok(1.0) => Ok(Self::Edits(1)),
            Ok(2.0) => Ok(Self::Edits(2)),
            _ => Err(Exception::illegal_argument(format!("Valid edit distances are [0, 1, 2] but was [{text}]"))),
        }
    }

    /// The edits allowed for a term of `chars` characters.
    pub fn edits(self, chars: usize) -> u8 {
        match self {
            Self::Auto { low, .. } if chars < low => 0,
            Self::Auto { high, .. } if chars < high => 1,
            Self::Auto { .. } => 2,
            Self::Edits(edits) => edits,
        }
    }
}

/// `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchQuery {
    /// Path of the field.
    pub field: String,
    /// The text or value.
    pub query: Scalar,
    /// How the terms combine.
    pub operator: Operator,
    /// How many terms must match when the operator is or.
    pub minimum_should_match: Option<MinimumShouldMatch>,
    /// Edits allowed for each term; exact when `None`.
    pub fuzziness: Option<Fuzziness>,
    /// Characters at the start that must be equal.
    pub prefix_length: usize,
    /// Terms tried at most for a fuzzy term, 50 by default.
    pub max_expansions: usize,
    /// `fuzzy_transpositions`, true by default.
    pub fuzzy_transpositions: bool,
    /// Whether a value that the field's type cannot be matches nothing instead of failing.
    pub lenient: bool,
    /// What a text without terms matches.
    pub zero_terms_query: ZeroTerms,
    /// Analyzer for the text instead of the field's.
    pub analyzer: Option<String>,
}

impl MatchQuery {
    /// The text in the field, any term, with the DSL's defaults.
    pub fn new(field: impl Into<String>, query: impl Into<Scalar>) -> Self {
        Self {
            field: field.into(),
            query: query.into(),
            operator: Operator::Or,
            minimum_should_match: None,
            fuzziness: None,
            prefix_length: 0,
            max_expansions: 50,
            fuzzy_transpositions: true,
            lenient: false,
            zero_terms_query: ZeroTerms::None,
            analyzer: None,
        }
    }
}

/// `match_phrase`.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchPhraseQuery {
    /// Path of the field.
    pub field: String,
    /// The text or value.
    pub query: Scalar,
    /// Moves of words allowed, 0 by default.
    pub slop: u32,
    /// What a text without terms matches.
    pub zero_terms_query: ZeroTerms,
    /// Analyzer for the text instead of the field's.
    pub analyzer: Option<String>,
}

impl MatchPhraseQuery {
    /// The words next to one another.
    pub fn new(field: impl Into<String>, query: impl Into<Scalar>) -> Self {
        Self { field: field.into(), query: query.into(), slop: 0, zero_terms_query: ZeroTerms::None, analyzer: None }
    }
}

/// `match_phrase_prefix`: a phrase whose last word may go on.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchPhrasePrefixQuery {
    /// Path of the field.
    pub field: String,
    /// The text or value.
    pub query: Scalar,
    /// Moves of words allowed, 0 by default.
    pub slop: u32,
    /// Words tried at most for the last one, 50 by default.
    pub max_expansions: usize,
    /// What a text without terms matches.
    pub zero_terms_query: ZeroTerms,
    /// Analyzer for the text instead of the field's.
    pub analyzer: Option<String>,
}

impl MatchPhrasePrefixQuery {
    /// The words next to one another, the last one a prefix.
    pub fn new(field: impl Into<String>, query: impl Into<Scalar>) -> Self {
        Self {
            field: field.into(),
            query: query.into(),
            slop: 0,
            max_expansions: 50,
            zero_terms_query: ZeroTerms::None,
            analyzer: None,
        }
    }
}

/// `match_bool_prefix`: terms, the last one a prefix.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchBoolPrefixQuery {
    /// Path of the field.
    pub field: String,
    /// The text or value.
    pub query: Scalar,
    /// How the terms combine.
    pub operator: Operator,
    /// How many terms must match when the operator is or.
    pub minimum_should_match: Option<MinimumShouldMatch>,
    /// Edits allowed for each term but the last.
    pub fuzziness: Option<Fuzziness>,
    /// Characters at the start that must be equal.
    pub prefix_length: usize,
    /// Terms tried at most for a fuzzy term, 50 by default.
    pub max_expansions: usize,
    /// Analyzer for the text instead of the field's.
    pub analyzer: Option<String>,
}

impl MatchBoolPrefixQuery {
    /// Any of the terms, the last one a prefix.
    pub fn new(field: impl Into<String>, query: impl Into<Scalar>) -> Self {
        Self {
            field: field.into(),
            query: query.into(),
            operator: Operator::Or,
            minimum_should_match: None,
            fuzziness: None,
            prefix_length: 0,
            max_expansions: 50,
            analyzer: None,
        }
    }
}

/// A field of a multi-field query, with its boost.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldBoost {
    /// Path; `*` is a wildcard.
    pub path: String,
    /// Factor on the field's score, 1.0 by default.
    pub boost: f32,
}

impl FieldBoost {
    /// Reads `path` or `path^boost`.
    ///
    /// # Errors
    /// `number_format_exception`: what follows `^` is not a number.
    pub fn parse(text: &str) -> Result<Self, Exception> {
        match text.split_once('^') {
            None => Ok(Self { path: text.to_owned(), boost: 1.0 }),
            Some((path, boost)) => match boost.parse() {
                Ok(boost) => Ok(Self { path: path.to_owned(), boost }),
                Err(_) => Err(Exception::new("number_format_exception", format!("For input string: \"{boost}\""))),
            },
        }
    }
}

/// `type` of a `multi_match`, and of a `query_string` over several fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MultiMatchType {
    /// The best field's score counts.
    #[default]
    BestFields,
    /// All fields' scores count.
    MostFields,
    /// The terms are looked for across the fields as if they were one.
    CrossFields,
    /// A phrase in the best field.
    Phrase,
    /// A phrase with an open end in the best field.
    PhrasePrefix,
    /// Terms, the last one a prefix, in all fields.
    BoolPrefix,
}

/// `multi_match`.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiMatchQuery {
    /// The text or value.
    pub query: Scalar,
    /// The fields; empty means the index's `index.query.default_field`, all fields that a text may be asked of.
    pub fields: Vec<FieldBoost>,
    /// How the fields combine.
    pub kind: MultiMatchType,
    /// How the terms combine within a field.
    pub operator: Operator,
    /// How many terms must match within a field.
    pub minimum_should_match: Option<MinimumShouldMatch>,
    /// Edits allowed for each term.
    pub fuzziness: Option<Fuzziness>,
    /// Characters at the start that must be equal.
    pub prefix_length: usize,
    /// Terms tried at most for a fuzzy term or a prefix, 50 by default.
    pub max_expansions: usize,
    /// Moves of words allowed in a phrase.
    pub slop: u32,
    /// Share of the other fields' scores that is added to the best one's; the type's own by default.
    pub tie_breaker: Option<f32>,
    /// Whether a value that a field's type cannot be matches nothing there instead of failing.
    pub lenient: bool,
    /// What a text without terms matches.
    pub zero_terms_query: ZeroTerms,
    /// Analyzer for the text instead of the fields'.
    pub analyzer: Option<String>,
}

impl MultiMatchQuery {
    /// The text in any of the fields, with the DSL's defaults.
    pub fn new(query: impl Into<Scalar>) -> Self {
        Self {
            query: query.into(),
            fields: Vec::new(),
            kind: MultiMatchType::BestFields,
            operator: Operator::Or,
            minimum_should_match: None,
            fuzziness: None,
            prefix_length: 0,
            max_expansions: 50,
            slop: 0,
            tie_breaker: None,
            lenient: false,
            zero_terms_query: ZeroTerms::None,
            analyzer: None,
        }
    }
}

/// `query_string`: Lucene's query language.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "these are the query's own flags, as OpenSearch names them")]
pub struct QueryStringQuery {
    /// The text.
    pub query: String,
    /// `default_field`, the one field of terms that name none; `*` means all.
    pub default_field: Option<String>,
    /// `fields` of terms that name none.
    pub fields: Vec<FieldBoost>,
    /// How terms without an operator combine.
    pub default_operator: Operator,
    /// How several fields combine.
    pub kind: MultiMatchType,
    /// Whether a value that a field's type cannot be matches nothing instead of failing; by default only when the
    /// fields are not named.
    pub lenient: Option<bool>,
    /// Whether terms with wildcards are analysed.
    pub analyze_wildcard: bool,
    /// Whether a term may begin with a wildcard, true by default.
    pub allow_leading_wildcard: bool,
    /// Time zone of dates that name none.
    pub time_zone: Option<String>,
    /// How many of the optional clauses must match.
    pub minimum_should_match: Option<MinimumShouldMatch>,
    /// Moves of words allowed in phrases that name none.
    pub phrase_slop: u32,
    /// Edits of `term~`; `AUTO` by default.
    pub fuzziness: Fuzziness,
    /// `fuzzy_prefix_length`, 0 by default.
    pub fuzzy_prefix_length: usize,
    /// `fuzzy_max_expansions`, 50 by default.
    pub fuzzy_max_expansions: usize,
    /// `fuzzy_transpositions`, true by default.
    pub fuzzy_transpositions: bool,
    /// Share of the other fields' scores that is added to the best one's.
    pub tie_breaker: Option<f32>,
    /// Analyzer for the texts instead of the fields'.
    pub analyzer: Option<String>,
    /// Ending of field names that quoted texts are looked for in.
    pub quote_field_suffix: Option<String>,
    /// Whether special characters are escaped before the text is read.
    pub escape: bool,
}

impl QueryStringQuery {
    /// The text over all fields, with the DSL's defaults.
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            default_field: None,
            fields: Vec::new(),
            default_operator: Operator::Or,
            kind: MultiMatchType::BestFields,
            lenient: None,
            analyze_wildcard: false,
            allow_leading_wildcard: true,
            time_zone: None,
            minimum_should_match: None,
            phrase_slop: 0,
            fuzziness: Fuzziness::AUTO,
            fuzzy_prefix_length: 0,
            fuzzy_max_expansions: 50,
            fuzzy_transpositions: true,
            tie_breaker: None,
            analyzer: None,
            quote_field_suffix: None,
            escape: false,
        }
    }
}

/// `simple_query_string`: a language that cannot be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct SimpleQueryStringQuery {
    /// The text.
    pub query: String,
    /// The fields; empty means all that a text may be asked of.
    pub fields: Vec<FieldBoost>,
    /// How terms without an operator combine.
    pub default_operator: Operator,
    /// Which parts of the language are on.
    pub flags: SimpleFlags,
    /// Whether a value that a field's type cannot be matches nothing instead of failing; by default only when the
    /// fields are not named.
    pub lenient: Option<bool>,
    /// Whether terms with a trailing `*` are analysed.
    pub analyze_wildcard: bool,
    /// How many of the optional clauses must match.
    pub minimum_should_match: Option<MinimumShouldMatch>,
    /// `fuzzy_prefix_length`, 0 by default.
    pub fuzzy_prefix_length: usize,
    /// `fuzzy_max_expansions`, 50 by default.
    pub fuzzy_max_expansions: usize,
    /// `fuzzy_transpositions`, true by default.
    pub fuzzy_transpositions: bool,
    /// Analyzer for the texts instead of the fields'.
    pub analyzer: Option<String>,
    /// Ending of field names that quoted texts are looked for in.
    pub quote_field_suffix: Option<String>,
}

impl SimpleQueryStringQuery {
    /// The text over all fields, with the DSL's defaults.
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            fields: Vec::new(),
            default_operator: Operator::Or,
            flags: SimpleFlags::ALL,
            lenient: None,
            analyze_wildcard: false,
            minimum_should_match: None,
            fuzzy_prefix_length: 0,
            fuzzy_max_expansions: 50,
            fuzzy_transpositions: true,
            analyzer: None,
            quote_field_suffix: None,
        }
    }
}

/// `flags` of a `simple_query_string`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimpleFlags(u16);

impl SimpleFlags {
    /// Every part of the language.
    pub const ALL: Self = Self(0xFFFF);
    /// No part of it: only terms.
    pub const NONE: Self = Self(0);
    /// `+`.
    pub const AND: Self = Self(1);
    /// `-`.
    pub const NOT: Self = Self(2);
    /// `|`.
    pub const OR: Self = Self(4);
    /// A trailing `*`.
    pub const PREFIX: Self = Self(8);
    /// `"…"`.
    pub const PHRASE: Self = Self(16);
    /// `( )`.
    pub const PRECEDENCE: Self = Self(32);
    /// `\`.
    pub const ESCAPE: Self = Self(64);
    /// Space between terms.
    pub const WHITESPACE: Self = Self(128);
    /// `term~1`.
    pub const FUZZY: Self = Self(256);
    /// `"…"~2`, also named NEAR.
    pub const SLOP: Self = Self(512);

    /// Reads names joined by `|`, for example `OR|AND|PREFIX`.
    ///
    /// # Errors
    /// `illegal_argument_exception`: a name is unknown.
    pub fn parse(text: &str) -> Result<Self, Exception> {
        text.split('|').map(str::trim).filter(|name| !name.is_empty()).try_fold(Self::NONE, |flags, name| {
            let flag = match name.to_ascii_uppercase().as_str() {
                "ALL" => Self::ALL,
                "NONE" => Self::NONE,
                "AND" => Self::AND,
                "NOT" => Self::NOT,
                "OR" => Self::OR,
                "PREFIX" => Self::PREFIX,
                "PHRASE" => Self::PHRASE,
                "PRECEDENCE" => Self::PRECEDENCE,
                "ESCAPE" => Self::ESCAPE,
                "WHITESPACE" => Self::WHITESPACE,
                "FUZZY" => Self::FUZZY,
                "SLOP" | "NEAR" => Self::SLOP,
                _ => {
                    let reason = format!("Unknown simple_query_string flag [{name}]");
                    return Err(Exception::illegal_argument(reason));
                }
            };
            Ok(Self(flags.0 | flag.0))
        })
    }

    /// Whether all of `flag` is on.
    pub fn has(self, flag: Self) -> bool {
        self.0 & flag.0 == flag.0
    }
}
