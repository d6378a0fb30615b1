//! From the text of a program to its tree.
//!
//! The precedence is jq's: `|`, `,`, `//`, `or`, `and`, comparisons, `+ -`, `* / %`, from the loosest on.

mod known;
mod term;

/// How many forms may be open at once; a pair of parentheses opens three.
const DEPTH: u32 = 200;

/// Bytes of a program, as of any parameter of a processor.
const LONGEST: usize = 5120;

fn too_deep() -> String {
    format!("it is nested deeper than {DEPTH} levels")
}

/// A program, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ast {
    Identity,
    Number(f64),
    /// A text with what is inserted into it, written in a format.
    Text {
        format: Option<String>,
        parts: Vec<TextPart>,
    },
    /// `@base64` and the like, of the input.
    Format(String),
    /// `a[b]` and `a.b`.
    Index(Box<Ast>, Box<Ast>),
    /// `a[b:c]`
    Slice(Box<Ast>, Option<Box<Ast>>, Option<Box<Ast>>),
    /// `a[]`
    Iterate(Box<Ast>),
    /// `a?` and `try a catch b`.
    Try(Box<Ast>, Option<Box<Ast>>),
    Array(Option<Box<Ast>>),
    Object(Vec<(Ast, Ast)>),
    Negate(Box<Ast>),
    Pipe(Vec<Ast>),
    Comma(Vec<Ast>),
    Binary(Operator, Box<Ast>, Box<Ast>),
    /// Conditions with what they lead to, and what is left.
    If(Vec<(Ast, Ast)>, Box<Ast>),
    /// `reduce a as p (b; c)`
    Reduce {
        source: Box<Ast>,
        pattern: Pattern,
        start: Box<Ast>,
        update: Box<Ast>,
    },
    /// `foreach a as p (b; c; d)`
    Foreach {
        source: Box<Ast>,
        pattern: Pattern,
        start: Box<Ast>,
        update: Box<Ast>,
        extract: Box<Ast>,
    },
    /// `a as p | b`
    Bind {
        source: Box<Ast>,
        pattern: Pattern,
        body: Box<Ast>,
    },
    Label(String, Box<Ast>),
    Break(String),
    Variable(String),
    Call(String, Vec<Ast>),
    Define {
        function: Box<Function>,
        rest: Box<Ast>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TextPart {
    Literal(String),
    Insert(Ast),
}

/// `def name(params): body;`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Function {
    pub(super) name: String,
    /// A parameter with `$` is a value.
    pub(super) parameters: Vec<String>,
    pub(super) body: Ast,
}

/// What a value is taken apart into.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    Variable(String),
    Array(Vec<Pattern>),
    /// Keys with what they are taken apart into, and the variable of `$name`.
    Object(Vec<(Ast, Option<String>, Option<Pattern>)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Alternative,
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// By its sign: the longest first.
    const SIGNS: [(&'static str, Self, u8); 12] = [
        ("//", Self::Alternative, 1),
        ("==", Self::Equal, 4),
        ("!=", Self::Unequal, 4),
        ("<=", Self::LessOrEqual, 4),
        (">=", Self::GreaterOrEqual, 4),
        ("<", Self::Less, 4),
        (">", Self::Greater, 4),
        ("+", Self::Add, 5),
        ("-", Self::Subtract, 5),
        ("*", Self::Multiply, 6),
        ("/", Self::Divide, 6),
        ("%", Self::Remainder, 6),
    ];
}

/// The level of comparisons, of which two do not follow one another.
const COMPARISON: u8 = 4;

/// Parses a whole program.
pub(super) fn parse(text: &str) -> Result<Ast, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let mut parser = Parser { rest: text, depth: 0 };
    let ast = parser.pipe()?;
    parser.skip();
    if !parser.rest.is_empty() {
        return Err(parser.unexpected());
    }
    known::check(&ast).map(|()| ast)
}

struct Parser<'a> {
    rest: &'a str,
    depth: u32,
}

