//! The destinations of the provider, each with the block that configures it and the member of the request that it becomes.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kinesis_firehose_delivery_stream>

mod conversion;

use serde_json::{Value, json};

use crate::{
    Error,
    terraform::{
        block::Block,
        part::{self, Members},
        search,
    },
};

/// One destination.
pub(super) struct Destination {
    /// What the attribute `destination` says.
    pub(super) name: &'static str,
    pub(super) block: &'static str,
    /// The member of `CreateDeliveryStream`.
    pub(super) member: &'static str,
    pub(super) expand: fn(&Block<'_>) -> Result<Value, Error>,
}

pub(super) const DESTINATIONS: [Destination; 9] = [
    Destination {
        name: "elasticsearch",
        block: "elasticsearch_configuration",
        member: "ElasticsearchDestinationConfiguration",
        expand: search::elasticsearch,
    },
    Destination {
        name: "extended_s3",
        block: "extended_s3_configuration",
        member: "ExtendedS3DestinationConfiguration",
        expand: extended_s3,
    },
    Destination {
        name: "http_endpoint",
        block: "http_endpoint_configuration",
        member: "HttpEndpointDestinationConfiguration",
        expand: http_endpoint,
    },
    Destination {
        name: "iceberg",
        block: "iceberg_configuration",
        member: "IcebergDestinationConfiguration",
        expand: iceberg,
    },
    Destination {
        name: "opensearch",
        block: "opensearch_configuration",
        member: "AmazonopensearchserviceDestinationConfiguration",
        expand: search::opensearch,
    },
    Destination {
        name: "opensearchserverless",
        block: "opensearchserverless_configuration",
        member: "AmazonOpenSearchServerlessDestinationConfiguration",
        expand: search::serverless,
    },
    Destination {
        name: "redshift",
        block: "redshift_configuration",
        member: "RedshiftDestinationConfiguration",
        expand: redshift,
    },
    Destination {
        name: "snowflake",
        block: "snowflake_configuration",
        member: "SnowflakeDestinationConfiguration",
        expand: snowflake,
    },
    Destination {
        name: "splunk",
        block: "splunk_configuration",
        member: "SplunkDestinationConfiguration",
        expand: splunk,
    },
];

fn extended_s3(block: &Block<'_>) -> Result<Value, Error> {
    let mut members = part::bucket(block)?
        .with("CustomTimeZone", Some(block.sent_text("custom_time_zone")?.into()))
        .with("FileExtension", Some(block.sent_text("file_extension")?.into()))
        .with("DataFormatConversionConfiguration", Some(conversion::expand(block)?))
        .with("ProcessingConfiguration", part::processing(block, "extended_s3")?)
        .with("S3BackupMode", block.text("s3_backup_mode")?.map(Value::from))
        .with("S3BackupConfiguration", part::backup(block)?);
    if let Some(partitioning) = block.block("dynamic_partitioning_configuration")? {
        let configuration =
            json!({ "Enabled": partitioning.flag("enabled"), "RetryOptions": part::retry(&partitioning) });
        members.put("DynamicPartitioningConfiguration", Some(configuration));
    }
    Ok(members.into())
}

fn http_endpoint(block: &Block<'_>) -> Result<Value, Error> {
    let endpoint = json!({
        "Url": block.required_text("url")?,
        "Name": block.sent_text("name")?,
        "AccessKey": block.sent_text("access_key")?,
    });
    let members = part::common(block)?
        .with("EndpointConfiguration", Some(endpoint))
        .with("BufferingHints", Some(part::hints(block)))
        .with("RoleARN", Some(block.sent_text("role_arn")?.into()))
        .with("ProcessingConfiguration", part::processing(block, "http_endpoint")?)
        .with("RequestConfiguration", request_configuration(block)?)
        .with("SecretsManagerConfiguration", part::secrets(block)?);
    Ok(members.into())
}

fn request_configuration(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(block) = block.block("request_configuration")? else { return Ok(None) };
    let attribute = |attribute: Block<'_>| {
        let name = attribute.required_text("name")?;
        Ok(json!({ "AttributeName": name, "AttributeValue": attribute.sent_text("value")? }))
    };
    let attributes: Vec<Value> =
        block.blocks("common_attributes")?.into_iter().map(attribute).collect::<Result<_, Error>>()?;
    let members = Members::default()
        .with("ContentEncoding", block.text("content_encoding")?.map(Value::from))
        .with("CommonAttributes", Some(attributes.into()));
    Ok(Some(members.into()))
}

