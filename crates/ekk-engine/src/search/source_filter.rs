//! `_source` filtering: the parts of a document that a request asks for, without touching how values were written.
//!
//! Source: <https://docs.opensearch.org/latest/search-plugins/searching-data/retrieve-specific-fields/>

use std::fmt;

use serde::{
    Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::SourceFilter;
use crate::mapping::dynamic::simple_match;

/// The source that a filter lets through; `None` when it asks for none.
pub fn filter_source(source: Vec<u8>, filter: &SourceFilter) -> Option<Vec<u8>> {
    let (includes, excludes) = match filter {
        SourceFilter::None => return None,
        SourceFilter::All => return Some(source),
        SourceFilter::Paths { includes, excludes } if includes.is_empty() && excludes.is_empty() => {
            return Some(source);
        }
        SourceFilter::Paths { includes, excludes } => (includes, excludes),
    };
    let filter = Filter { includes, excludes };
    let raw: Result<&RawValue, _> = serde_json::from_slice(&source);
    let filtered = raw.ok().and_then(|raw| filter.value(raw, "", includes.is_empty()));
    Some(filtered.unwrap_or_else(|| "{}".to_owned()).into_bytes())
}

struct Filter<'f> {
    includes: &'f [String],
    excludes: &'f [String],
}

impl Filter<'_> {
    /// What is left of a value; `included` says that all of it is asked for.
    fn value(&self, value: &RawValue, path: &str, included: bool) -> Option<String> {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'{') => self.object(text, path, included),
            Some(b'[') => self.array(text, path, included),
            _ => included.then(|| text.to_owned()),
        }
    }

    fn object(&self, text: &str, path: &str, included: bool) -> Option<String> {
        let mut out = String::from("{");
        for (name, value) in members(text)? {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let excluded = self.excludes.iter().any(|pattern| simple_match(pattern, &path));
            if excluded {
                continue;
            }
            let included = included || self.includes.iter().any(|pattern| simple_match(pattern, &path));
            let Some(kept) = self.value(value, &path, included) else { continue };
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(&serde_json::to_string(&name).unwrap_or_default());
            out.push(':');
            out.push_str(&kept);
        }
        out.push('}');
        (included || out.len() > 2 || path.is_empty()).then_some(out)
    }

    fn array(&self, text: &str, path: &str, included: bool) -> Option<String> {
        let kept: Vec<String> =
            elements(text)?.into_iter().filter_map(|value| self.value(value, path, included)).collect();
        (included || !kept.is_empty()).then(|| format!("[{}]", kept.join(",")))
    }
}

fn members(text: &str) -> Option<Vec<(String, &RawValue)>> {
    serde_json::Deserializer::from_str(text).deserialize_map(Members).ok()
}

fn elements(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::Deserializer::from_str(text).deserialize_seq(Elements).ok()
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_asked_for() {
        let source = r#"{"level":"INFO","dur": 1.50,"o":{"a":1,"b":{"c":[1,{"d":2}]}},"l":[{"x":1},{"y":2}]}"#;
        for (includes, excludes, expected) in [
            (vec![], vec![], source),
            (vec!["l*", "dur"], vec!["dur"], r#"{"level":"INFO","l":[{"x":1},{"y":2}]}"#),
            (vec!["dur"], vec![], r#"{"dur":1.50}"#),
            (vec!["o.a"], vec![], r#"{"o":{"a":1}}"#),
            (vec!["o.b"], vec![], r#"{"o":{"b":{"c":[1,{"d":2}]}}}"#),
            (vec!["*.d"], vec![], r#"{"o":{"b":{"c":[{"d":2}]}}}"#),
            (vec![], vec!["o", "l"], r#"{"level":"INFO","dur":1.50}"#),
            (vec![], vec!["o.*", "l.x", "dur", "level"], r#"{"o":{},"l":[{},{"y":2}]}"#),
            (vec!["o.*"], vec!["*.c"], r#"{"o":{"a":1,"b":{}}}"#),
            (vec!["l.x"], vec![], r#"{"l":[{"x":1}]}"#),
            (vec!["nope"], vec![], "{}"),
        ] {
            let own = |paths: Vec<&str>| paths.into_iter().map(str::to_owned).collect();
            let filter = SourceFilter::Paths { includes: own(includes), excludes: own(excludes) };
            let kept = filter_source(source.as_bytes().to_vec(), &filter).expect("a source");
            assert_eq!(String::from_utf8(kept).expect("UTF-8"), expected, "{filter:?}");
        }
        assert_eq!(filter_source(source.into(), &SourceFilter::None), None);
    }
}
