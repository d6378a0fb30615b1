//! The document around every page: head, navigation, the theme.

use maud::{DOCTYPE, Markup, html};

use crate::{
    assets,
    discover::Discover,
    view::{PATH, Theme, View},
};

/// A document with the navigation of `discover`'s view.
pub(super) fn document(discover: &Discover<'_>, title: &str, content: &Markup) -> Markup {
    shell(
        discover.view.frame.theme,
        title,
        &html! {
            header.top {
                a.brand href=(PATH) { "EKK" }
                nav aria-label="Pages" { a href=(PATH) aria-current="page" { "Discover" } a.to-fields href="#fields" { "Fields" } }
                (pattern_chooser(discover))
                (theme_link(discover.view))
            }
            (content)
        },
    )
}

/// A document with nothing but `content`.
pub(super) fn shell(theme: Theme, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme.name()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Discover · EKK" }
                link rel="icon" href=(assets::path("icon.svg"));
                link rel="stylesheet" href=(assets::path("discover.css"));
                script type="module" src=(assets::path("discover.js")) {}
            }
            body {
                a.skip href="#main" { "Skip to the records" }
                (content)
            }
        }
    }
}

/// The index pattern; a menu when there are several.
fn pattern_chooser(discover: &Discover<'_>) -> Markup {
    let (chosen, patterns) = (&discover.pattern.title, discover.patterns);
    html! {
        @if patterns.iter().len() < 2 {
            span.pattern title="Index pattern" { (chosen) }
        } @else {
            details.menu.pattern {
                summary title="Index pattern" { (chosen) }
                ul.pop {
                    @for (index, pattern) in patterns.iter().enumerate() {
                        li { a href=(of_pattern(discover.view, index, &pattern.title)) aria-current=[(pattern.title == *chosen).then_some("true")] { (pattern.title) } }
                    }
                }
            }
        }
    }
}

/// The same range and pinned filters on another pattern; query, other filters and columns belong to the fields of the old
/// one.
fn of_pattern(view: &View, index: usize, title: &str) -> String {
    View {
        pattern: (index > 0).then(|| title.to_owned()),
        range: view.range.clone(),
        zone: view.zone.clone(),
        filters: view.filters.iter().filter(|filter| filter.pinned).cloned().collect(),
        frame: crate::view::Frame { theme: view.frame.theme, ..Default::default() },
        ..View::default()
    }
    .href()
}

fn theme_link(view: &View) -> Markup {
    let (next, name) = match view.frame.theme {
        Theme::System => (Theme::Dark, "auto"),
        Theme::Dark => (Theme::Light, "dark"),
        Theme::Light => (Theme::System, "light"),
    };
    let mut other = view.clone();
    other.frame.theme = next;
    html! { a.theme href=(other.href()) title="Change between the system's, the dark and the light theme" aria-label={ "Theme: " (name) } { "◐ " (name) } }
}
