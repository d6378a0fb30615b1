//! The functions that jq has from the start, and what its operators do with values.

mod arrays;

use std::{collections::BTreeMap, rc::Rc};

use super::{
    eval::{At, Closure, Outcome, Run, Stop},
    parse::{Ast, Operator},
    regex, text, time,
    value::Value,
};

/// Functions, each with the numbers of arguments that it takes.
const FUNCTIONS: &[(&str, &[usize])] = &[
    ("empty", &[0]),
    ("error", &[0, 1]),
    ("not", &[0]),
    ("true", &[0]),
    ("false", &[0]),
    ("null", &[0]),
    ("length", &[0]),
    ("utf8bytelength", &[0]),
    ("keys", &[0]),
    ("keys_unsorted", &[0]),
    ("values", &[0]),
    ("nulls", &[0]),
    ("booleans", &[0]),
    ("numbers", &[0]),
    ("strings", &[0]),
    ("arrays", &[0]),
    ("objects", &[0]),
    ("iterables", &[0]),
    ("scalars", &[0]),
    ("type", &[0]),
    ("has", &[1]),
    ("in", &[1]),
    ("map", &[1]),
    ("map_values", &[1]),
    ("select", &[1]),
    ("recurse", &[0, 1, 2]),
    ("recurse_down", &[0]),
    ("to_entries", &[0]),
    ("from_entries", &[0]),
    ("with_entries", &[1]),
    ("add", &[0]),
    ("any", &[0, 1, 2]),
    ("all", &[0, 1, 2]),
    ("flatten", &[0, 1]),
    ("range", &[1, 2, 3]),
    ("floor", &[0]),
    ("ceil", &[0]),
    ("round", &[0]),
    ("trunc", &[0]),
    ("sqrt", &[0]),
    ("fabs", &[0]),
    ("log", &[0]),
    ("log2", &[0]),
    ("log10", &[0]),
    ("exp", &[0]),
    ("exp2", &[0]),
    ("exp10", &[0]),
    ("pow", &[2]),
    ("infinite", &[0]),
    ("nan", &[0]),
    ("isinfinite", &[0]),
    ("isnan", &[0]),
    ("isnormal", &[0]),
    ("tostring", &[0]),
    ("tonumber", &[0]),
    ("tojson", &[0]),
    ("fromjson", &[0]),
    ("sort", &[0]),
    ("sort_by", &[1]),
    ("group_by", &[1]),
    ("unique", &[0]),
    ("unique_by", &[1]),
    ("min", &[0]),
    ("max", &[0]),
    ("min_by", &[1]),
    ("max_by", &[1]),
    ("reverse", &[0]),
    ("transpose", &[0]),
    ("contains", &[1]),
    ("inside", &[1]),
    ("startswith", &[1]),
    ("endswith", &[1]),
    ("ltrimstr", &[1]),
    ("rtrimstr", &[1]),
    ("explode", &[0]),
    ("implode", &[0]),
    ("split", &[1, 2]),
    ("splits", &[1, 2]),
    ("join", &[1]),
    ("ascii_downcase", &[0]),
    ("ascii_upcase", &[0]),
    ("ascii", &[0]),
    ("first", &[0, 1]),
    ("last", &[0, 1]),
    ("nth", &[1, 2]),
    ("limit", &[2]),
    ("isempty", &[1]),
    ("until", &[2]),
    ("while", &[2]),
    ("repeat", &[1]),
    ("walk", &[1]),
    ("index", &[1]),
    ("rindex", &[1]),
    ("indices", &[1]),
    ("test", &[1, 2]),
    ("match", &[1, 2]),
    ("capture", &[1, 2]),
    ("scan", &[1]),
    ("sub", &[2, 3]),
    ("gsub", &[2, 3]),
    ("todate", &[0]),
    ("fromdate", &[0]),
    ("date", &[0]),
    ("todateiso8601", &[0]),
    ("fromdateiso8601", &[0]),
    ("strftime", &[1]),
    ("strptime", &[1]),
    ("mktime", &[0]),
    ("gmtime", &[0]),
];

const FORMATS: [&str; 9] = ["text", "json", "html", "uri", "csv", "tsv", "sh", "base64", "base64d"];

pub(super) fn is_known(name: &str, arguments: usize) -> bool {
    FUNCTIONS.iter().any(|(known, counts)| *known == name && counts.contains(&arguments))
}

pub(super) fn check_format(name: &str) -> Result<(), String> {
    if FORMATS.contains(&name) { Ok(()) } else { Err(format!("{name} is not a valid format")) }
}

