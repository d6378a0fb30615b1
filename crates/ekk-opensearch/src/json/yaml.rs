//! `format=yaml`: the answer in the YAML that OpenSearch prints.

use crate::json::Json;

/// The whole document, with its `---` line.
pub(crate) fn to_yaml(json: &Json) -> String {
    let mut out = String::from("---");
    write_value(json, 0, &mut out);
    out.push('\n');
    out
}

fn write_value(json: &Json, depth: usize, out: &mut String) {
    match json {
        Json::Object(object) if !object.members.is_empty() => {
            for (name, value) in &object.members {
                new_line(depth, out);
                write_member(name, value, depth, out);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for item in items {
                new_line(depth, out);
                out.push('-');
                write_item(item, depth, out);
            }
        }
        _ => {
            out.push(' ');
            write_scalar(json, out);
        }
    }
}

fn write_member(name: &str, value: &Json, depth: usize, out: &mut String) {
    out.push_str(&plain_or_quoted(name, false));
    out.push(':');
    match value {
        Json::Object(object) if !object.members.is_empty() => write_value(value, depth + 1, out),
        _ => write_value(value, depth, out),
    }
}

/// The first member of an object in a list stands on the line of its dash.
fn write_item(item: &Json, depth: usize, out: &mut String) {
    match item {
        Json::Object(object) if !object.members.is_empty() => {
            for (at, (name, value)) in object.members.iter().enumerate() {
                if at == 0 {
                    out.push(' ');
                } else {
                    new_line(depth + 1, out);
                }
                write_member(name, value, depth + 1, out);
            }
        }
        _ => write_value(item, depth + 1, out),
    }
}

fn write_scalar(json: &Json, out: &mut String) {
    match json {
        Json::String(text) => out.push_str(&plain_or_quoted(text, true)),
        other => out.push_str(&String::from_utf8_lossy(&other.to_bytes())),
    }
}

/// Values are always quoted; names only when they would read as something else.
fn plain_or_quoted(text: &str, is_value: bool) -> String {
    let plain = !is_value
        && !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '*'))
        && !text.starts_with(['-', '@', '*'])
        && text.parse::<f64>().is_err();
    if plain {
        return text.to_owned();
    }
    let mut quoted = Vec::new();
    crate::json::write_string(text, &mut quoted);
    String::from_utf8_lossy(&quoted).into_owned()
}

fn new_line(depth: usize, out: &mut String) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse::parse;

    #[test]
    fn an_answer_reads_as_opensearch_prints_yaml() {
        let json =
            parse(br#"{"count":43,"_shards":{"total":1},"hits":[{"_id":"1","n":null},"a"],"e":[]}"#).unwrap().to_json();
        assert_eq!(
            to_yaml(&json),
            "---\ncount: 43\n_shards:\n  total: 1\nhits:\n- _id: \"1\"\n  n: null\n- \"a\"\ne: []\n"
        );
    }
}
