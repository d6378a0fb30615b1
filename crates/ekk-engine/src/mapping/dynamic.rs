//! What an unknown field of a document becomes: by dynamic templates, by detection, or by the type of its value.
//!
//! Source: <https://docs.opensearch.org/latest/field-types/dynamic/>

use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::{
    DateFormat, Dynamic, FieldType, Mapping,
    date_format::Rounding,
    merge, parse,
    spec::{LeafSpec, ObjectSpec, Spec},
};
use crate::{analysis::Analyzer, error::Exception, settings::MappingLimits};

/// A rule for unknown fields.
#[derive(Debug, Clone)]
pub(crate) struct DynamicTemplate {
    pub(crate) name: Box<str>,
    pub(crate) matches: Option<Matcher>,
    pub(crate) unmatches: Option<Matcher>,
    pub(crate) path_matches: Option<Matcher>,
    pub(crate) path_unmatches: Option<Matcher>,
    /// `string`, `long`, …; `None` for all.
    pub(crate) mapping_type: Option<Box<str>>,
    pub(crate) mapping: Map<String, Value>,
    /// The definition as given.
    pub(crate) shown: Map<String, Value>,
}

impl PartialEq for DynamicTemplate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.shown == other.shown
    }
}

/// A pattern of a template.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    Simple(Box<str>),
    Regex(Regex),
}

impl Matcher {
    fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Simple(pattern) => simple_match(pattern, text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters.
pub fn simple_match(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    let mut rest = rest;
    let mut parts = tail.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

/// The value of an unknown field, as far as its type matters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sample<'a> {
    Text(&'a str),
    Whole,
    Fraction,
    Boolean,
    Object,
}

impl Sample<'_> {
    /// The name that `match_mapping_type` and `{dynamic_type}` have for it.
    fn mapping_type(self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Whole => "long",
            Self::Fraction => "double",
            Self::Boolean => "boolean",
            Self::Object => "object",
        }
    }
}

/// Fields that documents brought and the mapping lacks, in the order in which they were met.
#[derive(Debug, Clone, Default)]
pub(crate) struct MappingUpdate {
    root: ObjectSpec,
    scratch: Mapping,
    empty: bool,
}

impl MappingUpdate {
    pub(crate) fn new() -> Self {
        Self { empty: true, ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.empty
    }

    /// Adds a field at a full path. A second one at the same path must be of the same type.
    pub(crate) fn add(&mut self, path: &str, spec: Spec) -> Result<(), Exception> {
        self.empty = false;
        if let (Some(there), Spec::Leaf(new)) = (leaf_at(&self.root, path), &spec)
            && there.type_name != new.type_name
            && path.contains('.')
        {
            // OpenSearch joins the objects of a document from the last to the first.
            return Err(merge::type_change(path, new.type_name, there.type_name));
        }
        let mut addition = ObjectSpec::default();
        parse::insert(&mut addition, path, spec)?;
        merge::merge_root(&mut self.scratch, addition.clone())?;
        let mut all = std::mem::take(&mut self.root);
        merge_specs(&mut all, addition);
        self.root = all;
        Ok(())
    }

    /// The mapping with the fields added.
    pub(crate) fn apply(self, mapping: &Mapping, limits: &MappingLimits) -> Result<Mapping, Exception> {
        let mut merged = mapping.clone();
        merge::merge_root(&mut merged, self.root)?;
        if limits.too_deep(&merged).is_some() {
            let reason = format!(
                "The depth of the field has exceeded the allowed limit of [{}]. This limit can be set by changing the \
                 [index.mapping.depth.limit] index level setting.",
                limits.depth
            );
            let cause = Exception::new("parse_exception", reason);
            return Err(Exception::mapper_parsing("failed to parse").caused_by(cause));
        }
        limits.check(&merged)?;
        Ok(merged)
    }
}

fn leaf_at<'s>(object: &'s ObjectSpec, path: &str) -> Option<&'s LeafSpec> {
    let (head, tail) = path.split_once('.').map_or((path, None), |(head, tail)| (head, Some(tail)));
    match (object.children.get(head)?, tail) {
        (Spec::Object(object), Some(tail)) => leaf_at(object, tail),
        (Spec::Leaf(leaf), None) => Some(leaf),
        _ => None,
    }
}

