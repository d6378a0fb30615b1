//! Makes a query of OpenSearch of an expression, the one that OpenSearch Dashboards makes.
//!
//! What is known of the fields decides: a date is asked by a range, a name with stars stands for all fields that it
//! matches, and what is within nested documents has to be asked as such. A field that is not known is asked for as it is.

use serde_json::{Map, Value, json};

use crate::expression::{Expression, Literal, Term};

/// A field of the indices that are searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its whole name: `http.status`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The innermost field with nested documents that it is in.
    pub nested: Option<String>,
}

/// What a field holds, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Instants.
    Date,
    /// Numbers.
    Number,
    /// Anything else.
    Other,
}

/// A query asks for a field in a way in which it cannot be found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FieldError(String);

/// Translates an expression. Dates without an offset are in `time_zone`, in UTC without one.
///
/// # Errors
/// A field within nested documents is asked for outside of them, or the other way round.
pub fn to_query(expression: &Expression, fields: &[Field], time_zone: Option<&str>) -> Result<Value, FieldError> {
    Translation { fields, time_zone }.query(expression, None)
}

struct Translation<'a> {
    fields: &'a [Field],
    time_zone: Option<&'a str>,
}

/// The fields that a name stands for.
struct Named {
    term: Term,
    fields: Vec<Field>,
}

impl Translation<'_> {
    fn query(&self, expression: &Expression, nested: Option<&str>) -> Result<Value, FieldError> {
        let all = |inner: &[Expression]| inner.iter().map(|one| self.query(one, nested)).collect::<Result<Vec<_>, _>>();
        Ok(match expression {
            Expression::And(inner) => json!({"bool": {"filter": all(inner)?}}),
            Expression::Or(inner) => json!({"bool": {"should": all(inner)?, "minimum_should_match": 1}}),
            Expression::Not(inner) => json!({"bool": {"must_not": self.query(inner, nested)?}}),
            Expression::Nested { path, inner } => {
                let path = nested.map_or_else(|| path.to_string(), |outer| format!("{outer}.{path}"));
                let query = self.query(inner, Some(&path))?;
                json!({"nested": {"path": path, "query": query, "score_mode": "none"}})
            }
            Expression::Is { field, value, is_phrase } => self.is(field, value, *is_phrase, nested)?,
            Expression::Range { field, operator, value } => {
                let named = self.named(field, nested)?;
                let range = |field: &Field| {
                    let mut bounds = Map::from_iter([(operator.name().to_owned(), value.to_json())]);
                    self.add_zone(field, &mut bounds);
                    json!({"range": {field.name.clone(): bounds}})
                };
                named.any(nested, range)
            }
        })
    }

    fn is(&self, field: &Term, value: &Term, is_phrase: bool, nested: Option<&str>) -> Result<Value, FieldError> {
        if nested.is_none() && *field == Term::Literal(Literal::Null) {
            return Ok(anywhere(value, is_phrase));
        }
        let named = self.named(field, nested)?;
        let is_any_value = matches!(value, Term::Wildcard(wildcard) if wildcard.is_everything());
        let is_every_field = matches!(&named.term, Term::Wildcard(wildcard) if wildcard.is_everything())
            || !self.fields.is_empty() && named.fields.len() == self.fields.len();
        if is_any_value && is_every_field {
            return Ok(json!({"match_all": {}}));
        }
        Ok(named.any(nested, |field| match value {
            _ if is_any_value => json!({"exists": {"field": field.name}}),
            Term::Wildcard(wildcard) => {
                json!({"query_string": {"fields": [field.name], "query": wildcard.to_query_string()}})
            }
            Term::Literal(_) if field.kind == Kind::Date => {
                let mut bounds =
                    Map::from_iter([("gte".to_owned(), value.to_json()), ("lte".to_owned(), value.to_json())]);
                self.add_zone(field, &mut bounds);
                json!({"range": {field.name.clone(): bounds}})
            }
            Term::Literal(_) => {
                let kind = if is_phrase { "match_phrase" } else { "match" };
                json!({kind: {field.name.clone(): value.to_json()}})
            }
        }))
    }

    fn add_zone(&self, field: &Field, bounds: &mut Map<String, Value>) {
        if let (Kind::Date, Some(zone)) = (field.kind, self.time_zone) {
            bounds.insert("time_zone".to_owned(), json!(zone));
        }
    }

    /// The fields that a name stands for; one that is not known stands for itself.
    fn named(&self, name: &Term, nested: Option<&str>) -> Result<Named, FieldError> {
        let term = nested.map_or_else(|| name.clone(), |path| name.within(path));
        let mut fields: Vec<Field> = match &term {
            Term::Wildcard(wildcard) => {
                self.fields.iter().filter(|field| wildcard.matches(&field.name)).cloned().collect()
            }
            Term::Literal(_) => {
                let name = term.to_string();
                self.fields.iter().find(|field| field.name == name).cloned().into_iter().collect()
            }
        };
        // A name with stars may stand for nested fields and for others; each is then asked in its own way.
        if !matches!(term, Term::Wildcard(_)) || nested.is_some() {
            let problems: Vec<String> = fields.iter().filter_map(|field| problem(field, nested)).collect();
            if !problems.is_empty() {
                return Err(FieldError(problems.join("\n")));
            }
        }
        if fields.is_empty() {
            fields.push(Field { name: term.to_string(), kind: Kind::Other, nested: None });
        }
        Ok(Named { term, fields })
    }
}

impl Named {
    /// What holds of any of the fields.
    fn any(&self, nested: Option<&str>, query: impl Fn(&Field) -> Value) -> Value {
        let wrapped = |field: &Field| match (&self.term, &field.nested) {
            (Term::Wildcard(_), Some(path)) if nested.is_none() => {
                json!({"nested": {"path": path, "query": query(field), "score_mode": "none"}})
            }
            _ => query(field),
        };
        let queries: Vec<Value> = self.fields.iter().map(wrapped).collect();
        json!({"bool": {"should": queries, "minimum_should_match": 1}})
    }
}

/// A value in any field.
fn anywhere(value: &Term, is_phrase: bool) -> Value {
    match value {
        Term::Wildcard(wildcard) => json!({"query_string": {"query": wildcard.to_query_string()}}),
        Term::Literal(_) => {
            let kind = if is_phrase { "phrase" } else { "best_fields" };
            json!({"multi_match": {"type": kind, "query": value.to_json(), "lenient": true}})
        }
    }
}

/// What is wrong with asking for a field within these nested documents, or within none.
fn problem(field: &Field, nested: Option<&str>) -> Option<String> {
    let name = &field.name;
    match (nested, &field.nested) {
        (Some(path), None) => {
            Some(format!("{name} is not a nested field but is in nested group \"{path}\" in the DQL expression."))
        }
        (None, Some(_)) => {
            Some(format!("{name} is a nested field, but is not in a nested group in the DQL expression."))
        }
        (Some(path), Some(correct)) if path != correct => Some(format!(
            "Nested field {name} is being queried with the incorrect nested path. The correct path is {correct}."
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
