//! The tokens of Lucene's query language, the longest match first.

use super::SyntaxError;

/// A token and the characters before it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// As it stands in the text.
    pub(super) image: String,
    /// Characters before it.
    pub(super) column: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    And,
    Or,
    Not,
    Plus,
    Minus,
    BareOperator,
    OpenParen,
    CloseParen,
    Colon,
    Star,
    Caret,
    Quoted,
    Term,
    FuzzySlop,
    PrefixTerm,
    WildTerm,
    RegexpTerm,
    OpenRange { inclusive: bool },
    CloseRange { inclusive: bool },
    To,
    RangeQuoted,
    RangeGoop,
    Number,
    End,
}

impl Kind {
    /// The name that errors give it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::And => "<AND>",
            Self::Or => "<OR>",
            Self::Not => "<NOT>",
            Self::Plus => "\"+\"",
            Self::Minus => "\"-\"",
            Self::BareOperator => "<BAREOPER>",
            Self::OpenParen => "\"(\"",
            Self::CloseParen => "\")\"",
            Self::Colon => "\":\"",
            Self::Star => "\"*\"",
            Self::Caret => "\"^\"",
            Self::Quoted => "<QUOTED>",
            Self::Term => "<TERM>",
            Self::FuzzySlop => "<FUZZY_SLOP>",
            Self::PrefixTerm => "<PREFIXTERM>",
            Self::WildTerm => "<WILDTERM>",
            Self::RegexpTerm => "<REGEXPTERM>",
            Self::OpenRange { inclusive: true } => "\"[\"",
            Self::OpenRange { inclusive: false } => "\"{\"",
            Self::CloseRange { inclusive: true } => "\"]\"",
            Self::CloseRange { inclusive: false } => "\"}\"",
            Self::To => "\"TO\"",
            Self::RangeQuoted => "<RANGE_QUOTED>",
            Self::RangeGoop => "<RANGE_GOOP>",
            Self::Number => "<NUMBER>",
            Self::End => "<EOF>",
        }
    }
}

/// The tokens of a text, the last one [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let chars: Vec<char> = text.chars().collect();
    let mut lexer = Lexer { chars: &chars, at: 0, state: State::Query };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let end = token.kind == Kind::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Boost,
    Range,
    Query,
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    state: State,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{3000}')
}

