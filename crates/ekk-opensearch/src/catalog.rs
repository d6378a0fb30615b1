//! What the indices are called: names, aliases and states at one moment, as expressions are resolved against them.

use std::sync::Arc;

use ekk_engine::{engine::Engine, index::Index};
use serde_json::{Map, Value};

/// All indices at one moment, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) entries: Vec<Entry>,
}

/// One index as expressions see it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) open: bool,
    pub(crate) hidden: bool,
    pub(crate) aliases: Arc<Map<String, Value>>,
}

impl Catalog {
    pub(crate) fn of(engine: &Engine) -> Self {
        Self { entries: engine.indices().iter().map(|index| Entry::of(index)).collect() }
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The indices that an alias leads to, by name.
    pub(crate) fn behind_alias<'a>(&'a self, alias: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.aliases.contains_key(alias))
    }

    pub(crate) fn is_alias(&self, name: &str) -> bool {
        self.behind_alias(name).next().is_some()
    }

    /// The names of all aliases, sorted.
    pub(crate) fn aliases(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.entries.iter().flat_map(|entry| entry.aliases.keys().map(String::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Entry {
    fn of(index: &Index) -> Self {
        Self {
            name: index.name().to_owned(),
            open: index.is_open(),
            hidden: index.settings().is_true("index.hidden"),
            aliases: index.aliases(),
        }
    }

    /// Whether the alias is marked hidden on this index.
    pub(crate) fn alias_is_hidden(&self, alias: &str) -> bool {
        self.aliases.get(alias).and_then(|alias| alias.get("is_hidden")).and_then(Value::as_bool).unwrap_or(false)
    }

    /// What the alias says about being the one to write to.
    pub(crate) fn is_write_index(&self, alias: &str) -> Option<bool> {
        self.aliases.get(alias)?.get("is_write_index")?.as_bool()
    }
}
