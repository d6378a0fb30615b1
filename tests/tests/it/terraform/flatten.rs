//! What is described as the provider's attributes: the counterpart of its requests.

mod conversion;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// The destination's block.
pub(super) fn destination(description: &Value, block: &str) -> Value {
    match block {
        "opensearch_configuration" => {
            let description = &description["AmazonopensearchserviceDestinationDescription"];
            let mut block = search(description);
            let options = &description["DocumentIdOptions"];
            if !options.is_null() {
                block["document_id_options"] =
                    json!([{ "default_document_id_format": options["DefaultDocumentIdFormat"] }]);
            }
            block
        }
        "elasticsearch_configuration" => search(&description["ElasticsearchDestinationDescription"]),
        "http_endpoint_configuration" => http_endpoint(&description["HttpEndpointDestinationDescription"]),
        // A description with both is read as this one.
        _ => extended_s3(&description["ExtendedS3DestinationDescription"]),
    }
}

fn search(description: &Value) -> Value {
    let mut block = json!({
        "cloudwatch_logging_options": logging(&description["CloudWatchLoggingOptions"]),
        "role_arn": description["RoleARN"],
        "type_name": text(&description["TypeName"]),
        "index_name": description["IndexName"],
        "s3_backup_mode": description["S3BackupMode"],
        "s3_configuration": bucket(&description["S3DestinationDescription"]),
        "index_rotation_period": description["IndexRotationPeriod"],
        "vpc_config": vpc(&description["VpcConfigurationDescription"]),
        "processing_configuration": processing(description),
        "domain_arn": description["DomainARN"],
        "cluster_endpoint": description["ClusterEndpoint"],
    });
    hints(&mut block, description);
    block
}

/// The block of the source.
pub(super) fn source(description: &Value, block: &str) -> Value {
    if block == "kinesis_source_configuration" {
        let source = &description["KinesisStreamSourceDescription"];
        return json!([{ "kinesis_stream_arn": source["KinesisStreamARN"], "role_arn": source["RoleARN"] }]);
    }
    let source = &description["MSKSourceDescription"];
    let authentication = &source["AuthenticationConfiguration"];
    let from = Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(source["ReadFromTimestamp"].as_f64().unwrap());
    json!([{
        "authentication_configuration":
            [{ "connectivity": authentication["Connectivity"], "role_arn": authentication["RoleARN"] }],
        "msk_cluster_arn": source["MSKClusterARN"],
        "topic_name": source["TopicName"],
        "read_from_timestamp": from.to_string(),
    }])
}

fn extended_s3(description: &Value) -> Value {
    let mut block = json!({
        "bucket_arn": description["BucketARN"],
        "cloudwatch_logging_options": logging(&description["CloudWatchLoggingOptions"]),
        "compression_format": description["CompressionFormat"],
        "custom_time_zone": text(&description["CustomTimeZone"]),
        "data_format_conversion_configuration": conversion::flatten(&description["DataFormatConversionConfiguration"]),
        "dynamic_partitioning_configuration": partitioning(&description["DynamicPartitioningConfiguration"]),
        "error_output_prefix": text(&description["ErrorOutputPrefix"]),
        "file_extension": text(&description["FileExtension"]),
        "kms_key_arn": key(description),
        "prefix": text(&description["Prefix"]),
        "processing_configuration": processing(description),
        "role_arn": description["RoleARN"],
        "s3_backup_configuration": bucket(&description["S3BackupDescription"]),
        "s3_backup_mode": description["S3BackupMode"],
    });
    hints(&mut block, description);
    block
}

fn http_endpoint(description: &Value) -> Value {
    let endpoint = &description["EndpointConfiguration"];
    assert_eq!(endpoint.get("AccessKey"), None, "a secret is described");
    let mut block = json!({
        // The provider keeps the key that is configured, for it is not described.
        "access_key": "a-secret-key",
        "cloudwatch_logging_options": logging(&description["CloudWatchLoggingOptions"]),
        "name": endpoint["Name"],
        "processing_configuration": processing(description),
        "request_configuration": request(&description["RequestConfiguration"]),
        "role_arn": description["RoleARN"],
        "s3_backup_mode": description["S3BackupMode"],
        "s3_configuration": bucket(&description["S3DestinationDescription"]),
        "secrets_manager_configuration": secrets(&description["SecretsManagerConfiguration"]),
        "url": endpoint["Url"],
    });
    hints(&mut block, description);
    block
}

