//! How long a long time takes: what lasts for hours or a year on the stack's clock is over in less than a second.

use std::time::{Duration, Instant};

use ekk::{
    Ekk, Rotation, Stream,
    faults::{Destination, Effect, Rule},
};
use serde_json::json;

const A_SECOND: Duration = Duration::from_secs(1);

/// Machines are noisy, so the best of some runs counts.
const MOST_RUNS: usize = 8;

/// Runs `scenario` on a stack of its own until it takes less than a second once; what it asserts must hold each time.
async fn passes_within_a_second(stream: Stream, scenario: impl AsyncFn(&Ekk)) {
    let mut best = Duration::MAX;
    for _ in 0..MOST_RUNS {
        let started = now();
        let builder = Ekk::builder().frozen_at("2026-01-01T00:00:00Z".parse().unwrap());
        let ekk = builder.stream(stream.clone()).start().await.unwrap();
        scenario(&ekk).await;
        best = best.min(started.elapsed());
        if best < A_SECOND {
            return;
        }
    }
    panic!("the best of {MOST_RUNS} runs took {best:?}");
}

#[expect(clippy::disallowed_methods, reason = "real time is what this is about")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn an_hour_without_opensearch_takes_less_than_a_second() {
    let stream = Stream::to_index("app").retrying(Duration::from_hours(2)).buffering(Duration::from_mins(1), 5);
    passes_within_a_second(stream, async |ekk| {
        let gone = Rule::behind(Destination::OpenSearch, Effect::Gone).lasting(Duration::from_hours(1));
        ekk.faults().add(gone).unwrap();
        ekk.put("app", [r#"{"message":"patience"}"#]).await.unwrap();
        ekk.advance(Duration::from_mins(59)).await.unwrap();
        assert_eq!(ekk.account("app").unwrap().queued, 1);
        ekk.advance(Duration::from_mins(2)).await.unwrap();
        assert_eq!(ekk.count("app-*").await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_day_of_rotation_by_the_hour_takes_less_than_a_second() {
    let stream = Stream::to_index("app").rotation(Rotation::OneHour).buffering(Duration::from_mins(1), 5);
    passes_within_a_second(stream, async |ekk| {
        for hour in 0..24 {
            ekk.put("app", [json!({ "hour": hour }).to_string()]).await.unwrap();
            ekk.advance(Duration::from_hours(1)).await.unwrap();
        }
        assert_eq!(ekk.account("app").unwrap().indexed, 24);
        for hour in 0..24 {
            assert_eq!(ekk.count(&format!("app-2026-01-01-{hour:02}")).await.unwrap(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_year_of_rotation_by_the_month_takes_less_than_a_second() {
    let stream = Stream::to_index("app").rotation(Rotation::OneMonth).buffering(Duration::from_mins(1), 5);
    passes_within_a_second(stream, async |ekk| {
        for day in 0..73 {
            ekk.put("app", [json!({ "day": day * 5 }).to_string()]).await.unwrap();
            ekk.advance(Duration::from_hours(24 * 5)).await.unwrap();
        }
        assert_eq!(ekk.clock().now().to_string(), "2027-01-01T00:00:00Z");
        assert_eq!(ekk.account("app").unwrap().indexed, 73);
        for month in 1..=12 {
            assert!(ekk.count(&format!("app-2026-{month:02}")).await.unwrap() >= 5);
        }
    })
    .await;
}

#[tokio::test]
async fn a_retry_duration_of_7200_seconds_takes_less_than_a_second() {
    let stream = Stream::to_index("app").retrying(Duration::from_hours(2)).buffering(Duration::ZERO, 5);
    passes_within_a_second(stream, async |ekk| {
        ekk.faults().add(Rule::behind(Destination::OpenSearch, Effect::Status(503))).unwrap();
        ekk.put("app", [r#"{"message":"in vain"}"#]).await.unwrap();
        ekk.advance(Duration::from_secs(7_199)).await.unwrap();
        assert_eq!((ekk.account("app").unwrap().queued, ekk.account("app").unwrap().failed), (1, 0));
        ekk.advance(Duration::from_secs(1)).await.unwrap();
        assert_eq!((ekk.account("app").unwrap().queued, ekk.account("app").unwrap().failed), (0, 1));
        let failed = ekk.objects("app-backup", "AmazonOpenSearchService-failed/").await.unwrap();
        assert!(failed[0].text().contains(r#""errorCode":"503""#));
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_says_what_waits_for_it_and_loses_nothing() {
    let stream = Stream::to_index("app").rotation(Rotation::OneDay).buffering(Duration::from_mins(1), 5);
    let start = "2026-01-02T00:00:00Z".parse().unwrap();
    let ekk = Ekk::builder().frozen_at(start).stream(stream.retrying(Duration::from_hours(1))).start().await.unwrap();
    ekk.put("app", [r#"{"n":1}"#]).await.unwrap();
    ekk.clock().set("2026-01-01T00:00:00Z".parse().unwrap());
    ekk.put("app", [r#"{"n":2}"#]).await.unwrap();
    ekk.advance(Duration::from_hours(1)).await.unwrap();
    assert_eq!(ekk.account("app").unwrap().queued, 2, "the first one is due in a day and keeps its place");
    ekk.faults().add(Rule::behind(Destination::OpenSearch, Effect::Status(503)).times(1)).unwrap();
    ekk.flush("app").await.unwrap();
    ekk.clock().set("2025-12-31T00:00:00Z".parse().unwrap());
    let waiting = ekk.explain("app").unwrap();
    assert!(waiting.contains("next attempt at 2026-01-01T01:00:0"), "{waiting}");
    ekk.settle().await.unwrap();
    let account = ekk.account("app").unwrap();
    assert_eq!((account.accepted, account.indexed, account.queued, account.retries), (2, 2, 0, 1));
    let delivered = ekk.delivered("app-*").await.unwrap();
    let found: Vec<(&str, u64)> = delivered
        .documents
        .iter()
        .map(|document| (document.index.as_str(), document.source["n"].as_u64().unwrap()))
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    for pair in [("app-2026-01-02", 1), ("app-2026-01-01", 2)] {
        assert!(found.contains(&pair), "each is in the index of the day of its arrival: {found:?}");
    }
}