/// Calls a function with the outputs of its arguments, each with each, unless it takes them unevaluated.
pub(super) fn call(
    run: &mut Run,
    name: &str,
    arguments: &[Closure<'_>],
    input: &Value,
    out: &mut Vec<Value>,
) -> Outcome {
    if let Some(done) = arrays::of_closures(run, name, arguments, input, out) {
        return done;
    }
    if let Some(done) = regex::substitute(run, name, arguments, input, out) {
        return done;
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for argument in arguments.iter().rev() {
        let values = run.all(argument, input)?;
        let mut next = Vec::new();
        for row in &rows {
            for value in &values {
                run.pay(16 * row.len())?;
                next.push(std::iter::once(value.clone()).chain(row.iter().cloned()).collect());
            }
        }
        rows = next;
    }
    for row in &rows {
        run.pay(input.own_bytes() + row.iter().map(Value::own_bytes).sum::<usize>())?;
        of_values(run, name, input, row, out)?;
    }
    Ok(())
}

fn of_values(run: &mut Run, name: &str, input: &Value, arguments: &[Value], out: &mut Vec<Value>) -> Outcome {
    if let Some(done) = regex::call(run, name, input, arguments, out) {
        return done;
    }
    let value = match arguments {
        [to] if name == "range" => return range(run, 0.0, number(to)?, 1.0, out),
        [from, to] if name == "range" => return range(run, number(from)?, number(to)?, 1.0, out),
        [from, to, by] if name == "range" => return range(run, number(from)?, number(to)?, number(by)?, out),
        [] => of_input(run, name, input, out)?,
        [argument] => Some(with_one(run, name, input, argument)?),
        [first, second] if name == "pow" => Some(Value::Number(number(first)?.powf(number(second)?))),
        _ => None,
    };
    match value {
        Some(value) => run.give(value, out),
        None => Ok(()),
    }
}

/// Numbers up to the last one, which is not reached; a step of zero never ends, but for the bound of steps.
fn range(run: &mut Run, from: f64, to: f64, by: f64, out: &mut Vec<Value>) -> Outcome {
    let mut next = from;
    while if by < 0.0 { next > to } else { next < to } {
        run.give(Value::Number(next), out)?;
        next += by;
    }
    Ok(())
}

/// Functions without arguments; none when there is no output, or when the outputs are in `out` already.
fn of_input(run: &mut Run, name: &str, input: &Value, out: &mut Vec<Value>) -> Result<Option<Value>, Stop> {
    let is_kept = match name {
        "values" => Some(!matches!(input, Value::Null)),
        "nulls" => Some(matches!(input, Value::Null)),
        "booleans" => Some(matches!(input, Value::Bool(_))),
        "numbers" => Some(matches!(input, Value::Number(_))),
        "strings" => Some(matches!(input, Value::String(_))),
        "arrays" => Some(matches!(input, Value::Array(_))),
        "objects" => Some(matches!(input, Value::Object(_))),
        "iterables" => Some(matches!(input, Value::Array(_) | Value::Object(_))),
        "scalars" => Some(!matches!(input, Value::Array(_) | Value::Object(_))),
        _ => None,
    };
    if let Some(is_kept) = is_kept {
        return Ok(is_kept.then(|| input.clone()));
    }
    if let Some(number) = arithmetic(name, input) {
        return number.map(Some);
    }
    if name == "recurse" || name == "recurse_down" {
        return arrays::descend(run, input, out).map(|()| None);
    }
    if let Some(value) = arrays::of_input(run, name, input)? {
        return Ok(Some(value));
    }
    Ok(Some(match name {
        "empty" => return Ok(None),
        "error" => return Err(Stop::Error(input.clone())),
        "not" => Value::Bool(!input.is_true()),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        "type" => Value::text(input.kind()),
        "length" => length(input)?,
        "utf8bytelength" => Value::count(string(input)?.len()),
        "tostring" => Value::text(text::format("text", input).map_err(Stop::error)?),
        "tojson" => Value::text(text::to_json(input)),
        "fromjson" => {
            let json = serde_json::from_str(string(input)?)
                .map_err(|error| Stop::error(format!("{error} (while parsing '{}')", string(input).unwrap_or(""))))?;
            Value::from_json(&json)?
        }
        "tonumber" => match input {
            Value::Number(_) => input.clone(),
            Value::String(text) => Value::Number(
                text.trim()
                    .parse()
                    .map_err(|_| Stop::error(format!("Cannot be parsed as a number: {}", described(input))))?,
            ),
            other => return Err(Stop::error(format!("{} cannot be parsed as a number", described(other)))),
        },
        "ascii_downcase" => Value::text(string(input)?.to_ascii_lowercase()),
        "ascii_upcase" => Value::text(string(input)?.to_ascii_uppercase()),
        "explode" => {
            let points = string(input)?.chars().map(|point| Value::Number(f64::from(u32::from(point))));
            Value::array(points.collect())?
        }
        "implode" | "ascii" => Value::text(text::implode(input).map_err(Stop::error)?),
        _ => time::of_input(name, input).map_err(Stop::error)?,
    }))
}

/// Functions of one number.
fn arithmetic(name: &str, input: &Value) -> Option<Result<Value, Stop>> {
    if name == "infinite" || name == "nan" {
        return Some(Ok(Value::Number(if name == "nan" { f64::NAN } else { f64::INFINITY })));
    }
    let test: Option<fn(f64) -> bool> = match name {
        "isinfinite" => Some(f64::is_infinite),
        "isnan" => Some(f64::is_nan),
        "isnormal" => Some(f64::is_normal),
        _ => None,
    };
    if let Some(test) = test {
        return Some(number(input).map(|value| Value::Bool(test(value))));
    }
    let function: fn(f64) -> f64 = match name {
        "floor" => f64::floor,
        "ceil" => f64::ceil,
        "round" => f64::round,
        "trunc" => f64::trunc,
        "sqrt" => f64::sqrt,
        "fabs" => f64::abs,
        "log" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "exp" => f64::exp,
        "exp2" => f64::exp2,
        "exp10" => |value| 10f64.powf(value),
        _ => return None,
    };
    Some(number(input).map(|value| Value::Number(function(value))))
}

fn with_one(run: &mut Run, name: &str, input: &Value, argument: &Value) -> Result<Value, Stop> {
    Ok(match name {
        "error" => return Err(Stop::Error(argument.clone())),
        "has" => Value::Bool(has(input, argument)?),
        "in" => Value::Bool(has(argument, input)?),
        "contains" => Value::Bool(contains(run, input, argument)?),
        "inside" => Value::Bool(contains(run, argument, input)?),
        "startswith" => Value::Bool(string(input)?.starts_with(string(argument)?)),
        "endswith" => Value::Bool(string(input)?.ends_with(string(argument)?)),
        "ltrimstr" => trimmed(input, argument, |text, part| text.strip_prefix(part)),
        "rtrimstr" => trimmed(input, argument, |text, part| text.strip_suffix(part)),
        "strftime" | "strptime" => time::with_format(name, input, string(argument)?).map_err(Stop::error)?,
        _ => arrays::with_one(run, name, input, argument)?,
    })
}

fn trimmed<'a>(input: &'a Value, part: &'a Value, trim: fn(&'a str, &'a str) -> Option<&'a str>) -> Value {
    match (input, part) {
        (Value::String(text), Value::String(part)) => trim(text, part).map_or_else(|| input.clone(), Value::text),
        _ => input.clone(),
    }
}

fn length(input: &Value) -> Result<Value, Stop> {
    Ok(match input {
        Value::Null => Value::Number(0.0),
        Value::Bool(_) => return Err(Stop::error(format!("{} has no length", described(input)))),
        Value::Number(number) => Value::Number(number.abs()),
        Value::String(text) => Value::count(text.chars().count()),
        Value::Array(array) => Value::count(array.items.len()),
        Value::Object(object) => Value::count(object.entries.len()),
    })
}

fn has(container: &Value, key: &Value) -> Result<bool, Stop> {
    match (container, key) {
        (Value::Object(object), Value::String(key)) => Ok(object.entries.contains_key(key)),
        (Value::Array(array), Value::Number(place)) => Ok(*place >= 0.0 && *place < length_of(&array.items)),
        _ => Err(Stop::error(format!("Cannot check whether {} has a {} key", container.kind(), key.kind()))),
    }
}

fn length_of(items: &[Value]) -> f64 {
    match Value::count(items.len()) {
        Value::Number(length) => length,
        _ => 0.0,
    }
}

fn contains(run: &mut Run, whole: &Value, part: &Value) -> Result<bool, Stop> {
    run.pay(0)?;
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (key, part) in &part.entries {
                let Some(whole) = whole.entries.get(key) else { return Ok(false) };
                if !run.deeper(|run| contains(run, whole, part))? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Array(whole), Value::Array(part)) => {
            for part in &part.items {
                let mut found = false;
                for whole in &whole.items {
                    found |= whole.kind() == part.kind() && run.deeper(|run| contains(run, whole, part))?;
                }
                if !found {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::String(whole), Value::String(part)) => Ok(whole.contains(&**part)),
        _ if whole.kind() == part.kind() => Ok(whole.compare(part).is_eq()),
        _ => Err(Stop::error(format!(
            "{} and {} cannot have their containment checked",
            described(whole),
            described(part)
        ))),
    }
}

/// `container[key]`
pub(super) fn index(container: &Value, key: &Value) -> Result<Value, Stop> {
    match (container, key) {
        (Value::Object(object), Value::String(key)) => Ok(object.entries.get(key).cloned().unwrap_or(Value::Null)),
        (Value::Array(array), Value::Number(place)) => {
            let place = if *place < 0.0 { place + length_of(&array.items) } else { *place };
            let place = position(place.floor(), array.items.len());
            Ok(place.and_then(|place| array.items.get(place)).cloned().unwrap_or(Value::Null))
        }
        (Value::Array(array), Value::Array(part)) => arrays::places(&array.items, &part.items),
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Null) => Ok(Value::Null),
        (_, Value::String(key)) => Err(Stop::error(format!("Cannot index {} with \"{key}\"", container.kind()))),
        _ => Err(Stop::error(format!("Cannot index {} with {}", container.kind(), key.kind()))),
    }
}

/// A place within `length`, when it is one.
pub(super) fn position(place: f64, length: usize) -> Option<usize> {
    #[expect(clippy::cast_precision_loss, reason = "numbers of jq 1.6 are doubles")]
    let is_within = place >= 0.0 && place <= length as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within 0 and a length")]
    is_within.then_some(place as usize)
}

/// `container[from:to]`
pub(super) fn slice(container: &Value, from: &Value, to: &Value) -> Result<Value, Stop> {
    let length = match container {
        Value::Null => return Ok(Value::Null),
        Value::Array(array) => array.items.len(),
        Value::String(text) => text.chars().count(),
        other => return Err(Stop::error(format!("Cannot index {} with object", other.kind()))),
    };
    let end = |value: &Value, missing: usize, round: fn(f64) -> f64| match value {
        Value::Null => Ok(missing),
        Value::Number(place) => {
            #[expect(clippy::cast_precision_loss, reason = "numbers of jq 1.6 are doubles")]
            let all = length as f64;
            let place = if *place < 0.0 { place + all } else { *place };
            Ok(position(round(place.clamp(0.0, all)), length).unwrap_or(0))
        }
        _ => Err(Stop::error("Start and end indices of an array slice must be numbers")),
    };
    let from = end(from, 0, f64::floor)?;
    let to = end(to, length, f64::ceil)?.max(from);
    Ok(match container {
        Value::Array(array) => Value::array(array.items.get(from..to).unwrap_or_default().to_vec())?,
        Value::String(text) => Value::text(text.chars().skip(from).take(to - from).collect::<String>()),
        _ => Value::Null,
    })
}

/// Makes objects of all outputs of keys and values, each with each.
pub(super) fn object<'a>(run: &mut Run, entries: &'a [(Ast, Ast)], at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
    let mut objects: Vec<BTreeMap<Rc<str>, Value>> = vec![BTreeMap::new()];
    for entry in entries {
        let (keys, values) = run.entry(entry, at)?;
        let mut next = Vec::new();
        for object in &objects {
            for key in &keys {
                let Value::String(key) = key else {
                    return Err(Stop::error(format!("Object keys must be strings, not {}", described(key))));
                };
                for value in &values {
                    run.pay(48 * object.len())?;
                    let mut object = object.clone();
                    object.insert(key.clone(), value.clone());
                    next.push(object);
                }
            }
        }
        objects = next;
    }
    objects.into_iter().try_for_each(|object| run.give(Value::object(object)?, out))
}

