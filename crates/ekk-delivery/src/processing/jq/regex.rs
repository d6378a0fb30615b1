//! Regular expressions, by the crate `regex`: what they take grows with the text, not with the expression.

use std::{collections::BTreeMap, rc::Rc};

use ::regex::{Captures, Regex, RegexBuilder};

use super::{
    builtin::string,
    eval::{Closure, Outcome, Run, Stop},
    value::Value,
};

/// Bytes of a compiled expression.
const COMPILED_BYTES: usize = 1 << 20;

struct Expression {
    regex: Regex,
    /// Whether all matches count, not the first alone.
    global: bool,
}

/// Functions of regular expressions whose arguments were evaluated; none when `name` is not one of them.
pub(super) fn call(
    run: &mut Run,
    name: &str,
    input: &Value,
    arguments: &[Value],
    out: &mut Vec<Value>,
) -> Option<Outcome> {
    let (expression, flags) = match (name, arguments) {
        ("test" | "match" | "capture" | "scan" | "splits", [Value::Array(both)]) => {
            (both.items.first()?, both.items.get(1))
        }
        ("test" | "match" | "capture" | "scan" | "splits", [expression]) => (expression, None),
        ("test" | "match" | "capture" | "split" | "splits", [expression, flags]) => (expression, Some(flags)),
        _ => return None,
    };
    Some(matched(run, name, input, (expression, flags), out))
}

fn matched(
    run: &mut Run,
    name: &str,
    input: &Value,
    (expression, flags): (&Value, Option<&Value>),
    out: &mut Vec<Value>,
) -> Outcome {
    let expression = compile(run, expression, flags)?;
    let text = searched(input)?;
    // Searching takes at most the product of both lengths.
    run.pay(text.len() * 16)?;
    match name {
        "test" => return run.give(Value::Bool(expression.regex.is_match(text)), out),
        "split" => {
            let parts = expression.regex.split(text).map(Value::text).collect();
            return run.give(Value::array(parts)?, out);
        }
        "splits" => return expression.regex.split(text).try_for_each(|part| run.give(Value::text(part), out)),
        _ => {}
    }
    let most = if expression.global || name == "scan" { usize::MAX } else { 1 };
    for captures in expression.regex.captures_iter(text).take(most) {
        let value = match name {
            "match" => described(&expression.regex, text, &captures)?,
            "capture" => named(&expression.regex, &captures)?,
            _ => scanned(&captures)?,
        };
        run.give(value, out)?;
    }
    Ok(())
}

