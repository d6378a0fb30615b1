//! Functions over arrays and objects, and those that take parts of the program as arguments.

use std::{cmp::Ordering, collections::BTreeMap, rc::Rc};

use super::{add, described, index, number, position, string};
use crate::processing::jq::{
    eval::{Closure, Outcome, Run, Stop},
    text,
    value::Value,
};

/// Functions that call their arguments; none when `name` is not one of them.
pub(super) fn of_closures(
    run: &mut Run,
    name: &str,
    arguments: &[Closure<'_>],
    input: &Value,
    out: &mut Vec<Value>,
) -> Option<Outcome> {
    Some(match (name, arguments) {
        ("map", [each]) => items(run, input).and_then(|items| {
            let mut mapped = Vec::new();
            items.iter().try_for_each(|item| run.call(each, item, &mut mapped))?;
            run.give(Value::array(mapped)?, out)
        }),
        ("map_values", [each]) => map_values(run, each, input, out),
        ("select", [test]) => run.all(test, input).and_then(|values| {
            values.iter().filter(|value| value.is_true()).try_for_each(|_| run.give(input.clone(), out))
        }),
        ("recurse", [step]) => recurse(run, step, None, input, out),
        ("recurse", [step, test]) => recurse(run, step, Some(test), input, out),
        ("with_entries", [each]) => with_entries(run, each, input, out),
        ("any" | "all", [test]) => items(run, input).and_then(|items| quantify(run, name, &items, test, out)),
        ("any" | "all", [source, test]) => {
            run.all(source, input).and_then(|values| quantify(run, name, &values, test, out))
        }
        ("sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", [key]) => by_key(run, name, key, input, out),
        ("first" | "last", [source]) => one_of(run, name, source, input, out),
        ("limit", [count, source]) => limit(run, count, source, input, out),
        ("nth", [place, source]) => nth(run, place, source, input, out),
        ("isempty", [source]) => {
            let mut values = Vec::new();
            match run.call(source, input, &mut values) {
                Err(stop) if values.is_empty() || matches!(stop, Stop::Over(_)) => Err(stop),
                _ => run.give(Value::Bool(values.is_empty()), out),
            }
        }
        ("until", [test, step]) => until(run, test, step, input, out),
        ("while", [test, step]) => run.deeper(|run| repeat(run, Some(test), step, input, out)),
        ("repeat", [step]) => run.deeper(|run| repeat(run, None, step, input, out)),
        ("walk", [each]) => run.deeper(|run| walk(run, each, input, out)),
        ("join", [separator]) => run
            .all(separator, input)
            .and_then(|separators| separators.iter().try_for_each(|separator| join(run, separator, input, out))),
        _ => return None,
    })
}

/// The values in an array or an object.
fn items(run: &mut Run, input: &Value) -> Result<Vec<Value>, Stop> {
    let mut items = Vec::new();
    run.iterate(input, &mut items).map(|()| items)
}

fn map_values(run: &mut Run, each: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    let Value::Object(object) = input else {
        let mut mapped = Vec::new();
        for item in items(run, input)? {
            mapped.extend(run.all(each, &item)?.into_iter().next());
        }
        return run.give(Value::array(mapped)?, out);
    };
    let mut entries = BTreeMap::new();
    for (key, value) in &object.entries {
        if let Some(value) = run.all(each, value)?.into_iter().next() {
            entries.insert(key.clone(), value);
        }
    }
    run.give(Value::object(entries)?, out)
}

fn recurse(
    run: &mut Run,
    step: &Closure<'_>,
    test: Option<&Closure<'_>>,
    input: &Value,
    out: &mut Vec<Value>,
) -> Outcome {
    run.give(input.clone(), out)?;
    for next in run.all(step, input)? {
        let goes_on = match test {
            Some(test) => run.all(test, &next)?.iter().any(Value::is_true),
            None => true,
        };
        if goes_on {
            run.deeper(|run| recurse(run, step, test, &next, out))?;
        }
    }
    Ok(())
}

fn with_entries(run: &mut Run, each: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    let mut mapped = Vec::new();
    for entry in entries_of(input)? {
        run.call(each, &entry, &mut mapped)?;
    }
    let object = from_entries(&mapped)?;
    run.give(object, out)
}

fn quantify(run: &mut Run, name: &str, values: &[Value], test: &Closure<'_>, out: &mut Vec<Value>) -> Outcome {
    let is_any = name == "any";
    let mut result = !is_any;
    for value in values {
        let holds = run.all(test, value)?.iter().any(|value| value.is_true() == is_any);
        if holds {
            result = is_any;
            break;
        }
    }
    run.give(Value::Bool(result), out)
}

fn by_key(run: &mut Run, name: &str, key: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    let mut keyed = Vec::new();
    for item in array(input)? {
        keyed.push((Value::array(run.all(key, item)?)?, item.clone()));
    }
    pay_for_sorting(run, keyed.len())?;
    let value = match name {
        "min_by" => keyed.into_iter().reduce(|best, next| if next.0.compare(&best.0).is_lt() { next } else { best }),
        "max_by" => keyed.into_iter().reduce(|best, next| if next.0.compare(&best.0).is_ge() { next } else { best }),
        _ => {
            keyed.sort_by(|left, right| left.0.compare(&right.0));
            let value = grouped(name, &keyed)?;
            return run.give(value, out);
        }
    };
    run.give(value.map_or(Value::Null, |(_, value)| value), out)
}

fn grouped(name: &str, keyed: &[(Value, Value)]) -> Result<Value, Stop> {
    let groups = keyed.chunk_by(|left, right| left.0.compare(&right.0) == Ordering::Equal);
    let items: Result<Vec<Value>, String> = match name {
        "sort_by" => Ok(keyed.iter().map(|(_, item)| item.clone()).collect()),
        "unique_by" => Ok(groups.filter_map(|group| group.first()).map(|(_, item)| item.clone()).collect()),
        _ => groups.map(|group| Value::array(group.iter().map(|(_, item)| item.clone()).collect())).collect(),
    };
    Ok(Value::array(items?)?)
}

/// The first or last output; what comes after the first does not matter, an error either.
fn one_of(run: &mut Run, name: &str, source: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    let mut values = Vec::new();
    let ended = run.call(source, input, &mut values);
    let found = if name == "first" { values.into_iter().next() } else { values.pop() };
    match (ended, found) {
        (Err(stop @ Stop::Over(_)), _) => Err(stop),
        (Err(stop), _) if name == "last" => Err(stop),
        (Err(stop), None) => Err(stop),
        (_, Some(value)) => run.give(value, out),
        (Ok(()), None) => Ok(()),
    }
}

fn limit(run: &mut Run, count: &Closure<'_>, source: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    for count in run.all(count, input)? {
        let most = position(number(&count)?.max(0.0), usize::MAX).unwrap_or(0);
        if most == 0 {
            continue;
        }
        let mut values = Vec::new();
        let ended = run.call(source, input, &mut values);
        let enough = values.len() >= most;
        out.extend(values.into_iter().take(most));
        match ended {
            Err(Stop::Error(_) | Stop::Break(_)) if enough => {}
            other => other?,
        }
    }
    Ok(())
}

