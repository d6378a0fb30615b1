//! The term-level queries: exact terms, ranges and patterns.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/term/index/>

use ekk_engine::query::{
    Bound, Fuzziness, FuzzyQuery, PrefixQuery, Query, QueryKind, RangeQuery, RangeRelation, RegexpQuery, Scalar,
    TermQuery, TermsQuery, WildcardQuery,
};

use super::{common, members};
use crate::{
    dsl::{Fault, Parsed, boolean, scalar, size, text, unsupported},
    json::parse::{Member, Node, Value},
};

/// The field of a query over one field, with its options or its bare value; `boost` and `_name` may stand beside it.
pub(super) struct FieldQuery<'a> {
    pub(super) field: &'a str,
    pub(super) body: &'a Node,
    pub(super) query: Query,
}

impl<'a> FieldQuery<'a> {
    /// Finds the field; `None` when the query names none.
    pub(super) fn read(name: &str, body: &'a Node) -> Parsed<Option<Self>> {
        let mut query = Query::match_all();
        let mut field: Option<&'a Member> = None;
        for member in members(body) {
            if !matches!(member.value.value, Value::Object(_)) && common(&mut query, member)? {
                continue;
            }
            if let Some(first) = field {
                return Err(Fault::parsing(
                    format!(
                        "[{name}] query doesn't support multiple fields, found [{}] and [{}]",
                        first.name, member.name
                    ),
                    member.value.at,
                ));
            }
            field = Some(member);
        }
        Ok(field.map(|member| Self { field: member.name.as_str(), body: &member.value, query }))
    }

    /// The same for queries that cannot do without a field.
    pub(super) fn required(name: &str, body: &'a Node) -> Parsed<Self> {
        Self::read(name, body)?.ok_or_else(|| Fault::illegal_argument("field name is null or empty", body.end))
    }

    /// The options, without those that every query takes; `None` when the value stands bare.
    pub(super) fn options(&mut self) -> Parsed<Option<Vec<&'a Member>>> {
        let Some(options) = self.body.members() else { return Ok(None) };
        let mut rest = Vec::with_capacity(options.len());
        for member in options {
            if !common(&mut self.query, member)? {
                rest.push(member);
            }
        }
        Ok(Some(rest))
    }

    /// The query of this kind.
    pub(super) fn done(mut self, kind: impl Into<QueryKind>) -> Query {
        self.query.kind = kind.into();
        self.query
    }
}

pub(super) fn term(body: &Node) -> Parsed<Query> {
    let mut query = FieldQuery::required("term", body)?;
    if query.body.items().is_some() {
        return Err(Fault::parsing("[term] query does not support array of values", query.body.at));
    }
    let mut case_insensitive = false;
    let value = match query.options()? {
        None => Some(scalar(query.body)?),
        Some(options) => {
            let mut value = None;
            for member in options {
                match member.name.as_str() {
                    "value" | "term" => value = Some(scalar(&member.value)?),
                    "case_insensitive" => case_insensitive = boolean(&member.value)?,
                    _ => return Err(unsupported("term", member)),
                }
            }
            value
        }
    };
    let value = value.ok_or_else(|| Fault::illegal_argument("value cannot be null", body.end))?;
    let term = TermQuery { field: query.field.to_owned(), value, case_insensitive };
    Ok(query.done(term))
}

pub(super) fn terms(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut found: Option<TermsQuery> = None;
    for member in members(body) {
        match &member.value.value {
            Value::Array(items) => {
                if found.is_some() {
                    return Err(Fault::parsing("[terms] query does not support multiple fields", member.value.at));
                }
                let values = items.iter().map(scalar).collect::<Parsed<Vec<Scalar>>>()?;
                found = Some(TermsQuery { field: member.name.clone(), values });
            }
            Value::Object(_) => {
                return Err(Fault::parsing("[terms] query with a terms lookup is not supported", member.value.at));
            }
            _ if common(&mut query, member)? => {}
            _ if member.name == "value_type" => {}
            _ => return Err(unsupported("terms", member)),
        }
    }
    let terms = found.ok_or_else(|| {
        Fault::parsing(
            "[terms] query requires a field name, followed by array of terms or a document lookup specification",
            body.end,
        )
    })?;
    query.kind = terms.into();
    Ok(query)
}

pub(super) fn range(body: &Node) -> Parsed<Query> {
    let mut query = FieldQuery::required("range", body)?;
    let Some(options) = query.options()? else {
        return Err(Fault::parsing(format!("[range] query does not support [{}]", query.field), query.body.at));
    };
    let mut range = RangeQuery { field: query.field.to_owned(), ..RangeQuery::default() };
    let (mut include_lower, mut include_upper) = (None, None);
    for member in options {
        let bound = |inclusive| -> Parsed<Option<Bound>> {
            if member.value.is_null() {
                return Ok(None);
            }
            Ok(Some(Bound { value: scalar(&member.value)?, inclusive }))
        };
        match member.name.as_str() {
            "gte" | "from" => range.lower = bound(true)?,
            "gt" => range.lower = bound(false)?,
            "lte" | "to" => range.upper = bound(true)?,
            "lt" => range.upper = bound(false)?,
            "include_lower" => include_lower = Some(boolean(&member.value)?),
            "include_upper" => include_upper = Some(boolean(&member.value)?),
            "format" => range.format = Some(text(&member.value)?),
            "time_zone" => range.time_zone = Some(text(&member.value)?),
            "relation" => range.relation = Some(relation(&member.value)?),
            _ => return Err(unsupported("range", member)),
        }
    }
    if let (Some(lower), Some(inclusive)) = (&mut range.lower, include_lower) {
        lower.inclusive = inclusive;
    }
    if let (Some(upper), Some(inclusive)) = (&mut range.upper, include_upper) {
        upper.inclusive = inclusive;
    }
    Ok(query.done(range))
}

