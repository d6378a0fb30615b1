//! Patterns of whole terms: prefixes, wildcards, Lucene's regular expressions, and terms within an edit distance.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/regex-syntax/>

mod edits;
mod lucene_regex;

use regex::Regex;

pub(crate) use self::edits::Edits;
use crate::error::Exception;

/// A pattern of a whole term.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// What every matching term begins with, so that others are not looked at.
    prefix: String,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    /// The prefix says it all.
    Prefix,
    /// The term holds this text.
    Contains(Box<memchr::memmem::Finder<'static>>),
    Regex(Box<Regex>),
    /// All of these.
    Every(Vec<(bool, Box<Regex>)>),
    Edits(Edits),
}

impl Pattern {
    /// Terms that begin with `prefix`.
    pub(crate) fn starting_with(prefix: &str, case_insensitive: bool) -> Self {
        if case_insensitive {
            return Self::of_regex(String::new(), &format!("{}.*", regex::escape(prefix)), true);
        }
        Self { prefix: prefix.to_owned(), test: Test::Prefix }
    }

    /// Terms that a wildcard pattern matches: `*` any characters, `?` one, `\` takes the next as it is.
    pub(crate) fn wildcard(pattern: &str, case_insensitive: bool) -> Self {
        let parts = parse_wildcard(pattern);
        if !case_insensitive && let Some(simple) = simple_wildcard(&parts) {
            return simple;
        }
        let mut prefix = String::new();
        let mut regex = String::new();
        let mut literal = !case_insensitive;
        for part in parts {
            match part {
                Wild::Char(c) => {
                    if literal {
                        prefix.push(c);
                    }
                    regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                    continue;
                }
                Wild::One => regex.push('.'),
                Wild::Any => regex.push_str(".*"),
            }
            literal = false;
        }
        Self::of_regex(prefix, &regex, case_insensitive)
    }

    /// Terms that a Lucene regular expression matches as a whole.
    ///
    /// # Errors
    /// `illegal_argument_exception`: the expression is malformed.
    pub(crate) fn regexp(expression: &str, case_insensitive: bool) -> Result<Self, Exception> {
        let parts = lucene_regex::translate(expression)?;
        let mut compiled = Vec::with_capacity(parts.len());
        for (positive, part) in parts {
            let regex = compile(&part, case_insensitive)
                .map_err(|error| Exception::illegal_argument(format!("invalid regular expression: {error}")))?;
            compiled.push((positive, Box::new(regex)));
        }
        Ok(Self { prefix: String::new(), test: Test::Every(compiled) })
    }

    /// Terms within an edit distance.
    pub(crate) fn edits(edits: Edits) -> Self {
        Self { prefix: edits.prefix().to_owned(), test: Test::Edits(edits) }
    }

    /// What every matching term begins with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether the pattern matches a term that begins with [`Self::prefix`].
    pub(crate) fn is_match(&self, term: &str) -> bool {
        match &self.test {
            Test::Prefix => true,
            Test::Contains(finder) => finder.find(term.as_bytes()).is_some(),
            Test::Regex(regex) => regex.is_match(term),
            Test::Every(regexes) => regexes.iter().all(|(positive, regex)| regex.is_match(term) == *positive),
            Test::Edits(edits) => edits.of(term).is_some(),
        }
    }

    fn of_regex(prefix: String, regex: &str, case_insensitive: bool) -> Self {
        match compile(regex, case_insensitive) {
            Ok(regex) => Self { prefix, test: Test::Regex(Box::new(regex)) },
            // Escaped text fails only by its size; such a pattern is longer than any term.
            Err(_) => Self { prefix, test: Test::Every(vec![]) },
        }
    }
}

fn compile(regex: &str, case_insensitive: bool) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(&format!("^(?:{regex})$"))
        .case_insensitive(case_insensitive)
        .dot_matches_new_line(true)
        .size_limit(1 << 22)
        .build()
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Wild {
    Char(char),
    One,
    Any,
}

fn parse_wildcard(pattern: &str) -> Vec<Wild> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' if parts.last() == Some(&Wild::Any) => {}
            '*' => parts.push(Wild::Any),
            '?' => parts.push(Wild::One),
            '\\' => parts.push(Wild::Char(chars.next().unwrap_or('\\'))),
            c => parts.push(Wild::Char(c)),
        }
    }
    parts
}

/// `text*` and `*text*`, which need no regular expression.
fn simple_wildcard(parts: &[Wild]) -> Option<Pattern> {
    let text = |parts: &[Wild]| -> Option<String> {
        parts.iter().map(|part| if let Wild::Char(c) = part { Some(*c) } else { None }).collect()
    };
    match parts {
        [Wild::Any, inner @ .., Wild::Any] => {
            let finder = memchr::memmem::Finder::new(&text(inner)?).into_owned();
            Some(Pattern { prefix: String::new(), test: Test::Contains(Box::new(finder)) })
        }
        [inner @ .., Wild::Any] => Some(Pattern { prefix: text(inner)?, test: Test::Prefix }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &Pattern, term: &str) -> bool {
        term.starts_with(pattern.prefix()) && pattern.is_match(term)
    }

    #[test]
    fn wildcards_match_whole_terms() {
        for (pattern, term, expected) in [
            ("*", "", true),
            ("a*", "abc", true),
            ("a*", "ba", false),
            ("*b*", "abc", true),
            ("*bc", "abc", true),
            ("*bc", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            (r"a\*c", "a*c", true),
            (r"a\*c", "abc", false),
            ("a.c", "abc", false),
            ("ab*", "a\nb", false),
            ("a*b", "a\nb", true),
        ] {
            assert_eq!(matches(&Pattern::wildcard(pattern, false), term), expected, "{pattern} on {term}");
        }
        assert!(matches(&Pattern::wildcard("AB*", true), "abc"));
    }

    #[test]
    fn regular_expressions_are_lucenes() {
        for (expression, term, expected) in [
            ("svc-[12]", "svc-1", true),
            ("svc-[12]", "svc-12", false),
            ("a|b", "b", true),
            ("a.c", "abc", true),
            ("ab{2,3}", "abbb", true),
            ("a^b$", "a^b$", true),
            (r"a\.c", "abc", false),
            ("\"a.c\"", "a.c", true),
            ("\"a.c\"", "abc", false),
            ("foo<1-10>", "foo7", true),
            ("foo<1-10>", "foo11", false),
            ("@", "anything", true),
            ("#", "", false),
            ("a&.*b", "ab", false),
            ("[ab]+&.*b", "aab", true),
            ("~(abc)", "abd", true),
            ("~(abc)", "abc", false),
        ] {
            let pattern = Pattern::regexp(expression, false).expect(expression);
            assert_eq!(matches(&pattern, term), expected, "{expression} on {term}");
        }
        assert_eq!(Pattern::regexp("[a-", false).expect_err("open class").reason, "unexpected end-of-string");
    }
}
