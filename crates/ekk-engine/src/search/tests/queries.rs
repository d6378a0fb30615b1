//! What each kind of query finds; numbers are those recorded from OpenSearch 3.4.0.

use serde_json::json;

use super::{CHUNKS, find, index_of, now, recorded};
use crate::{
    query::{
        BoolQuery, BoostingQuery, Bound, DisMaxQuery, FieldBoost, Fuzziness, FuzzyQuery, MatchBoolPrefixQuery,
        MatchPhrasePrefixQuery, MatchPhraseQuery, MatchQuery, MinimumShouldMatch, MultiMatchQuery, MultiMatchType,
        Operator, PrefixQuery, Query, QueryKind, QueryStringQuery, RangeQuery, RegexpQuery, Scalar,
        SimpleQueryStringQuery, TermQuery, TermsQuery, WildcardQuery,
    },
    search::{SearchError, count},
};

fn term(field: &str, value: impl Into<Scalar>) -> Query {
    TermQuery::new(field, value).into()
}

fn terms(field: &str, values: &[&str]) -> Query {
    TermsQuery { field: field.into(), values: values.iter().map(|value| (*value).into()).collect() }.into()
}

fn range(field: &str, lower: Option<Bound>, upper: Option<Bound>) -> RangeQuery {
    RangeQuery { field: field.into(), lower, upper, ..RangeQuery::default() }
}

fn string(query: &str) -> Query {
    QueryStringQuery::new(query).into()
}

/// Queries with the number of recorded documents that each finds.
fn counted() -> Vec<(&'static str, Query, u64)> {
    let one_of = |minimum: i64, should: Vec<Query>| {
        Query::from(BoolQuery {
            should,
            minimum_should_match: Some(MinimumShouldMatch::clauses(minimum)),
            ..BoolQuery::default()
        })
    };
    let pattern =
        |field: &str, value: &str| WildcardQuery { field: field.into(), value: value.into(), case_insensitive: false };
    let day = RangeQuery {
        time_zone: Some("+02:00".into()),
        ..range("@timestamp", Some(Bound::inclusive("2024-03-31||/d")), Some(Bound::exclusive("2024-03-31||+1d/d")))
    };
    let recent = range("@timestamp", Some(Bound::inclusive("now-15m")), Some(Bound::inclusive("now")));
    vec![
        ("terms", terms("level", &["ERROR", "WARN"]), 18),
        ("ids", Query::new(QueryKind::Ids { values: vec!["1".into(), "3".into()] }), 2),
        ("range date math", day.into(), 18),
        ("range now", recent.into(), 0),
        ("match", MatchQuery::new("msg", "request failed").into(), 28),
        ("match and", MatchQuery { operator: Operator::And, ..MatchQuery::new("msg", "login failed") }.into(), 9),
        ("match_phrase_prefix", MatchPhrasePrefixQuery::new("msg", "disk alm").into(), 10),
        ("match_phrase on keyword", MatchPhraseQuery::new("level", "ERROR").into(), 9),
        ("multi_match lenient", MultiMatchQuery { lenient: true, ..MultiMatchQuery::new("bob") }.into(), 9),
        (
            "multi_match phrase",
            MultiMatchQuery { lenient: true, kind: MultiMatchType::Phrase, ..MultiMatchQuery::new("login failed") }
                .into(),
            9,
        ),
        ("wildcard", pattern("msg.keyword", "*failed*").into(), 9),
        ("regexp", RegexpQuery { field: "svc".into(), value: "svc-[12]".into(), case_insensitive: false }.into(), 14),
        ("exists", Query::new(QueryKind::Exists { field: "dur".into() }), 48),
        ("exists on text", Query::new(QueryKind::Exists { field: "msg".into() }), 48),
        ("exists missing", Query::new(QueryKind::Exists { field: "nope".into() }), 0),
        (
            "bool with minimum_should_match",
            one_of(2, vec![term("level", "ERROR"), term("svc", "svc-1"), term("status", 500)]),
            9,
        ),
        ("query_string", string("level:ERROR AND msg:\"timed out\""), 9),
        ("query_string default field", string("bob"), 9),
        ("query_string range", string("dur:[10 TO 20} AND status:>=400"), 3),
        ("query_string date range", string("@timestamp:[2024-03-30 TO 2024-03-30]"), 32),
        ("query_string regex", string("svc:/svc-[12]/"), 14),
        ("query_string fuzzy and slop", string("msg:reqest~1 OR msg:\"request retry\"~5^2"), 19),
        ("query_string leading wildcard", string("msg:*out"), 9),
        (
            "simple_query_string",
            SimpleQueryStringQuery {
                fields: vec![FieldBoost { path: "msg".into(), boost: 1.0 }],
                ..SimpleQueryStringQuery::new("login + failed -alice (")
            }
            .into(),
            48,
        ),
        ("ip network", term("ip", "10.0.0.0/24"), 16),
        (
            "numbers",
            TermsQuery { field: "status".into(), values: vec![Scalar::Long(404), Scalar::Long(500)] }.into(),
            19,
        ),
        ("match_all", Query::match_all(), 48),
        ("match_none", Query::match_none(), 0),
    ]
}

