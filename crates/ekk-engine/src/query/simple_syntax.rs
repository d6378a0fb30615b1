//! The language of `simple_query_string`: any text is a query, and what makes no sense is left out.
//!
//! Source: <https://github.com/apache/lucene/blob/main/lucene/queryparser/src/java/org/apache/lucene/queryparser/simple/SimpleQueryParser.java>

use super::{Operator, SimpleFlags, lucene::Occur};

/// Deepest nesting of parentheses that is read; deeper ones are plain characters.
const MAX_DEPTH: usize = 200;

/// A part of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Bool(Vec<(Occur, Node)>),
    Text(String),
    /// A text before a `*`.
    Prefix(String),
    /// A text and the edits allowed.
    Fuzzy(String, Option<u8>),
    /// A quoted text and the slop.
    Phrase(String, u32),
}

/// Reads a query; `None` when there is nothing in it.
pub(crate) fn parse(text: &str, flags: SimpleFlags, default_operator: Operator) -> Option<Node> {
    let chars: Vec<char> = text.chars().collect();
    let mut parser = Parser { chars: &chars, at: 0, flags, default_operator };
    parser.group(0)
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    flags: SimpleFlags,
    default_operator: Operator,
}

/// The clauses read so far, in Lucene's manner: a run of one operator is one node.
#[derive(Default)]
struct Joined {
    top: Option<Node>,
    last: Option<Occur>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn is(&self, c: char, flag: SimpleFlags) -> bool {
        self.flags.has(flag) && self.peek() == Some(c)
    }

    fn group(&mut self, depth: usize) -> Option<Node> {
        let mut joined = Joined::default();
        let mut operation = None;
        let mut not = false;
        while let Some(c) = self.peek() {
            let node = if depth < MAX_DEPTH && self.is('(', SimpleFlags::PRECEDENCE) {
                self.at += 1;
                self.group(depth + 1)
            } else if self.is(')', SimpleFlags::PRECEDENCE) {
                self.at += 1;
                if depth > 0 {
                    break;
                }
                continue;
            } else if self.is('"', SimpleFlags::PHRASE) {
                self.phrase()
            } else if self.is('+', SimpleFlags::AND) {
                self.at += 1;
                operation = operation.or(joined.top.as_ref().map(|_| Occur::Must));
                continue;
            } else if self.is('|', SimpleFlags::OR) {
                self.at += 1;
                operation = operation.or(joined.top.as_ref().map(|_| Occur::Should));
                continue;
            } else if self.is('-', SimpleFlags::NOT) {
                self.at += 1;
                not = !not;
                continue;
            } else if matches!(c, ' ' | '\t' | '\n' | '\r') && self.flags.has(SimpleFlags::WHITESPACE) {
                self.at += 1;
                not = false;
                continue;
            } else {
                self.term()
            };
            if let Some(node) = node {
                let occur = operation.unwrap_or(match self.default_operator {
                    Operator::And => Occur::Must,
                    Operator::Or => Occur::Should,
                });
                let node = if not { Node::Bool(vec![(Occur::MustNot, node)]) } else { node };
                joined.add(node, occur);
            }
            operation = None;
            not = false;
        }
        joined.top
    }

    fn phrase(&mut self) -> Option<Node> {
        let start = self.at + 1;
        let mut text = String::new();
        let mut at = start;
        loop {
            match self.chars.get(at) {
                // A quote that never ends is left out.
                None => {
                    self.at = start;
                    return None;
                }
                Some('\\') if self.flags.has(SimpleFlags::ESCAPE) && at + 1 < self.chars.len() => {
                    text.extend(self.chars.get(at + 1));
                    at += 2;
                }
                Some('"') => break,
                Some(c) => {
                    text.push(*c);
                    at += 1;
                }
            }
        }
        self.at = at + 1;
        let slop = if self.is('~', SimpleFlags::SLOP) { self.number() } else { None };
        (!text.is_empty()).then(|| Node::Phrase(text, slop.unwrap_or(0)))
    }

    /// The number after a `~`, which is passed over.
    fn number(&mut self) -> Option<u32> {
        self.at += 1;
        let digits: String = self.chars.iter().skip(self.at).take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        digits.parse().ok()
    }

