//! The body of a search: `query`, `aggs`, `sort`, paging, `_source`, and the rest of its top-level keys.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/search/>

use ekk_engine::search::{FieldFormat, SearchAfter, SearchRequest, SortValue, SourceFilter, TrackTotalHits};

use crate::{
    dsl::{Fault, Parsed, aggregation, boolean, float, highlight, integer, query, sort, text, texts, time_value},
    error::Exception,
    json::parse::{Member, Node, Value},
};

/// A search's body, read, with what only the REST layer looks at.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchBody {
    pub(crate) request: SearchRequest,
    /// `pit.id`: the point in time to search instead of indices.
    pub(crate) pit: Option<String>,
    /// Whether the body names its own source filter, which a `stored_fields` would otherwise turn off.
    pub(crate) has_source: bool,
    pub(crate) explain: bool,
    /// `indices_boost`: expressions and the factors on the scores of their indices.
    pub(crate) indices_boost: Vec<(String, f32)>,
    /// Whether `ext`, `suggest` or another part asks for an answer of its own; named for the refusal.
    pub(crate) profile: bool,
}

/// Reads the body.
///
/// # Errors
/// `parsing_exception` for keys that are unknown or have the wrong kind of value.
pub(crate) fn parse(node: &Node) -> Parsed<SearchBody> {
    let Some(members) = node.members() else {
        return Err(Fault::parsing(format!("Expected [START_OBJECT] but found [{}]", node.token()), node.at));
    };
    let mut body = SearchBody::default();
    for member in members {
        let read = match &member.value.value {
            Value::Object(_) => object_key(&mut body, member)?,
            Value::Array(_) => array_key(&mut body, member)?,
            Value::Null => true,
            _ => value_key(&mut body, member)?,
        };
        if !read {
            return Err(Fault::parsing(
                format!("Unknown key for a {} in [{}].", member.value.token(), member.name),
                member.value.at,
            ));
        }
    }
    Ok(body)
}

