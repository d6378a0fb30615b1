//! The keys of the object that a query of jq makes, read off the query's text: `{customer: .a.b, "day": .t}`.
//!
//! Whether the query runs is the subject of delivery, which runs it.

/// The keys of a query that is the making of one object; none when it is something else, or its keys are worked out.
pub(super) fn keys(query: &str) -> Option<Vec<String>> {
    let body = query.trim().strip_prefix('{')?.strip_suffix('}')?;
    entries(body)?.into_iter().filter(|entry| !entry.trim().is_empty()).map(key).collect()
}

/// The texts between the commas that are in no bracket and no string; none when brackets do not match.
fn entries(body: &str) -> Option<Vec<&str>> {
    let mut entries = Vec::new();
    let (mut start, mut depth, mut in_string) = (0, 0u32, false);
    let mut chars = body.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' if in_string => {
                chars.next();
            }
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                entries.push(body.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    entries.push(body.get(start..)?);
    (depth == 0 && !in_string).then_some(entries)
}

/// The key of `key: value`, `"key": value`, or `key` alone.
fn key(entry: &str) -> Option<String> {
    let entry = entry.trim();
    if let Some(quoted) = entry.strip_prefix('"') {
        let (key, rest) = quoted.split_once('"')?;
        let is_plain = !key.contains('\\') && (rest.trim().is_empty() || rest.trim_start().starts_with(':'));
        return is_plain.then(|| key.to_owned());
    }
    let name = entry.split_once(':').map_or(entry, |(name, _)| name).trim();
    let is_name = name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    (is_name && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_an_object_are_read_off_its_text() {
        for (query, expected) in [
            ("{customer_id: .customer_id, device: .type.device}", Some(vec!["customer_id", "device"])),
            (r#" { "a,b": .x, day : .t | strftime("%Y,%m"), c } "#, Some(vec!["a,b", "day", "c"])),
            (r#"{a: {b: 1, c: [2, 3]}, d: "\"}{", e: (1, 2)}"#, Some(vec!["a", "d", "e"])),
            ("{}", Some(vec![])),
            ("{a: .x,}", Some(vec!["a"])),
            (".a", None),
            ("{(.a): 1}", None),
            ("{a: 1} | {b: 2}", None),
            (r#"{a: "}"#, None),
            (r#"{"\(.a)": 1}"#, None),
        ] {
            let expected = expected.map(|keys| keys.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(keys(query), expected, "{query}");
        }
    }
}
