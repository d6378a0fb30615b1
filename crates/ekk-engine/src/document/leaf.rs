//! Values of leaf fields, by the field's type.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv6Addr},
};

use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Val, Walk, numbers};
use crate::{
    analysis::push_lowercase,
    error::Exception,
    json::Token,
    limits::MAX_TERM_BYTES,
    mapping::{DateFormat, Field, FieldType, Leaf, Node, Sample, date_format::Rounding},
};

impl<'a> Walk<'a> {
    /// Takes the value of a leaf; arrays of any depth are as their elements.
    pub(super) fn leaf_value(&mut self, leaf: &Leaf, token: &Token<'a>) -> Result<(), Exception> {
        if *token == Token::StartArray {
            loop {
                match self.reader.next() {
                    Ok(None | Some(Token::EndArray)) => return Ok(()),
                    Ok(Some(token)) => self.leaf_value(leaf, &token)?,
                    Err(error) => return Err(self.broken_value(leaf, error)),
                }
            }
        }
        self.scalar(leaf, token)?;
        for sub in leaf.multi_fields.values() {
            self.multi_field(sub, token)?;
        }
        for target in &leaf.field.copy_to {
            self.copy(target, token)?;
        }
        // Only reached when a malformed object is ignored.
        if *token == Token::StartObject { self.skip_rest_of(1) } else { Ok(()) }
    }

    fn multi_field(&mut self, leaf: &Leaf, token: &Token<'a>) -> Result<(), Exception> {
        self.scalar(leaf, token)?;
        for sub in leaf.multi_fields.values() {
            self.multi_field(sub, token)?;
        }
        Ok(())
    }

    /// Gives a field of `copy_to` the value too.
    fn copy(&mut self, target: &str, token: &Token<'a>) -> Result<(), Exception> {
        let mapping = self.mapping;
        match mapping.root.node_at(target) {
            Some(Node::Leaf(leaf)) => self.multi_field(leaf, token),
            Some(Node::Object(_) | Node::Alias(_)) => {
                let reason = format!("cannot copy to [{target}]: it is no field that holds values");
                Err(Exception::mapper_parsing(reason))
            }
            None => {
                let sample = match token {
                    Token::String(text) => Sample::Text(text),
                    Token::Number { whole: true, .. } => Sample::Whole,
                    Token::Number { .. } => Sample::Fraction,
                    Token::Boolean(_) => Sample::Boolean,
                    _ => return Ok(()),
                };
                let dynamic = mapping.root.dynamic.unwrap_or(crate::mapping::Dynamic::True);
                let name = target.rsplit('.').next().unwrap_or(target);
                match mapping.dynamic_spec(name, target, sample, dynamic)? {
                    Some(spec) => self.update.add(target, spec),
                    None => Ok(()),
                }
            }
        }
    }

    /// Takes one value of one field.
    fn scalar(&mut self, leaf: &Leaf, token: &Token<'a>) -> Result<(), Exception> {
        let field = &*leaf.field;
        let value = match token {
            Token::Null => match &field.null_value {
                Some(value) => null_value(field, value),
                None => return Ok(()),
            },
            token => self.convert(field, token),
        };
        match value {
            Ok(Some(value)) => self.push(field, value),
            Ok(None) => Ok(()),
            Err(cause) if field.ignore_malformed && is_malformed(&cause) => Ok(()),
            Err(cause) if cause.reason.starts_with("Document contains at least one immense term") => Err(cause),
            Err(cause) => Err(self.field_failure(leaf, &self.preview_for(leaf), cause)),
        }
    }

    fn push(&mut self, field: &Field, value: Val) -> Result<(), Exception> {
        let in_index = field.index || field.doc_values;
        if !in_index {
            return Ok(());
        }
        if let FieldType::Keyword { .. } = field.kind {
            self.refuse_immense_term(field, &value)?;
        }
        if !field.has_column() && !self.parsed.names.contains(&field.id) {
            self.parsed.names.push(field.id);
        }
        self.parsed.values.push((field.id, value));
        Ok(())
    }

