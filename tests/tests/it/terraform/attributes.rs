//! Streams as people write them for Terraform, with the provider's defaults for what they leave out.

use serde_json::{Value, json};

/// A kind of destination.
pub(super) struct Kind {
    /// The attribute `destination`.
    destination: &'static str,
    pub(super) block: &'static str,
    pub(super) configuration: &'static str,
    pub(super) update: &'static str,
    /// Whether `s3_backup_mode` makes the provider replace the stream.
    pub(super) backup_is_fixed: bool,
    /// What must be written, and what the provider adds.
    least: Value,
    /// What is written beside that.
    pub(super) written: Value,
    /// What is written after a change.
    pub(super) changed: Value,
    /// Other ways to write it; together they have every attribute.
    pub(super) others: Vec<Value>,
}

const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";

/// The attributes of a resource, with `written` laid over the least of its kind.
pub(super) fn of(kind: &Kind, written: &Value) -> Value {
    let mut block = kind.least.clone();
    block.as_object_mut().unwrap().extend(written.as_object().cloned().unwrap());
    json!({
        "name": "terraform-logs", "destination": kind.destination, kind.block: [block],
        "tags": { "env": "dev" }, "tags_all": { "env": "dev" }, "server_side_encryption": [],
    })
}

pub(super) fn opensearch() -> Kind {
    let mut written = search();
    written["document_id_options"] = json!([{ "default_document_id_format": "NO_DOCUMENT_ID" }]);
    Kind {
        destination: "opensearch",
        block: "opensearch_configuration",
        configuration: "AmazonopensearchserviceDestinationConfiguration",
        update: "AmazonopensearchserviceDestinationUpdate",
        backup_is_fixed: true,
        least: least_search(),
        changed: changed_search(&written),
        written,
        others: other_search(),
    }
}

pub(super) fn elasticsearch() -> Kind {
    let written = search();
    Kind {
        destination: "elasticsearch",
        block: "elasticsearch_configuration",
        configuration: "ElasticsearchDestinationConfiguration",
        update: "ElasticsearchDestinationUpdate",
        backup_is_fixed: true,
        least: least_search(),
        changed: changed_search(&written),
        written,
        others: other_search(),
    }
}

pub(super) fn extended_s3() -> Kind {
    let least = json!({
        "bucket_arn": "arn:aws:s3:::logs", "role_arn": ROLE, "buffering_interval": 300, "buffering_size": 5,
        "compression_format": "UNCOMPRESSED", "custom_time_zone": "UTC", "data_format_conversion_configuration": [],
        "dynamic_partitioning_configuration": [], "error_output_prefix": null, "file_extension": null,
        "kms_key_arn": null, "prefix": null, "processing_configuration": null, "s3_backup_configuration": [],
        "s3_backup_mode": "Disabled",
    });
    let written = json!({
        "buffering_interval": 60, "buffering_size": 64, "compression_format": "GZIP", "custom_time_zone": "Europe/Berlin",
        "file_extension": ".json.gz", "kms_key_arn": KEY, "prefix": "year=!{timestamp:yyyy}/",
        "error_output_prefix": "errors/!{firehose:error-output-type}/", "cloudwatch_logging_options": logging(),
        "processing_configuration": lambda(), "s3_backup_mode": "Enabled", "s3_backup_configuration": [bucket("raw/")],
    });
    let mut changed = written.clone();
    changed["buffering_interval"] = json!(90);
    changed["prefix"] = json!("plain/");
    changed["error_output_prefix"] = json!(null);
    changed["file_extension"] = json!(null);
    changed["kms_key_arn"] = json!(null);
    changed["s3_backup_configuration"] = json!([bucket("backup/")]);
    Kind {
        destination: "extended_s3",
        block: "extended_s3_configuration",
        configuration: "ExtendedS3DestinationConfiguration",
        update: "ExtendedS3DestinationUpdate",
        backup_is_fixed: false,
        least,
        written,
        changed,
        others: other_s3(),
    }
}

pub(super) fn http_endpoint() -> Kind {
    let least = json!({
        "url": "https://localhost:8443/collect", "name": "collector", "access_key": "a-secret-key", "role_arn": ROLE,
        "buffering_interval": 300, "buffering_size": 5, "retry_duration": 300, "s3_backup_mode": "FailedDataOnly",
        "s3_configuration": [bucket("")], "processing_configuration": null, "request_configuration": [],
        "secrets_manager_configuration": [],
    });
    let written = json!({
        "buffering_interval": 60, "buffering_size": 1, "retry_duration": 0, "s3_backup_mode": "FailedDataOnly",
        "cloudwatch_logging_options": logging(), "processing_configuration": lambda(),
        "request_configuration": [{
            "content_encoding": "GZIP",
            "common_attributes": [{ "name": "team", "value": "logs" }, { "name": "empty", "value": "" }],
        }],
    });
    let mut changed = written.clone();
    changed["url"] = json!("https://localhost:8443/other");
    changed["s3_backup_mode"] = json!("AllData");
    changed["request_configuration"] = json!([{ "content_encoding": "NONE", "common_attributes": [] }]);
    Kind {
        destination: "http_endpoint",
        block: "http_endpoint_configuration",
        configuration: "HttpEndpointDestinationConfiguration",
        update: "HttpEndpointDestinationUpdate",
        backup_is_fixed: false,
        least,
        written,
        changed,
        others: vec![json!({
            "s3_configuration": [whole_bucket()],
            "secrets_manager_configuration": [{
                "enabled": true, "role_arn": ROLE,
                "secret_arn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:collector-a1b2c3",
            }],
        })],
    }
}

