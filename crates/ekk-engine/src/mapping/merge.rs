//! Adds asked-for fields to a mapping, and refuses what contradicts a field that is there.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Field, FieldId, FieldType, Leaf, Mapping, Node, Object,
    parse::ParsedMapping,
    spec::{LeafSpec, ObjectSpec, Spec},
};
use crate::error::Exception;

/// Adds a parsed mapping. `mapping` is left half-changed when it fails: callers work on a copy.
pub(super) fn merge_parsed(mapping: &mut Mapping, parsed: ParsedMapping) -> Result<(), Exception> {
    let rules = parsed.rules;
    let target = &mut mapping.rules;
    target.date_detection = rules.date_detection.or(target.date_detection);
    target.numeric_detection = rules.numeric_detection.or(target.numeric_detection);
    if rules.dynamic_date_formats.is_some() {
        target.dynamic_date_formats = rules.dynamic_date_formats;
    }
    if let Some(templates) = rules.templates {
        // A template of the same name is replaced in place, others are added at the end.
        let all = target.templates.get_or_insert_default();
        for template in templates {
            match all.iter_mut().find(|there| there.name == template.name) {
                Some(there) => *there = template,
                None => all.push(template),
            }
        }
    }
    target.kept.extend(rules.kept);
    merge_root(mapping, parsed.root)?;
    check_aliases(mapping)
}

/// Adds the fields of `spec` at the root.
pub(super) fn merge_root(mapping: &mut Mapping, spec: ObjectSpec) -> Result<(), Exception> {
    let mut root = std::mem::replace(&mut mapping.root, Object::root());
    let merged = merge_object(mapping, &mut root, spec);
    mapping.root = root;
    merged
}

fn merge_object(mapping: &mut Mapping, object: &mut Object, spec: ObjectSpec) -> Result<(), Exception> {
    if spec.dynamic.is_some() {
        object.dynamic = spec.dynamic;
    }
    object.params.extend(spec.params);
    for (name, child) in spec.children {
        let path = object.child_path(&name);
        match (object.children.get_mut(&name), child) {
            (Some(Node::Object(there)), Spec::Object(child)) => {
                check_object(there, &child)?;
                merge_object(mapping, there, child)?;
            }
            (Some(Node::Leaf(there)), Spec::Leaf(child)) => merge_leaf(mapping, there, *child)?,
            (Some(Node::Object(_)), _) | (Some(_), Spec::Object(_)) => {
                let reason = format!("can't merge a non object mapping [{path}] with an object mapping");
                return Err(Exception::illegal_argument(reason));
            }
            (Some(Node::Alias(there)), Spec::Alias(target)) => {
                mapping.aliases.insert(Arc::from(path), Arc::clone(&target));
                *there = target;
            }
            (Some(Node::Leaf(leaf)), Spec::Alias(_)) => {
                return Err(type_change(&path, leaf.field.type_name, "alias"));
            }
            (Some(Node::Alias(_)), Spec::Leaf(leaf)) => return Err(type_change(&path, "alias", leaf.type_name)),
            (None, child) => {
                let node = add(mapping, &path, child)?;
                object.children.insert(name, node);
            }
        }
    }
    Ok(())
}

fn check_object(there: &Object, spec: &ObjectSpec) -> Result<(), Exception> {
    if spec.explicit && there.nested != spec.nested {
        let (from, to) = if there.nested { ("nested", "non-nested") } else { ("non-nested", "nested") };
        return Err(Exception::illegal_argument(format!("cannot change object mapping from {from} to {to}")));
    }
    if spec.enabled.is_some_and(|enabled| enabled != there.enabled) {
        let reason = format!("the [enabled] parameter can't be updated for the object mapping [{}]", there.path);
        return Err(Exception::new("mapper_exception", reason));
    }
    Ok(())
}

