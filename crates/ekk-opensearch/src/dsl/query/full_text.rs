//! The full-text queries: texts that are analysed as the field is, and the two query languages.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/full-text/index/>

use ekk_engine::query::{
    FieldBoost, MatchBoolPrefixQuery, MatchPhrasePrefixQuery, MatchPhraseQuery, MatchQuery, MultiMatchQuery,
    MultiMatchType, Operator, Query, QueryStringQuery, Scalar, SimpleFlags, SimpleQueryStringQuery, ZeroTerms,
};

use super::{
    common, members, minimum_should_match,
    term_level::{FieldQuery, fuzziness},
};
use crate::{
    dsl::{Fault, Parsed, boolean, float, scalar, size, text, texts, unsupported},
    error::Exception,
    json::parse::{Member, Node},
};

/// The value of a match query, bare or under `query`.
fn value(query: &FieldQuery<'_>, found: Option<Scalar>, bare: bool, body: &Node) -> Parsed<Scalar> {
    if bare {
        return scalar(query.body);
    }
    found.ok_or_else(|| Fault::parsing("No text specified for text query", body.end))
}

pub(super) fn match_query(body: &Node) -> Parsed<Query> {
    let Some(mut query) = FieldQuery::read("match", body)? else {
        return Err(Fault::parsing("No text specified for text query", body.end));
    };
    let mut matched = MatchQuery::new(query.field, "");
    let options = query.options()?;
    let mut found = None;
    for member in options.iter().flatten() {
        let node = &member.value;
        match member.name.as_str() {
            "query" => found = Some(scalar(node)?),
            "operator" => matched.operator = operator(node)?,
            "minimum_should_match" => matched.minimum_should_match = minimum_should_match(node)?,
            "fuzziness" => matched.fuzziness = Some(fuzziness(node)?),
            "prefix_length" => matched.prefix_length = size(node)?,
            "max_expansions" => matched.max_expansions = size(node)?,
            "fuzzy_transpositions" => matched.fuzzy_transpositions = boolean(node)?,
            "lenient" => matched.lenient = boolean(node)?,
            "zero_terms_query" => matched.zero_terms_query = zero_terms(node)?,
            "analyzer" => matched.analyzer = Some(text(node)?),
            "fuzzy_rewrite" | "auto_generate_synonyms_phrase_query" | "cutoff_frequency" => {}
            _ => return Err(unsupported("match", member)),
        }
    }
    matched.query = value(&query, found, options.is_none(), body)?;
    Ok(query.done(matched))
}

fn phrase_field<'a>(name: &str, body: &'a Node) -> Parsed<FieldQuery<'a>> {
    FieldQuery::read(name, body)?
        .ok_or_else(|| Fault::illegal_argument(format!("[{name}] requires fieldName"), body.end))
}

pub(super) fn match_phrase(body: &Node) -> Parsed<Query> {
    let mut query = phrase_field("match_phrase", body)?;
    let mut phrase = MatchPhraseQuery::new(query.field, "");
    let options = query.options()?;
    let mut found = None;
    for member in options.iter().flatten() {
        let node = &member.value;
        match member.name.as_str() {
            "query" => found = Some(scalar(node)?),
            "slop" => phrase.slop = slop(node)?,
            "zero_terms_query" => phrase.zero_terms_query = zero_terms(node)?,
            "analyzer" => phrase.analyzer = Some(text(node)?),
            _ => return Err(unsupported("match_phrase", member)),
        }
    }
    phrase.query = value(&query, found, options.is_none(), body)?;
    Ok(query.done(phrase))
}

pub(super) fn match_phrase_prefix(body: &Node) -> Parsed<Query> {
    let mut query = phrase_field("match_phrase_prefix", body)?;
    let mut phrase = MatchPhrasePrefixQuery::new(query.field, "");
    let options = query.options()?;
    let mut found = None;
    for member in options.iter().flatten() {
        let node = &member.value;
        match member.name.as_str() {
            "query" => found = Some(scalar(node)?),
            "slop" => phrase.slop = slop(node)?,
            "max_expansions" => phrase.max_expansions = size(node)?,
            "zero_terms_query" => phrase.zero_terms_query = zero_terms(node)?,
            "analyzer" => phrase.analyzer = Some(text(node)?),
            _ => return Err(unsupported("match_phrase_prefix", member)),
        }
    }
    phrase.query = value(&query, found, options.is_none(), body)?;
    Ok(query.done(phrase))
}

