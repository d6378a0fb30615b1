//! Reads the bodies of searches (query DSL, aggregations, sort, source filters) into the engine's types, with
//! OpenSearch's parse errors.
//!
//! What the parts mean is the engine's; what is not supported is refused by name here.

pub(crate) mod aggregation;
pub(crate) mod highlight;
pub(crate) mod metric;
pub(crate) mod query;
pub(crate) mod search;
pub(crate) mod sort;
pub(crate) mod time_value;
pub(crate) mod uri;

use ekk_engine::{error::Exception as EngineException, query::Scalar};

use crate::{
    error::{Exception, RestError},
    json::parse::{Member, Node, Position, Value},
};

/// A part of a body that cannot be read: the exception, and where the reader stood.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) exception: Box<Exception>,
    pub(crate) at: Position,
}

pub(crate) type Parsed<T> = Result<T, Fault>;

impl Fault {
    /// A `parsing_exception`, which names its place in members of its own.
    pub(crate) fn parsing(reason: impl Into<String>, at: Position) -> Self {
        Self { exception: Box::new(Exception::parsing(reason, at)), at }
    }

    /// An `x_content_parse_exception`, whose reason begins with its place.
    pub(crate) fn x_content(reason: &str, at: Position) -> Self {
        Self { exception: Box::new(Exception::x_content(reason, at)), at }
    }

    /// An `illegal_argument_exception`, which names no place.
    pub(crate) fn illegal_argument(reason: impl Into<String>, at: Position) -> Self {
        Self { exception: Box::new(Exception::illegal_argument(reason)), at }
    }

    /// An exception of the engine's own parsers.
    pub(crate) fn engine(exception: EngineException, at: Position) -> Self {
        Self { exception: Box::new(exception.into()), at }
    }

    /// The same fault inside the field of an object that OpenSearch reads by a declared parser.
    #[must_use]
    pub(crate) fn in_field(self, object: &str, field: &str) -> Self {
        let outer = Exception::x_content(&format!("[{object}] failed to parse field [{field}]"), self.at);
        Self { exception: Box::new(outer.caused_by(*self.exception)), at: self.at }
    }
}

impl From<Fault> for RestError {
    fn from(fault: Fault) -> Self {
        let server_fault =
            matches!(fault.exception.kind.as_ref(), "illegal_state_exception" | "aggregation_initialization_exception");
        let status = if server_fault { http::StatusCode::INTERNAL_SERVER_ERROR } else { http::StatusCode::BAD_REQUEST };
        fault.exception.status(status)
    }
}

/// The scalar of a value.
///
/// # Errors
/// `illegal_state_exception` for arrays and objects, as OpenSearch's reader words it.
pub(crate) fn scalar(node: &Node) -> Parsed<Scalar> {
    match &node.value {
        Value::Bool(value) => Ok(Scalar::Bool(*value)),
        Value::String(text) => Ok(Scalar::String(text.clone())),
        Value::Number(text) => Ok(text
            .parse()
            .map(Scalar::Long)
            .or_else(|_| text.parse().map(Scalar::UnsignedLong))
            .or_else(|_| text.parse().map(Scalar::Double))
            .unwrap_or_else(|_| Scalar::String(text.clone()))),
        Value::Null => Err(Fault::illegal_argument("value cannot be null", node.at)),
        Value::Array(_) | Value::Object(_) => Err(no_text(node)),
    }
}

fn no_text(node: &Node) -> Fault {
    if node.is_null() {
        return Fault::illegal_argument("value cannot be null", node.at);
    }
    let reason = format!("Can't get text on a {} at {}", node.token(), node.at);
    Fault { exception: Box::new(Exception::new("illegal_state_exception", reason)), at: node.at }
}

/// The text of a scalar.
pub(crate) fn text(node: &Node) -> Parsed<String> {
    node.text().ok_or_else(|| no_text(node))
}

/// A boolean, also as a string.
pub(crate) fn boolean(node: &Node) -> Parsed<bool> {
    match &node.value {
        Value::Bool(value) => Ok(*value),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => {
            let found = node.text().unwrap_or_default();
            Err(Fault::illegal_argument(
                format!("Failed to parse value [{found}] as only [true] or [false] are allowed."),
                node.at,
            ))
        }
    }
}

/// A number with a fraction, also as a string.
pub(crate) fn double(node: &Node) -> Parsed<f64> {
    let text = text(node)?;
    text.parse().map_err(|_| not_a_number(&text, node))
}

/// A boost or another single-precision number.
pub(crate) fn float(node: &Node) -> Parsed<f32> {
    let text = text(node)?;
    text.parse().map_err(|_| not_a_number(&text, node))
}

/// A whole number, also as a string or with a fraction that is dropped.
pub(crate) fn integer(node: &Node) -> Parsed<i64> {
    let text = text(node)?;
    text.parse::<i64>()
        .ok()
        .or_else(|| text.parse::<serde_json::Number>().ok().and_then(|number| number.as_i64()))
        .or_else(|| text.split_once('.').and_then(|(whole, _)| whole.parse().ok()))
        .ok_or_else(|| not_a_number(&text, node))
}

/// A whole number that is not negative.
pub(crate) fn size(node: &Node) -> Parsed<usize> {
    let value = integer(node)?;
    usize::try_from(value)
        .map_err(|_| Fault::illegal_argument(format!("value must not be negative, found [{value}]"), node.at))
}

fn not_a_number(text: &str, node: &Node) -> Fault {
    let exception = Exception::new("number_format_exception", format!("For input string: \"{text}\""));
    Fault { exception: Box::new(exception), at: node.at }
}

/// Texts: an array of them, or one alone.
pub(crate) fn texts(node: &Node) -> Parsed<Vec<String>> {
    match node.items() {
        Some(items) => items.iter().map(text).collect(),
        None => Ok(vec![text(node)?]),
    }
}

/// An option that a query does not have.
pub(crate) fn unsupported(query: &str, member: &Member) -> Fault {
    let value = &member.value;
    let takes_arrays = matches!(query, "query_string" | "simple_query_string");
    let is_unknown_token = match value.value {
        Value::Object(_) => true,
        Value::Array(_) => !takes_arrays,
        _ => false,
    };
    let reason = if is_unknown_token {
        format!("[{query}] unknown token [{}] after [{}]", value.token(), member.name)
    } else {
        format!("[{query}] query does not support [{}]", member.name)
    };
    Fault::parsing(reason, value.at)
}

/// ` did you mean [x]?`, or nothing when no known name is near.
pub(crate) fn did_you_mean(name: &str, known: &[&str]) -> String {
    let suggested = crate::request::with_suggestion(name, known);
    suggested.split_once(" -> ").map_or_else(String::new, |(_, hint)| format!(" {hint}"))
}
