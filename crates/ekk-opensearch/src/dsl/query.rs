//! The query DSL: `{"term": {"level": "ERROR"}}` and its siblings.
//!
//! Compound queries are here; [`full_text`] and [`term_level`] read the others.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/>

mod full_text;
mod term_level;

pub(crate) use self::full_text::operator_named as operator;

use ekk_engine::query::{BoolQuery, BoostingQuery, DisMaxQuery, MinimumShouldMatch, Query, QueryKind};

use crate::{
    dsl::{Fault, Parsed, did_you_mean, float, text, texts, unsupported},
    error::Exception,
    json::parse::{Member, Node, Value},
};

/// Every query that is read, for hints.
const KNOWN: &[&str] = &[
    "bool",
    "boosting",
    "constant_score",
    "dis_max",
    "exists",
    "function_score",
    "fuzzy",
    "ids",
    "match",
    "match_all",
    "match_bool_prefix",
    "match_none",
    "match_phrase",
    "match_phrase_prefix",
    "multi_match",
    "nested",
    "prefix",
    "query_string",
    "range",
    "regexp",
    "simple_query_string",
    "term",
    "terms",
    "wildcard",
    "wrapper",
];

/// Queries of OpenSearch that are refused by name.
const UNSUPPORTED: &[&str] = &[
    "function_score",
    "script",
    "script_score",
    "more_like_this",
    "percolate",
    "rank_feature",
    "distance_feature",
    "geo_bounding_box",
    "geo_distance",
    "geo_polygon",
    "geo_shape",
    "intervals",
    "has_child",
    "has_parent",
    "parent_id",
    "pinned",
    "span_term",
    "span_near",
    "span_or",
    "span_not",
    "span_first",
    "span_multi",
    "span_containing",
    "span_within",
    "field_masking_span",
    "common",
    "terms_set",
    "wrapper",
    "combined_fields",
    "hybrid",
    "neural",
    "knn",
    "template",
];

/// Reads one query.
///
/// # Errors
/// `parsing_exception` for unknown queries and options, `illegal_argument_exception` for an empty clause.
pub(crate) fn parse(node: &Node) -> Parsed<Query> {
    let Some(members) = node.members() else {
        return Err(Fault::parsing("[_na] query malformed, must start with start_object", node.at));
    };
    let Some(first) = members.first() else {
        return Err(Fault::illegal_argument(
            format!("query malformed, empty clause found at [{}]", node.end),
            node.end,
        ));
    };
    if first.value.members().is_none() {
        return Err(Fault::parsing(
            format!("[{}] query malformed, no start_object after query name", first.name),
            first.value.at,
        ));
    }
    let query = named(first)?;
    match members.get(1) {
        Some(second) => Err(Fault::parsing(
            format!("[{}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]", first.name),
            second.name_at,
        )),
        None => Ok(query),
    }
}

fn named(member: &Member) -> Parsed<Query> {
    let body = &member.value;
    match member.name.as_str() {
        "match_all" => plain(body, "match_all", QueryKind::MatchAll),
        "match_none" => plain(body, "match_none", QueryKind::MatchNone),
        "bool" => boolean(body),
        "constant_score" => constant_score(body),
        "dis_max" => dis_max(body),
        "boosting" => boosting(body),
        "nested" => nested(body),
        "match" => full_text::match_query(body),
        "match_phrase" => full_text::match_phrase(body),
        "match_phrase_prefix" => full_text::match_phrase_prefix(body),
        "match_bool_prefix" => full_text::match_bool_prefix(body),
        "multi_match" => full_text::multi_match(body),
        "query_string" => full_text::query_string(body),
        "simple_query_string" => full_text::simple_query_string(body),
        "term" => term_level::term(body),
        "terms" => term_level::terms(body),
        "range" => term_level::range(body),
        "exists" => term_level::exists(body),
        "prefix" => term_level::prefix(body),
        "wildcard" => term_level::wildcard(body),
        "regexp" => term_level::regexp(body),
        "fuzzy" => term_level::fuzzy(body),
        "ids" => ids(body),
        other => Err(unknown(other, body)),
    }
}

fn unknown(name: &str, body: &Node) -> Fault {
    if UNSUPPORTED.contains(&name) {
        return Fault::parsing(format!("query [{name}] is not supported"), body.at);
    }
    let reason = format!("unknown query [{name}]{}", did_you_mean(name, KNOWN));
    let cause = Exception::new("named_object_not_found_exception", format!("[{}] unknown field [{name}]", body.at));
    let exception = Exception::parsing(reason, body.at).caused_by(cause);
    Fault { exception: Box::new(exception), at: body.at }
}

/// The members of a query's body, which [`parse`] has found to be an object.
fn members(body: &Node) -> &[Member] {
    body.members().unwrap_or_default()
}

