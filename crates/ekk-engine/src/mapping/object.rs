//! The tree of a mapping: objects that hold objects and leaves.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::Field;

/// An object of a mapping; the root is one too.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object {
    /// The full dotted path; empty for the root.
    pub(crate) path: Arc<str>,
    /// What an unknown field does; `None` asks the parent.
    pub(crate) dynamic: Option<Dynamic>,
    /// A disabled object is kept in the source and not looked into.
    pub(crate) enabled: bool,
    pub(crate) nested: bool,
    /// Parameters that are kept and shown only.
    pub(crate) params: BTreeMap<&'static str, Value>,
    pub(crate) children: BTreeMap<Box<str>, Node>,
}

/// What an object does with a field that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dynamic {
    True,
    False,
    Strict,
    /// `strict_allow_templates`: only fields that a dynamic template matches are added.
    StrictAllowTemplates,
    /// `false_allow_templates`: the same, and others are ignored.
    FalseAllowTemplates,
}

/// A child of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Object(Object),
    Leaf(Leaf),
    /// An `alias` field and the path it stands for.
    Alias(Arc<str>),
}

/// A field with its multi-fields by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leaf {
    pub(crate) field: Arc<Field>,
    pub(crate) multi_fields: BTreeMap<Box<str>, Leaf>,
}

impl Object {
    pub(crate) fn root() -> Self {
        Self::new("")
    }

    pub(crate) fn new(path: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            dynamic: None,
            enabled: true,
            nested: false,
            params: BTreeMap::new(),
            children: BTreeMap::new(),
        }
    }

    /// The path of a child.
    pub(crate) fn child_path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The node at a path below this object.
    pub(crate) fn node_at(&self, path: &str) -> Option<&Node> {
        match path.split_once('.') {
            None => self.children.get(path),
            Some((head, tail)) => match self.children.get(head)? {
                Node::Object(object) => object.node_at(tail),
                Node::Leaf(_) | Node::Alias(_) => None,
            },
        }
    }

    /// The object at a path below this one; the empty path is this one.
    pub(crate) fn object_at(&self, path: &str) -> Option<&Object> {
        match self.node_at(path)? {
            Node::Object(object) => Some(object),
            Node::Leaf(_) | Node::Alias(_) => None,
        }
    }

    pub(crate) fn collect_paths<'a>(&'a self, paths: &mut Vec<&'a str>) {
        for child in self.children.values() {
            if let Node::Object(object) = child {
                paths.push(&object.path);
                object.collect_paths(paths);
            }
        }
    }
}
