//! Makes a record shorter, so that Firehose takes it. Pure.
//!
//! A JSON object stays one: its small fields are kept whole, its largest are shortened or left out, and a field
//! [`MARKER`] lists their names.

use std::{borrow::Cow, fmt};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits::SMALLEST_RECORD_LIMIT;

/// The field that lists what was shortened or left out.
const MARKER: &str = "truncated";
/// Bytes that the marker may take, with its comma.
const MARKER_BYTES: usize = 320;
/// Bytes of the names in the marker.
const NAMES_BYTES: usize = 256;
/// What stands at the end of shortened text.
const ELLIPSIS: &str = "…";
/// What stands at the end of a record that is no JSON object.
const CUT: &str = "…[truncated]";
/// A text is left out rather than cut to less than this.
const SHORTEST_TEXT: usize = 32;

/// One field of an object: its name and its value as they are written.
struct Field<'a> {
    name: Cow<'a, str>,
    value: &'a str,
}

impl Field<'_> {
    /// Bytes of `"name":value,`; the name counts as it would be without escapes.
    fn bytes(&self) -> usize {
        self.name_bytes() + self.value.len()
    }

    fn name_bytes(&self) -> usize {
        written(&self.name).len() + 2
    }

    fn is_text(&self) -> bool {
        self.value.starts_with('"')
    }
}

/// The record at no more than `limit` bytes, which are [`SMALLEST_RECORD_LIMIT`] or more without the newline.
pub(crate) fn truncate(data: &[u8], limit: usize) -> Vec<u8> {
    debug_assert!(limit + 1 >= SMALLEST_RECORD_LIMIT, "there is no room for the marker");
    match fields(data) {
        Some(fields) => truncate_object(&fields, limit),
        None => cut(data, limit),
    }
}

/// The fields of a JSON object; none when it is anything else.
fn fields(data: &[u8]) -> Option<Vec<Field<'_>>> {
    struct Fields;

    impl<'de> Visitor<'de> for Fields {
        type Value = Vec<Field<'de>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                fields.push(Field { name: Cow::Owned(name), value: value.get() });
            }
            Ok(fields)
        }
    }

    let mut json = serde_json::Deserializer::from_slice(data);
    let fields = json.deserialize_map(Fields).ok()?;
    json.end().ok()?;
    Some(fields)
}

fn truncate_object(fields: &[Field<'_>], limit: usize) -> Vec<u8> {
    let fields: Vec<&Field<'_>> = fields.iter().filter(|field| field.name != MARKER).collect();
    let mut by_size: Vec<usize> = (0..fields.len()).collect();
    by_size.sort_by_key(|place| std::cmp::Reverse(fields[*place].bytes()));

    // The largest go, one after the other, until the rest fits.
    let mut room = limit.saturating_sub(2 + MARKER_BYTES);
    let mut kept_bytes: usize = fields.iter().map(|field| field.bytes()).sum();
    let mut shortened = vec![false; fields.len()];
    for place in by_size {
        if kept_bytes <= room {
            break;
        }
        kept_bytes -= fields[place].bytes();
        shortened[place] = true;
    }
    room = room.saturating_sub(kept_bytes);

    // What room is left is for the texts among them.
    let is_cut_text = |(field, cut): &(&&Field<'_>, &bool)| **cut && field.is_text();
    let texts = fields.iter().zip(&shortened).filter(is_cut_text).count();
    let share = room.checked_div(texts).unwrap_or_default();

    let mut out = Vec::with_capacity(limit);
    let mut names = Vec::new();
    out.push(b'{');
    for (field, cut) in fields.iter().zip(&shortened) {
        if !cut {
            write_field(&mut out, &field.name, field.value);
            continue;
        }
        names.push(field.name.as_ref());
        let text_bytes = share.saturating_sub(field.name_bytes());
        if field.is_text() && text_bytes >= SHORTEST_TEXT {
            write_field(&mut out, &field.name, &shorten_text(field.value, text_bytes));
        }
    }
    write_field(&mut out, MARKER, &written_names(&names));
    out.pop();
    out.push(b'}');
    out
}

fn write_field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(written(name).as_bytes());
    out.push(b':');
    out.extend_from_slice(value.as_bytes());
    out.push(b',');
}

/// A string as JSON.
fn written(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A JSON list of the names, as many as there is room for.
fn written_names(names: &[&str]) -> String {
    let mut list = String::from("[");
    for name in names {
        let name = written(name);
        if list.len() + name.len() + 1 > NAMES_BYTES {
            break;
        }
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(&name);
    }
    list.push(']');
    list
}

/// The beginning of a JSON string, itself a JSON string of at most `limit` bytes.
fn shorten_text(text: &str, limit: usize) -> String {
    let end = limit - ELLIPSIS.len() - 1;
    let mut at = 1;
    for unit in units(text) {
        if at + unit > end {
            break;
        }
        at += unit;
    }
    format!("{}{ELLIPSIS}\"", text.get(..at).unwrap_or("\""))
}

/// The lengths of the parts of a JSON string that may not be torn: letters, escapes, and pairs of surrogates.
fn units(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut at = 1;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let unit = match rest.as_bytes() {
            [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _, b'\\', b'u', ..] => 12,
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            _ => rest.chars().next()?.len_utf8(),
        };
        at += unit;
        Some(unit)
    })
}