fn add(mapping: &mut Mapping, path: &str, spec: Spec) -> Result<Node, Exception> {
    Ok(match spec {
        Spec::Object(spec) => {
            let mut object = Object::new(path);
            object.nested = spec.nested;
            object.enabled = spec.enabled.unwrap_or(true);
            merge_object(mapping, &mut object, spec)?;
            Node::Object(object)
        }
        Spec::Leaf(spec) => Node::Leaf(add_leaf(mapping, path, *spec, None)),
        Spec::Alias(target) => {
            mapping.aliases.insert(Arc::from(path), Arc::clone(&target));
            Node::Alias(target)
        }
    })
}

fn add_leaf(mapping: &mut Mapping, path: &str, spec: LeafSpec, parent: Option<FieldId>) -> Leaf {
    let id = FieldId(u32::try_from(mapping.fields.len()).expect("the total fields limit is far below 2^32"));
    let path: Arc<str> = Arc::from(path);
    let (field, subs) = field_of(spec, id, Arc::clone(&path), parent);
    let field = Arc::new(field);
    mapping.fields.push(Arc::clone(&field));
    mapping.paths.insert(Arc::clone(&path), id);
    let multi_fields = subs
        .into_iter()
        .map(|(name, spec)| {
            let leaf = add_leaf(mapping, &format!("{path}.{name}"), spec, Some(id));
            (name, leaf)
        })
        .collect();
    Leaf { field, multi_fields }
}

impl Leaf {
    /// A leaf that is in no mapping yet, to check values by.
    pub(crate) fn unnumbered(path: &str, spec: LeafSpec) -> Self {
        let (field, subs) = field_of(spec, FieldId(u32::MAX), Arc::from(path), None);
        let sub = |(name, spec): (Box<str>, LeafSpec)| {
            let leaf = Self::unnumbered(&format!("{path}.{name}"), spec);
            (name, leaf)
        };
        Self { field: Arc::new(field), multi_fields: subs.into_iter().map(sub).collect() }
    }
}

type MultiFieldSpecs = std::collections::BTreeMap<Box<str>, LeafSpec>;

fn field_of(spec: LeafSpec, id: FieldId, path: Arc<str>, parent: Option<FieldId>) -> (Field, MultiFieldSpecs) {
    let field = Field {
        id,
        path,
        kind: spec.kind,
        type_name: spec.type_name,
        index: spec.index,
        doc_values: spec.doc_values,
        ignore_malformed: spec.ignore_malformed,
        coerce: spec.coerce,
        null_value: spec.null_value,
        copy_to: spec.copy_to,
        parent,
        params: spec.params,
    };
    (field, spec.multi_fields)
}

/// Replaces a leaf's parameters by the asked-for ones, and adds its new multi-fields.
fn merge_leaf(mapping: &mut Mapping, leaf: &mut Leaf, spec: LeafSpec) -> Result<(), Exception> {
    let there = Arc::clone(&leaf.field);
    if there.type_name != spec.type_name {
        return Err(type_change(&there.path, there.type_name, spec.type_name));
    }
    let (field, subs) = field_of(spec, there.id, Arc::clone(&there.path), there.parent);
    check_parameters(&there, &field)?;
    for (name, sub) in subs {
        if let Some(existing) = leaf.multi_fields.get_mut(&name) {
            merge_leaf(mapping, existing, sub)?;
        } else {
            let added = add_leaf(mapping, &format!("{}.{name}", there.path), sub, Some(there.id));
            leaf.multi_fields.insert(name, added);
        }
    }
    let field = Arc::new(field);
    if let Some(slot) = mapping.fields.get_mut(there.id.0 as usize) {
        *slot = Arc::clone(&field);
    }
    leaf.field = field;
    Ok(())
}

