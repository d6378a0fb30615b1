//! The aggregations DSL: names, nesting and `meta` here; the kinds in [`bucket`] and [`crate::dsl::metric`].
//!
//! Source: <https://docs.opensearch.org/latest/aggregations/>

mod bucket;

use ekk_engine::aggregation::{Aggregation, AggregationKind, Aggregations};

use crate::{
    dsl::{Fault, Parsed, did_you_mean, metric, query, text},
    error::Exception,
    json::parse::{Member, Node, Value},
};

/// Every aggregation that is read, for hints.
const KNOWN: &[&str] = &[
    "avg",
    "cardinality",
    "date_histogram",
    "date_range",
    "extended_stats",
    "filter",
    "filters",
    "global",
    "histogram",
    "ip_range",
    "max",
    "min",
    "missing",
    "percentile_ranks",
    "percentiles",
    "range",
    "stats",
    "sum",
    "terms",
    "top_hits",
    "value_count",
];

/// Aggregations of OpenSearch that are refused by name.
const UNSUPPORTED: &[&str] = &[
    "adjacency_matrix",
    "auto_date_histogram",
    "avg_bucket",
    "bucket_script",
    "bucket_selector",
    "bucket_sort",
    "children",
    "composite",
    "cumulative_sum",
    "derivative",
    "diversified_sampler",
    "extended_stats_bucket",
    "geo_bounds",
    "geo_centroid",
    "geo_distance",
    "geohash_grid",
    "geotile_grid",
    "geohex_grid",
    "matrix_stats",
    "max_bucket",
    "median_absolute_deviation",
    "min_bucket",
    "moving_avg",
    "moving_fn",
    "multi_terms",
    "nested",
    "parent",
    "percentiles_bucket",
    "rare_terms",
    "reverse_nested",
    "sampler",
    "scripted_metric",
    "serial_diff",
    "significant_terms",
    "significant_text",
    "stats_bucket",
    "sum_bucket",
    "variable_width_histogram",
    "weighted_avg",
];

/// Reads named aggregations.
///
/// # Errors
/// `parsing_exception` and its siblings, worded as OpenSearch words them.
pub(crate) fn parse(node: &Node) -> Parsed<Aggregations> {
    node.members().unwrap_or_default().iter().map(|member| Ok((member.name.clone(), definition(member)?))).collect()
}

fn definition(member: &Member) -> Parsed<Aggregation> {
    let name = &member.name;
    if name.contains(['[', ']', '>']) {
        let reason = format!(
            "Invalid aggregation name [{name}]. Aggregation names can contain any character except '[', ']', and '>'"
        );
        return Err(Fault::parsing(reason, member.name_at));
    }
    let Some(parts) = member.value.members() else {
        let reason = format!(
            "Aggregation definition for [{name} starts with a [{}], expected a [START_OBJECT].",
            member.value.token()
        );
        return Err(Fault::parsing(reason, member.value.at));
    };
    let mut kind: Option<(&str, AggregationKind)> = None;
    let mut aggregation = Aggregation::new(AggregationKind::Global);
    for part in parts {
        match (part.name.as_str(), &part.value.value) {
            ("meta", Value::Object(_)) => aggregation.meta = part.value.to_value().as_object().cloned(),
            ("aggs" | "aggregations", Value::Object(_)) => aggregation.aggregations = parse(&part.value)?,
            (other, Value::Object(_)) => {
                if let Some((first, _)) = &kind {
                    let reason = format!("Found two aggregation type definitions in [{name}]: [{first}] and [{other}]");
                    return Err(Fault::parsing(reason, part.value.at));
                }
                kind = Some((other, kind_of(name, other, &part.value)?));
            }
            (other, _) => {
                let token = part.value.token();
                let reason = format!("Expected [START_OBJECT] under [{other}], but got a [{token}] in [{name}]");
                return Err(Fault::parsing(reason, part.value.at));
            }
        }
    }
    let (kind_name, kind) =
        kind.ok_or_else(|| Fault::parsing(format!("Missing definition for aggregation [{name}]"), member.value.end))?;
    if !aggregation.aggregations.is_empty() && !kind.makes_buckets() {
        let reason = format!("Aggregator [{name}] of type [{kind_name}] cannot accept sub-aggregations");
        let exception = Exception::new("aggregation_initialization_exception", reason);
        return Err(Fault { exception: Box::new(exception), at: member.value.end });
    }
    aggregation.kind = kind;
    Ok(aggregation)
}

