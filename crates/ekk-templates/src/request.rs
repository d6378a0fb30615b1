//! Bodies of `CreateDeliveryStream`, as the AWS CLI takes them with `--cli-input-json`: taken as they are.

use serde_json::Value;

use crate::{Error, Stream};

/// Whether the document is a request or an array of them.
pub(crate) fn is(document: &Value) -> bool {
    match document {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_request),
        one => is_request(one),
    }
}

pub(crate) fn streams(document: &Value) -> Result<Vec<Stream>, Error> {
    match document {
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| stream(&format!("[{at:03}]"), item)).collect(),
        one => Ok(vec![stream("request", one)?]),
    }
}

fn is_request(value: &Value) -> bool {
    let known = |name: &String| name == "DeliveryStreamName" || name.ends_with("DestinationConfiguration");
    value.as_object().is_some_and(|members| members.keys().any(known))
}

fn stream(origin: &str, request: &Value) -> Result<Stream, Error> {
    let name = request.get("DeliveryStreamName").and_then(Value::as_str);
    let name = name.ok_or_else(|| Error::at(origin, "the request has no DeliveryStreamName"))?;
    Ok(Stream { name: name.to_owned(), origin: origin.to_owned(), request: request.clone() })
}
