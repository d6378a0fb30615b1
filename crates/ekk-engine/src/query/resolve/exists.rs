//! `exists`: documents with a value in a field, or in any field of an object.

use super::Resolver;
use crate::{
    mapping::Field,
    query::clause::{Clause, Place},
};

impl Resolver<'_> {
    pub(super) fn exists(&self, path: &str) -> Clause {
        if matches!(path, "_id" | "_index" | "_source" | "_seq_no" | "_version") {
            return Clause::All;
        }
        if let Some(field) = self.field(path) {
            return has_value(field);
        }
        let below = format!("{path}.");
        let fields = self.mapping().fields().filter(|field| {
            field.path.starts_with(&below) || (path.contains('*') && matches_pattern(path, &field.path))
        });
        Clause::Constant(Box::new(Clause::any(fields.map(has_value).collect())), 1.0)
    }
}

pub(super) fn has_value(field: &Field) -> Clause {
    if field.doc_values {
        Clause::HasValue { field: field.id }
    } else {
        Clause::Term { place: Place::FieldNames, term: field.path.to_string() }
    }
}

fn matches_pattern(pattern: &str, path: &str) -> bool {
    let pattern = crate::query::clause::Pattern::wildcard(pattern, false);
    path.starts_with(pattern.prefix()) && pattern.is_match(path)
}
