//! The `AWS::KinesisFirehose::DeliveryStream` resources of a `CloudFormation` template, also of one that the CDK made.
//!
//! Their properties have the names of the API's members, with the exceptions in `properties`. Intrinsic functions are
//! resolved by `intrinsic`, conditions by `condition`, and other resources of the template by `resource`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesisfirehose-deliverystream.html>

mod condition;
mod intrinsic;
mod parameters;
mod properties;
mod resource;

use serde_json::Value;

use crate::{
    Error, Options, Stream,
    cloudformation::intrinsic::{Resolver, Site},
    physical::Kind,
};

const DELIVERY_STREAM: &str = "AWS::KinesisFirehose::DeliveryStream";

pub(crate) fn is(document: &Value) -> bool {
    document.get("Resources").is_some_and(Value::is_object)
}

pub(crate) fn streams(template: &Value, options: &Options) -> Result<Vec<Stream>, Error> {
    let resolver = Resolver::new(template, options)?;
    let mut streams = Vec::new();
    for (logical, resource) in template.get("Resources").and_then(Value::as_object).into_iter().flatten() {
        let origin = format!("Resources.{logical}");
        if logical.starts_with("Fn::") {
            return Err(Error::at(
                origin,
                format!("{} is not expanded here; apply the processed template", family(logical)),
            ));
        }
        if resource.get("Type").and_then(Value::as_str) != Some(DELIVERY_STREAM) {
            continue;
        }
        if let Some(stream) = stream(&resolver, logical, resource, origin)? {
            streams.push(stream);
        }
    }
    Ok(streams)
}

/// `Fn::ForEach` of `Fn::ForEach::Streams`.
fn family(logical: &str) -> String {
    logical.split("::").take(2).collect::<Vec<_>>().join("::")
}

/// `None` for a resource whose condition does not hold.
fn stream(resolver: &Resolver<'_>, logical: &str, resource: &Value, origin: String) -> Result<Option<Stream>, Error> {
    if let Some(condition) = resource.get("Condition") {
        let name = condition.as_str().ok_or_else(|| Error::at(&origin, "Condition is no name of a condition"))?;
        if !resolver.holds(name, &Site::at(&format!("{origin}.Condition")))? {
            return Ok(None);
        }
    }
    let site = Site::at(&format!("{origin}.Properties"));
    let empty = Value::Object(serde_json::Map::new());
    let resolved = resolver.resolve(resource.get("Properties").unwrap_or(&empty), &site)?;
    let mut request = properties::request(resolved.unwrap_or(empty), &origin)?;
    let members = request.as_object_mut().ok_or_else(|| Error::at(&origin, "Properties is no object"))?;
    let name = members
        .entry("DeliveryStreamName")
        .or_insert_with(|| resolver.place.invented(Kind::DeliveryStream, logical).into());
    let name = name.as_str().ok_or_else(|| Error::at(&origin, "DeliveryStreamName is no text"))?.to_owned();
    Ok(Some(Stream { name, origin, request }))
}

#[cfg(test)]
mod tests;
