//! What each kind of aggregation gives; numbers and texts are those recorded from OpenSearch 3.4.0.

use super::{CHUNKS, index_of, now, recorded, run};
use crate::{
    aggregation::{
        Aggregation, AggregationKind, AggregationResult, BucketKey, CardinalityAggregation, DateHistogramAggregation,
        DateRangeAggregation, ExtendedStatsAggregation, FiltersAggregation, HardBounds, HistogramAggregation,
        IncludeExclude, Interval, IpRange, IpRangeAggregation, MetricField, NamedFilters, PercentileRanksAggregation,
        PercentilesAggregation, Range, RangeAggregation, RangeEnd, TermsAggregation, TermsKind, TermsOrder,
        TopHitsAggregation,
    },
    index::Snapshot,
    query::{BoolQuery, Query, Scalar, TermQuery},
    search::{FieldSort, Order, SearchError, SearchRequest, SortKey, SourceFilter, search},
};

fn request(query: Option<Query>, kind: AggregationKind) -> SearchRequest {
    of(query, Aggregation::new(kind))
}

fn of(query: Option<Query>, aggregation: Aggregation) -> SearchRequest {
    let aggregations = vec![("a".to_owned(), aggregation)];
    SearchRequest { query, size: 0, aggregations, ..SearchRequest::default() }
}

fn result(snapshot: &Snapshot, request: &SearchRequest) -> AggregationResult {
    run(snapshot, request).aggregations.remove(0).1
}

