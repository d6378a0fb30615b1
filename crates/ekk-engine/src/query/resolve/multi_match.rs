//! `multi_match`: one text over several fields.

use super::{
    Leniency, Resolver,
    full_text::{PhraseOptions, TextOptions},
    terms_of_text::{Fuzzy, analyzer},
};
use crate::{
    error::Exception,
    mapping::{Field, FieldType},
    query::{
        FieldBoost, MultiMatchQuery, MultiMatchType, Operator, Scalar,
        clause::{BoolClause, Clause},
    },
};

impl<'a> Resolver<'a> {
    pub(super) fn multi_match(&self, query: &MultiMatchQuery) -> Result<Clause, Exception> {
        let all = query.fields.is_empty() || query.fields.iter().any(|field| field.path == "*");
        let fields = self.expand(&query.fields);
        let text = TextOptions {
            query: "multi_match",
            operator: query.operator,
            minimum_should_match: query.minimum_should_match.as_ref(),
            fuzzy: query.fuzziness.map(|fuzziness| Fuzzy {
                fuzziness,
                prefix_length: query.prefix_length,
                max_expansions: query.max_expansions,
                transpositions: true,
            }),
            zero_terms: query.zero_terms_query,
            analyzer: query.analyzer.as_deref(),
            leniency: Leniency::of(query.lenient || all),
        };
        let across = Across {
            kind: query.kind,
            slop: query.slop,
            max_expansions: query.max_expansions,
            tie_breaker: query.tie_breaker,
        };
        self.across_fields(&fields, &query.query, &text, across)
    }

    /// One text over several fields, combined as the type says.
    pub(super) fn across_fields(
        &self,
        fields: &[(&Field, f32)],
        value: &Scalar,
        text: &TextOptions<'_>,
        across: Across,
    ) -> Result<Clause, Exception> {
        if across.kind == MultiMatchType::CrossFields {
            return self.cross_fields(fields, value, text, across.tie_breaker.unwrap_or(0.0));
        }
        let phrase = |open_end| PhraseOptions {
            query: text.query,
            slop: across.slop,
            open_end,
            zero_terms: text.zero_terms,
            analyzer: text.analyzer,
            leniency: text.leniency,
        };
        let clauses = fields.iter().map(|(field, boost)| {
            let clause = match across.kind {
                MultiMatchType::BestFields | MultiMatchType::MostFields | MultiMatchType::CrossFields => {
                    self.text(field, value, text)
                }
                MultiMatchType::Phrase => self.phrase(field, value, phrase(None)),
                MultiMatchType::PhrasePrefix => self.phrase(field, value, phrase(Some(across.max_expansions))),
                MultiMatchType::BoolPrefix => self.bool_prefix(field, value, text),
            };
            clause.map(|clause| clause.boosted(*boost))
        });
        let default = match across.kind {
            MultiMatchType::MostFields | MultiMatchType::BoolPrefix => 1.0,
            _ => 0.0,
        };
        Ok(Clause::best(clauses.collect::<Result<_, _>>()?, across.tie_breaker.unwrap_or(default)))
    }

    /// Each term in any of the fields. Fields of one analyzer are taken together; others stand beside them.
    fn cross_fields(
        &self,
        fields: &[(&Field, f32)],
        value: &Scalar,
        options: &TextOptions<'_>,
        tie_breaker: f32,
    ) -> Result<Clause, Exception> {
        let mut groups: Vec<(crate::analysis::Analyzer, Vec<(&Field, f32)>)> = Vec::new();
        for (field, boost) in fields {
            let analyzer = analyzer(options.query, options.analyzer, field)?;
            match groups.iter_mut().find(|(of, _)| *of == analyzer) {
                Some((_, group)) => group.push((field, *boost)),
                None => groups.push((analyzer, vec![(field, *boost)])),
            }
        }
        let mut alternatives = Vec::new();
        for (analyzer, group) in groups {
            let tokens = analyzer.tokens(&value.to_string());
            let terms = tokens.iter().map(|token| {
                let term = Scalar::from(token.text.clone());
                let clauses = group.iter().map(|(field, boost)| {
                    let clause = options.leniency.apply(self.exact(field, &term));
                    clause.map(|clause| clause.boosted(*boost))
                });
                Ok(Clause::best(clauses.collect::<Result<_, _>>()?, tie_breaker))
            });
            let terms: Vec<Clause> = terms.collect::<Result<_, Exception>>()?;
            let count = terms.len();
            alternatives.push(match options.operator {
                Operator::And => Clause::every(terms),
                Operator::Or if count > 1 => Clause::Bool(Box::new(BoolClause {
                    should: terms,
                    minimum_should_match: options.minimum_should_match.map_or(1, |minimum| minimum.required(count)),
                    ..BoolClause::default()
                })),
                Operator::Or => Clause::any(terms),
            });
        }
        Ok(Clause::best(alternatives, tie_breaker))
    }

    /// The fields that names and patterns stand for; all when there are none. A field named twice counts once with both
    /// boosts.
    pub(super) fn expand(&self, fields: &[FieldBoost]) -> Vec<(&'a Field, f32)> {
        let everything = [FieldBoost { path: "*".to_owned(), boost: 1.0 }];
        let fields = if fields.is_empty() { &everything } else { fields };
        let mut found: Vec<(&'a Field, f32)> = Vec::new();
        for FieldBoost { path, boost } in fields {
            let named: Vec<&'a Field> = if path.contains('*') {
                fields_named(self.mapping(), path)
            } else {
                self.field(path).into_iter().collect()
            };
            for field in named {
                match found.iter_mut().find(|(known, _)| known.id == field.id) {
                    Some((_, known)) => *known *= boost,
                    None => found.push((field, *boost)),
                }
            }
        }
        found
    }
}

/// What a multi-field query adds to what it asks of each field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Across {
    pub(super) kind: MultiMatchType,
    pub(super) slop: u32,
    pub(super) max_expansions: usize,
    pub(super) tie_breaker: Option<f32>,
}

fn searchable(field: &Field) -> bool {
    !matches!(field.kind, FieldType::Binary) && (field.index || field.doc_values)
}

fn fields_named<'a>(mapping: &'a crate::mapping::Mapping, pattern: &str) -> Vec<&'a Field> {
    let pattern = crate::query::clause::Pattern::wildcard(pattern, false);
    let named = |field: &&Field| field.path.starts_with(pattern.prefix()) && pattern.is_match(&field.path);
    mapping.fields().filter(named).filter(|field| searchable(field)).collect()
}
