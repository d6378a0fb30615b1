//! A record with all its fields: as the row that opens in the table, and as a page of its own.

use maud::{Markup, html};
use url::form_urlencoded;

use super::{field_list::filterable, records::short_json};
use crate::{
    discover::{Discover, RECORD_PATH},
    fields::Field,
    filter::Filter,
    limits::{OPENED_FIELDS, OPENED_VALUE_BYTES},
    opensearch::Hit,
    record::{Leaf, RecordField, flatten, indented},
    text::{cut_bytes, grouped, visible},
    view::{PATH, View},
};

/// The fields with their buttons, and the JSON, cut where they are too long for a page of many records.
pub(super) fn in_table(discover: &Discover<'_>, hit: &Hit, fields: &[RecordField]) -> Markup {
    let link = link(discover.view, hit);
    html! {
        (table(discover, fields.get(..OPENED_FIELDS).unwrap_or(fields), OPENED_VALUE_BYTES))
        @if fields.len() > OPENED_FIELDS {
            p.none { (grouped((fields.len() - OPENED_FIELDS) as u64)) " more fields are on the record's page." }
        }
        p.of { a href=(link) { "Record" } " " code { (visible(&hit.id)) } " in " code { (visible(&hit.index)) } }
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
                    p.none { "In the index " code { (visible(&hit.index)) } }
                    (table(discover, &fields, usize::MAX))
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

/// The link to a record's page, with what belongs to the reader and not to the search.
fn link(view: &View, hit: &Hit) -> String {
    let kept = View { zone: view.zone.clone(), pattern: view.pattern.clone(), ..View::default() };
    let mut kept = kept;
    kept.frame.theme = view.frame.theme;
    let doc = format!("{}/{}", hit.index, hit.id);
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("doc", &doc).extend_pairs(kept.pairs()).finish();
    format!("{RECORD_PATH}?{query}")
}

fn table(discover: &Discover<'_>, fields: &[RecordField], value_bytes: usize) -> Markup {
    html! {
        table.f {
            @for field in fields {
                @let known = discover.fields.get(&field.path);
                @for (index, value) in field.values.iter().enumerate() {
                    tr {
                        td { (buttons(discover, known, field, value)) }
                        th scope="row" { @if index == 0 { (visible(&field.path)) } }
                        td { (shown(value, value_bytes)) }
                    }
                }
            }
        }
    }
}

fn shown(value: &Leaf, value_bytes: usize) -> Markup {
    let (cut, more) = cut_bytes(value.text(), value_bytes);
    html! {
        @match value {
            Leaf::Null => em { "null" },
            Leaf::Text(text) if text.is_empty() => em { "empty" },
            Leaf::Text(_) | Leaf::Literal(_) => (visible(cut)),
        }
        @if more { em { " … " (grouped(value.text().len() as u64)) " bytes, all of them on the record's page" } }
    }
}

/// Filter for and without the value, and add the field as a column; what cannot work is left out.
fn buttons(discover: &Discover<'_>, known: Option<&Field>, field: &RecordField, value: &Leaf) -> Markup {
    let searchable = known.filter(|known| known.searchable);
    let is_column = discover.columns().contains(&field.path);
    html! {
        @if let Some(known) = searchable {
            @if *value != Leaf::Null && filterable(value.text()) {
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
