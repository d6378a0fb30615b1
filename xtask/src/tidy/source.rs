//! Rust source as the rules see it: comments blanked out, and the text of literals hidden, line for line.
//!
//! This is no parser: it knows just enough of the language to tell code from comments and literals.

/// Rust source whose comments are blanks and whose literals are filled with one letter; line breaks stay in place.
pub(super) struct CodeOnly(Vec<char>);

/// One `fn` with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// The line of the word `fn`, counted from 1.
    pub(super) line: usize,
    /// Lines that hold code between the body's braces, as clippy's `too_many_lines` counts them.
    pub(super) code_lines: usize,
}

impl CodeOnly {
    pub(super) fn new(source: &str) -> Self {
        let mut reader = Reader { source: source.chars().collect(), at: 0, code: Vec::with_capacity(source.len()) };
        while let Some(next) = reader.peek(0) {
            match next {
                '/' if reader.peek(1) == Some('/') => reader.line_comment(),
                '/' if reader.peek(1) == Some('*') => reader.block_comment(),
                '"' => reader.string(),
                'r' | 'b' | 'c' if reader.raw_hashes().is_some() => reader.raw_string(),
                '\'' => reader.character_or_lifetime(),
                _ => reader.keep(),
            }
        }
        Self(reader.code)
    }

    /// The lines, without comments and without what literals say.
    pub(super) fn lines(&self) -> Vec<String> {
        let text: String = self.0.iter().collect();
        text.lines().map(str::to_owned).collect()
    }

    /// All functions with a body, in the order of their signatures. An inner function counts for itself and for its outer.
    pub(super) fn functions(&self) -> Vec<Function> {
        let code = &self.0;
        let mut found = Vec::new();
        let mut line = 1;
        for at in 0..code.len() {
            if code[at] == '\n' {
                line += 1;
            }
            if let Some(name) = self.function_name(at)
                && let Some((open, close)) = self.body(at)
            {
                found.push(Function { name, line, code_lines: count_code_lines(&code[open + 1..close]) });
            }
        }
        found
    }

    /// The name after the word `fn` at `at`; a pointer type `fn(…)` and a macro's `fn $name` have none.
    fn function_name(&self, at: usize) -> Option<String> {
        let code = &self.0;
        let starts = at == 0 || !is_word(code[at - 1]);
        if !starts || code.get(at..at + 3)? != ['f', 'n', ' '] {
            return None;
        }
        let name: String = code[at + 3..].iter().take_while(|letter| is_word(**letter)).collect();
        (!name.is_empty()).then_some(name)
    }

    /// The braces of the body whose signature starts at `from`; a declaration that ends in `;` has none.
    fn body(&self, from: usize) -> Option<(usize, usize)> {
        let mut nested = 0_usize;
        for at in from..self.0.len() {
            match self.0[at] {
                '(' | '[' => nested += 1,
                ')' | ']' => nested = nested.saturating_sub(1),
                ';' if nested == 0 => return None,
                '{' if nested == 0 => return Some((at, self.closing_brace(at)?)),
                _ => {}
            }
        }
        None
    }

    fn closing_brace(&self, open: usize) -> Option<usize> {
        let mut nested = 0_usize;
        for at in open..self.0.len() {
            match self.0[at] {
                '{' => nested += 1,
                '}' if nested == 1 => return Some(at),
                '}' => nested -= 1,
                _ => {}
            }
        }
        None
    }
}

fn count_code_lines(body: &[char]) -> usize {
    body.split(|letter| *letter == '\n').filter(|line| line.iter().any(|letter| !letter.is_whitespace())).count()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Walks the source and writes what the rules may see.
struct Reader {
    source: Vec<char>,
    at: usize,
    code: Vec<char>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.source.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.code.extend(self.peek(0));
        self.at += 1;
    }

    /// Passes one character and writes `instead`; a line break stays a line break.
    fn hide(&mut self, instead: char) {
        self.code.push(if self.peek(0) == Some('\n') { '\n' } else { instead });
        self.at += 1;
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|letter| letter != '\n') {
            self.hide(' ');
        }
    }

    fn block_comment(&mut self) {
        let mut nested = 0_usize;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => nested += 1,
                (Some('*'), Some('/')) => nested -= 1,
                _ => {
                    self.hide(' ');
                    continue;
                }
            }
            self.hide(' ');
            self.hide(' ');
            if nested == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.keep();
        while let Some(letter) = self.peek(0) {
            match letter {
                '"' => return self.keep(),
                '\\' => {
                    self.hide('s');
                    self.hide('s');
                }
                _ => self.hide('s'),
            }
        }
    }

    /// How many `#` a raw string literal that starts here has; `None` when none starts here.
    fn raw_hashes(&self) -> Option<usize> {
        if self.code.last().is_some_and(|before| is_word(*before)) {
            return None;
        }
        let prefix = match (self.peek(0), self.peek(1)) {
            (Some('r'), _) => 1,
            (Some('b' | 'c'), Some('r')) => 2,
            _ => return None,
        };
        let after_prefix = self.source.iter().skip(self.at + prefix);
        let hashes = after_prefix.take_while(|letter| **letter == '#').count();
        (self.peek(prefix + hashes) == Some('"')).then_some(hashes)
    }

    fn raw_string(&mut self) {
        let hashes = self.raw_hashes().unwrap_or_default();
        while self.peek(0) != Some('"') {
            self.hide('s');
        }
        self.hide('s');
        while self.peek(0).is_some() {
            let closes = self.peek(0) == Some('"') && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if closes {
                (0..=hashes).for_each(|_| self.hide('s'));
                return;
            }
            self.hide('s');
        }
    }

    fn character_or_lifetime(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => {
                (0..3).for_each(|_| self.hide('c'));
                while self.peek(0).is_some_and(|letter| letter != '\'') {
                    self.hide('c');
                }
                self.hide('c');
            }
            (Some(_), Some('\'')) => (0..3).for_each(|_| self.hide('c')),
            _ => self.keep(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares line for line; a run of blanks counts as one.
    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let lines = CodeOnly::new(source).lines();
        let lines: Vec<_> = lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn comments_are_blanked_and_literals_hidden() {
        check("let a = 1; // fn {", &["let a = 1;"]);
        check("a /* { /* } */ { */ b", &["a b"]);
        check("x(\"{\\\"}\", '{')", &["x(\"ssss\", ccc)"]);
        check("r#\"fn \"a\" {\"# + br\"{\" + r", &["sssssssssssss + sssss + r"]);
        check("fn f<'a>(x: &'a str) -> char { '\\'' }", &["fn f<'a>(x: &'a str) -> char { cccc }"]);
    }

    #[test]
    fn line_breaks_stay_where_they_are() {
        check("/* a\nb */ c\n\"d\ne\"", &["", "c", "\"s", "s\""]);
    }

    #[test]
    fn a_function_is_as_long_as_the_code_in_its_body() {
        let source = "
trait T { fn declared(&self, a: [u8; 4]); }
fn one() { body() }
pub(crate) async fn outer<F: Fn(u8) -> u8>(f: fn(u8)) -> [u8; 2]
where
    F: Send,
{
    // a comment does not count

    fn inner() {
        let brace = '{';
    }
    \"}\"
}
";
        let functions = CodeOnly::new(source).functions();
        let facts: Vec<_> = functions.iter().map(|f| (f.name.as_str(), f.line, f.code_lines)).collect();
        assert_eq!(facts, [("one", 3, 1), ("outer", 4, 4), ("inner", 10, 1)]);
    }
}
