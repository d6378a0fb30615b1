//! Terms of a program: paths, literals, constructions, calls and the forms with words of their own.

use super::{Ast, Parser, TextPart, one_or};
use crate::processing::jq::builtin;

/// Words that begin no call.
const KEYWORDS: [&str; 14] =
    ["def", "if", "then", "elif", "else", "end", "as", "reduce", "foreach", "try", "catch", "label", "and", "or"];

impl Parser<'_> {
    /// A term and what follows it: fields, brackets, question marks.
    pub(super) fn postfix(&mut self) -> Result<Ast, String> {
        let mut term = self.deeper(Self::term)?;
        loop {
            if self.sign("?") {
                term = Ast::Try(Box::new(term), None);
            } else if self.sign("[") {
                term = self.brackets(term)?;
            } else if self.field_follows() {
                self.advance(1);
                term = match self.field_after_dot()? {
                    Some(key) => Ast::Index(Box::new(term), Box::new(key)),
                    None => term,
                };
            } else {
                return Ok(term);
            }
        }
    }

    /// Whether a dot with a name, a text or a bracket comes next.
    fn field_follows(&mut self) -> bool {
        self.skip();
        self.rest.strip_prefix('.').is_some_and(|after| {
            after.starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '_' | '"' | '['))
        })
    }

    /// The key after a dot, when there is one.
    fn field_after_dot(&mut self) -> Result<Option<Ast>, String> {
        if self.rest.starts_with('"') {
            return self.text(None).map(Some);
        }
        if self.rest.starts_with(|next: char| next.is_ascii_alphabetic() || next == '_') {
            return Ok(self.name().map(|name| Ast::literal(&name)));
        }
        Ok(None)
    }

    /// What stands in brackets behind `term`.
    fn brackets(&mut self, term: Ast) -> Result<Ast, String> {
        let term = Box::new(term);
        if self.sign("]") {
            return Ok(Ast::Iterate(term));
        }
        if self.sign(":") {
            let to = self.pipe()?;
            self.expect("]")?;
            return Ok(Ast::Slice(term, None, Some(Box::new(to))));
        }
        let key = Box::new(self.pipe()?);
        if self.sign(":") {
            let to = if self.sign("]") {
                None
            } else {
                let to = self.pipe()?;
                self.expect("]")?;
                Some(Box::new(to))
            };
            return Ok(Ast::Slice(term, Some(key), to));
        }
        self.expect("]")?;
        Ok(Ast::Index(term, key))
    }

    fn term(&mut self) -> Result<Ast, String> {
        self.skip();
        match self.rest.chars().next() {
            Some('.') => self.dot(),
            Some('"') => self.text(None),
            Some('@') => {
                self.advance(1);
                let format = self.name().ok_or_else(|| self.unexpected())?;
                builtin::check_format(&format)?;
                self.skip();
                if self.rest.starts_with('"') { self.text(Some(format)) } else { Ok(Ast::Format(format)) }
            }
            Some('$') => self.variable().map(Ast::Variable),
            Some('(') => {
                self.advance(1);
                let inner = self.pipe()?;
                self.expect(")").map(|()| inner)
            }
            Some('[') => {
                self.advance(1);
                if self.sign("]") {
                    return Ok(Ast::Array(None));
                }
                let items = Box::new(self.pipe()?);
                self.expect("]").map(|()| Ast::Array(Some(items)))
            }
            Some('{') => self.object(),
            Some(next) if next.is_ascii_digit() => self.number(),
            Some(next) if next.is_ascii_alphabetic() || next == '_' => self.word_term(),
            _ => Err(self.unexpected()),
        }
    }

    fn dot(&mut self) -> Result<Ast, String> {
        if self.rest.starts_with("..") {
            self.advance(2);
            return Ok(Ast::Call("recurse".to_owned(), Vec::new()));
        }
        self.advance(1);
        if self.rest.starts_with(|next: char| next.is_ascii_digit()) {
            self.rest = self.rest.trim_start_matches(|next: char| next.is_ascii_digit());
            return Err("a number begins with a digit".to_owned());
        }
        Ok(match self.field_after_dot()? {
            Some(key) => Ast::Index(Box::new(Ast::Identity), Box::new(key)),
            None => Ast::Identity,
        })
    }

    fn number(&mut self) -> Result<Ast, String> {
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while let Some(next) = bytes.get(end) {
            let signed = matches!(next, b'+' | b'-') && matches!(bytes.get(end.wrapping_sub(1)), Some(b'e' | b'E'));
            if !(next.is_ascii_digit() || matches!(next, b'.' | b'e' | b'E') || signed) {
                break;
            }
            end += 1;
        }
        let text = self.rest.get(..end).unwrap_or_default();
        let number = text.parse().map_err(|_| format!("{text} is not a number"))?;
        self.advance(end);
        Ok(Ast::Number(number))
    }

    /// A text in quotes, with what is inserted by `\(…)`.
    fn text(&mut self, format: Option<String>) -> Result<Ast, String> {
        self.advance(1);
        let (mut parts, mut literal) = (Vec::new(), String::new());
        loop {
            let Some(next) = self.rest.chars().next() else { return Err("a text is not closed".to_owned()) };
            self.advance(next.len_utf8());
            match next {
                '"' => break,
                '\\' if self.rest.starts_with('(') => {
                    self.advance(1);
                    parts.push(TextPart::Literal(std::mem::take(&mut literal)));
                    parts.push(TextPart::Insert(self.pipe()?));
                    self.expect(")")?;
                }
                '\\' => literal.push(self.escape()?),
                other => literal.push(other),
            }
        }
        parts.push(TextPart::Literal(literal));
        Ok(Ast::Text { format, parts })
    }

    fn escape(&mut self) -> Result<char, String> {
        let Some(next) = self.rest.chars().next() else { return Err("a text is not closed".to_owned()) };
        self.advance(next.len_utf8());
        Ok(match next {
            '"' | '\\' | '/' => next,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let code = self.hex_unit()?;
                let code = match code {
                    0xd800..0xdc00 if self.rest.starts_with("\\u") => {
                        self.advance(2);
                        0x10000 + ((code - 0xd800) << 10) + self.hex_unit()?.wrapping_sub(0xdc00)
                    }
                    code => code,
                };
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => return Err(format!("\\{other} is no escape")),
        })
    }

    fn hex_unit(&mut self) -> Result<u32, String> {
        let digits = self.rest.get(..4).ok_or("four digits follow \\u")?;
        let unit = u32::from_str_radix(digits, 16).map_err(|_| format!("\\u{digits} is no escape"))?;
        self.advance(4);
        Ok(unit)
    }

    fn object(&mut self) -> Result<Ast, String> {
        self.advance(1);
        let mut entries = Vec::new();
        if self.sign("}") {
            return Ok(Ast::Object(entries));
        }
        loop {
            entries.push(self.entry()?);
            if !self.sign(",") {
                break;
            }
        }
        self.expect("}").map(|()| Ast::Object(entries))
    }

    fn entry(&mut self) -> Result<(Ast, Ast), String> {
        self.skip();
        if self.rest.starts_with('$') {
            let name = self.variable()?;
            return Ok((Ast::literal(&name), Ast::Variable(name)));
        }
        let key = self.object_key()?;
        if self.sign(":") {
            let mut stages = vec![self.binary(1)?];
            while self.bar() {
                stages.push(self.binary(1)?);
            }
            return Ok((key, one_or(stages, Ast::Pipe)));
        }
        let value = Ast::Index(Box::new(Ast::Identity), Box::new(key.clone()));
        Ok((key, value))
    }

    /// A key of an object: a name, a text, or anything in parentheses.
    pub(super) fn object_key(&mut self) -> Result<Ast, String> {
        self.skip();
        match self.rest.chars().next() {
            Some('"' | '(' | '@') => self.term(),
            _ => self.name().map(|name| Ast::literal(&name)).ok_or_else(|| self.unexpected()),
        }
    }

    fn word_term(&mut self) -> Result<Ast, String> {
        if self.word("if") {
            return self.condition();
        }
        if self.word("try") {
            let body = Box::new(self.postfix()?);
            let catch = if self.word("catch") { Some(Box::new(self.postfix()?)) } else { None };
            return Ok(Ast::Try(
                body,
                Some(catch.unwrap_or_else(|| Box::new(Ast::Call("empty".to_owned(), Vec::new())))),
            ));
        }
        if self.word("reduce") {
            let (source, pattern, mut arguments) = self.fold(2)?;
            let (update, start) = (arguments.pop(), arguments.pop());
            let (Some(update), Some(start)) = (update, start) else { return Err(self.unexpected()) };
            return Ok(Ast::Reduce { source, pattern, start: Box::new(start), update: Box::new(update) });
        }
        if self.word("foreach") {
            let (source, pattern, arguments) = self.fold(3)?;
            let mut arguments = arguments.into_iter();
            let (Some(start), Some(update)) = (arguments.next(), arguments.next()) else {
                return Err(self.unexpected());
            };
            let extract = Box::new(arguments.next().unwrap_or(Ast::Identity));
            return Ok(Ast::Foreach { source, pattern, start: Box::new(start), update: Box::new(update), extract });
        }
        if self.word("break") {
            return self.variable().map(Ast::Break);
        }
        if self.word("def") {
            return Err("def is at the start of an expression".to_owned());
        }
        self.call()
    }

    fn call(&mut self) -> Result<Ast, String> {
        let name = self.name().filter(|name| !KEYWORDS.contains(&name.as_str())).ok_or_else(|| self.unexpected())?;
        let mut arguments = Vec::new();
        if self.rest.starts_with('(') {
            self.advance(1);
            arguments.push(self.pipe()?);
            while self.sign(";") {
                arguments.push(self.pipe()?);
            }
            self.expect(")")?;
        }
        Ok(Ast::Call(name, arguments))
    }

    fn condition(&mut self) -> Result<Ast, String> {
        let mut branches = Vec::new();
        loop {
            let condition = self.pipe()?;
            if !self.word("then") {
                return Err(self.unexpected_where("then"));
            }
            branches.push((condition, self.pipe()?));
            if self.word("elif") {
                continue;
            }
            let rest = if self.word("else") { self.pipe()? } else { Ast::Identity };
            if self.word("end") {
                return Ok(Ast::If(branches, Box::new(rest)));
            }
            return Err(self.unexpected_where("end"));
        }
    }

    /// `t as p (a; b)`, with at most `most` arguments.
    fn fold(&mut self, most: usize) -> Result<(Box<Ast>, super::Pattern, Vec<Ast>), String> {
        let source = Box::new(self.postfix()?);
        if !self.word("as") {
            return Err(self.unexpected_where("as"));
        }
        let pattern = self.pattern()?;
        self.expect("(")?;
        let mut arguments = vec![self.pipe()?];
        while arguments.len() < most && self.sign(";") {
            arguments.push(self.pipe()?);
        }
        self.expect(")")?;
        Ok((source, pattern, arguments))
    }
}
