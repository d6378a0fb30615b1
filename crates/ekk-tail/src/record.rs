//! What a text becomes on its way to Firehose: JSON as it is, and anything else in a JSON object. Pure.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// What is made of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A JSON object stays as it is, and anything else is wrapped.
    #[default]
    Auto,
    /// Everything is wrapped.
    Text,
    /// Nothing is.
    Raw,
}

/// The names of the members of a wrapped text; one without a name is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// When it was read.
    pub time: String,
    /// The text.
    pub message: String,
    /// The host's name.
    pub host: String,
    /// The file's path as it was when it was opened, or `-` for standard input.
    pub file: String,
}

impl Default for Names {
    /// Those of the shipper's records, which are Python's: `asctime`, `message`, `host`, `file`.
    fn default() -> Self {
        let owned = ToOwned::to_owned;
        Self { time: owned("asctime"), message: owned("message"), host: owned("host"), file: owned("file") }
    }
}

/// Makes records of texts.
#[derive(Clone, Debug)]
pub struct Wrapping {
    format: Format,
    names: Names,
    /// The members that are the same in all records, each after a comma.
    fixed: String,
}

impl Wrapping {
    /// Wraps with these names, and with the host and more members, which are the same in all records.
    pub fn new(format: Format, names: Names, host: &str, more: &[(String, String)]) -> Self {
        let mut fixed = String::new();
        add_member(&mut fixed, &names.host, host);
        for (name, value) in more {
            add_member(&mut fixed, name, value);
        }
        Self { format, names, fixed }
    }

    /// The record of a text that was read from `file` at `time`.
    pub fn record<'a>(&self, text: &'a [u8], time: &str, file: &str) -> Cow<'a, [u8]> {
        match self.format {
            Format::Raw => Cow::Borrowed(text),
            Format::Auto if is_object(text) => on_one_line(text),
            Format::Auto | Format::Text => Cow::Owned(self.wrap(text, time, file).into_bytes()),
        }
    }

    fn wrap(&self, text: &[u8], time: &str, file: &str) -> String {
        let mut record = String::with_capacity(text.len() + self.fixed.len() + file.len() + 100);
        add_member(&mut record, &self.names.time, time);
        // What is no UTF-8 cannot stand in JSON.
        let message = String::from_utf8_lossy(text);
        let message = if message.contains('\r') { message.replace("\r\n", "\n").into() } else { message };
        add_member(&mut record, &self.names.message, &message);
        add_member(&mut record, &self.names.file, file);
        record.push_str(&self.fixed);
        if record.is_empty() {
            record.push(',');
        }
        record.replace_range(..1, "{");
        record.push('}');
        record
    }
}

/// Appends `,"name":"value"`.
fn add_member(out: &mut String, name: &str, value: &str) {
    if name.is_empty() {
        return;
    }
    out.push(',');
    for (text, after) in [(name, ":"), (value, "")] {
        // A text can always be written.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
        out.push_str(after);
    }
}

fn is_object(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    text.starts_with(b"{")
        && text.ends_with(b"}")
        && str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// An object over several lines on one: a line is a record in S3. Within JSON, lines end between tokens only.
fn on_one_line(object: &[u8]) -> Cow<'_, [u8]> {
    let object = object.trim_ascii();
    if memchr::memchr2(b'\n', b'\r', object).is_none() {
        return Cow::Borrowed(object);
    }
    Cow::Owned(object.iter().map(|byte| if b"\r\n".contains(byte) { b' ' } else { *byte }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: Format, text: &[u8], expected: &str) {
        let more = [("service".to_owned(), "shop \"1\"".to_owned())];
        let wrapping = Wrapping::new(format, Names::default(), "h", &more);
        let record = wrapping.record(text, "T", "/var/log/a.log");
        assert_eq!(String::from_utf8_lossy(&record), expected);
    }

    #[test]
    fn objects_stay_as_they_are_and_other_texts_are_wrapped() {
        let wrapped = |message: &str| {
            format!(
                r#"{{"asctime":"T","message":{message},"file":"/var/log/a.log","host":"h","service":"shop \"1\""}}"#
            )
        };
        check(Format::Auto, br#" {"b": 1.0, "a":"\u00e9"} "#, r#"{"b": 1.0, "a":"\u00e9"}"#);
        check(Format::Auto, b"{\n  \"a\": 1\r\n}", r#"{   "a": 1  }"#);
        for (text, message) in [
            (&b"plain"[..], r#""plain""#),
            (br#"{"half": "#, r#""{\"half\": ""#),
            (b"[1,2]", r#""[1,2]""#),
            (b"{} {}", r#""{} {}""#),
            (b"a\r\n\tb\x1b[0m", r#""a\n\tb\u001b[0m""#),
            (b"not \xff\xfe utf-8", "\"not \u{fffd}\u{fffd} utf-8\""),
            (b"{\"a\": \"\xff\"}", "\"{\\\"a\\\": \\\"\u{fffd}\\\"}\""),
        ] {
            check(Format::Auto, text, &wrapped(message));
        }
        check(Format::Text, b"{}", &wrapped(r#""{}""#));
        check(Format::Raw, b"a\tb", "a\tb");
    }

    #[test]
    fn a_member_without_a_name_is_left_out() {
        let only = |message: &str| {
            let none = String::new;
            let names = Names { time: none(), message: message.to_owned(), host: none(), file: none() };
            let wrapping = Wrapping::new(Format::Text, names, "h", &[]);
            String::from_utf8(wrapping.record(b"x", "T", "f").into_owned()).unwrap()
        };
        assert_eq!((only("log"), only("")), (r#"{"log":"x"}"#.to_owned(), "{}".to_owned()));
    }
}
