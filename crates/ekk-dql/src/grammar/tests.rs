//! Tests of the grammar: what texts mean, and what is said to those that mean nothing.

use proptest::prelude::*;

use super::*;

/// An expression in brackets, so that its structure is seen.
fn shown(expression: &Expression) -> String {
    let all = |word: &str, inner: &[Expression]| {
        format!("({})", inner.iter().map(shown).collect::<Vec<_>>().join(&format!(" {word} ")))
    };
    match expression {
        Expression::And(inner) => all("AND", inner),
        Expression::Or(inner) => all("OR", inner),
        Expression::Not(inner) => format!("NOT {}", shown(inner)),
        Expression::Nested { path, inner } => format!("{path}{{{}}}", shown(inner)),
        Expression::Is { field: Term::Literal(Literal::Null), value, is_phrase } => value_shown(value, *is_phrase),
        Expression::Is { field, value, is_phrase } => format!("{field}={}", value_shown(value, *is_phrase)),
        Expression::Range { field, operator, value } => {
            format!("{field} {} {}", operator.name(), value_shown(value, false))
        }
    }
}

fn value_shown(value: &Term, is_phrase: bool) -> String {
    match value {
        Term::Wildcard(wildcard) => format!("~{wildcard}"),
        _ if is_phrase => format!("\"{value}\""),
        Term::Literal(Literal::Text(text)) => format!("‹{text}›"),
        Term::Literal(_) => value.to_string(),
    }
}