fn kind_of(name: &str, kind: &str, body: &Node) -> Parsed<AggregationKind> {
    Ok(match kind {
        "terms" => bucket::terms(name, body)?,
        "date_histogram" => bucket::date_histogram(body)?,
        "histogram" => bucket::histogram(body)?,
        "range" => bucket::range(body)?,
        "date_range" => bucket::date_range(body)?,
        "ip_range" => bucket::ip_range(body)?,
        "filter" => AggregationKind::Filter(Box::new(query::parse(body)?)),
        "filters" => bucket::filters(body)?,
        "missing" => metric::missing(body)?,
        "global" => AggregationKind::Global,
        "min" => AggregationKind::Min(metric::field("min", body)?),
        "max" => AggregationKind::Max(metric::field("max", body)?),
        "sum" => AggregationKind::Sum(metric::field("sum", body)?),
        "avg" => AggregationKind::Avg(metric::field("avg", body)?),
        "value_count" => AggregationKind::ValueCount(metric::field("value_count", body)?),
        "stats" => AggregationKind::Stats(metric::field("stats", body)?),
        "extended_stats" => metric::extended_stats(name, body)?,
        "cardinality" => metric::cardinality(name, body)?,
        "percentiles" => metric::percentiles(name, body)?,
        "percentile_ranks" => metric::percentile_ranks(name, body)?,
        "top_hits" => metric::top_hits(body)?,
        other => return Err(unknown(other, body)),
    })
}

fn unknown(kind: &str, body: &Node) -> Fault {
    if UNSUPPORTED.contains(&kind) {
        return Fault::parsing(format!("aggregation type [{kind}] is not supported"), body.at);
    }
    let reason = format!("Unknown aggregation type [{kind}]{}", did_you_mean(kind, KNOWN));
    let cause = Exception::new("named_object_not_found_exception", format!("[{}] unknown field [{kind}]", body.at));
    Fault { exception: Box::new(Exception::parsing(reason, body.at).caused_by(cause)), at: body.at }
}

/// The members of an aggregation's body.
pub(crate) fn members(body: &Node) -> &[Member] {
    body.members().unwrap_or_default()
}

/// An option that the aggregation does not have.
pub(crate) fn unknown_option(kind: &str, member: &Member) -> Fault {
    if member.name == "script" {
        return Fault::x_content(&format!("[{kind}] scripts are not supported"), member.name_at);
    }
    Fault::x_content(&format!("[{kind}] unknown field [{}]", member.name), member.name_at)
}

/// The field, which no aggregation here can do without.
pub(crate) fn required_field(field: Option<String>, body: &Node) -> Parsed<String> {
    field.ok_or_else(|| {
        Fault::illegal_argument("Required one of fields [field, script], but none were specified. ", body.end)
    })
}

/// `field`, or another option as text.
pub(crate) fn optional_text(node: &Node) -> Parsed<Option<String>> {
    if node.is_null() { Ok(None) } else { text(node).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn read(text: &str) -> Parsed<Aggregations> {
        super::parse(parse::parse(text.as_bytes()).unwrap().get("aggs").unwrap())
    }

    #[test]
    fn parse_errors_read_as_opensearch_words_them() {
        for (body, kind, reason) in [
            (r#"{"aggs":{"a":{}}}"#, "parsing_exception", "Missing definition for aggregation [a]"),
            (r#"{"aggs":{"a":{"nope":{}}}}"#, "parsing_exception", "Unknown aggregation type [nope]"),
            (
                r#"{"aggs":{"a":{"terms":{"foo":1}}}}"#,
                "x_content_parse_exception",
                "[1:24] [terms] unknown field [foo]",
            ),
            (
                r#"{"aggs":{"a[":{"terms":{"field":"a"}}}}"#,
                "parsing_exception",
                "Invalid aggregation name [a[]. Aggregation names can contain any character except '[', ']', and '>'",
            ),
            (
                r#"{"aggs":{"a":{"terms":{"field":"a"},"avg":{"field":"b"}}}}"#,
                "parsing_exception",
                "Found two aggregation type definitions in [a]: [terms] and [avg]",
            ),
            (
                r#"{"aggs":{"a":{"avg":{}}}}"#,
                "illegal_argument_exception",
                "Required one of fields [field, script], but none were specified. ",
            ),
            (
                r#"{"aggs":{"a":{"date_histogram":{"field":"t","calendar_interval":"2d"}}}}"#,
                "x_content_parse_exception",
                "[1:65] [date_histogram] failed to parse field [calendar_interval]",
            ),
            (
                r#"{"aggs":{"a":{"terms":{"field":"a","size":0}}}}"#,
                "x_content_parse_exception",
                "[1:43] [terms] failed to parse field [size]",
            ),
            (
                r#"{"aggs":{"a":{"avg":{"field":"t"},"aggs":{"b":{"avg":{"field":"t"}}}}}}"#,
                "aggregation_initialization_exception",
                "Aggregator [a] of type [avg] cannot accept sub-aggregations",
            ),
        ] {
            let exception = *read(body).unwrap_err().exception;
            assert_eq!((exception.kind.as_ref(), exception.reason.as_str()), (kind, reason), "{body}");
        }
    }

    #[test]
    fn nesting_and_meta_are_read() {
        let read = read(r#"{"aggs":{"t":{"terms":{"field":"l","order":{"a":"desc"}},"aggs":{"a":{"avg":{"field":"d"}}},"meta":{"k":1}}}}"#).unwrap();
        assert_eq!(read[0].1.aggregations[0].0, "a");
        assert_eq!(read[0].1.meta.as_ref().unwrap()["k"], 1);
    }
}
