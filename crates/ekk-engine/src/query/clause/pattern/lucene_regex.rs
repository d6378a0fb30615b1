//! Lucene's regular expressions in the syntax of the `regex` crate.
//!
//! Beyond the usual ones Lucene has `"literal"`, `@` (anything), `#` (nothing), `<1-10>` (whole numbers), `a&b` (both)
//! and `~a` (not). The last two are only taken at the outermost level of an expression, where they are tests side by
//! side; deeper ones are refused by name.

use std::fmt::Write;

use crate::error::Exception;

/// Largest span of `<n-m>` that is written out.
const MAX_INTERVAL: u64 = 10_000;

/// The tests that an expression stands for: each a regular expression and whether it must match.
pub(super) fn translate(expression: &str) -> Result<Vec<(bool, String)>, Exception> {
    let parts = split_intersections(expression)?;
    parts
        .into_iter()
        .map(|part| {
            let complement = part.strip_prefix('~').filter(|rest| is_one_unit(rest));
            match complement {
                Some(rest) => Ok((false, Translation::of(rest)?)),
                None => Ok((true, Translation::of(part)?)),
            }
        })
        .collect()
}

/// The parts between `&` outside of groups, classes and quotes.
fn split_intersections(expression: &str) -> Result<Vec<&str>, Exception> {
    let (mut parts, mut start, mut depth, mut chars) = (Vec::new(), 0, 0_usize, expression.char_indices());
    let (mut quoted, mut class) = (false, false);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '"' if !class => quoted = !quoted,
            _ if quoted => {}
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth = depth.saturating_sub(1),
            '&' if !class && depth == 0 => {
                parts.push(expression.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            '&' | '~' if !class && depth > 0 => {
                let reason = format!("[{c}] within a group of a regular expression is not supported");
                return Err(Exception::illegal_argument(reason));
            }
            _ => {}
        }
    }
    parts.push(expression.get(start..).unwrap_or_default());
    Ok(parts)
}

/// Whether all of the text is one group, so that `~` before it covers everything.
fn is_one_unit(text: &str) -> bool {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8() == text.len();
        }
    }
    false
}

struct Translation<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    out: String,
}

impl<'a> Translation<'a> {
    fn of(expression: &'a str) -> Result<String, Exception> {
        let mut translation = Self { chars: expression.chars().peekable(), out: String::new() };
        while let Some(c) = translation.chars.next() {
            translation.char(c)?;
        }
        Ok(translation.out)
    }

    fn char(&mut self, c: char) -> Result<(), Exception> {
        match c {
            '\\' => self.escape()?,
            '"' => self.quoted()?,
            '[' => self.class()?,
            '<' => self.interval()?,
            '@' => self.out.push_str("(?:.*)"),
            '#' => self.out.push_str("[^\\s\\S]"),
            '~' => return Err(Exception::illegal_argument("[~] is only supported around a whole regular expression")),
            '(' => self.out.push_str("(?:"),
            '.' | '|' | '*' | '+' | '?' | ')' | '{' | '}' => self.out.push(c),
            c => self.literal(c),
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn next(&mut self) -> Result<char, Exception> {
        self.chars.next().ok_or_else(|| Exception::illegal_argument("unexpected end-of-string"))
    }

    fn escape(&mut self) -> Result<(), Exception> {
        match self.next()? {
            c @ ('d' | 'D' | 's' | 'S' | 'w' | 'W') => {
                self.out.push('\\');
                self.out.push(c);
            }
            c => self.literal(c),
        }
        Ok(())
    }

    fn quoted(&mut self) -> Result<(), Exception> {
        self.out.push_str("(?:");
        loop {
            match self.next()? {
                '"' => break,
                c => self.literal(c),
            }
        }
        self.out.push(')');
        Ok(())
    }

    fn class(&mut self) -> Result<(), Exception> {
        self.out.push('[');
        if self.chars.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        loop {
            match self.next()? {
                ']' => break,
                '\\' => self.escape()?,
                '-' => self.out.push('-'),
                c => self.literal(c),
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn interval(&mut self) -> Result<(), Exception> {
        let mut text = String::new();
        loop {
            match self.next()? {
                '>' => break,
                c => text.push(c),
            }
        }
        let wrong = || Exception::illegal_argument(format!("interval syntax error in [<{text}>]"));
        let (low, high) = text.split_once('-').ok_or_else(wrong)?;
        let digits = if low.len() == high.len() { low.len() } else { 0 };
        let (low, high): (u64, u64) = (low.parse().map_err(|_| wrong())?, high.parse().map_err(|_| wrong())?);
        let (low, high) = (low.min(high), low.max(high));
        if high - low > MAX_INTERVAL {
            return Err(Exception::illegal_argument(format!(
                "interval [<{text}>] spans more than {MAX_INTERVAL} numbers"
            )));
        }
        self.out.push_str("(?:");
        for number in low..=high {
            let separator = if number == low { "" } else { "|" };
            let padding = if digits == 0 { "0*" } else { "" };
            let _infallible = write!(self.out, "{separator}{padding}{number:0digits$}");
        }
        self.out.push(')');
        Ok(())
    }
}
