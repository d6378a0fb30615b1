//! `highlight`: which fields to mark, and how.
//!
//! Source: <https://docs.opensearch.org/latest/search-plugins/searching-data/highlight/>

use ekk_engine::search::{Highlight, HighlightField, HighlightOptions};

use crate::{
    dsl::{Fault, Parsed, boolean, integer, query, text, texts},
    json::parse::{Member, Node, Value},
};

/// Reads the whole part.
pub(crate) fn parse(node: &Node) -> Parsed<Highlight> {
    let mut highlight = Highlight::default();
    for member in node.members().unwrap_or_default() {
        if member.name == "fields" {
            highlight.fields = fields(&member.value)?;
        } else if !option(&mut highlight.options, member)? {
            return Err(Fault::x_content(&format!("[highlight] unknown field [{}]", member.name), member.name_at));
        }
    }
    Ok(highlight)
}

/// Fields are an object, or a list of objects where their order counts.
fn fields(node: &Node) -> Parsed<Vec<HighlightField>> {
    match &node.value {
        Value::Array(items) => {
            let nested: Vec<Vec<HighlightField>> = items.iter().map(fields).collect::<Parsed<_>>()?;
            Ok(nested.into_iter().flatten().collect())
        }
        _ => node.members().unwrap_or_default().iter().map(field).collect(),
    }
}

fn field(member: &Member) -> Parsed<HighlightField> {
    let mut options = HighlightOptions::default();
    for inner in member.value.members().unwrap_or_default() {
        if !option(&mut options, inner)? && !matches!(inner.name.as_str(), "matched_fields" | "fragment_offset") {
            let reason = format!("[highlight_field] unknown field [{}]", inner.name);
            return Err(Fault::x_content(&reason, inner.name_at));
        }
    }
    Ok(HighlightField { field: member.name.clone(), options })
}

/// Reads an option that stands both beside and inside the fields; false when it is none.
///
/// The highlighter's `type` and the options of how it finds boundaries are accepted: there is one highlighter.
fn option(options: &mut HighlightOptions, member: &Member) -> Parsed<bool> {
    let node = &member.value;
    match member.name.as_str() {
        "pre_tags" => options.pre_tags = Some(texts(node)?),
        "post_tags" => options.post_tags = Some(texts(node)?),
        "fragment_size" => options.fragment_size = Some(count(node)?),
        "number_of_fragments" => options.number_of_fragments = Some(count(node)?),
        "no_match_size" => options.no_match_size = Some(count(node)?),
        "require_field_match" => options.require_field_match = Some(boolean(node)?),
        "highlight_query" => options.highlight_query = Some(Box::new(query::parse(node)?)),
        "order" => options.order_by_score = Some(text(node)? == "score"),
        "type"
        | "fragmenter"
        | "boundary_scanner"
        | "boundary_max_scan"
        | "boundary_chars"
        | "boundary_scanner_locale"
        | "encoder"
        | "tags_schema"
        | "force_source"
        | "phrase_limit"
        | "options"
        | "max_fragment_length"
        | "max_analyzer_offset" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

/// A number of characters; Dashboards sends the largest integer for "all".
fn count(node: &Node) -> Parsed<usize> {
    Ok(usize::try_from(integer(node)?).unwrap_or(0))
}
