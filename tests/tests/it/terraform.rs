//! The calls of Terraform's AWS provider for `aws_kinesis_firehose_delivery_stream`, from an apply to a destroy, with states
//! that take their time on the stack's clock: for each kind of destination, the plan after an apply finds no difference.
//!
//! Attributes become requests by `ekk-templates`, which maps them as the provider does; what is described becomes
//! attributes again by `flatten`. A plan compares the two.
//!
//! Source: `internal/service/firehose/delivery_stream.go` of version 6 of the provider.

mod attributes;
mod flatten;
mod schema;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ekk::{Clock, Ekk, HarnessError};
use serde_json::{Value, json};

use attributes::Kind;

/// How long states take.
const DELAY: Duration = Duration::from_mins(1);

/// One stream as Terraform sees it.
struct Resource<'a> {
    ekk: &'a Ekk,
    kind: &'a Kind,
    name: String,
}

impl Resource<'_> {
    async fn call(&self, operation: &str, more: Value) -> Value {
        let mut request = json!({ "DeliveryStreamName": self.name });
        request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        self.ekk.firehose(operation, &request).await.unwrap()
    }

    async fn describe(&self) -> Value {
        self.call("DescribeDeliveryStream", json!({})).await["DeliveryStreamDescription"].take()
    }

    /// Polls as the provider does: each answer shows one of the states, until the last is there.
    async fn wait_for(&self, pointer: &str, pending: &str, target: &str) {
        let description = self.describe().await;
        assert_eq!(description.pointer(pointer), Some(&json!(pending)), "{description:#}");
        self.ekk.clock().advance(DELAY / 2);
        assert_eq!(self.describe().await.pointer(pointer), Some(&json!(pending)));
        self.ekk.clock().advance(DELAY / 2);
        assert_eq!(self.describe().await.pointer(pointer), Some(&json!(target)));
    }

    /// Reads the stream, and compares what the configuration says with what there is, as a plan does.
    #[track_caller]
    fn plan(&self, attributes: &Value, description: &Value) {
        let destination = &description["Destinations"][0];
        let there = flatten::destination(destination, self.kind.block);
        let mut differences = Vec::new();
        compare(&attributes[self.kind.block][0], &there, self.kind.block, &mut differences);
        assert!(differences.is_empty(), "{differences:#?}");
    }

    async fn tags(&self) -> BTreeMap<String, String> {
        let answer = self.call("ListTagsForDeliveryStream", json!({})).await;
        assert_eq!(answer["HasMoreTags"], false);
        let text = |tag: &Value, name: &str| tag[name].as_str().unwrap().to_owned();
        answer["Tags"].as_array().unwrap().iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
    }
}

