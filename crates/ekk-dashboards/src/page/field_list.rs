//! The list of fields, with the most frequent values of the open ones.

use maud::{Markup, html};

use super::hidden;
use crate::{
    discover::{Discover, Outcome, TopValues},
    fields::{Field, Kind},
    filter::Filter,
    limits::{FILTER_VALUE_CHARS, LISTED_FIELDS},
    text::{grouped, percent, visible},
    view::{PATH, View},
};

pub(super) fn field_list(discover: &Discover<'_>) -> Markup {
    let columns = discover.columns();
    let wanted = discover.view.frame.field_search.to_lowercase();
    let found: Vec<&Field> = discover
        .fields
        .iter()
        .filter(|field| !columns.contains(&field.name) && field.name.to_lowercase().contains(&wanted))
        .collect();
    html! {
        aside #fields aria-label="Fields" {
            h2 { "Selected fields" }
            ul {
                @for column in columns { (entry(discover, discover.fields.get(column), column, true)) }
                @if columns.is_empty() { li.none { "Whole records" } }
            }
            h2 { "Available fields" }
            input type="search" name="fields" form="field-search" value=(discover.view.frame.field_search)
                placeholder="Find a field" aria-label="Find a field by a part of its name";
            ul {
                @for field in found.iter().take(LISTED_FIELDS) { (entry(discover, Some(field), &field.name, false)) }
                @if found.is_empty() { li.none { @if discover.fields.len() == 0 { "None yet" } @else { "No other field" } } }
            }
            @if found.len() > LISTED_FIELDS {
                p.none { (grouped((found.len() - LISTED_FIELDS) as u64)) " more: find them by a part of their name." }
            }
        }
    }
}

/// The form of the field search, which cannot stand within the form around the list.
pub(super) fn search_form(view: &View) -> Markup {
    html! { form #field-search action=(PATH) { (hidden(view, &["fields"])) } }
}

fn entry(discover: &Discover<'_>, field: Option<&Field>, name: &str, selected: bool) -> Markup {
    let kind = field.map_or(Kind::Unknown, |field| field.kind);
    let open = discover.open_fields();
    let values = match &discover.outcome {
        Outcome::Found(found) => found.top_values.iter().find(|values| values.field == name),
        _ => None,
    };
    let is_open = values.is_some() && open.iter().any(|open| open == name);
    html! {
        li {
            details open[is_open] data-field=(name) {
                summary { i.kind title=(kind.word()) { (kind.sign()) } span { (visible(name)) } }
                @match values {
                    Some(values) => (top_values(values)),
                    None => a.load href=(opened(discover.view, open, name)) { "Count the values" },
                }
            }
            @if selected {
                button.col name="rm" value=(name) title="Remove the column" aria-label={ "Remove the column " (name) } { "×" }
            } @else {
                button.col name="add" value=(name) title="Add as a column" aria-label={ "Add " (name) " as a column" } { "+" }
            }
        }
    }
}

/// The page with the values of one more field.
fn opened(view: &View, mut open: Vec<String>, name: &str) -> String {
    open.push(name.to_owned());
    let mut view = view.clone();
    view.frame.open_fields = Some(open);
    view.href()
}

/// The most frequent values of a field, each with its share of the whole result and its filters.
pub(crate) fn top_values(values: &TopValues) -> Markup {
    let Some(by) = &values.by else {
        return html! {
            p.none { "The values of this field cannot be counted: it is not aggregatable and has no keyword." }
            (exists_buttons(&values.field))
        };
    };
    html! {
        ul.top {
            @for (value, count) in &values.values {
                li {
                    span.v title=(visible(value)) { @if value.is_empty() { em { "empty" } } @else { (visible(value)) } }
                    span.n title={ (grouped(*count)) " records" } { (percent(*count, values.total)) }
                    @if filterable(value) {
                        button name="f" value=(Filter::is(by, value).wire()) aria-label={ "Only " (visible(value)) } { "+" }
                        button name="f" value=(Filter::is(by, value).inverted().wire()) aria-label={ "Without " (visible(value)) } { "−" }
                    }
                    meter min="0" max=(values.total) value=(count) aria-hidden="true" {}
                }
            }
        }
        p.none {
            @if values.present == 0 { "No value in this result. " }
            @if values.others > 0 { (percent(values.others, values.total)) " other values. " }
            @if values.too_long() > 0 { (percent(values.too_long(), values.total)) " values too long to be counted. " }
            @if values.without() > 0 && values.present > 0 { (percent(values.without(), values.total)) " without a value. " }
            "Of " (grouped(values.total)) @if values.total == 1 { " record." } @else { " records." }
        }
        (exists_buttons(&values.field))
    }
}

fn exists_buttons(field: &str) -> Markup {
    let exists = Filter::exists(field);
    html! {
        p.exists {
            button name="f" value=(exists.wire()) { "exists" }
            button name="f" value=(exists.inverted().wire()) { "does not exist" }
        }
    }
}

/// Whether a button can carry the value: browsers change line ends and drop other control characters on the way.
pub(super) fn filterable(value: &str) -> bool {
    !value.chars().any(char::is_control) && value.chars().nth(FILTER_VALUE_CHARS).is_none()
}
