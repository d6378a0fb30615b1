//! Reads a document by a mapping: its values with their types, and the fields that the mapping lacks.
//!
//! The text is read once, without a tree. A document that brings new fields is read a second time, by the mapping that
//! has them, as OpenSearch does. What is refused, and in which words, is OpenSearch's too.

mod leaf;
mod numbers;

use std::net::Ipv6Addr;

use serde_json::Value;

use crate::{
    error::Exception,
    json::{Reader, Token},
    mapping::{
        Dynamic, FieldId, Leaf, LeafSpec, Mapping, MappingUpdate, Node, Object, ObjectSpec, Sample, Spec, java_text,
    },
};

/// A typed value. Text that stands in the source without escapes is not copied.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Val {
    /// Bytes of the source.
    Slice {
        start: u32,
        end: u32,
    },
    Owned(Box<str>),
    I64(i64),
    U64(u64),
    F64(f64),
    Bool(bool),
    Ip(Ipv6Addr),
}

/// What a document holds.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) values: Vec<(FieldId, Val)>,
    /// Fields without a column that have a value, each once.
    pub(crate) names: Vec<FieldId>,
}

/// What came of reading a document.
pub(crate) enum Reading {
    Complete(Parsed),
    /// The mapping lacks these fields: add them and read again.
    NeedsFields(Box<MappingUpdate>),
}

/// Metadata fields, which a document cannot hold at its root.
const METADATA_FIELDS: [&str; 8] =
    ["_field_names", "_id", "_ignored", "_index", "_nested_path", "_routing", "_seq_no", "_source"];

/// Reads `source` by `mapping`; `id` is for the error texts.
pub(crate) fn read(mapping: &Mapping, id: &str, source: &str) -> Result<Reading, Exception> {
    if source.trim_start().is_empty() {
        return Err(Exception::mapper_parsing("failed to parse, document is empty"));
    }
    if !source.trim_start().starts_with('{') {
        let cause = "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes";
        return Err(wrapped(Exception::new("not_x_content_exception", cause)));
    }
    let mut walk = Walk {
        mapping,
        id,
        reader: Reader::new(source),
        parsed: Parsed { values: Vec::with_capacity(24), names: Vec::with_capacity(8) },
        update: MappingUpdate::new(),
    };
    walk.document().map_err(wrapped)?;
    if walk.update.is_empty() {
        return Ok(Reading::Complete(walk.parsed));
    }
    Ok(Reading::NeedsFields(Box::new(walk.update)))
}

/// Exceptions that are about the mapping stay as they are; others get the outer one that OpenSearch gives them.
fn wrapped(exception: Exception) -> Exception {
    match exception.kind {
        "mapper_parsing_exception" | "strict_dynamic_mapping_exception" => exception,
        "illegal_argument_exception"
            if exception.reason.starts_with("mapper [")
                || exception.reason.starts_with("can't merge")
                || exception.reason.starts_with("Document contains at least one immense term") =>
        {
            exception
        }
        _ => Exception::mapper_parsing("failed to parse").caused_by(exception),
    }
}

/// That a strict object refuses a new field.
fn strict(place: Place<'_>, name: &str) -> Exception {
    let parent = if place.path().is_empty() { "_doc" } else { place.path() };
    let mode = if place.dynamic() == Dynamic::Strict { "strict" } else { "strict_allow_templates" };
    let reason = format!("mapping set to {mode}, dynamic introduction of [{name}] within [{parent}] is not allowed");
    Exception::new("strict_dynamic_mapping_exception", reason)
}

/// A document being read.
struct Walk<'a> {
    mapping: &'a Mapping,
    id: &'a str,
    reader: Reader<'a>,
    parsed: Parsed,
    update: MappingUpdate,
}

/// The object that names are looked up in: one of the mapping, or one that the document brings.
#[derive(Clone, Copy)]
enum Place<'p> {
    Known(&'p Object, Dynamic),
    New(&'p str, Dynamic),
}

impl<'p> Place<'p> {
    fn path(self) -> &'p str {
        match self {
            Self::Known(object, _) => &object.path,
            Self::New(path, _) => path,
        }
    }

    fn dynamic(self) -> Dynamic {
        match self {
            Self::Known(_, dynamic) | Self::New(_, dynamic) => dynamic,
        }
    }

    fn child_path(self, name: &str) -> String {
        if self.path().is_empty() { name.to_owned() } else { format!("{}.{name}", self.path()) }
    }

    /// The place of a known object within this one.
    fn below(self, object: &'p Object) -> Self {
        Self::Known(object, object.dynamic.unwrap_or(self.dynamic()))
    }
}

