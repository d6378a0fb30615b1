//! One page of a listing: names in order under a prefix, those beyond a delimiter rolled up into common prefixes.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Included, Unbounded},
};

/// What to list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Query<'a> {
    /// Only names that start with this.
    pub(crate) prefix: &'a str,
    /// Rolls up names from its first occurrence after the prefix on; empty rolls up nothing.
    pub(crate) delimiter: &'a str,
    /// Only entries beyond this one, which may be a name or a common prefix.
    pub(crate) after: Option<&'a str>,
    /// The most entries.
    pub(crate) limit: usize,
}

/// One page.
#[derive(Debug)]
pub(crate) struct Page<'a, V> {
    pub(crate) names: Vec<(&'a String, &'a V)>,
    pub(crate) common_prefixes: Vec<String>,
    /// The last entry, if there are more: the `after` of the next page.
    pub(crate) next: Option<String>,
}

/// Lists `map`. The cost is that of the entries on the page, not of the names that they stand for.
pub(crate) fn list<'a, V>(map: &'a BTreeMap<String, V>, query: Query<'_>) -> Page<'a, V> {
    let mut page = Page { names: Vec::new(), common_prefixes: Vec::new(), next: None };
    let mut last = None;
    let mut names = map.range::<str, _>((first(&query), Unbounded));
    while let Some((name, value)) = names.next()
        && let Some(rest) = name.strip_prefix(query.prefix)
    {
        let common_prefix = common_prefix(name, rest, query.delimiter);
        let listed_before = common_prefix.is_some_and(|prefix| query.after.is_some_and(|after| prefix <= after));
        if !listed_before {
            if page.names.len() + page.common_prefixes.len() == query.limit {
                page.next = last;
                break;
            }
            last = Some(common_prefix.unwrap_or(name).to_owned());
        }
        let Some(prefix) = common_prefix else {
            page.names.push((name, value));
            continue;
        };
        if !listed_before {
            page.common_prefixes.push(prefix.to_owned());
        }
        match successor(prefix) {
            Some(beyond) => names = map.range::<str, _>((Included(beyond.as_str()), Unbounded)),
            None => break,
        }
    }
    page
}

fn first<'a>(query: &Query<'a>) -> std::ops::Bound<&'a str> {
    match query.after {
        Some(after) if after >= query.prefix => Excluded(after),
        _ => Included(query.prefix),
    }
}

/// The name up to and with the first delimiter in `rest`, which is what comes after the prefix.
fn common_prefix<'a>(name: &'a str, rest: &str, delimiter: &str) -> Option<&'a str> {
    if delimiter.is_empty() {
        return None;
    }
    let at = rest.find(delimiter)?;
    name.get(..name.len() - rest.len() + at + delimiter.len())
}

/// The smallest string that is greater than every string with this prefix, in the order of UTF-8 bytes.
fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 7] = ["a", "a/1", "a/2", "b", "c//d", "c/e", "z\u{10FFFF}"];

    #[track_caller]
    fn check(query: Query<'_>, names: &[&str], common_prefixes: &[&str], next: Option<&str>) {
        let map = KEYS.map(|key| (key.to_owned(), ())).into();
        let page = list(&map, query);
        assert_eq!(page.names.into_iter().map(|(name, ())| name.as_str()).collect::<Vec<_>>(), names, "{query:?}");
        assert_eq!(page.common_prefixes, common_prefixes, "{query:?}");
        assert_eq!(page.next.as_deref(), next, "{query:?}");
    }

    #[test]
    fn lists_names_in_order() {
        let query = Query { limit: 10, ..Query::default() };
        check(query, &KEYS, &[], None);
        check(Query { after: Some("a/1"), ..query }, &KEYS[2..], &[], None);
        check(Query { after: Some("a/"), prefix: "b", ..query }, &["b"], &[], None);
        check(Query { after: Some("bb"), prefix: "b", ..query }, &[], &[], None);
        check(Query { limit: 0, ..query }, &[], &[], None);
    }

    #[test]
    fn rolls_up_names_beyond_a_delimiter() {
        let query = Query { delimiter: "/", limit: 10, ..Query::default() };
        check(query, &["a", "b", "z\u{10FFFF}"], &["a/", "c/"], None);
        check(Query { prefix: "a/", ..query }, &["a/1", "a/2"], &[], None);
        check(Query { prefix: "c/", ..query }, &["c/e"], &["c//"], None);
        check(Query { delimiter: "\u{10FFFF}", prefix: "z", ..query }, &[], &["z\u{10FFFF}"], None);
    }

    #[test]
    fn a_page_ends_before_the_first_entry_that_does_not_fit() {
        let query = Query { delimiter: "/", limit: 2, ..Query::default() };
        check(query, &["a"], &["a/"], Some("a/"));
        check(Query { after: Some("a/"), ..query }, &["b"], &["c/"], Some("c/"));
        check(Query { after: Some("c/"), ..query }, &["z\u{10FFFF}"], &[], None);
        check(Query { limit: 4, ..query }, &["a", "b"], &["a/", "c/"], Some("c/"));
    }

    #[test]
    fn a_marker_inside_a_common_prefix_skips_it() {
        let query = Query { delimiter: "/", after: Some("a/1"), limit: 1, ..Query::default() };
        check(query, &["b"], &[], Some("b"));
    }

    #[test]
    fn the_successor_leaves_out_surrogates_and_the_last_character() {
        for (prefix, expected) in [("a/", Some("a0")), ("\u{D7FF}", Some("\u{E000}")), ("a\u{10FFFF}", Some("b"))] {
            assert_eq!(successor(prefix).as_deref(), expected);
        }
        assert_eq!(successor("\u{10FFFF}"), None);
    }
}
