//! The aggregations that sort documents into buckets.
//!
//! Source: <https://docs.opensearch.org/latest/aggregations/bucket/index/>

use ekk_engine::{
    aggregation::{
        AggregationKind, DateHistogramAggregation, DateRangeAggregation, FiltersAggregation, HardBounds,
        HistogramAggregation, IncludeExclude, Interval, IpRange, IpRangeAggregation, NamedFilters, Range,
        RangeAggregation, TermsAggregation, TermsOrder,
    },
    query::Scalar,
};

use super::{members, optional_text, required_field, unknown_option};
use crate::{
    dsl::{Fault, Parsed, boolean, double, integer, query, scalar, size, sort::order_named, text, time_value},
    error::Exception,
    json::parse::{Member, Node, Value},
};

pub(super) fn terms(name: &str, body: &Node) -> Parsed<AggregationKind> {
    let mut terms = TermsAggregation::new("");
    let mut field = None;
    for member in members(body) {
        let node = &member.value;
        match member.name.as_str() {
            "field" => field = Some(text(node)?),
            "size" => terms.size = positive(name, "size", node).map_err(|fault| fault.in_field("terms", "size"))?,
            "shard_size" => {
                let shard_size =
                    positive(name, "shardSize", node).map_err(|fault| fault.in_field("terms", "shard_size"))?;
                terms.shard_size = Some(shard_size);
            }
            "min_doc_count" => terms.min_doc_count = count(node)?,
            "order" => terms.order = orders(node)?,
            "include" => terms.include = Some(include_exclude(node)?),
            "exclude" => terms.exclude = Some(include_exclude(node)?),
            "missing" => terms.missing = Some(scalar(node)?),
            "show_term_doc_count_error" => terms.show_term_doc_count_error = boolean(node)?,
            "format" => terms.format = optional_text(node)?,
            "shard_min_doc_count" | "execution_hint" | "collect_mode" | "value_type" => {}
            _ => return Err(unknown_option("terms", member)),
        }
    }
    terms.field = required_field(field, body)?;
    Ok(AggregationKind::Terms(terms))
}

fn positive(aggregation: &str, option: &str, node: &Node) -> Parsed<usize> {
    let value = integer(node)?;
    usize::try_from(value).ok().filter(|value| *value > 0).ok_or_else(|| {
        Fault::illegal_argument(
            format!("[{option}] must be greater than 0. Found [{value}] in [{aggregation}]"),
            node.at,
        )
    })
}

fn count(node: &Node) -> Parsed<u64> {
    Ok(u64::try_from(size(node)?).unwrap_or(u64::MAX))
}

/// `{"_count": "desc"}`, or a list of such objects.
fn orders(node: &Node) -> Parsed<Vec<TermsOrder>> {
    let mut orders = Vec::new();
    let objects = node.items().unwrap_or(std::slice::from_ref(node));
    for object in objects {
        for member in members(object) {
            let direction = text(&member.value)?;
            let order = order_named(&direction)
                .ok_or_else(|| Fault::parsing(format!("Unknown order direction [{direction}]"), member.value.at))?;
            let by = match member.name.as_str() {
                // The older names of the key.
                "_term" | "_time" => "_key".to_owned(),
                other => other.to_owned(),
            };
            orders.push(TermsOrder { by, order });
        }
    }
    Ok(orders)
}

fn include_exclude(node: &Node) -> Parsed<IncludeExclude> {
    match &node.value {
        Value::String(regex) => Ok(IncludeExclude::Regex(regex.clone())),
        Value::Array(items) => Ok(IncludeExclude::Values(items.iter().map(scalar).collect::<Parsed<_>>()?)),
        Value::Object(members) => {
            let (mut partition, mut of) = (None, None);
            for member in members {
                let number = u32::try_from(size(&member.value)?).ok();
                match member.name.as_str() {
                    "partition" => partition = number,
                    "num_partitions" => of = number,
                    name => {
                        let reason = format!("Unknown parameter in Include/Exclude clause: {name}");
                        return Err(Fault::illegal_argument(reason, member.value.at));
                    }
                }
            }
            match (partition, of) {
                (Some(partition), Some(of)) if partition < of => Ok(IncludeExclude::Partition { partition, of }),
                _ => Err(Fault::illegal_argument(
                    "Missing or wrong [partition] and [num_partitions] parameters",
                    node.end,
                )),
            }
        }
        _ => Err(Fault::illegal_argument("Unrecognized token for an include or exclude", node.at)),
    }
}