/// A result as short text: buckets as `key(text)=count{inner}`.
fn show(result: &AggregationResult) -> String {
    let key = |key: &BucketKey, text: &Option<String>| {
        let key = match key {
            BucketKey::String(text) => text.clone(),
            BucketKey::Long(value) => value.to_string(),
            BucketKey::UnsignedLong(value) => value.to_string(),
            BucketKey::Double(value) => format!("{value:?}"),
        };
        text.as_ref().map_or_else(|| key.clone(), |text| format!("{key}({text})"))
    };
    let inner = |results: &[(String, AggregationResult)]| {
        let shown: Vec<String> = results.iter().map(|(name, result)| format!("{name}:{}", show(result))).collect();
        if shown.is_empty() { String::new() } else { format!("{{{}}}", shown.join(",")) }
    };
    let buckets = |buckets: &[crate::aggregation::Bucket]| {
        let shown = buckets.iter().map(|bucket| {
            format!("{}={}{}", key(&bucket.key, &bucket.key_as_string), bucket.doc_count, inner(&bucket.aggregations))
        });
        shown.collect::<Vec<_>>().join(" ")
    };
    let end = |end: &Option<RangeEnd>| match end {
        None => "*".to_owned(),
        Some(RangeEnd::Number(value)) => format!("{value:?}"),
        Some(RangeEnd::Date { millis, as_string }) => format!("{millis:?}({as_string})"),
        Some(RangeEnd::Ip(text)) => text.clone(),
    };
    match result {
        AggregationResult::Terms(terms) => format!("{} +{}", buckets(&terms.buckets), terms.sum_other_doc_count),
        AggregationResult::Histogram { buckets: found, .. } => buckets(found),
        AggregationResult::Range { buckets, .. } => {
            let shown = buckets.iter().map(|bucket| {
                let (from, to) = (end(&bucket.from), end(&bucket.to));
                format!("{}[{from},{to}]={}{}", bucket.key, bucket.doc_count, inner(&bucket.aggregations))
            });
            shown.collect::<Vec<_>>().join(" ")
        }
        AggregationResult::Filters { buckets, .. } => {
            let shown = buckets.iter().map(|bucket| {
                format!("{}={}{}", bucket.key.as_deref().unwrap_or("-"), bucket.doc_count, inner(&bucket.aggregations))
            });
            shown.collect::<Vec<_>>().join(" ")
        }
        AggregationResult::Single { doc_count, aggregations, .. } => format!("{doc_count}{}", inner(aggregations)),
        AggregationResult::Value { value, value_as_string, .. } => match value_as_string {
            Some(text) => format!("{value:?}({text})"),
            None => format!("{value:?}"),
        },
        AggregationResult::Count { value, .. } => value.to_string(),
        AggregationResult::Percentiles { values, .. } => {
            let shown = values.iter().map(|value| format!("{:?}:{:?}", value.key, value.value));
            shown.collect::<Vec<_>>().join(" ")
        }
        AggregationResult::TopHits(hits) => {
            let shown = hits
                .hits
                .iter()
                .map(|hit| format!("{}{}", hit.id, String::from_utf8_lossy(hit.source.as_deref().unwrap_or_default())));
            format!("{} of {}", shown.collect::<Vec<_>>().join(" "), hits.total.value)
        }
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn check(name: &str, request: &SearchRequest, expected: &str) {
    for chunk in CHUNKS {
        assert_eq!(show(&result(&recorded(chunk), request)), expected, "{name} in segments of {chunk}");
    }
}

fn dates(interval: Interval) -> DateHistogramAggregation {
    DateHistogramAggregation::new("@timestamp", interval)
}

fn calendar(text: &str) -> Interval {
    Interval::calendar(text).expect("a calendar interval")
}

fn fixed(text: &str) -> Interval {
    Interval::fixed(text).expect("a fixed interval")
}

fn dur() -> MetricField {
    MetricField::new("dur")
}

fn descending(by: &str) -> Vec<TermsOrder> {
    vec![TermsOrder { by: by.into(), order: Order::Desc }]
}

#[test]
fn date_histograms_follow_zone_format_and_offset() {
    let paris = || Some("Europe/Paris".to_owned());
    let day = || dates(calendar("1d"));
    let rows = [
        (
            "zone",
            DateHistogramAggregation { time_zone: paris(), min_doc_count: 1, ..day() },
            "1711753200000(2024-03-30T00:00:00.000+01:00)=31 1711839600000(2024-03-31T00:00:00.000+01:00)=17",
        ),
        (
            "format",
            DateHistogramAggregation { format: Some("yyyy-MM-dd".into()), ..dates(calendar("day")) },
            "1711756800000(2024-03-30)=32 1711843200000(2024-03-31)=16",
        ),
        (
            "epoch_millis",
            DateHistogramAggregation { format: Some("epoch_millis".into()), keyed: true, ..day() },
            "1711756800000(1711756800000)=32 1711843200000(1711843200000)=16",
        ),
        (
            "offset",
            DateHistogramAggregation { offset_millis: 6 * 3_600_000, ..day() },
            "1711692000000(2024-03-29T06:00:00.000Z)=8 1711778400000(2024-03-30T06:00:00.000Z)=32 \
             1711864800000(2024-03-31T06:00:00.000Z)=8",
        ),
        (
            "a clock set forward",
            DateHistogramAggregation { time_zone: paris(), ..dates(fixed("6h")) },
            "1711753200000(2024-03-30T00:00:00.000+01:00)=7 1711774800000(2024-03-30T06:00:00.000+01:00)=8 \
             1711796400000(2024-03-30T12:00:00.000+01:00)=8 1711818000000(2024-03-30T18:00:00.000+01:00)=8 \
             1711839600000(2024-03-31T00:00:00.000+01:00)=7 1711857600000(2024-03-31T06:00:00.000+02:00)=8 \
             1711879200000(2024-03-31T12:00:00.000+02:00)=2",
        ),
        (
            "extended bounds",
            DateHistogramAggregation {
                extended_bounds: Some(HardBounds { min: Some("2024-03-29".into()), max: Some("2024-04-01".into()) }),
                format: Some("yyyy-MM-dd".into()),
                ..day()
            },
            "1711670400000(2024-03-29)=0 1711756800000(2024-03-30)=32 1711843200000(2024-03-31)=16 \
             1711929600000(2024-04-01)=0",
        ),
        (
            "hard bounds",
            DateHistogramAggregation {
                hard_bounds: Some(HardBounds { min: Some("2024-03-31".into()), max: None }),
                ..day()
            },
            "1711843200000(2024-03-31T00:00:00.000Z)=16",
        ),
    ];
    for (name, histogram, expected) in rows {
        check(name, &request(None, AggregationKind::DateHistogram(histogram)), expected);
    }
}

#[test]
fn terms_are_counted_ordered_and_filtered() {
    let terms = |field: &str| TermsAggregation::new(field);
    let error = || Some(TermQuery::new("level", "ERROR").into());
    let values = |values: &[&str]| Some(IncludeExclude::Values(values.iter().map(|value| (*value).into()).collect()));
    let rows = [
        ("size", None, TermsAggregation { size: 3, ..terms("svc") }, "svc-0=7 svc-1=7 svc-2=7 +27"),
        ("numbers", None, terms("status"), "200=29 404=10 500=9 +0"),
        ("unmapped", None, terms("nope"), " +0"),
        ("missing", None, TermsAggregation { missing: Some("N/A".into()), ..terms("nope") }, "N/A=48 +0"),
        ("all terms", error(), TermsAggregation { min_doc_count: 0, ..terms("level") }, "ERROR=9 INFO=0 WARN=0 +0"),
        ("addresses", None, TermsAggregation { size: 2, ..terms("ip") }, "10.0.0.0=1 10.0.0.3=1 +46"),
        (
            "by key",
            None,
            TermsAggregation { order: descending("_key"), size: 2, ..terms("svc") },
            "svc-6=6 svc-5=7 +35",
        ),
        (
            "include",
            None,
            TermsAggregation { include: Some(IncludeExclude::Regex("svc-[12]".into())), ..terms("svc") },
            "svc-1=7 svc-2=7 +0",
        ),
        ("exclude", None, TermsAggregation { exclude: values(&["INFO"]), ..terms("level") }, "ERROR=9 WARN=9 +0"),
        (
            "dates",
            error(),
            TermsAggregation { size: 1, ..terms("@timestamp") },
            "1711767600000(2024-03-30T03:00:00.000Z)=1 +8",
        ),
        ("doubles", None, TermsAggregation { size: 1, ..terms("dur") }, "0.5=1 +47"),
    ];
    for (name, query, terms, expected) in rows {
        check(name, &request(query, AggregationKind::Terms(terms)), expected);
    }
    let AggregationResult::Terms(unmapped) =
        result(&recorded(48), &request(None, AggregationKind::Terms(terms("nope"))))
    else {
        panic!("terms");
    };
    assert_eq!(unmapped.kind, TermsKind::Unmapped);
}

#[test]
fn terms_are_ordered_by_what_is_inside() {
    let levels = |order| AggregationKind::Terms(TermsAggregation { order, ..TermsAggregation::new("level") });
    let aggregation =
        Aggregation::new(levels(descending("x"))).with("x", Aggregation::new(AggregationKind::Avg(dur())));
    check("avg", &of(None, aggregation), "ERROR=9{x:Some(30.5)} INFO=30{x:Some(29.875)} WARN=9{x:Some(29.25)} +0");
    let errors = Aggregation::new(AggregationKind::Filter(Box::new(TermQuery::new("status", 500).into())))
        .with("m", Aggregation::new(AggregationKind::Max(dur())));
    let aggregation = Aggregation::new(levels(descending("f>m"))).with("f", errors);
    check(
        "a filter inside",
        &of(None, aggregation),
        "ERROR=9{f:9{m:Some(55.5)}} INFO=30{f:0{m:None}} WARN=9{f:0{m:None}} +0",
    );
    let request = of(None, Aggregation::new(levels(descending("nope"))));
    let Err(SearchError::Request(exception)) = search(&[recorded(48)], &request, now()) else { panic!("an error") };
    assert_eq!(exception.kind, "aggregation_execution_exception");
}

#[test]
fn metrics_are_opensearchs() {
    let rows = [
        ("min", AggregationKind::Min(dur()), "Some(0.5)"),
        ("max", AggregationKind::Max(dur()), "Some(59.25)"),
        ("sum", AggregationKind::Sum(dur()), "Some(1434.0)"),
        ("avg", AggregationKind::Avg(dur()), "Some(29.875)"),
        ("value_count", AggregationKind::ValueCount(MetricField::new("level")), "48"),
        (
            "min of dates",
            AggregationKind::Min(MetricField::new("@timestamp")),
            "Some(1711756800000.0)(2024-03-30T00:00:00.000Z)",
        ),
        (
            "max of dates",
            AggregationKind::Max(MetricField::new("@timestamp")),
            "Some(1711883700000.0)(2024-03-31T11:15:00.000Z)",
        ),
        (
            "cardinality",
            AggregationKind::Cardinality(CardinalityAggregation {
                field: MetricField::new("svc"),
                precision_threshold: 3_000,
            }),
            "7",
        ),
        (
            "percentiles",
            AggregationKind::Percentiles(PercentilesAggregation {
                field: dur(),
                percents: PercentilesAggregation::PERCENTS.to_vec(),
                keyed: true,
                compression: 100.0,
            }),
            "1.0:Some(0.5) 5.0:Some(3.0) 25.0:Some(15.5) 50.0:Some(29.875) 75.0:Some(45.5) 95.0:Some(56.75) 99.0:Some(59.25)",
        ),
        (
            "percentile_ranks",
            AggregationKind::PercentileRanks(PercentileRanksAggregation {
                field: dur(),
                values: vec![10.0, 30.0],
                keyed: true,
                compression: 100.0,
            }),
            "10.0:Some(16.666666666666664) 30.0:Some(50.208333333333336)",
        ),
        ("avg of nothing", AggregationKind::Avg(MetricField::new("nope")), "None"),
        ("sum of nothing", AggregationKind::Sum(MetricField::new("nope")), "Some(0.0)"),
        (
            "missing value",
            AggregationKind::Avg(MetricField { missing: Some(Scalar::Long(3)), ..MetricField::new("nope") }),
            "Some(3.0)",
        ),
    ];
    for (name, kind, expected) in rows {
        check(name, &request(None, kind), expected);
    }
}

#[test]
fn extended_stats_are_opensearchs() {
    let kind = || AggregationKind::ExtendedStats(ExtendedStatsAggregation { field: dur(), sigma: 2.0 });
    for chunk in CHUNKS {
        let AggregationResult::ExtendedStats(stats) = result(&recorded(chunk), &request(None, kind())) else {
            panic!("extended_stats");
        };
        assert_eq!((stats.stats.count, stats.stats.sum, stats.sum_of_squares), (48, 1434.0, Some(57_234.5)));
        assert_eq!(stats.variance_population, Some(299.869_791_666_666_7));
        assert_eq!(stats.variance_sampling, Some(306.25));
        assert_eq!(
            stats.bounds(stats.std_deviation_population),
            Some((64.508_497_753_860_6, -4.758_497_753_860_595_5))
        );
        assert_eq!(stats.bounds(stats.std_deviation_sampling), Some((64.875, -5.125)));
    }
}

#[test]
fn histograms_and_ranges_are_opensearchs() {
    let range = |from: Option<f64>, to: Option<f64>| Range { key: None, from, to };
    let day =
        |from: Option<&str>, to: Option<&str>| Range { key: None, from: from.map(Into::into), to: to.map(Into::into) };
    let rows = [
        (
            "histogram",
            AggregationKind::Histogram(HistogramAggregation {
                min_doc_count: 1,
                ..HistogramAggregation::new("dur", 20.0)
            }),
            "0.0=16 20.0=16 40.0=16",
        ),
        (
            "histogram with empty buckets",
            AggregationKind::Histogram(HistogramAggregation::new("status", 100.0)),
            "200.0=29 300.0=0 400.0=10 500.0=9",
        ),
        (
            "range",
            AggregationKind::Range(RangeAggregation {
                field: "dur".into(),
                ranges: vec![range(Some(10.0), Some(30.0)), range(None, Some(10.0)), range(Some(30.0), None)],
                ..RangeAggregation::default()
            }),
            "*-10.0[*,10.0]=8 10.0-30.0[10.0,30.0]=16 30.0-*[30.0,*]=24",
        ),
        (
            "date_range",
            AggregationKind::DateRange(DateRangeAggregation {
                field: "@timestamp".into(),
                format: Some("yyyy-MM-dd".into()),
                ranges: vec![day(None, Some("2024-03-31")), day(Some("2024-03-31"), None)],
                ..DateRangeAggregation::default()
            }),
            "*-2024-03-31[*,1711843200000.0(2024-03-31)]=32 2024-03-31-*[1711843200000.0(2024-03-31),*]=16",
        ),
    ];
    for (name, kind, expected) in rows {
        check(name, &request(None, kind), expected);
    }
}

#[test]
fn filters_and_ranges_of_addresses_are_opensearchs() {
    let term = |value: &str| Query::from(TermQuery::new("level", value));
    let rest = Query::from(BoolQuery { must_not: vec![term("ERROR")], ..BoolQuery::default() });
    let rows = [
        (
            "filters",
            AggregationKind::Filters(FiltersAggregation {
                filters: NamedFilters::Keyed(vec![("rest".into(), rest), ("err".into(), term("ERROR"))]),
                other_bucket: false,
                other_bucket_key: None,
            }),
            "err=9 rest=39",
        ),
        (
            "anonymous filters",
            AggregationKind::Filters(FiltersAggregation {
                filters: NamedFilters::Anonymous(vec![term("WARN"), term("ERROR")]),
                other_bucket: true,
                other_bucket_key: None,
            }),
            "-=9 -=9 -=30",
        ),
        (
            "ip_range",
            AggregationKind::IpRange(IpRangeAggregation {
                field: "ip".into(),
                ranges: vec![
                    IpRange::Mask { key: None, mask: "10.0.0.0/24".into() },
                    IpRange::FromTo(Range { key: None, from: None, to: Some("10.0.1.0".into()) }),
                ],
                keyed: false,
            }),
            "*-10.0.1.0[*,10.0.1.0]=16 10.0.0.0/24[10.0.0.0,10.0.1.0]=16",
        ),
        ("missing", AggregationKind::Missing { field: "nope".into(), missing: None }, "48"),
    ];
    for (name, kind, expected) in rows {
        check(name, &request(None, kind), expected);
    }
}

#[test]
fn aggregations_nest_in_one_another() {
    let hits = SearchRequest {
        size: 1,
        sort: vec![SortKey::Field(FieldSort::new("@timestamp", Order::Desc))],
        source: SourceFilter::Paths { includes: vec!["msg".into()], excludes: vec![] },
        ..SearchRequest::default()
    };
    let top = Aggregation::new(AggregationKind::TopHits(Box::new(TopHitsAggregation { request: hits })));
    let terms =
        Aggregation::new(AggregationKind::Terms(TermsAggregation { size: 1, ..TermsAggregation::new("level") }));
    check("top_hits", &of(None, terms.with("h", top)), "INFO=30{h:47{\"msg\":\"fake NameError raised 47\"} of 30} +18");

    let levels = Aggregation::new(AggregationKind::Terms(TermsAggregation::new("level")))
        .with("avg", Aggregation::new(AggregationKind::Avg(dur())));
    let days = Aggregation::new(AggregationKind::DateHistogram(dates(calendar("1d")))).with("l", levels);
    check(
        "terms in days",
        &of(Some(TermQuery::new("svc", "svc-1").into()), days),
        "1711756800000(2024-03-30T00:00:00.000Z)=5{l:INFO=3{avg:Some(16.333333333333332)} ERROR=1{avg:Some(36.75)} WARN=1{avg:Some(10.5)} +0} \
         1711843200000(2024-03-31T00:00:00.000Z)=2{l:INFO=1{avg:Some(45.5)} WARN=1{avg:Some(54.25)} +0}",
    );

    let all = Aggregation::new(AggregationKind::Global)
        .with("t", Aggregation::new(AggregationKind::Terms(TermsAggregation::new("level"))));
    check("global", &of(Some(TermQuery::new("level", "ERROR").into()), all), "48{t:INFO=30 ERROR=9 WARN=9 +0}");
}

#[test]
fn too_many_buckets_are_refused_before_they_are_made() {
    let request = request(None, AggregationKind::DateHistogram(dates(fixed("1s"))));
    let error = search(&[recorded(48)], &request, now()).expect_err("too many");
    assert_eq!(error, SearchError::TooManyBuckets { max: 65_535, found: 126_901 });
}

#[test]
fn fields_of_the_wrong_type_are_refused() {
    for (kind, reason) in [
        (
            AggregationKind::Avg(MetricField::new("level")),
            "Field [level] of type [keyword] is not supported for aggregation [avg]",
        ),
        (
            AggregationKind::Terms(TermsAggregation::new("msg")),
            "Text fields are not optimised for operations that require per-document field data like aggregations and \
             sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set \
             fielddata=true on [msg] in order to load field data by uninverting the inverted index. Note that this can \
             use significant memory.",
        ),
    ] {
        let Err(SearchError::Shard { exception, .. }) = search(&[recorded(48)], &request(None, kind), now()) else {
            panic!("{reason}");
        };
        assert_eq!(exception.reason, reason);
    }
}

#[test]
fn indices_that_map_a_field_differently_still_merge() {
    let index = |kind: &str, documents: &[&str]| {
        let documents: Vec<String> = documents.iter().map(|&document| document.to_owned()).collect();
        index_of(serde_json::json!({"properties": {"n": {"type": kind}}}), &documents, 2).snapshot()
    };
    let snapshots =
        [index("long", &[r#"{"n":1}"#, r#"{"n":2}"#]), index("double", &[r#"{"n":2.5}"#]), index("long", &["{}"])];
    let stats = request(None, AggregationKind::Sum(MetricField::new("n")));
    let response = search(&snapshots, &stats, now()).expect("a search");
    assert_eq!(show(&response.aggregations[0].1), "Some(5.5)");
}

#[test]
fn several_values_of_a_document_count_once_in_a_bucket() {
    let documents = [r#"{"k":["a","b","a"],"n":[1,2,15]}"#.to_owned(), r#"{"k":"b","n":[3]}"#.to_owned()];
    let mappings = serde_json::json!({"properties": {"k": {"type": "keyword"}, "n": {"type": "long"}}});
    let snapshot = index_of(mappings, &documents, 2).snapshot();
    for (kind, expected) in [
        (AggregationKind::Terms(TermsAggregation::new("k")), "b=2 a=1 +0"),
        (AggregationKind::Histogram(HistogramAggregation::new("n", 10.0)), "0.0=2 10.0=1"),
        (AggregationKind::ValueCount(MetricField::new("n")), "4"),
    ] {
        assert_eq!(show(&result(&snapshot, &request(None, kind))), expected);
    }
}
