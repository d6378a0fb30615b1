//! Index expressions: which indices `logs-*,-logs-old,alias` means, under the options of a request.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/common-parameters/>

use std::{collections::BTreeMap, sync::Arc};

use ekk_engine::index::Index;
use serde_json::Value;

use crate::{
    api::date_math,
    catalog::{Catalog, Entry},
    error::{RestError, Result, index_closed, invalid_index_name},
    json::filter::wildcard_matches,
    node::Node,
    request::Request,
};

/// The query parameters that say how an expression is resolved.
pub(crate) const PARAMS: &[&str] = &["ignore_unavailable", "allow_no_indices", "expand_wildcards", "ignore_throttled"];

/// How an expression is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "these are the request's own flags, as OpenSearch names them")]
pub(crate) struct IndicesOptions {
    /// Missing and closed indices that are named are left out.
    pub(crate) ignore_unavailable: bool,
    /// Wildcards may match nothing.
    pub(crate) allow_no_indices: bool,
    pub(crate) expand_open: bool,
    pub(crate) expand_closed: bool,
    pub(crate) expand_hidden: bool,
    /// A closed index that is named is refused.
    pub(crate) forbid_closed: bool,
    /// Aliases count as names.
    pub(crate) allow_aliases: bool,
}

impl IndicesOptions {
    /// Open indices; one that is closed may be named.
    pub(crate) const OPEN: Self = Self {
        ignore_unavailable: false,
        allow_no_indices: true,
        expand_open: true,
        expand_closed: false,
        expand_hidden: false,
        forbid_closed: false,
        allow_aliases: true,
    };
    /// Open indices only: searches, refreshes.
    pub(crate) const OPEN_ONLY: Self = Self { forbid_closed: true, ..Self::OPEN };
    /// Open and closed indices: settings, mappings that are put.
    pub(crate) const OPEN_AND_CLOSED: Self = Self { expand_closed: true, ..Self::OPEN };
    /// Everything, hidden indices too: aliases.
    pub(crate) const ALL: Self = Self { expand_hidden: true, ..Self::OPEN_AND_CLOSED };

    /// These options changed by the request's parameters.
    ///
    /// # Errors
    /// 400 `illegal_argument_exception` for values that are not known.
    pub(crate) fn of(self, request: &Request) -> Result<Self> {
        let mut options = Self {
            ignore_unavailable: request.flag("ignore_unavailable", self.ignore_unavailable)?,
            allow_no_indices: request.flag("allow_no_indices", self.allow_no_indices)?,
            ..self
        };
        if let Some(wildcards) = request.list("expand_wildcards") {
            options.set_expand_wildcards(wildcards.iter().map(String::as_str))?;
        }
        Ok(options)
    }

    /// Sets what wildcards expand to.
    pub(crate) fn set_expand_wildcards<'a>(&mut self, values: impl Iterator<Item = &'a str>) -> Result<()> {
        (self.expand_open, self.expand_closed, self.expand_hidden) = (false, false, false);
        for value in values {
            match value.to_ascii_lowercase().as_str() {
                "open" => self.expand_open = true,
                "closed" => self.expand_closed = true,
                "hidden" => self.expand_hidden = true,
                "none" => (self.expand_open, self.expand_closed, self.expand_hidden) = (false, false, false),
                "all" => (self.expand_open, self.expand_closed, self.expand_hidden) = (true, true, true),
                _ => return Err(RestError::illegal_argument(format!("No valid expand wildcard value [{value}]"))),
            }
        }
        Ok(())
    }
}

/// An index that an expression named, with the filters of the aliases that led to it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) index: Arc<Index>,
    /// A document counts when one of them matches; empty when all documents count.
    pub(crate) filters: Vec<Value>,
}

/// Resolves the `{index}` of a request, or everything when it has none.
///
/// # Errors
/// - 404 `index_not_found_exception` for a name that is not there.
/// - 400 `index_closed_exception`, `invalid_index_name_exception`.
pub(crate) fn targets(node: &Node, expression: Option<&str>, options: IndicesOptions) -> Result<Vec<Target>> {
    let catalog = Catalog::of(&node.engine);
    let names = split(node, expression)?;
    let resolved = resolve(&catalog, &names, options)?;
    let mut targets = Vec::with_capacity(resolved.len());
    for (name, filters) in resolved {
        let Some(index) = node.engine.index(&name) else { continue };
        if options.forbid_closed && !index.is_open() {
            if options.ignore_unavailable {
                continue;
            }
            return Err(index_closed(&name, index.uuid()).bad_request());
        }
        targets.push(Target { index, filters });
    }
    Ok(targets)
}

/// The same without the aliases' filters.
pub(crate) fn indices(node: &Node, request: &Request, options: IndicesOptions) -> Result<Vec<Arc<Index>>> {
    let targets = targets(node, request.param("index"), options.of(request)?)?;
    Ok(targets.into_iter().map(|target| target.index).collect())
}

