//! Saved searches: the menu that opens one, the form that saves one.

use maud::{Markup, html};

use super::{frame, hidden};
use crate::{
    discover::{Discover, SAVE_PATH},
    limits::TITLE_CHARS,
    saved_search,
    text::visible,
    view::PATH,
};

/// What is saved, to be opened, and the way to save what is shown.
pub(super) fn menu(discover: &Discover<'_>) -> Markup {
    let view = discover.view;
    let searches = saved_search::all(&discover.site.objects, discover.patterns, view);
    html! {
        details.menu.searches {
            summary title="Saved searches" { "Searches" }
            div.pop {
                @if searches.is_empty() { p.none { "No search is saved yet." } }
                ul {
                    @for search in &searches { li { a href=(search.view.href()) aria-current=[(search.view == *view).then_some("true")] { (visible(&search.title)) } } }
                }
                form method="post" action=(SAVE_PATH) {
                    (hidden(&view.with(|_| {}), &[]))
                    label { "Save as " input name="title" required maxlength=(TITLE_CHARS) autocomplete="off"; }
                    button.primary { "Save" }
                }
                p { a href=(PATH) { "New search" } }
            }
        }
    }
}

/// There is a search of this title: shall it be replaced?
pub(crate) fn title_taken(discover: &Discover<'_>, title: &str) -> Markup {
    let view = discover.view;
    frame::document(
        discover,
        "Save",
        &html! {
            main.one #main {
                section.panel.why {
                    h1 { "There is a search called “" (visible(title)) "”" }
                    form method="post" action=(SAVE_PATH) {
                        (hidden(&view.with(|_| {}), &[]))
                        input type="hidden" name="title" value=(title);
                        p.links { button.primary name="replace" value="yes" { "Replace it" } a href=(view.href()) { "Keep it, and go back" } }
                    }
                }
            }
        },
    )
}
