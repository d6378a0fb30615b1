//! The numbers BM25 needs, summed over all segments of an index.
//!
//! Lucene takes as number of documents those that have the field, and counts deleted documents until a merge.

use std::{collections::HashMap, sync::Arc};

use tantivy::{
    Result, Term,
    query::{Bm25StatisticsProvider, EnableScoring, Query, Weight},
    schema::Field,
};

use crate::{mapping, segment::Segment};

/// Largest segment, in documents, whose texts without terms are counted one by one.
const EXACT_DOCS: u32 = 1 << 16;

/// Statistics of one text field and of the terms that a query asks of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statistics {
    docs: u64,
    tokens: u64,
    frequencies: HashMap<String, u64>,
}

impl Statistics {
    /// Reads what is needed from every segment.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(crate) fn read(segments: &[Arc<Segment>], field: &mapping::Field, terms: &[&str]) -> Result<Self> {
        let mut statistics = Self::default();
        for segment in segments {
            let Some(column) = segment.field(field.id) else { continue };
            statistics.docs += docs_with(segment, field, column)?;
            let index = segment.reader().inverted_index(column)?;
            statistics.tokens += index.total_num_tokens();
            for term in terms {
                let frequency = u64::from(index.doc_freq(&Term::from_field_text(column, term))?);
                *statistics.frequencies.entry((*term).to_owned()).or_default() += frequency;
            }
        }
        let most = statistics.frequencies.values().copied().max().unwrap_or(0);
        statistics.docs = statistics.docs.max(most).max(1);
        Ok(statistics)
    }

    /// Documents that hold `term`; 0 for a term that was not asked for.
    pub(crate) fn frequency(&self, term: &str) -> u64 {
        self.frequencies.get(term).copied().unwrap_or(0)
    }

    /// The sum of the terms' inverse document frequencies.
    #[expect(clippy::cast_precision_loss, reason = "scores are single floats")]
    pub(crate) fn idf(&self, terms: &[&str]) -> f32 {
        let idf = |term: &&str| {
            let frequency = self.frequency(term) as f32;
            (1.0 + (self.docs as f32 - frequency + 0.5) / (frequency + 0.5)).ln()
        };
        terms.iter().map(idf).sum()
    }

    /// Lets each of the terms count as if it were as frequent as the most frequent one, as Lucene blends the terms that
    /// a fuzzy term stands for.
    #[must_use]
    pub(crate) fn blended(mut self) -> Self {
        let most = self.frequencies.values().copied().max().unwrap_or(0);
        self.frequencies.values_mut().for_each(|frequency| *frequency = most);
        self
    }
}

/// Documents of a segment with a term of the field. A text without terms is told apart in small segments only; in large
/// ones it hardly changes a score.
fn docs_with(segment: &Segment, field: &mapping::Field, column: Field) -> Result<u64> {
    let reader = segment.reader();
    if reader.max_doc() <= EXACT_DOCS && reader.schema().get_field_entry(column).has_fieldnorms() {
        let norms = reader.get_fieldnorms_reader(column)?;
        return Ok((0..reader.max_doc()).filter(|doc| norms.fieldnorm_id(*doc) > 0).count() as u64);
    }
    let names = reader.inverted_index(segment.field_names_field())?;
    let path = Term::from_field_text(segment.field_names_field(), &field.path);
    Ok(u64::from(names.doc_freq(&path)?))
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, _field: Field) -> Result<u64> {
        Ok(self.tokens)
    }

    fn total_num_docs(&self) -> Result<u64> {
        Ok(self.docs)
    }

    fn doc_freq(&self, term: &Term) -> Result<u64> {
        Ok(term.value().as_str().map_or(0, |term| self.frequency(term)))
    }
}

/// The query, scored by `statistics` instead of those of its segment alone.
pub(super) fn over_the_index(query: Box<dyn Query>, statistics: &Arc<Statistics>) -> Box<dyn Query> {
    Box::new(OverTheIndex { query, statistics: Arc::clone(statistics) })
}

#[derive(Debug)]
struct OverTheIndex {
    query: Box<dyn Query>,
    statistics: Arc<Statistics>,
}

impl Clone for OverTheIndex {
    fn clone(&self) -> Self {
        Self { query: self.query.box_clone(), statistics: Arc::clone(&self.statistics) }
    }
}

impl Query for OverTheIndex {
    fn weight(&self, scoring: EnableScoring<'_>) -> Result<Box<dyn Weight>> {
        let scoring = match scoring {
            EnableScoring::Enabled { searcher, .. } => {
                EnableScoring::Enabled { searcher, statistics_provider: self.statistics.as_ref() }
            }
            EnableScoring::Disabled { .. } => scoring,
        };
        self.query.weight(scoring)
    }
}
