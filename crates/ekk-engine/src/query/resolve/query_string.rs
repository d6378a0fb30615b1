//! `query_string`: the tree of Lucene's language over the fields it is asked of.

use std::sync::Arc;

use super::{
    Leniency, Resolver,
    full_text::{PhraseOptions, TextOptions},
    multi_match::Across,
    term,
    terms_of_text::Fuzzy,
};
use crate::{
    analysis::push_lowercase,
    error::Exception,
    mapping::{Field, FieldType},
    query::{
        Bound, FieldBoost, Fuzziness, MultiMatchType, Operator, QueryStringQuery, RangeQuery, Scalar, ZeroTerms,
        clause::{BoolClause, Clause, Pattern},
        lucene::{self, Leaf, Node, Occur},
    },
};

/// A query string being resolved.
struct QueryString<'q, 'r, 'a> {
    resolver: &'r Resolver<'a>,
    query: &'q QueryStringQuery,
    /// The fields of terms that name none.
    fields: Vec<(&'a Field, f32)>,
    leniency: Leniency,
}

impl Resolver<'_> {
    pub(super) fn query_string(&self, query: &QueryStringQuery) -> Result<Clause, Exception> {
        let text = if query.escape { lucene::escape(&query.query) } else { query.query.clone() };
        if text.trim().is_empty() {
            return Ok(Clause::None);
        }
        let node = lucene::parse(&text, query.default_operator).map_err(|cause| {
            Exception::new("query_shard_exception", format!("Failed to parse query [{}]", query.query)).caused_by(cause)
        })?;
        let named = match &query.default_field {
            Some(field) if query.fields.is_empty() => vec![FieldBoost::parse(field)?],
            _ => query.fields.clone(),
        };
        let all = named.is_empty() || named.iter().any(|field| field.path == "*");
        let leniency = Leniency::of(query.lenient.unwrap_or(all));
        let string = QueryString { resolver: self, query, fields: self.expand(&named), leniency };
        let clause = string.node(&node)?;
        Ok(match (clause, &query.minimum_should_match) {
            (Clause::Bool(mut clauses), Some(minimum)) if !clauses.should.is_empty() => {
                clauses.minimum_should_match = minimum.required(clauses.should.len());
                Clause::Bool(clauses)
            }
            (clause, _) => clause,
        })
    }
}

impl<'a> QueryString<'_, '_, 'a> {
    fn node(&self, node: &Node) -> Result<Clause, Exception> {
        match node {
            Node::Boosted(node, factor) => Ok(self.node(node)?.boosted(*factor)),
            Node::Leaf { field, what } => self.leaf(field.as_deref(), what),
            Node::Bool(nodes) => {
                let mut clauses = BoolClause::default();
                for (occur, node) in nodes {
                    let clause = self.node(node)?;
                    match occur {
                        Occur::Must => clauses.must.push(clause),
                        Occur::Should => clauses.should.push(clause),
                        Occur::MustNot => clauses.must_not.push(clause),
                    }
                }
                clauses.minimum_should_match = usize::from(clauses.must.is_empty() && !clauses.should.is_empty());
                Ok(Clause::Bool(Box::new(clauses)))
            }
        }
    }