impl Parser<'_> {
    /// `def …; p`, `label $x | p`, and what is between bars.
    fn pipe(&mut self) -> Result<Ast, String> {
        self.deeper(Self::pipe_here)
    }

    /// Keeps a program from being nested too deep for the stack.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth == DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn pipe_here(&mut self) -> Result<Ast, String> {
        if self.word("def") {
            let function = Box::new(self.function()?);
            let rest = Box::new(self.pipe()?);
            return Ok(Ast::Define { function, rest });
        }
        let mut stages = Vec::new();
        loop {
            if self.word("label") {
                let name = self.variable()?;
                self.expect("|")?;
                stages.push(Ast::Label(name, Box::new(self.pipe()?)));
                break;
            }
            stages.push(self.comma()?);
            if !self.bar() {
                break;
            }
        }
        Ok(one_or(stages, Ast::Pipe))
    }

    fn comma(&mut self) -> Result<Ast, String> {
        let mut parts = vec![self.binary(1)?];
        while self.sign(",") {
            parts.push(self.binary(1)?);
        }
        Ok(one_or(parts, Ast::Comma))
    }

    /// Operators of at least this level.
    fn binary(&mut self, level: u8) -> Result<Ast, String> {
        self.deeper(|parser| parser.binary_here(level))
    }

    fn binary_here(&mut self, level: u8) -> Result<Ast, String> {
        let mut left = self.unary()?;
        let mut highest = u8::MAX;
        while let Some((operator, of, length)) = self.operator().filter(|(_, of, _)| *of >= level && *of <= highest) {
            self.advance(length);
            // The alternative is the one operator that groups to the right.
            let right = self.binary(if operator == Operator::Alternative { of } else { of + 1 })?;
            left = Ast::Binary(operator, Box::new(left), Box::new(right));
            highest = if of == COMPARISON { of - 1 } else { of };
        }
        Ok(left)
    }

    fn operator(&mut self) -> Option<(Operator, u8, usize)> {
        self.skip();
        for (word, operator, level) in [("or", Operator::Or, 2), ("and", Operator::And, 3)] {
            if self.starts_with_word(word) {
                return Some((operator, level, word.len()));
            }
        }
        let (sign, operator, level) = Operator::SIGNS.into_iter().find(|(sign, ..)| self.rest.starts_with(sign))?;
        let after = self.rest.get(sign.len()..).unwrap_or_default();
        // Assignments begin like operators.
        (!after.starts_with('=') || level == COMPARISON).then_some((operator, level, sign.len()))
    }

    fn unary(&mut self) -> Result<Ast, String> {
        if self.sign("-") {
            return Ok(Ast::Negate(Box::new(self.deeper(Self::unary)?)));
        }
        let term = self.postfix()?;
        if !self.word("as") {
            return Ok(term);
        }
        let pattern = self.pattern()?;
        if self.sign("?//") {
            return Err("?// is not supported".to_owned());
        }
        self.expect("|")?;
        Ok(Ast::Bind { source: Box::new(term), pattern, body: Box::new(self.pipe()?) })
    }

    fn function(&mut self) -> Result<Function, String> {
        let name = self.name().ok_or_else(|| self.unexpected())?;
        let mut parameters = Vec::new();
        if self.sign("(") {
            loop {
                self.skip();
                let parameter = if self.rest.starts_with('$') {
                    format!("${}", self.variable()?)
                } else {
                    self.name().ok_or_else(|| self.unexpected())?
                };
                parameters.push(parameter);
                if !self.sign(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.expect(":")?;
        let body = self.pipe()?;
        self.expect(";")?;
        Ok(Function { name, parameters, body })
    }

    fn pattern(&mut self) -> Result<Pattern, String> {
        self.deeper(Self::pattern_here)
    }

    fn pattern_here(&mut self) -> Result<Pattern, String> {
        if self.sign("[") {
            let mut items = vec![self.pattern()?];
            while self.sign(",") {
                items.push(self.pattern()?);
            }
            self.expect("]")?;
            return Ok(Pattern::Array(items));
        }
        if self.sign("{") {
            let mut entries = vec![self.pattern_entry()?];
            while self.sign(",") {
                entries.push(self.pattern_entry()?);
            }
            self.expect("}")?;
            return Ok(Pattern::Object(entries));
        }
        self.variable().map(Pattern::Variable)
    }

    fn pattern_entry(&mut self) -> Result<(Ast, Option<String>, Option<Pattern>), String> {
        self.skip();
        if self.rest.starts_with('$') {
            let name = self.variable()?;
            let pattern = if self.sign(":") { Some(self.pattern()?) } else { None };
            return Ok((Ast::literal(&name), Some(name), pattern));
        }
        let key = self.object_key()?;
        self.expect(":")?;
        Ok((key, None, Some(self.pattern()?)))
    }

    /// A single bar, which is not that of `|=`.
    fn bar(&mut self) -> bool {
        self.skip();
        !self.rest.starts_with("|=") && self.sign("|")
    }

    /// Passes over white space and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, after)| after);
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Takes a sign when it is next.
    fn sign(&mut self, sign: &str) -> bool {
        self.skip();
        let found = self.rest.starts_with(sign);
        if found {
            self.advance(sign.len());
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(self.unexpected_where(sign))
    }

    fn starts_with_word(&self, word: &str) -> bool {
        self.rest.strip_prefix(word).is_some_and(|after| !after.starts_with(is_name))
    }

    /// Takes a word when it is next.
    fn word(&mut self, word: &str) -> bool {
        self.skip();
        let found = self.starts_with_word(word);
        if found {
            self.advance(word.len());
        }
        found
    }

    fn variable(&mut self) -> Result<String, String> {
        self.expect("$")?;
        self.name().ok_or_else(|| self.unexpected())
    }

    fn name(&mut self) -> Option<String> {
        self.skip();
        let end = self.rest.find(|next| !is_name(next)).unwrap_or(self.rest.len());
        let name = self.rest.get(..end).filter(|name| name.starts_with(|first: char| !first.is_ascii_digit()))?;
        let name = name.to_owned();
        self.advance(end);
        Some(name)
    }

    fn unexpected_where(&self, expected: &str) -> String {
        match self.unexpected() {
            reason if reason.starts_with("unexpected") => format!("{reason} where {expected} is expected"),
            reason => reason,
        }
    }

    fn unexpected(&self) -> String {
        let sign = self.rest.trim_start_matches(['|', '+', '-', '*', '/', '%']);
        match self.rest.chars().next() {
            Some(_) if sign.starts_with('=') && !sign.starts_with("==") => "assignments are not supported".to_owned(),
            Some(next) => format!("unexpected {next}"),
            None => "unexpected end".to_owned(),
        }
    }
}

impl Ast {
    fn literal(text: &str) -> Self {
        Self::Text { format: None, parts: vec![TextPart::Literal(text.to_owned())] }
    }
}

fn is_name(next: char) -> bool {
    next.is_ascii_alphanumeric() || next == '_'
}

fn one_or(mut parts: Vec<Ast>, many: fn(Vec<Ast>) -> Ast) -> Ast {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => Ast::Identity,
    }
}
