//! `term`, `terms`, and the patterns: exact values by the field's type.

use std::sync::Arc;

use super::{
    Resolver,
    value::{self, Number},
};
use crate::{
    error::Exception,
    mapping::{Field, FieldType, Normalizer},
    query::{
        FuzzyQuery, PrefixQuery, RegexpQuery, Scalar, TermQuery, TermsQuery, WildcardQuery,
        clause::{Clause, Pattern, Place, ValueRange},
    },
};

/// `index.max_terms_count` when it is not set.
const MAX_TERMS_COUNT: usize = 65_536;

/// `index.max_regex_length` when it is not set, in UTF-16 units.
const MAX_REGEX_LENGTH: usize = 1_000;

impl Resolver<'_> {
    pub(super) fn term(&self, query: &TermQuery) -> Result<Clause, Exception> {
        let Some(field) = self.field(&query.field) else {
            return Ok(self.metadata_term(&query.field, &query.value).unwrap_or(Clause::None));
        };
        if query.case_insensitive && is_text_or_keyword(field) {
            let pattern = Pattern::regexp(&format!("\"{}\"", query.value.to_string().replace('"', "\\\"")), true)?;
            return Ok(Clause::Pattern { field: field.id, pattern: Arc::new(pattern) });
        }
        self.exact(field, &query.value)
    }

    /// A query on `_id` or `_index`; `None` for any other name.
    pub(super) fn metadata_term(&self, path: &str, value: &Scalar) -> Option<Clause> {
        match path {
            "_id" => Some(Clause::Term { place: Place::Id, term: value.to_string() }),
            "_index" => {
                let pattern = Pattern::wildcard(&value.to_string(), false);
                let name = self.snapshot.index.as_ref();
                let matches = name.starts_with(pattern.prefix()) && pattern.is_match(name);
                Some(if matches { Clause::All } else { Clause::None })
            }
            _ => None,
        }
    }

    /// Documents whose field has exactly this value, not analysed.
    pub(super) fn exact(&self, field: &Field, value: &Scalar) -> Result<Clause, Exception> {
        match &field.kind {
            FieldType::Text { .. } => self.word(field, &value.to_string()),
            FieldType::Keyword { normalizer, .. } => {
                let term = normalized(*normalizer, value.to_string());
                Ok(keyword(field, term))
            }
            FieldType::Boolean => self.flag(field, value::boolean(value)?),
            FieldType::Date { .. } => self.date_equal(field, value),
            FieldType::Ip => {
                let text = value.to_string();
                let (first, last) = if text.contains('/') {
                    value::network(&text)?
                } else {
                    let address = value::address(&text)?;
                    (address, address)
                };
                Ok(Clause::Values { field: field.id, range: ValueRange::Ip(first, last) })
            }
            kind if kind.is_fraction() => {
                let number = value::fraction(field, value)?;
                Ok(Clause::Values { field: field.id, range: ValueRange::Double(number, number) })
            }
            kind if kind.is_whole_number() => whole(field, value),
            _ => Err(not_searchable(field)),
        }
    }

    pub(super) fn terms(&self, query: &TermsQuery) -> Result<Clause, Exception> {
        let (count, most) =
            (query.values.len(), self.snapshot.settings.limit("index.max_terms_count", MAX_TERMS_COUNT));
        if count > most {
            return Err(Exception::illegal_argument(format!(
                "The number of terms [{count}] used in the Terms Query request has exceeded the allowed maximum of \
                 [{most}]. This maximum can be set by changing the [index.max_terms_count] index level setting."
            )));
        }
        let Some(field) = self.field(&query.field) else {
            return Ok(match query.field.as_str() {
                "_id" => {
                    Clause::Terms { place: Place::Id, terms: query.values.iter().map(Scalar::to_string).collect() }
                }
                path => Clause::any(query.values.iter().filter_map(|value| self.metadata_term(path, value)).collect()),
            });
        };
        match &field.kind {
            FieldType::Text { .. } => {
                let terms = query.values.iter().map(Scalar::to_string).collect();
                Ok(Clause::Terms { place: Place::Leaf(field.id), terms })
            }
            FieldType::Keyword { normalizer, .. } if field.index => {
                let terms = query.values.iter().map(|value| normalized(*normalizer, value.to_string())).collect();
                Ok(Clause::Terms { place: Place::Leaf(field.id), terms })
            }
            kind if kind.is_whole_number() && *kind != FieldType::UnsignedLong && query.values.len() > 8 => {
                let mut values = Vec::with_capacity(query.values.len());
                for value in &query.values {
                    let number = value::number(value)?;
                    value::check_whole(field, number, value)?;
                    if let Number::Whole(number) = number {
                        values.extend(i64::try_from(number));
                    }
                }
                Ok(Clause::LongsAmong { field: field.id, values: values.into() })
            }
            _ => {
                let each: Result<Vec<_>, _> = query.values.iter().map(|value| self.exact(field, value)).collect();
                Ok(Clause::Constant(Box::new(Clause::any(each?)), 1.0))
            }
        }
    }

    pub(super) fn prefix(&self, query: &PrefixQuery) -> Result<Clause, Exception> {
        if query.field == "_index" {
            let value = Scalar::from(format!("{}*", query.value));
            return Ok(self.metadata_term("_index", &value).unwrap_or(Clause::None));
        }
        self.patterned(&query.field, "prefix", |normalizer| {
            Ok(Pattern::starting_with(&normalized(normalizer, query.value.clone()), query.case_insensitive))
        })
    }

    pub(super) fn wildcard(&self, query: &WildcardQuery) -> Result<Clause, Exception> {
        if query.field == "_index" {
            let value = Scalar::from(query.value.clone());
            return Ok(self.metadata_term("_index", &value).unwrap_or(Clause::None));
        }
        self.patterned(&query.field, "wildcard", |normalizer| {
            Ok(Pattern::wildcard(&normalized(normalizer, query.value.clone()), query.case_insensitive))
        })
    }

    pub(super) fn check_regex_length(&self, regex: &str) -> Result<(), Exception> {
        let length = regex.encode_utf16().count();
        let most = self.snapshot.settings.limit("index.max_regex_length", MAX_REGEX_LENGTH);
        if length > most {
            return Err(Exception::illegal_argument(format!(
                "The length of regex [{length}] used in the Regexp Query request has exceeded the allowed maximum of \
                 [{most}]. This maximum can be set by changing the [index.max_regex_length] index level setting."
            )));
        }
        Ok(())
    }

    pub(super) fn regexp(&self, query: &RegexpQuery) -> Result<Clause, Exception> {
        self.check_regex_length(&query.value)?;
        self.patterned(&query.field, "regexp", |normalizer| {
            Pattern::regexp(&normalized(normalizer, query.value.clone()), query.case_insensitive)
        })
    }

    fn patterned(
        &self,
        path: &str,
        query: &str,
        pattern: impl FnOnce(Option<Normalizer>) -> Result<Pattern, Exception>,
    ) -> Result<Clause, Exception> {
        let Some(field) = self.field(path) else {
            return if path == "_id" { Err(only_on_texts(query, "_id", "_id")) } else { Ok(Clause::None) };
        };
        let normalizer = match &field.kind {
            FieldType::Text { .. } => None,
            FieldType::Keyword { normalizer, .. } => *normalizer,
            kind => return Err(only_on_texts(query, &field.path, kind.name())),
        };
        Ok(Clause::Pattern { field: field.id, pattern: Arc::new(pattern(normalizer)?) })
    }

    pub(super) fn fuzzy(&self, query: &FuzzyQuery) -> Result<Clause, Exception> {
        let Some(field) = self.field(&query.field) else { return Ok(Clause::None) };
        if !is_text_or_keyword(field) {
            let (path, kind) = (&field.path, field.kind.name());
            let reason = format!(
                "Can only use fuzzy queries on keyword and text fields - not on [{path}] which is of type [{kind}]"
            );
            return Err(Exception::illegal_argument(reason));
        }
        let fuzzy = super::terms_of_text::Fuzzy {
            fuzziness: query.fuzziness,
            prefix_length: query.prefix_length,
            max_expansions: query.max_expansions,
            transpositions: query.transpositions,
        };
        self.fuzzy_term(field, &query.value.to_string(), fuzzy)
    }
}

