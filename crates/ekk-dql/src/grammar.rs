//! The grammar: `or` of `and` of `not` of brackets, nested fields, ranges, fields and values.
//!
//! Each rule takes what it can and otherwise leaves the scanner where it was. The order in which rules are tried, and
//! what they are called, is OpenSearch Dashboards', so that errors say the same at the same place.

use crate::{
    complete::Wanted,
    cursor::{At, Found},
    expression::{Expression, Literal, Operator, Term},
    literal,
    scanner::Scanner,
};

/// Bytes of a query; ours, far above what anybody types.
pub const MAX_BYTES: usize = 16 * 1024;

/// Brackets within brackets; ours.
pub const MAX_DEPTH: usize = 100;

/// A text is not a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What was expected and what was found, in OpenSearch Dashboards' words.
    pub message: String,
    /// The place in the text, in bytes; between two characters, at the end at the latest.
    pub at: usize,
}

/// Reads a query. White space alone matches everything.
///
/// # Errors
/// The place at which the text stops being a query, and what could have stood there. [`MAX_BYTES`] and [`MAX_DEPTH`]
/// are limits of ours.
pub fn parse(text: &str) -> Result<Expression, SyntaxError> {
    match read(text, false)? {
        Found::Parsed(expression) => Ok(expression),
        Found::Cursor(at) => Err(SyntaxError { message: "there is a cursor in the text".to_owned(), at: at.start }),
    }
}

/// Reads a query in which the cursor may stand.
pub(crate) fn read(text: &str, with_cursor: bool) -> Result<Found<Expression>, SyntaxError> {
    if text.len() > MAX_BYTES {
        return Err(SyntaxError {
            message: format!("The query has {} bytes, over the limit of {MAX_BYTES}.", text.len()),
            at: 0,
        });
    }
    let mut grammar = Grammar { scanner: Scanner::new(text, with_cursor), depth: 0, too_deep: None };
    let query = grammar.start();
    match (query, grammar.too_deep) {
        (_, Some(at)) => {
            Err(SyntaxError { message: format!("There are over {MAX_DEPTH} brackets within brackets."), at })
        }
        (query, None) if grammar.scanner.rest().is_empty() => Ok(query),
        _ => Err(grammar.error(text)),
    }
}

struct Grammar<'a> {
    scanner: Scanner<'a>,
    depth: usize,
    /// Where there were too many brackets.
    too_deep: Option<usize>,
}

/// The values of one field, before it is known which field that is.
enum Values {
    Is { value: Term, is_phrase: bool },
    And(Vec<Values>),
    Or(Vec<Values>),
    Not(Box<Values>),
}

impl Values {
    fn of(self, field: &Term) -> Expression {
        let all = |values: Vec<Self>| values.into_iter().map(|value| value.of(field)).collect();
        match self {
            Self::Is { value, is_phrase } => Expression::Is { field: field.clone(), value, is_phrase },
            Self::And(values) => Expression::And(all(values)),
            Self::Or(values) => Expression::Or(all(values)),
            Self::Not(value) => Expression::Not(Box::new(value.of(field))),
        }
    }
}

