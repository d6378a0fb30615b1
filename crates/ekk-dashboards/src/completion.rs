//! What may stand at the cursor of the query bar: fields, operators, conjunctions, and values that the records have.
//!
//! The page's script asks while somebody types, and gets a piece of the page. Only DQL is completed.

use std::sync::Arc;

use axum::{
    Router,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use ekk_dql::{Completion, Suggestion, Wanted};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    Site,
    fields::Fields,
    limits::{COMPLETION_SAMPLE, COMPLETIONS, FILTER_VALUE_CHARS},
    opensearch::{Bucket, Error},
    page,
    text::cut_chars,
};

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/app/discover/complete", get(complete))
}

/// `GET /app/discover/complete?p=PATTERN&q=QUERY&at=PLACE`, the place in UTF-16 units, as the browser counts.
async fn complete(State(site): State<Arc<Site>>, RawQuery(query_string): RawQuery) -> Response {
    let query_string = query_string.unwrap_or_default();
    let parameter = |name: &str| {
        let mut pairs = form_urlencoded::parse(query_string.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let (text, at) = (parameter("q"), parameter("at").parse().unwrap_or(usize::MAX));
    let pattern = site.patterns().get(Some(&parameter("p"))).title.clone();
    let suggestions = match ekk_dql::complete(&text, byte_at(&text, at)) {
        None => Vec::new(),
        // An engine that does not answer is no reason to disturb somebody who types.
        Some(completion) => suggest(&site, &pattern, &completion).await.unwrap_or_default(),
    };
    page::completions(&text, &suggestions).into_response()
}

async fn suggest(site: &Site, pattern: &str, completion: &Completion) -> Result<Vec<Suggestion>, Error> {
    let fields = Fields::of(&site.opensearch.field_caps(pattern).await?);
    let mut suggestions = Vec::new();
    if completion.wanted.contains(&Wanted::Value)
        && let Some(name) = &completion.field
    {
        let by = fields.get(name).and_then(|field| field.aggregated_by.clone());
        if let Some(by) = by {
            let answer = site.opensearch.search(pattern, &values(&by, &completion.typed.0)).await?;
            let values = answer.aggregations.get("values");
            let names = values.iter().flat_map(|values| values.buckets()).map(Bucket::name);
            suggestions.extend(names.map(|name| completion.value(&name)));
        }
    }
    suggestions.extend(completion.suggestions(fields.searched(), COMPLETIONS));
    suggestions.truncate(COMPLETIONS);
    Ok(suggestions)
}

/// The question for the values of a field that begin with what was typed; a sample of the records is enough.
fn values(field: &str, typed: &str) -> Value {
    let mut terms = json!({"field": field, "size": COMPLETIONS, "execution_hint": "map", "shard_size": COMPLETIONS});
    let (typed, _) = cut_chars(typed.trim(), FILTER_VALUE_CHARS);
    if !typed.is_empty() {
        terms["include"] = json!(format!("{}.*", pattern_of(typed)));
    }
    json!({
        "size": 0, "terminate_after": COMPLETION_SAMPLE, "timeout": "1s",
        "aggs": {"values": {"terms": terms}},
    })
}

/// A regular expression of Lucene that matches this text and nothing else.
fn pattern_of(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if ".?+*|{}[]()\"\\#@&<>~^$-".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// The byte at which a place in UTF-16 units lies, the end at the latest.
fn byte_at(text: &str, units: usize) -> usize {
    let mut passed = 0;
    for (byte, character) in text.char_indices() {
        if passed >= units {
            return byte;
        }
        passed += character.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_the_browser_are_places_in_the_text() {
        for (units, byte) in [(0, 0), (1, 2), (2, 3), (3, 7), (4, 7), (5, 8), (99, 8)] {
            assert_eq!(byte_at("üa🦀b", units), byte, "{units}");
        }
    }

    #[test]
    fn what_was_typed_is_looked_for_as_it_is() {
        assert_eq!(values("f", " a.b\"c ")["aggs"]["values"]["terms"]["include"], "a\\.b\\\"c.*");
        assert_eq!(values("f", "")["aggs"]["values"]["terms"].get("include"), None);
    }
}
