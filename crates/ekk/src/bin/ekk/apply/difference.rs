//! What a stream lacks of what a file says, and the requests that give it that.
//!
//! AWS describes a stream by other names than it was created by, with defaults for what was not said, and without secrets.
//! So only members that the file names are compared, and secrets are not.

use std::collections::BTreeMap;

use ekk_templates::Stream;
use serde_json::{Map, Value, json};

use crate::apply::api::{Api, Refused};

/// A stream that exists.
pub(super) struct Existing {
    description: Value,
    tags: BTreeMap<String, String>,
}

/// What is different.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Differences {
    /// Members of the destination, as paths of the request.
    destination: Vec<String>,
    /// `Tags`, `encryption`, or nothing.
    other: Vec<&'static str>,
    /// What no request can change.
    pub(super) fixed: Vec<String>,
    /// The requests that take the differences away, in their order.
    pub(super) requests: Vec<(&'static str, Value)>,
}

/// The most tags that AWS lists at once, which is also the most that a stream has.
const TAGS: u32 = 50;

/// How many differences are named.
const NAMED: usize = 5;

/// Members of a request, beside the source's, that only the creation of a stream takes.
const FIXED_IN_SEARCH: [&str; 3] = [
    "ElasticsearchDestinationConfiguration",
    "AmazonopensearchserviceDestinationConfiguration",
    "AmazonOpenSearchServerlessDestinationConfiguration",
];

impl Existing {
    pub(super) async fn of(api: &Api, name: &str) -> anyhow::Result<Result<Self, Refused>> {
        let described = api.firehose("DescribeDeliveryStream", &json!({ "DeliveryStreamName": name })).await?;
        let listing = json!({ "DeliveryStreamName": name, "Limit": TAGS });
        let listed = api.firehose("ListTagsForDeliveryStream", &listing).await?;
        Ok(described.and_then(|mut described| {
            let tags = tags_of(listed?.get("Tags"));
            Ok(Self { description: described["DeliveryStreamDescription"].take(), tags })
        }))
    }

    pub(super) fn version(&self) -> &str {
        self.text("VersionId")
    }

    fn text(&self, name: &str) -> &str {
        self.description.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn destination(&self) -> &Value {
        self.description.pointer("/Destinations/0").unwrap_or(&Value::Null)
    }
}

impl Differences {
    pub(super) fn is_empty(&self) -> bool {
        self.destination.is_empty() && self.other.is_empty() && self.fixed.is_empty()
    }