/// Joins two trees of specs that are known not to contradict each other.
fn merge_specs(target: &mut ObjectSpec, addition: ObjectSpec) {
    for (name, spec) in addition.children {
        match (target.children.get_mut(&name), spec) {
            (Some(Spec::Object(there)), Spec::Object(new)) => merge_specs(there, new),
            (Some(_), _) => {}
            (None, spec) => drop(target.children.insert(name, spec)),
        }
    }
}

impl Mapping {
    /// What the unknown field `name` at `path` becomes; `None` when it is left out.
    ///
    /// `dynamic` is the rule of the object that holds the field.
    pub(crate) fn dynamic_spec(
        &self,
        name: &str,
        path: &str,
        sample: Sample<'_>,
        dynamic: Dynamic,
    ) -> Result<Option<Spec>, Exception> {
        let detected = self.detect(sample);
        let mapping_type = detected.as_ref().map_or(sample.mapping_type(), |detected| detected.mapping_type);
        if let Some(template) = self.template_for(name, path, mapping_type) {
            return template_spec(template, name, mapping_type, &default_spec(sample, detected)).map(Some);
        }
        match dynamic {
            Dynamic::True => Ok(Some(default_spec(sample, detected))),
            Dynamic::False | Dynamic::FalseAllowTemplates => Ok(None),
            Dynamic::Strict | Dynamic::StrictAllowTemplates => {
                Err(Exception::new("strict_dynamic_mapping_exception", String::new()))
            }
        }
    }

    fn template_for(&self, name: &str, path: &str, mapping_type: &str) -> Option<&DynamicTemplate> {
        self.rules.templates.iter().flatten().find(|template| {
            let holds = |matcher: &Option<Matcher>, text: &str| matcher.as_ref().is_none_or(|m| m.is_match(text));
            let excludes = |matcher: &Option<Matcher>, text: &str| matcher.as_ref().is_some_and(|m| m.is_match(text));
            holds(&template.path_matches, path)
                && holds(&template.matches, name)
                && !excludes(&template.path_unmatches, path)
                && !excludes(&template.unmatches, name)
                && template.mapping_type.as_deref().is_none_or(|kind| kind == mapping_type)
        })
    }

    /// The date or number that a string is taken for.
    fn detect(&self, sample: Sample<'_>) -> Option<Detected> {
        let Sample::Text(text) = sample else { return None };
        let is_long = text.parse::<i64>().is_ok();
        let is_double = is_long || is_java_double(text);
        if self.rules.date_detection.unwrap_or(true)
            && !is_double
            && let Some(format) = self.detect_date(text)
        {
            return Some(Detected { mapping_type: "date", kind: FieldType::Date { format } });
        }
        if self.rules.numeric_detection.unwrap_or(false) && is_double {
            let (mapping_type, kind) = if is_long { ("long", FieldType::Long) } else { ("double", FieldType::Float) };
            return Some(Detected { mapping_type, kind });
        }
        None
    }

    fn detect_date(&self, text: &str) -> Option<DateFormat> {
        // A date starts with a digit in every default format; most strings do not.
        let formats = match &self.rules.dynamic_date_formats {
            Some(formats) => formats.clone(),
            None if text.starts_with(|first: char| first.is_ascii_digit() || first == '+' || first == '-') => {
                default_date_formats()
            }
            None => return None,
        };
        formats.into_iter().find(|format| match format.parse(text, &TimeZone::UTC, Rounding::Down) {
            Ok(_) => true,
            // OpenSearch sees only later that there is no such day.
            Err(error) => error.kind == "date_time_exception",
        })
    }
}

/// What a string was taken for.
struct Detected {
    mapping_type: &'static str,
    kind: FieldType,
}

fn is_java_double(text: &str) -> bool {
    let text = text.trim();
    let digits = text.trim_end_matches(['d', 'D', 'f', 'F']);
    digits.ends_with(|last: char| last.is_ascii_digit() || last == '.') && digits.parse::<f64>().is_ok()
}