pub(super) fn match_bool_prefix(body: &Node) -> Parsed<Query> {
    let mut query = phrase_field("match_bool_prefix", body)?;
    let mut terms = MatchBoolPrefixQuery::new(query.field, "");
    let options = query.options()?;
    let mut found = None;
    for member in options.iter().flatten() {
        let node = &member.value;
        match member.name.as_str() {
            "query" => found = Some(scalar(node)?),
            "operator" => terms.operator = operator(node)?,
            "minimum_should_match" => terms.minimum_should_match = minimum_should_match(node)?,
            "fuzziness" => terms.fuzziness = Some(fuzziness(node)?),
            "prefix_length" => terms.prefix_length = size(node)?,
            "max_expansions" => terms.max_expansions = size(node)?,
            "analyzer" => terms.analyzer = Some(text(node)?),
            "fuzzy_transpositions" | "fuzzy_rewrite" => {}
            _ => return Err(unsupported("match_bool_prefix", member)),
        }
    }
    terms.query = value(&query, found, options.is_none(), body)?;
    Ok(query.done(terms))
}

pub(super) fn multi_match(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut multi = MultiMatchQuery::new("");
    let (mut found, mut has_cutoff) = (None, false);
    for member in members(body) {
        let node = &member.value;
        match member.name.as_str() {
            "query" => found = Some(scalar(node)?),
            "fields" => multi.fields = field_boosts(node)?,
            "type" => multi.kind = multi_match_type(node)?,
            "operator" => multi.operator = operator(node)?,
            "minimum_should_match" => multi.minimum_should_match = minimum_should_match(node)?,
            "fuzziness" => multi.fuzziness = Some(fuzziness(node)?),
            "prefix_length" => multi.prefix_length = size(node)?,
            "max_expansions" => multi.max_expansions = size(node)?,
            "slop" => multi.slop = slop(node)?,
            "tie_breaker" => multi.tie_breaker = Some(float(node)?),
            "lenient" => multi.lenient = boolean(node)?,
            "zero_terms_query" => multi.zero_terms_query = zero_terms(node)?,
            "analyzer" => multi.analyzer = Some(text(node)?),
            "cutoff_frequency" => has_cutoff = true,
            "fuzzy_rewrite" | "auto_generate_synonyms_phrase_query" | "fuzzy_transpositions" => {}
            _ if common(&mut query, member)? => {}
            _ => return Err(unsupported("multi_match", member)),
        }
    }
    if multi.kind == MultiMatchType::BoolPrefix {
        for (name, given) in [("slop", multi.slop > 0), ("cutoff_frequency", has_cutoff)] {
            if given {
                return Err(Fault::parsing(format!("[{name}] not allowed for type [bool_prefix]"), body.end));
            }
        }
    }
    multi.query = found.ok_or_else(|| Fault::parsing("No text specified for multi_match query", body.end))?;
    query.kind = multi.into();
    Ok(query)
}

pub(super) fn query_string(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut string = QueryStringQuery::new("");
    let mut found = None;
    for member in members(body) {
        if member.name == "query" {
            found = Some(text(&member.value)?);
        } else if !common(&mut query, member)? {
            query_string_option(&mut string, member)?;
        }
    }
    string.query = found.ok_or_else(|| Fault::parsing("[query_string] must be provided with a [query]", body.end))?;
    query.kind = string.into();
    Ok(query)
}

fn query_string_option(string: &mut QueryStringQuery, member: &Member) -> Parsed<()> {
    let node = &member.value;
    match member.name.as_str() {
        "default_field" if node.is_null() => string.default_field = None,
        "default_field" => string.default_field = Some(text(node)?),
        "fields" => {
            if let Some(null) = node.items().unwrap_or_default().iter().find(|item| item.is_null()) {
                return Err(Fault::parsing("[query_string] field name in [fields] cannot be null", null.at));
            }
            string.fields = field_boosts(node)?;
        }
        "default_operator" => string.default_operator = operator(node)?,
        "type" => string.kind = multi_match_type(node)?,
        "lenient" => string.lenient = Some(boolean(node)?),
        "analyze_wildcard" => string.analyze_wildcard = boolean(node)?,
        "allow_leading_wildcard" => string.allow_leading_wildcard = boolean(node)?,
        "time_zone" => string.time_zone = Some(text(node)?),
        "minimum_should_match" => string.minimum_should_match = minimum_should_match(node)?,
        "phrase_slop" => string.phrase_slop = slop(node)?,
        "fuzziness" => string.fuzziness = fuzziness(node)?,
        "fuzzy_prefix_length" => string.fuzzy_prefix_length = size(node)?,
        "fuzzy_max_expansions" => string.fuzzy_max_expansions = size(node)?,
        "fuzzy_transpositions" => string.fuzzy_transpositions = boolean(node)?,
        "tie_breaker" => string.tie_breaker = Some(float(node)?),
        "analyzer" => string.analyzer = Some(text(node)?),
        "quote_field_suffix" => string.quote_field_suffix = Some(text(node)?),
        "escape" => string.escape = boolean(node)?,
        "quote_analyzer"
        | "max_determinized_states"
        | "enable_position_increments"
        | "rewrite"
        | "fuzzy_rewrite"
        | "auto_generate_synonyms_phrase_query" => {}
        _ => return Err(unsupported("query_string", member)),
    }
    Ok(())
}

