//! The regular expressions of AWS's model, which are written for Java and match a value as a whole.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use fancy_regex::Regex;

use crate::loopback::is_plain_loopback;

/// The patterns of clusters', collections' and HTTP endpoints.
const ENDPOINTS: [&str; 2] = ["https:.*", "https://.*"];

/// A pattern as AWS's model spells it and as error messages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Pattern(pub(crate) &'static str);

impl Pattern {
    /// Whether the whole of `value` matches. A value on which the match takes too many steps does not.
    ///
    /// Differs from AWS: an endpoint on this machine may be plain http, for a test has no certificates.
    pub(crate) fn matches(self, value: &str) -> bool {
        let matches = self.compiled().is_match(value).unwrap_or(false);
        matches || (ENDPOINTS.contains(&self.0) && is_plain_loopback(value))
    }

    /// Each pattern of the model is compiled once, at its first use.
    fn compiled(self) -> Arc<Regex> {
        static COMPILED: LazyLock<Mutex<HashMap<Pattern, Arc<Regex>>>> = LazyLock::new(Mutex::default);
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(self).or_insert_with(|| Arc::new(compile(self.0))).clone()
    }
}

fn compile(text: &str) -> Regex {
    Regex::new(&format!(r"\A(?:{})\z", translated(text))).expect("the model's patterns are tested to compile")
}

/// Java's classes are ASCII, its dot stops at every line's end, and it writes code points as `\uXXXX`.
fn translated(java: &str) -> String {
    let mut rust = String::with_capacity(java.len() * 2);
    let mut in_class = false;
    let mut chars = java.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('d') => rust.push_str(if in_class { "0-9" } else { "[0-9]" }),
                Some('w') => rust.push_str(if in_class { "a-zA-Z0-9_" } else { "[a-zA-Z0-9_]" }),
                Some('s') => rust.push_str(if in_class { r" \t\n\x0B\f\r" } else { r"[ \t\n\x0B\f\r]" }),
                Some('S') => rust.push_str(r"[^ \t\n\x0B\f\r]"),
                Some('u') => {
                    let code_point: String = chars.by_ref().take(4).collect();
                    rust.extend([r"\x{", &code_point, "}"]);
                }
                Some(escaped @ ('/' | '_')) => rust.push(escaped),
                Some(escaped) => rust.extend(['\\', escaped]),
                None => rust.push_str(r"\\"),
            },
            '[' if !in_class => {
                in_class = true;
                rust.push('[');
            }
            ']' if in_class => {
                in_class = false;
                rust.push(']');
            }
            '.' if !in_class => rust.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
            char => rust.push(char),
        }
    }
    rust
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &'static str, matching: &[&str], failing: &[&str]) {
        let pattern = Pattern(text);
        for value in matching {
            assert!(pattern.matches(value), "{text} should match {value:?}");
        }
        for value in failing {
            assert!(!pattern.matches(value), "{text} should not match {value:?}");
        }
    }

    #[test]
    fn a_pattern_matches_the_whole_value() {
        check("[a-zA-Z0-9_.-]+", &["a", "A.b-c_9"], &["", "a b", "a\n", "\na", "ä"]);
        check(r"^$|\.[0-9a-z!\-_.*'()]+", &["", ".log", ".tar.gz"], &["log", ".LOG", "x.log"]);
    }

    #[test]
    fn classes_are_ascii_as_in_java() {
        check(r"arn:.*:s3:::[\w\.\-]{1,255}", &["arn:aws:s3:::a.b-c_9"], &["arn:aws:s3:::bücket", "arn:aws:s3:::"]);
        check(r"a\d{2}", &["a12"], &["a1٢"]);
    }

    #[test]
    fn a_dot_stops_at_the_end_of_a_line() {
        check("https:.*", &["https:", "https://a"], &["https://a\nb", "https://a\u{85}"]);
    }

    #[test]
    fn an_endpoint_may_be_plain_http_on_this_machine_alone() {
        for pattern in ENDPOINTS {
            check(pattern, &["http://127.0.0.1:9200", "http://localhost"], &["http://10.0.0.1", "http://example.com"]);
        }
        check("a.*", &["ab"], &["http://127.0.0.1:9200"]);
    }

    #[test]
    fn code_points_are_those_of_the_basic_plane() {
        check(r"[\u0001-\uFFFF]*", &["", "orders", "Größe", "\u{FFFF}"], &["\0", "\u{1F600}"]);
    }

    #[test]
    fn neighbours_are_looked_at() {
        let jdbc = r"((?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+(redshift)";
        check(jdbc, &["a.redshift", "a-b.c.redshift"], &["-a.redshift", "a-.redshift", "redshift"]);
    }

    #[test]
    fn every_pattern_of_the_model_compiles() {
        for operation in &super::super::shapes::OPERATIONS {
            super::super::tests::each_shape(operation.input, &mut |shape| {
                if let super::super::Shape::Text(super::super::Text { pattern: Some(pattern), .. }) = shape {
                    compile(pattern.0);
                }
            });
        }
    }

    #[test]
    fn a_refused_beginning_is_refused() {
        check(r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$", &["", "team", "aws", "Größe/x"], &["aws:team", "a#b"]);
        check(r"^(?!\s*$).+", &["x", " x"], &["", "  "]);
    }
}