/// The one index that a document is read from.
///
/// # Errors
/// As [`targets`], and 400 when an alias leads to several.
pub(crate) fn single(node: &Node, name: &str) -> Result<Arc<Index>> {
    let name = date_math::resolve(name, node.clock.now())?;
    let index = if let Some(index) = node.engine.index(&name) {
        index
    } else {
        let catalog = Catalog::of(&node.engine);
        let behind: Vec<&str> = catalog.behind_alias(&name).map(|entry| entry.name.as_str()).collect();
        let found = match behind.as_slice() {
            [] => None,
            [one] => node.engine.index(one),
            many => {
                return Err(RestError::illegal_argument(format!(
                    "alias [{name}] has more than one index associated with it [{}], can't execute a single index op",
                    many.join(", ")
                )));
            }
        };
        found.ok_or_else(|| RestError::index_not_found(&name, "index_expression"))?
    };
    if index.is_open() { Ok(index) } else { Err(index_closed(&name, index.uuid()).bad_request()) }
}

/// The comma-separated parts with date math worked out; none means all.
pub(crate) fn split(node: &Node, expression: Option<&str>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut start = 0;
    let expression = expression.unwrap_or_default();
    let mut in_math = false;
    for (at, byte) in expression.bytes().chain([b',']).enumerate() {
        match byte {
            b'<' => in_math = true,
            b'>' => in_math = false,
            b',' if !in_math || at == expression.len() => {
                let name = expression.get(start..at).unwrap_or_default();
                if !name.is_empty() {
                    names.push(date_math::resolve(name, node.clock.now())?.into_owned());
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    Ok(names)
}

/// Names of indices in order, each with the filters of its aliases.
fn resolve(catalog: &Catalog, names: &[String], options: IndicesOptions) -> Result<Vec<(String, Vec<Value>)>> {
    let mut found = Found::default();
    if names.is_empty() || (names.len() == 1 && matches!(names[0].as_str(), "_all" | "*")) {
        for entry in catalog.entries.iter().filter(|entry| expands_to(entry, "*", options)) {
            found.add(entry, None);
        }
        if found.is_empty() && !options.allow_no_indices {
            let name = names.first().map_or("_all", String::as_str);
            return Err(RestError::index_not_found(name, "index_or_alias"));
        }
        return Ok(found.order());
    }
    let mut wildcard_seen = false;
    for name in names {
        if let Some(excluded) = name.strip_prefix('-').filter(|_| wildcard_seen) {
            found.remove(catalog, excluded);
        } else if name.contains('*') || name == "_all" {
            wildcard_seen = true;
            let pattern = if name == "_all" { "*" } else { name };
            if !add_matching(&mut found, catalog, pattern, options) && !options.allow_no_indices {
                return Err(RestError::index_not_found(name, "index_or_alias"));
            }
        } else if name.starts_with('_') {
            return Err(invalid_index_name(name, "must not start with '_'.").bad_request());
        } else {
            add_named(&mut found, catalog, name, options)?;
        }
    }
    if found.is_empty() && !options.allow_no_indices {
        return Err(RestError::index_not_found(&names.join(","), "index_expression"));
    }
    Ok(found.order())
}

fn add_named(found: &mut Found, catalog: &Catalog, name: &str, options: IndicesOptions) -> Result<()> {
    if let Some(entry) = catalog.entry(name) {
        found.add(entry, None);
        return Ok(());
    }
    if !catalog.is_alias(name) {
        return if options.ignore_unavailable {
            Ok(())
        } else {
            Err(RestError::index_not_found(name, "index_or_alias"))
        };
    }
    if !options.allow_aliases {
        return if options.ignore_unavailable {
            Ok(())
        } else {
            Err(RestError::illegal_argument(format!(
                "The provided expression [{name}] matches an alias, specify the corresponding concrete indices instead."
            )))
        };
    }
    for entry in catalog.behind_alias(name) {
        found.add(entry, Some(name));
    }
    Ok(())
}

/// Adds what a pattern matches; false when that is nothing.
fn add_matching(found: &mut Found, catalog: &Catalog, pattern: &str, options: IndicesOptions) -> bool {
    let mut any = false;
    for entry in &catalog.entries {
        if !expands(entry, options) {
            continue;
        }
        if wildcard_matches(pattern, &entry.name) {
            if expands_to(entry, pattern, options) {
                found.add(entry, None);
                any = true;
            }
        } else if options.allow_aliases {
            for alias in entry.aliases.keys().filter(|alias| wildcard_matches(pattern, alias)) {
                let dotted = pattern.starts_with('.') && alias.starts_with('.');
                if options.expand_hidden || dotted || !entry.alias_is_hidden(alias) {
                    found.add(entry, Some(alias));
                    any = true;
                }
            }
        }
    }
    any
}

/// Whether wildcards reach indices in this one's state.
fn expands(entry: &Entry, options: IndicesOptions) -> bool {
    if entry.open { options.expand_open } else { options.expand_closed }
}

/// Hidden indices are reached when asked for, and dotted ones also by a pattern that begins with the dot.
fn expands_to(entry: &Entry, pattern: &str, options: IndicesOptions) -> bool {
    let reached = !entry.hidden || options.expand_hidden || (pattern.starts_with('.') && entry.name.starts_with('.'));
    expands(entry, options) && reached
}

/// Indices found so far: by name, with the place at which each was found.
#[derive(Default)]
struct Found {
    entries: BTreeMap<String, (usize, Option<Vec<Value>>)>,
    count: usize,
}

impl Found {
    /// Adds an index, found by its own name or through an alias that may filter it.
    fn add(&mut self, entry: &Entry, alias: Option<&str>) {
        let filter = alias.and_then(|alias| entry.aliases.get(alias)).and_then(|alias| alias.get("filter")).cloned();
        self.count += 1;
        let (_, filters) = self.entries.entry(entry.name.clone()).or_insert((self.count, Some(Vec::new())));
        match (filter, filters) {
            (Some(filter), Some(filters)) => filters.push(filter),
            (None, filters) => *filters = None,
            (Some(_), None) => {}
        }
    }

    fn remove(&mut self, catalog: &Catalog, pattern: &str) {
        let behind: Vec<&str> = catalog
            .entries
            .iter()
            .filter(|entry| entry.aliases.keys().any(|alias| wildcard_matches(pattern, alias)))
            .map(|entry| entry.name.as_str())
            .collect();
        self.entries.retain(|name, _| !wildcard_matches(pattern, name) && !behind.contains(&name.as_str()));
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn order(self) -> Vec<(String, Vec<Value>)> {
        let mut found: Vec<(usize, String, Vec<Value>)> = self
            .entries
            .into_iter()
            .map(|(name, (place, filters))| (place, name, filters.unwrap_or_default()))
            .collect();
        found.sort_by_key(|(place, _, _)| *place);
        found.into_iter().map(|(_, name, filters)| (name, filters)).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn catalog() -> Catalog {
        let entry = |name: &str, open: bool, hidden: bool, aliases: Value| Entry {
            name: name.to_owned(),
            open,
            hidden,
            aliases: Arc::new(aliases.as_object().cloned().unwrap_or_default()),
        };
        Catalog {
            entries: vec![
                entry(".o-dot", true, false, json!({})),
                entry(".o-hid", true, true, json!({})),
                entry("o-a1", true, false, json!({"o-al": {"filter": {"term": {"x": 1}}}, "both": {}})),
                entry("o-a2", false, false, json!({"both": {"is_write_index": true}})),
                entry("o-h1", true, true, Value::Object(Map::new())),
            ],
        }
    }

    #[track_caller]
    fn check(expression: &str, options: IndicesOptions, expected: &str) {
        let names: Vec<String> = expression.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let found = match resolve(&catalog(), &names, options) {
            Ok(found) => found
                .into_iter()
                .map(|(name, filters)| if filters.is_empty() { name } else { format!("{name}{}", json!(filters)) })
                .collect::<Vec<_>>()
                .join(","),
            Err(error) => error.exception().unwrap().reason.clone(),
        };
        assert_eq!(found, expected, "{expression}");
    }

    #[test]
    fn expressions_name_the_indices_that_opensearch_finds() {
        let open = IndicesOptions::OPEN;
        let lenient = IndicesOptions { ignore_unavailable: true, ..open };
        let strict = IndicesOptions { allow_no_indices: false, ..open };
        for (expression, options, expected) in [
            ("", open, ".o-dot,o-a1"),
            ("_all", IndicesOptions::ALL, ".o-dot,.o-hid,o-a1,o-a2,o-h1"),
            ("o-*", open, "o-a1"),
            ("o-*", IndicesOptions::OPEN_AND_CLOSED, "o-a1,o-a2"),
            ("o-*", IndicesOptions::ALL, "o-a1,o-a2,o-h1"),
            (".o-*", open, ".o-dot,.o-hid"),
            ("o-a1,-o-a1", open, "no such index [-o-a1]"),
            ("*,-o-*", open, ".o-dot"),
            ("o-nope,o-a1", open, "no such index [o-nope]"),
            ("o-nope,o-a1", lenient, "o-a1"),
            ("o-nope", lenient, ""),
            ("o-nope", IndicesOptions { allow_no_indices: false, ..lenient }, "no such index [o-nope]"),
            ("o-zz*", open, ""),
            ("o-*,o-zz*", strict, "no such index [o-zz*]"),
            ("_foo", open, "Invalid index name [_foo], must not start with '_'."),
            ("o-al", open, r#"o-a1[{"term":{"x":1}}]"#),
            ("o-al,o-a1", open, "o-a1"),
            ("both", open, "o-a1,o-a2"),
            ("bo*", open, "o-a1"),
            (
                "both",
                IndicesOptions { allow_aliases: false, ..open },
                "The provided expression [both] matches an alias, specify the corresponding concrete indices instead.",
            ),
        ] {
            check(expression, options, expected);
        }
    }
}