    fn leaf(&self, path: Option<&str>, what: &Leaf) -> Result<Clause, Exception> {
        match (path, what) {
            (Some("_exists_"), Leaf::Text(text) | Leaf::Phrase(text, _)) => return Ok(self.resolver.exists(text)),
            (None | Some("*"), Leaf::Wildcard(star)) if star == "*" => return Ok(Clause::All),
            (Some(path), Leaf::Wildcard(star)) if star == "*" => return Ok(self.resolver.exists(path)),
            (Some(path @ ("_id" | "_index")), Leaf::Text(text) | Leaf::Phrase(text, _)) => {
                let value = Scalar::from(text.as_str());
                return Ok(self.resolver.metadata_term(path, &value).unwrap_or(Clause::None));
            }
            _ => {}
        }
        let fields = match path {
            None | Some("*") => self.fields.clone(),
            Some(path) => self.named(path, matches!(what, Leaf::Phrase(..))),
        };
        match what {
            Leaf::Text(text) if path.is_some() && self.comparison(text).is_some() => {
                let range = self.comparison(text).unwrap_or_default();
                self.each(&fields, |field| self.resolver.range_of(field, &range))
            }
            Leaf::Text(text) => self.text(&fields, text, self.query.kind),
            Leaf::Phrase(text, slop) => self.quoted(&fields, text, slop.unwrap_or(self.query.phrase_slop)),
            Leaf::Prefix(text) if self.query.analyze_wildcard => self.analysed_prefix(&fields, text),
            Leaf::Prefix(text) => self
                .each(&fields, |field| pattern(field, "prefix", Pattern::starting_with(&folded(field, text), false))),
            Leaf::Wildcard(text) => {
                if !self.query.allow_leading_wildcard && text.starts_with(['*', '?']) {
                    return Err(self.leading_wildcard());
                }
                self.each(&fields, |field| pattern(field, "wildcard", Pattern::wildcard(&folded(field, text), false)))
            }
            Leaf::Regexp(text) => {
                self.resolver.check_regex_length(text)?;
                self.each(&fields, |field| pattern(field, "regexp", Pattern::regexp(&folded(field, text), false)?))
            }
            Leaf::Fuzzy(text, edits) => self.fuzzy(&fields, text, edits.as_deref()),
            Leaf::Range { lower, upper, includes_lower, includes_upper } => {
                let range = self.range(lower.as_deref(), upper.as_deref(), *includes_lower, *includes_upper);
                self.each(&fields, |field| self.resolver.range_of(field, &range))
            }
        }
    }

    /// The fields that a name before a colon stands for.
    fn leading_wildcard(&self) -> Exception {
        let (query, reason) = (&self.query.query, "'*' or '?' not allowed as first character in WildcardQuery");
        let inner = Exception::new("parse_exception", reason);
        let cause = Exception::new("parse_exception", format!("Cannot parse '{query}': {reason}")).caused_by(inner);
        Exception::new("query_shard_exception", format!("Failed to parse query [{query}]")).caused_by(cause)
    }

    fn named(&self, path: &str, quoted: bool) -> Vec<(&'a Field, f32)> {
        let suffixed =
            self.query.quote_field_suffix.as_ref().filter(|_| quoted).map(|suffix| format!("{path}{suffix}"));
        let path = suffixed.filter(|path| self.resolver.field(path).is_some()).unwrap_or_else(|| path.to_owned());
        self.resolver.expand(&[FieldBoost { path, boost: 1.0 }])
    }

    /// The clause of each field, the best one counting. A field that cannot do it fails the query unless lenient.
    fn each(
        &self,
        fields: &[(&Field, f32)],
        clause: impl Fn(&Field) -> Result<Clause, Exception>,
    ) -> Result<Clause, Exception> {
        let clauses = fields.iter().map(|(field, boost)| {
            let clause = self.leniency.apply(clause(field));
            clause.map(|clause| clause.boosted(*boost))
        });
        Ok(Clause::best(clauses.collect::<Result<_, _>>()?, self.query.tie_breaker.unwrap_or(0.0)))
    }

