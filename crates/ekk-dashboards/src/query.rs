//! The requests that a page sends to the engine, as pure functions of its view.
//!
//! A page asks twice at once: for its records, and for the counts of the whole result (histogram, levels, top values),
//! so that paging never changes the counts. An empty page asks once more, for the reason.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::{
    fields::Field,
    filter::Filter,
    interval::Interval,
    limits::{LEVELS, PAGE_RECORDS, RESULT_WINDOW, TOP_VALUES},
    question::Question,
    time_range::{Instants, wire},
    view::{Cursor, Sort},
};

/// What decides which records match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'a> {
    pub(crate) time_field: &'a str,
    pub(crate) question: &'a Question,
    pub(crate) filters: &'a [Filter],
    pub(crate) range: Instants,
    pub(crate) zone: &'a TimeZone,
}

impl Selection<'_> {
    /// Query, filters and range.
    fn matching(&self) -> Value {
        self.bool_query(Some(self.in_range()))
    }

    /// Query and filters, at any time.
    fn matching_at_any_time(&self) -> Value {
        self.bool_query(None)
    }

    fn in_range(&self) -> Value {
        json!({"range": {self.time_field: {
            "gte": wire(self.range.from), "lt": wire(self.range.to), "format": "strict_date_optional_time"
        }}})
    }

    fn bool_query(&self, range: Option<Value>) -> Value {
        let enabled = || self.filters.iter().filter(|filter| !filter.disabled);
        let must: Vec<&Value> = self.question.must.iter().collect();
        let positive = enabled().filter(|filter| !filter.negated).map(Filter::clause);
        let negative: Vec<Value> = enabled().filter(|filter| filter.negated).map(Filter::clause).collect();
        let filter: Vec<Value> = range.into_iter().chain(positive).chain(self.question.filter.clone()).collect();
        json!({"bool": {"must": must, "filter": filter, "must_not": negative}})
    }
}

/// The request for one page of records. The time is always the last sort value, in epoch milliseconds.
pub(crate) fn records(selection: Selection<'_>, sort: &Sort, cursor: Option<Cursor>) -> Value {
    let order = if sort.ascending { "asc" } else { "desc" };
    let by = |field: &str, order: &str| json!({field: {"order": order, "unmapped_type": "boolean"}});
    let mut sorts = vec![by(&sort.field, order)];
    if sort.field != selection.time_field {
        sorts.push(by(selection.time_field, "desc"));
    }
    let mut query = selection.matching();
    if let Some(millis) = cursor.and_then(|cursor| cursor.at_millis)
        && let Some(Value::Array(filter)) = query.pointer_mut("/bool/filter")
    {
        let bound = if sort.ascending { "gte" } else { "lte" };
        filter.push(json!({"range": {selection.time_field: {bound: millis, "format": "epoch_millis"}}}));
    }
    let from = cursor.map_or(0, |cursor| cursor.skip);
    json!({
        "size": PAGE_RECORDS.min(RESULT_WINDOW.saturating_sub(from)),
        "from": from,
        "track_total_hits": false,
        "sort": sorts,
        "query": query,
    })
}

/// The names of the aggregations in [`counts`].
pub(crate) const BY_TIME: &str = "time";
pub(crate) const BY_LEVEL: &str = "level";

/// The name of the aggregation that lists the values of the field at `index`.
pub(crate) fn top_name(index: usize) -> String {
    format!("top{index}")
}

/// The name of the aggregation that counts the records with a value in the field at `index`, and of its only bucket.
pub(crate) fn present_name(index: usize) -> String {
    format!("has{index}")
}
pub(crate) const PRESENT: &str = "has";

/// The request for the counts of the whole result.
pub(crate) fn counts(
    selection: Selection<'_>,
    interval: &Interval,
    level: Option<&Field>,
    open_fields: &[&Field],
) -> Value {
    let mut by_time = json!({"date_histogram": interval.date_histogram(selection.time_field, selection.zone)});
    let mut aggs = Map::new();
    if let Some(by_level) = level.and_then(|field| values(field, LEVELS)) {
        by_time["aggs"] = json!({BY_LEVEL: by_level});
        aggs.insert(BY_LEVEL.to_owned(), by_level);
    }
    aggs.insert(BY_TIME.to_owned(), by_time);
    for (index, field) in open_fields.iter().enumerate() {
        insert_top_values(&mut aggs, index, field);
    }
    json!({"size": 0, "track_total_hits": true, "query": selection.matching(), "aggs": aggs})
}

