//! Reads the definition of a leaf field, type by type.

use serde_json::{Map, Value, json};

use super::boolean;
use crate::{
    analysis::Analyzer,
    error::Exception,
    mapping::{DateFormat, FieldType, Normalizer, date_format::DEFAULT_FORMAT, spec::LeafSpec},
};

/// Reads a leaf of type `kind`; `name` is for the error texts.
pub(in crate::mapping) fn parse_leaf(
    name: &str,
    kind: &str,
    definition: &Map<String, Value>,
) -> Result<LeafSpec, Exception> {
    let Some(mut leaf) = base(name, kind, definition)? else {
        let reason = format!("No handler for type [{kind}] declared on field [{name}]");
        return Err(Exception::mapper_parsing(reason));
    };
    for (key, value) in definition {
        if key == "type" {
            continue;
        }
        let known = parameter(&mut leaf, name, key, value)?;
        if !known {
            let reason = format!("unknown parameter [{key}] on mapper [{name}] of type [{kind}]");
            return Err(Exception::mapper_parsing(reason));
        }
    }
    Ok(leaf)
}

/// The leaf with its type and what the type itself needs.
fn base(name: &str, kind: &str, definition: &Map<String, Value>) -> Result<Option<LeafSpec>, Exception> {
    let kind = match kind {
        "text" => return text(definition).map(Some),
        "match_only_text" => {
            return text(definition).map(|leaf| Some(LeafSpec { type_name: "match_only_text", ..leaf }));
        }
        "keyword" => FieldType::Keyword { ignore_above: None, normalizer: normalizer(name, definition)? },
        "wildcard" => {
            let kind = FieldType::Keyword { ignore_above: None, normalizer: normalizer(name, definition)? };
            return Ok(Some(LeafSpec { type_name: "wildcard", ..LeafSpec::new(kind) }));
        }
        "long" => FieldType::Long,
        "integer" => FieldType::Integer,
        "short" => FieldType::Short,
        "byte" => FieldType::Byte,
        "unsigned_long" => FieldType::UnsignedLong,
        "double" => FieldType::Double,
        "float" => FieldType::Float,
        "half_float" => FieldType::HalfFloat,
        "scaled_float" => FieldType::ScaledFloat { scaling_factor: scaling_factor(definition)? },
        "boolean" => FieldType::Boolean,
        "date" => FieldType::Date { format: date_format(name, definition)? },
        "ip" => FieldType::Ip,
        "binary" => FieldType::Binary,
        _ => return Ok(None),
    };
    Ok(Some(LeafSpec::new(kind)))
}

fn text(definition: &Map<String, Value>) -> Result<LeafSpec, Exception> {
    let named = |key: &str| -> Result<Option<Analyzer>, Exception> {
        let Some(name) = definition.get(key).and_then(Value::as_str) else { return Ok(None) };
        Analyzer::named(name).map(Some).ok_or_else(|| {
            Exception::illegal_argument(format!("analyzer [{name}] has not been configured in mappings"))
        })
    };
    let analyzer = named("analyzer")?.unwrap_or(Analyzer::Standard);
    let search_analyzer = named("search_analyzer")?;
    named("search_quote_analyzer")?;
    let mut leaf = LeafSpec::new(FieldType::Text { analyzer, search_analyzer: search_analyzer.unwrap_or(analyzer) });
    if search_analyzer.is_some() && !definition.contains_key("analyzer") {
        leaf.params.insert("analyzer", json!("default"));
    }
    Ok(leaf)
}

fn normalizer(name: &str, definition: &Map<String, Value>) -> Result<Option<Normalizer>, Exception> {
    match definition.get("normalizer").and_then(Value::as_str) {
        None | Some("default") => Ok(None),
        Some("lowercase") => Ok(Some(Normalizer::Lowercase)),
        Some(other) => Err(Exception::mapper_parsing(format!("normalizer [{other}] not found for field [{name}]"))),
    }
}

fn scaling_factor(definition: &Map<String, Value>) -> Result<f64, Exception> {
    let Some(value) = definition.get("scaling_factor") else {
        return Err(Exception::illegal_argument("Field [scaling_factor] is required"));
    };
    let factor = number(value)?;
    if factor > 0.0 && factor.is_finite() {
        return Ok(factor);
    }
    Err(Exception::illegal_argument(format!("[scaling_factor] must be a positive number, got [{factor:?}]")))
}

fn date_format(name: &str, definition: &Map<String, Value>) -> Result<DateFormat, Exception> {
    let explain = |cause: Exception| {
        Exception::illegal_argument(format!("Error parsing [format] on field [{name}]: {}", cause.reason))
            .caused_by(cause)
    };
    let format = match definition.get("format").and_then(Value::as_str) {
        Some(pattern) => DateFormat::new(pattern).map_err(explain)?,
        None => DateFormat::default(),
    };
    match definition.get("print_format").and_then(Value::as_str) {
        Some(pattern) => format.printed_as(pattern).map_err(explain),
        None => Ok(format),
    }
}