#[test]
fn queries_find_as_many_documents_as_opensearch() {
    let rows = counted();
    for chunk in CHUNKS {
        let snapshot = [recorded(chunk)];
        for (name, query, expected) in &rows {
            assert_eq!(count(&snapshot, Some(query), now()), Ok(*expected), "{name} in segments of {chunk}");
        }
    }
}

#[test]
fn text_scores_are_opensearchs_in_one_segment_and_in_many() {
    for chunk in CHUNKS {
        let snapshot = recorded(chunk);
        let found = find(&snapshot, MatchQuery::new("msg", "request failed").into());
        assert_eq!(found.iter().take(3).map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["3", "8", "13"]);
        assert!((found[0].1 - 0.699_537_63).abs() < 1e-6, "{} in segments of {chunk}", found[0].1);
        let found = find(&snapshot, MatchQuery::new("msg", "nameerror").into());
        assert!((found[0].1 - 0.771_466_85).abs() < 1e-6, "{} in segments of {chunk}", found[0].1);
    }
}

/// Three documents of every type; what follows was measured on OpenSearch 3.4.0.
fn typed() -> crate::index::Snapshot {
    static MADE: std::sync::OnceLock<crate::index::Snapshot> = std::sync::OnceLock::new();
    MADE.get_or_init(make_typed).clone()
}

fn make_typed() -> crate::index::Snapshot {
    let mappings = json!({"properties": {
        "i": {"type": "integer"}, "l": {"type": "long"}, "d": {"type": "double"}, "f": {"type": "float"},
        "hf": {"type": "half_float"}, "k": {"type": "keyword"}, "b": {"type": "boolean"}, "t": {"type": "date"},
        "ip": {"type": "ip"}, "ul": {"type": "unsigned_long"}, "txt": {"type": "text"},
    }});
    let documents = [
        json!({"i": 1, "l": 5, "d": 1.5, "f": 1.1, "hf": 1.5, "k": "a", "b": true, "t": "2024-01-01", "ip": "10.0.0.1",
            "ul": u64::MAX, "txt": "quick brown fox"}),
        json!({"i": [3, 7], "l": [2, 9], "k": ["b", "c"], "txt": "the fox was quick"}),
        json!({"txt": ""}),
    ];
    index_of(mappings, &documents.map(|document| document.to_string()), 2).snapshot()
}

#[track_caller]
fn check(name: &str, query: impl Into<Query>, expected: &[(&str, f32)]) {
    let found = find(&typed(), query.into());
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    let expected_ids: Vec<&str> = expected.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, expected_ids, "{name}");
    for ((id, score), (_, expected)) in found.iter().zip(expected) {
        assert!((score - expected).abs() < 1e-6, "{name}: {id} scored {score}, not {expected}");
    }
}

#[test]
fn exact_values_follow_the_type() {
    check("whole number as double", term("i", 1.0), &[("0", 1.0)]);
    check("fraction of a whole number", term("i", 1.5), &[]);
    check("date", term("t", "2024-01-01"), &[("0", 1.0)]);
    check("a year", term("t", "2024"), &[("0", 1.0)]);
    check("float", term("f", 1.1), &[("0", 1.0)]);
    check("half_float", term("hf", 1.5), &[("0", 1.0)]);
    check("unsigned", term("ul", Scalar::UnsignedLong(u64::MAX)), &[("0", 1.0)]);
    check("address", term("ip", "10.0.0.0/8"), &[("0", 1.0)]);
    check("boolean", term("b", true), &[("0", 0.130_764_57)]);
    check("text is not analysed", term("txt", "Quick"), &[]);
    check("unmapped", term("nope", 1), &[]);
    check("index", term("_index", "agg*"), &[("0", 1.0), ("1", 1.0), ("2", 1.0)]);
    check("id", term("_id", "1"), &[("1", 1.0)]);
    check("several", terms("k", &["a", "b"]), &[("0", 1.0), ("1", 1.0)]);
    let exists = |field: &str| Query::new(QueryKind::Exists { field: field.into() });
    check("exists on empty text", exists("txt"), &[("0", 1.0), ("1", 1.0), ("2", 1.0)]);
}

