//! The attributes that the provider's schema has in each block, without those that it computes alone.
//!
//! Source: `resourceDeliveryStream` in `internal/service/firehose/delivery_stream.go` of version 6 of the provider.

use std::collections::BTreeSet;

/// Attributes of a block within `path`, which are set apart by white space.
fn within(path: &str, names: &str) -> Vec<String> {
    names.split_ascii_whitespace().map(|name| format!("{path}.{name}").trim_start_matches('.').to_owned()).collect()
}

fn logging(path: &str) -> Vec<String> {
    within(&format!("{path}.cloudwatch_logging_options"), "enabled log_group_name log_stream_name")
}

fn bucket(path: &str) -> Vec<String> {
    let names = "bucket_arn buffering_interval buffering_size compression_format error_output_prefix kms_key_arn prefix \
                 role_arn";
    [within(path, names), logging(path)].concat()
}

fn processing() -> Vec<String> {
    let names = "enabled processors.type processors.parameters.parameter_name processors.parameters.parameter_value";
    within("processing_configuration", names)
}

pub(super) fn search() -> BTreeSet<String> {
    let names = "buffering_interval buffering_size cluster_endpoint domain_arn index_name index_rotation_period \
                 retry_duration role_arn s3_backup_mode type_name";
    let vpc = within("vpc_config", "role_arn security_group_ids subnet_ids");
    [within("", names), logging(""), processing(), bucket("s3_configuration"), vpc].concat().into_iter().collect()
}

pub(super) fn opensearch() -> BTreeSet<String> {
    let mut names = search();
    names.insert("document_id_options.default_document_id_format".to_owned());
    names
}

pub(super) fn http_endpoint() -> BTreeSet<String> {
    let names = "access_key buffering_interval buffering_size name retry_duration role_arn s3_backup_mode url";
    let request = within("request_configuration", "content_encoding common_attributes.name common_attributes.value");
    let secrets = within("secrets_manager_configuration", "enabled role_arn secret_arn");
    let parts = [within("", names), logging(""), processing(), bucket("s3_configuration"), request, secrets];
    parts.concat().into_iter().collect()
}

pub(super) fn extended_s3() -> BTreeSet<String> {
    let more = within("", "custom_time_zone file_extension s3_backup_mode");
    let partitioning = within("dynamic_partitioning_configuration", "enabled retry_duration");
    let parts = [bucket(""), more, processing(), bucket("s3_backup_configuration"), partitioning, conversion()];
    parts.concat().into_iter().collect()
}

fn conversion() -> Vec<String> {
    let path = "data_format_conversion_configuration";
    let at = |inner: &str, names: &str| within(&format!("{path}.{inner}"), names);
    let deserializer = "input_format_configuration.deserializer";
    let serializer = "output_format_configuration.serializer";
    [
        within(path, "enabled"),
        at("schema_configuration", "catalog_id database_name region role_arn table_name version_id"),
        at(&format!("{deserializer}.hive_json_ser_de"), "timestamp_formats"),
        at(
            &format!("{deserializer}.open_x_json_ser_de"),
            "case_insensitive column_to_json_key_mappings convert_dots_in_json_keys_to_underscores",
        ),
        at(
            &format!("{serializer}.orc_ser_de"),
            "block_size_bytes bloom_filter_columns bloom_filter_false_positive_probability compression \
             dictionary_key_threshold enable_padding format_version padding_tolerance row_index_stride stripe_size_bytes",
        ),
        at(
            &format!("{serializer}.parquet_ser_de"),
            "block_size_bytes compression enable_dictionary_compression max_padding_bytes page_size_bytes writer_version",
        ),
    ]
    .concat()
}
