//! The page of the records around one.

use maud::{Markup, html};
use url::form_urlencoded;

use super::{frame, hidden, records};
use crate::{
    discover::{AROUND_PATH, Around, Discover},
    limits::{AROUND, AROUND_MOST},
    opensearch::Hit,
    text::visible,
    view::{PATH, View},
};

/// Newer records, the one that is meant, older records; with the way to more of them.
pub(crate) fn around(discover: &Discover<'_>, around: &Around) -> Markup {
    let view = discover.view;
    let more = around.count.saturating_add(AROUND).min(AROUND_MOST);
    let at_the_start = around.older.len() < around.count as usize;
    let at_the_end = around.newer.len() < around.count as usize;
    let logger = around.logger.as_ref();
    let of_logger = logger.is_some_and(|logger| view.filters.iter().any(|filter| filter.same_condition(logger)));
    html! {
        (frame::document(discover, "Around a record", &html! {
            form.one #s action=(PATH) {
                (hidden(&view.with(|_| {}), &[]))
                main #main {
                    p { a href=(view.href()) { "‹ Discover" } }
                    section.panel.records aria-label="Records around one" {
                        h1.around { "Around record " code { (visible(&around.record.id)) } }
                        p.around {
                            @if let Some(logger) = logger {
                                @if of_logger {
                                    a href=(link(&without(view, logger), &around.record, around.count)) { "Of all loggers" }
                                } @else {
                                    a href=(link(&with(view, logger), &around.record, around.count)) { "Of the same logger only" }
                                }
                                " "
                            }
                            @if at_the_end { "There is nothing newer. " }
                            @if at_the_start { "There is nothing older. " }
                            @if !(at_the_end && at_the_start) && more > around.count {
                                a href=(link(view, &around.record, more)) { "More on both sides" }
                            }
                        }
                        (records::neighbours(discover, around))
                    }
                }
            }
        }))
    }
}

fn with(view: &View, logger: &crate::filter::Filter) -> View {
    view.with(|view| view.add_filter(logger.clone()))
}

fn without(view: &View, logger: &crate::filter::Filter) -> View {
    view.with(|view| view.filters.retain(|filter| !filter.same_condition(logger)))
}

/// The link to the records around one.
pub(super) fn link(view: &View, hit: &Hit, count: u32) -> String {
    let doc = format!("{}/{}", hit.index, hit.id);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("doc", &doc);
    if count != AROUND {
        query.append_pair("n", &count.to_string());
    }
    format!("{AROUND_PATH}?{}", query.extend_pairs(view.with(|_| {}).pairs()).finish())
}
