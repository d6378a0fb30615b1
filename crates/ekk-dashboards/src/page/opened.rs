//! A record with all its fields: as the row that opens in the table, and as a page of its own.

use maud::{Markup, html};
use url::form_urlencoded;

use super::{around, field_list::filterable, records::short_json};
use crate::{
    discover::{Discover, RECORD_PATH},
    filter::Filter,
    limits::{AROUND, OPENED_RECORD_BYTES, OPENED_VALUE_BYTES, OPENED_VALUES},
    opensearch::Hit,
    record::{Leaf, RecordField, flatten, indented},
    text::{cut_bytes, grouped, visible},
    view::{PATH, View},
};

/// The fields with their buttons, and the JSON, cut where they are too long for a page of many records.
pub(super) fn in_table(discover: &Discover<'_>, hit: &Hit, fields: &[RecordField]) -> Markup {
    let link = link(discover.view, hit);
    let rows = rows(fields, Cut { values: OPENED_VALUES, value_bytes: OPENED_VALUE_BYTES, bytes: OPENED_RECORD_BYTES });
    let left = fields.iter().map(|field| field.values.len()).sum::<usize>() - rows.len();
    html! {
        (table(discover, &rows))
        @if left > 0 { p.none { (grouped(left as u64)) " more values are on the record's page." } }
        p.of { a href=(link) { "Record" } " " code { (visible(&hit.id)) } " in " code { (visible(&hit.index)) } " · " a href=(around::link(&kept(discover.view), hit, AROUND)) { "Surrounding records" } }
        @match short_json(hit.source.as_deref()) {
            Some(source) => details.json { summary { "JSON" } pre { (visible(&indented(source))) } },
            None => p.none { a href=(link) { "JSON on the record's page" } },
        }
    }
}

/// The page of one record: everything, uncut.
pub(super) fn whole(discover: &Discover<'_>, hit: &Hit) -> Markup {
    let fields = hit.source.as_deref().map(flatten).unwrap_or_default();
    html! {
        form.one #s action=(PATH) {
            (super::hidden(&discover.view.with(|_| {}), &[]))
            main #main {
                p { a href=(discover.view.href()) { "‹ Discover" } }
                section.panel {
                    h1 { "Record " code { (visible(&hit.id)) } }
                    p.none { "In the index " code { (visible(&hit.index)) } " · " a href=(around::link(&kept(discover.view), hit, AROUND)) { "Surrounding records" } }
                    (table(discover, &rows(&fields, Cut::NONE)))
                }
                section.panel {
                    h2 { "JSON" }
                    @match &hit.source {
                        Some(source) => pre { (visible(&indented(source))) },
                        None => p.none { "The index keeps no source." },
                    }
                }
            }
        }
    }
}

/// What belongs to the reader and not to the search.
fn kept(view: &View) -> View {
    let mut kept = View { zone: view.zone.clone(), pattern: view.pattern.clone(), ..View::default() };
    kept.frame.theme = view.frame.theme;
    kept
}

/// The link to a record's page, with what belongs to the reader and not to the search.
fn link(view: &View, hit: &Hit) -> String {
    let kept = kept(view);
    let doc = format!("{}/{}", hit.index, hit.id);
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("doc", &doc).extend_pairs(kept.pairs()).finish();
    format!("{RECORD_PATH}?{query}")
}

/// How much of a record is shown.
#[derive(Clone, Copy)]
struct Cut {
    values: usize,
    value_bytes: usize,
    /// Of all values together.
    bytes: usize,
}

impl Cut {
    const NONE: Self = Self { values: usize::MAX, value_bytes: usize::MAX, bytes: usize::MAX };
}

/// One value as it is shown.
struct Row<'a> {
    field: &'a RecordField,
    /// The first value of its field, which carries the name.
    first: bool,
    value: &'a Leaf,
    text: &'a str,
    more: bool,
}

fn rows(fields: &[RecordField], mut cut: Cut) -> Vec<Row<'_>> {
    let values = fields.iter().flat_map(|field| field.values.iter().enumerate().map(move |value| (field, value)));
    values
        .take(cut.values)
        .map(|(field, (index, value))| {
            let (text, more) = cut_bytes(value.text(), cut.value_bytes.min(cut.bytes));
            cut.bytes = cut.bytes.saturating_sub(text.len());
            Row { field, first: index == 0, value, text, more }
        })
        .collect()
}

fn table(discover: &Discover<'_>, rows: &[Row<'_>]) -> Markup {
    html! {
        table.f {
            @for row in rows {
                tr {
                    td { (buttons(discover, row)) }
                    th scope="row" { @if row.first { (visible(&row.field.path)) } }
                    td { (shown(row)) }
                }
            }
        }
    }
}

fn shown(row: &Row<'_>) -> Markup {
    html! {
        @match row.value {
            Leaf::Null => em { "null" },
            Leaf::Text(text) if text.is_empty() => em { "empty" },
            Leaf::Text(_) | Leaf::Literal(_) => (visible(row.text)),
        }
        @if row.more { em { " … " (grouped(row.value.text().len() as u64)) " bytes, all of them on the record's page" } }
    }
}

/// Filter for and without the value, and add the field as a column; what cannot work is left out.
fn buttons(discover: &Discover<'_>, row: &Row<'_>) -> Markup {
    let Row { field, value, .. } = row;
    let known = discover.fields.get(&field.path);
    let searchable = known.filter(|known| known.searchable);
    let is_column = discover.columns().contains(&field.path);
    html! {
        @if let Some(known) = searchable {
            @if **value != Leaf::Null && filterable(value.text()) {
                @let filter = Filter::is(known.aggregated_by.as_ref().unwrap_or(&known.name), value.text());
                button name="f" value=(filter.wire()) { "is" }
                button name="f" value=(filter.inverted().wire()) { "is not" }
            } @else {
                button name="f" value=(Filter::exists(&known.name).wire()) { "exists" }
            }
        }
        @if !is_column && known.is_some() { button name="add" value=(field.path) { "column" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_no_more_than_its_part_of_the_page() {
        let text = |length: usize| Leaf::Text("x".repeat(length));
        let fields = [
            RecordField { path: "a".to_owned(), values: vec![text(3), text(30)] },
            RecordField { path: "b".to_owned(), values: vec![text(30), text(1), text(1)] },
        ];
        let shown = |cut| -> Vec<_> { rows(&fields, cut).iter().map(|row| (row.text.len(), row.more)).collect() };
        assert_eq!(
            shown(Cut { values: 4, value_bytes: 10, bytes: 20 }),
            [(3, false), (10, true), (7, true), (0, true)]
        );
        assert_eq!(shown(Cut::NONE), [(3, false), (30, false), (30, false), (1, false), (1, false)]);
    }
}
