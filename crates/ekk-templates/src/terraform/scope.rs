//! The resources of a document with their modules, and where the configuration of each is.
//!
//! A module that is called several times is there several times among the values, and once in the configuration.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Options, physical::Place, terraform::block::Block};

/// What stands for anything that is not there.
pub(super) const NOTHING: &Value = &Value::Null;

/// A plan or a state.
pub(super) struct Document<'a> {
    pub(super) place: Place<'a>,
    /// By address.
    resources: BTreeMap<&'a str, Resource<'a>>,
    /// What a plan does not know yet, by address.
    unknown: BTreeMap<&'a str, &'a Value>,
}

/// A module: the root, or one that is called.
#[derive(Clone, Debug)]
pub(super) struct Module<'a> {
    /// `module.logs[0].` with a dot at its end, and nothing for the root.
    pub(super) prefix: String,
    /// Its configuration; nothing in a state.
    pub(super) configuration: &'a Value,
    /// The call in the configuration of the module above; nothing for the root.
    pub(super) call: &'a Value,
    /// The modules above it, from the root; empty for the root.
    pub(super) above: Vec<Module<'a>>,
}

/// A resource with the values that are known of it.
#[derive(Debug)]
pub(super) struct Resource<'a> {
    pub(super) address: &'a str,
    pub(super) kind: &'a str,
    pub(super) values: &'a Value,
    name: &'a str,
    mode: &'a str,
    module: Module<'a>,
}

impl<'a> Document<'a> {
    pub(super) fn new(document: &'a Value, options: &'a Options) -> Self {
        let member = |name: &str| document.get(name).unwrap_or(NOTHING);
        let values = if member("planned_values").is_null() { member("values") } else { member("planned_values") };
        let root = member("configuration").get("root_module").unwrap_or(NOTHING);
        let mut unknown = BTreeMap::new();
        for change in member("resource_changes").as_array().into_iter().flatten() {
            if let (Some(address), Some(after)) = (text(change, "address"), change.pointer("/change/after_unknown")) {
                unknown.insert(address, after);
            }
        }
        let mut found = Self { place: Place::of(options), resources: BTreeMap::new(), unknown };
        let module = Module { prefix: String::new(), configuration: root, call: NOTHING, above: Vec::new() };
        found.walk(values.get("root_module").unwrap_or(NOTHING), &module);
        found
    }

    /// All resources, in the order of their addresses.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Resource<'a>> {
        self.resources.values()
    }

    /// The resource at an address, or its first instance when there are several.
    pub(super) fn resource(&self, address: &str) -> Option<&Resource<'a>> {
        let first = || self.resources.get(format!("{address}[0]").as_str());
        self.resources.get(address).or_else(first)
    }

    /// The whole of a resource as a block.
    pub(super) fn block<'b>(&'b self, resource: &'b Resource<'a>) -> Block<'b> {
        Block {
            values: resource.values,
            unknown: self.unknown.get(resource.address).copied().unwrap_or(NOTHING),
            expressions: resource.expressions(),
            path: resource.address.to_owned(),
            module: &resource.module,
            document: self,
        }
    }

    fn walk(&mut self, values: &'a Value, module: &Module<'a>) {
        for resource in values.get("resources").and_then(Value::as_array).into_iter().flatten() {
            if let (Some(address), Some(kind)) = (text(resource, "address"), text(resource, "type")) {
                let found = Resource {
                    address,
                    kind,
                    values: resource.get("values").unwrap_or(NOTHING),
                    name: text(resource, "name").unwrap_or_default(),
                    mode: text(resource, "mode").unwrap_or_default(),
                    module: module.clone(),
                };
                self.resources.insert(address, found);
            }
        }
        for child in values.get("child_modules").and_then(Value::as_array).into_iter().flatten() {
            if let Some(address) = text(child, "address") {
                self.walk(child, &module.child(address));
            }
        }
    }
}

impl Module<'_> {
    /// The module that is called here under the address.
    fn child(&self, address: &str) -> Self {
        let step = address.strip_prefix(&self.prefix).unwrap_or(address);
        let name = step.strip_prefix("module.").unwrap_or(step);
        let name = name.split_once('[').map_or(name, |(name, _)| name);
        self.called(name, format!("{address}."))
    }

    /// The module that a call of this name makes.
    pub(super) fn called(&self, name: &str, prefix: String) -> Self {
        let call = self.configuration.get("module_calls").and_then(|calls| calls.get(name)).unwrap_or(NOTHING);
        let mut above = self.above.clone();
        above.push(Self { above: Vec::new(), ..self.clone() });
        Self { prefix, configuration: call.get("module").unwrap_or(NOTHING), call, above }
    }
}

impl<'a> Resource<'a> {
    pub(super) fn is_managed(&self, kind: &str) -> bool {
        self.kind == kind && self.mode != "data"
    }

    /// The expressions of its configuration.
    fn expressions(&self) -> &'a Value {
        let all = self.module.configuration.get("resources").and_then(Value::as_array).into_iter().flatten();
        let mut mine = all.filter(|one| text(one, "type") == Some(self.kind) && text(one, "name") == Some(self.name));
        mine.next().and_then(|resource| resource.get("expressions")).unwrap_or(NOTHING)
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}