    /// The first few, in words.
    pub(super) fn names(&self) -> String {
        let all: Vec<&str> = self.destination.iter().map(String::as_str).chain(self.other.iter().copied()).collect();
        let shown = all.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        if all.len() > NAMED { format!("{shown} and {} more", all.len() - NAMED) } else { shown }
    }
}

/// Compares a stream with a request; `is_whole` says that tags and encryption which the request lacks are to go.
pub(super) fn between(stream: &Stream, there: &Existing, is_whole: bool) -> Differences {
    let mut differences = Differences::default();
    sources(&stream.request, there, &mut differences);
    destination(stream, there, &mut differences);
    encryption(stream, there, is_whole, &mut differences);
    tags(stream, there, is_whole, &mut differences);
    differences
}

fn sources(request: &Value, there: &Existing, differences: &mut Differences) {
    let kind = request.get("DeliveryStreamType").and_then(Value::as_str).unwrap_or("DirectPut");
    if kind != there.text("DeliveryStreamType") {
        differences.fixed.push("DeliveryStreamType".to_owned());
    }
    let source = there.description.get("Source").unwrap_or(&Value::Null);
    for (member, described) in [
        ("DirectPutSourceConfiguration", "DirectPutSourceDescription"),
        ("KinesisStreamSourceConfiguration", "KinesisStreamSourceDescription"),
        ("MSKSourceConfiguration", "MSKSourceDescription"),
        ("DatabaseSourceConfiguration", "DatabaseSourceDescription"),
    ] {
        if let Some(wanted) = request.get(member) {
            compare(wanted, source.get(described), member, &mut differences.fixed);
        }
    }
}

fn destination(stream: &Stream, there: &Existing, differences: &mut Differences) {
    let members = stream.request.as_object().into_iter().flatten();
    for (member, wanted) in members.filter(|(member, _)| member.ends_with("DestinationConfiguration")) {
        let kind = member.trim_end_matches("Configuration");
        let mut wanted = wanted.clone();
        let described = there.destination().get(format!("{kind}Description"));
        if described.is_some() {
            take_fixed(member, &mut wanted, described, &mut differences.fixed);
        }
        let described = described.map(without_defaults);
        compare(&without_defaults(&wanted), described.as_ref(), kind, &mut differences.destination);
        if !differences.destination.is_empty() {
            let update = json!({
                "DeliveryStreamName": stream.name,
                "CurrentDeliveryStreamVersionId": there.version(),
                "DestinationId": there.destination().get("DestinationId"),
                format!("{kind}Update"): updating(wanted, kind),
            });
            differences.requests.push(("UpdateDestination", update));
        }
    }
}

/// A destination without those parameters of functions that AWS describes when they are left out.
fn without_defaults(destination: &Value) -> Value {
    let mut destination = destination.clone();
    let role = destination.get("RoleARN").cloned();
    let processors = destination.pointer_mut("/ProcessingConfiguration/Processors").and_then(Value::as_array_mut);
    let functions =
        processors.into_iter().flatten().filter(|processor| processor.get("Type") == Some(&json!("Lambda")));
    for function in functions {
        if let Some(parameters) = function.get_mut("Parameters").and_then(Value::as_array_mut) {
            parameters.retain(|parameter| !is_default(parameter, role.as_ref()));
        }
    }
    destination
}

/// Whether a parameter of a function has the value that it has when it is left out; Splunk's buffers are smaller.
fn is_default(parameter: &Value, role: Option<&Value>) -> bool {
    let value = parameter.get("ParameterValue");
    let text = value.and_then(Value::as_str);
    match parameter.get("ParameterName").and_then(Value::as_str) {
        Some("NumberOfRetries") => text == Some("3"),
        Some("BufferIntervalInSeconds") => text == Some("60"),
        Some("BufferSizeInMBs") => matches!(text, Some("1" | "0.25")),
        Some("RoleArn") => value == role,
        _ => false,
    }
}

/// Takes the members away that an update does not have; those that differ are told.
fn take_fixed(member: &str, wanted: &mut Value, described: Option<&Value>, fixed: &mut Vec<String>) {
    let Some(members) = wanted.as_object_mut() else { return };
    let mut names = vec!["VpcConfiguration", "SnowflakeVpcConfiguration"];
    if FIXED_IN_SEARCH.contains(&member) {
        names.push("S3BackupMode");
    }
    for name in names {
        if let Some(value) = members.remove(name) {
            let there = described.and_then(|described| described.get(described_name(name)));
            compare(&value, there, name, fixed);
        }
    }
}

/// The names of an update for those of a creation.
fn updating(mut wanted: Value, kind: &str) -> Value {
    if let Some(members) = wanted.as_object_mut() {
        for (created, updated) in [("S3Configuration", "S3Update"), ("S3BackupConfiguration", "S3BackupUpdate")] {
            if kind != "IcebergDestination"
                && let Some(value) = members.remove(created)
            {
                members.insert(updated.to_owned(), value);
            }
        }
    }
    wanted
}

fn encryption(stream: &Stream, there: &Existing, is_whole: bool, differences: &mut Differences) {
    let described = there.description.get("DeliveryStreamEncryptionConfiguration").unwrap_or(&Value::Null);
    let is_on = described.get("Status").and_then(Value::as_str).is_some_and(|status| status.starts_with("ENABL"));
    let name = json!({ "DeliveryStreamName": stream.name });
    match stream.request.get("DeliveryStreamEncryptionConfigurationInput") {
        Some(wanted) => {
            let mut paths = Vec::new();
            compare(wanted, Some(described), "", &mut paths);
            if !is_on || !paths.is_empty() {
                let mut request = name;
                request["DeliveryStreamEncryptionConfigurationInput"] = wanted.clone();
                differences.other.push("encryption");
                differences.requests.push(("StartDeliveryStreamEncryption", request));
            }
        }
        None if is_whole && is_on => {
            differences.other.push("encryption");
            differences.requests.push(("StopDeliveryStreamEncryption", name));
        }
        None => {}
    }
}

fn tags(stream: &Stream, there: &Existing, is_whole: bool, differences: &mut Differences) {
    if stream.request.get("Tags").is_none() && !is_whole {
        return;
    }
    let wanted = tags_of(stream.request.get("Tags"));
    let missing = wanted.iter().filter(|(key, value)| there.tags.get(*key) != Some(value));
    let missing: Vec<Value> = missing.map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let surplus: Vec<&String> = there.tags.keys().filter(|key| !wanted.contains_key(*key)).collect();
    if !surplus.is_empty() {
        let request = json!({ "DeliveryStreamName": stream.name, "TagKeys": surplus });
        differences.requests.push(("UntagDeliveryStream", request));
    }
    if !missing.is_empty() {
        let request = json!({ "DeliveryStreamName": stream.name, "Tags": missing });
        differences.requests.push(("TagDeliveryStream", request));
    }
    if !(surplus.is_empty() && missing.is_empty()) {
        differences.other.push("Tags");
    }
}

fn tags_of(tags: Option<&Value>) -> BTreeMap<String, String> {
    let text = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let tags = tags.and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

/// Members that are never described.
const SECRETS: [&str; 4] = ["AccessKey", "Password", "PrivateKey", "KeyPassphrase"];

/// Adds the paths at which `wanted` asks for something else than is `there`.
fn compare(wanted: &Value, there: Option<&Value>, path: &str, paths: &mut Vec<String>) {
    match (wanted, there) {
        (Value::Object(wanted), Some(Value::Object(there))) => compare_members(wanted, there, path, paths),
        (Value::Array(wanted), Some(Value::Array(there))) if wanted.len() == there.len() => {
            let (wanted, there) = (in_order(wanted), in_order(there));
            for (at, (wanted, there)) in wanted.into_iter().zip(there).enumerate() {
                compare(wanted, Some(there), &below(path, &at.to_string()), paths);
            }
        }
        (wanted, None) if says_nothing(wanted) => {}
        (Value::Number(wanted), Some(Value::Number(there))) if wanted.as_f64() == there.as_f64() => {}
        (wanted, Some(there)) if wanted == there => {}
        _ => paths.push(path.to_owned()),
    }
}

fn compare_members(wanted: &Map<String, Value>, there: &Map<String, Value>, path: &str, paths: &mut Vec<String>) {
    for (name, value) in wanted {
        if !SECRETS.contains(&name.as_str()) {
            compare(value, there.get(described_name(name)), &below(path, name), paths);
        }
    }
}

/// The parameters of a processor have no order.
fn in_order(items: &[Value]) -> Vec<&Value> {
    let mut items: Vec<&Value> = items.iter().collect();
    items.sort_by_key(|item| item.get("ParameterName").and_then(Value::as_str).map(str::to_owned));
    items
}

fn described_name(name: &str) -> &str {
    match name {
        "S3Configuration" => "S3DestinationDescription",
        "S3BackupConfiguration" => "S3BackupDescription",
        "VpcConfiguration" => "VpcConfigurationDescription",
        other => other,
    }
}

/// Whether leaving a member out means the same: empty, or a feature that is off.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => {
            members.get("Enabled") == Some(&Value::Bool(false)) || members.values().all(says_nothing)
        }
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests;
