//! The table of records. A record is a `tbody` of two rows; the second one is shown while the first one's `details` is
//! open, so it opens without script and is as wide as the table.

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};
use serde_json::value::RawValue;

use super::{opened, time_picker::zone_name};
use crate::{
    discover::{Around, CSV_PATH, Discover, Found, NDJSON_PATH},
    fields::Kind,
    level::Severity,
    limits::{CELL_CHARS, RESULT_WINDOW},
    opensearch::{Hit, whole},
    record::{Leaf, RecordField, flatten},
    text::{cut_chars, grouped, visible},
    time_range::shown,
    view::Sort,
};

pub(super) fn panel(discover: &Discover<'_>, found: &Found) -> Markup {
    let columns = discover.columns();
    html! {
        section.panel.records aria-label="Records" {
            table.r {
                thead { (header(discover, columns)) }
                @let times = Times::of(discover, &found.hits);
                @for hit in &found.hits { (record(discover, columns, &times, hit)) }
            }
            (paging(discover, found))
            p.download {
                "Download "
                a href=(discover.view.with(|_| {}).href_at(CSV_PATH)) download { "CSV" } " "
                a href=(discover.view.with(|_| {}).href_at(NDJSON_PATH)) download { "NDJSON" }
            }
        }
    }
}

/// Newer records, the one that is meant, and older ones, without a way to sort them.
pub(super) fn neighbours(discover: &Discover<'_>, around: &Around) -> Markup {
    let columns = discover.columns();
    let one = std::slice::from_ref(&around.record);
    html! {
        table.r {
            thead {
                tr {
                    th scope="col" aria-sort="descending" { "Time (" (zone_name(discover.view)) ")" }
                    @for column in columns { th scope="col" { (visible(column)) } }
                    @if columns.is_empty() { th scope="col" { "Record" } }
                }
            }
            @for (hits, class) in [(around.newer.as_slice(), None), (one, Some("meant")), (around.older.as_slice(), None)] {
                @let times = Times::of(discover, hits);
                @for hit in hits { (record_of(discover, columns, &times, (hit, class))) }
            }
        }
    }
}

fn header(discover: &Discover<'_>, columns: &[String]) -> Markup {
    let sort = discover.sort();
    let time_field = &discover.pattern.time_field;
    html! {
        tr {
            (sortable(&sort, time_field, &format!("Time ({})", zone_name(discover.view)), true))
            @for column in columns {
                @let can_sort = discover.fields.get(column).is_none_or(|field| field.aggregated_by.is_some());
                (sortable(&sort, column, column, can_sort))
            }
            @if columns.is_empty() { th scope="col" { "Record" } }
        }
    }
}

fn sortable(sort: &Sort, field: &str, name: &str, can_sort: bool) -> Markup {
    let sorted = sort.field == field;
    let order = if sort.ascending { "ascending" } else { "descending" };
    let next = Sort { field: field.to_owned(), ascending: sorted && !sort.ascending };
    html! {
        th scope="col" aria-sort=[sorted.then_some(order)] {
            @if can_sort {
                button name="sort" value=(next.wire()) title={ "Sort " @if next.ascending { "ascending" } @else { "descending" } } {
                    (visible(name)) @if sorted { @if sort.ascending { " ↑" } @else { " ↓" } }
                }
            } @else { (visible(name)) }
        }
    }
}

fn record(discover: &Discover<'_>, columns: &[String], times: &Times<'_>, hit: &Hit) -> Markup {
    record_of(discover, columns, times, (hit, None))
}

/// A record whose rows have a class of their own.
fn record_of(
    discover: &Discover<'_>,
    columns: &[String],
    times: &Times<'_>,
    (hit, class): (&Hit, Option<&str>),
) -> Markup {
    let fields = hit.source.as_deref().map(flatten).unwrap_or_default();
    let level_field = discover.fields.level().map(|field| field.name.as_str());
    html! {
        tbody class=[class] {
            tr {
                td { details { summary { (times.shown(hit)) } } }
                @for column in columns { (cell(&fields, column, level_field == Some(column.as_str()))) }
                @if columns.is_empty() { td { (summary(&fields)) } }
            }
            tr.x { td colspan=(columns.len().max(1) + 1) { (opened::in_table(discover, hit, &fields)) } }
        }
    }
}

