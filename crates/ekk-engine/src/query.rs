//! Queries: what a search may ask of documents, as parsed types, and how they run.
//!
//! This module holds the tree that the REST edge builds from OpenSearch's query DSL; names and defaults are the DSL's.
//! Parsing the DSL's JSON is the edge's, while texts inside a query (`query_string`, date math, `minimum_should_match`)
//! are parsed here. `clause` turns a tree into what runs on a segment, by the rules of each field's type.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/>

pub(crate) mod clause;
pub mod date_math;
mod full_text;
mod lucene;
mod minimum_should_match;
pub(crate) mod resolve;
mod scalar;
mod simple_syntax;
mod term_level;

pub use full_text::{
    FieldBoost, Fuzziness, MatchBoolPrefixQuery, MatchPhrasePrefixQuery, MatchPhraseQuery, MatchQuery, MultiMatchQuery,
    MultiMatchType, Operator, QueryStringQuery, SimpleFlags, SimpleQueryStringQuery, ZeroTerms,
};
pub use minimum_should_match::MinimumShouldMatch;
pub use scalar::Scalar;
pub use term_level::{
    Bound, FuzzyQuery, PrefixQuery, RangeQuery, RangeRelation, RegexpQuery, TermQuery, TermsQuery, WildcardQuery,
};

/// A query with what every query may carry.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What is asked.
    pub kind: QueryKind,
    /// Factor on the score, 1.0 by default.
    pub boost: f32,
    /// `_name`: hits list it under `matched_queries`.
    pub name: Option<String>,
}

impl Query {
    /// The query with boost 1.0 and no name.
    pub fn new(kind: impl Into<QueryKind>) -> Self {
        Self { kind: kind.into(), boost: 1.0, name: None }
    }

    /// Every document, score 1.0.
    pub fn match_all() -> Self {
        Self::new(QueryKind::MatchAll)
    }

    /// No document.
    pub fn match_none() -> Self {
        Self::new(QueryKind::MatchNone)
    }

    /// The same query with `boost`.
    #[must_use]
    pub fn boosted(mut self, boost: f32) -> Self {
        self.boost = boost;
        self
    }

    /// The same query with a `_name`.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl<K: Into<QueryKind>> From<K> for Query {
    fn from(kind: K) -> Self {
        Self::new(kind)
    }
}

/// Every kind of query the engine runs; the edge refuses others by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum QueryKind {
    /// `match_all`.
    MatchAll,
    /// `match_none`.
    MatchNone,
    /// `match`.
    Match(MatchQuery),
    /// `match_phrase`.
    MatchPhrase(MatchPhraseQuery),
    /// `match_phrase_prefix`.
    MatchPhrasePrefix(MatchPhrasePrefixQuery),
    /// `match_bool_prefix`.
    MatchBoolPrefix(MatchBoolPrefixQuery),
    /// `multi_match`.
    MultiMatch(MultiMatchQuery),
    /// `query_string`.
    QueryString(QueryStringQuery),
    /// `simple_query_string`.
    SimpleQueryString(SimpleQueryStringQuery),
    /// `term`.
    Term(TermQuery),
    /// `terms`.
    Terms(TermsQuery),
    /// `range`.
    Range(RangeQuery),
    /// `exists`: the field, or any field of the object, has a value.
    Exists {
        /// Path of a field or an object; `*` is a wildcard.
        field: String,
    },
    /// `prefix`.
    Prefix(PrefixQuery),
    /// `wildcard`.
    Wildcard(WildcardQuery),
    /// `regexp`.
    Regexp(RegexpQuery),
    /// `fuzzy`.
    Fuzzy(FuzzyQuery),
    /// `ids`.
    Ids {
        /// The `_id`s.
        values: Vec<String>,
    },
    /// `bool`.
    Bool(BoolQuery),
    /// `constant_score`: the filter's documents, each scored with the boost.
    ConstantScore(Box<Query>),
    /// `dis_max`.
    DisMax(DisMaxQuery),
    /// `boosting`.
    Boosting(BoostingQuery),
}

/// `bool`: clauses combined.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoolQuery {
    /// All of these, scored.
    pub must: Vec<Query>,
    /// All of these, not scored.
    pub filter: Vec<Query>,
    /// Some of these, scored.
    pub should: Vec<Query>,
    /// None of these.
    pub must_not: Vec<Query>,
    /// How many of `should`; by default one if there is neither `must` nor `filter`, else none.
    pub minimum_should_match: Option<MinimumShouldMatch>,
}

/// `dis_max`: the best of several queries.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DisMaxQuery {
    /// A document matches if one of these does.
    pub queries: Vec<Query>,
    /// Share of the other queries' scores that is added to the best one's, 0.0 to 1.0.
    pub tie_breaker: f32,
}

/// `boosting`: documents of `positive`, those also in `negative` scored down.
#[derive(Debug, Clone, PartialEq)]
pub struct BoostingQuery {
    /// What matches.
    pub positive: Box<Query>,
    /// What lowers the score.
    pub negative: Box<Query>,
    /// Factor on the score of those in `negative`, 0.0 to 1.0.
    pub negative_boost: f32,
}

macro_rules! kind_from {
    ($($query:ty => $kind:ident),* $(,)?) => {
        $(impl From<$query> for QueryKind {
            fn from(query: $query) -> Self {
                Self::$kind(query)
            }
        })*
    };
}

kind_from! {
    MatchQuery => Match,
    MatchPhraseQuery => MatchPhrase,
    MatchPhrasePrefixQuery => MatchPhrasePrefix,
    MatchBoolPrefixQuery => MatchBoolPrefix,
    MultiMatchQuery => MultiMatch,
    QueryStringQuery => QueryString,
    SimpleQueryStringQuery => SimpleQueryString,
    TermQuery => Term,
    TermsQuery => Terms,
    RangeQuery => Range,
    PrefixQuery => Prefix,
    WildcardQuery => Wildcard,
    RegexpQuery => Regexp,
    FuzzyQuery => Fuzzy,
    BoolQuery => Bool,
    DisMaxQuery => DisMax,
    BoostingQuery => Boosting,
}
