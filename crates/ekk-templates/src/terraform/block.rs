//! A block of attributes: what is known of it, what is not, and the expressions that would say it.

use serde_json::Value;

use crate::{
    Error,
    terraform::scope::{Document, Module, NOTHING},
};

/// A resource, or a block within one.
#[derive(Clone)]
pub(super) struct Block<'a> {
    pub(super) values: &'a Value,
    /// `true` where a value is not known yet, in the shape of the values.
    pub(super) unknown: &'a Value,
    /// What is written in the configuration; nothing in a state.
    pub(super) expressions: &'a Value,
    /// Where it is, for errors.
    pub(super) path: String,
    pub(super) module: &'a Module<'a>,
    pub(super) document: &'a Document<'a>,
}

impl<'a> Block<'a> {
    pub(super) fn error(&self, name: &str, reason: impl Into<String>) -> Error {
        Error::at(format!("{}.{name}", self.path), reason)
    }

    /// The value of an attribute; one that is not known yet is worked out when somebody wrote it.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<Value>, Error> {
        match self.values.get(name) {
            Some(value) if !value.is_null() => Ok(Some(value.clone())),
            _ if !self.is_unknown(name) => Ok(None),
            _ => match self.expressions.get(name) {
                Some(expression) => self.worked_out(name, expression).map(Some),
                None => Ok(None),
            },
        }
    }

    /// A plan shows what an expression refers to and not what it makes of that, so only attributes are worked out that
    /// usually are one reference as a whole.
    fn worked_out(&self, name: &str, expression: &Value) -> Result<Value, Error> {
        let value = self.document.evaluate(expression, self.module, &format!("{}.{name}", self.path))?;
        let text = value.as_str();
        let whole = if name.ends_with("_arn") {
            text.is_some_and(|text| text.starts_with("arn:"))
        } else {
            name.ends_with("_endpoint") || name.ends_with("_ids") || name == "parameter_value"
        };
        if whole || expression.get("constant_value").is_some() {
            return Ok(value);
        }
        let referred = text.map_or_else(|| value.to_string(), str::to_owned);
        Err(self.error(name, format!("it is made of {referred} in a way that is not known before it is applied")))
    }

    /// The text of an attribute, if there is one.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        match self.attribute(name)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.error(name, "it is no text")),
        }
    }

    /// The text of an attribute that the provider sends only when it is not empty.
    pub(super) fn written_text(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.text(name)?.filter(|text| !text.is_empty()))
    }

    /// The text of an attribute that the provider always sends.
    pub(super) fn sent_text(&self, name: &str) -> Result<String, Error> {
        Ok(self.text(name)?.unwrap_or_default())
    }

    /// The text of an attribute that must be there.
    pub(super) fn required_text(&self, name: &str) -> Result<String, Error> {
        self.text(name)?.ok_or_else(|| self.error(name, "it is not there"))
    }

    /// The texts of a list or a set.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<Value>, Error> {
        match self.attribute(name)? {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) if items.iter().all(Value::is_string) => Ok(items),
            Some(text @ Value::String(_)) => Ok(vec![text]),
            Some(_) => Err(self.error(name, "it is no list of texts")),
        }
    }

    /// A number as it is, if there is one.
    pub(super) fn number(&self, name: &str) -> Option<Value> {
        self.values.get(name).filter(|value| value.is_number()).cloned()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The block of this name of which there is at most one.
    pub(super) fn block(&self, name: &str) -> Result<Option<Self>, Error> {
        Ok(self.blocks(name)?.into_iter().next())
    }

    /// All blocks of this name.
    pub(super) fn blocks(&self, name: &str) -> Result<Vec<Self>, Error> {
        let written = self.expressions.get(name);
        match self.values.get(name).and_then(Value::as_array) {
            Some(items) => Ok((0..items.len()).map(|at| self.nested(name, at)).collect()),
            None if self.is_unknown(name) && written.is_some() => {
                Err(self.error(name, "the block is not known before it is applied"))
            }
            None => Ok(Vec::new()),
        }
    }

    fn nested(&self, name: &str, at: usize) -> Self {
        Self {
            values: element(self.values, name, at),
            unknown: if self.is_unknown(name) { self.unknown_member(name) } else { element(self.unknown, name, at) },
            expressions: element(self.expressions, name, at),
            path: format!("{}.{name}[{at}]", self.path),
            ..self.clone()
        }
    }

    fn is_unknown(&self, name: &str) -> bool {
        self.unknown_member(name) == &Value::Bool(true)
    }

    fn unknown_member(&self, name: &str) -> &'a Value {
        if self.unknown.is_boolean() { self.unknown } else { self.unknown.get(name).unwrap_or(NOTHING) }
    }
}

/// A block in a list, or the block itself where there is no list.
fn element<'a>(value: &'a Value, name: &str, at: usize) -> &'a Value {
    let member = value.get(name).unwrap_or(NOTHING);
    if member.is_array() { member.get(at).unwrap_or(NOTHING) } else { member }
}