    fn text_options(&self) -> TextOptions<'_> {
        TextOptions {
            query: "query_string",
            operator: self.query.default_operator,
            minimum_should_match: self.query.minimum_should_match.as_ref(),
            fuzzy: None,
            zero_terms: ZeroTerms::None,
            analyzer: self.query.analyzer.as_deref(),
            leniency: self.leniency,
        }
    }

    fn text(&self, fields: &[(&Field, f32)], text: &str, kind: MultiMatchType) -> Result<Clause, Exception> {
        let value = Scalar::from(text);
        if let ([(field, boost)], Some(_)) = (fields, &self.query.time_zone)
            && matches!(field.kind, FieldType::Date { .. })
        {
            let range = self.range(Some(text), Some(text), true, true);
            return Ok(self.leniency.apply(self.resolver.range_of(field, &range))?.boosted(*boost));
        }
        let across = Across {
            kind,
            slop: self.query.phrase_slop,
            max_expansions: self.query.fuzzy_max_expansions,
            tie_breaker: self.query.tie_breaker,
        };
        self.resolver.across_fields(fields, &value, &self.text_options(), across)
    }

    fn quoted(&self, fields: &[(&Field, f32)], text: &str, slop: u32) -> Result<Clause, Exception> {
        let value = Scalar::from(text);
        let options = PhraseOptions {
            query: "query_string",
            slop,
            open_end: None,
            zero_terms: ZeroTerms::None,
            analyzer: self.query.analyzer.as_deref(),
            leniency: self.leniency,
        };
        self.each(fields, |field| self.resolver.phrase(field, &value, options))
    }

    /// With `analyze_wildcard`, the text before the star is analysed; its last term is the prefix.
    fn analysed_prefix(&self, fields: &[(&Field, f32)], text: &str) -> Result<Clause, Exception> {
        let value = Scalar::from(text);
        let options = TextOptions { operator: Operator::And, ..self.text_options() };
        self.each(fields, |field| match &field.kind {
            FieldType::Text { .. } => self.resolver.bool_prefix(field, &value, &options),
            _ => pattern(field, "prefix", Pattern::starting_with(&folded(field, text), false)),
        })
    }

    fn fuzzy(&self, fields: &[(&Field, f32)], text: &str, edits: Option<&str>) -> Result<Clause, Exception> {
        let fuzziness = match edits {
            None => self.query.fuzziness,
            Some(edits) => match edits.parse::<f32>() {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
                Ok(number) if number >= 1.0 => Fuzziness::Edits((number as u8).min(2)),
                Ok(_) => Fuzziness::AUTO,
                Err(_) => {
                    let reason = format!("For input string: \"{}\"", edits.to_uppercase());
                    return Err(Exception::new("number_format_exception", reason));
                }
            },
        };
        let fuzzy = Fuzzy {
            fuzziness,
            prefix_length: self.query.fuzzy_prefix_length,
            max_expansions: self.query.fuzzy_max_expansions,
            transpositions: self.query.fuzzy_transpositions,
        };
        self.each(fields, |field| {
            if term::is_text_or_keyword(field) {
                return self.resolver.fuzzy_term(field, &folded(field, text), fuzzy);
            }
            let (path, kind) = (&field.path, field.kind.name());
            let reason = format!(
                "Can only use fuzzy queries on keyword and text fields - not on [{path}] which is of type [{kind}]"
            );
            Err(Exception::illegal_argument(reason))
        })
    }

    fn range(&self, lower: Option<&str>, upper: Option<&str>, low_in: bool, high_in: bool) -> RangeQuery {
        RangeQuery {
            lower: lower.map(|value| Bound { value: Scalar::from(value), inclusive: low_in }),
            upper: upper.map(|value| Bound { value: Scalar::from(value), inclusive: high_in }),
            time_zone: self.query.time_zone.clone(),
            ..RangeQuery::default()
        }
    }

    /// `>10`, `>=10`, `<10` and `<=10` after a field's name.
    fn comparison(&self, text: &str) -> Option<RangeQuery> {
        let (above, rest) = match text.split_at_checked(1)? {
            (">", rest) => (true, rest),
            ("<", rest) => (false, rest),
            _ => return None,
        };
        let (inclusive, value) = match rest.strip_prefix('=') {
            Some(value) if !value.is_empty() => (true, value),
            _ if rest.is_empty() => return None,
            _ => (false, rest),
        };
        Some(if above {
            self.range(Some(value), None, inclusive, true)
        } else {
            self.range(None, Some(value), true, inclusive)
        })
    }
}

/// Terms of texts are lower case, so patterns on them are folded, as OpenSearch does.
fn folded(field: &Field, text: &str) -> String {
    match &field.kind {
        FieldType::Text { .. } => {
            let mut lower = String::with_capacity(text.len());
            push_lowercase(&mut lower, text);
            lower
        }
        FieldType::Keyword { normalizer, .. } => term::normalized(*normalizer, text.to_owned()),
        _ => text.to_owned(),
    }
}

fn pattern(field: &Field, query: &str, pattern: Pattern) -> Result<Clause, Exception> {
    if term::is_text_or_keyword(field) {
        return Ok(Clause::Pattern { field: field.id, pattern: Arc::new(pattern) });
    }
    let (path, kind) = (&field.path, field.kind.name());
    let reason =
        format!("Can only use {query} queries on keyword and text fields - not on [{path}] which is of type [{kind}]");
    Err(Exception::new("query_shard_exception", reason))
}
