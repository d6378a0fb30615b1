//! The list below the query bar of what may be typed next: a piece of the page that the script puts there.

use ekk_dql::{Suggestion, Wanted};
use maud::{Markup, html};

use crate::text::visible;

/// Each option carries the whole query that it makes, and where the cursor is then, in UTF-16 units.
pub(crate) fn list(query: &str, suggestions: &[Suggestion]) -> Markup {
    html! {
        @for (index, suggestion) in suggestions.iter().enumerate() {
            @if let Some((made, at)) = made(query, suggestion) {
                li #{ "q-option-" (index) } role="option" aria-selected="false" data-query=(made) data-at=(at) {
                    code { (visible(suggestion.text.trim())) } " " span { (word(suggestion)) }
                }
            }
        }
    }
}

fn word(suggestion: &Suggestion) -> &str {
    match suggestion.wanted {
        Wanted::Value => "value",
        _ => &suggestion.note,
    }
}

/// The query with the suggestion in it.
fn made(query: &str, suggestion: &Suggestion) -> Option<(String, usize)> {
    let before = query.get(..suggestion.span.start)?;
    let after = query.get(suggestion.span.end..)?;
    let begun = format!("{before}{}", suggestion.text);
    let at = begun.encode_utf16().count();
    Some((format!("{begun}{}", after.trim_start()), at))
}
