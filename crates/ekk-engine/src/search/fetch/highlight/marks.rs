//! Which words of a field a query's clauses mark.

use std::{collections::HashSet, ops::Bound, ops::Range, sync::Arc};

use crate::{
    analysis::Token,
    mapping::FieldId,
    query::clause::{Clause, Pattern, Place},
};

/// What to mark in one field.
#[derive(Debug, Default)]
pub(super) struct Marks {
    words: HashSet<String>,
    phrases: Vec<(Vec<(usize, String)>, u32)>,
    patterns: Vec<Arc<Pattern>>,
    ranges: Vec<(Bound<String>, Bound<String>)>,
}

impl Marks {
    /// The marks of a clause on a field; on any when `field` is `None`.
    pub(super) fn of(clause: Option<&Clause>, field: Option<FieldId>) -> Self {
        let mut marks = Self::default();
        if let Some(clause) = clause {
            marks.add(clause, field);
        }
        marks
    }

    fn add(&mut self, clause: &Clause, only: Option<FieldId>) {
        let taken = |field: &FieldId| only.is_none_or(|only| only == *field);
        match clause {
            Clause::Word { field, term, .. } if taken(field) => {
                self.words.insert(term.clone());
            }
            Clause::Term { place: Place::Leaf(field), term } if taken(field) => {
                self.words.insert(term.clone());
            }
            Clause::Terms { place: Place::Leaf(field), terms } if taken(field) => {
                self.words.extend(terms.iter().cloned());
            }
            Clause::Phrase { field, words, slop, .. } if taken(field) => self.phrases.push((words.clone(), *slop)),
            Clause::Pattern { field, pattern } if taken(field) => self.patterns.push(Arc::clone(pattern)),
            Clause::TermRange { field, lower, upper, .. } if taken(field) => {
                self.ranges.push((lower.clone(), upper.clone()));
            }
            Clause::Bool(clauses) => {
                let positive = clauses.must.iter().chain(&clauses.filter).chain(&clauses.should);
                positive.for_each(|clause| self.add(clause, only));
            }
            Clause::DisMax { clauses, .. } => clauses.iter().for_each(|clause| self.add(clause, only)),
            Clause::Boosting { positive, .. } => self.add(positive, only),
            Clause::Constant(clause, _) | Clause::Boosted(clause, _) => self.add(clause, only),
            _ => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.phrases.is_empty() && self.patterns.is_empty() && self.ranges.is_empty()
    }

    /// Byte ranges of the words to mark, in order.
    pub(super) fn spans(&self, tokens: &[Token]) -> Vec<Range<usize>> {
        let mut marked = vec![false; tokens.len()];
        for (token, marked) in tokens.iter().zip(&mut marked) {
            *marked = self.words.contains(&token.text)
                || self
                    .patterns
                    .iter()
                    .any(|pattern| token.text.starts_with(pattern.prefix()) && pattern.is_match(&token.text))
                || self.ranges.iter().any(|range| within(&token.text, range));
        }
        for (words, slop) in &self.phrases {
            mark_phrase(tokens, words, *slop, &mut marked);
        }
        let taken = tokens.iter().zip(marked).filter(|(_, marked)| *marked);
        taken.map(|(token, _)| token.start..token.end).collect()
    }
}

fn within(text: &str, (lower, upper): &(Bound<String>, Bound<String>)) -> bool {
    let above = match lower {
        Bound::Unbounded => true,
        Bound::Included(lower) => text >= lower.as_str(),
        Bound::Excluded(lower) => text > lower.as_str(),
    };
    above
        && match upper {
            Bound::Unbounded => true,
            Bound::Included(upper) => text <= upper.as_str(),
            Bound::Excluded(upper) => text < upper.as_str(),
        }
}

/// Marks the words of every place where the phrase stands. With slop, each word may be that far from where it should be.
fn mark_phrase(tokens: &[Token], words: &[(usize, String)], slop: u32, marked: &mut [bool]) {
    let Some((first_offset, first_word)) = words.first() else { return };
    let slop = slop as usize;
    for start in tokens.iter().filter(|token| token.text == *first_word) {
        let mut places = Vec::with_capacity(words.len());
        for (offset, word) in words {
            let expected = start.position + offset - first_offset;
            let near = |token: &&(usize, &Token)| {
                token.1.text == *word && token.1.position.abs_diff(expected) <= slop && !places.contains(&token.0)
            };
            let candidates: Vec<(usize, &Token)> = tokens.iter().enumerate().collect();
            let place = candidates.iter().filter(near).min_by_key(|token| token.1.position.abs_diff(expected));
            let Some((at, _)) = place else { break };
            places.push(*at);
        }
        if places.len() == words.len() {
            for at in places {
                if let Some(marked) = marked.get_mut(at) {
                    *marked = true;
                }
            }
        }
    }
}