/// The request for the values of one field.
pub(crate) fn top_values(selection: Selection<'_>, field: &Field) -> Value {
    let mut aggs = Map::new();
    insert_top_values(&mut aggs, 0, field);
    json!({"size": 0, "track_total_hits": true, "query": selection.matching(), "aggs": aggs})
}

/// Asks for the values of a field, and how many records have one: a keyword leaves out values that are too long.
fn insert_top_values(aggs: &mut Map<String, Value>, index: usize, field: &Field) {
    if let Some(top) = values(field, TOP_VALUES) {
        aggs.insert(top_name(index), top);
        let present = json!({"filters": {"filters": {PRESENT: {"exists": {"field": field.name}}}}});
        aggs.insert(present_name(index), present);
    }
}

fn values(field: &Field, size: u32) -> Option<Value> {
    let by = field.aggregated_by.as_ref()?;
    Some(json!({"terms": {"field": by, "size": size}}))
}

/// The names of the parts in [`reasons`].
pub(crate) const MATCHING: &str = "matching";
pub(crate) const IN_RANGE: &str = "in_range";
pub(crate) const FIRST: &str = "first";
pub(crate) const LAST: &str = "last";

/// The request that tells why nothing was found: what matches at any time, and what is in the range.
pub(crate) fn reasons(selection: Selection<'_>) -> Value {
    let ends = json!({
        FIRST: {"min": {"field": selection.time_field}},
        LAST: {"max": {"field": selection.time_field}},
    });
    let mut aggs = ends.clone();
    aggs[MATCHING] = json!({
        "filters": {"filters": {MATCHING: selection.matching_at_any_time(), IN_RANGE: selection.in_range()}},
        "aggs": ends,
    });
    json!({"size": 0, "track_total_hits": true, "aggs": aggs})
}

/// The request for one record, with its time as a sort value.
pub(crate) fn record_with_time(id: &str, time_field: &str) -> Value {
    let mut body = record(id);
    body["sort"] = json!([{time_field: {"order": "desc", "unmapped_type": "boolean"}}]);
    body
}

/// A side of an instant, in epoch milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    /// What comes after it, the nearest first.
    Newer(i64),
    /// What has its time and what comes before it, the nearest first.
    Older(i64),
}

/// The request for the records on one side of another one.
pub(crate) fn around(time_field: &str, filters: &[Filter], id: &str, side: Side, count: u32) -> Value {
    let (bound, millis, order) = match side {
        Side::Newer(millis) => ("gte", millis, "asc"),
        Side::Older(millis) => ("lt", millis, "desc"),
    };
    // The next millisecond parts the sides, so that times with more digits are on one of them.
    let range = json!({"range": {time_field: {bound: millis.saturating_add(1), "format": "epoch_millis"}}});
    let enabled = || filters.iter().filter(|filter| !filter.disabled);
    let positive = enabled().filter(|filter| !filter.negated).map(Filter::clause);
    let filter: Vec<Value> = std::iter::once(range).chain(positive).collect();
    let itself = json!({"ids": {"values": [id]}});
    let negative = enabled().filter(|filter| filter.negated).map(Filter::clause);
    let must_not: Vec<Value> = std::iter::once(itself).chain(negative).collect();
    json!({
        "size": count,
        "track_total_hits": false,
        "sort": [{time_field: {"order": order, "unmapped_type": "boolean"}}],
        "query": {"bool": {"filter": filter, "must_not": must_not}},
    })
}

/// The request for one record.
pub(crate) fn record(id: &str) -> Value {
    json!({"size": 1, "query": {"ids": {"values": [id]}}})
}

#[cfg(test)]
mod tests;
