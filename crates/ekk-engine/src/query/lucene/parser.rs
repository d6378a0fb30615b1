//! The grammar over the tokens.

use super::{
    Leaf, MAX_DEPTH, Node, Occur, SyntaxError,
    lexer::{Kind, Token},
    unescape,
};
use crate::query::Operator;

/// What may begin a clause, in the order Lucene lists it.
const CLAUSE: &[&str] = &[
    "<BAREOPER> ...",
    "\"(\" ...",
    "\"*\" ...",
    "<QUOTED> ...",
    "<TERM> ...",
    "<PREFIXTERM> ...",
    "<WILDTERM> ...",
    "<REGEXPTERM> ...",
    "\"[\" ...",
    "\"{\" ...",
    "<NUMBER> ...",
];
const MODIFIERS: &[&str] = &["<NOT> ...", "\"+\" ...", "\"-\" ..."];
const AFTER_TERM: &[&str] = &[
    "<AND> ...",
    "<OR> ...",
    "<NOT> ...",
    "\"+\" ...",
    "\"-\" ...",
    "<BAREOPER> ...",
    "\"(\" ...",
    "\"*\" ...",
    "\"^\" ...",
    "<QUOTED> ...",
    "<TERM> ...",
    "<FUZZY_SLOP> ...",
    "<PREFIXTERM> ...",
    "<WILDTERM> ...",
    "<REGEXPTERM> ...",
    "\"[\" ...",
    "\"{\" ...",
    "<NUMBER> ...",
];
const RANGE_START: &[&str] = &["\"TO\" ...", "<RANGE_QUOTED> ...", "<RANGE_GOOP> ..."];
const RANGE_END: &[&str] = &["\"]\" ...", "\"}\" ..."];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conjunction {
    None,
    And,
    Or,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    None,
    Not,
    Required,
}

pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    default_operator: Operator,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token], default_operator: Operator) -> Self {
        Self { tokens, at: 0, depth: 0, default_operator }
    }

    pub(super) fn parse(mut self) -> Result<Node, SyntaxError> {
        let node = self.query(None)?;
        if self.peek(0) == Kind::End {
            return Ok(node);
        }
        let mut expected = vec!["<EOF> "];
        expected.extend(AFTER_TERM.iter().filter(|name| !name.starts_with("<FUZZY") || self.after_term()));
        Err(self.unexpected(&expected))
    }

    fn after_term(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.is_some_and(|token| matches!(token.kind, Kind::Term | Kind::Quoted | Kind::PrefixTerm | Kind::WildTerm))
    }

    fn peek(&self, ahead: usize) -> Kind {
        self.tokens.get(self.at + ahead).map_or(Kind::End, |token| token.kind)
    }

    /// The text of the token ahead, which is then behind.
    fn take(&mut self) -> &'a str {
        let token = self.tokens.get(self.at);
        self.at += 1;
        token.map_or("", |token| token.image.as_str())
    }

    fn take_if(&mut self, kind: Kind) -> bool {
        let is = self.peek(0) == kind;
        self.at += usize::from(is);
        is
    }

    fn unexpected(&self, expected: &[&str]) -> SyntaxError {
        let (kind, image, column) = self
            .tokens
            .get(self.at)
            .map_or((Kind::End, "", 0), |token| (token.kind, token.image.as_str(), token.column));
        let found = match kind {
            Kind::End => "\"<EOF>\"".to_owned(),
            kind => {
                let image = image.replace('\\', "\\\\").replace('"', "\\\"");
                format!("\" {} \"{image} \"\"", kind.name())
            }
        };
        let wanted = if expected.len() == 1 { "Was expecting:" } else { "Was expecting one of:" };
        let list: String = expected.iter().flat_map(|name| ["\n    ", name]).collect();
        SyntaxError {
            kind: "parse_exception",
            message: format!("Encountered {found} at line 1, column {column}.\n{wanted}{list}\n    "),
        }
    }

    fn query(&mut self, field: Option<&str>) -> Result<Node, SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("parentheses are nested deeper than {MAX_DEPTH}");
            return Err(SyntaxError { kind: "parse_exception", message });
        }
        let mut clauses: Vec<(Occur, Node)> = Vec::new();
        loop {
            let conjunction = if clauses.is_empty() { Conjunction::None } else { self.conjunction() };
            let modifier = self.modifier();
            let node = if modifier == Modifier::None && self.many_words() {
                self.words(field)
            } else {
                let follows_operator = conjunction != Conjunction::None || modifier != Modifier::None;
                self.clause(field, modifier == Modifier::None, follows_operator)?
            };
            self.add(&mut clauses, conjunction, modifier, node);
            if matches!(self.peek(0), Kind::End | Kind::CloseParen | Kind::Colon | Kind::Caret | Kind::FuzzySlop) {
                break;
            }
        }
        self.depth -= 1;
        Ok(match clauses.as_slice() {
            [(Occur::Must | Occur::Should, _)] => clauses.remove(0).1,
            _ => Node::Bool(clauses),
        })
    }

    fn conjunction(&mut self) -> Conjunction {
        if self.take_if(Kind::And) {
            Conjunction::And
        } else if self.take_if(Kind::Or) {
            Conjunction::Or
        } else {
            Conjunction::None
        }
    }

    fn modifier(&mut self) -> Modifier {
        if self.take_if(Kind::Plus) {
            Modifier::Required
        } else if self.take_if(Kind::Minus) || self.take_if(Kind::Not) {
            Modifier::Not
        } else {
            Modifier::None
        }
    }

    /// Joins a clause to those before it, as Lucene does: `AND` makes the one before it required too.
    fn add(&self, clauses: &mut Vec<(Occur, Node)>, conjunction: Conjunction, modifier: Modifier, node: Node) {
        if let Some((occur, _)) = clauses.last_mut()
            && *occur != Occur::MustNot
        {
            match (conjunction, self.default_operator) {
                (Conjunction::And, _) => *occur = Occur::Must,
                (Conjunction::Or, Operator::And) => *occur = Occur::Should,
                _ => {}
            }
        }
        let occur = match (modifier, self.default_operator) {
            (Modifier::Not, _) => Occur::MustNot,
            (Modifier::None, Operator::Or) if conjunction != Conjunction::And => Occur::Should,
            (Modifier::None | Modifier::Required, Operator::And) if conjunction == Conjunction::Or => Occur::Should,
            _ => Occur::Must,
        };
        clauses.push((occur, node));
    }

    /// Whether two or more bare words follow, which are one text.
    fn many_words(&self) -> bool {
        self.peek(0) == Kind::Term && self.peek(1) == Kind::Term && self.ends_word(2)
    }

    fn ends_word(&self, ahead: usize) -> bool {
        !matches!(self.peek(ahead), Kind::Colon | Kind::Caret | Kind::FuzzySlop)
    }

    fn words(&mut self, field: Option<&str>) -> Node {
        let mut text = unescape(self.take());
        while self.peek(0) == Kind::Term && self.ends_word(1) {
            text.push(' ');
            text.push_str(&unescape(self.take()));
        }
        leaf(field, Leaf::Text(text))
    }

    fn clause(&mut self, field: Option<&str>, modifiable: bool, after_operator: bool) -> Result<Node, SyntaxError> {
        let mut named = None;
        if self.peek(1) == Kind::Colon && matches!(self.peek(0), Kind::Term | Kind::Star) {
            named = Some(unescape(self.take()));
            self.at += 1;
        }
        let field = named.as_deref().or(field);
        let node = match self.peek(0) {
            Kind::OpenParen => {
                self.at += 1;
                let node = self.query(field)?;
                if !self.take_if(Kind::CloseParen) {
                    let mut expected = AFTER_TERM.to_vec();
                    expected.insert(7, "\")\" ...");
                    return Err(self.unexpected(&expected));
                }
                node
            }
            Kind::OpenRange { inclusive } => self.range(field, inclusive)?,
            Kind::Quoted => {
                let image = self.take();
                let text = unescape(image.get(1..image.len() - 1).unwrap_or_default());
                let slop = (self.peek(0) == Kind::FuzzySlop).then(|| self.take());
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
                let slop = slop.and_then(|image| image.get(1..)?.parse::<f32>().ok()).map(|slop| slop as u32);
                leaf(field, Leaf::Phrase(text, slop))
            }
            kind => match term(kind) {
                Some(make) => {
                    let what = make(self.take());
                    self.suffixed(field, what)
                }
                None => return Err(self.unexpected(&expected_clause(modifiable && named.is_none(), after_operator))),
            },
        };
        self.boost(node)
    }

    /// A term with the `~` after it.
    fn suffixed(&mut self, field: Option<&str>, what: Leaf) -> Node {
        if self.peek(0) != Kind::FuzzySlop {
            return leaf(field, what);
        }
        let edits = self.take().get(1..).unwrap_or_default();
        let edits = (!edits.is_empty()).then(|| edits.to_owned());
        match what {
            Leaf::Text(text) => leaf(field, Leaf::Fuzzy(text, edits)),
            other => leaf(field, other),
        }
    }

    fn boost(&mut self, node: Node) -> Result<Node, SyntaxError> {
        if !self.take_if(Kind::Caret) {
            return Ok(node);
        }
        if self.peek(0) != Kind::Number {
            return Err(self.unexpected(&["<NUMBER> ..."]));
        }
        let factor = self.take().parse().unwrap_or(1.0);
        let node = match node {
            Node::Leaf { field, what: Leaf::Text(text) } if self.peek(0) == Kind::FuzzySlop => {
                self.suffixed(field.as_deref(), Leaf::Text(text))
            }
            node => node,
        };
        Ok(Node::Boosted(Box::new(node), factor))
    }

    fn range(&mut self, field: Option<&str>, includes_lower: bool) -> Result<Node, SyntaxError> {
        self.at += 1;
        let lower = self.range_part()?;
        self.take_if(Kind::To);
        let upper = self.range_part()?;
        let Kind::CloseRange { inclusive: includes_upper } = self.peek(0) else {
            return Err(self.unexpected(RANGE_END));
        };
        self.at += 1;
        Ok(leaf(field, Leaf::Range { lower, upper, includes_lower, includes_upper }))
    }

    fn range_part(&mut self) -> Result<Option<String>, SyntaxError> {
        match self.peek(0) {
            Kind::RangeGoop | Kind::To => {
                let image = self.take();
                Ok((image != "*").then(|| unescape(image)))
            }
            Kind::RangeQuoted => {
                let image = self.take();
                Ok(Some(unescape(image.get(1..image.len() - 1).unwrap_or_default())))
            }
            _ => Err(self.unexpected(RANGE_START)),
        }
    }
}