pub(super) fn date_histogram(body: &Node) -> Parsed<AggregationKind> {
    let mut histogram = DateHistogramAggregation::new("", Interval::Fixed { millis: 1 });
    let (mut field, mut interval) = (None, None);
    let mut named_before = None;
    for member in members(body) {
        let node = &member.value;
        let in_field = |fault: Fault| fault.in_field("date_histogram", &member.name);
        if member.name.ends_with("interval") {
            only_interval(named_before.replace(member.name.as_str()), member).map_err(in_field)?;
        }
        match member.name.as_str() {
            "field" => field = Some(text(node)?),
            "calendar_interval" => interval = Some(interval_by(node, Interval::calendar).map_err(in_field)?),
            "fixed_interval" => interval = Some(interval_by(node, Interval::fixed).map_err(in_field)?),
            // The deprecated form that means either.
            "interval" => {
                let either = |text: &str| Interval::calendar(text).or_else(|_| Interval::fixed(text));
                interval = Some(interval_by(node, either).map_err(in_field)?);
            }
            "time_zone" => histogram.time_zone = Some(text(node)?),
            "offset" => histogram.offset_millis = offset(node)?,
            "format" => histogram.format = optional_text(node)?,
            "keyed" => histogram.keyed = boolean(node)?,
            "min_doc_count" => histogram.min_doc_count = count(node)?,
            "extended_bounds" => histogram.extended_bounds = Some(bounds(node)?),
            "hard_bounds" => histogram.hard_bounds = Some(bounds(node)?),
            "missing" => histogram.missing = Some(scalar(node)?),
            "order" => histogram.order = orders(node)?,
            "value_type" => {}
            _ => return Err(unknown_option("date_histogram", member)),
        }
    }
    histogram.field = required_field(field, body)?;
    histogram.interval = interval.ok_or_else(|| {
        Fault::illegal_argument("Invalid interval specified, must be non-null and non-empty", body.end)
    })?;
    Ok(AggregationKind::DateHistogram(histogram))
}

/// Of `calendar_interval`, `fixed_interval` and `interval` only one may be given.
fn only_interval(before: Option<&str>, member: &Member) -> Parsed<()> {
    let Some(before) = before.filter(|before| *before != member.name) else { return Ok(()) };
    let reason = match member.name.as_str() {
        "interval" => {
            "Cannot use [interval] with [fixed_interval] or [calendar_interval] configuration options.".to_owned()
        }
        name => format!("Cannot use [{name}] with [{before}] configuration option."),
    };
    Err(Fault::illegal_argument(reason, member.value.at))
}

fn interval_by(node: &Node, read: impl Fn(&str) -> Result<Interval, ekk_engine::error::Exception>) -> Parsed<Interval> {
    read(&text(node)?).map_err(|error| Fault::engine(error, node.at))
}

/// A duration with a sign, or milliseconds.
fn offset(node: &Node) -> Parsed<i64> {
    match &node.value {
        Value::Number(_) => integer(node),
        _ => time_value::parse_offset(&text(node)?)
            .map_err(|exception: Exception| Fault { exception: Box::new(exception), at: node.at }),
    }
}

fn bounds(node: &Node) -> Parsed<HardBounds> {
    let mut bounds = HardBounds::default();
    for member in members(node) {
        let value = if member.value.is_null() { None } else { Some(scalar(&member.value)?) };
        match member.name.as_str() {
            "min" => bounds.min = value,
            "max" => bounds.max = value,
            name => return Err(Fault::x_content(&format!("[bounds] unknown field [{name}]"), member.name_at)),
        }
    }
    Ok(bounds)
}

pub(super) fn histogram(body: &Node) -> Parsed<AggregationKind> {
    let mut histogram = HistogramAggregation::new("", 0.0);
    let mut field = None;
    for member in members(body) {
        let node = &member.value;
        match member.name.as_str() {
            "field" => field = Some(text(node)?),
            "interval" => histogram.interval = double(node)?,
            "offset" => histogram.offset = double(node)?,
            "keyed" => histogram.keyed = boolean(node)?,
            "min_doc_count" => histogram.min_doc_count = count(node)?,
            "extended_bounds" => histogram.extended_bounds = Some(bounds(node)?),
            "hard_bounds" => histogram.hard_bounds = Some(bounds(node)?),
            "missing" => histogram.missing = Some(scalar(node)?),
            "order" => histogram.order = orders(node)?,
            "format" | "value_type" => {}
            _ => return Err(unknown_option("histogram", member)),
        }
    }
    histogram.field = required_field(field, body)?;
    if histogram.interval <= 0.0 || !histogram.interval.is_finite() {
        let found = crate::json::java_double(histogram.interval);
        return Err(Fault::illegal_argument(
            format!("[interval] must be >0 for histogram aggregation, got: {found}"),
            body.end,
        ));
    }
    Ok(AggregationKind::Histogram(histogram))
}

pub(super) fn range(body: &Node) -> Parsed<AggregationKind> {
    let mut range = RangeAggregation::default();
    let mut field = None;
    for member in members(body) {
        let node = &member.value;
        match member.name.as_str() {
            "field" => field = Some(text(node)?),
            "ranges" => range.ranges = ranges("range", node, double)?,
            "keyed" => range.keyed = boolean(node)?,
            "missing" => range.missing = Some(scalar(node)?),
            "format" | "value_type" => {}
            _ => return Err(unknown_option("range", member)),
        }
    }
    range.field = required_field(field, body)?;
    not_empty(&range.ranges, body)?;
    Ok(AggregationKind::Range(range))
}