fn starts_term(c: char) -> bool {
    !is_space(c) && !r#"+-!():^[]"{}~*?\/"#.contains(c)
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Result<Token, SyntaxError> {
        if self.state != State::Boost {
            while self.peek(0).is_some_and(is_space) {
                self.at += 1;
            }
        }
        match self.state {
            State::Query => self.query_token(),
            State::Range => self.range_token(),
            State::Boost => self.boost_token(),
        }
    }

    fn take(&mut self, kind: Kind, length: usize) -> Token {
        let column = self.at;
        let image = self.chars.iter().skip(column).take(length).collect();
        self.at += length;
        Token { kind, image, column }
    }

    fn query_token(&mut self) -> Result<Token, SyntaxError> {
        let Some(c) = self.peek(0) else { return Ok(self.take(Kind::End, 0)) };
        let bare = self.peek(1).is_some_and(is_space);
        Ok(match c {
            '+' | '-' | '!' if bare => self.take(Kind::BareOperator, 2),
            '+' => self.take(Kind::Plus, 1),
            '-' => self.take(Kind::Minus, 1),
            '!' => self.take(Kind::Not, 1),
            '(' => self.take(Kind::OpenParen, 1),
            ')' => self.take(Kind::CloseParen, 1),
            ':' => self.take(Kind::Colon, 1),
            '^' => {
                self.state = State::Boost;
                self.take(Kind::Caret, 1)
            }
            '[' | '{' => {
                self.state = State::Range;
                self.take(Kind::OpenRange { inclusive: c == '[' }, 1)
            }
            '~' => {
                let length = 1 + self.term_length(1, false);
                self.take(Kind::FuzzySlop, length)
            }
            '"' => self.delimited('"', Kind::Quoted)?,
            '/' => self.delimited('/', Kind::RegexpTerm)?,
            ']' | '}' => return Err(self.lexical(0)),
            _ => self.term()?,
        })
    }

    /// Characters of a term from `ahead` on; with `wild` also `*` and `?`.
    fn term_length(&self, ahead: usize, wild: bool) -> usize {
        let mut length = 0;
        while let Some(c) = self.peek(ahead + length) {
            length += match c {
                '\\' if self.peek(ahead + length + 1).is_some() => 2,
                '-' | '+' => 1,
                '*' | '?' if wild => 1,
                c if starts_term(c) => 1,
                _ => break,
            };
        }
        length
    }

    fn term(&mut self) -> Result<Token, SyntaxError> {
        if self.peek(0) == Some('\\') && self.peek(1).is_none() {
            return Err(self.lexical(1));
        }
        let (plain, wild) = (self.term_length(0, false), self.term_length(0, true));
        let only_last_star = wild == plain + 1 && self.peek(plain) == Some('*');
        let kind = match wild {
            1 if self.peek(0) == Some('*') => Kind::Star,
            _ if wild == plain => match self.image(plain).as_str() {
                "AND" | "&&" => Kind::And,
                "OR" | "||" => Kind::Or,
                "NOT" => Kind::Not,
                _ => Kind::Term,
            },
            _ if only_last_star && plain > 0 => Kind::PrefixTerm,
            _ => Kind::WildTerm,
        };
        Ok(self.take(kind, wild))
    }

    fn image(&self, length: usize) -> String {
        self.chars.iter().skip(self.at).take(length).collect()
    }

    fn delimited(&mut self, delimiter: char, kind: Kind) -> Result<Token, SyntaxError> {
        let mut length = 1;
        loop {
            match self.peek(length) {
                None => return Err(self.lexical(length)),
                Some('\\') if self.peek(length + 1).is_some() => length += 2,
                Some(c) if c == delimiter => return Ok(self.take(kind, length + 1)),
                Some(_) => length += 1,
            }
        }
    }

    fn range_token(&mut self) -> Result<Token, SyntaxError> {
        let Some(c) = self.peek(0) else { return Ok(self.take(Kind::End, 0)) };
        if matches!(c, ']' | '}') {
            self.state = State::Query;
            return Ok(self.take(Kind::CloseRange { inclusive: c == ']' }, 1));
        }
        if c == '"' && self.peek(1) != Some('"') {
            return self.delimited('"', Kind::RangeQuoted);
        }
        let mut length = 0;
        while self.peek(length).is_some_and(|c| !matches!(c, ' ' | ']' | '}')) {
            length += 1;
        }
        let kind = if self.image(length) == "TO" { Kind::To } else { Kind::RangeGoop };
        Ok(self.take(kind, length))
    }

    fn boost_token(&mut self) -> Result<Token, SyntaxError> {
        let digits = |from: usize| self.chars.iter().skip(self.at + from).take_while(|c| c.is_ascii_digit()).count();
        let whole = digits(0);
        let length = match (whole, self.peek(whole)) {
            (0, _) => return Err(self.lexical(0)),
            (_, Some('.')) if digits(whole + 1) > 0 => whole + 1 + digits(whole + 1),
            _ => whole,
        };
        self.state = State::Query;
        Ok(self.take(Kind::Number, length))
    }

    /// Nothing matches after `read` characters of a token.
    fn lexical(&self, read: usize) -> SyntaxError {
        let state = match self.state {
            State::Boost => 0,
            State::Range => 1,
            State::Query => 2,
        };
        let column = self.at + read + 1;
        let found = match self.peek(read) {
            None => "<EOF>".to_owned(),
            Some(c) => format!("'{}' ({}),", c as u32, c as u32),
        };
        let prefix = self.image(read).replace('\\', "\\\\").replace('"', "\\\"");
        let after = if read == 0 { String::new() } else { format!(" after prefix \"{prefix}\"") };
        let state = if self.state == State::Boost { String::new() } else { format!(" (in lexical state {state})") };
        SyntaxError {
            kind: "token_mgr_error",
            message: format!("Lexical error at line 1, column {column}.  Encountered: {found}{after}{state}"),
        }
    }
}