#[test]
fn texts_mean_what_they_mean_in_opensearch_dashboards() {
    for (text, expected) in [
        ("", "*=~*"),
        (" \t\n ", "*=~*"),
        ("foo", "‹foo›"),
        ("  foo ", "‹foo›"),
        ("foo bar", "‹foo bar›"),
        ("foo and bar", "(‹foo› AND ‹bar›)"),
        ("foo AND bar Or baz", "((‹foo› AND ‹bar›) OR ‹baz›)"),
        ("foo or bar", "(‹foo› OR ‹bar›)"),
        ("not (foo or bar)", "NOT (‹foo› OR ‹bar›)"),
        ("not foo and bar", "(NOT ‹foo› AND ‹bar›)"),
        ("foo or bar and baz or qux", "(‹foo› OR (‹bar› AND ‹baz›) OR ‹qux›)"),
        ("(foo or bar) and baz", "((‹foo› OR ‹bar›) AND ‹baz›)"),
        ("((foo))", "‹foo›"),
        ("foo:bar", "foo=‹bar›"),
        ("foo : bar", "foo=‹bar›"),
        ("foo:bar baz", "foo=‹bar baz›"),
        ("foo:\"bar baz\"", "foo=\"bar baz\""),
        ("\"my field\":x", "my field=‹x›"),
        ("foo:(bar or baz)", "(foo=‹bar› OR foo=‹baz›)"),
        ("foo:((bar or baz) and not qux)", "((foo=‹bar› OR foo=‹baz›) AND NOT foo=‹qux›)"),
        ("foo:(not bar)", "NOT foo=‹bar›"),
        ("a and", "‹a and›"),
        ("bytes > 1000 and bytes < 8000", "(bytes gt 1000 AND bytes lt 8000)"),
        ("bytes>=1000 or bytes<=8000", "(bytes gte 1000 OR bytes lte 8000)"),
        ("machine*:osx", "machine*=‹osx›"),
        ("foo:ba*", "foo=~ba*"),
        ("foo:*", "foo=~*"),
        ("foo:** ", "foo=~**"),
        ("*", "~*"),
        ("foo:\"a*\"", "foo=\"a*\""),
        ("foo:a\\*", "foo=‹a*›"),
        ("nested:{ child:foo }", "nested{child=‹foo›}"),
        ("a:1 and n:{ c:foo or c:bar }", "(a=1 AND n{(c=‹foo› OR c=‹bar›)})"),
        ("n:{ m:{ x:foo } }", "n{m{x=‹foo›}}"),
        ("foo:-5", "foo=-5"),
        ("foo:true", "foo=true"),
        ("foo:null", "foo=null"),
        ("order and android", "(‹order› AND ‹android›)"),
        ("a or\tb", "(‹a› OR ‹b›)"),
        ("level:ERROR, WARN", "level=‹ERROR, WARN›"),
        ("host:web-1/x?y=[z]", "host=‹web-1/x?y=[z]›"),
        ("name:é", "name=‹é›"),
        ("_exists_", "‹_exists_›"),
        ("f:\"\"", "f=\"\""),
    ] {
        let found =
            parse(text).map_or_else(|error| format!("{error} at {}", error.at), |expression| shown(&expression));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_mistake_is_told_at_its_place_in_the_words_of_opensearch_dashboards() {
    for (text, message, at) in [
        ("response:", "Expected \"(\", \"{\", value, whitespace but end of input found.", 9),
        ("response:200 or ", "Expected \"(\", NOT, field name, value but end of input found.", 16),
        ("response:(200 or )", "Expected \"(\", NOT, value but \")\" found.", 17),
        ("response:200 and not ", "Expected \"(\", field name, value but end of input found.", 21),
        ("response:(200 and not )", "Expected \"(\", value but \")\" found.", 22),
        ("foo:\"ba ", "Expected \"(\", \"{\", value, whitespace but \"\"\" found.", 4),
        ("foo:\"ba \"r\"", "Expected AND, OR, end of input, whitespace but \"r\" found.", 9),
        ("foo:ba:r", "Expected AND, OR, end of input, whitespace but \":\" found.", 6),
        ("foo > ", "Expected literal, whitespace but end of input found.", 6),
        ("< 1000", "Expected \"(\", NOT, end of input, field name, value, whitespace but \"<\" found.", 0),
        ("(foo", "Expected \")\", \":\", \"<\", \"<=\", \">\", \">=\", AND, OR, whitespace but end of input found.", 4),
        ("foo:not bar", "Expected \"(\", \"{\", value, whitespace but \"n\" found.", 4),
        (
            "cannot find",
            "Expected \":\", \"<\", \"<=\", \">\", \">=\", AND, OR, end of input, whitespace but \"n\" found.",
            3,
        ),
        ("é:(ü", "Expected \")\", AND, OR, whitespace but end of input found.", 6),
    ] {
        match parse(text) {
            Ok(expression) => panic!("{text} is {}", shown(&expression)),
            Err(error) => assert_eq!((error.message.as_str(), error.at), (message, at), "{text}"),
        }
    }
}

#[test]
fn a_query_has_bounds() {
    let deep = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(MAX_DEPTH)).is_ok());
    for text in [deep(MAX_DEPTH + 1), "(".repeat(10_000), "f:(".repeat(5_000), "f:{".repeat(5_000)] {
        let error = parse(&text).unwrap_err();
        assert!(
            error.message.starts_with("There are over 100 brackets") || text.starts_with("f:(f"),
            "{}",
            error.message
        );
    }
    let error = parse(&"a".repeat(MAX_BYTES + 1)).unwrap_err();
    assert_eq!(error.message, "The query has 16385 bytes, over the limit of 16384.");
    assert!(parse(&" ".repeat(MAX_BYTES)).is_ok());
    assert!(parse(&"a or ".repeat(3_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_or_refused_at_a_place_within_it(text in "[a-dé:\"*(){}<>= \\\\ornt\\-0-9]{0,40}|.{0,40}") {
        match parse(&text) {
            Ok(expression) => {
                crate::to_query(&expression, &[], None).ok();
            }
            Err(error) => {
                prop_assert!(text.is_char_boundary(error.at) && error.at <= text.len(), "{error:?}");
                prop_assert!(error.message.ends_with(" found.") || error.message.contains("over"), "{}", error.message);
            }
        }
    }

    #[test]
    fn words_between_brackets_mean_the_same_as_without(word in "[a-z]{1,6}") {
        prop_assert_eq!(parse(&format!("( {word} )")).ok(), parse(&word).ok());
    }
}
