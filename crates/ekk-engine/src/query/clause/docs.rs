//! Leaf queries that tantivy does not have: terms by any pattern, sets of numbers, and demotion.

use std::{collections::HashSet, fmt, sync::Arc};

use tantivy::{
    BitSet, DocId, DocSet, InvertedIndexReader, Result, Score, SegmentReader, TERMINATED, TantivyError, Term,
    postings::TermInfo,
    query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::{Field, IndexRecordOption},
};

use super::pattern::Pattern;
use crate::search::column::for_each;

/// Terms that are looked up one by one instead of reading the whole column.
const FEW_TERMS: usize = 32;

/// Documents with a term that the pattern matches, score 1.0. A column's dictionary is read several times faster than the
/// terms of an inverted index.
pub(super) fn matching_terms(field: Field, column: Option<&str>, pattern: &Arc<Pattern>) -> Box<dyn Query> {
    let (pattern, column) = (Arc::clone(pattern), column.map(str::to_owned));
    Box::new(Docs(Arc::new(move |reader| match &column {
        Some(column) => docs_of_column(reader, field, column, &pattern),
        None => docs_of_pattern(reader, field, &pattern),
    })))
}

fn docs_of_column(reader: &SegmentReader, field: Field, column: &str, pattern: &Pattern) -> Result<BitSet> {
    let mut docs = BitSet::with_max_value(reader.max_doc());
    let Some(column) = reader.fast_fields().str(column)? else { return Ok(docs) };
    let prefix = pattern.prefix();
    let range = column.dictionary().range().ge(prefix);
    let mut terms = match end_of(prefix.as_bytes()) {
        Some(end) if !prefix.is_empty() => range.lt(end).into_stream()?,
        _ => range.into_stream()?,
    };
    let (mut matched, mut few) = (vec![false; column.num_terms()], Vec::new());
    while terms.advance() {
        if !std::str::from_utf8(terms.key()).is_ok_and(|term| pattern.is_match(term)) {
            continue;
        }
        if few.len() <= FEW_TERMS {
            few.push(Term::from_field_bytes(field, terms.key()));
        }
        if let Some(matched) = usize::try_from(terms.term_ord()).ok().and_then(|ordinal| matched.get_mut(ordinal)) {
            *matched = true;
        }
    }
    let indexed = reader.schema().get_field_entry(field).is_indexed();
    if few.len() <= FEW_TERMS && indexed {
        let index = reader.inverted_index(field)?;
        for term in few {
            if let Some(info) = index.terms().get(term.serialized_value_bytes())? {
                insert_all(&mut docs, &index, &info)?;
            }
        }
        return Ok(docs);
    }
    let all: Vec<DocId> = (0..reader.max_doc()).collect();
    for_each(column.ords(), &all, |doc, ordinal| {
        if usize::try_from(ordinal).ok().and_then(|ordinal| matched.get(ordinal)) == Some(&true) {
            docs.insert(u32::try_from(doc).unwrap_or(DocId::MAX));
        }
    });
    Ok(docs)
}

fn insert_all(docs: &mut BitSet, index: &InvertedIndexReader, term: &TermInfo) -> Result<()> {
    let mut postings = index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?;
    while !postings.docs().is_empty() {
        for doc in postings.docs() {
            docs.insert(*doc);
        }
        postings.advance();
    }
    Ok(())
}

/// Documents with one of the numbers in an i64 column, score 1.0.
pub(super) fn numbers_among(column: &str, numbers: &Arc<[i64]>) -> Box<dyn Query> {
    let (column, numbers) = (column.to_owned(), numbers.iter().copied().collect::<HashSet<_>>());
    Box::new(Docs(Arc::new(move |reader| {
        let mut docs = BitSet::with_max_value(reader.max_doc());
        if let Some(column) = reader.fast_fields().column_opt::<i64>(&column)? {
            for doc in 0..reader.max_doc() {
                if column.values_for_doc(doc).any(|value| numbers.contains(&value)) {
                    docs.insert(doc);
                }
            }
        }
        Ok(docs)
    })))
}

