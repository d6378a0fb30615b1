//! What a query means in one index: the mapping's types give each part its terms, values and errors.
//!
//! Source: <https://github.com/opensearch-project/OpenSearch/tree/3.4.0/server/src/main/java/org/opensearch/index/query>

mod exists;
mod full_text;
mod multi_match;
mod query_string;
mod range;
mod simple_query_string;
mod term;
mod terms_of_text;
mod value;

use std::sync::Arc;

pub(crate) use self::value::{address, java_double, network, print_address};

use jiff::Timestamp;

use super::{
    BoolQuery, BoostingQuery, DisMaxQuery, Query, QueryKind,
    clause::{BoolClause, Clause, Place, Statistics},
};
use crate::{
    error::Exception,
    index::Snapshot,
    mapping::{Field, Mapping},
    search::MAX_CLAUSE_COUNT,
};

/// Gives the queries of one search their meaning in one index.
#[derive(Debug)]
pub(crate) struct Resolver<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// What `now` in a date means.
    pub(crate) now: Timestamp,
    /// Whether scores are asked for; without them no statistics are read.
    pub(crate) scoring: bool,
}

/// What a value does that the field's type cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leniency {
    Fails,
    MatchesNothing,
}

impl Leniency {
    fn of(lenient: bool) -> Self {
        if lenient { Self::MatchesNothing } else { Self::Fails }
    }

    fn apply(self, clause: Result<Clause, Exception>) -> Result<Clause, Exception> {
        match (self, clause) {
            (Self::MatchesNothing, Err(_)) => Ok(Clause::None),
            (_, clause) => clause,
        }
    }
}

impl<'a> Resolver<'a> {
    /// The clause of a query.
    ///
    /// # Errors
    /// The exception of the shard: `query_shard_exception` around whatever went wrong, or a date's `parse_exception`.
    pub(crate) fn query(&self, query: &Query) -> Result<Clause, Exception> {
        self.resolve(query).map_err(|exception| match exception.kind {
            "query_shard_exception" | "parsing_exception" | "too_many_nested_clauses" | RANGE_DATE => Exception {
                kind: if exception.kind == RANGE_DATE { "parse_exception" } else { exception.kind },
                ..exception
            },
            _ => {
                let reason = format!("failed to create query: {}", exception.reason);
                Exception::new("query_shard_exception", reason).caused_by(exception)
            }
        })
    }

    fn resolve(&self, query: &Query) -> Result<Clause, Exception> {
        let clause = match &query.kind {
            QueryKind::MatchAll => Clause::All,
            QueryKind::MatchNone => Clause::None,
            QueryKind::Match(query) => self.match_query(query)?,
            QueryKind::MatchPhrase(query) => self.match_phrase(query)?,
            QueryKind::MatchPhrasePrefix(query) => self.match_phrase_prefix(query)?,
            QueryKind::MatchBoolPrefix(query) => self.match_bool_prefix(query)?,
            QueryKind::MultiMatch(query) => self.multi_match(query)?,
            QueryKind::QueryString(query) => self.query_string(query)?,
            QueryKind::SimpleQueryString(query) => self.simple_query_string(query)?,
            QueryKind::Term(query) => self.term(query)?,
            QueryKind::Terms(query) => self.terms(query)?,
            QueryKind::Range(query) => self.range(query)?,
            QueryKind::Exists { field } => self.exists(field),
            QueryKind::Prefix(query) => self.prefix(query)?,
            QueryKind::Wildcard(query) => self.wildcard(query)?,
            QueryKind::Regexp(query) => self.regexp(query)?,
            QueryKind::Fuzzy(query) => self.fuzzy(query)?,
            QueryKind::Ids { values } => Clause::Terms { place: Place::Id, terms: values.clone() },
            QueryKind::Bool(query) => self.bool_query(query)?,
            QueryKind::ConstantScore(filter) => Clause::Constant(Box::new(self.resolve(filter)?), 1.0),
            QueryKind::DisMax(query) => self.dis_max(query)?,
            QueryKind::Boosting(query) => self.boosting(query)?,
        };
        Ok(clause.boosted(query.boost))
    }

    fn all(&self, queries: &[Query]) -> Result<Vec<Clause>, Exception> {
        queries.iter().map(|query| self.resolve(query)).collect()
    }

    fn bool_query(&self, query: &BoolQuery) -> Result<Clause, Exception> {
        let count = query.must.len() + query.filter.len() + query.should.len() + query.must_not.len();
        if count == 0 {
            return Ok(Clause::All);
        }
        if count > MAX_CLAUSE_COUNT {
            let reason = format!("maxClauseCount is set to {MAX_CLAUSE_COUNT}");
            return Err(Exception::new("too_many_clauses", reason));
        }
        let minimum_should_match = match &query.minimum_should_match {
            Some(minimum) => minimum.required(query.should.len()),
            None => usize::from(query.must.is_empty() && query.filter.is_empty() && !query.should.is_empty()),
        };
        Ok(Clause::Bool(Box::new(BoolClause {
            must: self.all(&query.must)?,
            filter: self.all(&query.filter)?,
            should: self.all(&query.should)?,
            must_not: self.all(&query.must_not)?,
            minimum_should_match,
        })))
    }

    fn dis_max(&self, query: &DisMaxQuery) -> Result<Clause, Exception> {
        Ok(Clause::best(self.all(&query.queries)?, query.tie_breaker))
    }

    fn boosting(&self, query: &BoostingQuery) -> Result<Clause, Exception> {
        Ok(Clause::Boosting {
            positive: Box::new(self.resolve(&query.positive)?),
            negative: Box::new(self.resolve(&query.negative)?),
            factor: query.negative_boost,
        })
    }

    fn mapping(&self) -> &'a Mapping {
        &self.snapshot.mapping
    }

    fn field(&self, path: &str) -> Option<&'a Field> {
        self.mapping().field(path)
    }

    fn statistics(&self, field: &Field, terms: &[&str]) -> Result<Arc<Statistics>, Exception> {
        if !self.scoring {
            return Ok(Arc::default());
        }
        Statistics::read(&self.snapshot.segments, field, terms).map(Arc::new).map_err(unreadable)
    }

    /// A scored term of a text field.
    fn word(&self, field: &Field, term: &str) -> Result<Clause, Exception> {
        let statistics = self.statistics(field, &[term])?;
        Ok(Clause::Word { field: field.id, term: term.to_owned(), statistics })
    }
}

/// Stands for the `parse_exception` of a date in a range query, which OpenSearch does not wrap as it does others.
const RANGE_DATE: &str = "parse_exception of a range";

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn unreadable(error: tantivy::TantivyError) -> Exception {
    Exception::new("io_exception", error.to_string())
}
