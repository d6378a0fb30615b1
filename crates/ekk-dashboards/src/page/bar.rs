//! The bar at the top: query, time range, and the pills of the filters.

use maud::{Markup, html};

use super::{hidden, time_picker};
use crate::{
    discover::{Discover, Outcome},
    filter::{Condition, Filter},
    text::visible,
    view::{PATH, View},
};

/// The search bar with its pills.
pub(super) fn search(discover: &Discover<'_>) -> Markup {
    let view = discover.view;
    let problem = match &discover.outcome {
        Outcome::Failed(error) if error.blames_query() => Some(first_sentence(&error.to_string())),
        _ => None,
    };
    html! {
        div.bar {
            div.line {
                form.query role="search" action=(PATH) {
                    (hidden(&view.with(|_| {}), &["q"]))
                    input #q type="search" name="q" value=(view.query) aria-label="Query in Lucene syntax"
                        placeholder="Search, for example levelname:ERROR AND timeout   ( / )" autocomplete="off"
                        spellcheck="false" enterkeyhint="search" aria-invalid=[problem.as_ref().map(|_| "true")]
                        aria-describedby=[problem.as_ref().map(|_| "q-problem")];
                    (syntax())
                    button.primary { @if view.range.is_relative() { "Refresh" } @else { "Search" } }
                }
                (time_picker::picker(discover))
            }
            @if let Some(problem) = problem {
                p.bad #q-problem role="alert" { strong { "The query cannot be read. " } (visible(&problem)) }
            }
            @if !view.filters.is_empty() { (pills(view)) }
        }
    }
}

/// Lucene's parser lists all of its tokens after what it says about the mistake; the list helps nobody.
fn first_sentence(reason: &str) -> String {
    reason.split("Was expecting").next().unwrap_or(reason).trim().to_owned()
}

/// What the query bar understands, for readers without a network.
const SYNTAX: [(&str, &str); 8] = [
    ("timeout error", "any of the words, in any field"),
    ("\"lock timeout\"", "the words next to each other"),
    ("levelname:ERROR", "a word in one field"),
    ("a AND (b OR c) NOT d", "both, either, without"),
    ("name:app.* host:web-?", "wildcards"),
    ("took:[100 TO *] took:>=100", "numbers and dates from, to"),
    ("_exists_:exc_info", "the field has a value"),
    ("deadlok~1", "similar words"),
];

fn syntax() -> Markup {
    html! {
        details.menu.syntax {
            summary title="What a query can say" { "Lucene" }
            div.pop { dl { @for (example, meaning) in SYNTAX { dt { code { (example) } } dd { (meaning) } } } }
        }
    }
}

fn pills(view: &View) -> Markup {
    html! {
        ul.pills aria-label="Filters" {
            @for (index, filter) in view.filters.iter().enumerate() { (pill(view, index, filter)) }
            @if view.filters.len() > 1 {
                li { a href=(view.with(|view| view.filters.clear()).href()) { "Remove all" } }
            }
        }
    }
}

fn pill(view: &View, index: usize, filter: &Filter) -> Markup {
    let replaced = |other: Filter| {
        view.with(|view| {
            view.filters.splice(index..=index, [other]);
        })
        .href()
    };
    let removed = view
        .with(|view| {
            view.filters.remove(index);
        })
        .href();
    html! {
        li.pill .not[filter.negated] .off[filter.disabled] {
            span { (words(filter)) }
            a href=(replaced(filter.inverted())) title="Invert" { @if filter.negated { "include" } @else { "exclude" } }
            a href=(replaced(filter.switched())) title="Turn on or off" { @if filter.disabled { "enable" } @else { "disable" } }
            a.x href=(removed) aria-label={ "Remove the filter on " (filter.field) } { "×" }
        }
    }
}

fn words(filter: &Filter) -> Markup {
    html! {
        @match (&filter.condition, filter.negated) {
            (Condition::Is(value), negated) => {
                @if negated { em { "not " } } (visible(&filter.field)) ": " b { (visible(value)) }
            }
            (Condition::Exists, false) => { (visible(&filter.field)) " exists" }
            (Condition::Exists, true) => { (visible(&filter.field)) em { " does not exist" } }
        }
    }
}