fn docs_of_pattern(reader: &SegmentReader, field: Field, pattern: &Pattern) -> Result<BitSet> {
    let mut docs = BitSet::with_max_value(reader.max_doc());
    let index = reader.inverted_index(field)?;
    let mut terms = match pattern.prefix() {
        "" => index.terms().stream()?,
        prefix => match end_of(prefix.as_bytes()) {
            Some(end) => index.terms().range().ge(prefix).lt(end).into_stream()?,
            None => index.terms().range().ge(prefix).into_stream()?,
        },
    };
    while terms.advance() {
        let matches = std::str::from_utf8(terms.key()).is_ok_and(|term| pattern.is_match(term));
        if !matches {
            continue;
        }
        insert_all(&mut docs, &index, terms.value())?;
    }
    Ok(docs)
}

/// The least byte string above all that begin with `prefix`.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte < u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}

type FindDocs = dyn Fn(&SegmentReader) -> Result<BitSet> + Send + Sync;

/// A set of documents that is found at once, score 1.0.
#[derive(Clone)]
struct Docs(Arc<FindDocs>);

impl fmt::Debug for Docs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Docs")
    }
}

impl Query for Docs {
    fn weight(&self, _: EnableScoring<'_>) -> Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Docs {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> Result<Box<dyn Scorer>> {
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from((self.0)(reader)?), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> Result<Explanation> {
        Ok(Explanation::new("constant", 1.0))
    }
}

/// The documents of one query, those also in another scored down.
#[derive(Debug)]
pub(super) struct Demoted {
    positive: Box<dyn Query>,
    negative: Box<dyn Query>,
    factor: Score,
}

impl Demoted {
    pub(super) fn new(positive: Box<dyn Query>, negative: Box<dyn Query>, factor: Score) -> Self {
        Self { positive, negative, factor }
    }
}

impl Clone for Demoted {
    fn clone(&self) -> Self {
        Self::new(self.positive.box_clone(), self.negative.box_clone(), self.factor)
    }
}

impl Query for Demoted {
    fn weight(&self, scoring: EnableScoring<'_>) -> Result<Box<dyn Weight>> {
        if !scoring.is_scoring_enabled() {
            return self.positive.weight(scoring);
        }
        let negative = self
            .negative
            .weight(EnableScoring::Disabled { schema: scoring.schema(), searcher_opt: scoring.searcher() })?;
        Ok(Box::new(DemotedWeight { positive: self.positive.weight(scoring)?, negative, factor: self.factor }))
    }
}

struct DemotedWeight {
    positive: Box<dyn Weight>,
    negative: Box<dyn Weight>,
    factor: Score,
}

impl Weight for DemotedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> Result<Box<dyn Scorer>> {
        let (positive, negative) = (self.positive.scorer(reader, boost)?, self.negative.scorer(reader, 1.0)?);
        Ok(Box::new(DemotedScorer { positive, negative, factor: self.factor }))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> Result<Explanation> {
        Err(TantivyError::InvalidArgument("boosting is not explained".to_owned()))
    }
}

struct DemotedScorer {
    positive: Box<dyn Scorer>,
    negative: Box<dyn Scorer>,
    factor: Score,
}

impl DocSet for DemotedScorer {
    fn advance(&mut self) -> DocId {
        self.positive.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.positive.seek(target)
    }

    fn doc(&self) -> DocId {
        self.positive.doc()
    }

    fn size_hint(&self) -> u32 {
        self.positive.size_hint()
    }
}

impl Scorer for DemotedScorer {
    fn score(&mut self) -> Score {
        let (doc, score) = (self.positive.doc(), self.positive.score());
        if doc != TERMINATED && self.negative.doc() < doc {
            self.negative.seek(doc);
        }
        if self.negative.doc() == doc { score * self.factor } else { score }
    }
}