    fn ends_term(&self, c: char) -> bool {
        (c == '"' && self.flags.has(SimpleFlags::PHRASE))
            || (c == '|' && self.flags.has(SimpleFlags::OR))
            || (c == '+' && self.flags.has(SimpleFlags::AND))
            || (matches!(c, '(' | ')') && self.flags.has(SimpleFlags::PRECEDENCE))
            || (matches!(c, ' ' | '\t' | '\n' | '\r') && self.flags.has(SimpleFlags::WHITESPACE))
    }

    fn term(&mut self) -> Option<Node> {
        let mut text = String::new();
        let mut escaped_end = false;
        while let Some(c) = self.peek() {
            if c == '\\' && self.flags.has(SimpleFlags::ESCAPE) && self.at + 1 < self.chars.len() {
                self.at += 1;
                text.extend(self.peek());
                escaped_end = true;
            } else if self.ends_term(c) && !(text.is_empty() && c != '"' && !self.flags.has(SimpleFlags::WHITESPACE)) {
                break;
            } else if c == '~' && !text.is_empty() && self.flags.has(SimpleFlags::FUZZY) {
                let edits = self.number().map(|edits| u8::try_from(edits.min(2)).unwrap_or(2));
                return Some(Node::Fuzzy(text, edits));
            } else {
                text.push(c);
                escaped_end = false;
            }
            self.at += 1;
        }
        if text.is_empty() {
            // A character that begins nothing here.
            self.at += 1;
            return None;
        }
        match text.strip_suffix('*') {
            Some(prefix) if !prefix.is_empty() && !escaped_end && self.flags.has(SimpleFlags::PREFIX) => {
                Some(Node::Prefix(prefix.to_owned()))
            }
            _ => Some(Node::Text(text)),
        }
    }
}

impl Joined {
    fn add(&mut self, node: Node, occur: Occur) {
        self.top = Some(match self.top.take() {
            None => {
                self.top = Some(node);
                return;
            }
            Some(Node::Bool(mut clauses)) if self.last == Some(occur) => {
                clauses.push((occur, node));
                Node::Bool(clauses)
            }
            Some(before) => Node::Bool(vec![(occur, before), (occur, node)]),
        });
        self.last = Some(occur);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    #[track_caller]
    fn check(query: &str, expected: impl Into<Option<Node>>) {
        assert_eq!(parse(query, SimpleFlags::ALL, Operator::Or), expected.into(), "{query}");
    }

    #[test]
    fn reads_its_operators() {
        use Occur::{Must, MustNot, Should};
        check("", None);
        check("a", Some(text("a")));
        check("a b", Some(Node::Bool(vec![(Should, text("a")), (Should, text("b"))])));
        check("a + b", Some(Node::Bool(vec![(Must, text("a")), (Must, text("b"))])));
        check("-a", Some(Node::Bool(vec![(MustNot, text("a"))])));
        check("a*", Some(Node::Prefix("a".into())));
        check("a~1", Some(Node::Fuzzy("a".into(), Some(1))));
        check("\"a b\"~2", Some(Node::Phrase("a b".into(), 2)));
        check(
            "(a | b) + c",
            Some(Node::Bool(vec![
                (Must, Node::Bool(vec![(Should, text("a")), (Should, text("b"))])),
                (Must, text("c")),
            ])),
        );
    }

    #[test]
    fn what_is_in_parentheses_stays_together_whatever_the_default() {
        use Occur::{Must, Should};
        let inner = Node::Bool(vec![(Should, text("a")), (Should, text("b"))]);
        let read = parse("(a | b) + c", SimpleFlags::ALL, Operator::And);
        assert_eq!(read, Some(Node::Bool(vec![(Must, inner), (Must, text("c"))])));
    }

    proptest! {
        #[test]
        fn never_panics(query in "\\PC{0,40}", flags in 0_u16..1024) {
            let names = [("AND", 1), ("NOT", 2), ("OR", 4), ("PREFIX", 8), ("PHRASE", 16), ("PRECEDENCE", 32), ("ESCAPE", 64)];
            let chosen: Vec<&str> = names.iter().filter(|(_, bit)| flags & bit != 0).map(|(name, _)| *name).collect();
            let flags = SimpleFlags::parse(&chosen.join("|")).expect("known names");
            let _outcome = parse(&query, flags, Operator::Or);
        }
    }
}
