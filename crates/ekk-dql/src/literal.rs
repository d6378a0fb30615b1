//! Names and values: quoted, or bare up to the next character or word that means something.

use serde_json::Number;

use crate::{
    cursor::{At, Found},
    expression::{Literal, Term, Wildcard},
    scanner::Scanner,
};

/// Whole numbers beyond this are not exact in JavaScript.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// A piece of a bare text.
enum Piece {
    Character(char),
    Star,
}

/// `"…"`, in which only quotes and backslashes need a backslash.
pub(crate) fn quoted(scanner: &mut Scanner<'_>) -> Option<Found<Term>> {
    scanner.attempt(|scanner| {
        let start = scanner.at;
        if !scanner.take("\"", "\"\\\"\"") {
            return None;
        }
        let prefix = quoted_characters(scanner);
        if scanner.cursor() {
            let suffix = quoted_characters(scanner);
            let at = At::new(scanner, start, prefix, suffix);
            return scanner.take("\"", "\"\\\"\"").then_some(Found::Cursor(at.closed()));
        }
        scanner.take("\"", "\"\\\"\"").then_some(Found::Parsed(Term::Literal(Literal::Text(prefix))))
    })
}

fn quoted_characters(scanner: &mut Scanner<'_>) -> String {
    let mut text = String::new();
    while !scanner.is_cursor() {
        match scanner.peek() {
            None | Some('"') => break,
            Some('\\') => {
                scanner.next();
                match scanner.peek() {
                    Some(escaped @ ('\\' | '"')) => text.push(escaped),
                    Some(letter) if white(letter).is_some() => text.extend(white(letter)),
                    _ => {
                        text.push('\\');
                        continue;
                    }
                }
                scanner.next();
            }
            Some(other) => {
                text.push(other);
                scanner.next();
            }
        }
    }
    text
}

/// The white space that a letter stands for behind a backslash.
fn white(letter: char) -> Option<char> {
    match letter {
        't' => Some('\t'),
        'r' => Some('\r'),
        'n' => Some('\n'),
        _ => None,
    }
}

/// A bare text, which may have spaces in it and ends before a keyword.
pub(crate) fn bare(scanner: &mut Scanner<'_>) -> Option<Found<Term>> {
    scanner.attempt(|scanner| {
        let start = scanner.at;
        let prefix = pieces(scanner);
        if scanner.cursor() {
            let suffix = pieces(scanner);
            let at = At::new(scanner, start, plain(&prefix), plain(&suffix));
            return Some(Found::Cursor(at));
        }
        (!prefix.is_empty()).then(|| Found::Parsed(term(prefix)))
    })
}

fn pieces(scanner: &mut Scanner<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some(piece) = piece(scanner) {
        pieces.push(piece);
    }
    pieces
}

fn piece(scanner: &mut Scanner<'_>) -> Option<Piece> {
    match scanner.peek()? {
        '\\' => escaped(scanner),
        '*' => {
            scanner.next();
            Some(Piece::Star)
        }
        character if is_special(character) || scanner.is_cursor() || scanner.looking_at(keyword) => None,
        character => {
            scanner.next();
            Some(Piece::Character(character))
        }
    }
}

/// A backslash and what it makes a part of the text: white space by its letter (so `\not` begins with a line feed, as in
/// OpenSearch Dashboards), a special character, or a keyword. Of a keyword the first letter is given here; the others are
/// none by themselves.
fn escaped(scanner: &mut Scanner<'_>) -> Option<Piece> {
    scanner.attempt(|scanner| {
        scanner.next();
        let character = scanner.peek()?;
        let mut begins = |word| scanner.looking_at(|scanner| scanner.take(word, "").then_some(()));
        let is_keyword = begins("or") || begins("and") || begins("not");
        let stands_for = white(character).or_else(|| (is_special(character) || is_keyword).then_some(character))?;
        scanner.next();
        Some(Piece::Character(stands_for))
    })
}

fn is_special(character: char) -> bool {
    matches!(character, '\\' | '(' | ')' | ':' | '<' | '>' | '"' | '*' | '{' | '}')
}

fn keyword(scanner: &mut Scanner<'_>) -> Option<()> {
    or(scanner).or_else(|| and(scanner)).or_else(|| not(scanner))
}

/// ` or `, in any case.
pub(crate) fn or(scanner: &mut Scanner<'_>) -> Option<()> {
    scanner.named("OR", |scanner| (scanner.spaces() && scanner.take("or", "") && scanner.spaces()).then_some(()))
}

