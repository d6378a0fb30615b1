//! Rules as JSON, and what is said of those that are wrong.

use super::*;
use crate::{ErrorCode, Moment, Share};

#[test]
fn every_effect_is_read_and_written_again() {
    let put = |effect| Rule::at(Operation::PutRecordBatch, effect);
    let search = |effect| Rule::behind(Destination::OpenSearch, effect);
    for (json, rule) in [
        (
            r#"{"operation":"PutRecordBatch","effect":{"fail_records":{"every":4,"code":"InternalFailure"}}}"#,
            put(Effect::FailRecords(crate::FailRecords { records: Share::Every(4), code: ErrorCode::InternalFailure })),
        ),
        (
            r#"{"operation":"any","effect":{"answer":{"code":"ThrottlingException","message":"no"}},"probability":0.25}"#,
            Rule::at(
                Operation::Any,
                Effect::Answer(crate::Answer { code: ErrorCode::ThrottlingException, message: Some("no".to_owned()) }),
            )
            .with_probability(0.25),
        ),
        (
            r#"{"stream":"a","operation":"PutRecordBatch","effect":{"delay_secs":1.5}}"#,
            put(Effect::DelaySecs(1.5)).of_stream("a"),
        ),
        (
            r#"{"operation":"PutRecordBatch","effect":{"drop_connection":"after_work"},"times":2}"#,
            put(Effect::DropConnection(Moment::AfterWork)).times(2),
        ),
        (
            r#"{"destination":"opensearch","effect":{"status":503},"for_secs":3600.0}"#,
            search(Effect::Status(503)).lasting(Duration::from_hours(1)),
        ),
        (
            r#"{"destination":"opensearch","effect":{"fail_items":{"share":0.5,"status":429}}}"#,
            search(Effect::fail_items(Share::Of(0.5), 429)),
        ),
        (r#"{"destination":"http-endpoint","effect":"gone"}"#, Rule::behind(Destination::HttpEndpoint, Effect::Gone)),
    ] {
        assert_eq!(Rule::from_json(json.as_bytes()).unwrap(), rule, "{json}");
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
    }
}

#[test]
fn what_is_left_out_has_a_default() {
    let rule = Rule::from_json(br#"{"operation":"PutRecord","effect":{"fail_records":{"count":1}}}"#).unwrap();
    assert_eq!(rule, Rule::at(Operation::PutRecord, Effect::fail_records(Share::Count(1))));
    let rule = Rule::from_json(br#"{"destination":"opensearch","effect":{"fail_items":{"count":1}}}"#).unwrap();
    assert_eq!(rule, Rule::behind(Destination::OpenSearch, Effect::fail_items(Share::Count(1), 429)));
}

#[test]
fn what_is_wrong_is_named_with_its_path() {
    for (json, expected) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        (r#"{"operation":"any"}"#, "missing field `effect` at line 1 column 19"),
        (r#"{"operation":"any","effect":"gone","extra":1}"#, "extra: unknown field `extra`, expected one of"),
        (r#"{"operation":"PutAll","effect":"gone"}"#, "operation: unknown variant `PutAll`, expected one of `any`"),
        (r#"{"effect":"gone"}"#, "operation: a rule needs an operation"),
        (r#"{"operation":"any","destination":"s3","effect":"gone"}"#, "destination: a rule has an operation or"),
        (r#"{"destination":"opensearch","effect":{"status":"503"}}"#, "effect.status: invalid type: string"),
        (r#"{"destination":"opensearch","effect":{"status":200}}"#, "effect.status: 200 is not in 300..=599"),
        (
            r#"{"destination":"s3","effect":{"fail_items":{"count":1}}}"#,
            "effect.fail_items: only requests to opensearch",
        ),
        (
            r#"{"destination":"s3","effect":{"answer":{"code":"InternalFailure"}}}"#,
            "effect: this happens at an operation",
        ),
        (r#"{"operation":"any","effect":"gone"}"#, "effect: this happens at a destination"),
        (r#"{"operation":"any","effect":{"status":503}}"#, "effect.status: an operation answers a code"),
        (
            r#"{"operation":"any","effect":{"fail_records":{"count":1,"every":2}}}"#,
            "effect.fail_records: give one of count",
        ),
        (r#"{"operation":"any","effect":{"fail_records":{"count":0}}}"#, "effect.fail_records.count: 0 is not in 1.."),
        (r#"{"operation":"any","effect":{"fail_records":{"count":-1}}}"#, "effect.fail_records.count: invalid value"),
        (
            r#"{"operation":"any","effect":{"fail_records":{"share":1.1}}}"#,
            "effect.fail_records.share: 1.1 is not over 0.0",
        ),
        (
            r#"{"operation":"any","effect":{"fail_records":{"count":1,"code":"ThrottlingException"}}}"#,
            "effect.fail_records.code: a record fails with",
        ),
        (
            r#"{"operation":"ListDeliveryStreams","effect":{"fail_records":{"count":1}}}"#,
            "effect.fail_records: only PutRecord",
        ),
        (r#"{"operation":"any","effect":{"delay_secs":0}}"#, "effect.delay_secs: 0 is not a duration over 0"),
        (r#"{"destination":"s3","effect":"gone","times":0}"#, "times: 0 is not in 1.."),
        (r#"{"destination":"s3","effect":"gone","for_secs":-1}"#, "for_secs: -1 is not a duration over 0"),
        (r#"{"destination":"s3","effect":"gone","probability":0}"#, "probability: 0 is not over 0.0 and at most 1.0"),
        (r#"{"destination":"s3","effect":"gone"} x"#, "trailing characters"),
    ] {
        let error = Rule::from_json(json.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{json}\n{error}");
    }
}

#[test]
fn operations_are_known_by_the_names_of_aws() {
    assert_eq!(Operation::from_name("UpdateDestination"), Some(Operation::UpdateDestination));
    assert_eq!((Operation::from_name("any"), Operation::from_name("PutAll")), (None, None));
}
