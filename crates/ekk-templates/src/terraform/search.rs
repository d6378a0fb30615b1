//! Destinations that are searched: `OpenSearch` Service, Elasticsearch and `OpenSearch` Serverless.

use serde_json::{Value, json};

use crate::{
    Error,
    terraform::{block::Block, part},
};

pub(super) fn elasticsearch(block: &Block<'_>) -> Result<Value, Error> {
    Ok(domain(block, "elasticsearch")?.into())
}

pub(super) fn opensearch(block: &Block<'_>) -> Result<Value, Error> {
    let mut members = domain(block, "opensearch")?;
    if let Some(options) = block.block("document_id_options")? {
        let format = options.written_text("default_document_id_format")?;
        members.put("DocumentIdOptions", format.map(|format| json!({ "DefaultDocumentIdFormat": format })));
    }
    Ok(members.into())
}

pub(super) fn serverless(block: &Block<'_>) -> Result<Value, Error> {
    let members = index(block, "opensearchserverless")?
        .with("CollectionEndpoint", block.written_text("collection_endpoint")?.map(Value::from));
    Ok(members.into())
}

fn domain(block: &Block<'_>, destination: &str) -> Result<part::Members, Error> {
    let members = index(block, destination)?
        .with("TypeName", Some(block.sent_text("type_name")?.into()))
        .with("DomainARN", block.written_text("domain_arn")?.map(Value::from))
        .with("ClusterEndpoint", block.written_text("cluster_endpoint")?.map(|host| url(&host)))
        .with("IndexRotationPeriod", block.text("index_rotation_period")?.map(Value::from));
    Ok(members)
}

/// A domain's attribute `endpoint` is a host, which the configuration makes an `https` URL.
fn url(endpoint: &str) -> Value {
    if endpoint.contains("://") { endpoint.into() } else { format!("https://{endpoint}").into() }
}

fn index(block: &Block<'_>, destination: &str) -> Result<part::Members, Error> {
    let members = part::common(block)?
        .with("RoleARN", Some(block.required_text("role_arn")?.into()))
        .with("IndexName", Some(block.required_text("index_name")?.into()))
        .with("BufferingHints", Some(part::hints(block)))
        .with("ProcessingConfiguration", part::processing(block, destination)?)
        .with("VpcConfiguration", part::vpc(block)?);
    Ok(members)
}