fn relation(node: &Node) -> Parsed<RangeRelation> {
    let name = text(node)?;
    match name.to_ascii_uppercase().as_str() {
        "INTERSECTS" => Ok(RangeRelation::Intersects),
        "CONTAINS" => Ok(RangeRelation::Contains),
        "WITHIN" => Ok(RangeRelation::Within),
        _ => Err(Fault::illegal_argument(format!("[range] query does not support relation [{name}]"), node.at)),
    }
}

pub(super) fn exists(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut field = None;
    for member in members(body) {
        match member.name.as_str() {
            "field" => field = Some(text(&member.value)?),
            _ if common(&mut query, member)? => {}
            _ => return Err(unsupported("exists", member)),
        }
    }
    let field = field.ok_or_else(|| Fault::parsing("[exists] must be provided with a [field]", body.end))?;
    query.kind = QueryKind::Exists { field };
    Ok(query)
}

/// The value of a pattern query, the options that it shares with the others, and those that it has alone.
struct Pattern<'a> {
    query: FieldQuery<'a>,
    value: String,
    case_insensitive: bool,
}

/// `ignored` are options that change how a pattern is run, not what it matches.
fn pattern<'a>(name: &str, body: &'a Node, value_names: &[&str], ignored: &[&str]) -> Parsed<Pattern<'a>> {
    let mut query = FieldQuery::required(name, body)?;
    let mut case_insensitive = false;
    let value = match query.options()? {
        None => Some(text(query.body)?),
        Some(options) => {
            let mut value = None;
            for member in options {
                match member.name.as_str() {
                    option if value_names.contains(&option) => value = Some(text(&member.value)?),
                    "case_insensitive" => case_insensitive = boolean(&member.value)?,
                    "rewrite" => {}
                    option if ignored.contains(&option) => {}
                    _ => return Err(unsupported(name, member)),
                }
            }
            value
        }
    };
    let value = value.ok_or_else(|| Fault::illegal_argument("value cannot be null", body.end))?;
    Ok(Pattern { query, value, case_insensitive })
}

pub(super) fn prefix(body: &Node) -> Parsed<Query> {
    let Pattern { query, value, case_insensitive } = pattern("prefix", body, &["value", "prefix"], &[])?;
    let field = query.field.to_owned();
    Ok(query.done(PrefixQuery { field, value, case_insensitive }))
}

pub(super) fn wildcard(body: &Node) -> Parsed<Query> {
    let Pattern { query, value, case_insensitive } = pattern("wildcard", body, &["value", "wildcard"], &[])?;
    let field = query.field.to_owned();
    Ok(query.done(WildcardQuery { field, value, case_insensitive }))
}

pub(super) fn regexp(body: &Node) -> Parsed<Query> {
    let ignored = ["flags", "flags_value", "max_determinized_states"];
    let Pattern { query, value, case_insensitive } = pattern("regexp", body, &["value"], &ignored)?;
    let field = query.field.to_owned();
    Ok(query.done(RegexpQuery { field, value, case_insensitive }))
}

pub(super) fn fuzzy(body: &Node) -> Parsed<Query> {
    let mut query = FieldQuery::required("fuzzy", body)?;
    let mut fuzzy = FuzzyQuery {
        field: query.field.to_owned(),
        value: Scalar::Bool(false),
        fuzziness: Fuzziness::AUTO,
        prefix_length: 0,
        max_expansions: 50,
        transpositions: true,
    };
    let mut value = None;
    match query.options()? {
        None => value = Some(scalar(query.body)?),
        Some(options) => {
            for member in options {
                match member.name.as_str() {
                    "value" | "term" => value = Some(scalar(&member.value)?),
                    "fuzziness" => fuzzy.fuzziness = fuzziness(&member.value)?,
                    "prefix_length" => fuzzy.prefix_length = size(&member.value)?,
                    "max_expansions" => fuzzy.max_expansions = size(&member.value)?,
                    "transpositions" => fuzzy.transpositions = boolean(&member.value)?,
                    "rewrite" => {}
                    _ => return Err(unsupported("fuzzy", member)),
                }
            }
        }
    }
    fuzzy.value = value.ok_or_else(|| Fault::illegal_argument("query value cannot be null", body.end))?;
    Ok(query.done(fuzzy))
}

/// `AUTO` or a number of edits.
pub(super) fn fuzziness(node: &Node) -> Parsed<Fuzziness> {
    Fuzziness::parse(&text(node)?).map_err(|error| Fault::engine(error, node.at))
}