/// Adds the attributes that Terraform would show as changed. An attribute that nobody wrote and whose block is optional is
/// computed, which is no difference.
fn compare(wanted: &Value, there: &Value, path: &str, differences: &mut Vec<String>) {
    match (wanted, there) {
        (Value::Object(wanted), Value::Object(there)) => {
            for (name, value) in wanted {
                compare(value, there.get(name).unwrap_or(&Value::Null), &format!("{path}.{name}"), differences);
            }
        }
        (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => {
            for (at, (wanted, there)) in wanted.iter().zip(there).enumerate() {
                compare(wanted, there, &format!("{path}.{at}"), differences);
            }
        }
        (Value::Null, Value::String(text)) if text.is_empty() => {}
        // Suppressed by the provider: a processing configuration that nobody wrote.
        (Value::Null, Value::Array(_)) if path.ends_with("processing_configuration") => {}
        (Value::Array(wanted), Value::Null) if wanted.is_empty() => {}
        (wanted, there) if wanted == there => {}
        _ => differences.push(format!("{path}: {wanted} -> {there}")),
    }
}

/// The request that the provider sends for the attributes.
fn expand(attributes: &Value) -> Value {
    let state = json!({ "format_version": "1.0", "values": { "root_module": { "resources": [{
        "address": "aws_kinesis_firehose_delivery_stream.s", "mode": "managed", "name": "s",
        "type": "aws_kinesis_firehose_delivery_stream", "values": attributes,
    }] } } });
    let options = ekk_templates::Options {
        stack: "s".to_owned(),
        region: "us-east-1".to_owned(),
        account: "000000000000".to_owned(),
        parameters: BTreeMap::new(),
    };
    ekk_templates::read(&state.to_string(), &options).unwrap().streams.remove(0).request
}

/// The `…DestinationUpdate` that the provider sends for the attributes.
fn expand_update(attributes: &Value, kind: &Kind) -> Value {
    let mut update = expand(attributes)[kind.configuration].take();
    let members = update.as_object_mut().unwrap();
    members.remove("VpcConfiguration");
    if kind.backup_is_fixed {
        members.remove("S3BackupMode");
    }
    for (created, updated) in [("S3Configuration", "S3Update"), ("S3BackupConfiguration", "S3BackupUpdate")] {
        if let Some(mut bucket) = members.remove(created) {
            if updated == "S3Update" {
                bucket.as_object_mut().unwrap().entry("ErrorOutputPrefix").or_insert(json!(""));
            }
            members.insert(updated.to_owned(), bucket);
        }
    }
    if kind.block == "extended_s3_configuration" {
        members.entry("ErrorOutputPrefix").or_insert(json!(""));
    }
    update
}

async fn runs_from_apply_to_destroy(kind: &Kind) {
    let clock = Clock::frozen_at("2026-11-23T12:00:00Z".parse().unwrap());
    let builder = Ekk::builder().clock(clock).transition_delay(DELAY).allow_undelivered();
    let ekk = builder.start().await.unwrap();
    let attributes = attributes::of(kind, &kind.written);
    let stream = Resource { ekk: &ekk, kind, name: attributes["name"].as_str().unwrap().to_owned() };
    let before = ekk.firehose("DescribeDeliveryStream", &json!({ "DeliveryStreamName": stream.name })).await;
    assert!(is_missing(&before), "{before:?}");

    ekk.firehose("CreateDeliveryStream", &expand(&attributes)).await.unwrap();
    stream.wait_for("/DeliveryStreamStatus", "CREATING", "ACTIVE").await;
    let key = json!({ "DeliveryStreamEncryptionConfigurationInput": { "KeyType": "AWS_OWNED_CMK" } });
    stream.call("StartDeliveryStreamEncryption", key).await;
    let status = "/DeliveryStreamEncryptionConfiguration/Status";
    stream.wait_for(status, "ENABLING", "ENABLED").await;
    let applied = stream.describe().await;
    assert_eq!(applied.pointer("/DeliveryStreamEncryptionConfiguration/KeyType"), Some(&json!("AWS_OWNED_CMK")));
    assert_eq!(stream.tags().await, BTreeMap::from([("env".to_owned(), "dev".to_owned())]));
    stream.plan(&attributes, &applied);

    let changed = attributes::of(kind, &kind.changed);
    let update = json!({
        "CurrentDeliveryStreamVersionId": applied["VersionId"],
        "DestinationId": applied["Destinations"][0]["DestinationId"],
        kind.update: expand_update(&changed, kind),
    });
    assert_eq!(stream.call("UpdateDestination", update).await, Value::Null);
    stream.call("UntagDeliveryStream", json!({ "TagKeys": ["env"] })).await;
    stream.call("TagDeliveryStream", json!({ "Tags": [{ "Key": "team", "Value": "logs" }] })).await;
    let updated = stream.describe().await;
    assert_eq!((&applied["VersionId"], &updated["VersionId"]), (&json!("1"), &json!("2")));
    assert_eq!(stream.tags().await, BTreeMap::from([("team".to_owned(), "logs".to_owned())]));
    stream.plan(&changed, &updated);

    stream.call("StopDeliveryStreamEncryption", json!({})).await;
    stream.wait_for(status, "DISABLING", "DISABLED").await;
    stream.plan(&changed, &stream.describe().await);
    stream.call("DeleteDeliveryStream", json!({})).await;
    assert_eq!(stream.describe().await["DeliveryStreamStatus"], "DELETING");
    ekk.clock().advance(DELAY);
    let gone = ekk.firehose("DescribeDeliveryStream", &json!({ "DeliveryStreamName": stream.name })).await;
    assert!(is_missing(&gone), "{gone:?}");
}

/// Whether the provider takes the stream out of its state: it looks for this code alone.
fn is_missing(answer: &Result<Value, HarnessError>) -> bool {
    matches!(answer, Err(HarnessError::Refused { status: 400, body, .. })
        if body.contains(r#""__type":"ResourceNotFoundException""#))
}

#[tokio::test]
async fn opensearch_runs_from_apply_to_destroy_and_plans_nothing() {
    runs_from_apply_to_destroy(&attributes::opensearch()).await;
}

#[tokio::test]
async fn elasticsearch_runs_from_apply_to_destroy_and_plans_nothing() {
    runs_from_apply_to_destroy(&attributes::elasticsearch()).await;
}

#[tokio::test]
async fn extended_s3_runs_from_apply_to_destroy_and_plans_nothing() {
    runs_from_apply_to_destroy(&attributes::extended_s3()).await;
}

#[tokio::test]
async fn an_http_endpoint_runs_from_apply_to_destroy_and_plans_nothing() {
    runs_from_apply_to_destroy(&attributes::http_endpoint()).await;
}

#[tokio::test]
async fn a_stream_of_nothing_but_required_attributes_plans_nothing() {
    for kind in
        [attributes::opensearch(), attributes::elasticsearch(), attributes::extended_s3(), attributes::http_endpoint()]
    {
        let ekk = Ekk::builder().allow_undelivered().start().await.unwrap();
        let attributes = attributes::of(&kind, &json!({}));
        let stream = Resource { ekk: &ekk, kind: &kind, name: attributes["name"].as_str().unwrap().to_owned() };
        ekk.firehose("CreateDeliveryStream", &expand(&attributes)).await.unwrap();
        stream.plan(&attributes, &stream.describe().await);
    }
}

/// Adds the attributes that are written, without the places in lists.
fn written(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(attributes) if !path.ends_with("_mappings") => {
            for (name, value) in attributes {
                written(value, format!("{path}.{name}").trim_start_matches('.'), into);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for item in items {
                written(item, path, into);
            }
        }
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {}
        _ => drop(into.insert(path.to_owned())),
    }
}

#[tokio::test]
async fn every_attribute_of_every_block_plans_nothing() {
    for (kind, schema) in [
        (attributes::opensearch(), schema::opensearch()),
        (attributes::elasticsearch(), schema::search()),
        (attributes::extended_s3(), schema::extended_s3()),
        (attributes::http_endpoint(), schema::http_endpoint()),
    ] {
        let mut covered = BTreeSet::new();
        for written_here in kind.others.iter().chain([&kind.written, &kind.changed]) {
            let ekk = Ekk::builder().allow_undelivered().start().await.unwrap();
            let attributes = attributes::of(&kind, written_here);
            let stream = Resource { ekk: &ekk, kind: &kind, name: attributes["name"].as_str().unwrap().to_owned() };
            ekk.firehose("CreateDeliveryStream", &expand(&attributes)).await.unwrap();
            stream.plan(&attributes, &stream.describe().await);
            written(&attributes[kind.block][0], "", &mut covered);
        }
        assert_eq!(covered, schema, "{}", kind.block);
    }
}

#[tokio::test]
async fn sources_plan_nothing() {
    let role = "arn:aws:iam::000000000000:role/firehose";
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/source";
    let cluster = "arn:aws:kafka:us-east-1:000000000000:cluster/logs/1a2b3c";
    for (block, source) in [
        ("kinesis_source_configuration", json!([{ "kinesis_stream_arn": stream, "role_arn": role }])),
        (
            "msk_source_configuration",
            json!([{
                "authentication_configuration": [{ "connectivity": "PRIVATE", "role_arn": role }],
                "msk_cluster_arn": cluster, "topic_name": "logs", "read_from_timestamp": "2026-01-02T03:04:05Z",
            }]),
        ),
    ] {
        let kind = attributes::extended_s3();
        let ekk = Ekk::builder().allow_undelivered().start().await.unwrap();
        let mut attributes = attributes::of(&kind, &json!({}));
        attributes[block] = source;
        let stream = Resource { ekk: &ekk, kind: &kind, name: attributes["name"].as_str().unwrap().to_owned() };
        ekk.firehose("CreateDeliveryStream", &expand(&attributes)).await.unwrap();
        let described = stream.describe().await;
        stream.plan(&attributes, &described);
        assert_eq!(flatten::source(&described["Source"], block), attributes[block]);
        assert_eq!(described.get("DeliveryStreamEncryptionConfiguration"), None);
    }
}