/// Takes one parameter; false when the type does not know it.
fn parameter(leaf: &mut LeafSpec, name: &str, key: &str, value: &Value) -> Result<bool, Exception> {
    match key {
        "fields" => multi_fields(leaf, name, value)?,
        "copy_to" => {
            leaf.copy_to = copy_to(value);
            leaf.params.insert("copy_to", json!(leaf.copy_to));
        }
        "meta" => keep(leaf, "meta", value.clone()),
        "boost" => keep_unless(leaf, "boost", json!(number(value)?), &json!(1.0)),
        "index" => leaf.index = flag(leaf, "index", value, true)?,
        "store" => drop(flag(leaf, "store", value, false)?),
        // Text has no columns; OpenSearch takes the parameter and does not show it.
        "doc_values" if matches!(leaf.kind, FieldType::Text { .. }) => drop(boolean(value)?),
        "doc_values" => leaf.doc_values = flag(leaf, "doc_values", value, leaf.doc_values)?,
        _ => return type_parameter(leaf, key, value),
    }
    Ok(true)
}

fn type_parameter(leaf: &mut LeafSpec, key: &str, value: &Value) -> Result<bool, Exception> {
    match leaf.kind {
        FieldType::Text { .. } => text_parameter(leaf, key, value),
        FieldType::Keyword { .. } => keyword_parameter(leaf, key, value),
        FieldType::Binary => Ok(false),
        FieldType::Boolean => {
            if key != "null_value" {
                return Ok(false);
            }
            let value = json!(boolean(value)?);
            set_null_value(leaf, value);
            Ok(true)
        }
        FieldType::Date { .. } => match key {
            "format" => {
                keep_unless(leaf, "format", value.clone(), &json!(DEFAULT_FORMAT));
                Ok(true)
            }
            "print_format" | "locale" => {
                keep(leaf, if key == "locale" { "locale" } else { "print_format" }, value.clone());
                Ok(true)
            }
            _ => value_parameter(leaf, key, value),
        },
        FieldType::Ip => value_parameter(leaf, key, value),
        _ => number_parameter(leaf, key, value),
    }
}

fn value_parameter(leaf: &mut LeafSpec, key: &str, value: &Value) -> Result<bool, Exception> {
    match key {
        "ignore_malformed" => leaf.ignore_malformed = shown_flag(leaf, "ignore_malformed", value)?,
        "null_value" => set_null_value(leaf, value.clone()),
        _ => return Ok(false),
    }
    Ok(true)
}

fn number_parameter(leaf: &mut LeafSpec, key: &str, value: &Value) -> Result<bool, Exception> {
    match key {
        "coerce" => leaf.coerce = shown_flag(leaf, "coerce", value)?,
        "skip_list" => drop(flag(leaf, "skip_list", value, false)?),
        "scaling_factor" if matches!(leaf.kind, FieldType::ScaledFloat { .. }) => {
            keep(leaf, "scaling_factor", json!(number(value)?));
        }
        "null_value" => {
            let number = number(value)?;
            let shown = if leaf.kind.is_fraction() { json!(number) } else { whole(value)? };
            set_null_value(leaf, shown);
        }
        _ => return value_parameter(leaf, key, value),
    }
    Ok(true)
}

fn keyword_parameter(leaf: &mut LeafSpec, key: &str, value: &Value) -> Result<bool, Exception> {
    match key {
        "ignore_above" => {
            let bound = whole(value)?;
            if let FieldType::Keyword { ignore_above, .. } = &mut leaf.kind {
                *ignore_above = bound.as_i64().map(|bound| usize::try_from(bound).unwrap_or_default());
            }
            keep_unless(leaf, "ignore_above", bound, &json!(i32::MAX));
        }
        "null_value" => set_null_value(leaf, Value::String(super::java_text(value))),
        "normalizer" => keep(leaf, "normalizer", value.clone()),
        "eager_global_ordinals" => drop(flag(leaf, "eager_global_ordinals", value, false)?),
        "norms" => drop(flag(leaf, "norms", value, false)?),
        "split_queries_on_whitespace" => drop(flag(leaf, "split_queries_on_whitespace", value, false)?),
        "use_similarity" => drop(flag(leaf, "use_similarity", value, false)?),
        "similarity" => keep(leaf, "similarity", value.clone()),
        "index_options" => keep_unless(leaf, "index_options", value.clone(), &json!("docs")),
        _ => return Ok(false),
    }
    Ok(true)
}

