//! Index rotation by the UTC time of arrival, over each boundary, on a clock that the test sets.

use ekk::{Clock, Ekk};
use ekk_tests::clients;
use jiff::Timestamp;
use serde_json::json;

/// Puts a record just before and just after each boundary; answers the indices they went to.
async fn indices(period: &str, instants: &[&str]) -> Vec<String> {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let clock = Clock::frozen_at(at(instants[0]));
    let ekk = Ekk::builder().clock(clock.clone()).start().await.unwrap();
    create(&ekk, period).await;
    for instant in instants {
        clock.set(at(instant));
        ekk.put("rotating", [json!({ "at": instant }).to_string()]).await.unwrap();
    }
    ekk.settle().await.unwrap();
    let body = json!({ "size": 100, "query": { "match_all": {} } });
    let found = ekk.search("logs*", &body).await.unwrap();
    instants
        .iter()
        .map(|instant| {
            let hits = found["hits"]["hits"].as_array().unwrap();
            let hit = hits.iter().find(|hit| hit["_source"]["at"] == *instant);
            hit.unwrap_or_else(|| panic!("{instant} was not delivered: {found}"))["_index"].as_str().unwrap().to_owned()
        })
        .collect()
}

async fn create(ekk: &Ekk, period: &str) {
    clients::s3(ekk).create_bucket().bucket("rotating").send().await.unwrap();
    let request = json!({
        "DeliveryStreamName": "rotating",
        "AmazonopensearchserviceDestinationConfiguration": {
            "RoleARN": "arn:aws:iam::000000000000:role/firehose",
            "DomainARN": "arn:aws:es:us-east-1:000000000000:domain/ekk",
            "IndexName": "logs",
            "IndexRotationPeriod": period,
            "S3Configuration": {
                "RoleARN": "arn:aws:iam::000000000000:role/firehose",
                "BucketARN": "arn:aws:s3:::rotating",
            },
        },
    });
    ekk.firehose("CreateDeliveryStream", &request).await.unwrap();
}

const YEAR: [&str; 2] = ["2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z"];

#[tokio::test]
async fn no_rotation_keeps_one_index() {
    assert_eq!(indices("NoRotation", &YEAR).await, ["logs", "logs"]);
}

#[tokio::test]
async fn one_hour_rotates_on_the_hour() {
    let instants = ["2016-02-25T12:59:59.999Z", "2016-02-25T13:00:00Z", YEAR[0], YEAR[1]];
    let expected = ["logs-2016-02-25-12", "logs-2016-02-25-13", "logs-2026-12-31-23", "logs-2027-01-01-00"];
    assert_eq!(indices("OneHour", &instants).await, expected);
}

#[tokio::test]
async fn one_day_rotates_at_midnight_utc() {
    let instants = ["2024-02-29T23:59:59.999Z", "2024-03-01T00:00:00Z", YEAR[0], YEAR[1]];
    let expected = ["logs-2024-02-29", "logs-2024-03-01", "logs-2026-12-31", "logs-2027-01-01"];
    assert_eq!(indices("OneDay", &instants).await, expected);
}

#[tokio::test]
async fn one_week_rotates_on_sunday() {
    let instants =
        ["2020-08-15T23:59:59.999Z", "2020-08-16T00:00:00Z", "2026-12-26T23:59:59.999Z", "2026-12-27T00:00:00Z"];
    let expected = ["logs-2020-w33", "logs-2020-w34", "logs-2026-w52", "logs-2027-w01"];
    assert_eq!(indices("OneWeek", &instants).await, expected);
}

#[tokio::test]
async fn one_month_rotates_on_the_first() {
    let instants = ["2026-06-30T23:59:59.999Z", "2026-07-01T00:00:00Z", YEAR[0], YEAR[1]];
    let expected = ["logs-2026-06", "logs-2026-07", "logs-2026-12", "logs-2027-01"];
    assert_eq!(indices("OneMonth", &instants).await, expected);
}
