//! The pills of the filters, and the forms that add and change one. Links and forms, as everything else.

use maud::{Markup, html};

use super::hidden;
use crate::{
    discover::Discover,
    fields::{Field, Kind},
    filter::{Condition, Filter, OPERATORS, join_values},
    text::visible,
    view::{PATH, View},
};

/// All pills, and the way to a new one.
pub(super) fn pills(discover: &Discover<'_>) -> Markup {
    let view = discover.view;
    html! {
        ul.pills aria-label="Filters" {
            @for (index, filter) in view.filters.iter().enumerate() { (pill(discover, index, filter)) }
            li { (menu(discover, view, "Add a filter", None)) }
            @if view.filters.len() > 1 {
                li { a href=(view.with(|view| view.filters.clear()).href()) { "Remove all" } }
            }
        }
    }
}

fn pill(discover: &Discover<'_>, index: usize, filter: &Filter) -> Markup {
    let view = discover.view;
    let replaced = |other: Filter| {
        view.with(|view| {
            view.filters.splice(index..=index, [other]);
        })
        .href()
    };
    let without = view.with(|view| {
        view.filters.remove(index);
    });
    html! {
        li.pill .not[filter.negated] .off[filter.disabled] .pin[filter.pinned] {
            span { (words(filter)) }
            (menu(discover, &without, "edit", Some(filter)))
            a href=(replaced(filter.inverted())) title="Invert" { @if filter.negated { "include" } @else { "exclude" } }
            a href=(replaced(filter.switched())) title="Turn on or off" { @if filter.disabled { "enable" } @else { "disable" } }
            a href=(replaced(filter.repinned())) title="Keep it when another index pattern is chosen" { @if filter.pinned { "unpin" } @else { "pin" } }
            a.x href=(without.href()) aria-label={ "Remove the filter on " (filter.field) } { "×" }
        }
    }
}

/// The form for a filter on top of `view`, filled with the one that is changed.
fn menu(discover: &Discover<'_>, view: &View, title: &str, filter: Option<&Filter>) -> Markup {
    let (operator, value, to) = filter.map(parts).unwrap_or_default();
    let field = filter.map(|filter| filter.field.as_str()).unwrap_or_default();
    let known = discover.fields.iter().filter(|field| field.searchable && field.kind != Kind::Geo);
    let names: Vec<&str> = known.map(name).collect();
    html! {
        details.menu.filter {
            summary { (title) }
            div.pop {
                form action=(PATH) {
                    (hidden(&view.with(|_| {}), &[]))
                    label { "Field "
                        select name="ff" {
                            @if !field.is_empty() && !names.contains(&field) { option selected value=(field) { (visible(field)) } }
                            @for name in names { option selected[name == field] value=(name) { (visible(name)) } }
                        }
                    }
                    label { "Condition "
                        select name="fo" {
                            @for (name, words) in OPERATORS { option selected[name == operator] value=(name) { (words) } }
                        }
                    }
                    label { "Value " input name="fv" value=(value) autocomplete="off" placeholder="several: a, b; a range: its start"; }
                    label { "To " input name="ft" value=(to) autocomplete="off" placeholder="a range: its end, not in it"; }
                    button.primary { "Filter" }
                }
            }
        }
    }
}

/// The name by which a field is filtered: a text by the keyword that holds it whole.
fn name(field: &Field) -> &str {
    field.aggregated_by.as_deref().unwrap_or(&field.name)
}

/// A filter as its form shows it: the condition's name and what is typed.
fn parts(filter: &Filter) -> (&'static str, String, String) {
    let (names, value, to) = match &filter.condition {
        Condition::Is(value) => (["is", "not"], value.clone(), String::new()),
        Condition::OneOf(values) => (["one", "none"], join_values(values), String::new()),
        Condition::Between(from, to) => (["in", "out"], from.clone(), to.clone()),
        Condition::Exists => (["has", "no"], String::new(), String::new()),
    };
    (names[usize::from(filter.negated)], value, to)
}

fn words(filter: &Filter) -> Markup {
    let not = html! { @if filter.negated { em { "not " } } };
    html! {
        @match (&filter.condition, filter.negated) {
            (Condition::Is(value), _) => { (not) (visible(&filter.field)) ": " b { (visible(value)) } }
            (Condition::OneOf(values), _) => { (not) (visible(&filter.field)) " is one of " b { (visible(&values.join(", "))) } }
            (Condition::Between(from, to), _) => {
                (not) (visible(&filter.field)) ": "
                @if !from.is_empty() { "from " b { (visible(from)) } " " }
                @if !to.is_empty() { "to " b { (visible(to)) } }
            }
            (Condition::Exists, false) => { (visible(&filter.field)) " exists" }
            (Condition::Exists, true) => { (visible(&filter.field)) em { " does not exist" } }
        }
    }
}