/// What an operator makes of two values.
pub(super) fn operate(run: &mut Run, operator: Operator, left: &Value, right: &Value) -> Result<Value, Stop> {
    let order = || left.compare(right);
    Ok(match operator {
        Operator::Equal => Value::Bool(order().is_eq()),
        Operator::Unequal => Value::Bool(order().is_ne()),
        Operator::Less => Value::Bool(order().is_lt()),
        Operator::LessOrEqual => Value::Bool(order().is_le()),
        Operator::Greater => Value::Bool(order().is_gt()),
        Operator::GreaterOrEqual => Value::Bool(order().is_ge()),
        Operator::Alternative => left.clone(),
        Operator::And => Value::Bool(left.is_true() && right.is_true()),
        Operator::Or => Value::Bool(left.is_true() || right.is_true()),
        Operator::Add => add(left, right)?,
        Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
            calculate(run, operator, left, right)?
        }
    })
}

pub(super) fn add(left: &Value, right: &Value) -> Result<Value, Stop> {
    Ok(match (left, right) {
        (Value::Null, other) | (other, Value::Null) => other.clone(),
        (Value::Number(left), Value::Number(right)) => Value::Number(left + right),
        (Value::String(left), Value::String(right)) => Value::text(format!("{left}{right}")),
        (Value::Array(left), Value::Array(right)) => Value::array([left.items.as_slice(), &right.items].concat())?,
        (Value::Object(left), Value::Object(right)) => {
            let mut entries = left.entries.clone();
            entries.extend(right.entries.iter().map(|(key, value)| (key.clone(), value.clone())));
            Value::object(entries)?
        }
        _ => return Err(cannot(left, right, "added")),
    })
}