impl<'a> Walk<'a> {
    fn document(&mut self) -> Result<(), Exception> {
        let mapping = self.mapping;
        self.reader.next()?;
        if mapping.root.enabled {
            self.object(Place::Known(&mapping.root, mapping.root.dynamic.unwrap_or(Dynamic::True)))?;
        } else {
            self.skip_rest_of(1)?;
        }
        match self.reader.next()? {
            None => Ok(()),
            Some(_) => {
                Err(Exception::illegal_argument("Malformed content, found extra data after parsing: START_OBJECT"))
            }
        }
    }

    /// Reads the names and values of the object whose bracket was just read.
    fn object(&mut self, place: Place<'_>) -> Result<(), Exception> {
        while let Some(Token::Name(name)) = self.reader.next()? {
            self.named_value(place, &name)?;
        }
        Ok(())
    }

    fn named_value(&mut self, place: Place<'_>, name: &str) -> Result<(), Exception> {
        // The common case: a field of this object, no dots.
        if let Place::Known(object, _) = place
            && let Some(node) = object.children.get(name)
        {
            return self.known_value(place, node, name);
        }
        if name.is_empty() {
            return Err(Exception::illegal_argument("field name cannot be an empty string"));
        }
        if place.path().is_empty() && METADATA_FIELDS.contains(&name) {
            return Err(self.metadata_field(name)?);
        }
        if name.contains('.') { self.dotted_value(place, name) } else { self.unknown_value(place, name) }
    }

    /// Reads the value of a field that the mapping has.
    fn known_value(&mut self, place: Place<'_>, node: &Node, name: &str) -> Result<(), Exception> {
        match node {
            Node::Leaf(leaf) => {
                let token = match self.reader.next() {
                    Ok(Some(token)) => token,
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(self.broken_value(leaf, error)),
                };
                self.leaf_value(leaf, &token)
            }
            Node::Object(object) => match self.reader.next()? {
                Some(token) => self.object_value(place.below(object), object, Some(name), &token),
                None => Ok(()),
            },
            Node::Alias(_) => {
                let path = place.child_path(name);
                Err(Exception::illegal_argument(format!("Cannot write to a field alias [{path}].")))
            }
        }
    }

    /// A string that does not end well in a known leaf is that leaf's failure, as OpenSearch sees it.
    fn broken_value(&self, leaf: &Leaf, error: Exception) -> Exception {
        let in_string = self.reader.text().as_bytes().get(self.reader.token_offset()) == Some(&b'"');
        let of_string = error.reason.starts_with("Unrecognized character escape")
            || error.reason.starts_with("Illegal unquoted")
            || error.reason.contains("expected a hex-digit")
            || error.reason.starts_with("Unexpected end-of-input in VALUE_STRING");
        if in_string && of_string { self.field_failure(leaf, "", error) } else { error }
    }

    /// A name with dots leads through objects, which it makes if they are not there.
    fn dotted_value(&mut self, place: Place<'_>, name: &str) -> Result<(), Exception> {
        let trimmed = name.trim_end_matches('.');
        let parts: Vec<&str> = trimmed.split('.').collect();
        if trimmed.is_empty() {
            return Err(Exception::illegal_argument("field name cannot contain only the character [.]"));
        }
        if parts.iter().any(|part| part.is_empty()) {
            let reason =
                format!("object field starting or ending with a [.] makes object resolution ambiguous: [{name}]");
            return Err(Exception::illegal_argument(reason));
        }
        let Some((last, objects)) = parts.split_last() else { return Ok(()) };
        self.dotted_step(place, objects, last, &place.child_path(trimmed))
    }

