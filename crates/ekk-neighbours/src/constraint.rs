//! The constraints that AWS's model puts on a text or a number, and the words in which AWS names what violates them.

use std::{fmt, sync::OnceLock};

use regex::Regex;

use crate::limits;

/// What a text must be.
#[derive(Debug)]
pub(crate) struct Text {
    /// The least characters, counted as Java does, in UTF-16.
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) pattern: Option<&'static Pattern>,
    /// The values that there are; any when empty.
    pub(crate) values: &'static [&'static str],
    /// Values that AWS takes although its model does not list them.
    pub(crate) also: Option<fn(&str) -> bool>,
}

impl Text {
    pub(crate) const ANY: Self = Self::length(0, usize::MAX);

    pub(crate) const fn length(min: usize, max: usize) -> Self {
        Self { min, max, pattern: None, values: &[], also: None }
    }

    pub(crate) const fn like(min: usize, max: usize, pattern: &'static Pattern) -> Self {
        Self { min, max, pattern: Some(pattern), values: &[], also: None }
    }

    pub(crate) const fn one_of(values: &'static [&'static str]) -> Self {
        Self { min: 0, max: usize::MAX, pattern: None, values, also: None }
    }
}

/// A regular expression that a whole text must match.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As AWS prints it.
    text: &'static str,
    /// The same without look-ahead, which our engine does not have.
    equivalent: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self::rewritten(text, text)
    }

    pub(crate) const fn rewritten(text: &'static str, equivalent: &'static str) -> Self {
        Self { text, equivalent, compiled: OnceLock::new() }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let compile = || Regex::new(&format!("^(?:{})$", self.equivalent)).expect("every pattern is tested");
        self.compiled.get_or_init(compile).is_match(text)
    }
}

/// One or more violated constraints, no more than AWS names.
///
/// Shown as `N validation errors detected: Value … at … failed to satisfy constraint: …; …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violations {
    items: Vec<String>,
}

impl fmt::Display for Violations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.items.len() == 1 { "" } else { "s" };
        write!(formatter, "{} validation error{plural} detected: {}", self.items.len(), self.items.join("; "))
    }
}

impl std::error::Error for Violations {}

/// The violations of a request so far.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    items: Vec<String>,
}

impl Checks {
    /// # Errors
    /// All violations that were found, if any.
    pub(crate) fn end(self) -> Result<(), Violations> {
        if self.items.is_empty() { Ok(()) } else { Err(Violations { items: self.items }) }
    }

    pub(crate) fn are_enough(&self) -> bool {
        self.items.len() >= limits::VIOLATIONS
    }

    pub(crate) fn missing(&mut self, path: &str) {
        self.say("null", path, "Member must not be null");
    }

    pub(crate) fn text(&mut self, path: &str, value: &str, text: &Text) {
        let shown = quoted(value);
        if !text.values.is_empty() && !text.values.contains(&value) && !text.also.is_some_and(|also| also(value)) {
            let values = text.values.join(", ");
            self.say(&shown, path, &format!("Member must satisfy enum value set: [{values}]"));
        }
        if let Some(pattern) = text.pattern.filter(|pattern| !pattern.matches(value)) {
            self.say(&shown, path, &format!("Member must satisfy regular expression pattern: {}", pattern.text));
        }
        self.bounds("length", (value.encode_utf16().count(), text.min, text.max), &shown, path);
    }

    pub(crate) fn integer(&mut self, path: &str, value: i64, (min, max): (i64, i64)) {
        self.bounds("value", (value, min, max), &quoted(&value.to_string()), path);
    }

    /// Checks a key of a map; a map's keys are of a list of values or free.
    pub(crate) fn map_key(&mut self, path: &str, key: &str, keys: &Text) {
        if !keys.values.contains(&key) {
            let values = keys.values.join(", ");
            let constraint =
                format!("Map keys must satisfy constraint: [Member must satisfy enum value set: [{values}]]");
            self.say(&quoted(&format!("{{{key}=…}}")), path, &constraint);
        }
    }

    /// Checks how many elements a list has; `shown` is the list as Java prints it.
    pub(crate) fn list_length(&mut self, path: &str, length: usize, max: usize, shown: &str) {
        self.bounds("length", (length, 0, max), &quoted(shown), path);
    }

    fn bounds<T: PartialOrd + fmt::Display>(
        &mut self,
        what: &str,
        (quantity, min, max): (T, T, T),
        shown: &str,
        path: &str,
    ) {
        if quantity < min {
            self.say(shown, path, &format!("Member must have {what} greater than or equal to {min}"));
        } else if quantity > max {
            self.say(shown, path, &format!("Member must have {what} less than or equal to {max}"));
        }
    }

    fn say(&mut self, shown: &str, path: &str, constraint: &str) {
        if !self.are_enough() {
            self.items.push(format!("Value {shown} at '{path}' failed to satisfy constraint: {constraint}"));
        }
    }
}

/// The value in quotes; a very long one is cut, which AWS does not do, because ten of them go into one answer.
fn quoted(value: &str) -> String {
    match value.char_indices().nth(limits::ERROR_VALUE_CHARS) {
        None => format!("'{value}'"),
        Some((end, _)) => format!("'{}…'", value.get(..end).unwrap_or_default()),
    }
}

/// AWS's front end spells members as Java does: `RoleName` is `roleName`, `EBSOptions` is `eBSOptions`.
pub(crate) fn java_name(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_are_named_in_the_words_of_aws_and_no_more_than_ten() {
        static NAME: Text = Text::like(3, 28, &NAMES);
        static NAMES: Pattern = Pattern::new(r"[a-z][a-z0-9\-]+");
        let mut checks = Checks::default();
        checks.missing("roleName");
        checks.text("domainName", "A", &NAME);
        checks.integer("maxItems", 0, (1, 1000));
        assert_eq!(
            checks.end().unwrap_err().to_string(),
            "4 validation errors detected: Value null at 'roleName' failed to satisfy constraint: Member must not be \
             null; Value 'A' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [a-z][a-z0-9\\-]+; Value 'A' at 'domainName' failed to satisfy constraint: Member must have \
             length greater than or equal to 3; Value '0' at 'maxItems' failed to satisfy constraint: Member must \
             have value greater than or equal to 1"
        );
        let mut checks = Checks::default();
        for _ in 0..20 {
            checks.missing("tags");
        }
        assert!(checks.end().unwrap_err().to_string().starts_with("10 validation errors detected: "));
    }
}
