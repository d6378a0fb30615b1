//! The jq programs of `MetadataExtraction`: parsed once a stream, run on each record, and always over in time.
//!
//! This is jq 1.6 without what a query for partition keys has no use for: assignments and paths as values, `input` and
//! `env`, modules, `now`, `?//`, and formats of streams. A program that uses one of them is refused by its name.
//! It is an interpreter of our own because a program comes from outside and may run for ever, nest without end or double
//! a text forty times, and an interpreter that cannot be stopped would take its thread with it. Here each step, and each
//! 64 bytes that are made, cost one of [`STEPS`], and both programs and values have a greatest depth.
//!
//! Regular expressions are those of the `regex` crate, which has no look-around and no back-references.
//!
//! Source: <https://jqlang.org/manual/v1.6/>

mod builtin;
mod eval;
mod parse;
mod regex;
mod text;
mod time;
mod value;

use std::collections::BTreeMap;

use eval::Run;
use value::Value;

/// What one run may cost.
const STEPS: u64 = 500_000;

/// How many evaluations may be inside one another, which calls of functions by themselves need.
const DEPTH: u32 = 128;

/// A program that can be run.
#[derive(Debug)]
pub(super) struct Program {
    ast: parse::Ast,
}

impl Program {
    /// Parses a program; the error says what in it is wrong or not supported.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        parse::parse(text).map(|ast| Self { ast })
    }

    /// Runs the program on a JSON document, which must give one object first; answers its members as texts, empty ones
    /// for null. The error says why there is no object.
    pub(super) fn keys_of(&self, document: &serde_json::Value) -> Result<BTreeMap<String, String>, String> {
        let first = self.run(document)?.into_iter().next();
        let Some(Value::Object(object)) = first else {
            return Err("the query must give an object".to_owned());
        };
        let keys = object.entries.iter().map(|(key, value)| {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text.to_string(),
                other => text::to_json(other),
            };
            (key.to_string(), text)
        });
        Ok(keys.collect())
    }

    fn run(&self, document: &serde_json::Value) -> Result<Vec<Value>, String> {
        let input = Value::from_json(document)?;
        Run::new(STEPS).outputs(&self.ast, &input)
    }
}

#[cfg(test)]
mod tests;
