//! Faults that a stack was told to show, as its clients see them.

use std::time::Duration;

use axum::body::Body;
use ekk_faults::{Answer, Effect, ErrorCode, Moment, Operation, Rule, Share};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::{AUTHORIZATION, Stand, stream};

fn batch(count: usize) -> Value {
    let records = vec![json!({"Data": "e30="}); count];
    json!({"DeliveryStreamName": "logs", "Records": records})
}

fn one() -> Value {
    json!({"DeliveryStreamName": "logs", "Record": {"Data": "e30="}})
}

fn accepted(stand: &Stand) -> u64 {
    stand.delivery.stream("logs").unwrap().account().accepted
}

#[tokio::test]
async fn some_records_of_a_batch_fail_and_the_others_are_taken() {
    let stand = Stand::with_stream("logs");
    stand.faults.add(Rule::at(Operation::PutRecordBatch, Effect::fail_records(Share::Count(3))).times(1)).unwrap();
    let answer = stand.call("PutRecordBatch", &batch(10)).await.ok();
    assert_eq!((&answer["FailedPutCount"], accepted(&stand)), (&json!(3), 7));
    let entries = answer["RequestResponses"].as_array().unwrap();
    let slow_down = json!({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."});
    assert_eq!(entries.iter().filter(|entry| **entry == slow_down).count(), 3);
    let taken = |entry: &&Value| entry["RecordId"].as_str().is_some_and(|id| id.len() == 224);
    assert_eq!((entries.iter().filter(taken).count(), entries.len()), (7, 10));
    let again = stand.call("PutRecordBatch", &batch(3)).await.ok();
    assert_eq!((&again["FailedPutCount"], accepted(&stand)), (&json!(0), 10));
}

#[tokio::test]
async fn all_records_of_a_batch_may_fail() {
    let stand = Stand::with_stream("logs");
    let effect =
        Effect::FailRecords(ekk_faults::FailRecords { records: Share::Of(1.0), code: ErrorCode::InternalFailure });
    stand.faults.add(Rule::at(Operation::Any, effect)).unwrap();
    let answer = stand.call("PutRecordBatch", &batch(2)).await.ok();
    let entry = json!({"ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."});
    assert_eq!(answer, json!({"Encrypted": false, "FailedPutCount": 2, "RequestResponses": [entry, entry]}));
    let answer = stand.call("PutRecord", &one()).await;
    assert_eq!((answer.status, &answer.body["__type"]), (500, &json!("InternalFailure")));
    assert_eq!(accepted(&stand), 0);
}

#[tokio::test]
async fn a_whole_call_is_answered_with_a_code_and_does_nothing() {
    let stand = Stand::with_stream("logs");
    for (code, status, key, message) in [
        (ErrorCode::ServiceUnavailableException, 500, "message", "Slow down."),
        (ErrorCode::InternalFailure, 500, "message", "Internal service failure."),
        (ErrorCode::ThrottlingException, 400, "message", "Rate exceeded"),
        (ErrorCode::AccessDeniedException, 400, "Message", "User is not authorized to perform this action."),
    ] {
        stand.faults.add(Rule::at(Operation::PutRecord, Effect::answer(code)).of_stream("logs").times(1)).unwrap();
        let answer = stand.call("PutRecord", &one()).await;
        assert_eq!((answer.status, answer.body), (status, json!({"__type": code.name(), key: message})));
    }
    assert_eq!(accepted(&stand), 0);
    stand.call("PutRecord", &one()).await.ok();
    assert_eq!(accepted(&stand), 1);
}

/// What AWS finds by looking at roles, domains and networks, as it was quoted in public: none of it is looked at here, and
/// tools that try such calls again can be tested all the same.
#[tokio::test]
async fn refusals_of_what_is_not_looked_up_can_be_played_in_the_words_of_aws() {
    let stand = Stand::new();
    let create = stream("logs");
    for message in [
        "Firehose is unable to assume role arn:aws:iam::000000000000:role/firehose. Please check the role provided.",
        "Delivery Role is not authorized to describe the Elasticsearch domain",
        "Verify that the IAM role has access to the Elasticsearch domain.",
        "Access was denied when calling Glue. Please ensure that the role specified in the data format conversion \
         configuration has the necessary permissions.",
        "Please make sure the role specified in VpcConfiguration has permissions",
    ] {
        let answer = Answer { code: ErrorCode::InvalidArgumentException, message: Some(message.to_owned()) };
        stand.faults.add(Rule::at(Operation::CreateDeliveryStream, Effect::Answer(answer)).times(1)).unwrap();
        let text = stand.call("CreateDeliveryStream", &create).await.refused_as("InvalidArgumentException");
        assert_eq!(text, message);
    }
    let denied = "User: arn:aws:iam::000000000000:user/dev is not authorized to perform: firehose:PutRecord on resource: \
                  arn:aws:firehose:us-east-1:000000000000:deliverystream/logs because no identity-based policy allows the \
                  firehose:PutRecord action";
    let answer = Answer { code: ErrorCode::AccessDeniedException, message: Some(denied.to_owned()) };
    stand.faults.add(Rule::at(Operation::PutRecord, Effect::Answer(answer)).times(1)).unwrap();
    let answer = stand.call("PutRecord", &one()).await;
    assert_eq!(answer.body, json!({"__type": "AccessDeniedException", "Message": denied}));
    stand.call("CreateDeliveryStream", &create).await.ok();
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer_before_or_after_the_work() {
    let stand = Stand::with_stream("logs");
    for (moment, expected) in [(Moment::BeforeWork, 0), (Moment::AfterWork, 1)] {
        stand.faults.add(Rule::at(Operation::PutRecord, Effect::DropConnection(moment)).times(1)).unwrap();
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "Firehose_20150804.PutRecord")
            .header("authorization", AUTHORIZATION)
            .header("x-amz-date", "20260101T000000Z")
            .body(Body::from(one().to_string()))
            .unwrap();
        let response = stand.send(request).await;
        response.into_body().collect().await.unwrap_err();
        assert_eq!(accepted(&stand), expected, "{moment:?}");
    }
}

#[tokio::test]
async fn a_late_call_waits_on_the_clock_of_the_stack() {
    let stand = Stand::with_stream("logs");
    stand.faults.add(Rule::at(Operation::PutRecord, Effect::delay(Duration::from_secs(9)))).unwrap();
    let put = one();
    let mut call = Box::pin(stand.call("PutRecord", &put));
    let early = std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context).is_ready())).await;
    assert!(!early);
    stand.clock.advance(Duration::from_secs(9));
    call.await.ok();
    assert_eq!(accepted(&stand), 1);
}