fn iceberg(block: &Block<'_>) -> Result<Value, Error> {
    let mut tables = Vec::new();
    for table in block.blocks("destination_table_configuration")? {
        tables.push(json!({
            "DestinationDatabaseName": table.required_text("database_name")?,
            "DestinationTableName": table.required_text("table_name")?,
            "S3ErrorOutputPrefix": table.sent_text("s3_error_output_prefix")?,
            "UniqueKeys": table.texts("unique_keys")?,
        }));
    }
    let members = part::common(block)?
        .with("BufferingHints", Some(part::hints(block)))
        .with("RoleARN", Some(block.required_text("role_arn")?.into()))
        .with("CatalogConfiguration", Some(json!({ "CatalogARN": block.required_text("catalog_arn")? })))
        .with("AppendOnly", block.flag("append_only").then_some(Value::Bool(true)))
        .with("ProcessingConfiguration", part::processing(block, "iceberg")?)
        .with("DestinationTableConfigurationList", (!tables.is_empty()).then(|| tables.into()));
    Ok(members.into())
}

fn redshift(block: &Block<'_>) -> Result<Value, Error> {
    let copy = json!({
        "DataTableName": block.required_text("data_table_name")?,
        "CopyOptions": block.sent_text("copy_options")?,
        "DataTableColumns": block.sent_text("data_table_columns")?,
    });
    let members = part::common(block)?
        .with("ClusterJDBCURL", Some(block.required_text("cluster_jdbcurl")?.into()))
        .with("CopyCommand", Some(copy))
        .with("RoleARN", Some(block.required_text("role_arn")?.into()))
        .with("Username", block.written_text("username")?.map(Value::from))
        .with("Password", block.written_text("password")?.map(Value::from))
        .with("ProcessingConfiguration", part::processing(block, "redshift")?)
        .with("S3BackupConfiguration", part::backup(block)?)
        .with("SecretsManagerConfiguration", part::secrets(block)?);
    Ok(members.into())
}

fn snowflake(block: &Block<'_>) -> Result<Value, Error> {
    let role = block.block("snowflake_role_configuration")?;
    let role_name = role.as_ref().map(|role| role.written_text("snowflake_role")).transpose()?.flatten();
    let role = Members::default()
        .with("Enabled", Some(role.is_some_and(|role| role.flag("enabled")).into()))
        .with("SnowflakeRole", role_name.map(Value::from));
    let mut members = part::common(block)?
        .with("AccountUrl", Some(block.required_text("account_url")?.into()))
        .with("BufferingHints", Some(part::hints(block)))
        .with("RoleARN", Some(block.required_text("role_arn")?.into()))
        .with("ProcessingConfiguration", part::processing(block, "snowflake")?)
        .with("SecretsManagerConfiguration", part::secrets(block)?)
        .with("SnowflakeRoleConfiguration", Some(role.into()));
    if let Some(vpc) = block.block("snowflake_vpc_configuration")? {
        let endpoint = vpc.required_text("private_link_vpce_id")?;
        members.put("SnowflakeVpcConfiguration", Some(json!({ "PrivateLinkVpceId": endpoint })));
    }
    for (member, attribute) in [("Database", "database"), ("Schema", "schema"), ("Table", "table")] {
        members.put(member, Some(block.required_text(attribute)?.into()));
    }
    for (member, attribute) in [
        ("User", "user"),
        ("PrivateKey", "private_key"),
        ("KeyPassphrase", "key_passphrase"),
        ("DataLoadingOption", "data_loading_option"),
        ("ContentColumnName", "content_column_name"),
        ("MetaDataColumnName", "metadata_column_name"),
    ] {
        members.put(member, block.written_text(attribute)?.map(Value::from));
    }
    Ok(members.into())
}

fn splunk(block: &Block<'_>) -> Result<Value, Error> {
    let members = part::common(block)?
        .with("HECEndpoint", Some(block.required_text("hec_endpoint")?.into()))
        .with("HECEndpointType", block.text("hec_endpoint_type")?.map(Value::from))
        .with("HECToken", block.written_text("hec_token")?.map(Value::from))
        .with("HECAcknowledgmentTimeoutInSeconds", block.number("hec_acknowledgment_timeout"))
        .with("BufferingHints", Some(part::hints(block)))
        .with("ProcessingConfiguration", part::processing(block, "splunk")?)
        .with("SecretsManagerConfiguration", part::secrets(block)?);
    Ok(members.into())
}