pub(super) fn date_range(body: &Node) -> Parsed<AggregationKind> {
    let mut range = DateRangeAggregation::default();
    let mut field = None;
    for member in members(body) {
        let node = &member.value;
        match member.name.as_str() {
            "field" => field = Some(text(node)?),
            "ranges" => range.ranges = ranges("date_range", node, scalar)?,
            "format" => range.format = optional_text(node)?,
            "time_zone" => range.time_zone = Some(text(node)?),
            "keyed" => range.keyed = boolean(node)?,
            "missing" => range.missing = Some(scalar(node)?),
            "value_type" => {}
            _ => return Err(unknown_option("date_range", member)),
        }
    }
    range.field = required_field(field, body)?;
    not_empty::<Range<Scalar>>(&range.ranges, body)?;
    Ok(AggregationKind::DateRange(range))
}

fn not_empty<R>(ranges: &[R], body: &Node) -> Parsed<()> {
    if ranges.is_empty() {
        Err(Fault::illegal_argument("No [ranges] specified for the aggregation", body.end))
    } else {
        Ok(())
    }
}

fn ranges<V>(kind: &str, node: &Node, read: fn(&Node) -> Parsed<V>) -> Parsed<Vec<Range<V>>> {
    let one = |object: &Node| -> Parsed<Range<V>> {
        let mut range = Range { key: None, from: None, to: None };
        for member in members(object) {
            let end = || if member.value.is_null() { Ok(None) } else { read(&member.value).map(Some) };
            match member.name.as_str() {
                "key" => range.key = optional_text(&member.value)?,
                "from" => range.from = end()?,
                "to" => range.to = end()?,
                _ => return Err(unknown_option(kind, member)),
            }
        }
        Ok(range)
    };
    node.items().unwrap_or_default().iter().map(one).collect()
}

pub(super) fn ip_range(body: &Node) -> Parsed<AggregationKind> {
    let mut range = IpRangeAggregation::default();
    let mut field = None;
    for member in members(body) {
        let node = &member.value;
        match member.name.as_str() {
            "field" => field = Some(text(node)?),
            "ranges" => {
                range.ranges = node.items().unwrap_or_default().iter().map(ip_range_of).collect::<Parsed<_>>()?;
            }
            "keyed" => range.keyed = boolean(node)?,
            _ => return Err(unknown_option("ip_range", member)),
        }
    }
    range.field = required_field(field, body)?;
    not_empty(&range.ranges, body)?;
    Ok(AggregationKind::IpRange(range))
}

fn ip_range_of(node: &Node) -> Parsed<IpRange> {
    let (mut key, mut mask, mut from, mut to) = (None, None, None, None);
    for member in members(node) {
        let value = optional_text(&member.value)?;
        match member.name.as_str() {
            "key" => key = value,
            "mask" => mask = value,
            "from" => from = value,
            "to" => to = value,
            _ => return Err(unknown_option("ip_range", member)),
        }
    }
    Ok(match mask {
        Some(mask) => IpRange::Mask { key, mask },
        None => IpRange::FromTo(Range { key, from, to }),
    })
}

pub(super) fn filters(body: &Node) -> Parsed<AggregationKind> {
    let mut filters = None;
    let (mut other_bucket, mut other_bucket_key) = (None, None);
    for member in members(body) {
        match (member.name.as_str(), &member.value.value) {
            ("filters", Value::Object(named)) => {
                let read = |named: &Member| Ok((named.name.clone(), query::parse(&named.value)?));
                let mut keyed = named.iter().map(read).collect::<Parsed<Vec<_>>>()?;
                // OpenSearch answers keyed filters in the order of their names.
                keyed.sort_by(|a, b| a.0.cmp(&b.0));
                filters = Some(NamedFilters::Keyed(keyed));
            }
            ("filters", Value::Array(items)) => {
                filters = Some(NamedFilters::Anonymous(items.iter().map(query::parse).collect::<Parsed<_>>()?));
            }
            ("other_bucket", _) => other_bucket = Some(boolean(&member.value)?),
            ("other_bucket_key", _) => other_bucket_key = Some(text(&member.value)?),
            _ => return Err(unknown_option("filters", member)),
        }
    }
    let filters = filters.ok_or_else(|| Fault::illegal_argument("[filters] cannot be empty.", body.end))?;
    let empty = match &filters {
        NamedFilters::Keyed(keyed) => keyed.is_empty(),
        NamedFilters::Anonymous(anonymous) => anonymous.is_empty(),
    };
    if empty {
        return Err(Fault::illegal_argument("[filters] cannot be empty.", body.end));
    }
    let other_bucket = other_bucket.unwrap_or(other_bucket_key.is_some());
    Ok(AggregationKind::Filters(FiltersAggregation { filters, other_bucket, other_bucket_key }))
}

#[cfg(test)]
mod tests {
    use ekk_engine::search::Order;

    use super::*;
    use crate::json::parse;

    #[test]
    fn orders_are_read_from_an_object_or_a_list() {
        for text in [r#"{"_term":"asc"}"#, r#"[{"_key":"ASC"}]"#] {
            let read = orders(&parse::parse(text.as_bytes()).unwrap()).unwrap();
            assert_eq!(read, [TermsOrder { by: "_key".to_owned(), order: Order::Asc }], "{text}");
        }
    }
}
