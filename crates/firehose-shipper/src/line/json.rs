//! Writes JSON strings and numbers, without a detour over values.

use std::fmt;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `,"name":"value"`. The name needs no escapes.
pub(crate) fn write_field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    write_text(out, value);
}

/// Appends a JSON string.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

/// Appends what a value displays, as a JSON string.
pub(crate) fn write_display(out: &mut Vec<u8>, value: fmt::Arguments<'_>) {
    out.push(b'"');
    match value.as_str() {
        Some(text) => escape(out, text),
        // A value whose `Display` fails is written as far as it came.
        None => fmt::write(&mut Escaped(out), value).unwrap_or_default(),
    }
    out.push(b'"');
}

/// Appends a number, or null for what JSON has no number for.
pub(crate) fn write_float(out: &mut Vec<u8>, value: f64) {
    // A `Vec` takes everything.
    serde_json::to_writer(out, &value).unwrap_or_default();
}

/// Appends an integer.
pub(crate) fn write_integer(out: &mut Vec<u8>, value: impl fmt::Display) {
    use std::io::Write;
    // A `Vec` takes everything.
    write!(out, "{value}").unwrap_or_default();
}

/// Escapes what is written through it.
struct Escaped<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

/// Appends the inside of a JSON string.
pub(crate) fn escape(out: &mut Vec<u8>, text: &str) {
    let mut plain_from = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().copied().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain_from..at]);
        plain_from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
    }
    out.extend_from_slice(&bytes[plain_from..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_read_back_as_it_was(text in any::<String>()) {
            let mut out = Vec::new();
            write_text(&mut out, &text);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text.clone());
            let mut displayed = Vec::new();
            write_display(&mut displayed, format_args!("{text}"));
            prop_assert_eq!(displayed, out);
        }
    }

    #[test]
    fn numbers_are_numbers_and_what_is_none_is_null() {
        for (value, expected) in [(1.5, "1.5"), (-0.25, "-0.25"), (f64::NAN, "null"), (f64::INFINITY, "null")] {
            let mut out = Vec::new();
            write_float(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