fn bucket(description: &Value) -> Value {
    if description.is_null() {
        return json!([]);
    }
    let mut block = json!({
        "bucket_arn": description["BucketARN"],
        "cloudwatch_logging_options": logging(&description["CloudWatchLoggingOptions"]),
        "compression_format": description["CompressionFormat"],
        "error_output_prefix": text(&description["ErrorOutputPrefix"]),
        "prefix": text(&description["Prefix"]),
        "role_arn": description["RoleARN"],
        "kms_key_arn": key(description),
    });
    hints(&mut block, description);
    json!([block])
}

fn hints(block: &mut Value, description: &Value) {
    let members: [(&str, &str); 3] = [
        ("buffering_interval", "/BufferingHints/IntervalInSeconds"),
        ("buffering_size", "/BufferingHints/SizeInMBs"),
        ("retry_duration", "/RetryOptions/DurationInSeconds"),
    ];
    for (name, pointer) in members {
        if let Some(value) = description.pointer(pointer) {
            block[name] = value.clone();
        }
    }
}

fn logging(options: &Value) -> Value {
    if options.is_null() {
        return json!([]);
    }
    let mut block = json!({ "enabled": options["Enabled"] == true });
    if options["Enabled"] == true {
        block["log_group_name"] = options["LogGroupName"].clone();
        block["log_stream_name"] = options["LogStreamName"].clone();
    }
    json!([block])
}

/// The processors without the parameters that the provider added. A block that is disabled and empty is none where none is
/// written.
fn processing(description: &Value) -> Value {
    let configuration = &description["ProcessingConfiguration"];
    let processors: Vec<Value> = array(&configuration["Processors"])
        .iter()
        .map(|processor| {
            let parameters: Vec<Value> = array(&processor["Parameters"])
                .iter()
                .filter(|parameter| !is_default(parameter, &description["RoleARN"]))
                .map(|one| json!({ "parameter_name": one["ParameterName"], "parameter_value": one["ParameterValue"] }))
                .collect();
            json!({ "type": processor["Type"], "parameters": parameters })
        })
        .collect();
    assert!(configuration.is_object(), "the provider sends a configuration always, and it is described");
    json!([{ "enabled": configuration["Enabled"] == true, "processors": processors }])
}

fn is_default(parameter: &Value, role: &Value) -> bool {
    let value = &parameter["ParameterValue"];
    match parameter["ParameterName"].as_str().unwrap() {
        "NumberOfRetries" => value == "3",
        "BufferIntervalInSeconds" => value == "60",
        "BufferSizeInMBs" => value == "1",
        "RoleArn" => value == role,
        _ => false,
    }
}

fn vpc(description: &Value) -> Value {
    if description.is_null() {
        return json!([]);
    }
    assert!(description["VpcId"].is_string(), "{description}");
    json!([{
        "role_arn": description["RoleARN"],
        "subnet_ids": description["SubnetIds"],
        "security_group_ids": description["SecurityGroupIds"],
    }])
}

fn request(configuration: &Value) -> Value {
    if configuration.is_null() {
        return json!([]);
    }
    let attributes: Vec<Value> = array(&configuration["CommonAttributes"])
        .iter()
        .map(|one| json!({ "name": one["AttributeName"], "value": one["AttributeValue"] }))
        .collect();
    json!([{ "content_encoding": configuration["ContentEncoding"], "common_attributes": attributes }])
}

fn partitioning(configuration: &Value) -> Value {
    if configuration.is_null() {
        return json!([]);
    }
    let mut block = Map::from_iter([("enabled".to_owned(), json!(configuration["Enabled"] == true))]);
    if let Some(duration) = configuration.pointer("/RetryOptions/DurationInSeconds") {
        block.insert("retry_duration".to_owned(), duration.clone());
    }
    json!([block])
}

fn secrets(configuration: &Value) -> Value {
    if configuration.is_null() {
        return json!([]);
    }
    json!([{
        "enabled": configuration["Enabled"] == true,
        "secret_arn": configuration["SecretARN"],
        "role_arn": configuration["RoleARN"],
    }])
}

fn key(description: &Value) -> Value {
    description.pointer("/EncryptionConfiguration/KMSEncryptionConfig/AWSKMSKeyARN").cloned().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The provider reads a text that is missing as an empty one.
fn text(value: &Value) -> Value {
    if value.is_null() { json!("") } else { value.clone() }
}