impl Grammar<'_> {
    fn error(&mut self, text: &str) -> SyntaxError {
        if !self.scanner.rest().is_empty() {
            self.scanner.expect("end of input");
        }
        let (at, expected) = self.scanner.farthest();
        let expected: Vec<&str> = expected
            .map(|name| match name {
                "fieldName" => "field name",
                other => other,
            })
            .collect();
        let found = text.get(at..).and_then(|rest| rest.chars().next());
        let found = found.map_or_else(|| "end of input".to_owned(), |character| format!("\"{character}\""));
        SyntaxError { message: format!("Expected {} but {found} found.", expected.join(", ")), at }
    }

    fn start(&mut self) -> Found<Expression> {
        self.scanner.spaces();
        let query = self.or_query();
        if let Some(at) = self.optional_space() {
            return Found::Cursor(at.wanting(&[Wanted::Conjunction]));
        }
        let everything = || {
            let star = || Term::Wildcard(crate::Wildcard { parts: vec![String::new(), String::new()] });
            Expression::Is { field: star(), value: star(), is_phrase: false }
        };
        query.unwrap_or_else(|| Found::Parsed(everything()))
    }

    /// White space, and the cursor if it is in there.
    fn optional_space(&mut self) -> Option<At> {
        let start = self.scanner.at;
        self.scanner.spaces();
        if !self.scanner.is_cursor() {
            return None;
        }
        let prefix = self.scanner.since(start).to_owned();
        self.scanner.cursor();
        let after = self.scanner.at;
        self.scanner.spaces();
        let suffix = self.scanner.since(after).to_owned();
        Some(At::new(&self.scanner, start, prefix, suffix))
    }

    /// Reads what is between brackets, unless there are too many of them.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == MAX_DEPTH {
            self.too_deep.get_or_insert(self.scanner.at);
            return None;
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.scanner.at;
        let found = read(self);
        if found.is_none() {
            self.scanner.at = start;
        }
        found
    }

    fn take(&mut self, text: &str, name: &'static str) -> Option<()> {
        self.scanner.take(text, name).then_some(())
    }

    /// One or more things with a word between them. The cursor, if it is in one, is what was found.
    fn chain<T>(
        &mut self,
        word: fn(&mut Scanner<'_>) -> Option<()>,
        mut item: impl FnMut(&mut Self) -> Option<Found<T>>,
    ) -> Option<Found<Vec<T>>> {
        let mut found = vec![item(self)?];
        while let Some(next) = self.attempt(|grammar| {
            word(&mut grammar.scanner)?;
            item(grammar)
        }) {
            found.push(next);
        }
        let mut items = Vec::with_capacity(found.len());
        for found in found {
            match found {
                Found::Parsed(item) => items.push(item),
                Found::Cursor(at) => return Some(Found::Cursor(at)),
            }
        }
        Some(Found::Parsed(items))
    }

    fn or_query(&mut self) -> Option<Found<Expression>> {
        Some(self.chain(literal::or, Self::and_query)?.map(|items| one_or(items, Expression::Or)))
    }

    fn and_query(&mut self) -> Option<Found<Expression>> {
        Some(self.chain(literal::and, Self::not_query)?.map(|items| one_or(items, Expression::And)))
    }

    fn not_query(&mut self) -> Option<Found<Expression>> {
        let negated = self.attempt(|grammar| {
            literal::not(&mut grammar.scanner)?;
            grammar.sub_query()
        });
        match negated {
            Some(query) => Some(query.map(|query| Expression::Not(Box::new(query)))),
            None => self.sub_query(),
        }
    }

    fn sub_query(&mut self) -> Option<Found<Expression>> {
        let bracketed = self.attempt(|grammar| {
            grammar.take("(", "\"(\"")?;
            grammar.scanner.spaces();
            let query = grammar.deeper(Self::or_query)?;
            let trailing = grammar.optional_space();
            grammar.take(")", "\")\"")?;
            Some(trailing.map_or(query, |at| Found::Cursor(at.wanting(&[Wanted::Conjunction]))))
        });
        bracketed.or_else(|| self.nested_query())
    }

    fn nested_query(&mut self) -> Option<Found<Expression>> {
        let nested = self.attempt(|grammar| {
            let path = grammar.field()?;
            grammar.scanner.spaces();
            grammar.take(":", "\":\"")?;
            grammar.scanner.spaces();
            grammar.take("{", "\"{\"")?;
            grammar.scanner.spaces();
            let query = grammar.deeper(Self::or_query)?;
            let trailing = grammar.optional_space();
            grammar.take("}", "\"}\"")?;
            let path = match path {
                Found::Parsed(path) => path,
                Found::Cursor(at) => return Some(Found::Cursor(at.wanting(&[Wanted::Field]))),
            };
            Some(match (query, trailing) {
                (Found::Cursor(at), _) => Found::Cursor(at.nested_in(&path.to_string())),
                (_, Some(at)) => Found::Cursor(at.wanting(&[Wanted::Conjunction])),
                (Found::Parsed(inner), None) => Found::Parsed(Expression::Nested { path, inner: Box::new(inner) }),
            })
        });
        nested.or_else(|| self.range()).or_else(|| self.field_value()).or_else(|| self.value_alone())
    }

    fn field(&mut self) -> Option<Found<Term>> {
        self.scanner.named("fieldName", |scanner| literal::quoted(scanner).or_else(|| literal::bare(scanner)))
    }

    fn range(&mut self) -> Option<Found<Expression>> {
        self.attempt(|grammar| {
            let field = grammar.field()?;
            grammar.scanner.spaces();
            let operator = grammar.operator()?;
            grammar.scanner.spaces();
            let value = grammar
                .scanner
                .named("literal", |scanner| literal::quoted(scanner).or_else(|| literal::bare(scanner)))?;
            Some(match (field, value) {
                (Found::Cursor(at), _) => Found::Cursor(at.wanting(&[Wanted::Field])),
                (_, Found::Cursor(at)) => Found::Cursor(at.wanting(&[Wanted::Conjunction])),
                (Found::Parsed(field), Found::Parsed(value)) => {
                    Found::Parsed(Expression::Range { field, operator, value })
                }
            })
        })
    }

    fn operator(&mut self) -> Option<Operator> {
        let operators = [
            ("<=", "\"<=\"", Operator::Lte),
            (">=", "\">=\"", Operator::Gte),
            ("<", "\"<\"", Operator::Lt),
            (">", "\">\"", Operator::Gt),
        ];
        operators.into_iter().find_map(|(sign, name, operator)| self.take(sign, name).map(|()| operator))
    }

    fn field_value(&mut self) -> Option<Found<Expression>> {
        self.attempt(|grammar| {
            let field = grammar.field()?;
            grammar.scanner.spaces();
            grammar.take(":", "\":\"")?;
            grammar.scanner.spaces();
            let values = grammar.list_of_values()?;
            Some(match (field, values) {
                (Found::Cursor(at), _) => Found::Cursor(at.wanting(&[Wanted::Field])),
                (Found::Parsed(field), Found::Cursor(mut at)) => {
                    at.field = Some(field.to_string());
                    Found::Cursor(at.wanting(&[Wanted::Value, Wanted::Conjunction]))
                }
                (Found::Parsed(field), Found::Parsed(values)) => Found::Parsed(values.of(&field)),
            })
        })
    }

    fn value_alone(&mut self) -> Option<Found<Expression>> {
        Some(match self.value()? {
            Found::Cursor(mut at) => {
                at.field = Some(format!("{}{}", at.prefix, at.suffix).trim().to_owned());
                Found::Cursor(at.wanting(&[Wanted::Field, Wanted::Operator, Wanted::Conjunction]))
            }
            Found::Parsed(values) => Found::Parsed(values.of(&Term::Literal(Literal::Null))),
        })
    }

    fn list_of_values(&mut self) -> Option<Found<Values>> {
        let bracketed = self.attempt(|grammar| {
            grammar.take("(", "\"(\"")?;
            grammar.scanner.spaces();
            let values = grammar.deeper(Self::or_values)?;
            let trailing = grammar.optional_space();
            grammar.take(")", "\")\"")?;
            Some(trailing.map_or(values, |at| Found::Cursor(at.wanting(&[Wanted::Conjunction]))))
        });
        bracketed.or_else(|| self.value())
    }

    fn or_values(&mut self) -> Option<Found<Values>> {
        Some(self.chain(literal::or, Self::and_values)?.map(|items| one_or(items, Values::Or)))
    }

    fn and_values(&mut self) -> Option<Found<Values>> {
        Some(self.chain(literal::and, Self::not_values)?.map(|items| one_or(items, Values::And)))
    }

    fn not_values(&mut self) -> Option<Found<Values>> {
        let negated = self.attempt(|grammar| {
            literal::not(&mut grammar.scanner)?;
            grammar.list_of_values()
        });
        match negated {
            Some(values) => Some(values.map(|values| Values::Not(Box::new(values)))),
            None => self.list_of_values(),
        }
    }

    fn value(&mut self) -> Option<Found<Values>> {
        self.scanner.named("value", |scanner| {
            let is = |is_phrase| move |value| Values::Is { value, is_phrase };
            match literal::quoted(scanner) {
                Some(quoted) => Some(quoted.map(is(true))),
                None => literal::bare(scanner).map(|bare| bare.map(is(false))),
            }
        })
    }
}

/// The only one, or all of them together.
fn one_or<T>(mut items: Vec<T>, together: impl FnOnce(Vec<T>) -> T) -> T {
    match (items.pop(), items.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            items.push(last);
            together(items)
        }
        (None, _) => together(items),
    }
}

#[cfg(test)]
mod tests;
