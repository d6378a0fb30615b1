//! The query DSL's error texts, as OpenSearch 3.4.0 answers them, and what some bodies are read into.

use ekk_engine::query::{Bound, RangeQuery, TermQuery};

use super::*;
use crate::json::parse;

fn read(body: &str) -> Parsed<Query> {
    parse(parse::parse(body.as_bytes()).unwrap().get("query").unwrap())
}

#[track_caller]
fn refused(body: &str) -> String {
    let exception = *read(body).expect_err(body).exception;
    String::from_utf8(crate::json::Json::from(exception.to_json()).to_bytes()).unwrap()
}

/// Bodies, and the exception that OpenSearch answers each with.
const REFUSED: &[(&str, &str)] = &[
    (
        r#"{"query": {"nope_query": {}}}"#,
        r#"{"type":"parsing_exception","reason":"unknown query [nope_query]","line":1,"col":26,"caused_by":{"type":"named_object_not_found_exception","reason":"[1:26] unknown field [nope_query]"}}"#,
    ),
    (
        r#"{"query": {}}"#,
        r#"{"type":"illegal_argument_exception","reason":"query malformed, empty clause found at [1:12]"}"#,
    ),
    (
        r#"{"query": {"term": {"a": 1, "b": 2}}}"#,
        r#"{"type":"parsing_exception","reason":"[term] query doesn't support multiple fields, found [a] and [b]","line":1,"col":34}"#,
    ),
    (
        r#"{"query":{"match_all":{"x":1}}}"#,
        r#"{"type":"parsing_exception","reason":"[1:24] [match_all] unknown field [x]","line":1,"col":28,"caused_by":{"type":"x_content_parse_exception","reason":"[1:24] [match_all] unknown field [x]"}}"#,
    ),
    (
        r#"{"query":{"match":{}}}"#,
        r#"{"type":"parsing_exception","reason":"No text specified for text query","line":1,"col":20}"#,
    ),
    (
        r#"{"query":{"match":{"a":{"query":"x","foo":1}}}}"#,
        r#"{"type":"parsing_exception","reason":"[match] query does not support [foo]","line":1,"col":43}"#,
    ),
    (
        r#"{"query":{"bool":{"foo":{}}}}"#,
        r#"{"type":"x_content_parse_exception","reason":"[1:19] [bool] unknown field [foo]"}"#,
    ),
    (
        r#"{"query":{"bool":{"must":[{}]}}}"#,
        r#"{"type":"x_content_parse_exception","reason":"[1:28] [bool] failed to parse field [must]","caused_by":{"type":"illegal_argument_exception","reason":"query malformed, empty clause found at [1:28]"}}"#,
    ),
    (
        r#"{"query":{"bool":{"must":[{"nope":{}}]}}}"#,
        r#"{"type":"x_content_parse_exception","reason":"[1:35] [bool] failed to parse field [must]","caused_by":{"type":"parsing_exception","reason":"unknown query [nope]","line":1,"col":35,"caused_by":{"type":"named_object_not_found_exception","reason":"[1:35] unknown field [nope]"}}}"#,
    ),
    (
        r#"{"query":{"bool":{"must":5}}}"#,
        r#"{"type":"x_content_parse_exception","reason":"[1:26] [bool] must doesn't support values of type: VALUE_NUMBER"}"#,
    ),
    (
        r#"{"query":{"term":{"a":[1]}}}"#,
        r#"{"type":"parsing_exception","reason":"[term] query does not support array of values","line":1,"col":23}"#,
    ),
    (
        r#"{"query":{"match_all":{},"term":{"a":1}}}"#,
        r#"{"type":"parsing_exception","reason":"[match_all] malformed query, expected [END_OBJECT] but found [FIELD_NAME]","line":1,"col":26}"#,
    ),
    (
        r#"{"query":{"exists":{}}}"#,
        r#"{"type":"parsing_exception","reason":"[exists] must be provided with a [field]","line":1,"col":21}"#,
    ),
    (
        r#"{"query":{"query_string":{}}}"#,
        r#"{"type":"parsing_exception","reason":"[query_string] must be provided with a [query]","line":1,"col":27}"#,
    ),
    (
        r#"{"query":{"range":{"a":{"gte":1},"b":{"lte":2}}}}"#,
        r#"{"type":"parsing_exception","reason":"[range] query doesn't support multiple fields, found [a] and [b]","line":1,"col":38}"#,
    ),
    (
        r#"{"query":{"terms":{"a":[1],"b":[2]}}}"#,
        r#"{"type":"parsing_exception","reason":"[terms] query does not support multiple fields","line":1,"col":32}"#,
    ),
    (
        r#"{"query":{"multi_match":{"query":"x","type":"nope"}}}"#,
        r#"{"type":"parse_exception","reason":"failed to parse [multi_match] query type [nope]. unknown type."}"#,
    ),
    (
        r#"{"query":{"match":{"a":{"query":"x","operator":"foo"}}}}"#,
        r#"{"type":"illegal_argument_exception","reason":"No enum constant org.opensearch.index.query.Operator.FOO"}"#,
    ),
];

#[test]
fn parse_errors_read_as_opensearch_words_them() {
    for (body, expected) in REFUSED {
        assert_eq!(refused(body), *expected, "{body}");
    }
}

#[test]
fn options_and_short_forms_are_read() {
    assert_eq!(
        read(r#"{"query":{"term":{"level":{"value":"ERROR","boost":2,"_name":"n"}}}}"#).unwrap(),
        Query::new(TermQuery::new("level", "ERROR")).boosted(2.0).named("n")
    );
    assert_eq!(
        read(r#"{"query":{"range":{"n":{"gte":1,"lt":"x"}}}}"#).unwrap(),
        Query::new(RangeQuery {
            field: "n".to_owned(),
            lower: Some(Bound::inclusive(1_i64)),
            upper: Some(Bound::exclusive("x")),
            ..RangeQuery::default()
        })
    );
    let bool_query =
        read(r#"{"query":{"bool":{"filter":{"match_all":{}},"must":[],"minimum_should_match":"75%"}}}"#).unwrap();
    let QueryKind::Bool(clauses) = bool_query.kind else { panic!("a bool query") };
    assert_eq!((clauses.filter.len(), clauses.must.len()), (1, 0));
}
