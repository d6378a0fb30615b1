//! A query that the mapping has given its meaning, and how it runs on a segment.
//!
//! A [`Clause`] names fields by [`FieldId`] and holds terms and values as they are indexed; it is one for all segments of
//! an index. [`Clause::for_segment`] turns it into a tantivy query for one of them. A clause scores 1.0 unless it is a
//! text's term or phrase, which score by BM25 over the statistics of the whole index, as Lucene computes it.

mod docs;
mod pattern;
mod statistics;

use std::{ops::Bound, sync::Arc};

use tantivy::{
    Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, ExistsQuery,
        FastFieldRangeQuery, InvertedIndexRangeQuery, Occur, PhraseQuery, Query, TermQuery, TermSetQuery,
    },
    schema::{Field, IndexRecordOption},
};

use self::docs::{Demoted, matching_terms, numbers_among};
pub(crate) use self::{
    pattern::{Edits, Pattern},
    statistics::Statistics,
};
use crate::{mapping::FieldId, segment::Segment};

/// tantivy's BM25 has a factor `k1 + 1` (2.2) that Lucene left out in version 8.
const LUCENE_SCALE: f32 = 1.0 / 2.2;

/// A query in terms of the index.
#[derive(Debug, Clone)]
pub(crate) enum Clause {
    All,
    None,
    /// A term of an inverted index, score 1.0.
    Term {
        place: Place,
        term: String,
    },
    /// Any of several terms, score 1.0.
    Terms {
        place: Place,
        terms: Vec<String>,
    },
    /// A term of a text, scored.
    Word {
        field: FieldId,
        term: String,
        statistics: Arc<Statistics>,
    },
    /// Words at their positions, scored.
    Phrase {
        field: FieldId,
        words: Vec<(usize, String)>,
        slop: u32,
        statistics: Arc<Statistics>,
    },
    /// Terms that a pattern matches, score 1.0.
    Pattern {
        field: FieldId,
        pattern: Arc<Pattern>,
    },
    /// Terms between two, score 1.0.
    TermRange {
        field: FieldId,
        lower: Bound<String>,
        upper: Bound<String>,
        column: bool,
    },
    /// Values of a column between two, score 1.0.
    Values {
        field: FieldId,
        range: ValueRange,
    },
    /// Any of several whole numbers of a column, score 1.0.
    LongsAmong {
        field: FieldId,
        values: Arc<[i64]>,
    },
    /// A boolean, score 1.0.
    Flag {
        field: FieldId,
        value: bool,
    },
    /// Documents with a value in the column, score 1.0.
    HasValue {
        field: FieldId,
    },
    Bool(Box<BoolClause>),
    DisMax {
        clauses: Vec<Clause>,
        tie_breaker: f32,
    },
    Boosting {
        positive: Box<Clause>,
        negative: Box<Clause>,
        factor: f32,
    },
    /// The documents of the clause, each with this score.
    Constant(Box<Clause>, f32),
    /// The clause with its scores times a factor.
    Boosted(Box<Clause>, f32),
}

/// Which inverted index a term stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Leaf(FieldId),
    Id,
    FieldNames,
}

/// Clauses combined.
#[derive(Debug, Clone, Default)]
pub(crate) struct BoolClause {
    pub(crate) must: Vec<Clause>,
    pub(crate) filter: Vec<Clause>,
    pub(crate) should: Vec<Clause>,
    pub(crate) must_not: Vec<Clause>,
    pub(crate) minimum_should_match: usize,
}

/// An inclusive range of a column's values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ValueRange {
    Long(i64, i64),
    UnsignedLong(u64, u64),
    Double(f64, f64),
    Ip(std::net::Ipv6Addr, std::net::Ipv6Addr),
}

impl ValueRange {
    fn is_empty(self) -> bool {
        match self {
            Self::Long(lower, upper) => lower > upper,
            Self::UnsignedLong(lower, upper) => lower > upper,
            Self::Double(lower, upper) => lower > upper,
            Self::Ip(lower, upper) => lower > upper,
        }
    }
}

impl Clause {
    /// A bool of `should` clauses, one of which must match; flat when there is only one.
    pub(crate) fn any(mut clauses: Vec<Clause>) -> Self {
        match clauses.len() {
            0 => Self::None,
            1 => clauses.remove(0),
            _ => Self::Bool(Box::new(BoolClause { should: clauses, minimum_should_match: 1, ..BoolClause::default() })),
        }
    }

