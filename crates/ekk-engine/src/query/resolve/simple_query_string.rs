//! `simple_query_string` over the fields it is asked of.

use std::sync::Arc;

use super::{
    Leniency, Resolver,
    full_text::{PhraseOptions, TextOptions},
    term,
    terms_of_text::Fuzzy,
};
use crate::{
    error::Exception,
    mapping::Field,
    query::{
        Fuzziness, Scalar, SimpleQueryStringQuery, ZeroTerms,
        clause::{BoolClause, Clause, Pattern},
        lucene::Occur,
        simple_syntax::{self, Node},
    },
};

impl Resolver<'_> {
    pub(super) fn simple_query_string(&self, query: &SimpleQueryStringQuery) -> Result<Clause, Exception> {
        let Some(node) = simple_syntax::parse(&query.query, query.flags, query.default_operator) else {
            return Ok(Clause::None);
        };
        let all = query.fields.is_empty() || query.fields.iter().any(|field| field.path == "*");
        let leniency = Leniency::of(query.lenient.unwrap_or(all));
        let fields = self.expand(&query.fields);
        let clause = self.simple_node(&node, query, &fields, leniency)?;
        Ok(match (clause, &query.minimum_should_match) {
            (Clause::Bool(mut clauses), Some(minimum)) if !clauses.should.is_empty() => {
                clauses.minimum_should_match = minimum.required(clauses.should.len());
                Clause::Bool(clauses)
            }
            (clause, _) => clause,
        })
    }

    fn simple_node(
        &self,
        node: &Node,
        query: &SimpleQueryStringQuery,
        fields: &[(&Field, f32)],
        leniency: Leniency,
    ) -> Result<Clause, Exception> {
        if let Node::Bool(nodes) = node {
            let mut clauses = BoolClause::default();
            for (occur, node) in nodes {
                let clause = self.simple_node(node, query, fields, leniency)?;
                match occur {
                    Occur::Must => clauses.must.push(clause),
                    Occur::Should => clauses.should.push(clause),
                    Occur::MustNot => clauses.must_not.push(clause),
                }
            }
            // A bare `-term` matches what the term does not, with a score of 1.
            if clauses.must.is_empty() && clauses.should.is_empty() {
                clauses.must.push(Clause::All);
            }
            clauses.minimum_should_match = usize::from(clauses.must.is_empty());
            return Ok(Clause::Bool(Box::new(clauses)));
        }
        let clauses = fields.iter().map(|(field, boost)| {
            let clause = leniency.apply(self.simple_leaf(node, query, field, leniency));
            clause.map(|clause| clause.boosted(*boost))
        });
        Ok(Clause::best(clauses.collect::<Result<_, _>>()?, 1.0))
    }

    fn simple_leaf(
        &self,
        node: &Node,
        query: &SimpleQueryStringQuery,
        field: &Field,
        leniency: Leniency,
    ) -> Result<Clause, Exception> {
        let text = TextOptions {
            query: "simple_query_string",
            operator: query.default_operator,
            minimum_should_match: None,
            fuzzy: None,
            zero_terms: ZeroTerms::None,
            analyzer: query.analyzer.as_deref(),
            leniency,
        };
        match node {
            Node::Fuzzy(value, edits) if term::is_text_or_keyword(field) => {
                let fuzzy = Fuzzy {
                    fuzziness: edits.map_or(Fuzziness::AUTO, Fuzziness::Edits),
                    prefix_length: query.fuzzy_prefix_length,
                    max_expansions: query.fuzzy_max_expansions,
                    transpositions: query.fuzzy_transpositions,
                };
                self.text(field, &Scalar::from(value.as_str()), &TextOptions { fuzzy: Some(fuzzy), ..text })
            }
            Node::Text(value) | Node::Fuzzy(value, _) => self.text(field, &Scalar::from(value.as_str()), &text),
            Node::Prefix(value) if query.analyze_wildcard => {
                self.bool_prefix(field, &Scalar::from(value.as_str()), &text)
            }
            Node::Prefix(value) if term::is_text_or_keyword(field) => {
                let lower = match field.kind {
                    crate::mapping::FieldType::Text { .. } => value.to_lowercase(),
                    _ => value.clone(),
                };
                Ok(Clause::Pattern { field: field.id, pattern: Arc::new(Pattern::starting_with(&lower, false)) })
            }
            Node::Bool(_) | Node::Prefix(_) => Ok(Clause::None),
            Node::Phrase(value, slop) => {
                let options = PhraseOptions {
                    query: "simple_query_string",
                    slop: *slop,
                    open_end: None,
                    zero_terms: ZeroTerms::None,
                    analyzer: query.analyzer.as_deref(),
                    leniency,
                };
                self.phrase(field, &Scalar::from(value.as_str()), options)
            }
        }
    }
}