    fn refuse_immense_term(&self, field: &Field, value: &Val) -> Result<(), Exception> {
        let text = match value {
            Val::Slice { start, end } if (end - start) as usize > MAX_TERM_BYTES => {
                self.reader.text().get(*start as usize..*end as usize).unwrap_or_default()
            }
            Val::Owned(text) if text.len() > MAX_TERM_BYTES => text,
            _ => return Ok(()),
        };
        let prefix: Vec<String> = text.bytes().take(30).map(|byte| byte.to_string()).collect();
        let cause = format!("bytes can be at most {MAX_TERM_BYTES} in length; got {}", text.len());
        let reason = format!(
            "Document contains at least one immense term in field=\"{}\" (whose UTF8 encoding is longer than the max length \
             {MAX_TERM_BYTES}), all of which were skipped.  Please correct the analyzer to not produce such terms.  The \
             prefix of the first immense term is: '[{}]...', original message: {cause}",
            field.path,
            prefix.join(", ")
        );
        Err(Exception::illegal_argument(reason).caused_by(Exception::new("max_bytes_length_exceeded_exception", cause)))
    }

    fn convert(&self, field: &Field, token: &Token<'a>) -> Result<Option<Val>, Exception> {
        match &field.kind {
            FieldType::Text { .. } => self.text(token).map(Some),
            FieldType::Keyword { ignore_above, normalizer } => {
                let value = self.text(token)?;
                let text = self.resolve(&value);
                if ignore_above.is_some_and(|bound| utf16_len_over(text, bound)) {
                    return Ok(None);
                }
                if normalizer.is_some() {
                    let mut lower = String::with_capacity(text.len());
                    push_lowercase(&mut lower, text);
                    return Ok(Some(Val::Owned(lower.into())));
                }
                Ok(Some(value))
            }
            FieldType::Boolean => self.boolean(token).map(Some),
            FieldType::Date { format } => {
                if let Token::Number { text, whole: true } = token
                    && let Some(millis) = text.parse().ok().and_then(|number| format.parse_whole(number))
                {
                    return Ok(Some(Val::I64(millis)));
                }
                date(format, &self.scalar_text(token)?).map(|millis| Some(Val::I64(millis)))
            }
            FieldType::Ip => ip(&self.scalar_text(token)?).map(|address| Some(Val::Ip(address))),
            FieldType::Binary => self.scalar_text(token).map(|_| None),
            _ => self.number(field, token),
        }
    }

    /// A number field's value; an empty string is none.
    fn number(&self, field: &Field, token: &Token<'a>) -> Result<Option<Val>, Exception> {
        let at = || self.reader.location(self.reader.offset());
        match token {
            Token::String(text) if text.is_empty() && field.coerce => Ok(None),
            Token::String(text) => numbers::from_string(field, text).map(Some),
            Token::Number { text, whole } => numbers::from_number(field, text, *whole, &at).map(Some),
            other => {
                let name = token_name(other);
                let reason =
                    format!("Current token ({name}) not numeric, can not use numeric value accessors\n at {}", at());
                Err(Exception::new("json_parse_exception", reason))
            }
        }
    }

    fn boolean(&self, token: &Token<'a>) -> Result<Val, Exception> {
        match token {
            Token::Boolean(value) => Ok(Val::Bool(*value)),
            Token::String(text) => match text.as_ref() {
                "true" => Ok(Val::Bool(true)),
                "false" | "" => Ok(Val::Bool(false)),
                other => Err(Exception::illegal_argument(format!(
                    "Failed to parse value [{other}] as only [true] or [false] are allowed."
                ))),
            },
            other => {
                let at = self.reader.location(self.reader.offset());
                let reason = format!("Current token ({}) not of boolean type\n at {at}", token_name(other));
                Err(Exception::new("json_parse_exception", reason))
            }
        }
    }

