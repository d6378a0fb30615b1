//! The facts of AWS's model: its operations and shapes in the model's own order, without a word of its documentation.

use std::{collections::BTreeSet, fmt, marker::PhantomData};

use anyhow::Context as _;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

/// A model: what Firehose takes and answers.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: Ordered<Operation>,
    pub(crate) shapes: Ordered<Shape>,
}

/// Which version of which service a model is of.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) service_id: String,
    pub(crate) target_prefix: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Operation {
    pub(crate) input: Reference,
    pub(crate) output: Reference,
}

/// The name of a shape.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Reference {
    pub(crate) shape: String,
}

/// One shape. Which members matter depends on its type.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) required: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<Ordered<Reference>>,
    /// Of a list: what its elements are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<String>,
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    String,
    Integer,
    Double,
    Boolean,
    Timestamp,
    Blob,
    List,
    Map,
}

impl Model {
    pub(crate) fn parse(text: &[u8]) -> anyhow::Result<Self> {
        Ok(serde_json::from_slice(text)?)
    }

    pub(crate) fn shape(&self, name: &str) -> anyhow::Result<&Shape> {
        let found = self.shapes.0.iter().find(|(known, _)| known == name);
        found.map(|(_, shape)| shape).with_context(|| format!("the model has no shape {name}"))
    }

    /// The shapes that `roots` hold, themselves included, in the model's order.
    pub(crate) fn held_by<'a>(&'a self, roots: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a Shape)> {
        let mut held: BTreeSet<&str> = BTreeSet::new();
        let mut left: Vec<&str> = roots.into_iter().collect();
        while let Some(name) = left.pop() {
            if held.insert(name) {
                left.extend(
                    self.shapes.0.iter().filter(|(known, _)| known == name).flat_map(|(_, shape)| shape.parts()),
                );
            }
        }
        let shapes = self.shapes.0.iter().map(|(name, shape)| (name.as_str(), shape));
        shapes.filter(|(name, _)| held.contains(name)).collect()
    }

    /// The names of all requests, in the order of their operations.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &str> {
        self.operations.0.iter().map(|(_, operation)| operation.input.shape.as_str())
    }

    /// The names of all answers.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &str> {
        self.operations.0.iter().map(|(_, operation)| operation.output.shape.as_str())
    }
}

impl Shape {
    /// The names of the shapes that this one holds.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        let members = self.members.iter().flat_map(|members| &members.0).map(|(_, reference)| reference);
        let others = [&self.member, &self.key, &self.value].into_iter().flatten();
        members.chain(others).map(|reference| reference.shape.as_str())
    }
}

/// Reads a model of AWS's and answers its facts as JSON.
pub(crate) fn take(text: &[u8]) -> anyhow::Result<String> {
    let model = Model::parse(text)?;
    Ok(serde_json::to_string_pretty(&model)? + "\n")
}

/// A JSON object whose members stay in their order, which is that of AWS's error messages.
#[derive(Debug)]
pub(crate) struct Ordered<T>(pub(crate) Vec<(String, T)>);

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedVisitor(PhantomData))
    }
}

struct OrderedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrderedVisitor<T> {
    type Value = Ordered<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut ordered = Vec::new();
        while let Some(member) = members.next_entry()? {
            ordered.push(member);
        }
        Ok(Ordered(ordered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_taken_in_their_order_and_without_documentation() {
        let model = br#"{
            "metadata": {"apiVersion": "1", "serviceId": "S", "targetPrefix": "S_1", "uid": "s-1"},
            "operations": {"Put": {"name": "Put", "input": {"shape": "In"}, "output": {"shape": "In"}, "documentation": "d"}},
            "shapes": {
                "Z": {"type": "string", "max": 2, "enum": ["b", "a"], "documentation": "d"},
                "In": {"type": "structure", "required": ["Z"], "members": {"Z": {"shape": "Z", "documentation": "d"}}}
            },
            "documentation": "d"
        }"#;
        let taken = take(model).unwrap();
        assert!(!taken.contains("documentation"), "{taken}");
        let names: Vec<_> =
            Model::parse(taken.as_bytes()).unwrap().shapes.0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Z", "In"]);
    }
}
