//! Destinations from requests to descriptions, without HTTP around them.

mod checks;
mod described;
mod processors;
pub(crate) mod samples;
mod updates;

use serde_json::{Value, json};

use super::{Destination, Kind};
use crate::{
    error::ApiError,
    model,
    wire::{CreateDeliveryStreamInput, UpdateDestinationInput},
};

/// The destination of a `CreateDeliveryStream` request that has this configuration.
fn configured(kind: Kind, configuration: &Value) -> Result<Destination, ApiError> {
    let request = json!({"DeliveryStreamName": "logs", kind.member("Configuration"): configuration});
    let checked = model::check::<CreateDeliveryStreamInput>(request.to_string().as_bytes())?;
    Destination::configured(&checked.0, "us-east-1")
}

/// The destination after an `UpdateDestination` request that has this update.
fn updated(destination: &Destination, kind: Kind, update: &Value) -> Result<Destination, ApiError> {
    let request = json!({
        "DeliveryStreamName": "logs",
        "CurrentDeliveryStreamVersionId": "1",
        "DestinationId": "destinationId-000000000001",
        kind.member("Update"): update,
    });
    let checked = model::check::<UpdateDestinationInput>(request.to_string().as_bytes())?;
    destination.updated(&checked.0, "us-east-1")
}

/// What is described of a destination as one of its kind.
fn described(destination: &Destination) -> Value {
    let described = serde_json::to_value(destination.described("destinationId-000000000001").unwrap()).unwrap();
    described[destination.kind.member("Description")].clone()
}

/// The text with which a request is refused as `InvalidArgumentException`.
#[track_caller]
fn refusal(result: Result<Destination, ApiError>) -> String {
    match result {
        Err(ApiError::InvalidArgument(text)) => text.into_owned(),
        other => panic!("not refused for its meaning: {other:?}"),
    }
}

/// `value` with the members of `patch` in place of its own, all the way down; null takes a member away.
pub(crate) fn patched(mut value: Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    if !value.is_object() {
        value = json!({});
    }
    let members = value.as_object_mut().unwrap();
    for (name, change) in changes {
        let before = members.remove(name).unwrap_or_default();
        if !change.is_null() {
            members.insert(name.clone(), patched(before, change));
        }
    }
    value
}
