//! AWS's quotas as clients meet them, when they are asked for.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Stand, named, stream};
use crate::Quotas;

const SLOW_REGION: &str = "test/20260101/us-east-2";

fn aws_like() -> Stand {
    Stand::started(1 << 30, |config| config.quotas = Quotas::AwsLike).unwrap()
}

fn batch(lengths: &[usize]) -> String {
    let record = |length: &usize| json!({"Data": base64_simd::STANDARD.encode_to_string(vec![b'a'; *length])});
    let records: Vec<_> = lengths.iter().map(record).collect();
    json!({"DeliveryStreamName": "logs", "Records": records}).to_string()
}

async fn put(stand: &Stand, lengths: &[usize]) -> Value {
    stand.call_by(SLOW_REGION, "PutRecordBatch", batch(lengths)).await.ok()
}

/// Whether each record was taken.
#[track_caller]
fn taken(answer: &Value) -> Vec<bool> {
    let entries = answer["RequestResponses"].as_array().unwrap();
    let slow_down = json!({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."});
    let is_taken = |entry: &Value| {
        let Some(id) = entry.get("RecordId") else {
            assert_eq!(*entry, slow_down);
            return false;
        };
        assert_eq!((id.as_str().unwrap().len(), entry.as_object().unwrap().len()), (224, 1));
        true
    };
    let taken: Vec<_> = entries.iter().map(is_taken).collect();
    assert_eq!(answer["FailedPutCount"], taken.iter().filter(|taken| !**taken).count());
    taken
}

#[tokio::test]
async fn the_first_records_of_a_batch_are_taken_up_to_the_quota() {
    let stand = aws_like();
    stand.call_by(SLOW_REGION, "CreateDeliveryStream", stream("logs").to_string()).await.ok();
    let answer = put(&stand, &[500_000, 500_000, 48_576, 1, 0]).await;
    assert_eq!(taken(&answer), [true, true, true, false, false], "a MiB a second");
    let account = stand.delivery.stream("logs@000000000000.us-east-2").unwrap().account();
    assert_eq!((account.accepted, account.accepted_bytes), (3, 1024 * 1024));

    let one = json!({"DeliveryStreamName": "logs", "Record": {"Data": "YQ=="}}).to_string();
    let refused = stand.call_by(SLOW_REGION, "PutRecord", one.clone()).await;
    assert_eq!(refused.status, 500);
    assert_eq!(refused.body, json!({"__type": "ServiceUnavailableException", "message": "Slow down."}));
    stand.clock.advance(Duration::from_millis(500));
    let answer = put(&stand, &[500_000, 24_288, 1]).await;
    assert_eq!(taken(&answer), [true, true, false], "half a second brings half a MiB");
    stand.clock.advance(Duration::from_millis(1));
    stand.call_by(SLOW_REGION, "PutRecord", one).await.ok();
}

#[tokio::test]
async fn a_request_over_the_rate_fails_with_all_its_records() {
    let stand = aws_like();
    stand.call_by(SLOW_REGION, "CreateDeliveryStream", stream("logs").to_string()).await.ok();
    for _ in 0..1000 {
        assert_eq!(taken(&put(&stand, &[0]).await), [true]);
    }
    assert_eq!(taken(&put(&stand, &[0, 0]).await), [false, false]);
    stand.clock.advance(Duration::from_millis(1));
    assert_eq!(taken(&put(&stand, &[0, 0]).await), [true, true]);
}

#[tokio::test]
async fn a_request_that_breaks_a_limit_does_not_count() {
    let stand = aws_like();
    stand.call_by(SLOW_REGION, "CreateDeliveryStream", stream("logs").to_string()).await.ok();
    let over = batch(&[1_024_000, 1_024_000, 1_024_000, 1_024_000, 1_024_000]);
    stand.call_by(SLOW_REGION, "PutRecordBatch", over).await.refused_as("InvalidArgumentException");
    assert_eq!(taken(&put(&stand, &[1_000_000]).await), [true]);
}

#[tokio::test]
async fn streams_have_quotas_of_their_own() {
    let stand = aws_like();
    for name in ["logs", "other"] {
        stand.call_by(SLOW_REGION, "CreateDeliveryStream", stream(name).to_string()).await.ok();
    }
    assert_eq!(taken(&put(&stand, &[1_000_000, 1_000_000]).await), [true, false]);
    let other = batch(&[1_000_000]).replace("logs", "other");
    assert_eq!(taken(&stand.call_by(SLOW_REGION, "PutRecordBatch", other).await.ok()), [true]);
}

#[tokio::test]
async fn other_operations_are_called_five_times_a_second() {
    let stand = aws_like();
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    for _ in 0..5 {
        stand.call("DescribeDeliveryStream", &named("logs")).await.ok();
    }
    let text = stand.call("DescribeDeliveryStream", &named("logs")).await.refused_as("ThrottlingException");
    assert_eq!(text, "Please slow down. Max limit of 5 RPS has breached for 000000000000");
    stand.call("ListTagsForDeliveryStream", &named("logs")).await.ok();
    stand.clock.advance(Duration::from_millis(200));
    stand.call("DescribeDeliveryStream", &named("logs")).await.ok();
    stand.call("DescribeDeliveryStream", &named("logs")).await.refused_as("ThrottlingException");
}

#[tokio::test]
async fn a_region_has_as_many_streams_as_aws_gives_it() {
    let stand = aws_like();
    let zurich = "test/20260101/eu-central-2";
    let create = async |number: usize| {
        stand.clock.advance(Duration::from_millis(200));
        stand.call_by(zurich, "CreateDeliveryStream", stream(&format!("s{number:03}")).to_string()).await
    };
    for number in 0..100 {
        create(number).await.ok();
    }
    let text = create(100).await.refused_as("LimitExceededException");
    let beginning = "You have already consumed your firehose quota of 100 hoses. Firehose names: [s000, s001, ";
    assert!(text.starts_with(beginning) && text.ends_with(", s099]"), "{text}");
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
}

#[tokio::test]
async fn without_quotas_nothing_is_throttled() {
    let stand = Stand::with_stream("logs");
    for _ in 0..20 {
        stand.call("DescribeDeliveryStream", &named("logs")).await.ok();
    }
}