fn expected_clause(modifiable: bool, after_operator: bool) -> Vec<&'static str> {
    let mut expected = Vec::new();
    if modifiable {
        expected.extend_from_slice(MODIFIERS);
    }
    expected.extend_from_slice(CLAUSE);
    if modifiable || after_operator {
        expected.push("<TERM> ...");
    }
    if after_operator {
        expected.push("\"*\" ...");
    }
    expected
}

/// How the image of a token that is a term by itself is read.
fn term(kind: Kind) -> Option<fn(&str) -> Leaf> {
    Some(match kind {
        Kind::Term | Kind::Number => |image| Leaf::Text(unescape(image)),
        Kind::BareOperator => |image| Leaf::Text(image.chars().take(1).collect()),
        Kind::Star | Kind::WildTerm => |image| Leaf::Wildcard(image.to_owned()),
        Kind::PrefixTerm => |image| Leaf::Prefix(unescape(image.strip_suffix('*').unwrap_or(image))),
        Kind::RegexpTerm => |image| Leaf::Regexp(image.get(1..image.len() - 1).unwrap_or_default().replace("\\/", "/")),
        _ => return None,
    })
}

fn leaf(field: Option<&str>, what: Leaf) -> Node {
    Node::Leaf { field: field.map(str::to_owned), what }
}
