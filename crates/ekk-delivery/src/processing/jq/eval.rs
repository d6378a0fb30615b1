//! Runs a program: all outputs of a part are made before the next part sees them, and every step is paid for.

use std::rc::Rc;

use super::{
    DEPTH, builtin,
    parse::{Ast, Function, Operator, Pattern, TextPart},
    text,
    value::Value,
};

/// Why an evaluation ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// An error that `try` catches.
    Error(Value),
    /// `break` to the label of this number.
    Break(u64),
    /// The run has cost too much; nothing catches this.
    Over(String),
}

impl Stop {
    pub(super) fn error(message: impl Into<String>) -> Self {
        Self::Error(Value::text(message.into()))
    }
}

/// A bound of the interpreter that a value broke.
impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Over(reason)
    }
}

pub(super) type Outcome = Result<(), Stop>;

/// What names mean: a list, the innermost first.
#[derive(Clone, Debug, Default)]
pub(super) struct Names<'a>(Option<Rc<Named<'a>>>);

#[derive(Debug)]
struct Named<'a> {
    meaning: Meaning<'a>,
    outer: Names<'a>,
}

#[derive(Debug)]
enum Meaning<'a> {
    Variable(&'a str, Value),
    /// Its body sees itself, and the names around its definition.
    Function(&'a Function),
    /// An argument, with the names at the call.
    Argument(&'a str, Closure<'a>),
    Label(&'a str, u64),
}

/// A part of the program with the names that it sees.
#[derive(Clone, Debug)]
pub(super) struct Closure<'a> {
    ast: &'a Ast,
    names: Names<'a>,
}

impl<'a> Names<'a> {
    fn with(&self, meaning: Meaning<'a>) -> Self {
        Self(Some(Rc::new(Named { meaning, outer: self.clone() })))
    }

    fn find<T>(&self, mut test: impl FnMut(&Meaning<'a>, &Self) -> Option<T>) -> Option<T> {
        let mut names = self;
        while let Some(named) = &names.0 {
            if let Some(found) = test(&named.meaning, names) {
                return Some(found);
            }
            names = &named.outer;
        }
        None
    }
}

/// Where in a run an evaluation is.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'s, 'a> {
    names: &'s Names<'a>,
    pub(super) input: &'s Value,
}

/// One run of a program.
#[derive(Debug)]
pub(super) struct Run {
    steps: u64,
    depth: u32,
    labels: u64,
}

impl Run {
    pub(super) fn new(steps: u64) -> Self {
        Self { steps, depth: 0, labels: 0 }
    }

    /// All outputs; when an error comes after some of them, those.
    pub(super) fn outputs(mut self, ast: &Ast, input: &Value) -> Result<Vec<Value>, String> {
        let mut out = Vec::new();
        match self.eval(ast, At { names: &Names::default(), input }, &mut out) {
            Err(Stop::Over(reason)) => Err(reason),
            Err(Stop::Error(Value::String(message))) if out.is_empty() => Err(message.to_string()),
            Err(Stop::Error(value)) if out.is_empty() => Err(text::to_json(&value)),
            Err(Stop::Break(_)) if out.is_empty() => Err("break".to_owned()),
            _ => Ok(out),
        }
    }

    /// Pays for something of so many `bytes`.
    pub(super) fn pay(&mut self, bytes: usize) -> Outcome {
        let cost = 1 + bytes as u64 / 64;
        match self.steps.checked_sub(cost) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(Stop::Over(format!("the query takes more than {} steps", super::STEPS))),
        }
    }

    /// Appends an output.
    pub(super) fn give(&mut self, value: Value, out: &mut Vec<Value>) -> Outcome {
        self.pay(value.own_bytes())?;
        out.push(value);
        Ok(())
    }

    pub(super) fn call(&mut self, closure: &Closure<'_>, input: &Value, out: &mut Vec<Value>) -> Outcome {
        self.eval(closure.ast, At { names: &closure.names, input }, out)
    }

    /// All outputs of `closure`.
    pub(super) fn all(&mut self, closure: &Closure<'_>, input: &Value) -> Result<Vec<Value>, Stop> {
        let mut out = Vec::new();
        self.call(closure, input, &mut out).map(|()| out)
    }

    fn eval_all<'a>(&mut self, ast: &'a Ast, at: At<'_, 'a>) -> Result<Vec<Value>, Stop> {
        let mut out = Vec::new();
        self.eval(ast, at, &mut out).map(|()| out)
    }

    /// Appends the outputs of `ast`; they stay there when it ends early.
    fn eval<'a>(&mut self, ast: &'a Ast, at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        self.pay(0)?;
        self.deeper(|run| run.eval_here(ast, at, out))
    }

    /// Keeps evaluations from being inside one another too deep for the stack.
    pub(super) fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        if self.depth == DEPTH {
            return Err(Stop::Over(format!("the query is nested deeper than {DEPTH} levels")));
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn eval_here<'a>(&mut self, ast: &'a Ast, at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        match ast {
            Ast::Identity => self.give(at.input.clone(), out),
            Ast::Number(number) => self.give(Value::Number(*number), out),
            Ast::Text { format, parts } => self.text(format.as_deref(), parts, at, out),
            Ast::Format(format) => {
                let text = text::format(format, at.input).map_err(Stop::error)?;
                self.give(Value::text(text), out)
            }
            Ast::Index(target, key) => self.index(target, key, at, out),
            Ast::Slice(target, from, to) => self.slice(target, [from.as_deref(), to.as_deref()], at, out),
            Ast::Iterate(target) => {
                for value in self.eval_all(target, at)? {
                    self.iterate(&value, out)?;
                }
                Ok(())
            }
            Ast::Try(body, catch) => self.attempt(body, catch.as_deref(), at, out),
            Ast::Array(None) => self.give(Value::array(Vec::new())?, out),
            Ast::Array(Some(items)) => {
                let items = self.eval_all(items, at)?;
                self.give(Value::array(items)?, out)
            }
            Ast::Object(entries) => builtin::object(self, entries, at, out),
            Ast::Pipe(stages) => self.pipe(stages, at, out),
            Ast::Comma(parts) => parts.iter().try_for_each(|part| self.eval(part, at, out)),
            Ast::Negate(_) | Ast::Binary(..) => self.operate(ast, at, out),
            Ast::If(branches, rest) => self.choose(branches, rest, at, out),
            Ast::Reduce { .. } | Ast::Foreach { .. } | Ast::Bind { .. } => self.bind_each(ast, at, out),
            Ast::Label(name, body) => self.label(name, body, at, out),
            Ast::Break(name) => Err(break_to(name, at.names)),
            Ast::Variable(name) => {
                let value = variable(name, at.names)?;
                self.give(value, out)
            }
            Ast::Call(name, arguments) => self.call_name(name, arguments, at, out),
            Ast::Define { function, rest } => {
                let names = at.names.with(Meaning::Function(function));
                self.eval(rest, At { names: &names, ..at }, out)
            }
        }
    }

    /// The outputs of an entry of an object, for [`builtin::object`].
    pub(super) fn entry<'a>(
        &mut self,
        (key, value): &'a (Ast, Ast),
        at: At<'_, 'a>,
    ) -> Result<(Vec<Value>, Vec<Value>), Stop> {
        Ok((self.eval_all(key, at)?, self.eval_all(value, at)?))
    }

    fn pipe<'a>(&mut self, stages: &'a [Ast], at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        let Some((last, before)) = stages.split_last() else { return Ok(()) };
        let mut values = vec![at.input.clone()];
        let mut ended = Ok(());
        for stage in before {
            let mut next = Vec::new();
            for value in &values {
                if let Err(stop) = self.eval(stage, At { input: value, ..at }, &mut next) {
                    ended = Err(stop);
                    break;
                }
            }
            values = next;
        }
        for value in &values {
            self.eval(last, At { input: value, ..at }, out)?;
        }
        ended
    }

    fn text<'a>(
        &mut self,
        format: Option<&str>,
        parts: &'a [TextPart],
        at: At<'_, 'a>,
        out: &mut Vec<Value>,
    ) -> Outcome {
        let mut texts = vec![String::new()];
        for part in parts {
            let inserted: Vec<String> = match part {
                TextPart::Literal(literal) => vec![literal.clone()],
                TextPart::Insert(ast) => self
                    .eval_all(ast, at)?
                    .iter()
                    .map(|value| text::format(format.unwrap_or("text"), value).map_err(Stop::error))
                    .collect::<Result<_, _>>()?,
            };
            let mut next = Vec::with_capacity(texts.len());
            for insert in &inserted {
                for text in &texts {
                    self.pay(text.len() + insert.len())?;
                    next.push(format!("{text}{insert}"));
                }
            }
            texts = next;
        }
        texts.into_iter().try_for_each(|text| self.give(Value::text(text), out))
    }

    fn index<'a>(&mut self, target: &'a Ast, key: &'a Ast, at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        for value in self.eval_all(target, at)? {
            for key in self.eval_all(key, at)? {
                let found = builtin::index(&value, &key)?;
                self.give(found, out)?;
            }
        }
        Ok(())
    }

    fn slice<'a>(
        &mut self,
        target: &'a Ast,
        ends: [Option<&'a Ast>; 2],
        at: At<'_, 'a>,
        out: &mut Vec<Value>,
    ) -> Outcome {
        let [from, to] = ends.map(|end| match end {
            Some(end) => self.eval_all(end, at),
            None => Ok(vec![Value::Null]),
        });
        let (from, to) = (from?, to?);
        for value in self.eval_all(target, at)? {
            for to in &to {
                for from in &from {
                    let part = builtin::slice(&value, from, to)?;
                    self.give(part, out)?;
                }
            }
        }
        Ok(())
    }

    /// Appends the values in an array or an object.
    pub(super) fn iterate(&mut self, value: &Value, out: &mut Vec<Value>) -> Outcome {
        match value {
            Value::Array(array) => array.items.iter().try_for_each(|item| self.give(item.clone(), out)),
            Value::Object(object) => object.entries.values().try_for_each(|value| self.give(value.clone(), out)),
            other => Err(Stop::error(format!("Cannot iterate over {}", builtin::described(other)))),
        }
    }

    fn attempt<'a>(&mut self, body: &'a Ast, catch: Option<&'a Ast>, at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        match self.eval(body, at, out) {
            Err(Stop::Error(error)) => match catch {
                Some(catch) => self.eval(catch, At { input: &error, ..at }, out),
                None => Ok(()),
            },
            other => other,
        }
    }

    fn operate<'a>(&mut self, ast: &'a Ast, at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        match ast {
            Ast::Binary(Operator::Alternative, left, right) => {
                let mut values = Vec::new();
                let ended = self.eval(left, at, &mut values);
                if let Err(stop @ (Stop::Over(_) | Stop::Break(_))) = ended {
                    return Err(stop);
                }
                values.retain(Value::is_true);
                if values.is_empty() {
                    return self.eval(right, at, out);
                }
                out.append(&mut values);
                Ok(())
            }
            Ast::Binary(operator @ (Operator::Or | Operator::And), left, right) => {
                for left in self.eval_all(left, at)? {
                    if left.is_true() == (*operator == Operator::Or) {
                        self.give(Value::Bool(left.is_true()), out)?;
                        continue;
                    }
                    for right in self.eval_all(right, at)? {
                        self.give(Value::Bool(right.is_true()), out)?;
                    }
                }
                Ok(())
            }
            Ast::Binary(operator, left, right) => {
                let rights = self.eval_all(right, at)?;
                let lefts = self.eval_all(left, at)?;
                for right in &rights {
                    for left in &lefts {
                        self.pay(left.own_bytes() + right.own_bytes())?;
                        let value = builtin::operate(self, *operator, left, right)?;
                        self.give(value, out)?;
                    }
                }
                Ok(())
            }
            Ast::Negate(inner) => {
                for value in self.eval_all(inner, at)? {
                    let Value::Number(number) = value else {
                        return Err(Stop::error(format!("{} cannot be negated", builtin::described(&value))));
                    };
                    self.give(Value::Number(-number), out)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn choose<'a>(
        &mut self,
        branches: &'a [(Ast, Ast)],
        rest: &'a Ast,
        at: At<'_, 'a>,
        out: &mut Vec<Value>,
    ) -> Outcome {
        let Some(((condition, then), others)) = branches.split_first() else {
            return self.eval(rest, at, out);
        };
        for value in self.eval_all(condition, at)? {
            if value.is_true() {
                self.eval(then, at, out)?;
            } else {
                self.deeper(|run| run.choose(others, rest, at, out))?;
            }
        }
        Ok(())
    }

    fn bind_each<'a>(&mut self, ast: &'a Ast, at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        match ast {
            Ast::Bind { source, pattern, body } => {
                for value in self.eval_all(source, at)? {
                    let names = self.bind(pattern, &value, at.names.clone(), at.input)?;
                    self.eval(body, At { names: &names, ..at }, out)?;
                }
            }
            Ast::Reduce { source, pattern, start, update } => {
                for mut state in self.eval_all(start, at)? {
                    for value in self.eval_all(source, at)? {
                        let names = self.bind(pattern, &value, at.names.clone(), at.input)?;
                        state =
                            self.eval_all(update, At { names: &names, input: &state })?.pop().unwrap_or(Value::Null);
                    }
                    self.give(state, out)?;
                }
            }
            Ast::Foreach { source, pattern, start, update, extract } => {
                for mut state in self.eval_all(start, at)? {
                    for value in self.eval_all(source, at)? {
                        let names = self.bind(pattern, &value, at.names.clone(), at.input)?;
                        for next in self.eval_all(update, At { names: &names, input: &state })? {
                            self.eval(extract, At { names: &names, input: &next }, out)?;
                            state = next;
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes `value` apart into the variables of `pattern`. A key that gives several values counts with its first.
    fn bind<'a>(
        &mut self,
        pattern: &'a Pattern,
        value: &Value,
        mut names: Names<'a>,
        input: &Value,
    ) -> Result<Names<'a>, Stop> {
        match pattern {
            Pattern::Variable(name) => Ok(names.with(Meaning::Variable(name, value.clone()))),
            Pattern::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    let part = builtin::index(value, &Value::count(place))?;
                    names = self.bind(item, &part, names, input)?;
                }
                Ok(names)
            }
            Pattern::Object(entries) => {
                for (key, variable, inner) in entries {
                    let key =
                        self.eval_all(key, At { names: &names, input })?.into_iter().next().unwrap_or(Value::Null);
                    let part = builtin::index(value, &key)?;
                    if let Some(name) = variable {
                        names = names.with(Meaning::Variable(name, part.clone()));
                    }
                    if let Some(inner) = inner {
                        names = self.bind(inner, &part, names, input)?;
                    }
                }
                Ok(names)
            }
        }
    }

    fn label<'a>(&mut self, name: &'a str, body: &'a Ast, at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        self.labels += 1;
        let label = self.labels;
        let names = at.names.with(Meaning::Label(name, label));
        match self.eval(body, At { names: &names, ..at }, out) {
            Err(Stop::Break(to)) if to == label => Ok(()),
            other => other,
        }
    }

    fn call_name<'a>(&mut self, name: &str, arguments: &'a [Ast], at: At<'_, 'a>, out: &mut Vec<Value>) -> Outcome {
        let found = at.names.find(|meaning, place| match meaning {
            Meaning::Function(function) if function.name == name && function.parameters.len() == arguments.len() => {
                Some(Found::Function(function, place.clone()))
            }
            Meaning::Argument(argument, closure) if *argument == name && arguments.is_empty() => {
                Some(Found::Argument(closure.clone()))
            }
            _ => None,
        });
        match found {
            Some(Found::Argument(closure)) => self.call(&closure, at.input, out),
            Some(Found::Function(function, place)) => self.call_function((function, place), arguments, at, out),
            None => {
                let closures: Vec<Closure<'a>> =
                    arguments.iter().map(|ast| Closure { ast, names: at.names.clone() }).collect();
                builtin::call(self, name, &closures, at.input, out)
            }
        }
    }

    fn call_function<'a>(
        &mut self,
        (function, place): (&'a Function, Names<'a>),
        arguments: &'a [Ast],
        at: At<'_, 'a>,
        out: &mut Vec<Value>,
    ) -> Outcome {
        let mut scopes = vec![place];
        for (parameter, ast) in function.parameters.iter().zip(arguments) {
            let closure = Closure { ast, names: at.names.clone() };
            let mut next = Vec::new();
            let values = match parameter.strip_prefix('$') {
                Some(_) => self.all(&closure, at.input)?,
                None => vec![Value::Null],
            };
            for scope in &scopes {
                for value in &values {
                    self.pay(16)?;
                    next.push(match parameter.strip_prefix('$') {
                        Some(name) => scope.with(Meaning::Variable(name, value.clone())),
                        None => scope.with(Meaning::Argument(parameter, closure.clone())),
                    });
                }
            }
            scopes = next;
        }
        scopes.iter().try_for_each(|names| self.eval(&function.body, At { names, ..at }, out))
    }
}

enum Found<'a> {
    Function(&'a Function, Names<'a>),
    Argument(Closure<'a>),
}

fn variable(name: &str, names: &Names<'_>) -> Result<Value, Stop> {
    let value = names.find(|meaning, _| match meaning {
        Meaning::Variable(found, value) if *found == name => Some(value.clone()),
        _ => None,
    });
    value.ok_or_else(|| Stop::Over(format!("${name} is not defined")))
}

fn break_to(name: &str, names: &Names<'_>) -> Stop {
    let label = names.find(|meaning, _| match meaning {
        Meaning::Label(found, label) if *found == name => Some(*label),
        _ => None,
    });
    label.map_or_else(|| Stop::Over(format!("$*label-{name} is not defined")), Stop::Break)
}
