//! `match` and its relatives on one field: a text's terms, or the exact value of a field that is no text.

use super::{
    Leniency, Resolver, term,
    terms_of_text::{Fuzzy, analyzer, positions},
};
use crate::{
    analysis::Token,
    error::Exception,
    mapping::{Field, FieldType},
    query::{
        MatchBoolPrefixQuery, MatchPhrasePrefixQuery, MatchPhraseQuery, MatchQuery, MinimumShouldMatch, Operator,
        Scalar, ZeroTerms,
        clause::{BoolClause, Clause, Pattern},
    },
};

/// How the terms of a text combine within a field.
#[derive(Debug, Clone)]
pub(super) struct TextOptions<'a> {
    /// The query's name, for errors.
    pub(super) query: &'static str,
    pub(super) operator: Operator,
    pub(super) minimum_should_match: Option<&'a MinimumShouldMatch>,
    pub(super) fuzzy: Option<Fuzzy>,
    pub(super) zero_terms: ZeroTerms,
    pub(super) analyzer: Option<&'a str>,
    pub(super) leniency: Leniency,
}

/// How the words of a phrase may stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct PhraseOptions<'a> {
    /// The query's name, for errors.
    pub(super) query: &'static str,
    pub(super) slop: u32,
    /// When the last word is a prefix: how many words it stands for at most.
    pub(super) open_end: Option<usize>,
    pub(super) zero_terms: ZeroTerms,
    pub(super) analyzer: Option<&'a str>,
    pub(super) leniency: Leniency,
}