    fn dotted_step(&mut self, place: Place<'_>, objects: &[&str], last: &str, whole: &str) -> Result<(), Exception> {
        let Some((head, rest)) = objects.split_first() else {
            return match place {
                Place::Known(object, _) if object.children.contains_key(last) => match object.children.get(last) {
                    Some(node) => self.known_value(place, node, last),
                    None => Ok(()),
                },
                _ => self.unknown_value(place, last),
            };
        };
        let path = place.child_path(head);
        let known = match place {
            Place::Known(object, _) => object.children.get(*head),
            Place::New(..) => None,
        };
        match known {
            Some(Node::Object(object)) if !object.enabled => self.skip_value(),
            Some(Node::Object(object)) => self.dotted_step(place.below(object), rest, last, whole),
            Some(Node::Leaf(leaf)) => Err(Exception::mapper_parsing(format!(
                "Could not dynamically add mapping for field [{whole}]. Existing mapping for [{path}] must be of type object \
                 but found [{}].",
                leaf.field.type_name
            ))),
            Some(Node::Alias(_)) => Err(Exception::mapper_parsing(format!(
                "Could not dynamically add mapping for field [{whole}]. Existing mapping for [{path}] must be of type object \
                 but found [alias]."
            ))),
            None => match self.new_object(place, head)? {
                Some(dynamic) => self.dotted_step(Place::New(&path, dynamic), rest, last, whole),
                None => self.skip_value(),
            },
        }
    }

    /// Reads a value whose field the mapping lacks.
    fn unknown_value(&mut self, place: Place<'_>, name: &str) -> Result<(), Exception> {
        let Some(token) = self.reader.next()? else { return Ok(()) };
        self.unknown_token(place, name, &token)
    }

    fn unknown_token(&mut self, place: Place<'_>, name: &str, token: &Token<'a>) -> Result<(), Exception> {
        match token {
            Token::Null | Token::StartArray if place.dynamic() == Dynamic::Strict => Err(strict(place, name)),
            Token::StartObject => match self.new_object(place, name)? {
                Some(dynamic) => self.object(Place::New(&place.child_path(name), dynamic)),
                None => self.skip_rest_of(1),
            },
            Token::StartArray => loop {
                match self.reader.next()? {
                    None | Some(Token::EndArray) => return Ok(()),
                    Some(token) => self.unknown_token(place, name, &token)?,
                }
            },
            Token::String(text) => {
                let leaf = self.new_leaf(place, name, Sample::Text(text))?;
                self.new_leaf_value(leaf, token)
            }
            Token::Number { whole, .. } => {
                let leaf = self.new_leaf(place, name, if *whole { Sample::Whole } else { Sample::Fraction })?;
                self.new_leaf_value(leaf, token)
            }
            Token::Boolean(_) => {
                let leaf = self.new_leaf(place, name, Sample::Boolean)?;
                self.new_leaf_value(leaf, token)
            }
            Token::Null | Token::Name(_) | Token::EndObject | Token::EndArray => Ok(()),
        }
    }

    /// Checks a value of a new field, before the field is added. The value itself is read with the document's second
    /// reading.
    fn new_leaf_value(&mut self, leaf: Option<Leaf>, token: &Token<'a>) -> Result<(), Exception> {
        match leaf {
            Some(leaf) => self.leaf_value(&leaf, token),
            None => Ok(()),
        }
    }

    fn new_leaf(&mut self, place: Place<'_>, name: &str, sample: Sample<'_>) -> Result<Option<Leaf>, Exception> {
        let path = place.child_path(name);
        match self.dynamic_spec(place, name, sample)? {
            Some(Spec::Leaf(spec)) => {
                let leaf = Leaf::unnumbered(&path, LeafSpec::clone(&spec));
                self.update.add(&path, Spec::Leaf(spec))?;
                Ok(Some(leaf))
            }
            Some(spec) => self.update.add(&path, spec).map(|()| None),
            None => Ok(None),
        }
    }

    fn dynamic_spec(&self, place: Place<'_>, name: &str, sample: Sample<'_>) -> Result<Option<Spec>, Exception> {
        let spec = self.mapping.dynamic_spec(name, &place.child_path(name), sample, place.dynamic());
        spec.map_err(|error| if error.kind == "strict_dynamic_mapping_exception" { strict(place, name) } else { error })
    }