fn object_key(body: &mut SearchBody, member: &Member) -> Parsed<bool> {
    let node = &member.value;
    let request = &mut body.request;
    match member.name.as_str() {
        "query" => request.query = Some(query::parse(node)?),
        "post_filter" => request.post_filter = Some(query::parse(node)?),
        "aggs" | "aggregations" => request.aggregations = aggregation::parse(node)?,
        "sort" => request.sort = sort::parse(node)?,
        "_source" => {
            request.source = source(node)?;
            body.has_source = true;
        }
        "highlight" => request.highlight = Some(highlight::parse(node)?),
        "collapse" => request.collapse = Some(collapse(node)?),
        "pit" => body.pit = Some(pit(node)?),
        "script_fields" => return unless_empty(member, "script_fields"),
        "suggest" => return unless_empty(member, "suggest"),
        "rescore" => return unless_empty(member, "rescore"),
        "slice" => return unless_empty(member, "slice"),
        "derived" => return unless_empty(member, "derived"),
        "indices_boost" => body.indices_boost = indices_boost(std::slice::from_ref(node))?,
        "ext" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

fn array_key(body: &mut SearchBody, member: &Member) -> Parsed<bool> {
    let node = &member.value;
    let items = node.items().unwrap_or_default();
    let request = &mut body.request;
    match member.name.as_str() {
        "sort" => request.sort = sort::parse(node)?,
        "_source" => {
            request.source = source(node)?;
            body.has_source = true;
        }
        "search_after" => request.search_after = Some(search_after(items)?),
        "docvalue_fields" => request.docvalue_fields = items.iter().map(field_format).collect::<Parsed<_>>()?,
        "fields" => request.fields = items.iter().map(field_format).collect::<Parsed<_>>()?,
        "stored_fields" => stored_fields(body, &texts(node)?),
        "rescore" => return unless_empty(member, "rescore"),
        "indices_boost" => body.indices_boost = indices_boost(items)?,
        "stats" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

fn value_key(body: &mut SearchBody, member: &Member) -> Parsed<bool> {
    let node = &member.value;
    let request = &mut body.request;
    match member.name.as_str() {
        "from" => request.from = not_negative(node, "from")?,
        "size" => request.size = not_negative(node, "size")?,
        "sort" => request.sort = sort::parse(node)?,
        "_source" => {
            request.source = source(node)?;
            body.has_source = true;
        }
        "track_total_hits" => request.track_total_hits = track_total_hits(node)?,
        "track_scores" => request.track_scores = boolean(node)?,
        "min_score" => request.min_score = Some(float(node)?),
        "terminate_after" => request.terminate_after = terminate_after(node)?,
        "version" => request.version = boolean(node)?,
        "seq_no_primary_term" => request.seq_no_primary_term = boolean(node)?,
        "explain" => body.explain = boolean(node)?,
        "profile" => body.profile = boolean(node)?,
        "stored_fields" => stored_fields(body, &[text(node)?]),
        "timeout" => {
            time_value::parse(&text(node)?, "timeout")
                .map_err(|exception| Fault { exception: Box::new(exception), at: node.at })?;
        }
        "include_named_queries_score" | "verbose_pipeline" => {
            boolean(node)?;
        }
        "search_pipeline" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

/// `{"logs-*": 2.0}`, or a list of such objects.
fn indices_boost(objects: &[Node]) -> Parsed<Vec<(String, f32)>> {
    let mut boosts = Vec::new();
    for object in objects {
        let members = object.members().ok_or_else(|| {
            Fault::parsing(
                format!("Expected [START_OBJECT] in [indices_boost] but found [{}]", object.token()),
                object.at,
            )
        })?;
        for member in members {
            boosts.push((member.name.clone(), float(&member.value)?));
        }
    }
    Ok(boosts)
}

/// Dashboards always sends these empty.
fn unless_empty(member: &Member, name: &str) -> Parsed<bool> {
    let empty = match &member.value.value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if empty { Ok(true) } else { Err(Fault::parsing(format!("[{name}] is not supported"), member.value.at)) }
}

fn not_negative(node: &Node, name: &str) -> Parsed<usize> {
    let value = integer(node)?;
    if i32::try_from(value).is_err() {
        let reason = format!("Numeric value ({value}) out of range of int (-2147483648 - 2147483647)");
        let exception = Exception::new("input_coercion_exception", reason);
        return Err(Fault { exception: Box::new(exception), at: node.at });
    }
    usize::try_from(value).map_err(|_| {
        Fault::illegal_argument(format!("[{name}] parameter cannot be negative, found [{value}]"), node.at)
    })
}

/// `_source` keeps the source; other stored fields, of which there are none, turn it off, and so does `*`.
fn stored_fields(body: &mut SearchBody, names: &[String]) {
    let keeps = names.iter().any(|name| name == "_source");
    if !keeps && !body.has_source {
        body.request.source = SourceFilter::None;
    }
}

/// `_source`: a boolean, a path, paths, or includes and excludes.
pub(crate) fn source(node: &Node) -> Parsed<SourceFilter> {
    match &node.value {
        Value::Bool(true) => Ok(SourceFilter::All),
        Value::Bool(false) => Ok(SourceFilter::None),
        Value::String(text) if text == "true" => Ok(SourceFilter::All),
        Value::String(text) if text == "false" => Ok(SourceFilter::None),
        Value::String(path) => Ok(SourceFilter::Paths { includes: vec![path.clone()], excludes: Vec::new() }),
        Value::Array(items) => paths(items).map(|includes| SourceFilter::Paths { includes, excludes: Vec::new() }),
        Value::Object(members) => {
            let (mut includes, mut excludes) = (Vec::new(), Vec::new());
            for member in members {
                match member.name.as_str() {
                    "includes" | "include" => includes = texts(&member.value)?,
                    "excludes" | "exclude" => excludes = texts(&member.value)?,
                    name => {
                        let reason = format!("Unknown key for a {} in [{name}].", member.value.token());
                        return Err(Fault::parsing(reason, member.value.at));
                    }
                }
            }
            Ok(filter_of(includes, excludes))
        }
        _ => Err(Fault::parsing(
            format!("Expected one of [VALUE_BOOLEAN, START_OBJECT] but found [{}]", node.token()),
            node.at,
        )),
    }
}

/// The filter of these paths; none at all keep everything.
pub(crate) fn filter_of(includes: Vec<String>, excludes: Vec<String>) -> SourceFilter {
    if includes.is_empty() && excludes.is_empty() {
        SourceFilter::All
    } else {
        SourceFilter::Paths { includes, excludes }
    }
}

fn paths(items: &[Node]) -> Parsed<Vec<String>> {
    items
        .iter()
        .map(|item| {
            item.string()
                .map(str::to_owned)
                .ok_or_else(|| Fault::parsing(format!("Unknown key for a {} in [_source].", item.token()), item.at))
        })
        .collect()
}

fn track_total_hits(node: &Node) -> Parsed<TrackTotalHits> {
    let text = text(node)?;
    match text.as_str() {
        "true" => Ok(TrackTotalHits::All),
        "false" => Ok(TrackTotalHits::No),
        number => match number.parse::<i64>() {
            Ok(-1) => Ok(TrackTotalHits::No),
            Ok(count) => u64::try_from(count)
                .map(TrackTotalHits::UpTo)
                .map_err(|_| Fault::illegal_argument(format!("value must be >= 0, got {count}"), node.at)),
            Err(_) => {
                let exception = Exception::new("number_format_exception", format!("For input string: \"{number}\""));
                Err(Fault { exception: Box::new(exception), at: node.at })
            }
        },
    }
}

/// 0 is OpenSearch's "no limit".
fn terminate_after(node: &Node) -> Parsed<Option<u64>> {
    let value = integer(node)?;
    match u64::try_from(value) {
        Ok(0) => Ok(None),
        Ok(count) => Ok(Some(count)),
        Err(_) => Err(Fault::illegal_argument("terminateAfter must be > 0", node.at)),
    }
}

fn search_after(items: &[Node]) -> Parsed<SearchAfter> {
    if items.is_empty() {
        return Err(Fault::illegal_argument("Values must contains at least one value.", Node::place(items)));
    }
    let values = items.iter().map(sort_value).collect::<Parsed<_>>()?;
    Ok(SearchAfter { values, address: None })
}

fn sort_value(node: &Node) -> Parsed<SortValue> {
    use ekk_engine::query::Scalar;
    if node.is_null() {
        return Ok(SortValue::Null);
    }
    Ok(match crate::dsl::scalar(node)? {
        Scalar::Bool(value) => SortValue::Long(i64::from(value)),
        Scalar::Long(value) => SortValue::Long(value),
        Scalar::UnsignedLong(value) => SortValue::UnsignedLong(value),
        Scalar::Double(value) => SortValue::Double(value),
        Scalar::String(text) => SortValue::String(text),
    })
}

fn field_format(node: &Node) -> Parsed<FieldFormat> {
    let Some(members) = node.members() else { return Ok(FieldFormat { field: text(node)?, format: None }) };
    let (mut field, mut format) = (None, None);
    for member in members {
        match member.name.as_str() {
            "field" => field = Some(text(&member.value)?),
            // The word that once asked for the field's own format.
            "format" => format = Some(text(&member.value)?).filter(|format| format != "use_field_mapping"),
            "include_unmapped" => {}
            name => {
                return Err(Fault::x_content(&format!("[fields] unknown field [{name}]"), member.name_at));
            }
        }
    }
    let field = field.ok_or_else(|| Fault::illegal_argument("Required [field]", node.end))?;
    Ok(FieldFormat { field, format })
}

fn collapse(node: &Node) -> Parsed<String> {
    let mut field = None;
    for member in node.members().unwrap_or_default() {
        match member.name.as_str() {
            "field" => field = Some(text(&member.value)?),
            "max_concurrent_group_searches" => {}
            "inner_hits" => return Err(Fault::parsing("[collapse] inner_hits is not supported", member.value.at)),
            name => return Err(Fault::x_content(&format!("[collapse] unknown field [{name}]"), member.name_at)),
        }
    }
    field.ok_or_else(|| Fault::illegal_argument("Required [field]", node.end))
}

fn pit(node: &Node) -> Parsed<String> {
    let mut id = None;
    for member in node.members().unwrap_or_default() {
        match member.name.as_str() {
            "id" => id = Some(text(&member.value)?),
            "keep_alive" => {}
            name => return Err(Fault::x_content(&format!("[pit] unknown field [{name}]"), member.name_at)),
        }
    }
    id.ok_or_else(|| Fault::illegal_argument("point int time id is not provided", node.end))
}

impl Node {
    /// Where a list of values stands; the body's beginning when it is empty.
    fn place(items: &[Node]) -> crate::json::parse::Position {
        items.first().map_or(crate::json::parse::Position { line: 1, column: 1 }, |item| item.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn read(text: &str) -> Parsed<SearchBody> {
        super::parse(&parse::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn unknown_and_wrong_keys_are_refused_as_opensearch_refuses_them() {
        for (body, kind, reason) in [
            (r#"{"nope": 1}"#, "parsing_exception", "Unknown key for a VALUE_NUMBER in [nope]."),
            (r#"{"nope":{"a":1}}"#, "parsing_exception", "Unknown key for a START_OBJECT in [nope]."),
            (r#"{"query":"x"}"#, "parsing_exception", "Unknown key for a VALUE_STRING in [query]."),
            (r#"{"size":-1}"#, "illegal_argument_exception", "[size] parameter cannot be negative, found [-1]"),
            (r#"{"size":"x"}"#, "number_format_exception", r#"For input string: "x""#),
            ("[1]", "parsing_exception", "Expected [START_OBJECT] but found [START_ARRAY]"),
            (
                r#"{"_source":5}"#,
                "parsing_exception",
                "Expected one of [VALUE_BOOLEAN, START_OBJECT] but found [VALUE_NUMBER]",
            ),
        ] {
            let exception = *read(body).unwrap_err().exception;
            assert_eq!((exception.kind.as_ref(), exception.reason.as_str()), (kind, reason), "{body}");
        }
    }

    #[test]
    fn what_dashboards_sends_is_read() {
        let body = read(
            r#"{"version":true,"size":500,"sort":[{"@timestamp":{"order":"desc","unmapped_type":"boolean"}}],
                "aggs":{"2":{"date_histogram":{"field":"@timestamp","fixed_interval":"3h","time_zone":"Europe/Paris","min_doc_count":1}}},
                "stored_fields":["*"],"script_fields":{},"docvalue_fields":[{"field":"@timestamp","format":"date_time"}],
                "_source":{"excludes":[]},"query":{"bool":{"must":[],"filter":[{"match_all":{}}],"should":[],"must_not":[]}},
                "highlight":{"pre_tags":["<"],"post_tags":[">"],"fields":{"*":{}},"fragment_size":2147483647}}"#,
        )
        .unwrap();
        assert_eq!((body.request.size, body.request.source), (500, SourceFilter::All));
        assert_eq!(body.request.aggregations.len(), 1);
    }
}
