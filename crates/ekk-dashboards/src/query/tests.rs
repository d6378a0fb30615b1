//! Tests of the requests, against the JSON that goes to the engine.

use super::*;
use crate::fields::Kind;

fn filters() -> Vec<Filter> {
    vec![
        Filter::is("name.keyword", "app.db"),
        Filter::exists("exc_info").inverted(),
        Filter::is("levelname.keyword", "DEBUG").inverted(),
        Filter::is("off", "x").switched(),
    ]
}

fn lucene(query: &str) -> Question {
    let must = (!query.is_empty()).then(|| json!({"query_string": {"analyze_wildcard": true, "query": query}}));
    Question { must, filter: None }
}

fn selection<'a>(question: &'a Question, filters: &'a [Filter], zone: &'a TimeZone) -> Selection<'a> {
    let range = Instants { from: "2026-11-22T17:00:00Z".parse().unwrap(), to: "2026-11-23T17:00:00Z".parse().unwrap() };
    Selection { time_field: "asctime", question, filters, range, zone }
}

fn level() -> Field {
    Field {
        name: "levelname".to_owned(),
        kind: Kind::String,
        searchable: true,
        aggregated_by: Some("levelname.keyword".to_owned()),
    }
}

fn newest_first() -> Sort {
    Sort { field: "asctime".to_owned(), ascending: false }
}