    /// Notes a new object. `None`: it is left out. Else the rule for fields below it.
    fn new_object(&mut self, place: Place<'_>, name: &str) -> Result<Option<Dynamic>, Exception> {
        let Some(spec) = self.dynamic_spec(place, name, Sample::Object)? else { return Ok(None) };
        let dynamic = match &spec {
            Spec::Object(ObjectSpec { enabled: Some(false), .. }) | Spec::Alias(_) | Spec::Leaf(_) => None,
            Spec::Object(object) => Some(object.dynamic.unwrap_or(place.dynamic())),
        };
        self.update.add(&place.child_path(name), spec)?;
        Ok(dynamic)
    }

    /// Reads a value of a known object: objects, also in arrays; `name` is `None` within an array.
    fn object_value(
        &mut self,
        place: Place<'_>,
        object: &Object,
        name: Option<&str>,
        token: &Token<'a>,
    ) -> Result<(), Exception> {
        match token {
            Token::StartObject if object.enabled => self.object(place),
            Token::StartObject | Token::StartArray if !object.enabled => self.skip_rest_of(1),
            Token::StartArray => loop {
                match self.reader.next()? {
                    None | Some(Token::EndArray) => return Ok(()),
                    Some(token) => self.object_value(place, object, None, &token)?,
                }
            },
            Token::Null => Ok(()),
            _ if !object.enabled => Ok(()),
            _ => Err(Exception::mapper_parsing(format!(
                "object mapping for [{}] tried to parse field [{}] as object, but found a concrete value",
                object.path,
                name.unwrap_or("null")
            ))),
        }
    }

    fn skip_value(&mut self) -> Result<(), Exception> {
        match self.reader.next()? {
            Some(Token::StartObject | Token::StartArray) => self.skip_rest_of(1),
            _ => Ok(()),
        }
    }

    /// Reads on until `depth` open brackets are closed.
    fn skip_rest_of(&mut self, depth: usize) -> Result<(), Exception> {
        let mut depth = depth;
        while depth > 0 {
            match self.reader.next()? {
                Some(Token::StartObject | Token::StartArray) => depth += 1,
                Some(Token::EndObject | Token::EndArray) => depth -= 1,
                Some(_) => {}
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn metadata_field(&mut self, name: &str) -> Result<Exception, Exception> {
        self.reader.next()?;
        let preview = self.preview();
        let id = self.id;
        let reason = format!(
            "failed to parse field [{name}] of type [{name}] in document with id '{id}'. Preview of field's value: '{preview}'"
        );
        let cause = format!(
            "Field [{name}] is a metadata field and cannot be added inside a document. Use the index API request parameters."
        );
        Ok(Exception::mapper_parsing(reason).caused_by(Exception::mapper_parsing(cause)))
    }

    /// The value that starts at the last token, as Java prints it.
    fn preview(&self) -> String {
        let rest = self.reader.text().get(self.reader.token_offset()..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&serde_json::value::RawValue>();
        let Some(Ok(raw)) = values.next() else { return String::new() };
        match serde_json::from_str::<Value>(raw.get()) {
            Ok(Value::Number(_)) | Err(_) => numbers::java_number(raw.get()),
            Ok(value) => java_text(&value),
        }
    }

    /// The same; a number is printed as what the field makes of it, so one beyond a Java float is infinite.
    fn preview_for(&self, leaf: &Leaf) -> String {
        let preview = self.preview();
        let is_float = matches!(leaf.field.type_name, "float" | "half_float");
        let is_number = self.reader.text().as_bytes().get(self.reader.token_offset()) != Some(&b'"');
        match preview.parse::<f64>() {
            Ok(value) if is_float && is_number && value.abs() > f64::from(f32::MAX) => {
                if value > 0.0 {
                    "Infinity".to_owned()
                } else {
                    "-Infinity".to_owned()
                }
            }
            _ => preview,
        }
    }

    fn field_failure(&self, leaf: &Leaf, preview: &str, cause: Exception) -> Exception {
        let (path, kind, id) = (&leaf.field.path, leaf.field.type_name, self.id);
        let reason = format!(
            "failed to parse field [{path}] of type [{kind}] in document with id '{id}'. Preview of field's value: '{preview}'"
        );
        Exception::mapper_parsing(reason).caused_by(cause)
    }
}

#[cfg(test)]
mod tests;