/// `sub` and `gsub`, whose replacement is called with the named groups.
pub(super) fn substitute(
    run: &mut Run,
    name: &str,
    arguments: &[Closure<'_>],
    input: &Value,
    out: &mut Vec<Value>,
) -> Option<Outcome> {
    match (name, arguments) {
        ("sub" | "gsub", [expression, replacement]) => {
            Some(replace(run, name == "gsub", [expression, replacement], None, (input, out)))
        }
        ("sub" | "gsub", [expression, replacement, flags]) => {
            Some(replace(run, name == "gsub", [expression, replacement], Some(flags), (input, out)))
        }
        _ => None,
    }
}

fn replace(
    run: &mut Run,
    all: bool,
    [expression, replacement]: [&Closure<'_>; 2],
    flags: Option<&Closure<'_>>,
    (input, out): (&Value, &mut Vec<Value>),
) -> Outcome {
    let flags = match flags {
        Some(flags) => run.all(flags, input)?.into_iter().next(),
        None => None,
    };
    for expression in run.all(expression, input)? {
        let expression = compile(run, &expression, flags.as_ref())?;
        let text = searched(input)?;
        run.pay(text.len() * 16)?;
        let most = if all || expression.global { usize::MAX } else { 1 };
        let (mut replaced, mut from) = (String::new(), 0);
        for captures in expression.regex.captures_iter(text).take(most) {
            let Some(whole) = captures.get(0) else { continue };
            replaced.push_str(text.get(from..whole.start()).unwrap_or_default());
            let groups = named(&expression.regex, &captures)?;
            for value in run.all(replacement, &groups)?.iter().take(1) {
                replaced.push_str(string(value)?);
            }
            run.pay(replaced.len())?;
            from = whole.end();
        }
        replaced.push_str(text.get(from..).unwrap_or_default());
        run.give(Value::text(replaced), out)?;
    }
    Ok(())
}

fn searched(input: &Value) -> Result<&str, Stop> {
    match input {
        Value::String(text) => Ok(text),
        other => {
            Err(Stop::error(format!("{} cannot be matched, as it is not a string", super::builtin::described(other))))
        }
    }
}

fn compile(run: &mut Run, expression: &Value, flags: Option<&Value>) -> Result<Expression, Stop> {
    let source = string(expression)?;
    run.pay(source.len() * 256)?;
    let mut builder = RegexBuilder::new(source);
    builder.size_limit(COMPILED_BYTES);
    let mut global = false;
    let flags = match flags {
        None | Some(Value::Null) => "",
        Some(flags) => string(flags)?,
    };
    for flag in flags.chars() {
        match flag {
            'g' => global = true,
            'i' => {
                builder.case_insensitive(true);
            }
            'x' => {
                builder.ignore_whitespace(true);
            }
            's' | 'p' => {
                builder.dot_matches_new_line(true);
            }
            'n' | 'l' => {}
            _ => return Err(Stop::error(format!("{flags} is not a valid modifier string"))),
        }
    }
    let regex = builder
        .build()
        .map_err(|error| Stop::error(format!("{source} (at offset 0) is not a valid regex: {error}")))?;
    Ok(Expression { regex, global })
}

/// The object of `match`, with offsets and lengths in characters.
fn described(regex: &Regex, text: &str, captures: &Captures<'_>) -> Result<Value, Stop> {
    let part = |group: Option<::regex::Match<'_>>| -> [(Rc<str>, Value); 3] {
        let (offset, length, string) = match group {
            Some(group) => (
                Value::count(text.get(..group.start()).map_or(0, |before| before.chars().count())),
                Value::count(group.as_str().chars().count()),
                Value::text(group.as_str()),
            ),
            None => (Value::Number(-1.0), Value::Number(0.0), Value::Null),
        };
        [(Rc::from("offset"), offset), (Rc::from("length"), length), (Rc::from("string"), string)]
    };
    let groups = regex.capture_names().enumerate().skip(1).map(|(place, name)| {
        let mut entries: BTreeMap<Rc<str>, Value> = part(captures.get(place)).into_iter().collect();
        entries.insert(Rc::from("name"), name.map_or(Value::Null, Value::text));
        Value::object(entries)
    });
    let groups = Value::array(groups.collect::<Result<_, _>>()?)?;
    let mut entries: BTreeMap<Rc<str>, Value> = part(captures.get(0)).into_iter().collect();
    entries.insert(Rc::from("captures"), groups);
    Ok(Value::object(entries)?)
}

/// The named groups with their texts.
fn named(regex: &Regex, captures: &Captures<'_>) -> Result<Value, Stop> {
    let groups = regex.capture_names().enumerate().filter_map(|(place, name)| {
        let text = captures.get(place).map_or(Value::Null, |group| Value::text(group.as_str()));
        Some((Rc::from(name?), text))
    });
    Ok(Value::object(groups.collect())?)
}

/// What `scan` gives: the match, or its groups when there are any.
fn scanned(captures: &Captures<'_>) -> Result<Value, Stop> {
    let text = |place| captures.get(place).map_or(Value::Null, |group| Value::text(group.as_str()));
    if captures.len() == 1 {
        return Ok(text(0));
    }
    Ok(Value::array((1..captures.len()).map(text).collect())?)
}
