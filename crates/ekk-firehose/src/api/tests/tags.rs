//! Tags of a stream: given, replaced, removed, and listed page by page.

use serde_json::{Value, json};

use super::{Stand, named, stream};

fn tagged(tags: &Value) -> Value {
    json!({"DeliveryStreamName": "logs", "Tags": tags})
}

fn untagged(keys: &Value) -> Value {
    json!({"DeliveryStreamName": "logs", "TagKeys": keys})
}

fn numbered(numbers: std::ops::Range<usize>) -> Value {
    numbers.map(|number| json!({"Key": format!("key{number:02}"), "Value": "x"})).collect()
}

async fn listed(stand: &Stand, request: Value) -> Value {
    stand.call("ListTagsForDeliveryStream", &request).await.ok()
}

#[tokio::test]
async fn tags_are_listed_as_aws_lists_them() {
    let stand = Stand::new();
    let mut request = stream("logs");
    request["Tags"] = json!([{"Key": "subject", "Value": "taboo"}]);
    stand.call("CreateDeliveryStream", &request).await.ok();
    let one = |key, value| json!({"HasMoreTags": false, "Tags": [{"Key": key, "Value": value}]});
    assert_eq!(listed(&stand, named("logs")).await, one("subject", "taboo"));
    assert_eq!(stand.call("UntagDeliveryStream", &untagged(&json!(["subject", "none"]))).await.ok(), Value::Null);
    assert_eq!(listed(&stand, named("logs")).await, json!({"HasMoreTags": false, "Tags": []}));
    let tags = json!([{"Key": "feeling", "Value": "uncomfortable"}]);
    assert_eq!(stand.call("TagDeliveryStream", &tagged(&tags)).await.ok(), Value::Null);
    assert_eq!(listed(&stand, named("logs")).await, one("feeling", "uncomfortable"));
}

#[tokio::test]
async fn a_tag_replaces_that_of_the_same_key_in_the_same_case() {
    let stand = Stand::with_stream("logs");
    stand.call("TagDeliveryStream", &tagged(&json!([{"Key": "Team", "Value": "a"}, {"Key": "team"}]))).await.ok();
    stand.call("TagDeliveryStream", &tagged(&json!([{"Key": "Team", "Value": ""}]))).await.ok();
    let tags = json!([{"Key": "Team", "Value": ""}, {"Key": "team"}]);
    assert_eq!(listed(&stand, named("logs")).await["Tags"], tags);
}

#[tokio::test]
async fn tags_are_listed_page_by_page() {
    let stand = Stand::with_stream("logs");
    stand.call("TagDeliveryStream", &tagged(&numbered(0..5))).await.ok();
    let page = async |start: Option<&str>, limit: usize| {
        let mut request = json!({"DeliveryStreamName": "logs", "Limit": limit});
        if let Some(start) = start {
            request["ExclusiveStartTagKey"] = start.into();
        }
        let page = listed(&stand, request).await;
        let keys: Vec<_> = page["Tags"].as_array().unwrap().iter().map(|tag| tag["Key"].clone()).collect();
        (Value::from(keys), page["HasMoreTags"].as_bool().unwrap())
    };
    assert_eq!(page(None, 2).await, (json!(["key00", "key01"]), true));
    assert_eq!(page(Some("key01"), 2).await, (json!(["key02", "key03"]), true));
    assert_eq!(page(Some("key03"), 1).await, (json!(["key04"]), false));
    assert_eq!(page(Some("key01a"), 50).await, (json!(["key02", "key03", "key04"]), false));
    assert_eq!(page(Some("z"), 50).await, (json!([]), false));
}

#[tokio::test]
async fn a_stream_has_fifty_tags_at_most() {
    let stand = Stand::with_stream("logs");
    stand.call("TagDeliveryStream", &tagged(&numbered(0..50))).await.ok();
    assert_eq!(listed(&stand, named("logs")).await["Tags"].as_array().unwrap().len(), 50);
    stand.call("TagDeliveryStream", &tagged(&numbered(0..50))).await.ok();
    let text = stand.call("TagDeliveryStream", &tagged(&numbered(49..51))).await.refused_as("LimitExceededException");
    assert_eq!(text, "A Firehose can have at most 50 tags.");
    stand.call("UntagDeliveryStream", &untagged(&json!(["key00"]))).await.ok();
    stand.call("TagDeliveryStream", &tagged(&numbered(49..51))).await.ok();
}

#[tokio::test]
async fn a_key_is_given_once_and_not_in_the_name_of_aws() {
    let stand = Stand::with_stream("logs");
    let twice = json!([{"Key": "team", "Value": "a"}, {"Key": "team", "Value": "a"}]);
    let text = stand.call("TagDeliveryStream", &tagged(&twice)).await.refused_as("InvalidArgumentException");
    assert_eq!(text, "Tag keys must be unique: team is given more than once.");
    let mut request = stream("other");
    request["Tags"] = twice;
    stand.call("CreateDeliveryStream", &request).await.refused_as("InvalidArgumentException");
    let reserved = stand.call("TagDeliveryStream", &tagged(&json!([{"Key": "aws:team"}]))).await;
    assert!(reserved.refused_as("ValidationException").contains("Value 'aws:team' at 'tags.1.member.key'"));
}

#[tokio::test]
async fn tags_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let stand = Stand::with(Some(folder.path()), 1 << 20).unwrap();
        stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
        stand.call("TagDeliveryStream", &tagged(&json!([{"Key": "team", "Value": "x"}, {"Key": "bare"}]))).await.ok();
    }
    let stand = Stand::with(Some(folder.path()), 1 << 20).unwrap();
    assert_eq!(listed(&stand, named("logs")).await["Tags"], json!([{"Key": "bare"}, {"Key": "team", "Value": "x"}]));
}

#[tokio::test]
async fn a_stream_that_does_not_exist_has_no_tags() {
    let stand = Stand::new();
    let requests = [
        ("TagDeliveryStream", tagged(&numbered(0..1))),
        ("UntagDeliveryStream", untagged(&json!(["team"]))),
        ("ListTagsForDeliveryStream", named("logs")),
    ];
    for (operation, request) in requests {
        let text = stand.call(operation, &request).await.refused_as("ResourceNotFoundException");
        assert_eq!(text, "Firehose logs under account 000000000000 not found.");
    }
}