fn nth(run: &mut Run, place: &Closure<'_>, source: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    for place in run.all(place, input)? {
        let place = number(&place)?;
        if place < 0.0 {
            return Err(Stop::error("Out of bounds negative array index"));
        }
        let values = run.all(source, input)?;
        let found = position(place, values.len()).and_then(|place| values.get(place).cloned());
        found.into_iter().try_for_each(|value| run.give(value, out))?;
    }
    Ok(())
}

fn until(run: &mut Run, test: &Closure<'_>, step: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    let mut value = input.clone();
    while !run.all(test, &value)?.first().is_some_and(Value::is_true) {
        let Some(next) = run.all(step, &value)?.into_iter().next() else { return Ok(()) };
        value = next;
    }
    run.give(value, out)
}

/// `while` with a test, `repeat` without.
fn repeat(
    run: &mut Run,
    test: Option<&Closure<'_>>,
    step: &Closure<'_>,
    input: &Value,
    out: &mut Vec<Value>,
) -> Outcome {
    if let Some(test) = test
        && !run.all(test, input)?.first().is_some_and(Value::is_true)
    {
        return Ok(());
    }
    run.give(input.clone(), out)?;
    let mut values = run.all(step, input)?;
    // The usual case of one value goes on without another call inside this one.
    while values.len() == 1
        && let Some(value) = values.pop()
    {
        if let Some(test) = test
            && !run.all(test, &value)?.first().is_some_and(Value::is_true)
        {
            return Ok(());
        }
        run.give(value.clone(), out)?;
        values = run.all(step, &value)?;
    }
    values.iter().try_for_each(|value| run.deeper(|run| repeat(run, test, step, value, out)))
}

