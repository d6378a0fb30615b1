//! Requests made from the model: the smallest good one of each operation, and the same with one value put anywhere in it.

use serde_json::{Map, Value, json};

use crate::model::{Bounds, Shape, Structure, Text, shapes::OPERATIONS};

/// A way into a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Member(&'static str),
    /// The first element of a list.
    First,
    /// The value of an entry of a map.
    Entry,
}

/// A member of a request, at any depth, or what a list or a map holds.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) operation: &'static str,
    input: &'static Structure,
    pub(super) steps: Vec<Step>,
    pub(super) shape: &'static Shape,
    pub(super) required: bool,
}

/// Every place in every request.
pub(super) fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for operation in &OPERATIONS {
        let root = Place {
            operation: operation.name,
            input: operation.input,
            steps: Vec::new(),
            shape: &Shape::Boolean,
            required: true,
        };
        members_of(&root, operation.input, &mut places);
    }
    places
}

fn members_of(parent: &Place, structure: &'static Structure, places: &mut Vec<Place>) {
    for member in structure.members {
        let required = member.required;
        add(Place { required, ..parent.at(Step::Member(member.name), member.shape) }, places);
    }
}

fn add(place: Place, places: &mut Vec<Place>) {
    match place.shape {
        Shape::Structure(structure) => members_of(&place, structure, places),
        Shape::List { of, .. } => add(place.at(Step::First, of), places),
        Shape::Map { value, .. } => add(place.at(Step::Entry, value), places),
        _ => {}
    }
    places.push(place);
}

impl Place {
    fn at(&self, step: Step, shape: &'static Shape) -> Self {
        let steps = self.steps.iter().copied().chain([step]).collect();
        Self { steps, shape, required: false, ..self.clone() }
    }

    /// Whether this is a member of a structure, and not what a list or a map holds.
    pub(super) fn is_member(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Member(_)))
    }

    /// The place as AWS spells it.
    pub(super) fn path(&self) -> String {
        let part = |step: &Step| match step {
            Step::Member(name) => {
                let mut chars = name.chars();
                chars.next().unwrap().to_ascii_lowercase().to_string() + chars.as_str()
            }
            Step::First => "1.member".to_owned(),
            Step::Entry => "entry".to_owned(),
        };
        self.steps.iter().map(part).collect::<Vec<_>>().join(".")
    }

    /// The smallest good request with this value at this place.
    pub(super) fn with(&self, value: Value) -> Value {
        let mut request = smallest_structure(self.input);
        put(&mut request, &Shape::Structure(self.input), &self.steps, Some(value));
        request
    }

    /// The smallest good request without this member.
    pub(super) fn without(&self) -> Value {
        let mut request = smallest_structure(self.input);
        put(&mut request, &Shape::Structure(self.input), &self.steps, None);
        request
    }
}

fn put(target: &mut Value, shape: &Shape, steps: &[Step], value: Option<Value>) {
    let [step, rest @ ..] = steps else {
        *target = value.unwrap();
        return;
    };
    let (slot, of) = match (step, shape, target) {
        (Step::Member(name), Shape::Structure(structure), Value::Object(members)) => {
            if let ([], None) = (rest, &value) {
                members.remove(*name);
                return;
            }
            let member = structure.members.iter().find(|member| member.name == *name).unwrap();
            (members.entry(*name).or_insert_with(|| smallest(member.shape)), member.shape)
        }
        (Step::First, Shape::List { of, .. }, Value::Array(items)) => {
            if items.is_empty() {
                items.push(smallest(of));
            }
            (&mut items[0], *of)
        }
        (Step::Entry, Shape::Map { value: of, .. }, Value::Object(entries)) => {
            (entries.entry("key").or_insert_with(|| smallest(of)), *of)
        }
        (step, _, target) => panic!("{step:?} leads nowhere in {target}"),
    };
    put(slot, of, rest, value);
}

fn smallest_structure(structure: &Structure) -> Value {
    let required = structure.members.iter().filter(|member| member.required);
    Value::Object(required.map(|member| (member.name.to_owned(), smallest(member.shape))).collect())
}

/// A good request of an operation at random, its members given or not.
pub(super) fn random_request(operation: &str, seed: u64) -> Value {
    let operation = OPERATIONS.iter().find(|known| known.name == operation).unwrap();
    random_structure(operation.input, &mut Dice(seed))
}

/// A source of chance that a seed repeats.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn between(&mut self, min: i64, max: i64) -> i64 {
        min + i64::try_from(self.roll(usize::try_from(max - min + 1).unwrap())).unwrap()
    }
}

fn random_structure(structure: &Structure, dice: &mut Dice) -> Value {
    let mut members = Map::new();
    for member in structure.members {
        if member.required || dice.roll(4) == 0 {
            members.insert(member.name.to_owned(), random(member.shape, dice));
        }
    }
    Value::Object(members)
}

