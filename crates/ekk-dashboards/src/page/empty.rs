//! What stands in place of records when there are none: the reason, and the way to what there is.

use maud::{Markup, html};

use super::time_picker::zone_name;
use crate::{
    discover::Discover,
    explain::Empty,
    opensearch::Error,
    text::{grouped, visible},
    time_range::{Instants, TimeRange, shown},
};

pub(super) fn panel(discover: &Discover<'_>, empty: &Empty) -> Markup {
    let pattern = &discover.pattern.title;
    html! {
        section.panel.why role="status" {
            @match empty {
                Empty::NoIndex => {
                    h1 { "No index matches " code { (pattern) } " yet" }
                    p { "The index appears with the first record that is delivered. Firehose holds records back until its buffering hints are reached, so the first ones can take as long as the stream's interval." }
                    p { a href=(discover.view.href()) { "Look again" } }
                }
                Empty::NoTimeField(kind) => (no_time_field(discover, *kind)),
                Empty::NoRecord => {
                    h1 { "The indices of " code { (pattern) } " hold no record with a time" }
                    p { "No record has a value in " code { (discover.pattern.time_field) } "." }
                }
                Empty::OutsideRange { matching, ends } => (outside(discover, *matching, *ends)),
                Empty::QueryExcludes { in_range } => (excluded(discover, *in_range)),
                Empty::Neither { all, ends } => {
                    h1 { "No record in this range, and none matches the search at any other time" }
                    (range_words(discover))
                    p { "All " (grouped(*all)) " records lie between " (span(discover, *ends, "and")) "." }
                    p {
                        a.primary href=(discover.view.with(|view| { view.range = TimeRange::absolute(*ends); view.query.clear(); view.filters.clear(); }).href()) { "Show all records" }
                    }
                }
            }
        }
    }
}

fn no_time_field(discover: &Discover<'_>, kind: Option<crate::fields::Kind>) -> Markup {
    let field = &discover.pattern.time_field;
    html! {
        @match kind {
            None => {
                h1 { "No record has the time field " code { (field) } }
                p { "Discover sorts records by it. Ship records with this field, or choose an index pattern with another time field." }
            }
            Some(kind) => {
                h1 { "The time field " code { (field) } " is not a date" }
                p { "It is mapped as: " b { (kind.word()) } ". Python's default " code { "2026-11-23 17:20:39,819" } " becomes a text. Map the field as a date in an index template before the index is made:" }
                pre { "{\"properties\":{\"" (field) "\":{\"type\":\"date\",\"format\":\"yyyy-MM-dd HH:mm:ss,SSS||strict_date_optional_time||epoch_millis\"}}}" }
            }
        }
    }
}

fn outside(discover: &Discover<'_>, matching: u64, ends: Instants) -> Markup {
    html! {
        h1 { "No record in this range" }
        (range_words(discover))
        p {
            @if matching == 1 { "One record matches at another time: " } @else { (grouped(matching)) " records match at other times, between " }
            (span(discover, ends, "and")) "."
        }
        @if ends.from > discover.now {
            p { "These times lie in the future. A time without a zone is read as UTC; a program east of Greenwich that writes its local time is ahead of it." }
        }
        p { a.primary href=(discover.view.with(|view| view.range = TimeRange::absolute(ends)).href()) { "Show the range that has records" } }
    }
}

fn excluded(discover: &Discover<'_>, in_range: u64) -> Markup {
    let view = discover.view;
    html! {
        h1 { "The search excludes all " (grouped(in_range)) " records of this range" }
        (range_words(discover))
        p.links {
            @if !view.query.is_empty() {
                a.primary href=(view.with(|view| view.query.clear()).href()) { "Remove the query " code { (visible(&view.query)) } }
            }
            @if !view.filters.is_empty() {
                a.primary href=(view.with(|view| view.filters.clear()).href()) { "Remove the filters" }
            }
        }
    }
}

fn range_words(discover: &Discover<'_>) -> Markup {
    html! {
        @if let Ok(range) = discover.range { p { "The range goes from " (span(discover, range, "to")) "." } }
    }
}

fn span(discover: &Discover<'_>, range: Instants, between: &str) -> Markup {
    html! {
        b { (shown(range.from, &discover.zone)) } " " (between) " " b { (shown(range.to, &discover.zone)) } " "
        span.zone { (zone_name(discover.view)) }
    }
}

/// The engine is gone, or refuses what was asked.
pub(super) fn failed(discover: &Discover<'_>, error: &Error) -> Markup {
    html! {
        section.panel.why {
            @match error {
                Error::Unreachable { .. } => {
                    h1 { "OpenSearch does not answer" }
                    p.bad role="alert" { (error) }
                    p { "What you typed is still here and in the address." }
                }
                Error::Refused { kind, .. } if !error.blames_query() => {
                    h1 { "OpenSearch refuses this search" }
                    p.bad role="alert" { (visible(&error.to_string())) }
                    p.none { code { (kind) } }
                }
                Error::Refused { .. } => (query_has_an_error())
                Error::TooLarge => {
                    h1 { "These records are too large for one page" }
                    p.bad role="alert" { (error) }
                    p { "Narrow the range or the query." }
                }
                Error::Unreadable { .. } => {
                    h1 { "This is not an answer of OpenSearch" }
                    p.bad role="alert" { (visible(&error.to_string())) }
                }
            }
            p { a href=(discover.view.href()) { "Try again" } }
        }
    }
}

fn query_has_an_error() -> Markup {
    html! {
        h1 { "Nothing was searched" }
        p { "The query has an error; it is shown under the search bar." }
    }
}

/// The query cannot be read.
pub(super) fn misunderstood() -> Markup {
    html! { section.panel.why { (query_has_an_error()) } }
}

/// The range cannot be read.
pub(super) fn not_searched(discover: &Discover<'_>) -> Markup {
    let problem = discover.range.as_ref().err().map(ToString::to_string).unwrap_or_default();
    html! {
        section.panel.why {
            h1 { "Nothing was searched" }
            p.bad role="alert" { "The time range cannot be used: " (visible(&problem)) "." }
            p { a.primary href=(discover.view.with(|view| view.range = TimeRange::default()).href()) { "Show the last 24 hours" } }
        }
    }
}