pub(super) fn simple_query_string(body: &Node) -> Parsed<Query> {
    let mut query = Query::match_all();
    let mut simple = SimpleQueryStringQuery::new("");
    let mut found = None;
    for member in members(body) {
        let node = &member.value;
        match member.name.as_str() {
            "query" => found = Some(text(node)?),
            "fields" => simple.fields = field_boosts(node)?,
            "default_operator" => simple.default_operator = operator(node)?,
            "flags" => simple.flags = flags(node)?,
            "lenient" => simple.lenient = Some(boolean(node)?),
            "analyze_wildcard" => simple.analyze_wildcard = boolean(node)?,
            "minimum_should_match" => simple.minimum_should_match = minimum_should_match(node)?,
            "fuzzy_prefix_length" => simple.fuzzy_prefix_length = size(node)?,
            "fuzzy_max_expansions" => simple.fuzzy_max_expansions = size(node)?,
            "fuzzy_transpositions" => simple.fuzzy_transpositions = boolean(node)?,
            "analyzer" => simple.analyzer = Some(text(node)?),
            "quote_field_suffix" => simple.quote_field_suffix = Some(text(node)?),
            "auto_generate_synonyms_phrase_query" => {}
            _ if common(&mut query, member)? => {}
            _ => return Err(unsupported("simple_query_string", member)),
        }
    }
    simple.query = found.ok_or_else(|| Fault::parsing("[simple_query_string] query text missing", body.end))?;
    query.kind = simple.into();
    Ok(query)
}

/// A number is a mask of flags; a negative one means all of them.
fn flags(node: &Node) -> Parsed<SimpleFlags> {
    let text = text(node)?;
    if text.parse::<i64>().is_ok_and(i64::is_negative) || text.is_empty() {
        return Ok(SimpleFlags::ALL);
    }
    SimpleFlags::parse(&text).map_err(|error| Fault::engine(error, node.at))
}

/// `or` or `and` in either case.
pub(crate) fn operator(node: &Node) -> Parsed<Operator> {
    let text = text(node)?;
    operator_named(&text).ok_or_else(|| {
        Fault::illegal_argument(
            format!("No enum constant org.opensearch.index.query.Operator.{}", text.to_uppercase()),
            node.at,
        )
    })
}

/// The operator that a text names.
pub(crate) fn operator_named(text: &str) -> Option<Operator> {
    match text.to_ascii_lowercase().as_str() {
        "or" => Some(Operator::Or),
        "and" => Some(Operator::And),
        _ => None,
    }
}

fn zero_terms(node: &Node) -> Parsed<ZeroTerms> {
    let text = text(node)?;
    match text.to_ascii_lowercase().as_str() {
        "none" => Ok(ZeroTerms::None),
        "all" => Ok(ZeroTerms::All),
        _ => Err(Fault::parsing(format!("Unsupported zero_terms_query value [{text}]"), node.at)),
    }
}

fn multi_match_type(node: &Node) -> Parsed<MultiMatchType> {
    let text = text(node)?;
    match text.to_ascii_lowercase().as_str() {
        "best_fields" | "boolean" => Ok(MultiMatchType::BestFields),
        "most_fields" => Ok(MultiMatchType::MostFields),
        "cross_fields" => Ok(MultiMatchType::CrossFields),
        "phrase" => Ok(MultiMatchType::Phrase),
        "phrase_prefix" => Ok(MultiMatchType::PhrasePrefix),
        "bool_prefix" => Ok(MultiMatchType::BoolPrefix),
        _ => {
            let reason = format!("failed to parse [multi_match] query type [{text}]. unknown type.");
            Err(Fault { exception: Box::new(Exception::new("parse_exception", reason)), at: node.at })
        }
    }
}

fn field_boosts(node: &Node) -> Parsed<Vec<FieldBoost>> {
    texts(node)?.iter().map(|text| FieldBoost::parse(text).map_err(|error| Fault::engine(error, node.at))).collect()
}

fn slop(node: &Node) -> Parsed<u32> {
    u32::try_from(size(node)?).map_err(|_| Fault::illegal_argument("No negative slop allowed.", node.at))
}