#[test]
fn records_are_asked_for_newest_first_with_query_filters_and_range() {
    let filters = filters();
    let body = records(selection(&lucene("timeout AND *"), &filters, &TimeZone::UTC), &newest_first(), None);
    insta::assert_json_snapshot!(body, @r#"
    {
      "from": 0,
      "query": {
        "bool": {
          "filter": [
            {
              "range": {
                "asctime": {
                  "format": "strict_date_optional_time",
                  "gte": "2026-11-22T17:00:00.000Z",
                  "lt": "2026-11-23T17:00:00.000Z"
                }
              }
            },
            {
              "match_phrase": {
                "name.keyword": "app.db"
              }
            }
          ],
          "must": [
            {
              "query_string": {
                "analyze_wildcard": true,
                "query": "timeout AND *"
              }
            }
          ],
          "must_not": [
            {
              "exists": {
                "field": "exc_info"
              }
            },
            {
              "match_phrase": {
                "levelname.keyword": "DEBUG"
              }
            }
          ]
        }
      },
      "size": 500,
      "sort": [
        {
          "asctime": {
            "order": "desc",
            "unmapped_type": "boolean"
          }
        }
      ],
      "track_total_hits": false
    }
    "#);
}

#[test]
fn a_page_goes_on_from_the_last_time_shown() {
    let cursor = Cursor { at_millis: Some(1_000), skip: 3, shown: 500 };
    let body = records(selection(&lucene(""), &[], &TimeZone::UTC), &newest_first(), Some(cursor));
    assert_eq!(body["from"], 3);
    assert_eq!(
        body["query"]["bool"]["filter"][1],
        json!({"range": {"asctime": {"lte": 1000, "format": "epoch_millis"}}})
    );
    let oldest_first = Sort { ascending: true, ..newest_first() };
    let body = records(selection(&lucene(""), &[], &TimeZone::UTC), &oldest_first, Some(cursor));
    assert_eq!(
        body["query"]["bool"]["filter"][1],
        json!({"range": {"asctime": {"gte": 1000, "format": "epoch_millis"}}})
    );
}

#[test]
fn a_page_never_asks_past_the_result_window() {
    for (skip, size) in [(0, 500), (9_500, 500), (9_900, 100), (10_000, 0), (u32::MAX, 0)] {
        let cursor = Cursor { at_millis: None, skip, shown: 0 };
        let body = records(selection(&lucene(""), &[], &TimeZone::UTC), &newest_first(), Some(cursor));
        assert_eq!(body["size"], size, "{skip}");
    }
}

#[test]
fn a_table_sorted_by_another_column_still_carries_the_time_last() {
    let by_name = Sort { field: "name.keyword".to_owned(), ascending: true };
    let body = records(selection(&lucene(""), &[], &TimeZone::UTC), &by_name, None);
    insta::assert_snapshot!(
        body["sort"],
        @r#"[{"name.keyword":{"order":"asc","unmapped_type":"boolean"}},{"asctime":{"order":"desc","unmapped_type":"boolean"}}]"#
    );
}

#[test]
fn counts_cover_the_whole_result_by_time_and_level() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let nothing = lucene("");
    let selection = selection(&nothing, &[], &zone);
    let text_only = Field { aggregated_by: None, ..level() };
    let body = counts(selection, &Interval::for_range(selection.range), Some(&level()), &[&text_only, &level()]);
    insta::assert_json_snapshot!(body, @r#"
    {
      "aggs": {
        "has1": {
          "filters": {
            "filters": {
              "has": {
                "exists": {
                  "field": "levelname"
                }
              }
            }
          }
        },
        "level": {
          "terms": {
            "field": "levelname.keyword",
            "size": 10
          }
        },
        "time": {
          "aggs": {
            "level": {
              "terms": {
                "field": "levelname.keyword",
                "size": 10
              }
            }
          },
          "date_histogram": {
            "field": "asctime",
            "fixed_interval": "30m",
            "min_doc_count": 1,
            "time_zone": "Europe/Berlin"
          }
        },
        "top1": {
          "terms": {
            "field": "levelname.keyword",
            "size": 5
          }
        }
      },
      "query": {
        "bool": {
          "filter": [
            {
              "range": {
                "asctime": {
                  "format": "strict_date_optional_time",
                  "gte": "2026-11-22T17:00:00.000Z",
                  "lt": "2026-11-23T17:00:00.000Z"
                }
              }
            }
          ],
          "must": [],
          "must_not": []
        }
      },
      "size": 0,
      "track_total_hits": true
    }
    "#);
}

#[test]
fn reasons_ask_for_the_query_without_the_range_and_the_range_without_the_query() {
    let body = reasons(selection(&lucene("a:b"), &[], &TimeZone::UTC));
    insta::assert_snapshot!(
        body["aggs"],
        @r#"{"first":{"min":{"field":"asctime"}},"last":{"max":{"field":"asctime"}},"matching":{"aggs":{"first":{"min":{"field":"asctime"}},"last":{"max":{"field":"asctime"}}},"filters":{"filters":{"in_range":{"range":{"asctime":{"format":"strict_date_optional_time","gte":"2026-11-22T17:00:00.000Z","lt":"2026-11-23T17:00:00.000Z"}}},"matching":{"bool":{"filter":[],"must":[{"query_string":{"analyze_wildcard":true,"query":"a:b"}}],"must_not":[]}}}}}}"#
    );
}

#[test]
fn the_records_around_one_are_on_one_side_of_it_each() {
    let filters = [Filter::is("name", "x"), Filter::exists("y").inverted(), Filter::is("off", "z").switched()];
    insta::assert_snapshot!(
        around("asctime", &filters, "7", Side::Newer(1_000), 5),
        @r#"{"query":{"bool":{"filter":[{"range":{"asctime":{"format":"epoch_millis","gte":1001}}},{"match_phrase":{"name":"x"}}],"must_not":[{"ids":{"values":["7"]}},{"exists":{"field":"y"}}]}},"size":5,"sort":[{"asctime":{"order":"asc","unmapped_type":"boolean"}}],"track_total_hits":false}"#
    );
    let older = around("asctime", &[], "7", Side::Older(1_000), 5);
    assert_eq!(older["query"]["bool"]["filter"][0]["range"]["asctime"]["lt"], 1_001);
    assert_eq!(older["sort"][0]["asctime"]["order"], "desc");
}