#[test]
fn ranges_follow_the_type() {
    let gt = Bound::exclusive;
    check("whole", range("i", Some(gt(0.5)), Some(gt(3.5))), &[("0", 1.0), ("1", 1.0)]);
    check("keyword", range("k", Some(Bound::inclusive("b")), None), &[("1", 1.0)]);
    check("text", range("txt", Some(Bound::inclusive("q")), Some(Bound::exclusive("t"))), &[("0", 1.0), ("1", 1.0)]);
    check("address", range("ip", Some(Bound::exclusive("10.0.0.0")), None), &[("0", 1.0)]);
    check("boolean", range("b", Some(Bound::inclusive(true)), None), &[("0", 0.130_764_57)]);
    check("exclusive fraction", range("d", Some(Bound::exclusive(1.5)), None), &[]);
    check("unmapped", range("nope", Some(Bound::inclusive(3)), None), &[]);
    check("open", range("k", None, None), &[("0", 1.0), ("1", 1.0)]);
    check("gt rounds up", range("t", Some(Bound::exclusive("2023")), None), &[("0", 1.0)]);
    check("lt rounds down", range("t", None, Some(Bound::exclusive("2024"))), &[]);
    check("lte rounds up", range("t", None, Some(Bound::inclusive("2024"))), &[("0", 1.0)]);
}

#[test]
fn texts_score_as_lucene_scores_them() {
    let matches = |text: &str| MatchQuery::new("txt", text);
    check("match", matches("quick fox"), &[("0", 0.176_034_61), ("1", 0.156_595_2)]);
    let fuzzy = MatchQuery { fuzziness: Some(Fuzziness::AUTO), ..matches("quikc") };
    check("fuzzy match", fuzzy, &[("0", 0.070_413_85), ("1", 0.062_638_09)]);
    check("phrase", MatchPhraseQuery::new("txt", "brown fox"), &[("0", 0.422_640_06)]);
    check("phrase prefix", MatchPhrasePrefixQuery::new("txt", "quick br"), &[("0", 0.422_640_06)]);
    check("bool prefix", MatchBoolPrefixQuery::new("txt", "fox qu"), &[("0", 1.088_017_3), ("1", 1.078_297_6)]);
    let fuzzy = |transpositions| FuzzyQuery {
        field: "txt".into(),
        value: "quikc".into(),
        fuzziness: Fuzziness::AUTO,
        prefix_length: 0,
        max_expansions: 50,
        transpositions,
    };
    check("fuzzy", fuzzy(true), &[("0", 0.070_413_85), ("1", 0.062_638_09)]);
    check("fuzzy without swaps", fuzzy(false), &[]);
    let best = DisMaxQuery { queries: vec![matches("fox").into(), matches("brown").into()], tie_breaker: 0.5 };
    check("dis_max", best, &[("0", 0.378_631_4), ("1", 0.078_297_6)]);
    let fields = |names: &[&str]| names.iter().map(|name| FieldBoost::parse(name).expect("a field")).collect();
    let across = MultiMatchQuery {
        kind: MultiMatchType::CrossFields,
        fields: fields(&["txt", "k"]),
        ..MultiMatchQuery::new("fox quick")
    };
    check("cross fields", across, &[("0", 0.176_034_61), ("1", 0.156_595_2)]);
    check(
        "constant",
        Query::new(QueryKind::ConstantScore(Box::new(matches("fox").into()))).boosted(3.0),
        &[("0", 3.0), ("1", 3.0)],
    );
    let none = |should| BoolQuery { must_not: vec![term("k", "a")], should, ..BoolQuery::default() };
    check("only must_not", none(vec![]), &[("1", 0.0), ("2", 0.0)]);
    check("only filter", BoolQuery { filter: vec![term("k", "a")], ..BoolQuery::default() }, &[("0", 0.0)]);
    check("empty bool", BoolQuery::default(), &[("0", 1.0), ("1", 1.0), ("2", 1.0)]);
    let demoted = BoostingQuery {
        positive: Box::new(terms("k", &["a", "b"])),
        negative: Box::new(term("k", "a")),
        negative_boost: 0.25,
    };
    check("boosting", demoted, &[("1", 1.0), ("0", 0.25)]);
    let prefix = PrefixQuery { field: "txt".into(), value: "qu".into(), case_insensitive: false };
    check("prefix", prefix, &[("0", 1.0), ("1", 1.0)]);
}

