//! Whatever a client sends is answered in the form of AWS, and never with a fault of ours.

use proptest::{prelude::*, sample::select, test_runner::TestCaseError};
use serde_json::{Map, Value, json};

use super::{Stand, stream};

const OPERATIONS: &[&str] = &[
    "CreateDeliveryStream",
    "DeleteDeliveryStream",
    "DescribeDeliveryStream",
    "ListDeliveryStreams",
    "PutRecord",
    "PutRecordBatch",
    "UpdateDestination",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("a".repeat(2000))),
        select(vec!["YQ==", "https://logs", "NoEncryption", "OneDay", "arn:aws:s3:::b"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[A-Za-z]{1,8}", inner, 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A request that is good but for some members, each replaced, removed or added at a random place.
fn spoiled_request() -> impl Strategy<Value = Value> {
    let good = json!({
        "DeliveryStreamName": "logs",
        "Record": {"Data": "YQ=="},
        "Records": [{"Data": "YQ=="}, {"Data": ""}],
        "Limit": 5,
        "DeliveryStreamType": "DirectPut",
        "ExclusiveStartDestinationId": "destinationId-000000000001",
        "Tags": [{"Key": "team", "Value": "logs"}],
        "DirectPutSourceConfiguration": {"ThroughputHintInMBs": 5},
        "AmazonopensearchserviceDestinationConfiguration":
            stream("logs")["AmazonopensearchserviceDestinationConfiguration"],
    });
    let names = vec![
        "DeliveryStreamName",
        "Record",
        "Records",
        "Limit",
        "DeliveryStreamType",
        "Tags",
        "RoleARN",
        "BucketARN",
        "AmazonopensearchserviceDestinationConfiguration",
        "ExtendedS3DestinationConfiguration",
        "S3Configuration",
        "BufferingHints",
        "SizeInMBs",
        "IntervalInSeconds",
        "RetryOptions",
        "DurationInSeconds",
        "Data",
        "Prefix",
        "CloudWatchLoggingOptions",
        "ProcessingConfiguration",
        "Processors",
        "Enabled",
        "DocumentIdOptions",
        "Key",
        "DomainARN",
        "ClusterEndpoint",
        "EncryptionConfiguration",
        "DynamicPartitioningConfiguration",
        "TypeName",
        "DataFormatConversionConfiguration",
        "CustomTimeZone",
        "FileExtension",
        "VpcConfiguration",
        "0",
        "1",
    ];
    let place = prop::collection::vec(select(names), 1..4);
    prop::collection::vec((place, any_json()), 0..4).prop_map(move |changes| {
        let mut request = good.clone();
        for (place, value) in changes {
            put_at(&mut request, &place, value);
        }
        request
    })
}

fn put_at(value: &mut Value, place: &[&str], new: Value) {
    match (value, place) {
        (Value::Object(members), [name, rest @ ..]) => {
            put_at(members.entry(*name).or_insert_with(|| json!({})), rest, new);
        }
        (Value::Array(items), [name, rest @ ..]) => {
            let index = name.parse::<usize>().unwrap_or(0);
            if let Some(item) = items.get_mut(index) {
                put_at(item, rest, new);
            }
        }
        (value, _) => *value = new,
    }
}

fn check(operation: &str, body: Vec<u8>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stand = Stand::with_stream("there");
        let answer = stand.call_raw(operation, body).await;
        prop_assert!(answer.status == 200 || answer.status == 400, "{answer:?}");
        if answer.status == 400 {
            prop_assert!(answer.body["__type"].is_string(), "{answer:?}");
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_answered(operation in select(OPERATIONS), body in any_json()) {
        check(operation, body.to_string().into_bytes())?;
    }

    #[test]
    fn any_bytes_are_answered(operation in select(OPERATIONS), body in prop::collection::vec(any::<u8>(), 0..64)) {
        check(operation, body)?;
    }

    #[test]
    fn a_spoiled_request_is_answered(operation in select(OPERATIONS), request in spoiled_request()) {
        check(operation, request.to_string().into_bytes())?;
    }

    #[test]
    fn a_truncated_request_is_answered(operation in select(OPERATIONS), share in 0.0..1.0f64) {
        let body = stream("logs").to_string();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a short text")]
        let end = (body.len() as f64 * share) as usize;
        check(operation, body.as_bytes()[..end].to_vec())?;
    }
}

#[test]
fn deep_nesting_is_answered() {
    for operation in OPERATIONS {
        for (open, close) in [("[", "]"), ("{\"Tags\":", "}")] {
            let body = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
            check(operation, body.into_bytes()).unwrap();
        }
    }
}