fn least_search() -> Value {
    json!({
        "domain_arn": "arn:aws:es:us-east-1:000000000000:domain/logs", "index_name": "app", "role_arn": ROLE,
        "type_name": null, "buffering_interval": 300, "buffering_size": 5, "retry_duration": 300,
        "index_rotation_period": "OneDay", "s3_backup_mode": "FailedDocumentsOnly", "s3_configuration": [bucket("")],
        "processing_configuration": null, "vpc_config": [],
    })
}

fn search() -> Value {
    json!({
        "buffering_interval": 0, "buffering_size": 100, "retry_duration": 7200, "index_rotation_period": "NoRotation",
        "s3_backup_mode": "AllDocuments", "cloudwatch_logging_options": logging(), "processing_configuration": lambda(),
        "s3_configuration": [bucket("backup/")],
        "vpc_config": [{ "role_arn": ROLE, "subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"] }],
    })
}

fn changed_search(written: &Value) -> Value {
    let mut changed = written.clone();
    changed["buffering_interval"] = json!(600);
    changed["index_name"] = json!("other");
    changed["index_rotation_period"] = json!("OneMonth");
    changed["processing_configuration"] = json!([{ "enabled": false, "processors": [] }]);
    changed["s3_configuration"] = json!([bucket("other/")]);
    changed
}

/// An address in the place of a domain, and the empty type that newer clusters need.
fn other_search() -> Vec<Value> {
    vec![json!({
        "domain_arn": null, "cluster_endpoint": "https://search-logs.us-east-1.es.amazonaws.com", "type_name": "",
        "s3_configuration": [whole_bucket()],
    })]
}

/// Partitions, and each format with every attribute.
fn other_s3() -> Vec<Value> {
    let partitioned = json!({
        "buffering_interval": 60, "buffering_size": 64, "prefix": "team=!{partitionKeyFromQuery:team}/",
        "error_output_prefix": "errors/!{firehose:error-output-type}/", "s3_backup_mode": "Enabled",
        "s3_backup_configuration": [whole_bucket()],
        "dynamic_partitioning_configuration": [{ "enabled": true, "retry_duration": 60 }],
        "processing_configuration": [{ "enabled": true, "processors": [{ "type": "MetadataExtraction", "parameters": [
            { "parameter_name": "MetadataExtractionQuery", "parameter_value": "{team: .team}" },
            { "parameter_name": "JsonParsingEngine", "parameter_value": "JQ-1.6" },
        ] }] }],
    });
    let hive =
        json!({ "hive_json_ser_de": [{ "timestamp_formats": ["millis", "yyyy-MM-dd"] }], "open_x_json_ser_de": [] });
    let open_x = json!({ "hive_json_ser_de": [], "open_x_json_ser_de": [{
        "case_insensitive": false, "column_to_json_key_mappings": { "ts": "timestamp" },
        "convert_dots_in_json_keys_to_underscores": true,
    }] });
    let orc = json!({ "parquet_ser_de": [], "orc_ser_de": [{
        "block_size_bytes": 67_108_864, "bloom_filter_columns": ["a"], "bloom_filter_false_positive_probability": 0.25,
        "compression": "ZLIB", "dictionary_key_threshold": 0.75, "enable_padding": true, "format_version": "V0_11",
        "padding_tolerance": 0.5, "row_index_stride": 1000, "stripe_size_bytes": 8_388_608,
    }] });
    let parquet = json!({ "orc_ser_de": [], "parquet_ser_de": [{
        "block_size_bytes": 134_217_728, "compression": "GZIP", "enable_dictionary_compression": true,
        "max_padding_bytes": 1, "page_size_bytes": 131_072, "writer_version": "V2",
    }] });
    let converted = |deserializer: Value, serializer: Value| {
        json!({ "buffering_size": 128, "data_format_conversion_configuration": [{
            "enabled": true,
            "input_format_configuration": [{ "deserializer": [deserializer] }],
            "output_format_configuration": [{ "serializer": [serializer] }],
            "schema_configuration": [{
                "catalog_id": "000000000000", "database_name": "logs", "region": "us-east-1", "role_arn": ROLE,
                "table_name": "logs", "version_id": "7",
            }],
        }] })
    };
    vec![partitioned, converted(hive, parquet), converted(open_x, orc)]
}

/// A bucket with every attribute.
fn whole_bucket() -> Value {
    let mut bucket = bucket("year=!{timestamp:yyyy}/");
    bucket["error_output_prefix"] = json!("errors/!{firehose:error-output-type}/");
    bucket["kms_key_arn"] = json!(KEY);
    bucket
}

fn bucket(prefix: &str) -> Value {
    json!({
        "bucket_arn": "arn:aws:s3:::logs", "role_arn": ROLE, "buffering_interval": 300, "buffering_size": 5,
        "compression_format": "GZIP", "prefix": prefix, "error_output_prefix": null, "kms_key_arn": null,
        "cloudwatch_logging_options": logging(),
    })
}

fn logging() -> Value {
    json!([{ "enabled": true, "log_group_name": "/aws/kinesisfirehose/logs", "log_stream_name": "delivery" }])
}

/// A transform as it is mostly written: the function alone, the rest is the provider's.
fn lambda() -> Value {
    let function = "arn:aws:lambda:us-east-1:000000000000:function:transform:$LATEST";
    json!([{ "enabled": true, "processors": [{
        "type": "Lambda",
        "parameters": [{ "parameter_name": "LambdaArn", "parameter_value": function }],
    }] }])
}
