//! The regular expressions of AWS's model, which are written for Java and match a value as a whole.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use regex::Regex;

/// A pattern as AWS's model spells it and as error messages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Pattern(pub(crate) &'static str);

#[derive(Debug)]
struct Compiled {
    whole: Regex,
    unless: Option<Regex>,
}

impl Pattern {
    /// Whether the whole of `value` matches.
    pub(crate) fn matches(self, value: &str) -> bool {
        let compiled = self.compiled();
        compiled.whole.is_match(value) && !compiled.unless.as_ref().is_some_and(|unless| unless.is_match(value))
    }

    /// Each pattern of the model is compiled once, at its first use.
    fn compiled(self) -> Arc<Compiled> {
        static COMPILED: LazyLock<Mutex<HashMap<Pattern, Arc<Compiled>>>> = LazyLock::new(Mutex::default);
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(self).or_insert_with(|| Arc::new(compile(self.0))).clone()
    }
}

/// Java's `\d` and `\w` are ASCII, and it can look ahead: the model does so only to refuse a beginning, `^(?!…)`.
fn compile(text: &str) -> Compiled {
    let ascii = text.replace(r"\d", "[0-9]").replace(r"\w", "[a-zA-Z0-9_]");
    let (unless, rest) = match ascii.strip_prefix("^(?!").and_then(|rest| rest.split_once(')')) {
        Some((unless, rest)) => (Some(unless), rest),
        None => (None, ascii.as_str()),
    };
    let regex = |text: String| Regex::new(&text).expect("the model's patterns are tested to compile");
    Compiled {
        whole: regex(format!(r"\A(?:{rest})\z")),
        unless: unless.map(|unless| regex(format!(r"\A(?:{unless})"))),
    }
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
    fn a_refused_beginning_is_refused() {
        check(r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$", &["", "team", "aws", "Größe/x"], &["aws:team", "a#b"]);
        check(r"^(?!\s*$).+", &["x", " x"], &["", "  "]);
    }
}