fn random(shape: &Shape, dice: &mut Dice) -> Value {
    match shape {
        Shape::Text(text) if !text.values.is_empty() => text.values[dice.roll(text.values.len())].into(),
        Shape::Text(text) => {
            let good = good_text(text);
            let longer = good.clone() + &"a".repeat(dice.roll(80));
            let is_short = text.length.max.is_none_or(|max| longer.len() <= usize::try_from(max).unwrap());
            let is_good = is_short && text.pattern.is_none_or(|pattern| pattern.matches(&longer));
            Value::from(if is_good { longer } else { good })
        }
        Shape::Integer(Bounds { min, max }) => {
            let min = min.unwrap_or(0);
            dice.between(min, max.unwrap_or(min + 1000)).into()
        }
        Shape::Double(_) => json!(dice.roll(2)),
        Shape::Timestamp => json!(dice.between(-1_000_000_000_000, 1_000_000_000_000)),
        Shape::Boolean => (dice.roll(2) == 0).into(),
        Shape::Blob(_) => base64_simd::STANDARD.encode_to_string("a".repeat(dice.roll(30))).into(),
        Shape::List { of, length } => {
            let min = length.min.unwrap_or(0);
            let count = dice.between(min, min + 3);
            (0..count).map(|_| random(of, dice)).collect()
        }
        Shape::Map { value, .. } => (0..dice.roll(3)).map(|key| (key.to_string(), random(value, dice))).collect(),
        Shape::Structure(structure) => random_structure(structure, dice),
    }
}

/// The smallest good value of a shape.
pub(super) fn smallest(shape: &Shape) -> Value {
    match shape {
        Shape::Text(text) => good_text(text).into(),
        Shape::Integer(Bounds { min, .. }) => min.unwrap_or(0).into(),
        Shape::Double(_) | Shape::Timestamp => json!(0.5),
        Shape::Boolean => true.into(),
        Shape::Blob(_) => "".into(),
        Shape::List { of, length } => vec![smallest(of); usize::try_from(length.min.unwrap_or(0)).unwrap()].into(),
        Shape::Map { .. } => Value::Object(Map::new()),
        Shape::Structure(structure) => smallest_structure(structure),
    }
}

/// A good text for each pattern of the model.
const GOOD: [(&str, &str); 31] = [
    (".*", "a"),
    ("[0-9]+", "1"),
    ("[^:*]*", "a"),
    ("[a-zA-Z0-9-]+", "a"),
    ("[a-zA-Z0-9_.-]+", "a"),
    ("^$|[a-zA-Z/_]+", "a"),
    ("arn:.*", "arn:"),
    ("https:.*", "https:"),
    ("https://.*", "https://"),
    (
        r"([a-zA-Z0-9\-\_]+\.){2,3}vpce\.[a-zA-Z0-9\-]*\.vpce-svc\-[a-zA-Z0-9\-]{17}$",
        "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
    ),
    (
        r"jdbc:(redshift|postgresql)://((?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+(redshift(-serverless)?)\.([a-zA-Z0-9\.\-]+):\d{1,5}/[a-zA-Z0-9_$-]+",
        "jdbc:redshift://a.redshift.amazonaws.com:5439/a",
    ),
    (r".+?\.snowflakecomputing\.com", "https://name.snowflakecomputing.com"),
    (r"[\.\-_/#A-Za-z0-9]*", "a"),
    (r"[\u0001-\uFFFF]*", "a"),
    (r"[a-zA-Z0-9\.\_]+", "a"),
    (r"[a-zA-Z0-9\\._\\-]+", "a"),
    (r"^$|\.[0-9a-z!\-_.*'()]+", ".a"),
    (r"^(?!\s*$).+", "a"),
    (r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$", "a"),
    (r"^(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=)?$", "YWFh"),
    (r"^[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$", "a"),
    (r"^\S+$", "a"),
    (r"arn:.*:es:[a-zA-Z0-9\-]+:\d{12}:domain/[a-z][-0-9a-z]{2,27}", "arn:aws:es:us-east-1:000000000000:domain/logs"),
    (r"arn:.*:glue:.*:\d{12}:catalog(?:(/[a-z0-9_-]+){1,2})?", "arn:aws:glue:us-east-1:000000000000:catalog"),
    (r"arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+", "arn:aws:iam::000000000000:role/a"),
    (r"arn:.*:kinesis:[a-zA-Z0-9\-]+:\d{12}:stream/[a-zA-Z0-9_.-]+", "arn:aws:kinesis:us-east-1:000000000000:stream/a"),
    (
        r"arn:.*:kms:[a-zA-Z0-9\-]+:\d{12}:(key|alias)/[a-zA-Z_0-9+=,.@\-_/]+",
        "arn:aws:kms:us-east-1:000000000000:key/a",
    ),
    (r"arn:.*:kms:[a-zA-Z0-9\-]+:\d{12}:key/[a-zA-Z_0-9+=,.@\-_/]+", "arn:aws:kms:us-east-1:000000000000:key/a"),
    (r"arn:.*:s3:::[\w\.\-]{1,255}", "arn:aws:s3:::a"),
    (
        r"arn:.*:secretsmanager:[a-zA-Z0-9\-]+:\d{12}:secret:[a-zA-Z0-9\-/_+=.@!]+",
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:a",
    ),
    (r"s3:\/\/.*", "s3://"),
];

pub(super) fn good_text(Text { length, pattern, values }: &Text) -> String {
    if let [first, ..] = values {
        return (*first).to_owned();
    }
    let good = match pattern {
        Some(pattern) => {
            let known = GOOD.iter().find(|(text, _)| *text == pattern.0);
            known.unwrap_or_else(|| panic!("no text is known for {}", pattern.0)).1
        }
        None => "a",
    };
    let short = usize::try_from(length.min.unwrap_or(0)).unwrap().saturating_sub(good.len());
    good.to_owned() + &"a".repeat(short)
}

#[test]
fn the_texts_that_requests_are_made_of_are_good() {
    for place in places() {
        if let Shape::Text(text) = place.shape {
            let good = good_text(text);
            assert!(text.pattern.is_none_or(|pattern| pattern.matches(&good)), "{} {good}", place.path());
            let length = i64::try_from(good.len()).unwrap();
            let Bounds { min, max } = text.length;
            assert!(min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max), "{}", place.path());
        }
    }
}
