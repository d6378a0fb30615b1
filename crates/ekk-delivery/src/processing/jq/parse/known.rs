//! Whether every name in a program means something, so that a program which is not supported is refused before it runs.

use super::{Ast, Function, Pattern, TextPart};
use crate::processing::jq::builtin;

/// Checks the names of a program.
pub(super) fn check(ast: &Ast) -> Result<(), String> {
    walk(ast, &mut Scope::default())
}

/// What is known at a place of the program.
#[derive(Default)]
struct Scope {
    /// Functions as `name/arity`, variables as `$name`, labels as `*name`.
    names: Vec<String>,
    depth: u32,
}

/// Chains such as `.a.b.c` are nested although they have no parentheses, so the depth is bounded here too.
fn walk(ast: &Ast, scope: &mut Scope) -> Result<(), String> {
    if scope.depth == super::DEPTH {
        return Err(super::too_deep());
    }
    scope.depth += 1;
    let result = walk_here(ast, scope);
    scope.depth -= 1;
    result
}

fn walk_here(ast: &Ast, scope: &mut Scope) -> Result<(), String> {
    match ast {
        Ast::Identity | Ast::Number(_) | Ast::Format(_) | Ast::Array(None) => Ok(()),
        Ast::Text { parts, .. } => parts.iter().try_for_each(|part| match part {
            TextPart::Literal(_) => Ok(()),
            TextPart::Insert(ast) => walk(ast, scope),
        }),
        Ast::Index(left, right) | Ast::Binary(_, left, right) => {
            walk(left, scope)?;
            walk(right, scope)
        }
        Ast::Slice(target, from, to) => {
            walk(target, scope)?;
            [from, to].into_iter().flatten().try_for_each(|end| walk(end, scope))
        }
        Ast::Iterate(inner) | Ast::Negate(inner) | Ast::Array(Some(inner)) => walk(inner, scope),
        Ast::Try(body, catch) => {
            walk(body, scope)?;
            catch.iter().try_for_each(|catch| walk(catch, scope))
        }
        Ast::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            walk(key, scope)?;
            walk(value, scope)
        }),
        Ast::Pipe(parts) | Ast::Comma(parts) => parts.iter().try_for_each(|part| walk(part, scope)),
        Ast::If(branches, rest) => {
            for (condition, then) in branches {
                walk(condition, scope)?;
                walk(then, scope)?;
            }
            walk(rest, scope)
        }
        Ast::Reduce { source, pattern, start, update } => {
            walk(source, scope)?;
            walk(start, scope)?;
            bound(pattern, scope, |scope| walk(update, scope))
        }
        Ast::Foreach { source, pattern, start, update, extract } => {
            walk(source, scope)?;
            walk(start, scope)?;
            bound(pattern, scope, |scope| {
                walk(update, scope)?;
                walk(extract, scope)
            })
        }
        Ast::Bind { source, pattern, body } => {
            walk(source, scope)?;
            bound(pattern, scope, |scope| walk(body, scope))
        }
        Ast::Label(name, body) => within(scope, vec![format!("*{name}")], |scope| walk(body, scope)),
        Ast::Break(name) => known(scope, &format!("*{name}"), || format!("$*label-{name} is not defined")),
        Ast::Variable(name) => known(scope, &format!("${name}"), || format!("${name} is not defined")),
        Ast::Call(name, arguments) => call(name, arguments, scope),
        Ast::Define { function, rest } => define(function, rest, scope),
    }
}

fn call(name: &str, arguments: &[Ast], scope: &mut Scope) -> Result<(), String> {
    arguments.iter().try_for_each(|argument| walk(argument, scope))?;
    let signature = format!("{name}/{}", arguments.len());
    if builtin::is_known(name, arguments.len()) {
        return Ok(());
    }
    known(scope, &signature, || format!("{signature} is not defined or not supported"))
}

fn define(function: &Function, rest: &Ast, scope: &mut Scope) -> Result<(), String> {
    let signature = format!("{}/{}", function.name, function.parameters.len());
    let mut inside = vec![signature.clone()];
    inside.extend(
        function
            .parameters
            .iter()
            .map(|parameter| if parameter.starts_with('$') { parameter.clone() } else { format!("{parameter}/0") }),
    );
    within(scope, inside, |scope| walk(&function.body, scope))?;
    within(scope, vec![signature], |scope| walk(rest, scope))
}

fn known(scope: &Scope, name: &str, message: impl FnOnce() -> String) -> Result<(), String> {
    if scope.names.iter().any(|known| known == name) { Ok(()) } else { Err(message()) }
}

fn bound(
    pattern: &Pattern,
    scope: &mut Scope,
    then: impl FnOnce(&mut Scope) -> Result<(), String>,
) -> Result<(), String> {
    let mut names = Vec::new();
    variables(pattern, &mut names);
    within(scope, names, then)
}

fn variables(pattern: &Pattern, names: &mut Vec<String>) {
    match pattern {
        Pattern::Variable(name) => names.push(format!("${name}")),
        Pattern::Array(items) => items.iter().for_each(|item| variables(item, names)),
        Pattern::Object(entries) => {
            for (_, variable, inner) in entries {
                names.extend(variable.iter().map(|name| format!("${name}")));
                if let Some(inner) = inner {
                    variables(inner, names);
                }
            }
        }
    }
}

fn within(
    scope: &mut Scope,
    names: Vec<String>,
    then: impl FnOnce(&mut Scope) -> Result<(), String>,
) -> Result<(), String> {
    let before = scope.names.len();
    scope.names.extend(names);
    let result = then(scope);
    scope.names.truncate(before);
    result
}
