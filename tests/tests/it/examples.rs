//! The examples of the README, each a test as a user writes it; `the_readme_shows_tests_that_run` holds the two together.

use std::time::Duration;

use ekk::{
    Ekk, Rotation, Stream,
    faults::{Destination, Effect, Operation, Rule, Share},
};
use serde_json::json;

type Done = Result<(), Box<dyn std::error::Error>>;

#[tokio::test]
async fn what_is_logged_is_indexed_and_backed_up() -> Done {
    let ekk = Ekk::builder().stream(Stream::to_index("app").backing_up_all()).start().await?;
    let log = ["order accepted", "order paid"].map(|text| json!({ "level": "INFO", "message": text }).to_string());

    ekk.put("app", &log).await?; // your program does this, by any AWS SDK at ekk.endpoint_url()

    let delivered = ekk.delivered("app-*").await?; // flushes and waits: no sleep
    assert_eq!(
        delivered.to_string(),
        r#"app-[date] {"level":"INFO","message":"order accepted"}
app-[date] {"level":"INFO","message":"order paid"}"#
    );
    assert_eq!(ekk.objects("app-backup", "").await?[0].text(), log.concat());
    Ok(())
}

#[tokio::test]
async fn a_record_at_midnight_goes_to_the_index_of_its_day() -> Done {
    let stream = Stream::to_index("app").rotation(Rotation::OneDay).buffering(Duration::from_mins(1), 5);
    let ekk = Ekk::builder().frozen_at("2026-12-31T23:59:59Z".parse()?).stream(stream).start().await?;

    ekk.put("app", [r#"{"message":"last year"}"#]).await?;
    ekk.advance(Duration::from_secs(1)).await?;
    ekk.put("app", [r#"{"message":"this year"}"#]).await?;
    assert_eq!(ekk.account("app")?.queued, 2); // AWS would still buffer them, too

    ekk.advance(Duration::from_secs(59)).await?;
    assert_eq!(ekk.count("app-2026-12-31").await?, 1);
    assert_eq!(ekk.count("app-2027-01-01").await?, 1);
    Ok(())
}

#[tokio::test]
async fn records_that_aws_throttles_are_sent_again() -> Done {
    let ekk = Ekk::builder().stream(Stream::to_index("app")).start().await?;
    let some_fail = Effect::fail_records(Share::Count(2));
    ekk.faults().add(Rule::at(Operation::PutRecordBatch, some_fail).times(1))?;

    let records: Vec<String> = (0..5).map(|number| json!({ "number": number }).to_string()).collect();
    let answer = ekk.put("app", &records).await?; // 200, with an ErrorCode in two of the entries
    let entries = answer["RequestResponses"].as_array().unwrap().iter();
    let failed = entries.zip(&records).filter(|(entry, _)| entry.get("ErrorCode").is_some());
    ekk.put("app", failed.map(|(_, record)| record)).await?;

    ekk.settle().await?;
    assert_eq!(ekk.count("app-*").await?, 5);
    assert_eq!(ekk.account("app")?.refused_at_put, 2);
    Ok(())
}

#[tokio::test]
async fn a_document_that_conflicts_with_the_mapping_is_kept_with_the_reason() -> Done {
    let ekk = Ekk::builder().stream(Stream::to_index("app")).start().await?;

    ekk.put("app", [r#"{"took_ms":12}"#]).await?; // the first document makes it a number
    ekk.settle().await?;
    ekk.put("app", [r#"{"took_ms":"long"}"#]).await?;

    ekk.settle().await?;
    assert_eq!((ekk.account("app")?.indexed, ekk.account("app")?.failed), (1, 1));
    let why = "1 of 2 documents refused: mapper_parsing_exception on field took_ms: failed to parse";
    assert!(ekk.explain("app")?.starts_with(why));
    let failed = ekk.objects("app-backup", "AmazonOpenSearchService-failed/").await?;
    assert!(failed[0].text().contains(r#""errorCode":"400""#));
    Ok(())
}

#[tokio::test]
async fn an_hour_without_opensearch_loses_nothing() -> Done {
    let stream = Stream::to_index("app").retrying(Duration::from_hours(2));
    let ekk = Ekk::builder().frozen_at("2026-11-23T09:00:00Z".parse()?).stream(stream).start().await?;
    let gone = Rule::behind(Destination::OpenSearch, Effect::Gone).lasting(Duration::from_hours(1));
    ekk.faults().add(gone)?;

    for minute in 0..60 {
        ekk.put("app", [json!({ "minute": minute }).to_string()]).await?;
        ekk.advance(Duration::from_mins(1)).await?; // retries with back-off, each at its time
    }
    assert_eq!(ekk.account("app")?.queued, 60);

    ekk.advance(Duration::from_mins(10)).await?;
    assert_eq!((ekk.account("app")?.indexed, ekk.account("app")?.failed), (60, 0));
    Ok(())
}

#[test]
fn the_readme_shows_tests_that_run() {
    let readme = include_str!("../../../README.md");
    let source = include_str!("examples.rs");
    let blocks: Vec<&str> = readme.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 5, "{} examples", blocks.len());
    for block in blocks {
        assert!(source.contains(block), "the README has an example that is not a test here:\n{block}");
    }
}