/// The formats that strings are tried with: ISO 8601, and OpenSearch's one with slashes.
fn default_date_formats() -> Vec<DateFormat> {
    let slashes = DateFormat::new("yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis").expect("the patterns are valid");
    vec![
        DateFormat::new("strict_date_optional_time").expect("the name is known"),
        slashes.printed_as("yyyy/MM/dd HH:mm:ss").expect("the pattern is valid"),
    ]
}

fn default_spec(sample: Sample<'_>, detected: Option<Detected>) -> Spec {
    let kind = match (detected, sample) {
        (Some(Detected { kind: FieldType::Date { format }, .. }), _) => return date_spec(&format),
        (Some(detected), _) => detected.kind,
        (None, Sample::Text(_)) => return text_with_keyword(),
        (None, Sample::Whole) => FieldType::Long,
        (None, Sample::Fraction) => FieldType::Float,
        (None, Sample::Boolean) => FieldType::Boolean,
        (None, Sample::Object) => return Spec::Object(ObjectSpec::default()),
    };
    Spec::Leaf(Box::new(LeafSpec::new(kind)))
}

/// A detected date keeps the format that it was detected by, except that the ISO one takes milliseconds too.
fn date_spec(format: &DateFormat) -> Spec {
    if format.pattern() == "strict_date_optional_time" {
        return Spec::Leaf(Box::new(LeafSpec::new(FieldType::Date { format: DateFormat::default() })));
    }
    let mut leaf = LeafSpec::new(FieldType::Date { format: format.clone() });
    leaf.params.insert("format", json!(format.pattern()));
    if let Some(pattern) = format.print_pattern() {
        leaf.params.insert("print_format", json!(pattern));
    }
    Spec::Leaf(Box::new(leaf))
}

fn text_with_keyword() -> Spec {
    let mut text = LeafSpec::new(FieldType::Text { analyzer: Analyzer::Standard, search_analyzer: Analyzer::Standard });
    let mut keyword = LeafSpec::new(FieldType::Keyword { ignore_above: Some(256), normalizer: None });
    keyword.params.insert("ignore_above", json!(256));
    text.multi_fields.insert("keyword".into(), keyword);
    Spec::Leaf(Box::new(text))
}

/// The field that a template makes. Without a type of its own it is of the type that the value would have had.
fn template_spec(
    template: &DynamicTemplate,
    name: &str,
    mapping_type: &str,
    default: &Spec,
) -> Result<Spec, Exception> {
    let default_type = match default {
        Spec::Leaf(leaf) => leaf.type_name,
        Spec::Object(_) | Spec::Alias(_) => "object",
    };
    let mut definition = fill(&template.mapping, name, if mapping_type == "string" { "text" } else { default_type });
    let kind = definition.get("type").and_then(Value::as_str).unwrap_or(default_type).to_owned();
    definition.insert("type".to_owned(), Value::String(kind.clone()));
    if !parse::is_known_type(&kind) {
        return Err(Exception::mapper_parsing(format!("failed to find type parsed [{kind}] for [{name}]")));
    }
    let mut root = ObjectSpec::default();
    let failed = |cause: Exception| {
        let reason = format!("Failed to parse mapping [_doc]: {}", cause.reason);
        Exception::mapper_parsing(reason).caused_by(cause)
    };
    let properties = json!({"x": Value::Object(definition)});
    parse::parse_properties(&mut root, &properties).map_err(failed)?;
    let mut spec = root.children.remove("x").ok_or_else(|| Exception::mapper_parsing("template made no field"))?;
    if let Spec::Object(object) = &mut spec {
        object.explicit = false;
    }
    Ok(spec)
}

/// A template's mapping with `{name}` and `{dynamic_type}` filled in.
fn fill(mapping: &Map<String, Value>, name: &str, dynamic_type: &str) -> Map<String, Value> {
    fn fill_value(value: &Value, name: &str, dynamic_type: &str) -> Value {
        match value {
            Value::String(text) => Value::String(text.replace("{name}", name).replace("{dynamic_type}", dynamic_type)),
            Value::Array(items) => items.iter().map(|item| fill_value(item, name, dynamic_type)).collect(),
            Value::Object(object) => Value::Object(fill(object, name, dynamic_type)),
            other => other.clone(),
        }
    }
    mapping.iter().map(|(key, value)| (key.replace("{name}", name), fill_value(value, name, dynamic_type))).collect()
}
