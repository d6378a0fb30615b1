//! The markup of the pages: pure functions of what was found.
//!
//! Links and buttons carry state, never script. What many rows have in common is in one form around them, so a row's
//! button holds only what it changes. Text of records passes [`crate::text::visible`], and maud escapes it.

mod around;
mod bar;
mod completion;
mod empty;
mod field_list;
mod filters;
mod frame;
mod histogram;
mod opened;
mod records;
mod searches;
mod time_picker;

use axum::response::IntoResponse;
use http::{StatusCode, Uri};
use maud::{Markup, html};

use crate::{
    discover::{Discover, Outcome},
    opensearch::Hit,
    view::{PATH, Theme, View},
};

pub(crate) use self::{around::around, completion::list as completions, field_list::top_values, searches::title_taken};

/// The Discover page.
pub(crate) fn discover(discover: &Discover<'_>) -> Markup {
    let content = html! {
        (bar::search(discover))
        (field_list::search_form(discover.view))
        form #s action=(PATH) {
            (hidden(&discover.view.with(|_| {}), &[]))
            div.cols {
                (field_list::field_list(discover))
                main #main tabindex="-1" { (result(discover)) }
            }
        }
    };
    frame::document(discover, &discover.pattern.title, &content)
}

fn result(discover: &Discover<'_>) -> Markup {
    match &discover.outcome {
        Outcome::Found(found) => html! {
            @if let Some(incomplete) = &found.incomplete { (notice(incomplete)) }
            (histogram::panel(discover, found))
            (records::panel(discover, found))
        },
        Outcome::Empty(empty) => empty::panel(discover, empty),
        Outcome::Failed(error) => empty::failed(discover, error),
        Outcome::Misunderstood(_) => empty::misunderstood(),
        Outcome::NotSearched => empty::not_searched(discover),
    }
}

/// The page of one record.
pub(crate) fn record(discover: &Discover<'_>, hit: &Hit) -> Markup {
    frame::document(discover, "Record", &opened::whole(discover, hit))
}

/// A page that says only what went wrong.
pub(crate) fn failure(discover: &Discover<'_>, message: &str) -> Markup {
    let back = discover.view.href();
    frame::document(
        discover,
        "Error",
        &html! {
            main.one #main { section.panel.why { h1 { "This cannot be shown" } p { (message) } p { a href=(back) { "To Discover" } } } }
        },
    )
}

/// A message in one line.
pub(crate) fn notice(message: &str) -> Markup {
    html! { p.bad role="alert" { (message) } }
}

/// The answer to a path that leads nowhere.
pub(crate) async fn not_found(uri: Uri) -> impl IntoResponse {
    let markup = frame::shell(
        Theme::System,
        "Not found",
        &html! {
            main.one #main {
                section.panel.why {
                    h1 { "There is no page " code { (uri.path()) } }
                    p { "This part of OpenSearch Dashboards is not here." }
                    p { a href=(PATH) { "To Discover" } }
                }
            }
        },
    );
    (StatusCode::NOT_FOUND, markup)
}

/// The view as hidden inputs of a form, without the parameters that the form itself sets.
fn hidden(view: &View, except: &[&str]) -> Markup {
    html! {
        @for (key, value) in view.pairs() {
            @if !except.contains(&key.as_str()) { input type="hidden" name=(key) value=(value); }
        }
    }
}