/// Refuses changes of the parameters that a field keeps for life.
fn check_parameters(there: &Field, new: &Field) -> Result<(), Exception> {
    const FIXED: [&str; 14] = [
        "analyzer",
        "doc_values",
        "format",
        "index",
        "index_options",
        "index_phrases",
        "index_prefixes",
        "locale",
        "normalizer",
        "null_value",
        "scaling_factor",
        "similarity",
        "store",
        "term_vector",
    ];
    let mut conflicts = String::new();
    for key in FIXED {
        let (from, to) = (there.params.get(key), new.params.get(key));
        // Text does not say whether its standard analyzer was named.
        if from == to || (key == "analyzer" && there.analyzer() == new.analyzer()) {
            continue;
        }
        let shown = |value: Option<&Value>| super::parse::java_text(value.unwrap_or(&default_of(&there.kind, key)));
        conflicts.extend(["\n\tCannot update parameter [", key, "] from [", &shown(from), "] to [", &shown(to), "]"]);
    }
    if conflicts.is_empty() {
        return Ok(());
    }
    let reason = format!("Mapper for [{}] conflicts with existing mapper:{conflicts}", there.path);
    Err(Exception::illegal_argument(reason))
}

fn default_of(kind: &FieldType, key: &str) -> Value {
    match key {
        "index" | "doc_values" => json!(true),
        "store" | "index_phrases" => json!(false),
        "analyzer" => json!("default"),
        "format" => json!(super::date_format::DEFAULT_FORMAT),
        "index_options" if matches!(kind, FieldType::Text { .. }) => json!("positions"),
        "index_options" => json!("docs"),
        "term_vector" => json!("no"),
        _ => Value::Null,
    }
}

pub(super) fn type_change(path: &str, from: &str, to: &str) -> Exception {
    Exception::illegal_argument(format!("mapper [{path}] cannot be changed from type [{from}] to [{to}]"))
}

/// A mapping with the leaves numbered by their place in `paths`; `None` when `paths` are not its leaves.
pub(super) fn renumbered(mapping: &Mapping, paths: &[String]) -> Option<Mapping> {
    if paths.len() != mapping.fields.len() {
        return None;
    }
    let mut renumbered = mapping.clone();
    renumbered.fields.clear();
    let new_id = |path: &str| {
        let at = paths.iter().position(|there| there == path)?;
        u32::try_from(at).ok().map(FieldId)
    };
    for path in paths {
        let mut field = mapping.field(path)?.clone();
        field.id = new_id(path)?;
        field.parent = match field.parent {
            Some(parent) => Some(new_id(&mapping.fields.get(parent.0 as usize)?.path)?),
            None => None,
        };
        renumbered.paths.insert(Arc::clone(&field.path), field.id);
        renumbered.fields.push(Arc::new(field));
    }
    let fields = std::mem::take(&mut renumbered.fields);
    replace_fields(&mut renumbered.root, &fields, &renumbered.paths);
    renumbered.fields = fields;
    Some(renumbered)
}

type Paths = std::collections::BTreeMap<Arc<str>, FieldId>;

fn replace_fields(object: &mut Object, fields: &[Arc<Field>], paths: &Paths) {
    for node in object.children.values_mut() {
        match node {
            Node::Object(object) => replace_fields(object, fields, paths),
            Node::Leaf(leaf) => replace_leaf(leaf, fields, paths),
            Node::Alias(_) => {}
        }
    }
}

fn replace_leaf(leaf: &mut Leaf, fields: &[Arc<Field>], paths: &Paths) {
    if let Some(field) = paths.get(&leaf.field.path).and_then(|id| fields.get(id.0 as usize)) {
        leaf.field = Arc::clone(field);
    }
    for sub in leaf.multi_fields.values_mut() {
        replace_leaf(sub, fields, paths);
    }
}

fn check_aliases(mapping: &Mapping) -> Result<(), Exception> {
    for (path, target) in &mapping.aliases {
        if !mapping.paths.contains_key(target) {
            let reason = format!(
                "Invalid [path] value [{target}] for field alias [{path}]: an alias must refer to an existing field in \
                 the mappings."
            );
            return Err(Exception::mapper_parsing(reason));
        }
    }
    Ok(())
}