fn calculate(run: &mut Run, operator: Operator, left: &Value, right: &Value) -> Result<Value, Stop> {
    Ok(match (operator, left, right) {
        (Operator::Subtract, Value::Number(left), Value::Number(right)) => Value::Number(left - right),
        (Operator::Subtract, Value::Array(left), Value::Array(right)) => {
            run.pay(64 * left.items.len() * right.items.len())?;
            let is_kept = |item: &&Value| !right.items.iter().any(|other| other.compare(item).is_eq());
            Value::array(left.items.iter().filter(is_kept).cloned().collect())?
        }
        (Operator::Multiply, Value::Number(left), Value::Number(right)) => Value::Number(left * right),
        (Operator::Multiply, Value::String(text), Value::Number(times))
        | (Operator::Multiply, Value::Number(times), Value::String(text)) => repeat(run, text, *times)?,
        (Operator::Multiply, Value::Object(_), Value::Object(_)) => merge(run, left, right)?,
        (Operator::Divide | Operator::Remainder, Value::Number(_), Value::Number(divisor))
            if divisor.trunc() == 0.0 && (operator == Operator::Remainder || *divisor == 0.0) =>
        {
            return Err(cannot(left, right, "divided because the divisor is zero"));
        }
        (Operator::Divide, Value::Number(left), Value::Number(right)) => Value::Number(left / right),
        (Operator::Divide, Value::String(text), Value::String(separator)) => text::split(text, separator)?,
        (Operator::Remainder, Value::Number(left), Value::Number(right)) => Value::Number(left.trunc() % right.trunc()),
        (Operator::Subtract, ..) => return Err(cannot(left, right, "subtracted")),
        (Operator::Multiply, ..) => return Err(cannot(left, right, "multiplied")),
        _ => return Err(cannot(left, right, "divided")),
    })
}

