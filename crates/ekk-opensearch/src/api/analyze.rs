//! `_analyze`: the tokens that a text is indexed as.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/analyze-apis/>

use ekk_engine::{analysis::Analyzer, mapping::FieldType};

use crate::{
    dsl,
    error::{RestError, Result},
    expression,
    json::{Json, Object},
    node::Node,
    request::Request,
    response::Response,
};

/// `GET|POST [/{index}]/_analyze`.
pub(crate) fn analyze(node: &Node, request: &Request) -> Result<Response> {
    let body = request.required_json()?;
    let (mut texts, mut name, mut field) = (Vec::new(), None, None);
    for member in body.members().unwrap_or_default() {
        match member.name.as_str() {
            "text" => texts = dsl::texts(&member.value)?,
            "analyzer" => name = member.value.text(),
            "tokenizer" => {
                // A tokenizer alone is the analyzer of its name without lower-casing; only keyword and whitespace are so.
                name = member.value.text().filter(|name| matches!(name.as_str(), "keyword" | "whitespace"));
                if name.is_none() {
                    return Err(RestError::illegal_argument(
                        "[tokenizer] is supported for [keyword] and [whitespace] only",
                    ));
                }
            }
            "field" => field = member.value.text(),
            other => {
                return Err(RestError::illegal_argument(format!(
                    "Unknown parameter [{other}] in request body or it is not supported"
                )));
            }
        }
    }
    if texts.is_empty() {
        return Err(RestError::validation(&["text is missing"]));
    }
    let analyzer = match (name, field) {
        (Some(name), _) => Analyzer::named(&name)
            .ok_or_else(|| RestError::illegal_argument(format!("failed to find global analyzer [{name}]")))?,
        (None, Some(field)) => field_analyzer(node, request, &field)?,
        (None, None) => default_analyzer()?,
    };
    let mut tokens: Vec<Json> = Vec::new();
    let (mut offset, mut position) = (0, 0);
    for text in &texts {
        let mut last = position;
        for token in analyzer.tokens(text) {
            last = position + token.position;
            let kind = if analyzer.name() == "standard" { token_type(&token.text) } else { "word" };
            tokens.push(
                Object::new()
                    .with("start_offset", offset + utf16(text, token.start))
                    .with("end_offset", offset + utf16(text, token.end))
                    .with("type", kind)
                    .with("position", last)
                    .with("token", token.text)
                    .into(),
            );
        }
        // Texts of a list are a hundred positions and one character apart.
        position = last + 101;
        offset += text.encode_utf16().count() + 1;
    }
    let tokens: Vec<Json> = tokens.into_iter().map(token_first).collect();
    Ok(Response::ok(Object::new().with("tokens", tokens)))
}

/// The token's text goes before its offsets.
fn token_first(token: Json) -> Json {
    match token {
        Json::Object(mut object) => {
            object.members.rotate_right(1);
            Json::Object(object)
        }
        other => other,
    }
}

fn default_analyzer() -> Result<Analyzer> {
    Analyzer::named("standard").ok_or_else(|| RestError::illegal_argument("failed to find global analyzer [standard]"))
}

fn field_analyzer(node: &Node, request: &Request, field: &str) -> Result<Analyzer> {
    let Some(name) = request.param("index") else {
        return Err(RestError::illegal_argument("analysis based on a specific field requires an index"));
    };
    let mapping = expression::single(node, name)?.mapping();
    let named = |name: &str| {
        Analyzer::named(name).ok_or_else(|| RestError::illegal_argument(format!("failed to find analyzer [{name}]")))
    };
    match mapping.field(field) {
        None => default_analyzer(),
        Some(found) => match &found.kind {
            FieldType::Text { analyzer, .. } => Ok(*analyzer),
            FieldType::Keyword { .. } => named("keyword"),
            _ => Err(RestError::illegal_argument(format!(
                "Can't process field [{field}], Analysis requests are only supported on tokenized fields"
            ))),
        },
    }
}

/// OpenSearch counts offsets in UTF-16 units.
fn utf16(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(byte, |before| before.encode_utf16().count())
}

/// The class that the standard tokenizer gives a word.
fn token_type(token: &str) -> &'static str {
    let is = |low: u32, high: u32| token.chars().all(|c| (low..=high).contains(&u32::from(c)));
    if token.chars().all(|c| c.is_numeric() || matches!(c, '.' | ',')) {
        "<NUM>"
    } else if is(0x4E00, 0x9FFF) || is(0x3400, 0x4DBF) {
        "<IDEOGRAPHIC>"
    } else if is(0x3040, 0x309F) {
        "<HIRAGANA>"
    } else if is(0x30A0, 0x30FF) {
        "<KATAKANA>"
    } else if is(0xAC00, 0xD7AF) {
        "<HANGUL>"
    } else if token.chars().any(|c| (0x1F1E6..=0x1FAFF).contains(&u32::from(c)) || matches!(c, '\u{2600}'..='\u{27BF}'))
    {
        "<EMOJI>"
    } else {
        "<ALPHANUM>"
    }
}