impl Resolver<'_> {
    pub(super) fn match_query(&self, query: &MatchQuery) -> Result<Clause, Exception> {
        let Some(field) = self.field(&query.field) else { return Ok(self.unmapped(&query.field, &query.query)) };
        let fuzzy = query.fuzziness.map(|fuzziness| Fuzzy {
            fuzziness,
            prefix_length: query.prefix_length,
            max_expansions: query.max_expansions,
            transpositions: query.fuzzy_transpositions,
        });
        let options = TextOptions {
            query: "match",
            operator: query.operator,
            minimum_should_match: query.minimum_should_match.as_ref(),
            fuzzy,
            zero_terms: query.zero_terms_query,
            analyzer: query.analyzer.as_deref(),
            leniency: Leniency::of(query.lenient),
        };
        self.text(field, &query.query, &options)
    }

    pub(super) fn match_phrase(&self, query: &MatchPhraseQuery) -> Result<Clause, Exception> {
        let Some(field) = self.field(&query.field) else { return Ok(self.unmapped(&query.field, &query.query)) };
        let options = PhraseOptions {
            query: "match_phrase",
            slop: query.slop,
            open_end: None,
            zero_terms: query.zero_terms_query,
            analyzer: query.analyzer.as_deref(),
            leniency: Leniency::Fails,
        };
        self.phrase(field, &query.query, options)
    }

    pub(super) fn match_phrase_prefix(&self, query: &MatchPhrasePrefixQuery) -> Result<Clause, Exception> {
        let Some(field) = self.field(&query.field) else { return Ok(Clause::None) };
        let options = PhraseOptions {
            query: "match_phrase_prefix",
            slop: query.slop,
            open_end: Some(query.max_expansions),
            zero_terms: query.zero_terms_query,
            analyzer: query.analyzer.as_deref(),
            leniency: Leniency::Fails,
        };
        self.phrase(field, &query.query, options)
    }

    pub(super) fn match_bool_prefix(&self, query: &MatchBoolPrefixQuery) -> Result<Clause, Exception> {
        let Some(field) = self.field(&query.field) else { return Ok(Clause::None) };
        let fuzzy = query.fuzziness.map(|fuzziness| Fuzzy {
            fuzziness,
            prefix_length: query.prefix_length,
            max_expansions: query.max_expansions,
            transpositions: true,
        });
        let options = TextOptions {
            query: "match_bool_prefix",
            operator: query.operator,
            minimum_should_match: query.minimum_should_match.as_ref(),
            fuzzy,
            zero_terms: ZeroTerms::None,
            analyzer: query.analyzer.as_deref(),
            leniency: Leniency::Fails,
        };
        self.bool_prefix(field, &query.query, &options)
    }

    fn unmapped(&self, path: &str, value: &Scalar) -> Clause {
        self.metadata_term(path, value).unwrap_or(Clause::None)
    }

    /// The text's terms in a text field, or the exact value of another.
    pub(super) fn text(&self, field: &Field, value: &Scalar, options: &TextOptions<'_>) -> Result<Clause, Exception> {
        if !matches!(field.kind, FieldType::Text { .. }) {
            return match options.fuzzy {
                Some(fuzzy) if term::is_text_or_keyword(field) => self.fuzzy_term(field, &value.to_string(), fuzzy),
                _ => options.leniency.apply(self.exact(field, value)),
            };
        }
        let tokens = analyzer(options.query, options.analyzer, field)?.tokens(&value.to_string());
        let clauses = self.words(field, &tokens, options.fuzzy)?;
        Ok(combined(clauses, options))
    }

    /// The text's terms, the last of them a prefix.
    pub(super) fn bool_prefix(
        &self,
        field: &Field,
        value: &Scalar,
        options: &TextOptions<'_>,
    ) -> Result<Clause, Exception> {
        if !term::is_text_or_keyword(field) {
            let (path, kind) = (&field.path, field.kind.name());
            let reason = format!(
                "Can only use prefix queries on keyword and text fields - not on [{path}] which is of type [{kind}]"
            );
            return options.leniency.apply(Err(Exception::new("query_shard_exception", reason)));
        }
        let mut tokens = analyzer(options.query, options.analyzer, field)?.tokens(&value.to_string());
        let Some(last) = tokens.pop() else { return Ok(combined(Vec::new(), options)) };
        let mut clauses = self.words(field, &tokens, options.fuzzy)?;
        let pattern = Pattern::starting_with(&last.text, false);
        clauses.push(Clause::Pattern { field: field.id, pattern: pattern.into() });
        Ok(combined(clauses, options))
    }

    fn words(&self, field: &Field, tokens: &[Token], fuzzy: Option<Fuzzy>) -> Result<Vec<Clause>, Exception> {
        if let Some(fuzzy) = fuzzy {
            return tokens.iter().map(|token| self.fuzzy_term(field, &token.text, fuzzy)).collect();
        }
        let terms: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let statistics = self.statistics(field, &terms)?;
        let word =
            |term: &&str| Clause::Word { field: field.id, term: (*term).to_owned(), statistics: statistics.clone() };
        Ok(terms.iter().map(word).collect())
    }

    /// The words in order in a text field, or the exact value of another.
    pub(super) fn phrase(
        &self,
        field: &Field,
        value: &Scalar,
        options: PhraseOptions<'_>,
    ) -> Result<Clause, Exception> {
        if !matches!(field.kind, FieldType::Text { .. }) {
            if options.open_end.is_none() {
                return options.leniency.apply(self.exact(field, value));
            }
            let (path, kind) = (&field.path, field.kind.name());
            let reason = format!(
                "Can only use phrase prefix queries on text fields - not on [{path}] which is of type [{kind}]"
            );
            return options.leniency.apply(Err(Exception::illegal_argument(reason)));
        }
        let tokens = analyzer(options.query, options.analyzer, field)?.tokens(&value.to_string());
        let mut words = positions(tokens);
        if words.is_empty() {
            return Ok(zero_terms(options.zero_terms));
        }
        let Some(max_expansions) = options.open_end else { return self.words_in_order(field, words, options.slop) };
        let Some((at, prefix)) = words.pop() else { return Ok(Clause::None) };
        let ends = self.terms_matching(field, &Pattern::starting_with(&prefix, false), max_expansions)?;
        let terms: Vec<&str> =
            words.iter().map(|(_, word)| word.as_str()).chain(ends.keys().map(String::as_str)).collect();
        let statistics = self.statistics(field, &terms)?;
        // Lucene weighs a phrase with an open end by all of its words, whichever of the ends is there.
        let all = statistics.idf(&terms);
        let phrases = ends.keys().map(|end| {
            let mut phrase = words.clone();
            phrase.push((at, end.clone()));
            let own: Vec<&str> = phrase.iter().map(|(_, word)| word.as_str()).collect();
            let share = if self.scoring { all / statistics.idf(&own) } else { 1.0 };
            let clause = match phrase.as_slice() {
                [(_, term)] => Clause::Word { field: field.id, term: term.clone(), statistics: statistics.clone() },
                _ => Clause::Phrase {
                    field: field.id,
                    words: phrase,
                    slop: options.slop,
                    statistics: statistics.clone(),
                },
            };
            clause.boosted(share)
        });
        Ok(Clause::best(phrases.collect(), 0.0))
    }

    fn words_in_order(&self, field: &Field, words: Vec<(usize, String)>, slop: u32) -> Result<Clause, Exception> {
        if let [(_, word)] = words.as_slice() {
            return self.word(field, word);
        }
        let terms: Vec<&str> = words.iter().map(|(_, word)| word.as_str()).collect();
        let statistics = self.statistics(field, &terms)?;
        Ok(Clause::Phrase { field: field.id, words, slop, statistics })
    }
}

fn zero_terms(zero_terms: ZeroTerms) -> Clause {
    match zero_terms {
        ZeroTerms::None => Clause::None,
        ZeroTerms::All => Clause::All,
    }
}

fn combined(clauses: Vec<Clause>, options: &TextOptions<'_>) -> Clause {
    match (clauses.len(), options.operator) {
        (0, _) => zero_terms(options.zero_terms),
        (1, _) => Clause::any(clauses),
        (_, Operator::And) => Clause::every(clauses),
        (count, Operator::Or) => {
            let minimum = options.minimum_should_match.map_or(1, |minimum| minimum.required(count));
            Clause::Bool(Box::new(BoolClause {
                should: clauses,
                minimum_should_match: minimum,
                ..BoolClause::default()
            }))
        }
    }
}