/// ` and `, in any case.
pub(crate) fn and(scanner: &mut Scanner<'_>) -> Option<()> {
    scanner.named("AND", |scanner| (scanner.spaces() && scanner.take("and", "") && scanner.spaces()).then_some(()))
}

/// `not `, in any case.
pub(crate) fn not(scanner: &mut Scanner<'_>) -> Option<()> {
    scanner.named("NOT", |scanner| (scanner.take("not", "") && scanner.spaces()).then_some(()))
}

fn plain(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| if let Piece::Character(character) = piece { *character } else { '*' }).collect()
}

/// The term that a bare text is.
fn term(pieces: Vec<Piece>) -> Term {
    let mut parts = vec![String::new()];
    for piece in pieces {
        match (piece, parts.last_mut()) {
            (Piece::Character(character), Some(part)) => part.push(character),
            _ => parts.push(String::new()),
        }
    }
    if let Some(first) = parts.first_mut() {
        *first = first.trim_start().to_owned();
    }
    if let Some(last) = parts.last_mut() {
        last.truncate(last.trim_end().len());
    }
    match <[String; 1]>::try_from(parts) {
        Ok([text]) => Term::Literal(literal(text)),
        Err(parts) => Term::Wildcard(Wildcard { parts }),
    }
}

fn literal(text: String) -> Literal {
    match text.as_str() {
        "null" => Literal::Null,
        "true" => Literal::Bool(true),
        "false" => Literal::Bool(false),
        _ => number(&text).map_or(Literal::Text(text), Literal::Number),
    }
}

/// A number, if OpenSearch Dashboards takes the digits for one: `007`, `3.` and `-.5` are texts there.
fn number(text: &str) -> Option<Number> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let fits = match (whole, fraction) {
        ("0", None) => unsigned == text,
        ("0", Some("0")) if unsigned == text => true,
        ("0", Some(fraction)) => digits(fraction) && !fraction.ends_with('0'),
        ("", Some(fraction)) => digits(fraction) && unsigned == text,
        (whole, fraction) => digits(whole) && !whole.starts_with('0') && fraction.is_none_or(digits),
    };
    if !fits {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    if value.abs() > MAX_SAFE {
        return text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    }
    if value.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "within 53 bits")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Value) {
        let mut scanner = Scanner::new(text, false);
        let found = quoted(&mut scanner).or_else(|| bare(&mut scanner));
        let Some(Found::Parsed(Term::Literal(literal))) = found else { panic!("{text}: {found:?}") };
        assert_eq!((Term::Literal(literal).to_json(), scanner.rest()), (expected, ""), "{text}");
    }

    #[test]
    fn bare_texts_are_numbers_and_words_as_in_opensearch_dashboards() {
        check("foo", json!("foo"));
        check("true", json!(true));
        check("false", json!(false));
        check("null", json!(null));
        for number in ["42", "3", "-4", "0", "790.9", "0.8", "0.0001", "96565646732345", "9007199254740993"] {
            check(number, serde_json::from_str(number).unwrap());
        }
        check(".3", json!(0.3));
        check(".00001", json!(0.000_01));
        check("2.0", json!(2));
        check("0.0", json!(0));
        check("-0.5", json!(-0.5));
        check("10.50", json!(10.5));
        for text in
            ["..4", ".3text", ".", "-", "001", "00.2", "0.0.1", "3.", "--4", "-.4", "-0", "00949", "0.50", "1e3", "+1"]
        {
            check(text, json!(text));
        }
        check("123456789012345678901234567890", json!("123456789012345678901234567890"));
    }

    #[test]
    fn escapes_are_taken_out() {
        check(r#"\\\(\)\:\<\>\"\*\{\}"#, json!("\\():<>\"*{}"));
        check(r#""\():<>\"*""#, json!("\\():<>\"*"));
        check(r#""\\""#, json!("\\"));
        check(r#""a\tb""#, json!("a\tb"));
        check(r"a\tb\r\nc", json!("a\tb\r\nc"));
        check(r"this \or that", json!("this or that"));
        check(r"\AND so on", json!("AND so on"));
        check(r"\NOT me", json!("NOT me"));
        check(r"x \not me", json!("x \not me"));
        check("42 ", json!(42));
        check("two words  ", json!("two words"));
        check("\"42\"", json!("42"));
        check("android", json!("android"));
        check("order", json!("order"));
    }
}