    /// A bool of `must` clauses; flat when there is only one.
    pub(crate) fn every(mut clauses: Vec<Clause>) -> Self {
        match clauses.len() {
            0 => Self::None,
            1 => clauses.remove(0),
            _ => Self::Bool(Box::new(BoolClause { must: clauses, ..BoolClause::default() })),
        }
    }

    /// The best of several clauses; flat when there is only one.
    pub(crate) fn best(mut clauses: Vec<Clause>, tie_breaker: f32) -> Self {
        match clauses.len() {
            0 => Self::None,
            1 => clauses.remove(0),
            _ => Self::DisMax { clauses, tie_breaker },
        }
    }

    /// The clause with its scores times `factor`.
    pub(crate) fn boosted(self, factor: f32) -> Self {
        #[expect(clippy::float_cmp, reason = "1.0 is the default and means that nothing is to be done")]
        if factor == 1.0 { self } else { Self::Boosted(Box::new(self), factor) }
    }

    /// Whether the number of documents is known without looking at them; of one term only while none was deleted.
    pub(crate) fn has_known_count(&self, intact: bool) -> bool {
        match self {
            Self::All => true,
            Self::Term { .. } | Self::Word { .. } | Self::Flag { .. } => intact,
            Self::Constant(clause, _) | Self::Boosted(clause, _) => clause.has_known_count(intact),
            _ => false,
        }
    }

    /// The score of every document of the clause, when it is the same for all.
    pub(crate) fn constant_score(&self) -> Option<f32> {
        match self {
            Self::All
            | Self::Term { .. }
            | Self::Terms { .. }
            | Self::Pattern { .. }
            | Self::TermRange { .. }
            | Self::Values { .. }
            | Self::LongsAmong { .. }
            | Self::Flag { .. }
            | Self::HasValue { .. } => Some(1.0),
            Self::None => Some(0.0),
            Self::Constant(_, score) => Some(*score),
            Self::Boosted(clause, factor) => clause.constant_score().map(|score| score * factor),
            Self::Bool(clauses) if clauses.should.is_empty() => {
                clauses.must.iter().try_fold(0.0, |sum, clause| Some(sum + clause.constant_score()?))
            }
            Self::Word { .. } | Self::Phrase { .. } | Self::Bool(_) | Self::DisMax { .. } | Self::Boosting { .. } => {
                None
            }
        }
    }

    /// The tantivy query that runs the clause on one segment.
    pub(crate) fn for_segment(&self, segment: &Segment) -> Box<dyn Query> {
        match self {
            Self::All => Box::new(AllQuery),
            Self::None => Box::new(EmptyQuery),
            Self::Term { place, term } => on_place(segment, *place, |field| {
                constant(TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::Basic))
            }),
            Self::Terms { place, terms } => on_place(segment, *place, |field| {
                constant(TermSetQuery::new(terms.iter().map(|term| Term::from_field_text(field, term))))
            }),
            Self::Word { field, term, statistics } => on_leaf(segment, *field, |field| {
                let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
                scored(query, statistics)
            }),
            Self::Phrase { field, words, slop, statistics } => on_leaf(segment, *field, |field| {
                let terms = words.iter().map(|(at, word)| (*at, Term::from_field_text(field, word))).collect();
                scored(PhraseQuery::new_with_offset_and_slop(terms, *slop), statistics)
            }),
            Self::Pattern { field, pattern } => on_leaf(segment, *field, |field| {
                let entry = segment.schema().get_field_entry(field);
                matching_terms(field, entry.is_fast().then_some(entry.name()), pattern)
            }),
            Self::TermRange { field, lower, upper, column } => on_leaf(segment, *field, |field| {
                let term = |bound: &Bound<String>| bound.as_ref().map(|text| Term::from_field_text(field, text));
                if *column {
                    constant(FastFieldRangeQuery::new(term(lower), term(upper)))
                } else {
                    constant(InvertedIndexRangeQuery::new(term(lower), term(upper)))
                }
            }),
            Self::Values { range, .. } if range.is_empty() => Box::new(EmptyQuery),
            Self::Values { field, range } => on_leaf(segment, *field, |field| values(field, *range)),
            Self::LongsAmong { field, values } => on_column(segment, *field, |name| numbers_among(name, values)),
            Self::Flag { field, value } => on_leaf(segment, *field, |field| {
                constant(TermQuery::new(Term::from_field_bool(field, *value), IndexRecordOption::Basic))
            }),
            Self::HasValue { field } => {
                on_column(segment, *field, |name| constant(ExistsQuery::new(name.to_owned(), false)))
            }
            Self::Bool(clauses) => clauses.for_segment(segment),
            Self::DisMax { clauses, tie_breaker } => {
                let queries = clauses.iter().map(|clause| clause.for_segment(segment)).collect();
                Box::new(DisjunctionMaxQuery::with_tie_breaker(queries, *tie_breaker))
            }
            Self::Boosting { positive, negative, factor } => {
                Box::new(Demoted::new(positive.for_segment(segment), negative.for_segment(segment), *factor))
            }
            Self::Constant(clause, score) => Box::new(ConstScoreQuery::new(clause.for_segment(segment), *score)),
            Self::Boosted(clause, factor) => Box::new(BoostQuery::new(clause.for_segment(segment), *factor)),
        }
    }
}

