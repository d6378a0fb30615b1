//! One answer as one JSON value: `{"status": …, "headers": {…}, "body": …}`, which is what differences name places in.
//!
//! Bodies of JSON and of XML become values, other text stays text. XML becomes objects: `{"Root": {"Child": "text"}}`,
//! with an array where a name comes more than once.

use anyhow::{Context as _, Result, bail};
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

/// Reads an answer; of its headers, only those are kept that begin with one of `headers`.
pub(crate) async fn read(response: reqwest::Response, headers: &[&str]) -> Result<Value> {
    let status = response.status().as_u16();
    let mut kept = keep(response.headers(), headers);
    let kind =
        response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = response.bytes().await.context("the answer's body breaks off")?;
    let body = body(&kind, &bytes);
    if body.is_object() || status >= 300 {
        kept.remove("content-length"); // how a body is spelled is not compared, so its length is not either
    }
    if status >= 300 && body.as_str() == Some("") {
        for name in ["content-type", "etag", "last-modified"] {
            kept.remove(name); // of what the answer to HEAD leaves out
        }
    }
    Ok(json!({"status": status, "headers": kept, "body": body}))
}

fn keep(headers: &HeaderMap, begin: &[&str]) -> Map<String, Value> {
    let kept = headers.iter().filter(|(name, _)| begin.iter().any(|begin| name.as_str().starts_with(begin)));
    kept.map(|(name, value)| (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes())))).collect()
}

fn body(kind: &str, bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if kind.starts_with("application/json") {
        return serde_json::from_str(&text).unwrap_or(Value::String(text));
    }
    if kind.starts_with("application/xml") && !text.is_empty() {
        return read_xml(&text).unwrap_or(Value::String(text));
    }
    Value::String(text)
}

/// Reads a document of XML, comments and processing instructions left out.
fn read_xml(text: &str) -> Result<Value> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event()? {
            Event::Start(start) => open.push(Element::begin(&start)?),
            Event::Empty(start) => close(&mut open, Element::begin(&start)?)?,
            Event::End(_) => {
                let element = open.pop().context("an end without a start")?;
                close(&mut open, element)?;
            }
            Event::Text(text) => top(&mut open)?.text.push_str(&text.decode()?),
            Event::CData(text) => top(&mut open)?.text.push_str(&text.decode()?),
            Event::GeneralRef(reference) => {
                let element = top(&mut open)?;
                if let Some(letter) = reference.resolve_char_ref()? {
                    element.text.push(letter);
                } else {
                    let name = reference.decode()?;
                    element.text.push_str(resolve_predefined_entity(&name).context("an unknown entity")?);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(document), true) => Ok(Value::Object(document.children)),
        _ => bail!("an element is not closed"),
    }
}

#[derive(Default)]
struct Element {
    name: String,
    children: Map<String, Value>,
    text: String,
}

impl Element {
    fn begin(start: &BytesStart<'_>) -> Result<Self> {
        let mut element = Self { name: String::from_utf8_lossy(start.name().as_ref()).into_owned(), ..Self::default() };
        for attribute in start.attributes() {
            let attribute = attribute?;
            let name = format!("@{}", String::from_utf8_lossy(attribute.key.as_ref()));
            element.children.insert(name, Value::from(String::from_utf8_lossy(&attribute.value)));
        }
        Ok(element)
    }

    fn value(self) -> Value {
        if self.children.is_empty() { Value::String(self.text) } else { Value::Object(self.children) }
    }
}

fn top(open: &mut [Element]) -> Result<&mut Element> {
    open.last_mut().context("text outside of an element")
}

fn close(open: &mut [Element], element: Element) -> Result<()> {
    let parent = top(open)?;
    let name = element.name.clone();
    let value = element.value();
    match parent.children.get_mut(&name) {
        None => drop(parent.children.insert(name, value)),
        Some(Value::Array(several)) => several.push(value),
        Some(one) => *one = json!([one.take(), value]),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_becomes_objects_with_arrays_of_what_comes_twice() {
        let text = "<?xml version=\"1.0\"?>\n<A xmlns=\"u\"><B>1 &lt; 2&#33;</B><B/><C><D>x</D></C></A>";
        let expected = json!({"A": {"@xmlns": "u", "B": ["1 < 2!", ""], "C": {"D": "x"}}});
        assert_eq!(body("application/xml", text.as_bytes()), expected);
        assert_eq!(body("application/xml", b"<A>"), json!("<A>"));
    }
}