pub(super) fn is_text_or_keyword(field: &Field) -> bool {
    matches!(field.kind, FieldType::Text { .. } | FieldType::Keyword { .. })
}

pub(super) fn normalized(normalizer: Option<Normalizer>, mut text: String) -> String {
    match normalizer {
        Some(Normalizer::Lowercase) => {
            let mut lower = String::with_capacity(text.len());
            crate::analysis::push_lowercase(&mut lower, &text);
            std::mem::swap(&mut text, &mut lower);
            text
        }
        None => text,
    }
}

fn keyword(field: &Field, term: String) -> Clause {
    if field.index {
        return Clause::Term { place: Place::Leaf(field.id), term };
    }
    let bound = std::ops::Bound::Included(term);
    Clause::TermRange { field: field.id, lower: bound.clone(), upper: bound, column: true }
}

/// A whole number; one with a fraction matches nothing.
fn whole(field: &Field, value: &Scalar) -> Result<Clause, Exception> {
    let number = value::number(value)?;
    value::check_whole(field, number, value)?;
    let Number::Whole(number) = number else { return Ok(Clause::None) };
    let range = if field.kind == FieldType::UnsignedLong {
        u64::try_from(number).map(|number| ValueRange::UnsignedLong(number, number))
    } else {
        i64::try_from(number).map(|number| ValueRange::Long(number, number))
    };
    Ok(range.map_or(Clause::None, |range| Clause::Values { field: field.id, range }))
}

fn not_searchable(field: &Field) -> Exception {
    let (path, kind) = (&field.path, field.kind.name());
    let reason = format!("Binary fields do not support searching: [{path}] is of type [{kind}]");
    Exception::new("query_shard_exception", reason)
}

fn only_on_texts(query: &str, path: &str, kind: &str) -> Exception {
    let reason =
        format!("Can only use {query} queries on keyword and text fields - not on [{path}] which is of type [{kind}]");
    Exception::new("query_shard_exception", reason)
}
