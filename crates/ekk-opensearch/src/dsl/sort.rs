//! `sort`: `"@timestamp"`, `{"@timestamp": "desc"}`, `{"@timestamp": {"order": "desc", …}}`, or a list of them.
//!
//! Source: <https://docs.opensearch.org/latest/search-plugins/searching-data/sort/>

use ekk_engine::search::{FieldSort, Missing, Order, SortKey, SortMode};

use crate::{
    dsl::{Fault, Parsed, scalar, text},
    json::parse::{Member, Node, Value},
};

/// Reads the keys in order.
pub(crate) fn parse(node: &Node) -> Parsed<Vec<SortKey>> {
    match &node.value {
        Value::String(field) => Ok(vec![by_name(field, None)]),
        Value::Object(members) => members.iter().map(key).collect(),
        Value::Array(items) => {
            let mut keys = Vec::new();
            for item in items {
                match &item.value {
                    Value::String(field) => keys.push(by_name(field, None)),
                    Value::Object(members) => {
                        for member in members {
                            keys.push(key(member)?);
                        }
                    }
                    _ => {
                        return Err(Fault::illegal_argument(
                            "malformed sort format, within the sort array, an object, or an actual string are allowed",
                            item.at,
                        ));
                    }
                }
            }
            Ok(keys)
        }
        _ => Err(Fault::illegal_argument(
            "malformed sort format, either start with array, object, or an actual string",
            node.at,
        )),
    }
}

/// The key of a field in a direction; `None` is the field's usual one.
pub(crate) fn by_name(field: &str, order: Option<Order>) -> SortKey {
    match field {
        "_score" => SortKey::Score { order: order.unwrap_or(Order::Desc) },
        "_doc" | "_shard_doc" => SortKey::Doc { order: order.unwrap_or(Order::Asc) },
        field => SortKey::Field(FieldSort::new(field, order.unwrap_or(Order::Asc))),
    }
}

fn key(member: &Member) -> Parsed<SortKey> {
    if let Some(unsupported @ ("_script" | "_geo_distance" | "_geoDistance")) = Some(member.name.as_str()) {
        return Err(Fault::parsing(format!("sort by [{unsupported}] is not supported"), member.value.at));
    }
    match &member.value.value {
        Value::Object(options) => with_options(member, options),
        _ => Ok(by_name(&member.name, Some(order(&member.value)?))),
    }
}

fn with_options(member: &Member, options: &[Member]) -> Parsed<SortKey> {
    let mut sort = FieldSort::new(member.name.as_str(), Order::Asc);
    let mut direction = None;
    let parser = if member.name == "_score" { "_score" } else { "field_sort" };
    for option in options {
        let node = &option.value;
        match option.name.as_str() {
            "order" => direction = Some(order(node).map_err(|fault| fault.in_field(parser, "order"))?),
            "missing" => sort.missing = missing(node)?,
            "mode" => sort.mode = Some(mode(node).map_err(|fault| fault.in_field(parser, "mode"))?),
            "unmapped_type" => sort.unmapped_type = Some(text(node)?),
            "numeric_type" | "nested_path" => {}
            "nested" | "nested_filter" => {
                return Err(Fault::x_content(
                    &format!("[{parser}] [{}] is not supported", option.name),
                    option.name_at,
                ));
            }
            name => return Err(Fault::x_content(&format!("[{parser}] unknown field [{name}]"), option.name_at)),
        }
    }
    match member.name.as_str() {
        "_score" | "_doc" => Ok(by_name(&member.name, direction)),
        _ => {
            sort.order = direction.unwrap_or(Order::Asc);
            Ok(SortKey::Field(sort))
        }
    }
}

fn order(node: &Node) -> Parsed<Order> {
    let name = text(node)?;
    order_named(&name).ok_or_else(|| {
        let reason = format!("No enum constant org.opensearch.search.sort.SortOrder.{}", name.to_uppercase());
        Fault::illegal_argument(reason, node.at)
    })
}

/// The direction that a text names, in either case.
pub(crate) fn order_named(name: &str) -> Option<Order> {
    match name.to_ascii_lowercase().as_str() {
        "asc" => Some(Order::Asc),
        "desc" => Some(Order::Desc),
        _ => None,
    }
}

fn missing(node: &Node) -> Parsed<Missing> {
    Ok(match node.string() {
        Some("_last") => Missing::Last,
        Some("_first") => Missing::First,
        _ => Missing::Value(scalar(node)?),
    })
}

fn mode(node: &Node) -> Parsed<SortMode> {
    let name = text(node)?;
    Ok(match name.to_ascii_lowercase().as_str() {
        "min" => SortMode::Min,
        "max" => SortMode::Max,
        "avg" => SortMode::Avg,
        "sum" => SortMode::Sum,
        "median" => SortMode::Median,
        _ => return Err(Fault::illegal_argument(format!("Unknown SortMode [{name}]"), node.at)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn read(text: &str) -> Parsed<Vec<SortKey>> {
        super::parse(&parse::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn all_forms_are_read() {
        let time = |order| SortKey::Field(FieldSort::new("t", order));
        for (text, expected) in [
            (r#""t""#, vec![time(Order::Asc)]),
            (r#"["t", "_score"]"#, vec![time(Order::Asc), SortKey::Score { order: Order::Desc }]),
            (r#"{"t": "desc"}"#, vec![time(Order::Desc)]),
            (
                r#"[{"t": {"order": "desc"}}, {"_doc": "asc"}]"#,
                vec![time(Order::Desc), SortKey::Doc { order: Order::Asc }],
            ),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn unknown_options_are_refused_with_their_place() {
        let fault = read(r#"[{"a": {"format": "x"}}]"#).unwrap_err();
        assert_eq!(fault.exception.reason, "[1:9] [field_sort] unknown field [format]");
    }
}