#[test]
fn query_strings_mean_what_lucene_means() {
    let fox = [("0", 0.088_017_31), ("1", 0.078_297_6)];
    for (query, expected) in [
        ("i:abc", &[][..]),
        ("fox AND i:>2", &[("1", 1.078_297_6)]),
        ("", &[]),
        ("k:a*", &[("0", 1.0)]),
        ("k:(a OR b)^3", &[("0", 3.0), ("1", 3.0)]),
        ("k:(a b)", &[]),
        ("*", &[("0", 1.0), ("1", 1.0), ("2", 1.0)]),
        ("*:*", &[("0", 1.0), ("1", 1.0), ("2", 1.0)]),
        ("i:*", &[("0", 1.0), ("1", 1.0)]),
        ("_exists_:k", &[("0", 1.0), ("1", 1.0)]),
        ("fox -brown", &[("1", 0.078_297_6)]),
        ("NOT txt:fox", &[("2", 0.0)]),
        ("fox OR NOT quick", &[]),
        ("t:2024-01-01", &[("0", 1.0)]),
        ("t:>2023", &[("0", 1.0)]),
        ("t:[2023 TO *]", &[("0", 1.0)]),
        ("nope:x", &[]),
        ("txt:QU?CK", &[("0", 1.0), ("1", 1.0)]),
        ("txt:/QU.*/", &[("0", 1.0), ("1", 1.0)]),
        ("txt:Fox~", &fox),
        ("tx\\*:fox", &fox),
        ("+ fox", &fox),
        ("ip:10.0.0.0\\/8", &[("0", 1.0)]),
        ("ip:\"10.0.0.0/8\"", &[("0", 1.0)]),
        ("i:(1 OR 3)", &[("0", 1.0), ("1", 1.0)]),
        ("l:>=5 AND l:<9", &[("0", 2.0), ("1", 2.0)]),
        ("(fox)^2", &[("0", 0.176_034_61), ("1", 0.156_595_2)]),
    ] {
        check(query, string(query), expected);
    }
}

#[test]
fn errors_are_worded_as_opensearch_words_them() {
    let long = "99999999999999999999";
    let rows: Vec<(Query, &str, &str, Option<&str>)> = vec![
        (
            term("i", "abc"),
            "query_shard_exception",
            "failed to create query: For input string: \"abc\"",
            Some("number_format_exception"),
        ),
        (
            term("i", 3_000_000_000),
            "query_shard_exception",
            "failed to create query: Value [3000000000] is out of range for an integer",
            Some("illegal_argument_exception"),
        ),
        (
            term("b", "maybe"),
            "query_shard_exception",
            "failed to create query: Can't parse boolean value [maybe], expected [true] or [false]",
            Some("illegal_argument_exception"),
        ),
        (
            term("ip", "foo"),
            "query_shard_exception",
            "failed to create query: 'foo' is not an IP string literal.",
            Some("illegal_argument_exception"),
        ),
        (
            term("hf", 1e10),
            "query_shard_exception",
            "failed to create query: [half_float] supports only finite values, but got [1.0E10]",
            Some("illegal_argument_exception"),
        ),
        (
            term("t", "foo"),
            "query_shard_exception",
            "failed to create query: failed to parse date field [foo] with format [strict_date_optional_time||epoch_millis]: [failed to parse date field [foo] with format [strict_date_optional_time||epoch_millis]]",
            Some("parse_exception"),
        ),
        (
            range("t", Some(Bound::inclusive("now-1x")), None).into(),
            "parse_exception",
            "unit [x] not supported for date math [-1x]",
            None,
        ),
        (
            PrefixQuery { field: "i".into(), value: "1".into(), case_insensitive: false }.into(),
            "query_shard_exception",
            "Can only use prefix queries on keyword and text fields - not on [i] which is of type [integer]",
            None,
        ),
        (
            MatchPhrasePrefixQuery::new("k", "b").into(),
            "query_shard_exception",
            "failed to create query: Can only use phrase prefix queries on text fields - not on [k] which is of type [keyword]",
            Some("illegal_argument_exception"),
        ),
        (string("(fox"), "query_shard_exception", "Failed to parse query [(fox]", Some("parse_exception")),
    ];
    for (query, kind, reason, cause) in rows {
        let Err(SearchError::Shard { index, exception }) = count(&[typed()], Some(&query), now()) else {
            panic!("{query:?} must fail");
        };
        assert_eq!((&*index, exception.kind, exception.reason.as_str()), ("agg1", kind, reason));
        assert_eq!(exception.caused_by.as_deref().map(|cause| cause.kind), cause);
    }
    let lenient = MatchQuery { lenient: true, ..MatchQuery::new("i", long) };
    check("lenient", lenient, &[]);
}
