//! Writes XML that stays well-formed whatever its texts hold.

/// Some elements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Xml {
    text: String,
}

impl Xml {
    /// The outermost element, with its namespace.
    pub(crate) fn root(&mut self, name: &str, namespace: &str, content: impl FnOnce(&mut Self)) {
        self.push(&["<", name, " xmlns=\"", namespace, "\">"]);
        content(self);
        self.push(&["</", name, ">"]);
    }

    /// An element with elements in it.
    pub(crate) fn within(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.push(&["<", name, ">"]);
        content(self);
        self.push(&["</", name, ">"]);
    }

    /// An element with a text in it.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.within(name, |xml| xml.escape(text));
    }

    /// An element with a text in it, if there is one.
    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A list in AWS's form: `<name><member>…</member>…</name>`.
    pub(crate) fn list<T>(&mut self, name: &str, items: impl IntoIterator<Item = T>, member: impl Fn(&mut Self, T)) {
        self.within(name, |xml| {
            for item in items {
                xml.within("member", |xml| member(xml, item));
            }
        });
    }

    /// Text within the element that is open.
    pub(crate) fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '&' => self.text.push_str("&amp;"),
                '"' => self.text.push_str("&quot;"),
                '\r' => self.text.push_str("&#xD;"),
                '\t' | '\n' => self.text.push(character),
                '\0'..' ' | '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                _ => self.text.push(character),
            }
        }
    }

    pub(crate) fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
    }

    fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986, as IAM does with policy documents.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]),
        }
    }
    encoded
}

fn hex_digit(value: u8) -> char {
    char::from_digit(value.into(), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_becomes_markup() {
        let mut xml = Xml::default();
        xml.text("Message", "</Message><b a=\"&\">\u{0}\r\n\u{ffff}");
        assert_eq!(
            xml.into_string(),
            "<Message>&lt;/Message&gt;&lt;b a=&quot;&amp;&quot;&gt;\u{fffd}&#xD;\n\u{fffd}</Message>"
        );
    }

    #[test]
    fn a_policy_is_percent_encoded_as_iam_does() {
        assert_eq!(percent_encoded("{\"a\": \"ü~*\"}"), "%7B%22a%22%3A%20%22%C3%BC~%2A%22%7D");
    }
}
