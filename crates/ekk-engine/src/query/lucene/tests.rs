//! Cases of the query syntax, written down as what it parses to, and properties of any text at all.

use proptest::prelude::*;

use super::*;

fn text(field: Option<&str>, text: &str) -> Node {
    Node::Leaf { field: field.map(str::to_owned), what: Leaf::Text(text.to_owned()) }
}

fn leaf(field: &str, what: Leaf) -> Node {
    Node::Leaf { field: Some(field.to_owned()), what }
}

#[track_caller]
fn check(query: &str, expected: impl Into<Option<Node>>) {
    assert_eq!(parse(query, Operator::Or).ok(), expected.into(), "{query}");
}

#[test]
fn words_join_to_one_text() {
    check("quick brown fox", text(None, "quick brown fox"));
    check(
        "msg:quick brown",
        Node::Bool(vec![(Occur::Should, text(Some("msg"), "quick")), (Occur::Should, text(None, "brown"))]),
    );
    check("msg:(quick brown)", text(Some("msg"), "quick brown"));
    check(r"a\:b", text(None, "a:b"));
    check(r"\u0041", text(None, "A"));
}

#[test]
fn operators_combine_as_lucene_does() {
    use Occur::{Must, MustNot, Should};
    for (query, operator, expected) in [
        ("a AND b", Operator::Or, vec![(Must, "a"), (Must, "b")]),
        ("a OR b AND c", Operator::Or, vec![(Should, "a"), (Must, "b"), (Must, "c")]),
        ("a && b || c", Operator::Or, vec![(Must, "a"), (Must, "b"), (Should, "c")]),
        ("+a -b", Operator::Or, vec![(Must, "a"), (MustNot, "b")]),
        ("a NOT b !c", Operator::Or, vec![(Should, "a"), (MustNot, "b"), (MustNot, "c")]),
        ("-a", Operator::Or, vec![(MustNot, "a")]),
        ("a OR b", Operator::And, vec![(Should, "a"), (Should, "b")]),
        ("a AND b", Operator::And, vec![(Must, "a"), (Must, "b")]),
    ] {
        let clauses = expected.into_iter().map(|(occur, term)| (occur, text(None, term))).collect();
        assert_eq!(parse(query, operator).expect(query), Node::Bool(clauses), "{query}");
    }
}

#[test]
fn leaves_have_their_forms() {
    let range = |lower: Option<&str>, upper: Option<&str>, includes_lower, includes_upper| Leaf::Range {
        lower: lower.map(str::to_owned),
        upper: upper.map(str::to_owned),
        includes_lower,
        includes_upper,
    };
    for (query, expected) in [
        ("f:*", Leaf::Wildcard("*".into())),
        ("f:a*", Leaf::Prefix("a".into())),
        ("f:a?c*", Leaf::Wildcard("a?c*".into())),
        ("f:/a[b]\\/c/", Leaf::Regexp("a[b]/c".into())),
        ("f:fox~", Leaf::Fuzzy("fox".into(), None)),
        ("f:fox~1", Leaf::Fuzzy("fox".into(), Some("1".into()))),
        ("f:\"a b\"", Leaf::Phrase("a b".into(), None)),
        ("f:\"a \\\"b\"~3", Leaf::Phrase("a \"b".into(), Some(3))),
        ("f:[1 TO 2}", range(Some("1"), Some("2"), true, false)),
        ("f:{* TO 2024-01-01T00:00:00Z]", range(None, Some("2024-01-01T00:00:00Z"), false, true)),
        ("f:[\"a b\" TO *]", range(Some("a b"), None, true, true)),
        ("f:>=10", Leaf::Text(">=10".into())),
        ("_exists_:f", Leaf::Text("f".into())),
    ] {
        let field = if query.starts_with('_') { "_exists_" } else { "f" };
        check(query, leaf(field, expected));
    }
    check("f:(a)^2.5", Node::Boosted(Box::new(text(Some("f"), "a")), 2.5));
    check("*:*", leaf("*", Leaf::Wildcard("*".into())));
}

#[test]
fn errors_tell_the_place() {
    for (query, reason) in [
        (
            "(fox",
            "Cannot parse '(fox': Encountered \"<EOF>\" at line 1, column 4.\nWas expecting one of:\n    <AND> ...",
        ),
        (
            "fox)",
            "Cannot parse 'fox)': Encountered \" \")\" \") \"\" at line 1, column 3.\nWas expecting one of:\n    <EOF> ",
        ),
        ("a:b:c", "Cannot parse 'a:b:c': Encountered \" \":\" \": \"\" at line 1, column 3.\n"),
        ("fox AND OR x", "Cannot parse 'fox AND OR x': Encountered \" <OR> \"OR \"\" at line 1, column 8.\n"),
        (
            "i:[1 TO",
            "Cannot parse 'i:[1 TO': Encountered \"<EOF>\" at line 1, column 7.\nWas expecting one of:\n    \"TO\" ...\n    <RANGE_QUOTED> ...\n    <RANGE_GOOP> ...\n    ",
        ),
        (
            "msg:\"unclosed",
            "Cannot parse 'msg:\"unclosed': Lexical error at line 1, column 14.  Encountered: <EOF> after prefix \
             \"\\\"unclosed\" (in lexical state 2)",
        ),
        ("fox^x", "Cannot parse 'fox^x': Lexical error at line 1, column 5.  Encountered: '120' (120),"),
    ] {
        let error = parse(query, Operator::Or).expect_err(query);
        assert_eq!(error.kind, "parse_exception");
        assert!(error.reason.starts_with(reason), "{query}: {}", error.reason);
    }
}

proptest! {
    #[test]
    fn never_panics(query in "\\PC{0,40}") {
        let _outcome = parse(&query, Operator::Or);
    }

    #[test]
    fn never_panics_on_its_own_characters(query in r#"[ab \\+\-!():^\[\]"{}~*?/|&0-9.TOANDR]{0,30}"#) {
        let _outcome = parse(&query, Operator::And);
    }

    #[test]
    fn escaped_text_is_text(query in "[^\\s]{1,12}") {
        let escaped = escape(&query);
        if !matches!(escaped.as_str(), "AND" | "OR" | "NOT") {
            prop_assert_eq!(parse(&escaped, Operator::Or), Ok(text(None, &query)));
        }
    }
}
