//! Resolves intrinsic functions where the template itself holds the answer, and names the place where it does not.
//!
//! Depth and volume are bounded, so that references in a circle, or ones that double at each level, end in an error.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use std::{cell::Cell, collections::BTreeMap};

use serde_json::{Map, Value};

use crate::{
    Error, Options,
    cloudformation::parameters,
    limits::{RESOLVED_NESTING, RESOLVED_VOLUME},
    physical::Place,
};

/// Resolves values of one template.
pub(super) struct Resolver<'a> {
    pub(super) template: &'a Value,
    pub(super) place: Place<'a>,
    given: &'a BTreeMap<String, String>,
    /// What may still be made.
    left: Cell<usize>,
}

/// Where in the template a value is, and how many values and references are around it.
pub(super) struct Site {
    path: String,
    depth: usize,
}

impl Site {
    pub(super) fn at(path: &str) -> Self {
        Self { path: path.to_owned(), depth: 0 }
    }

    /// A value within.
    pub(super) fn below(&self, name: &str) -> Result<Self, Error> {
        self.deeper(format!("{}.{name}", self.path))
    }

    /// A place elsewhere that a value refers to.
    pub(super) fn referred(&self, path: &str) -> Result<Self, Error> {
        self.deeper(path.to_owned())
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> Error {
        Error::at(&self.path, reason)
    }

    fn deeper(&self, path: String) -> Result<Self, Error> {
        if self.depth >= RESOLVED_NESTING {
            return Err(self.error("its references go in a circle or too deep"));
        }
        Ok(Self { path, depth: self.depth + 1 })
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn new(template: &'a Value, options: &'a Options) -> Result<Self, Error> {
        parameters::check_names(template, &options.parameters)?;
        Ok(Self { template, place: Place::of(options), given: &options.parameters, left: Cell::new(RESOLVED_VOLUME) })
    }

    /// The value without functions; `None` is `AWS::NoValue`, which takes its member or element away.
    pub(super) fn resolve(&self, value: &Value, site: &Site) -> Result<Option<Value>, Error> {
        self.spend(1, site)?;
        match value {
            Value::Object(members) => match single(value) {
                Some((function, argument)) if is_function(function) => {
                    self.call(function, argument, &site.below(function)?)
                }
                _ => self.members(members, site),
            },
            Value::Array(items) => self.items(items, site).map(|items| Some(Value::Array(items))),
            Value::String(text) => {
                self.spend(text.len(), site)?;
                Ok(Some(value.clone()))
            }
            scalar => Ok(Some(scalar.clone())),
        }
    }

    /// A value that must come out as text.
    pub(super) fn text(&self, value: &Value, site: &Site) -> Result<String, Error> {
        let resolved = self.resolve(value, site)?;
        resolved.as_ref().and_then(text_of).ok_or_else(|| site.error("it is no text"))
    }

    /// Takes from what may still be made.
    pub(super) fn spend(&self, volume: usize, site: &Site) -> Result<(), Error> {
        let left =
            self.left.get().checked_sub(volume).ok_or_else(|| site.error("the template grows without an end"))?;
        self.left.set(left);
        Ok(())
    }

    fn members(&self, members: &Map<String, Value>, site: &Site) -> Result<Option<Value>, Error> {
        let mut resolved = Map::new();
        for (name, member) in members {
            if let Some(value) = self.resolve(member, &site.below(name)?)? {
                self.spend(name.len(), site)?;
                resolved.insert(name.clone(), value);
            }
        }
        Ok(Some(Value::Object(resolved)))
    }

    fn items(&self, items: &[Value], site: &Site) -> Result<Vec<Value>, Error> {
        let mut resolved = Vec::new();
        for (at, item) in items.iter().enumerate() {
            resolved.extend(self.resolve(item, &site.below(&at.to_string())?)?);
        }
        Ok(resolved)
    }

    fn call(&self, function: &str, argument: &Value, site: &Site) -> Result<Option<Value>, Error> {
        match function {
            "Ref" => self.reference(argument, site),
            "Fn::If" => self.choose(argument, site),
            "Fn::GetAtt" => self.get_attribute(argument, site).map(|text| Some(text.into())),
            "Fn::Sub" => self.substitute(argument, site).map(|text| Some(text.into())),
            "Fn::Join" => self.join(argument, site).map(|text| Some(text.into())),
            "Fn::Split" => self.split(argument, site).map(Some),
            "Fn::Select" => self.select(argument, site).map(Some),
            "Fn::FindInMap" => self.find_in_map(argument, site),
            "Fn::Base64" => {
                let text = self.text(argument, site)?;
                Ok(Some(base64_simd::STANDARD.encode_to_string(text).into()))
            }
            _ => Err(site.error("this function is not resolved here: its answer is not in the template")),
        }
    }

    fn reference(&self, argument: &Value, site: &Site) -> Result<Option<Value>, Error> {
        let name = argument.as_str().ok_or_else(|| site.error("it refers to nothing"))?;
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        match self.pseudo_parameter(name) {
            Some(value) => Ok(Some(value)),
            None => self.named(name, site).map(Some),
        }
    }

    fn pseudo_parameter(&self, name: &str) -> Option<Value> {
        let text = match name {
            "AWS::AccountId" => self.place.account.to_owned(),
            "AWS::Region" => self.place.region.to_owned(),
            "AWS::Partition" => self.place.partition().to_owned(),
            "AWS::URLSuffix" => self.place.url_suffix().to_owned(),
            "AWS::StackName" => self.place.stack.to_owned(),
            "AWS::StackId" => self.place.stack_id(),
            "AWS::NotificationARNs" => return Some(Value::Array(Vec::new())),
            _ => return None,
        };
        Some(Value::from(text))
    }

    /// What `Ref` returns for a parameter or a resource.
    fn named(&self, name: &str, site: &Site) -> Result<Value, Error> {
        let declared = self.template.get("Parameters").and_then(|parameters| parameters.get(name)?.as_object());
        match declared {
            Some(declared) => parameters::value(name, declared, self.given.get(name)),
            None => self.resource_reference(name, site).map(Value::from),
        }
    }

    fn choose(&self, argument: &Value, site: &Site) -> Result<Option<Value>, Error> {
        let Some([condition, then, otherwise]) = argument.as_array().map(Vec::as_slice) else {
            return Err(site.error("it needs a condition and two values"));
        };
        let name = condition.as_str().ok_or_else(|| site.error("it names no condition"))?;
        let (value, at) = if self.holds(name, site)? { (then, "1") } else { (otherwise, "2") };
        self.resolve(value, &site.below(at)?)
    }

    fn get_attribute(&self, argument: &Value, site: &Site) -> Result<String, Error> {
        let (resource, attribute) = match argument {
            Value::String(text) => text.split_once('.').map(|(left, right)| (left, right.to_owned())),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(resource), attribute] => Some((resource.as_str(), self.text(attribute, site)?)),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| site.error("it names no attribute of a resource"))?;
        self.resource_attribute(resource, &attribute, site)
    }

    fn substitute(&self, argument: &Value, site: &Site) -> Result<String, Error> {
        let nothing = Map::new();
        let (text, variables) = match argument {
            Value::String(text) => (text, &nothing),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(text)] => (text, &nothing),
                [Value::String(text), Value::Object(variables)] => (text, variables),
                _ => return Err(site.error("it needs a text and variables")),
            },
            _ => return Err(site.error("it needs a text")),
        };
        self.spend(text.len(), site)?;
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| site.error("a ${ is not closed"))?;
            out.push_str(before);
            match name.strip_prefix('!') {
                Some(literal) => out.extend(["${", literal, "}"]),
                None => out.push_str(&self.variable(name, variables, site)?),
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn variable(&self, name: &str, variables: &Map<String, Value>, site: &Site) -> Result<String, Error> {
        let site = site.below(&format!("${{{name}}}"))?;
        let name = name.trim();
        let text = match (variables.get(name), name.split_once('.')) {
            (Some(value), _) => self.text(value, &site)?,
            (None, Some((resource, attribute))) => self.resource_attribute(resource, attribute, &site)?,
            (None, None) => {
                let value = self.reference(&Value::from(name), &site)?;
                value.as_ref().and_then(text_of).ok_or_else(|| site.error("it is no text"))?
            }
        };
        self.spend(text.len(), &site)?;
        Ok(text)
    }

    fn join(&self, argument: &Value, site: &Site) -> Result<String, Error> {
        let Some([Value::String(delimiter), list]) = argument.as_array().map(Vec::as_slice) else {
            return Err(site.error("it needs a delimiter and a list"));
        };
        let mut parts = Vec::new();
        for part in self.list(list, site)? {
            let part = text_of(&part).ok_or_else(|| site.error("an element is no text"))?;
            self.spend(part.len() + delimiter.len(), site)?;
            parts.push(part);
        }
        Ok(parts.join(delimiter))
    }

    fn split(&self, argument: &Value, site: &Site) -> Result<Value, Error> {
        let Some([Value::String(delimiter), text]) = argument.as_array().map(Vec::as_slice) else {
            return Err(site.error("it needs a delimiter and a text"));
        };
        let text = self.text(text, site)?;
        Ok(text.split(delimiter.as_str()).collect())
    }

    fn select(&self, argument: &Value, site: &Site) -> Result<Value, Error> {
        let Some([index, list]) = argument.as_array().map(Vec::as_slice) else {
            return Err(site.error("it needs an index and a list"));
        };
        let index = self.text(index, site)?;
        let mut list = self.list(list, site)?;
        match index.parse::<usize>() {
            Ok(at) if at < list.len() => Ok(list.swap_remove(at)),
            _ => Err(site.error(format!("there is no element {index} among {}", list.len()))),
        }
    }

    fn find_in_map(&self, argument: &Value, site: &Site) -> Result<Option<Value>, Error> {
        let parts = argument.as_array().map(Vec::as_slice);
        let Some([map, first, second] | [map, first, second, _]) = parts else {
            return Err(site.error("it needs a map and two keys"));
        };
        let keys = [self.text(map, site)?, self.text(first, site)?, self.text(second, site)?];
        let mut found = self.template.get("Mappings");
        for key in &keys {
            found = found.and_then(|level| level.get(key));
        }
        let default = parts.and_then(|parts| parts.get(3)?.get("DefaultValue"));
        match (found, default) {
            (Some(value), _) => self.resolve(value, site),
            (None, Some(default)) => self.resolve(default, site),
            (None, None) => Err(site.error(format!("there is no Mappings.{}", keys.join(".")))),
        }
    }

    fn list(&self, value: &Value, site: &Site) -> Result<Vec<Value>, Error> {
        match self.resolve(value, site)? {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(site.error("it is no list")),
        }
    }
}

/// The only member of an object that has one.
pub(super) fn single(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.iter().next().map(|(name, member)| (name.as_str(), member))
}

/// How `CloudFormation` writes a scalar where text is wanted.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}