/// `boost` or `_name`, which every query takes; false when the member is neither.
fn common(query: &mut Query, member: &Member) -> Parsed<bool> {
    match member.name.as_str() {
        "boost" => query.boost = float(&member.value)?,
        "_name" => query.name = Some(text(&member.value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn plain(body: &Node, name: &str, kind: QueryKind) -> Parsed<Query> {
    let mut query = Query::new(kind);
    for member in members(body) {
        if !common(&mut query, member)? {
            return Err(declared_unknown(name, member));
        }
    }
    Ok(query)
}

/// An unknown field of an object that OpenSearch reads by a declared parser and wraps.
fn declared_unknown(query: &str, member: &Member) -> Fault {
    let reason = format!("[{}] [{query}] unknown field [{}]", member.name_at, member.name);
    let cause = Exception::new("x_content_parse_exception", reason.clone());
    let exception = Exception::parsing(reason, member.value.at).caused_by(cause);
    Fault { exception: Box::new(exception), at: member.value.at }
}

fn boolean(body: &Node) -> Parsed<Query> {
    let mut clauses = BoolQuery::default();
    let mut query = Query::match_all();
    for member in members(body) {
        match member.name.as_str() {
            "must" => clauses.must.extend(clause(member)?),
            "filter" => clauses.filter.extend(clause(member)?),
            "should" => clauses.should.extend(clause(member)?),
            "must_not" | "mustNot" => clauses.must_not.extend(clause(member)?),
            "minimum_should_match" => clauses.minimum_should_match = minimum_should_match(&member.value)?,
            "adjust_pure_negative" => {}
            _ if common(&mut query, member)? => {}
            name => return Err(Fault::x_content(&format!("[bool] unknown field [{name}]"), member.name_at)),
        }
    }
    query.kind = clauses.into();
    Ok(query)
}

fn clause(member: &Member) -> Parsed<Vec<Query>> {
    let parsed = match &member.value.value {
        Value::Object(_) => parse(&member.value).map(|query| vec![query]),
        Value::Array(items) => items.iter().map(parse).collect(),
        Value::Null => return Ok(Vec::new()),
        _ => {
            let reason = format!("[bool] {} doesn't support values of type: {}", member.name, member.value.token());
            return Err(Fault::x_content(&reason, member.value.at));
        }
    };
    parsed.map_err(|fault| fault.in_field("bool", &member.name))
}

/// `minimum_should_match`, a number or a specification; null is none.
fn minimum_should_match(node: &Node) -> Parsed<Option<MinimumShouldMatch>> {
    if node.is_null() {
        return Ok(None);
    }
    MinimumShouldMatch::parse(&text(node)?).map(Some).map_err(|error| Fault::engine(error, node.at))
}

fn constant_score(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut filter = None;
    for member in members(body) {
        match member.name.as_str() {
            "filter" => filter = Some(parse(&member.value)?),
            _ if common(&mut query, member)? => {}
            _ => return Err(unsupported("constant_score", member)),
        }
    }
    let filter = filter.ok_or_else(|| Fault::parsing("[constant_score] requires a 'filter' element", body.end))?;
    query.kind = QueryKind::ConstantScore(Box::new(filter));
    Ok(query)
}

fn dis_max(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut best = DisMaxQuery::default();
    for member in members(body) {
        match (member.name.as_str(), &member.value.value) {
            ("queries", Value::Array(items)) => best.queries = items.iter().map(parse).collect::<Parsed<_>>()?,
            ("queries", Value::Object(_)) => best.queries.push(parse(&member.value)?),
            ("tie_breaker", _) => best.tie_breaker = float(&member.value)?,
            _ if common(&mut query, member)? => {}
            _ => return Err(unsupported("dis_max", member)),
        }
    }
    if best.queries.is_empty() {
        return Err(Fault::parsing("[dis_max] requires 'queries' field with at least one clause", body.end));
    }
    query.kind = best.into();
    Ok(query)
}

fn boosting(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let (mut positive, mut negative, mut negative_boost) = (None, None, None);
    for member in members(body) {
        match member.name.as_str() {
            "positive" => positive = Some(parse(&member.value)?),
            "negative" => negative = Some(parse(&member.value)?),
            "negative_boost" => negative_boost = Some(float(&member.value)?),
            _ if common(&mut query, member)? => {}
            _ => return Err(unsupported("boosting", member)),
        }
    }
    let missing = |part: &str| Fault::parsing(format!("[boosting] query requires '{part}' query to be set'"), body.end);
    let positive = Box::new(positive.ok_or_else(|| missing("positive"))?);
    let negative = Box::new(negative.ok_or_else(|| missing("negative"))?);
    let negative_boost = negative_boost.filter(|boost| *boost >= 0.0).ok_or_else(|| {
        Fault::parsing("[boosting] query requires 'negative_boost' to be set to be a positive value'", body.end)
    })?;
    query.kind = BoostingQuery { positive, negative, negative_boost }.into();
    Ok(query)
}

/// Differs from OpenSearch: nested objects are indexed flat, so the inner query is asked of the document as a whole.
fn nested(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut inner = None;
    let mut path = None;
    for member in members(body) {
        match member.name.as_str() {
            "query" => inner = Some(parse(&member.value)?),
            "path" => path = Some(text(&member.value)?),
            "score_mode" | "ignore_unmapped" => {}
            "inner_hits" => return Err(Fault::parsing("[nested] inner_hits is not supported", member.value.at)),
            _ if common(&mut query, member)? => {}
            _ => return Err(unsupported("nested", member)),
        }
    }
    if path.is_none() {
        return Err(Fault::illegal_argument("[nested] requires 'path' field", body.end));
    }
    let inner = inner.ok_or_else(|| Fault::illegal_argument("[nested] requires 'query' field", body.end))?;
    query.kind = BoolQuery { must: vec![inner], ..BoolQuery::default() }.into();
    Ok(query)
}

fn ids(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut values = Vec::new();
    for member in members(body) {
        match member.name.as_str() {
            "values" => values = texts(&member.value)?,
            _ if common(&mut query, member)? => {}
            _ => return Err(declared_unknown("ids", member)),
        }
    }
    query.kind = QueryKind::Ids { values };
    Ok(query)
}

#[cfg(test)]
mod tests;