impl BoolClause {
    fn for_segment(&self, segment: &Segment) -> Box<dyn Query> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let required = !self.must.is_empty() || !self.filter.is_empty();
        clauses.extend(self.must.iter().map(|clause| (Occur::Must, clause.for_segment(segment))));
        clauses.extend(self.filter.iter().map(|clause| (Occur::Must, unscored(clause.for_segment(segment)))));
        clauses.extend(self.should.iter().map(|clause| (Occur::Should, clause.for_segment(segment))));
        if !required && self.should.is_empty() {
            clauses.push((Occur::Must, unscored(Box::new(AllQuery))));
        }
        clauses.extend(self.must_not.iter().map(|clause| (Occur::MustNot, clause.for_segment(segment))));
        let minimum = match self.minimum_should_match {
            0 if !required && !self.should.is_empty() => 1,
            minimum => minimum,
        };
        if minimum > self.should.len() {
            return Box::new(EmptyQuery);
        }
        Box::new(BooleanQuery::with_minimum_required_clauses(clauses, minimum))
    }
}

fn on_place(segment: &Segment, place: Place, query: impl FnOnce(Field) -> Box<dyn Query>) -> Box<dyn Query> {
    match place {
        Place::Leaf(field) => on_leaf(segment, field, query),
        Place::Id => query(segment.id_field()),
        Place::FieldNames => query(segment.field_names_field()),
    }
}

/// The query, or none when the segment is older than the field.
fn on_leaf(segment: &Segment, field: FieldId, query: impl FnOnce(Field) -> Box<dyn Query>) -> Box<dyn Query> {
    segment.field(field).map_or_else(|| Box::new(EmptyQuery) as Box<dyn Query>, query)
}

fn on_column(segment: &Segment, field: FieldId, query: impl FnOnce(&str) -> Box<dyn Query>) -> Box<dyn Query> {
    on_leaf(segment, field, |field| query(segment.schema().get_field_name(field)))
}

fn constant(query: impl Query) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(Box::new(query), 1.0))
}

fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn scored(query: impl Query, statistics: &Arc<Statistics>) -> Box<dyn Query> {
    Box::new(BoostQuery::new(statistics::over_the_index(Box::new(query), statistics), LUCENE_SCALE))
}

fn values(field: Field, range: ValueRange) -> Box<dyn Query> {
    let (lower, upper) = match range {
        ValueRange::Long(lower, upper) => (Term::from_field_i64(field, lower), Term::from_field_i64(field, upper)),
        ValueRange::UnsignedLong(lower, upper) => {
            (Term::from_field_u64(field, lower), Term::from_field_u64(field, upper))
        }
        ValueRange::Double(lower, upper) => (Term::from_field_f64(field, lower), Term::from_field_f64(field, upper)),
        ValueRange::Ip(lower, upper) => {
            (Term::from_field_ip_addr(field, lower), Term::from_field_ip_addr(field, upper))
        }
    };
    constant(FastFieldRangeQuery::new(Bound::Included(lower), Bound::Included(upper)))
}
