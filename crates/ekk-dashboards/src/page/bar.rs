//! The bar at the top: query and time range; the pills of the filters are in `filters`.

use maud::{Markup, html};

use super::{filters, hidden, searches, time_picker};
use crate::{
    discover::{Discover, Outcome},
    text::{cut_chars, visible},
    view::{Language, PATH, View},
};

/// The search bar with its pills.
pub(super) fn search(discover: &Discover<'_>) -> Markup {
    let view = discover.view;
    let (problem, at) = match &discover.outcome {
        Outcome::Failed(error) if error.blames_query() => {
            let problem = first_sentence(&error.to_string());
            let at = column(&problem);
            (Some(problem), at)
        }
        Outcome::Misunderstood(misunderstood) => (Some(misunderstood.to_string()), misunderstood.at),
        _ => (None, None),
    };
    let language = view.language;
    html! {
        section.bar aria-label="Search" {
            div.line {
                form.query role="search" action=(PATH) {
                    (hidden(&view.with(|_| {}), &["q"]))
                    input #q type="search" name="q" value=(view.query) aria-label={ "Query in " (language.name()) }
                        placeholder=(placeholder(language)) autocomplete="off"
                        spellcheck="false" enterkeyhint="search" aria-invalid=[problem.as_ref().map(|_| "true")]
                        aria-describedby=[problem.as_ref().map(|_| "q-problem")];
                    @if language == Language::Dql {
                        ul #q-options role="listbox" aria-label="Suggestions" data-pattern=(discover.pattern.title) hidden {}
                    }
                    (syntax(view))
                    button.primary { @if view.range.is_relative() { "Refresh" } @else { "Search" } }
                }
                (searches::menu(discover))
                (time_picker::picker(discover))
            }
            @if let Some(problem) = problem {
                p.bad #q-problem role="alert" {
                    strong { "The query cannot be read. " } (visible(&problem))
                    @if let Some(column) = at { (marked(&view.query, column)) }
                }
            }
            (filters::pills(discover))
        }
    }
}

/// Lucene's parser lists all of its tokens after what it says about the mistake; the list helps nobody.
fn first_sentence(reason: &str) -> String {
    reason.split("Was expecting").next().unwrap_or(reason).trim().to_owned()
}

/// The column that a parser's reason names, counted from 0; the query is a single line.
fn column(reason: &str) -> Option<usize> {
    let (_, rest) = reason.split_once("line 1, column ")?;
    let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

/// The query with the character at the mistake marked.
fn marked(query: &str, column: usize) -> Markup {
    let (before, _) = cut_chars(query, column);
    let mut rest = query.get(before.len()..).unwrap_or_default().chars();
    let at = rest.next().map(String::from);
    html! {
        code aria-hidden="true" { (visible(before)) mark { (visible(at.as_deref().unwrap_or("\u{a0}"))) } (visible(rest.as_str())) }
    }
}

fn placeholder(language: Language) -> &'static str {
    match language {
        Language::Dql => "Search, for example levelname:ERROR and timeout   ( / )",
        Language::Lucene => "Search, for example levelname:ERROR AND timeout   ( / )",
    }
}

/// What the query bar understands in DQL, for readers without a network.
const DQL: [(&str, &str); 8] = [
    ("timeout error", "any of the words, in any field"),
    ("\"lock timeout\"", "the words next to each other"),
    ("levelname:ERROR", "a word in one field"),
    ("a and (b or c) and not d", "both, either, without"),
    ("levelname:(ERROR or CRITICAL)", "one of several values"),
    ("name:app.* or *name:app", "wildcards, in fields too"),
    ("took >= 100 and asctime < \"2026-11-23\"", "numbers and dates"),
    ("exc_info:*", "the field has a value"),
];

/// The same in Lucene's syntax.
const LUCENE: [(&str, &str); 8] = [
    ("timeout error", "any of the words, in any field"),
    ("\"lock timeout\"", "the words next to each other"),
    ("levelname:ERROR", "a word in one field"),
    ("a AND (b OR c) NOT d", "both, either, without"),
    ("name:app.* host:web-?", "wildcards"),
    ("took:[100 TO *] took:>=100", "numbers and dates from, to"),
    ("_exists_:exc_info", "the field has a value"),
    ("deadlok~1", "similar words"),
];

fn syntax(view: &View) -> Markup {
    let examples = match view.language {
        Language::Dql => DQL,
        Language::Lucene => LUCENE,
    };
    let other = view.language.other();
    html! {
        details.menu.syntax {
            summary title="What a query can say" { (view.language.name()) }
            div.pop {
                dl { @for (example, meaning) in examples { dt { code { (example) } } dd { (meaning) } } }
                p { a href=(view.with(|view| view.language = other).href()) { "Read queries as " (other.name()) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mistake_is_marked_where_the_parser_found_it() {
        for (query, reason, shown) in [
            ("a:(b", "Encountered \"<EOF>\" at line 1, column 4.", "a:(b<mark>\u{a0}</mark>"),
            ("a b) c", "Encountered \" \")\" \") \"\" at line 1, column 3.", "a b<mark>)</mark> c"),
            ("<b>", "at line 1, column 0", "<mark>&lt;</mark>b&gt;"),
            ("ü", "at line 1, column 99999", "ü<mark>\u{a0}</mark>"),
        ] {
            let marked = marked(query, column(reason).unwrap()).into_string();
            assert_eq!(marked, format!("<code aria-hidden=\"true\">{shown}</code>"), "{query}");
        }
        assert_eq!(column("all shards failed"), None);
    }
}
