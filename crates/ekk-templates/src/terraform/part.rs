//! The parts that several destinations share, as the provider sends them: buckets, processors, logging, hints and so on.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{Error, terraform::block::Block};

/// Members of a request; what there is not is left out.
#[derive(Default)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn put(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value);
        }
    }

    pub(super) fn with(mut self, name: &str, value: Option<Value>) -> Self {
        self.put(name, value);
        self
    }
}

impl From<Members> for Value {
    fn from(members: Members) -> Self {
        Self::Object(members.0)
    }
}

/// What all destinations but Extended S3 have in common.
pub(super) fn common(block: &Block<'_>) -> Result<Members, Error> {
    let s3 = block.block("s3_configuration")?.ok_or_else(|| block.error("s3_configuration", "it is not there"))?;
    let members = Members::default()
        .with("CloudWatchLoggingOptions", logging(block)?)
        .with("RetryOptions", Some(retry(block)))
        .with("S3BackupMode", block.text("s3_backup_mode")?.map(Value::from))
        .with("S3Configuration", Some(bucket(&s3)?.into()));
    Ok(members)
}

/// The members of an `S3DestinationConfiguration`, which those of Extended S3 begin with.
pub(super) fn bucket(block: &Block<'_>) -> Result<Members, Error> {
    let members = Members::default()
        .with("BucketARN", Some(block.required_text("bucket_arn")?.into()))
        .with("RoleARN", Some(block.required_text("role_arn")?.into()))
        .with("BufferingHints", Some(hints(block)))
        .with("Prefix", Some(block.sent_text("prefix")?.into()))
        .with("ErrorOutputPrefix", block.written_text("error_output_prefix")?.map(Value::from))
        .with("CompressionFormat", block.text("compression_format")?.map(Value::from))
        .with("EncryptionConfiguration", Some(bucket_encryption(block)?))
        .with("CloudWatchLoggingOptions", logging(block)?);
    Ok(members)
}

pub(super) fn backup(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let backup = block.block("s3_backup_configuration")?;
    backup.map(|block| bucket(&block).map(Value::from)).transpose()
}

pub(super) fn hints(block: &Block<'_>) -> Value {
    let members = Members::default()
        .with("IntervalInSeconds", block.number("buffering_interval"))
        .with("SizeInMBs", block.number("buffering_size"));
    members.into()
}

pub(super) fn retry(block: &Block<'_>) -> Value {
    Members::default().with("DurationInSeconds", block.number("retry_duration")).into()
}

pub(super) fn logging(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(block) = block.block("cloudwatch_logging_options")? else { return Ok(None) };
    Ok(Some(json!({
        "Enabled": block.flag("enabled"),
        "LogGroupName": block.sent_text("log_group_name")?,
        "LogStreamName": block.sent_text("log_stream_name")?,
    })))
}

/// The processors, each with the defaults that the provider adds; without a block, that they are disabled.
pub(super) fn processing(block: &Block<'_>, destination: &str) -> Result<Option<Value>, Error> {
    let role = if destination == "splunk" { None } else { block.written_text("role_arn")? };
    let Some(processing) = block.block("processing_configuration")? else {
        return Ok(Some(json!({ "Enabled": false, "Processors": [] })));
    };
    let mut processors = Vec::new();
    for processor in processing.blocks("processors")? {
        let kind = processor.required_text("type")?;
        let mut parameters = parameters(&processor)?;
        if kind == "Lambda" {
            add_defaults(&mut parameters, destination, role.as_deref());
        }
        processors.push(json!({ "Type": kind, "Parameters": parameters }));
    }
    Ok(Some(json!({ "Enabled": processing.flag("enabled"), "Processors": processors })))
}

fn parameters(processor: &Block<'_>) -> Result<Vec<Value>, Error> {
    let parameter = |block: Block<'_>| {
        let name = block.required_text("parameter_name")?;
        Ok(json!({ "ParameterName": name, "ParameterValue": block.required_text("parameter_value")? }))
    };
    processor.blocks("parameters")?.into_iter().map(parameter).collect()
}

fn add_defaults(parameters: &mut Vec<Value>, destination: &str, role: Option<&str>) {
    let size = if destination == "splunk" { "0.25" } else { "1" };
    let defaults = [
        ("NumberOfRetries", Some("3")),
        ("RoleArn", role),
        ("BufferSizeInMBs", Some(size)),
        ("BufferIntervalInSeconds", Some("60")),
    ];
    for (name, value) in defaults {
        if let Some(value) = value
            && !parameters.iter().any(|parameter| parameter.get("ParameterName").is_some_and(|there| there == name))
        {
            parameters.push(json!({ "ParameterName": name, "ParameterValue": value }));
        }
    }
}

pub(super) fn vpc(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(vpc) = block.block("vpc_config")? else { return Ok(None) };
    Ok(Some(json!({
        "RoleARN": vpc.required_text("role_arn")?,
        "SubnetIds": vpc.texts("subnet_ids")?,
        "SecurityGroupIds": vpc.texts("security_group_ids")?,
    })))
}

pub(super) fn secrets(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(block) = block.block("secrets_manager_configuration")? else { return Ok(None) };
    let members = Members::default()
        .with("Enabled", Some(block.flag("enabled").into()))
        .with("SecretARN", block.written_text("secret_arn")?.map(Value::from))
        .with("RoleARN", block.written_text("role_arn")?.map(Value::from));
    Ok(Some(members.into()))
}

pub(super) fn kafka_source(block: &Block<'_>) -> Result<Value, Error> {
    let mut members = Members::default()
        .with("MSKClusterARN", block.written_text("msk_cluster_arn")?.map(Value::from))
        .with("TopicName", block.written_text("topic_name")?.map(Value::from));
    if let Some(authentication) = block.block("authentication_configuration")? {
        let authentication = Members::default()
            .with("Connectivity", authentication.written_text("connectivity")?.map(Value::from))
            .with("RoleARN", authentication.written_text("role_arn")?.map(Value::from));
        members.put("AuthenticationConfiguration", Some(authentication.into()));
    }
    if let Some(from) = block.written_text("read_from_timestamp")? {
        let time = from.parse::<Timestamp>();
        let time = time.map_err(|error| block.error("read_from_timestamp", error.to_string()))?;
        members.put("ReadFromTimestamp", Some(time.as_second().into()));
    }
    Ok(members.into())
}

fn bucket_encryption(block: &Block<'_>) -> Result<Value, Error> {
    Ok(match block.written_text("kms_key_arn")? {
        Some(key) => json!({ "KMSEncryptionConfig": { "AWSKMSKeyARN": key } }),
        None => json!({ "NoEncryptionConfig": "NoEncryption" }),
    })
}
