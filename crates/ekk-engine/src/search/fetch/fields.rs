//! `docvalue_fields` and `fields`: a field's values, from its column or from the source, in a format.

use std::{collections::BTreeMap, sync::Arc};

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::{
    error::Exception,
    index::Snapshot,
    mapping::{DateFormat, Field, FieldType, Mapping, date_format::Rounding},
    query::resolve::print_address,
    search::{FieldFormat, SearchError, column::Values, column::check_sortable},
    segment::Segment,
};

/// Values by the name of their field.
type Found = BTreeMap<String, Vec<Value>>;

/// Why values could not be had.
pub(super) enum FieldError {
    Refused(Exception),
    Storage(tantivy::TantivyError),
}

impl FieldError {
    pub(super) fn in_index(self, snapshot: &Snapshot) -> SearchError {
        let index = Arc::clone(&snapshot.index);
        match self {
            Self::Refused(exception) => SearchError::Shard { index, exception },
            Self::Storage(error) => SearchError::Storage { index, detail: error.to_string() },
        }
    }
}

/// The values of columns.
pub(super) fn of_columns(
    snapshot: &Snapshot,
    segment: &Segment,
    doc: u32,
    fields: &[FieldFormat],
    found: &mut Found,
) -> Result<(), FieldError> {
    for FieldFormat { field: pattern, format } in fields {
        let wild = pattern.contains('*');
        let named = snapshot.mapping.field(pattern).into_iter().filter(|_| !wild);
        for field in named.chain(snapshot.mapping.matching(pattern).filter(|field| wild && field.doc_values)) {
            check_sortable(field).map_err(FieldError::Refused)?;
            let values = Values::open(segment, field).map_err(FieldError::Storage)?;
            let format = date_format(field, format.as_deref()).map_err(FieldError::Refused)?;
            let printed = print(&values, doc, format.as_ref()).map_err(|error| FieldError::Storage(error.into()))?;
            if !printed.is_empty() {
                let name = if wild { field.path.to_string() } else { pattern.clone() };
                found.insert(name, printed);
            }
        }
    }
    Ok(())
}

fn date_format(field: &Field, named: Option<&str>) -> Result<Option<DateFormat>, Exception> {
    match (&field.kind, named) {
        (FieldType::Date { .. }, Some(named)) => DateFormat::new(named).map(Some),
        (FieldType::Date { format }, None) => Ok(Some(format.clone())),
        _ => Ok(None),
    }
}

fn print(values: &Values, doc: u32, format: Option<&DateFormat>) -> std::io::Result<Vec<Value>> {
    Ok(match values {
        Values::Long(column) => {
            let mut values: Vec<i64> = column.values_for_doc(doc).collect();
            values.sort_unstable();
            let print = |value| format.map_or(Value::from(value), |format| format.print(value, &TimeZone::UTC).into());
            values.into_iter().map(print).collect()
        }
        Values::UnsignedLong(column) => column.values_for_doc(doc).map(Value::from).collect(),
        Values::Double(column) => {
            let mut values: Vec<f64> = column.values_for_doc(doc).collect();
            values.sort_by(f64::total_cmp);
            values.into_iter().map(Value::from).collect()
        }
        Values::Bool(column) => column.values_for_doc(doc).map(Value::from).collect(),
        Values::Str(column) => {
            let mut ordinals: Vec<u64> = column.term_ords(doc).collect();
            ordinals.sort_unstable();
            ordinals.dedup();
            let mut texts = Vec::with_capacity(ordinals.len());
            for ordinal in ordinals {
                let mut text = String::new();
                column.ord_to_str(ordinal, &mut text)?;
                texts.push(text.into());
            }
            texts
        }
        Values::Ip(column) => column.values_for_doc(doc).map(|address| print_address(address).into()).collect(),
        Values::Absent => Vec::new(),
    })
}

/// The values of the source, as the mapping reads them.
pub(super) fn of_source(
    mapping: &Mapping,
    document: &Value,
    fields: &[FieldFormat],
    found: &mut Found,
) -> Result<(), Exception> {
    for FieldFormat { field: pattern, format } in fields {
        for field in mapping.matching(pattern) {
            let date = date_format(field, format.as_deref())?;
            let values = source_values(mapping, document, field);
            let printed: Vec<Value> =
                values.into_iter().filter_map(|value| source_value(field, date.as_ref(), value)).collect();
            if !printed.is_empty() {
                found.insert(field.path.to_string(), printed);
            }
        }
    }
    Ok(())
}

/// The values of a field, or of the field that it is a multi-field of, in the source; arrays are flat.
pub(super) fn source_values<'v>(mapping: &Mapping, document: &'v Value, field: &Field) -> Vec<&'v Value> {
    let parent = field.parent.and_then(|parent| mapping.fields().find(|field| field.id == parent));
    let mut values = Vec::new();
    collect(document, parent.map_or(&*field.path, |parent| &*parent.path), &mut values);
    values
}

/// Names may have dots themselves, so every prefix of the path is tried.
fn collect<'v>(value: &'v Value, path: &str, values: &mut Vec<&'v Value>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, path, values)),
        Value::Object(members) if !path.is_empty() => {
            for (name, value) in members {
                match path.strip_prefix(name.as_str()) {
                    Some("") => collect(value, "", values),
                    Some(rest) => {
                        if let Some(rest) = rest.strip_prefix('.') {
                            collect(value, rest, values);
                        }
                    }
                    None => {}
                }
            }
        }
        Value::Object(_) | Value::Null => {}
        scalar if path.is_empty() => values.push(scalar),
        _ => {}
    }
}

fn source_value(field: &Field, date: Option<&DateFormat>, value: &Value) -> Option<Value> {
    match (&field.kind, value) {
        (FieldType::Date { format }, value) => {
            let text = text_of(value);
            let millis = format.parse(&text, &TimeZone::UTC, Rounding::Down).ok()?;
            Some(date?.print(millis, &TimeZone::UTC).into())
        }
        (FieldType::Keyword { ignore_above: Some(most), .. }, value) => {
            let text = text_of(value);
            (text.encode_utf16().count() <= *most).then(|| text.into())
        }
        (FieldType::Text { .. } | FieldType::Keyword { .. }, value) => Some(text_of(value).into()),
        (FieldType::Boolean, Value::String(text)) => match text.as_str() {
            "true" => Some(true.into()),
            "false" | "" => Some(false.into()),
            _ => None,
        },
        (kind, Value::String(text)) if kind.is_whole_number() => text.parse::<f64>().ok().map(whole),
        (kind, Value::String(text)) if kind.is_fraction() => text.parse::<f64>().ok().map(Value::from),
        (kind, Value::Number(number)) if kind.is_whole_number() && number.is_f64() => number.as_f64().map(whole),
        (_, value) => Some(value.clone()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole numbers are cut as they are when indexed")]
fn whole(value: f64) -> Value {
    (value as i64).into()
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
