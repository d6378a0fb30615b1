//! Sorting, paging, and what a hit shows.

use serde_json::json;

use super::{CHUNKS, index_of, now, recorded, run};
use crate::{
    index::{Operation, VersionCheck},
    query::{MatchQuery, Query, QueryStringQuery, TermQuery},
    search::{
        FieldFormat, FieldSort, Highlight, HighlightField, HighlightOptions, Missing, Order, Relation, SearchAfter,
        SearchError, SearchRequest, SortKey, SortMode, SortValue, SourceFilter, TotalHits, TrackTotalHits, search,
    },
};

fn by(field: &str, order: Order) -> SortKey {
    SortKey::Field(FieldSort::new(field, order))
}

fn ids(snapshot: &crate::index::Snapshot, request: &SearchRequest) -> Vec<String> {
    run(snapshot, request).hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn sorts_by_fields_and_gives_their_values_back() {
    for chunk in CHUNKS {
        let snapshot = recorded(chunk);
        let request = SearchRequest {
            size: 2,
            sort: vec![by("@timestamp", Order::Desc)],
            version: true,
            source: SourceFilter::Paths { includes: vec!["level".into()], excludes: vec![] },
            ..SearchRequest::default()
        };
        let response = run(&snapshot, &request);
        let hit = &response.hits[0];
        assert_eq!((hit.id.as_str(), hit.version, hit.score), ("47", Some(1), None));
        assert_eq!(hit.sort, [SortValue::Long(1_711_883_700_000)]);
        assert_eq!(hit.source.as_deref(), Some(&br#"{"level":"INFO"}"#[..]));
        assert_eq!((response.max_score, response.hits[1].id.as_str()), (None, "46"));

        let request = SearchRequest {
            size: 2,
            sort: vec![by("level", Order::Asc), SortKey::Doc { order: Order::Asc }],
            ..SearchRequest::default()
        };
        let response = run(&snapshot, &request);
        assert_eq!(response.hits[1].sort, [SortValue::String("ERROR".into()), SortValue::Long(9)]);
    }
}

#[test]
fn every_page_after_another_gives_all_hits_once() {
    for chunk in CHUNKS {
        let snapshot = recorded(chunk);
        for sort in [
            vec![by("level", Order::Desc), by("@timestamp", Order::Asc)],
            vec![by("svc", Order::Asc), by("dur", Order::Desc)],
            vec![by("ip", Order::Asc)],
            vec![by("_id", Order::Asc)],
            vec![SortKey::Doc { order: Order::Desc }],
            vec![by("msg.keyword", Order::Asc)],
        ] {
            let all = ids(&snapshot, &SearchRequest { size: 100, sort: sort.clone(), ..SearchRequest::default() });
            assert_eq!(all.len(), 48);
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let request =
                    SearchRequest { size: 7, sort: sort.clone(), search_after: after, ..SearchRequest::default() };
                let response = run(&snapshot, &request);
                let Some(last) = response.hits.last() else { break };
                after = Some(SearchAfter { values: last.sort.clone(), address: None });
                paged.extend(response.hits.into_iter().map(|hit| hit.id));
            }
            assert_eq!(paged, all, "{sort:?} in segments of {chunk}");
        }
    }
}

#[test]
fn a_scroll_passes_hits_that_are_equal_in_every_key() {
    for chunk in CHUNKS {
        let snapshot = recorded(chunk);
        let sort = vec![by("level", Order::Asc)];
        let all = ids(&snapshot, &SearchRequest { size: 100, sort: sort.clone(), ..SearchRequest::default() });
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let request =
                SearchRequest { size: 5, sort: sort.clone(), search_after: after, ..SearchRequest::default() };
            let response = run(&snapshot, &request);
            let Some(last) = response.hits.last() else { break };
            after = Some(SearchAfter { values: last.sort.clone(), address: Some(last.address) });
            paged.extend(response.hits.into_iter().map(|hit| hit.id));
        }
        assert_eq!(paged, all, "segments of {chunk}");
    }
}

#[test]
fn missing_values_stand_where_opensearch_puts_them() {
    let mappings = json!({"properties": {
        "i": {"type": "integer"}, "l": {"type": "long"}, "d": {"type": "double"}, "k": {"type": "keyword"},
        "ul": {"type": "unsigned_long"}, "ip": {"type": "ip"},
    }});
    let documents = [
        json!({"i": 1, "l": 5, "d": 1.5, "k": "a", "ul": u64::MAX, "ip": "10.0.0.1"}),
        json!({"i": [3, 7], "l": [2, 9], "k": ["b", "c"]}),
        json!({}),
    ];
    let snapshot = index_of(mappings, &documents.map(|document| document.to_string()), 2).snapshot();
    let (long, double) = (SortValue::Long, SortValue::Double);
    let text = |text: &str| SortValue::String(text.into());
    let rows = [
        ("i", Order::Asc, Missing::Last, ["0", "1", "2"], [long(1), long(3), long(2_147_483_647)]),
        ("i", Order::Desc, Missing::First, ["2", "1", "0"], [long(2_147_483_647), long(7), long(1)]),
        ("l", Order::Asc, Missing::First, ["2", "1", "0"], [long(i64::MIN), long(2), long(5)]),
        ("l", Order::Asc, Missing::Value(3.into()), ["1", "2", "0"], [long(2), long(3), long(5)]),
        ("d", Order::Asc, Missing::Last, ["0", "1", "2"], [double(1.5), double(f64::INFINITY), double(f64::INFINITY)]),
        ("k", Order::Desc, Missing::Last, ["1", "0", "2"], [text("c"), text("a"), SortValue::Null]),
        ("k", Order::Asc, Missing::Value("aa".into()), ["0", "2", "1"], [text("a"), text("aa"), text("b")]),
        ("ip", Order::Asc, Missing::First, ["1", "2", "0"], [SortValue::Null, SortValue::Null, text("10.0.0.1")]),
    ];
    for (field, order, missing, ids, values) in rows {
        let sort = vec![SortKey::Field(FieldSort { missing, ..FieldSort::new(field, order) })];
        let hits = run(&snapshot, &SearchRequest { sort, ..SearchRequest::default() }).hits;
        assert_eq!(hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>(), ids, "{field} {order:?}");
        assert_eq!(hits.iter().map(|hit| hit.sort[0].clone()).collect::<Vec<_>>(), values, "{field} {order:?}");
    }
    let sum = SortKey::Field(FieldSort { mode: Some(SortMode::Sum), ..FieldSort::new("l", Order::Desc) });
    let hits = run(&snapshot, &SearchRequest { sort: vec![sum], ..SearchRequest::default() }).hits;
    assert_eq!(hits[0].sort, [long(11)]);
}

#[test]
fn fields_that_cannot_be_sorted_by_are_refused() {
    let snapshot = [recorded(48)];
    for (field, kind, reason) in [
        ("nope", "query_shard_exception", "No mapping found for [nope] in order to sort on"),
        ("msg", "illegal_argument_exception", "Text fields are not optimised for operations that require"),
    ] {
        let request = SearchRequest { sort: vec![by(field, Order::Asc)], ..SearchRequest::default() };
        let Err(SearchError::Shard { exception, .. }) = search(&snapshot, &request, now()) else {
            panic!("{field} must be refused");
        };
        assert_eq!(exception.kind, kind);
        assert!(exception.reason.starts_with(reason), "{}", exception.reason);
    }
}

#[test]
fn totals_are_counted_as_far_as_asked() {
    let eq = |value| Some(TotalHits { value, relation: Relation::Eq });
    for (track, expected) in [
        (TrackTotalHits::No, None),
        (TrackTotalHits::All, eq(48)),
        (TrackTotalHits::UpTo(48), eq(48)),
        (TrackTotalHits::UpTo(10), Some(TotalHits { value: 10, relation: Relation::Gte })),
    ] {
        let request = SearchRequest { size: 1, track_total_hits: track, ..SearchRequest::default() };
        let response = run(&recorded(13), &request);
        assert_eq!((response.total, response.max_score), (expected, Some(1.0)), "{track:?}");
    }
    let stopped = SearchRequest { size: 0, terminate_after: Some(5), ..SearchRequest::default() };
    let response = run(&recorded(48), &stopped);
    assert_eq!((response.total, response.terminated_early), (eq(48), Some(true)));
}

#[test]
fn deleted_documents_are_gone() {
    let documents: Vec<String> = (0..10).map(|at| json!({"n": at}).to_string()).collect();
    let index = index_of(json!({"properties": {"n": {"type": "long"}}}), &documents, 4);
    let delete = |id: &str| Operation::Delete { id: id.into(), check: VersionCheck::None };
    index.apply(vec![delete("3"), delete("7")], now());
    index.refresh().expect("a refresh");
    let request = SearchRequest { size: 20, sort: vec![by("n", Order::Asc)], ..SearchRequest::default() };
    assert_eq!(ids(&index.snapshot(), &request), ["0", "1", "2", "4", "5", "6", "8", "9"]);
}

#[test]
fn hits_show_the_fields_asked_for() {
    let field =
        |field: &str, format: Option<&str>| FieldFormat { field: field.into(), format: format.map(str::to_owned) };
    let request = SearchRequest {
        query: Some(TermQuery::new("_id", "1").into()),
        docvalue_fields: vec![field("@timestamp", Some("date_time")), field("status", None), field("ip", None)],
        fields: vec![field("msg*", None), field("dur", None)],
        source: SourceFilter::None,
        ..SearchRequest::default()
    };
    let hit = run(&recorded(13), &request).hits.remove(0);
    assert_eq!(hit.source, None);
    let fields: serde_json::Value =
        hit.fields.into_iter().map(|(name, values)| (name, values.into())).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(
        fields,
        json!({
            "@timestamp": ["2024-03-30T00:45:00.000Z"], "status": [200], "ip": ["10.0.1.1"], "dur": [1.75],
            "msg": ["disk almost full on node 1"], "msg.keyword": ["disk almost full on node 1"],
        })
    );
}

#[test]
fn what_matched_is_highlighted() {
    let highlight = |query: Query, options: HighlightOptions| {
        let fields = vec![HighlightField { field: "*".into(), options: HighlightOptions::default() }];
        let highlight = Some(Highlight { fields, options });
        let request = SearchRequest { query: Some(query), size: 1, highlight, ..SearchRequest::default() };
        run(&recorded(13), &request).hits.remove(0).highlight
    };
    let found = |fragment: &str| vec![("msg".to_owned(), vec![fragment.to_owned()])];
    let plain = HighlightOptions::default;
    assert_eq!(
        highlight(MatchQuery::new("msg", "nameerror").into(), plain()),
        found("fake <em>NameError</em> raised 2")
    );
    let string = |query: &str| Query::from(QueryStringQuery::new(query));
    assert_eq!(highlight(string("msg:requ*"), plain()), found("<em>request</em> served ok 0"));
    assert_eq!(
        highlight(string("msg:\"login failed\""), plain()),
        found("user <em>login</em> <em>failed</em> for bob 3")
    );
    let tags = HighlightOptions { pre_tags: Some(vec!["[".into()]), post_tags: Some(vec!["]".into()]), ..plain() };
    assert_eq!(highlight(string("msg:bob"), tags), found("user login failed for [bob] 3"));
}

#[test]
fn collapse_keeps_the_best_of_each_value() {
    let request = SearchRequest {
        size: 2,
        collapse: Some("level".into()),
        sort: vec![by("@timestamp", Order::Asc)],
        ..SearchRequest::default()
    };
    for chunk in CHUNKS {
        let response = run(&recorded(chunk), &request);
        let hits: Vec<_> = response.hits.iter().map(|hit| (hit.id.as_str(), &hit.fields[0].1[0])).collect();
        assert_eq!(hits, [("0", &json!("INFO")), ("3", &json!("WARN"))]);
    }
}

#[test]
fn names_of_queries_come_back_with_the_hits_they_match() {
    let query = crate::query::BoolQuery {
        should: vec![
            Query::from(TermQuery::new("level", "ERROR")).named("errors"),
            Query::from(TermQuery::new("_id", "4")).named("fourth"),
        ],
        ..Default::default()
    };
    let response = run(&recorded(13), &SearchRequest { query: Some(query.into()), ..SearchRequest::default() });
    assert_eq!(response.hits[0].matched_queries, ["errors", "fourth"]);
    assert_eq!(response.hits[1].matched_queries, ["errors"]);
}