fn text_parameter(leaf: &mut LeafSpec, key: &str, value: &Value) -> Result<bool, Exception> {
    match key {
        "analyzer" => keep(leaf, "analyzer", value.clone()),
        "search_analyzer" => keep(leaf, "search_analyzer", value.clone()),
        "search_quote_analyzer" => keep(leaf, "search_quote_analyzer", value.clone()),
        "norms" => drop(flag(leaf, "norms", value, true)?),
        "fielddata" => drop(flag(leaf, "fielddata", value, false)?),
        "eager_global_ordinals" => drop(flag(leaf, "eager_global_ordinals", value, false)?),
        "index_phrases" => drop(flag(leaf, "index_phrases", value, false)?),
        "index_options" => keep_unless(leaf, "index_options", value.clone(), &json!("positions")),
        "term_vector" => keep_unless(leaf, "term_vector", value.clone(), &json!("no")),
        "similarity" => keep(leaf, "similarity", value.clone()),
        "fielddata_frequency_filter" => keep(leaf, "fielddata_frequency_filter", value.clone()),
        "position_increment_gap" => keep_unless(leaf, "position_increment_gap", whole(value)?, &json!(100)),
        "index_prefixes" => {
            let bound = |key: &str, default: u32| value.get(key).cloned().unwrap_or_else(|| json!(default));
            keep(
                leaf,
                "index_prefixes",
                json!({"min_chars": bound("min_chars", 2), "max_chars": bound("max_chars", 5)}),
            );
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn multi_fields(leaf: &mut LeafSpec, name: &str, value: &Value) -> Result<(), Exception> {
    let Some(fields) = value.as_object() else {
        let reason = format!("expected map for property [fields] on field [{name}] or [{name}] but got a class");
        return Err(Exception::mapper_parsing(reason));
    };
    for (sub, definition) in fields {
        if sub.contains('.') {
            let reason = format!("Field name [{sub}] which is a multi field of [{name}] cannot contain '.'");
            return Err(Exception::mapper_parsing(reason));
        }
        let empty = Map::new();
        let definition = definition.as_object().unwrap_or(&empty);
        let Some(kind) = definition.get("type").and_then(Value::as_str) else {
            return Err(Exception::mapper_parsing(format!("no type specified for property [{sub}]")));
        };
        if matches!(kind, "object" | "nested" | "alias") {
            return Err(Exception::mapper_parsing(format!("Type [{kind}] cannot be used in multi field")));
        }
        let spec = parse_leaf(sub, kind, definition)?;
        if !spec.copy_to.is_empty() {
            let reason = format!("[copy_to] may not be used to copy from a multi-field: [{name}.{sub}]");
            return Err(Exception::illegal_argument(reason));
        }
        leaf.multi_fields.insert(sub.as_str().into(), spec);
    }
    Ok(())
}

fn copy_to(value: &Value) -> Vec<Box<str>> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(Into::into).collect(),
        other => other.as_str().map(Into::into).into_iter().collect(),
    }
}

fn set_null_value(leaf: &mut LeafSpec, value: Value) {
    if !value.is_null() {
        keep(leaf, "null_value", value.clone());
        leaf.null_value = Some(value);
    }
}

fn keep(leaf: &mut LeafSpec, key: &'static str, value: Value) {
    leaf.params.insert(key, value);
}

fn keep_unless(leaf: &mut LeafSpec, key: &'static str, value: Value, default: &Value) {
    if value == *default {
        leaf.params.remove(key);
    } else {
        keep(leaf, key, value);
    }
}

/// A boolean parameter, which is shown when it is not the default.
fn flag(leaf: &mut LeafSpec, key: &'static str, value: &Value, default: bool) -> Result<bool, Exception> {
    let value = boolean(value)?;
    keep_unless(leaf, key, Value::Bool(value), &Value::Bool(default));
    Ok(value)
}

/// A boolean parameter that is shown whenever it is given.
fn shown_flag(leaf: &mut LeafSpec, key: &'static str, value: &Value) -> Result<bool, Exception> {
    let value = boolean(value)?;
    keep(leaf, key, Value::Bool(value));
    Ok(value)
}

fn number(value: &Value) -> Result<f64, Exception> {
    let parsed = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    parsed.ok_or_else(|| not_a_number(value))
}

fn whole(value: &Value) -> Result<Value, Exception> {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(value.clone()),
        Value::String(text) => text.parse::<i64>().map(|number| json!(number)).map_err(|_| not_a_number(value)),
        _ => Err(not_a_number(value)),
    }
}

fn not_a_number(value: &Value) -> Exception {
    let text = super::java_text(value);
    Exception::new("number_format_exception", format!("For input string: \"{text}\""))
}