    /// The text of a scalar, without copying it where the source has it.
    fn text(&self, token: &Token<'a>) -> Result<Val, Exception> {
        let (start, end) = (self.reader.token_offset(), self.reader.offset());
        let slice = |start: usize, end: usize| match (u32::try_from(start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => Val::Slice { start, end },
            _ => Val::Owned(self.reader.text().get(start..end).unwrap_or_default().into()),
        };
        match token {
            Token::String(Cow::Borrowed(_)) => Ok(slice(start + 1, end - 1)),
            Token::String(Cow::Owned(text)) => Ok(Val::Owned(text.as_str().into())),
            Token::Number { .. } | Token::Boolean(_) => Ok(slice(start, end)),
            other => Err(self.no_text(other)),
        }
    }

    fn scalar_text<'t>(&self, token: &'t Token<'a>) -> Result<Cow<'t, str>, Exception> {
        match token {
            Token::String(text) => Ok(Cow::Borrowed(text.as_ref())),
            Token::Number { text, .. } => Ok(Cow::Borrowed(text)),
            Token::Boolean(value) => Ok(Cow::Borrowed(if *value { "true" } else { "false" })),
            other => Err(self.no_text(other)),
        }
    }

    fn no_text(&self, token: &Token<'a>) -> Exception {
        let (line, column) = self.reader.line_and_column(self.reader.token_offset());
        let reason = format!("Can't get text on a {} at {line}:{column}", token_name(token));
        Exception::new("illegal_state_exception", reason)
    }

    fn resolve<'v>(&self, value: &'v Val) -> &'v str
    where
        'a: 'v,
    {
        match value {
            Val::Slice { start, end } => self.reader.text().get(*start as usize..*end as usize).unwrap_or_default(),
            Val::Owned(text) => text,
            _ => "",
        }
    }
}

/// What `ignore_malformed` forgives.
fn is_malformed(cause: &Exception) -> bool {
    matches!(
        cause.kind,
        "illegal_argument_exception" | "number_format_exception" | "input_coercion_exception" | "json_parse_exception"
    )
}

fn token_name(token: &Token<'_>) -> &'static str {
    match token {
        Token::StartObject => "START_OBJECT",
        Token::EndObject => "END_OBJECT",
        Token::StartArray => "START_ARRAY",
        Token::EndArray => "END_ARRAY",
        Token::Name(_) => "FIELD_NAME",
        Token::String(_) => "VALUE_STRING",
        Token::Number { whole: true, .. } => "VALUE_NUMBER_INT",
        Token::Number { .. } => "VALUE_NUMBER_FLOAT",
        Token::Boolean(true) => "VALUE_TRUE",
        Token::Boolean(false) => "VALUE_FALSE",
        Token::Null => "VALUE_NULL",
    }
}

/// The value that stands for an explicit `null`.
fn null_value(field: &Field, value: &Value) -> Result<Option<Val>, Exception> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match &field.kind {
        FieldType::Text { .. } | FieldType::Keyword { .. } => Ok(Some(Val::Owned(text.into()))),
        FieldType::Boolean => Ok(value.as_bool().map(Val::Bool)),
        // OpenSearch takes a mapping whose null value is no date, and leaves nulls out then.
        FieldType::Date { format } => Ok(date(format, &text).ok().map(Val::I64)),
        FieldType::Ip => ip(&text).map(|address| Some(Val::Ip(address))),
        FieldType::Binary => Ok(None),
        _ => {
            let lenient = Field { coerce: true, ..field.clone() };
            numbers::from_string(&lenient, &text).map(Some)
        }
    }
}

fn date(format: &DateFormat, text: &str) -> Result<i64, Exception> {
    format.parse(text, &TimeZone::UTC, Rounding::Down)
}

fn ip(text: &str) -> Result<Ipv6Addr, Exception> {
    match text.parse() {
        Ok(IpAddr::V4(address)) => Ok(address.to_ipv6_mapped()),
        Ok(IpAddr::V6(address)) => Ok(address),
        Err(_) => Err(Exception::illegal_argument(format!("'{text}' is not an IP string literal."))),
    }
}

/// Whether a text has more than `bound` UTF-16 code units, as Java counts its length.
fn utf16_len_over(text: &str, bound: usize) -> bool {
    text.len() > bound && text.chars().map(char::len_utf16).sum::<usize>() > bound
}
