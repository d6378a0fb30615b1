//! A line of JSON spread over several, and joined again: the form of an object's file, so that a diff shows what changed.
//!
//! Only white space between tokens differs; strings and numbers keep their bytes, keys their order.

/// Puts each member on a line of its own. The text must be JSON.
pub(crate) fn spread(line: &str) -> String {
    let mut spread = String::with_capacity(line.len() + line.len() / 8);
    let mut depth = 0_usize;
    let mut rest = Tokens::new(line);
    while let Some(token) = rest.next() {
        match token {
            "{" | "[" => {
                spread.push_str(token);
                if matches!(rest.peek(), Some("}" | "]")) {
                    spread.push_str(rest.next().unwrap_or_default());
                } else {
                    depth += 1;
                    break_line(&mut spread, depth);
                }
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                break_line(&mut spread, depth);
                spread.push_str(token);
            }
            "," => {
                spread.push(',');
                break_line(&mut spread, depth);
            }
            ":" => spread.push_str(": "),
            _ => spread.push_str(token),
        }
    }
    spread
}

/// Takes all white space between tokens out.
pub(crate) fn join(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next() {
        line.push_str(token);
    }
    line
}

/// Whether [`join`] gives a line back after [`spread`].
pub(crate) fn is_joined(line: &str) -> bool {
    join(line) == line
}

fn break_line(text: &mut String, depth: usize) {
    text.push('\n');
    for _ in 0..depth {
        text.push_str("  ");
    }
}

/// The tokens of a text of JSON: punctuation, strings with their quotes, and everything between.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.trim_start_matches(WHITE) }
    }

    fn peek(&self) -> Option<&'a str> {
        Tokens { rest: self.rest }.next()
    }

    fn next(&mut self) -> Option<&'a str> {
        let first = *self.rest.as_bytes().first()?;
        let end = match first {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_end(self.rest),
            _ => self.rest.find(PUNCTUATION).unwrap_or(self.rest.len()),
        };
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start_matches(WHITE);
        Some(token)
    }
}

const WHITE: [char; 4] = [' ', '\t', '\r', '\n'];
const PUNCTUATION: [char; 11] = ['{', '}', '[', ']', ',', ':', '"', ' ', '\t', '\r', '\n'];

/// The bytes of the string that the text begins with, its quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_spread_so_that_a_diff_shows_its_members() {
        let line = r#"{"a":{"b":[1,2.50,"x, \"{y}\""],"e":{},"l":[]},"n":1e400}"#;
        insta::assert_snapshot!(spread(line), @r#"
        {
          "a": {
            "b": [
              1,
              2.50,
              "x, \"{y}\""
            ],
            "e": {},
            "l": []
          },
          "n": 1e400
        }
        "#);
        assert_eq!(join(&spread(line)), line);
    }

    #[test]
    fn a_line_with_white_space_of_its_own_is_told_apart() {
        for (line, joined) in [(r#"{"a": 1}"#, false), (r#"{"a":"b: c"}"#, true), ("{ }", false), ("", true)] {
            assert_eq!(is_joined(line), joined, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_without_a_panic(text in "[\\[\\]{},:\"\\\\ \n0-9a-zü]{0,60}") {
            let _ = (spread(&text), join(&text));
        }
    }
}