fn walk(run: &mut Run, each: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
    let inner = match input {
        Value::Array(array) => {
            let mut walked = Vec::new();
            array.items.iter().try_for_each(|item| run.deeper(|run| walk(run, each, item, &mut walked)))?;
            Value::array(walked)?
        }
        Value::Object(object) => {
            let mut entries = BTreeMap::new();
            for (key, value) in &object.entries {
                let mut walked = Vec::new();
                run.deeper(|run| walk(run, each, value, &mut walked))?;
                walked.into_iter().take(1).for_each(|value| drop(entries.insert(key.clone(), value)));
            }
            Value::object(entries)?
        }
        other => other.clone(),
    };
    run.call(each, &inner, out)
}

fn join(run: &mut Run, separator: &Value, input: &Value, out: &mut Vec<Value>) -> Outcome {
    let mut joined = String::new();
    for (place, item) in items(run, input)?.iter().enumerate() {
        if place > 0 {
            joined.push_str(string(separator)?);
        }
        match item {
            Value::Null => {}
            Value::Array(_) | Value::Object(_) => {
                let shown = described(&Value::text(joined));
                return Err(Stop::error(format!("{shown} and {} cannot be added", described(item))));
            }
            other => joined.push_str(&text::format("text", other).map_err(Stop::error)?),
        }
        run.pay(joined.len())?;
    }
    run.give(Value::text(joined), out)
}

/// Functions without arguments that give one output; none when `name` is not one of them.
pub(super) fn of_input(run: &mut Run, name: &str, input: &Value) -> Result<Option<Value>, Stop> {
    Ok(Some(match name {
        "keys" | "keys_unsorted" => keys(input)?,
        "to_entries" => Value::array(entries_of(input)?)?,
        "from_entries" => from_entries(&items(run, input)?)?,
        "add" => {
            let mut sum = Value::Null;
            for item in items(run, input)? {
                run.pay(sum.own_bytes() + item.own_bytes())?;
                sum = add(&sum, &item)?;
            }
            sum
        }
        "any" => Value::Bool(items(run, input)?.iter().any(Value::is_true)),
        "all" => Value::Bool(items(run, input)?.iter().all(Value::is_true)),
        "flatten" => flatten(run, input, f64::INFINITY)?,
        "sort" | "unique" | "min" | "max" => sorted(run, name, input)?,
        "reverse" => match input {
            Value::Null => Value::array(Vec::new())?,
            Value::String(text) if text.is_empty() => Value::array(Vec::new())?,
            other => Value::array(array(other)?.iter().rev().cloned().collect())?,
        },
        "transpose" => transpose(run, input)?,
        "first" => index(input, &Value::Number(0.0))?,
        "last" => index(input, &Value::Number(-1.0))?,
        _ => return Ok(None),
    }))
}

/// `..`: a value, and all that are in it.
pub(super) fn descend(run: &mut Run, input: &Value, out: &mut Vec<Value>) -> Outcome {
    run.give(input.clone(), out)?;
    let inner: Vec<&Value> = match input {
        Value::Array(array) => array.items.iter().collect(),
        Value::Object(object) => object.entries.values().collect(),
        _ => Vec::new(),
    };
    inner.into_iter().try_for_each(|value| run.deeper(|run| descend(run, value, out)))
}

fn keys(input: &Value) -> Result<Value, Stop> {
    let keys = match input {
        Value::Object(object) => object.entries.keys().cloned().map(Value::String).collect(),
        Value::Array(array) => (0..array.items.len()).map(Value::count).collect(),
        other => return Err(Stop::error(format!("{} has no keys", described(other)))),
    };
    Ok(Value::array(keys)?)
}

fn entries_of(input: &Value) -> Result<Vec<Value>, Stop> {
    let Value::Object(object) = input else {
        return Err(Stop::error(format!("{} has no keys", described(input))));
    };
    let entry = |(key, value): (&Rc<str>, &Value)| {
        let entries = [(Rc::from("key"), Value::String(key.clone())), (Rc::from("value"), value.clone())];
        Ok(Value::object(entries.into_iter().collect())?)
    };
    object.entries.iter().map(entry).collect()
}

