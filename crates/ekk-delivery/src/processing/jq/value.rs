//! The values of jq: shared, never changed, and not nested deeper than the bound.

use std::{cmp::Ordering, collections::BTreeMap, rc::Rc};

/// How deep arrays and objects may be nested, as in jq's own parser.
const DEPTH: u32 = 256;

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    String(Rc<str>),
    Array(Rc<Array>),
    Object(Rc<Object>),
}

#[derive(Debug)]
pub(super) struct Array {
    pub(super) items: Vec<Value>,
    depth: u32,
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) entries: BTreeMap<Rc<str>, Value>,
    depth: u32,
}

impl Value {
    /// An array of `items`.
    pub(super) fn array(items: Vec<Self>) -> Result<Self, String> {
        let depth = 1 + items.iter().map(Self::depth).max().unwrap_or(0);
        check_depth(depth).map(|()| Self::Array(Rc::new(Array { items, depth })))
    }

    pub(super) fn object(entries: BTreeMap<Rc<str>, Self>) -> Result<Self, String> {
        let depth = 1 + entries.values().map(Self::depth).max().unwrap_or(0);
        check_depth(depth).map(|()| Self::Object(Rc::new(Object { entries, depth })))
    }

    pub(super) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::String(text.into())
    }

    pub(super) fn count(number: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "numbers of jq 1.6 are doubles")]
        Self::Number(number as f64)
    }

    pub(super) fn from_json(json: &serde_json::Value) -> Result<Self, String> {
        Ok(match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Self::text(text.as_str()),
            serde_json::Value::Array(items) => {
                Self::array(items.iter().map(Self::from_json).collect::<Result<_, _>>()?)?
            }
            serde_json::Value::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| Ok((Rc::from(key.as_str()), Self::from_json(value)?)));
                Self::object(entries.collect::<Result<_, String>>()?)?
            }
        })
    }

    fn depth(&self) -> u32 {
        match self {
            Self::Array(array) => array.depth,
            Self::Object(object) => object.depth,
            _ => 0,
        }
    }

    pub(super) fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Number(_) => 3,
            Self::String(_) => 4,
            Self::Array(_) => 5,
            Self::Object(_) => 6,
        }
    }

    /// About how many bytes it takes by itself.
    pub(super) fn own_bytes(&self) -> usize {
        match self {
            Self::String(text) => text.len(),
            Self::Array(array) => array.items.len() * 16,
            Self::Object(object) => object.entries.len() * 48,
            _ => 16,
        }
    }

    /// jq's order: null, false, true, numbers, texts, arrays, objects. Not a number is below all numbers.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => {
                left.partial_cmp(right).unwrap_or(if left.is_nan() { Ordering::Less } else { Ordering::Greater })
            }
            (Self::String(left), Self::String(right)) => left.cmp(right),
            (Self::Array(left), Self::Array(right)) => compare_items(left.items.iter(), right.items.iter()),
            (Self::Object(left), Self::Object(right)) => left
                .entries
                .keys()
                .cmp(right.entries.keys())
                .then_with(|| compare_items(left.entries.values(), right.entries.values())),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn compare_items<'a>(
    mut left: impl Iterator<Item = &'a Value>,
    mut right: impl Iterator<Item = &'a Value>,
) -> Ordering {
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => match left.compare(right) {
                Ordering::Equal => {}
                different => return different,
            },
        }
    }
}

fn check_depth(depth: u32) -> Result<(), String> {
    if depth <= DEPTH { Ok(()) } else { Err(format!("a value is nested deeper than {DEPTH} levels")) }
}
