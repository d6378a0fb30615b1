//! The `aws_kinesis_firehose_delivery_stream` resources of a plan or a state, as `terraform show -json` prints them.
//!
//! Their attributes become the request that Terraform's AWS provider sends, with what it sends for attributes that nobody
//! wrote. What a plan does not know yet, such as the ARN of a bucket that it creates, is worked out by `reference`.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format>

mod block;
mod destination;
mod part;
mod reference;
mod scope;
mod search;

use serde_json::{Value, json};

use crate::{
    Error, Options, Stream,
    terraform::{
        block::Block,
        destination::DESTINATIONS,
        part::Members,
        scope::{Document, Resource},
    },
};

const DELIVERY_STREAM: &str = "aws_kinesis_firehose_delivery_stream";

pub(crate) fn is(document: &Value) -> bool {
    let has = |name: &str| document.get(name).is_some();
    has("format_version") && (has("planned_values") || has("values"))
}

pub(crate) fn streams(document: &Value, options: &Options) -> Result<Vec<Stream>, Error> {
    let document = Document::new(document, options);
    let streams = document.resources().filter(|resource| resource.is_managed(DELIVERY_STREAM));
    streams.map(|resource| stream(&document, resource)).collect()
}

fn stream(document: &Document<'_>, resource: &Resource<'_>) -> Result<Stream, Error> {
    let block = document.block(resource);
    let name = block.required_text("name")?;
    let mut request = Members::default();
    request.put("DeliveryStreamName", Some(name.clone().into()));
    source(&block, &mut request)?;
    destination(&block, &mut request)?;
    request.put("DeliveryStreamEncryptionConfigurationInput", encryption(&block)?);
    request.put("Tags", tags(&block)?);
    Ok(Stream { name, origin: resource.address.to_owned(), request: request.into() })
}

fn source(block: &Block<'_>, request: &mut Members) -> Result<(), Error> {
    let (kind, name, configuration) = if let Some(kinesis) = block.block("kinesis_source_configuration")? {
        let configuration = json!({
            "KinesisStreamARN": kinesis.required_text("kinesis_stream_arn")?,
            "RoleARN": kinesis.required_text("role_arn")?,
        });
        ("KinesisStreamAsSource", "KinesisStreamSourceConfiguration", Some(configuration))
    } else if let Some(kafka) = block.block("msk_source_configuration")? {
        ("MSKAsSource", "MSKSourceConfiguration", Some(part::kafka_source(&kafka)?))
    } else {
        ("DirectPut", "", None)
    };
    request.put("DeliveryStreamType", Some(kind.into()));
    request.put(name, configuration);
    Ok(())
}

fn destination(block: &Block<'_>, request: &mut Members) -> Result<(), Error> {
    let name = block.required_text("destination")?.to_lowercase();
    let known = DESTINATIONS.iter().find(|known| known.name == name);
    let known = known.ok_or_else(|| block.error("destination", format!("{name} is no destination of the provider")))?;
    let missing = || block.error(known.block, format!("when destination is '{name}', {} is required", known.block));
    let configuration = block.block(known.block)?.ok_or_else(missing)?;
    request.put(known.member, Some((known.expand)(&configuration)?));
    Ok(())
}

/// The provider starts the encryption after the stream is there; the request says it at once, which ends the same.
fn encryption(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(block) = block.block("server_side_encryption")?.filter(|block| block.flag("enabled")) else {
        return Ok(None);
    };
    let mut input = Members::default();
    input.put("KeyARN", block.written_text("key_arn")?.map(Value::from));
    input.put("KeyType", block.written_text("key_type")?.map(Value::from));
    Ok(Some(input.into()))
}

/// `tags_all` has the provider's default tags too.
fn tags(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let all = match block.attribute("tags_all")? {
        Some(all @ Value::Object(_)) => Some(all),
        _ => block.attribute("tags")?,
    };
    let Some(Value::Object(tags)) = all.filter(|tags| tags.as_object().is_some_and(|tags| !tags.is_empty())) else {
        return Ok(None);
    };
    let tags = tags.into_iter().filter(|(_, value)| value.is_string());
    Ok(Some(tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect()))
}

#[cfg(test)]
mod tests;