/// jq takes the names `key`, `k`, `name` and `Name`, `Key`, `K`, and the like for values.
fn from_entries(items: &[Value]) -> Result<Value, Stop> {
    let mut entries = BTreeMap::new();
    for item in items {
        let mut key = Value::Null;
        for name in ["key", "k", "name", "Name", "Key", "K"] {
            let found = index(item, &Value::text(name))?;
            if !matches!(found, Value::Null | Value::Bool(false))
                || matches!(found, Value::Bool(false)) && name == "key"
            {
                key = found;
                break;
            }
        }
        let mut value = Value::Null;
        for name in ["value", "v", "Value", "V"] {
            if let Value::Object(object) = item
                && let Some(found) = object.entries.get(name)
            {
                value = found.clone();
                break;
            }
        }
        let key = match &key {
            Value::String(key) => key.clone(),
            Value::Number(_) | Value::Bool(_) => Rc::from(text::to_json(&key)),
            Value::Null => Rc::from("null"),
            other => return Err(Stop::error(format!("Cannot use {} as object key", described(other)))),
        };
        entries.insert(key, value);
    }
    Ok(Value::object(entries)?)
}

fn flatten(run: &mut Run, input: &Value, levels: f64) -> Result<Value, Stop> {
    if levels < 0.0 {
        return Err(Stop::error("flatten depth must not be negative"));
    }
    let mut flat = Vec::new();
    let items = items(run, input)?;
    flatten_into(run, &items, levels, &mut flat)?;
    Ok(Value::array(flat)?)
}

fn flatten_into(run: &mut Run, items: &[Value], levels: f64, flat: &mut Vec<Value>) -> Outcome {
    for item in items {
        match item {
            Value::Array(array) if levels > 0.0 => {
                run.deeper(|run| flatten_into(run, &array.items, levels - 1.0, flat))?;
            }
            other => run.give(other.clone(), flat)?,
        }
    }
    Ok(())
}

fn sorted(run: &mut Run, name: &str, input: &Value) -> Result<Value, Stop> {
    let mut items = array(input)?.to_vec();
    pay_for_sorting(run, items.len())?;
    items.sort_by(Value::compare);
    Ok(match name {
        "min" => items.into_iter().next().unwrap_or(Value::Null),
        "max" => items.pop().unwrap_or(Value::Null),
        "unique" => {
            items.dedup_by(|left, right| left.compare(right).is_eq());
            Value::array(items)?
        }
        _ => Value::array(items)?,
    })
}

fn pay_for_sorting(run: &mut Run, items: usize) -> Outcome {
    run.pay(64 * items * (items.max(2).ilog2() as usize))
}

fn transpose(run: &mut Run, input: &Value) -> Result<Value, Stop> {
    let rows = array(input)?.iter().map(array).collect::<Result<Vec<_>, _>>()?;
    let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    run.pay(64 * width * rows.len())?;
    let column = |place| Value::array(rows.iter().map(|row| row.get(place).cloned().unwrap_or(Value::Null)).collect());
    Ok(Value::array((0..width).map(column).collect::<Result<_, String>>()?)?)
}

/// Functions of one argument that was evaluated.
pub(super) fn with_one(run: &mut Run, name: &str, input: &Value, argument: &Value) -> Result<Value, Stop> {
    match name {
        "flatten" => flatten(run, input, number(argument)?),
        "nth" => index(input, argument),
        "split" => Ok(text::split(string(input)?, string(argument)?)?),
        "index" | "rindex" | "indices" => {
            let places = match (input, argument) {
                (Value::Null, _) => return Ok(Value::Null),
                (Value::String(text), Value::String(part)) => text::places(text, part)?,
                (Value::Array(array), Value::Array(part)) => places(&array.items, &part.items)?,
                (Value::Array(array), part) => places(&array.items, std::slice::from_ref(part))?,
                _ => index(input, argument)?,
            };
            let place = match name {
                "index" => 0.0,
                "rindex" => -1.0,
                _ => return Ok(places),
            };
            index(&places, &Value::Number(place))
        }
        _ => Err(Stop::Over(format!("{name}/1 is not supported"))),
    }
}

/// Where `part` begins in `items`.
pub(super) fn places(items: &[Value], part: &[Value]) -> Result<Value, Stop> {
    let is_part = |window: &[Value]| window.iter().zip(part).all(|(left, right)| left.compare(right).is_eq());
    let found: Vec<Value> = if part.is_empty() {
        return Ok(Value::Null);
    } else {
        items
            .windows(part.len())
            .enumerate()
            .filter(|(_, window)| is_part(window))
            .map(|(at, _)| Value::count(at))
            .collect()
    };
    Ok(Value::array(found)?)
}

fn array(value: &Value) -> Result<&[Value], Stop> {
    match value {
        Value::Array(array) => Ok(&array.items),
        other => Err(Stop::error(format!("{} is not an array", described(other)))),
    }
}
