//! The aggregations that measure the documents of a bucket.
//!
//! Source: <https://docs.opensearch.org/latest/aggregations/metric/index/>

use ekk_engine::{
    aggregation::{
        AggregationKind, CardinalityAggregation, ExtendedStatsAggregation, MetricField, PercentileRanksAggregation,
        PercentilesAggregation, TopHitsAggregation,
    },
    search::SearchRequest,
};

use crate::{
    dsl::{
        Fault, Parsed,
        aggregation::{members, optional_text, required_field, unknown_option},
        boolean, double, integer, scalar, search, text,
    },
    error::Exception,
    json::parse::{Member, Node},
};

/// `precision_threshold` counts exactly up to here at most.
const MAX_PRECISION_THRESHOLD: usize = 40_000;

/// Reads what every metric takes; the other members go to `rest`, which says whether it knew them.
fn read(kind: &str, body: &Node, mut rest: impl FnMut(&Member) -> Parsed<bool>) -> Parsed<MetricField> {
    let mut metric = MetricField::new("");
    let mut field = None;
    for member in members(body) {
        match member.name.as_str() {
            "field" => field = Some(text(&member.value)?),
            "missing" => metric.missing = Some(scalar(&member.value)?),
            "format" => metric.format = optional_text(&member.value)?,
            "value_type" => {}
            _ if rest(member)? => {}
            _ => return Err(unknown_option(kind, member)),
        }
    }
    metric.field = required_field(field, body)?;
    Ok(metric)
}

/// A metric of a field alone.
pub(crate) fn field(kind: &str, body: &Node) -> Parsed<MetricField> {
    read(kind, body, |_| Ok(false))
}

/// `missing`, whose options are a metric's.
pub(crate) fn missing(body: &Node) -> Parsed<AggregationKind> {
    let MetricField { field, missing, .. } = field("missing", body)?;
    Ok(AggregationKind::Missing { field, missing })
}

pub(crate) fn extended_stats(name: &str, body: &Node) -> Parsed<AggregationKind> {
    let mut sigma = 2.0;
    let field = read("extended_stats", body, |member| {
        if member.name == "sigma" {
            sigma = double(&member.value).map_err(|fault| fault.in_field("extended_stats", "sigma"))?;
        }
        Ok(member.name == "sigma")
    })?;
    if sigma < 0.0 {
        return Err(Fault::illegal_argument(
            format!(
                "[sigma] must be greater than or equal to 0. Found [{}] in [{name}]",
                crate::json::java_double(sigma)
            ),
            body.end,
        ));
    }
    Ok(AggregationKind::ExtendedStats(ExtendedStatsAggregation { field, sigma }))
}

pub(crate) fn cardinality(name: &str, body: &Node) -> Parsed<AggregationKind> {
    let mut precision_threshold = 3_000;
    let field = read("cardinality", body, |member| {
        match member.name.as_str() {
            "precision_threshold" => {
                let value = integer(&member.value)?;
                precision_threshold = usize::try_from(value).map_err(|_| {
                    let reason =
                        format!("[precisionThreshold] must be greater than or equal to 0. Found [{value}] in [{name}]");
                    Fault::illegal_argument(reason, member.value.at)
                })?;
            }
            "rehash" | "execution_hint" => {}
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let precision_threshold = precision_threshold.min(MAX_PRECISION_THRESHOLD);
    Ok(AggregationKind::Cardinality(CardinalityAggregation { field, precision_threshold }))
}

/// The options of both percentile aggregations.
struct Digest {
    field: MetricField,
    numbers: Option<Vec<f64>>,
    keyed: bool,
    compression: f64,
}

fn digest(kind: &str, numbers_name: &str, body: &Node) -> Parsed<Digest> {
    let (mut numbers, mut keyed, mut compression) = (None, true, 100.0);
    let field = read(kind, body, |member| {
        let node = &member.value;
        match member.name.as_str() {
            name if name == numbers_name => {
                numbers = Some(node.items().unwrap_or_default().iter().map(double).collect::<Parsed<Vec<f64>>>()?);
            }
            "keyed" => keyed = boolean(node)?,
            "tdigest" => {
                for option in members(node).iter().filter(|option| option.name == "compression") {
                    compression = double(&option.value)?;
                    if compression < 0.0 {
                        let found = crate::json::java_double(compression);
                        let reason = format!("[compression] must be greater than or equal to 0. Found [{found}]");
                        return Err(Fault::illegal_argument(reason, option.value.at));
                    }
                }
            }
            // Differs from OpenSearch: values come from a t-digest in either case.
            "hdr" => {}
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(Digest { field, numbers, keyed, compression })
}

fn must_not_be_empty(kind: &str, numbers_name: &str, name: &str, body: &Node) -> Fault {
    let cause = Exception::illegal_argument(format!("[{numbers_name}] must not be empty: [{name}]"));
    let reason = format!("Failed to build [{kind}] after last required field arrived");
    let exception = Exception::new("x_content_parse_exception", reason).caused_by(cause);
    Fault { exception: Box::new(exception), at: body.end }
}

pub(crate) fn percentiles(name: &str, body: &Node) -> Parsed<AggregationKind> {
    let Digest { field, numbers, keyed, compression } = digest("percentiles", "percents", body)?;
    let percents = numbers.unwrap_or_else(|| PercentilesAggregation::PERCENTS.to_vec());
    if percents.is_empty() {
        return Err(must_not_be_empty("percentiles", "percents", name, body));
    }
    if let Some(wrong) = percents.iter().find(|percent| !(0.0..=100.0).contains(*percent)) {
        let found = crate::json::java_double(*wrong);
        return Err(Fault::illegal_argument(format!("percent must be in [0,100], got [{found}]: [{name}]"), body.end));
    }
    Ok(AggregationKind::Percentiles(PercentilesAggregation { field, percents, keyed, compression }))
}

pub(crate) fn percentile_ranks(name: &str, body: &Node) -> Parsed<AggregationKind> {
    let Digest { field, numbers, keyed, compression } = digest("percentile_ranks", "values", body)?;
    let values = numbers.unwrap_or_default();
    if values.is_empty() {
        return Err(must_not_be_empty("percentile_ranks", "values", name, body));
    }
    Ok(AggregationKind::PercentileRanks(PercentileRanksAggregation { field, values, keyed, compression }))
}

pub(crate) fn top_hits(body: &Node) -> Parsed<AggregationKind> {
    // The body is a search's with fewer keys, and three hits by default.
    let mut request = search::parse(body)?.request;
    if body.get("size").is_none() {
        request.size = 3;
    }
    Ok(AggregationKind::TopHits(Box::new(TopHitsAggregation { request: SearchRequest { query: None, ..request } })))
}