/// How the times of a page are written.
struct Times<'a> {
    zone: &'a TimeZone,
    /// Sort values count nanoseconds instead of milliseconds.
    nanos: bool,
    /// No time on the page has a fraction of a second.
    whole_seconds: bool,
}

impl<'a> Times<'a> {
    fn of(discover: &'a Discover<'_>, hits: &[Hit]) -> Self {
        let time_field = discover.fields.get(&discover.pattern.time_field);
        let nanos = time_field.is_some_and(|field| field.kind == Kind::DateNanos);
        let mut times = Self { zone: &discover.zone, nanos, whole_seconds: false };
        times.whole_seconds =
            hits.iter().filter_map(|hit| times.instant(hit)).all(|instant| instant.subsec_nanosecond() == 0);
        times
    }

    /// The record's time, which is its last sort value.
    fn instant(&self, hit: &Hit) -> Option<Timestamp> {
        let value = hit.sort.last().and_then(whole)?;
        if self.nanos { Timestamp::from_nanosecond(value.into()).ok() } else { Timestamp::from_millisecond(value).ok() }
    }

    fn shown(&self, hit: &Hit) -> String {
        let Some(instant) = self.instant(hit) else { return "no time".to_owned() };
        let mut text = shown(instant, self.zone);
        if self.whole_seconds {
            text.truncate(text.len() - ".000".len());
        }
        text
    }
}

fn cell(fields: &[RecordField], column: &str, is_level: bool) -> Markup {
    let text = joined(fields, column);
    let (cut, more) = cut_chars(&text, CELL_CHARS);
    html! {
        td {
            @if is_level && !cut.is_empty() {
                b class=(Severity::of(cut).class()) { (visible(cut)) }
            } @else {
                (visible(cut)) @if more { "…" }
            }
        }
    }
}

/// The values of the field, and of those within it when the column names an object.
fn joined(fields: &[RecordField], column: &str) -> String {
    let mut text = String::new();
    for field in fields {
        let inner = field.path.strip_prefix(column).map(|rest| rest.is_empty() || rest.starts_with('.'));
        if inner != Some(true) {
            continue;
        }
        for value in field.values.iter().map(Leaf::text).filter(|value| !value.is_empty()) {
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(value);
            if text.len() > CELL_CHARS * 4 {
                return text;
            }
        }
    }
    text
}

/// All fields in one cell, for a table without columns.
fn summary(fields: &[RecordField]) -> Markup {
    let mut left = CELL_CHARS;
    html! {
        @for field in fields {
            @if left > 0 {
                @let text = joined(std::slice::from_ref(field), &field.path);
                @let (cut, more) = cut_chars(&text, left);
                @let () = left = left.saturating_sub(cut.len() + field.path.len());
                span.k { (visible(&field.path)) } " " (visible(cut)) @if more { "…" } " "
            }
        }
    }
}

fn paging(discover: &Discover<'_>, found: &Found) -> Markup {
    let before = discover.view.cursor.map_or(0, |cursor| cursor.shown);
    let last = before + found.hits.len() as u64;
    html! {
        nav.paging aria-label="Pages of records" {
            @if found.hits.is_empty() {
                span { "No more records here." }
            } @else {
                span { "Records " (grouped(before + 1)) "–" (grouped(last)) " of " (grouped(found.total.max(last))) }
            }
            @if discover.view.cursor.is_some() { button name="page" value="" { "First page" } }
            @if let Some(next) = found.next {
                button name="page" value=(next.wire()) { "Next " (grouped((found.total.saturating_sub(last)).min(u64::from(crate::limits::PAGE_RECORDS)))) }
            } @else if last < found.total && !found.hits.is_empty() {
                span { "The engine pages through " (grouped(u64::from(RESULT_WINDOW))) " records in this order. Sort by time, or narrow the search." }
            }
        }
    }
}

/// A record's JSON, when it is short enough to stand in a page of many.
pub(super) fn short_json(source: Option<&RawValue>) -> Option<&RawValue> {
    source.filter(|source| source.get().len() <= crate::limits::OPENED_VALUE_BYTES)
}