fn repeat(run: &mut Run, text: &str, times: f64) -> Result<Value, Stop> {
    if times <= 0.0 {
        return Ok(Value::Null);
    }
    let times = position(times.ceil(), u32::MAX as usize).unwrap_or(u32::MAX as usize).max(1);
    run.pay(text.len().saturating_mul(times))?;
    Ok(Value::text(text.repeat(times)))
}

fn merge(run: &mut Run, left: &Value, right: &Value) -> Result<Value, Stop> {
    let (Value::Object(left), Value::Object(right)) = (left, right) else { return Ok(right.clone()) };
    run.pay(48 * (left.entries.len() + right.entries.len()))?;
    let mut entries = left.entries.clone();
    for (key, value) in &right.entries {
        let merged = match entries.get(key) {
            Some(before) => run.deeper(|run| merge(run, before, value))?,
            None => value.clone(),
        };
        entries.insert(key.clone(), merged);
    }
    Ok(Value::object(entries)?)
}

fn cannot(left: &Value, right: &Value, what: &str) -> Stop {
    Stop::error(format!("{} and {} cannot be {what}", described(left), described(right)))
}

/// A value as errors show it: its kind and the start of its JSON.
pub(super) fn described(value: &Value) -> String {
    const SHOWN: usize = 11;
    let json = match value {
        Value::Array(array) if array.items.len() > SHOWN => "[...".to_owned(),
        Value::Object(object) if object.entries.len() > SHOWN => "{...".to_owned(),
        other => text::to_json(other),
    };
    if json.chars().count() <= SHOWN {
        return format!("{} ({json})", value.kind());
    }
    format!("{} ({}...)", value.kind(), json.chars().take(SHOWN - 1).collect::<String>())
}

pub(super) fn string(value: &Value) -> Result<&str, Stop> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(Stop::error(format!("{} is not a string", described(other)))),
    }
}

pub(super) fn number(value: &Value) -> Result<f64, Stop> {
    match value {
        Value::Number(number) => Ok(*number),
        other => Err(Stop::error(format!("{} number required", described(other)))),
    }
}