/// The beginning of what is no object, up to a letter's end.
fn cut(data: &[u8], limit: usize) -> Vec<u8> {
    let mut end = (limit - CUT.len()).min(data.len());
    // At most three bytes of a letter of UTF-8 follow its first.
    for _ in 0..3 {
        if data.get(end).is_none_or(|byte| byte & 0xC0 != 0x80) {
            break;
        }
        end = end.saturating_sub(1);
    }
    let mut out = data.get(..end).unwrap_or(data).to_vec();
    out.extend_from_slice(CUT.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    const LIMIT: usize = SMALLEST_RECORD_LIMIT;

    fn object(data: &[u8]) -> Map<String, Value> {
        assert!(data.len() <= LIMIT, "{} bytes", data.len());
        serde_json::from_slice(data).unwrap()
    }

    #[test]
    fn a_long_message_is_shortened_and_all_else_kept() {
        let record = json!({"levelname": "INFO", "message": "m".repeat(3000), "order": 17}).to_string();
        let cut = truncate(record.as_bytes(), LIMIT);
        let fields = object(&cut);
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["levelname", "message", "order", "truncated"]);
        assert_eq!((&fields["levelname"], &fields["order"]), (&json!("INFO"), &json!(17)));
        assert_eq!(fields["truncated"], json!(["message"]));
        let message = fields["message"].as_str().unwrap();
        assert!(message.starts_with("mmm") && message.ends_with("m…"));
        assert!(message.len() > LIMIT - MARKER_BYTES - 100, "as much is kept as there is room for");
    }

    #[test]
    fn what_is_no_text_is_left_out_whole() {
        let record = json!({"a": vec![1; 2000], "b": "kept", "truncated": "of before"}).to_string();
        let fields = object(&truncate(record.as_bytes(), LIMIT));
        assert_eq!(Value::from(fields), json!({"b": "kept", "truncated": ["a"]}));
    }

    #[test]
    fn a_text_is_never_cut_within_an_escape_or_a_letter() {
        let text = r#""\ud83d\ude00\u00e9é\n""#;
        for (limit, expected) in [
            (11, r#""…""#),
            (17, r#""\ud83d\ude00…""#),
            (23, r#""\ud83d\ude00\u00e9…""#),
            (24, r#""\ud83d\ude00\u00e9…""#),
            (25, r#""\ud83d\ude00\u00e9é…""#),
        ] {
            assert_eq!(shorten_text(text, limit), expected, "at {limit}");
        }
    }

    #[test]
    fn what_is_no_object_is_cut_at_the_end_of_a_letter() {
        let text = "ü".repeat(1000);
        let cut = String::from_utf8(truncate(text.as_bytes(), LIMIT)).unwrap();
        assert!(cut.len() <= LIMIT && cut.len() >= LIMIT - 1 && cut.ends_with("ü…[truncated]"));
        let list = truncate(format!("[{}1]", "1,".repeat(1000)).as_bytes(), LIMIT);
        assert!(list.ends_with(CUT.as_bytes()));
        assert_eq!(truncate(&[0x80; 2000], LIMIT).len(), LIMIT - 3);
    }

    proptest! {
        #[test]
        fn an_object_stays_an_object_within_the_limit_whose_fields_are_the_same_or_listed(
            fields in proptest::collection::vec(("[a-d\"é]{1,40}", 0..3_u8, 0..700_usize), 0..60),
        ) {
            let mut object = Map::new();
            for (name, kind, size) in &fields {
                object.insert(name.clone(), match kind {
                    0 => Value::from("é\"\n😀".repeat(*size)),
                    1 => Value::from(vec![0; *size]),
                    _ => Value::from(*size),
                });
            }
            let record = Value::from(object.clone()).to_string();
            let cut: Map<String, Value> = {
                let cut = truncate(record.as_bytes(), LIMIT);
                prop_assert!(cut.len() <= LIMIT, "{} bytes", cut.len());
                serde_json::from_slice(&cut).unwrap()
            };
            for (name, value) in cut.iter().filter(|(name, _)| *name != MARKER) {
                let shortened = value.as_str().and_then(|text| text.strip_suffix(ELLIPSIS));
                let same = object.get(name) == Some(value);
                let begins = |text: &str| object.get(name).and_then(Value::as_str).is_some_and(|whole| whole.starts_with(text));
                prop_assert!(same || shortened.is_some_and(begins), "{name}");
            }
        }

        #[test]
        fn anything_is_cut_to_the_limit(data in proptest::collection::vec(any::<u8>(), LIMIT..3 * LIMIT)) {
            prop_assert!(truncate(&data, LIMIT).len() <= LIMIT);
        }
    }
}
