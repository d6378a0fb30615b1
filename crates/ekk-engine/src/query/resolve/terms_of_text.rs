//! The terms that a text, a fuzzy term or a prefix stands for in a field.

use std::{collections::BTreeMap, sync::Arc};

use tantivy::Term;

use super::{Resolver, unreadable};
use crate::{
    analysis::{Analyzer, Token},
    error::Exception,
    mapping::{Field, FieldType},
    query::{
        Fuzziness,
        clause::{Clause, Edits, Pattern, Place, Statistics},
    },
    search::column::Values,
};

/// How terms may differ from the one looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fuzzy {
    pub(super) fuzziness: Fuzziness,
    pub(super) prefix_length: usize,
    pub(super) max_expansions: usize,
    pub(super) transpositions: bool,
}

/// The analyzer of a query: the one it names, or the field's for searching.
///
/// # Errors
/// `query_shard_exception`: no analyzer has the name.
pub(super) fn analyzer(query: &str, named: Option<&str>, field: &Field) -> Result<Analyzer, Exception> {
    match (named, &field.kind) {
        (Some(name), _) => Analyzer::named(name)
            .ok_or_else(|| Exception::new("query_shard_exception", format!("[{query}] analyzer [{name}] not found"))),
        (None, FieldType::Text { search_analyzer, .. }) => Ok(*search_analyzer),
        (None, _) => Ok(Analyzer::Keyword),
    }
}

/// The terms of a text with their positions, the first at 0.
pub(super) fn positions(tokens: Vec<Token>) -> Vec<(usize, String)> {
    let first = tokens.first().map_or(0, |token| token.position);
    tokens.into_iter().map(|token| (token.position - first, token.text)).collect()
}

/// BM25 of a term that has neither frequencies nor lengths, of which `frequency` documents of `docs` have one.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "scores are single floats")]
fn rarity(docs: u64, frequency: u64) -> f32 {
    let (docs, frequency) = (docs.max(frequency) as f64, frequency as f64);
    ((1.0 + (docs - frequency + 0.5) / (frequency + 0.5)).ln() / 2.2) as f32
}

impl Resolver<'_> {
    /// A term, or those within the edits allowed, each the less the more edits it is away.
    pub(super) fn fuzzy_term(&self, field: &Field, term: &str, fuzzy: Fuzzy) -> Result<Clause, Exception> {
        let chars = term.chars().count();
        let most = fuzzy.fuzziness.edits(chars);
        if most == 0 {
            return match field.kind {
                FieldType::Text { .. } => self.word(field, term),
                _ => Ok(Clause::Term { place: Place::Leaf(field.id), term: term.to_owned() }),
            };
        }
        let edits = Edits::new(term, most, fuzzy.prefix_length, fuzzy.transpositions);
        let pattern = Pattern::edits(edits.clone());
        let mut found: Vec<(f32, String)> = Vec::new();
        let frequencies = self.terms_matching(field, &pattern, usize::MAX)?;
        for candidate in frequencies.keys() {
            let Some(distance) = edits.of(candidate) else { continue };
            #[expect(clippy::cast_precision_loss, reason = "terms are short")]
            let likeness = 1.0 - distance as f32 / candidate.chars().count().min(chars).max(1) as f32;
            if likeness > 0.0 {
                found.push((likeness, candidate.clone()));
            }
        }
        found.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
        found.truncate(fuzzy.max_expansions);
        if !matches!(field.kind, FieldType::Text { .. }) {
            let most = found.iter().map(|(_, term)| frequencies.get(term).copied().unwrap_or(0)).max().unwrap_or(0);
            let rarity = if self.scoring { rarity(self.docs_with(field)?, most) } else { 1.0 };
            let terms = found.into_iter().map(|(likeness, term)| {
                let term = Clause::Term { place: Place::Leaf(field.id), term };
                Clause::Constant(Box::new(term), likeness * rarity)
            });
            return Ok(Clause::any(terms.collect()));
        }
        let terms: Vec<&str> = found.iter().map(|(_, term)| term.as_str()).collect();
        let statistics = if self.scoring {
            let read = Statistics::read(&self.snapshot.segments, field, &terms).map_err(unreadable)?;
            Arc::new(read.blended())
        } else {
            Arc::default()
        };
        let words = found.iter().map(|(likeness, term)| {
            Clause::Word { field: field.id, term: term.clone(), statistics: Arc::clone(&statistics) }.boosted(*likeness)
        });
        Ok(Clause::any(words.collect()))
    }

    /// A boolean, which scores by how rare it is.
    pub(super) fn flag(&self, field: &Field, value: bool) -> Result<Clause, Exception> {
        let clause = Clause::Flag { field: field.id, value };
        if !self.scoring {
            return Ok(clause);
        }
        let mut frequency = 0;
        for segment in self.snapshot.segments.iter() {
            let Some(column) = segment.field(field.id) else { continue };
            let index = segment.reader().inverted_index(column).map_err(unreadable)?;
            let term = Term::from_field_bool(column, value);
            frequency += u64::from(index.doc_freq(&term).map_err(|error| unreadable(error.into()))?);
        }
        Ok(Clause::Constant(Box::new(clause), rarity(self.docs_with(field)?, frequency)))
    }

    /// Documents with a value in the column of a field.
    fn docs_with(&self, field: &Field) -> Result<u64, Exception> {
        let counts = self.snapshot.segments.iter().map(|segment| {
            Values::open(segment, field).map(|values| u64::from(values.docs_with_value())).map_err(unreadable)
        });
        counts.sum()
    }

    /// The terms of the index that a pattern matches with the documents that hold each, the first `limit` in order.
    pub(super) fn terms_matching(
        &self,
        field: &Field,
        pattern: &Pattern,
        limit: usize,
    ) -> Result<BTreeMap<String, u64>, Exception> {
        let mut found = BTreeMap::new();
        for segment in self.snapshot.segments.iter() {
            let Some(column) = segment.field(field.id) else { continue };
            let index = segment.reader().inverted_index(column).map_err(unreadable)?;
            let prefix = pattern.prefix();
            let mut terms = index.terms().range().ge(prefix).into_stream().map_err(|error| unreadable(error.into()))?;
            let mut taken = 0;
            while taken < limit && terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
                let Ok(term) = std::str::from_utf8(terms.key()) else { continue };
                if pattern.is_match(term) {
                    *found.entry(term.to_owned()).or_default() += u64::from(terms.value().doc_freq);
                    taken += 1;
                }
            }
        }
        while found.len() > limit {
            found.pop_last();
        }
        Ok(found)
    }
}
