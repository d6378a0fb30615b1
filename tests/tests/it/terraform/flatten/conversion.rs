//! The conversion to another format as the provider's attributes.

use serde_json::{Map, Value, json};

/// Attributes with the members that they come from.
type Names = [(&'static str, &'static str)];

const SCHEMA: &Names = &[
    ("catalog_id", "CatalogId"),
    ("database_name", "DatabaseName"),
    ("region", "Region"),
    ("role_arn", "RoleARN"),
    ("table_name", "TableName"),
    ("version_id", "VersionId"),
];

const HIVE: &Names = &[("timestamp_formats", "TimestampFormats")];

const OPEN_X: &Names = &[
    ("case_insensitive", "CaseInsensitive"),
    ("column_to_json_key_mappings", "ColumnToJsonKeyMappings"),
    ("convert_dots_in_json_keys_to_underscores", "ConvertDotsInJsonKeysToUnderscores"),
];

const ORC: &Names = &[
    ("block_size_bytes", "BlockSizeBytes"),
    ("bloom_filter_columns", "BloomFilterColumns"),
    ("bloom_filter_false_positive_probability", "BloomFilterFalsePositiveProbability"),
    ("compression", "Compression"),
    ("dictionary_key_threshold", "DictionaryKeyThreshold"),
    ("enable_padding", "EnablePadding"),
    ("format_version", "FormatVersion"),
    ("padding_tolerance", "PaddingTolerance"),
    ("row_index_stride", "RowIndexStride"),
    ("stripe_size_bytes", "StripeSizeBytes"),
];

const PARQUET: &Names = &[
    ("block_size_bytes", "BlockSizeBytes"),
    ("compression", "Compression"),
    ("enable_dictionary_compression", "EnableDictionaryCompression"),
    ("max_padding_bytes", "MaxPaddingBytes"),
    ("page_size_bytes", "PageSizeBytes"),
    ("writer_version", "WriterVersion"),
];

/// The block; a conversion that is disabled and says nothing else is none.
pub(super) fn flatten(configuration: &Value) -> Value {
    let is_none = configuration.as_object().is_none_or(|members| members.keys().all(|name| name == "Enabled"));
    if is_none && configuration["Enabled"] != true {
        return json!([]);
    }
    let input = &configuration["InputFormatConfiguration"]["Deserializer"];
    let output = &configuration["OutputFormatConfiguration"]["Serializer"];
    let deserializer = json!({
        "hive_json_ser_de": block(&input["HiveJsonSerDe"], HIVE),
        "open_x_json_ser_de": block(&input["OpenXJsonSerDe"], OPEN_X),
    });
    let serializer = json!({
        "orc_ser_de": block(&output["OrcSerDe"], ORC),
        "parquet_ser_de": block(&output["ParquetSerDe"], PARQUET),
    });
    json!([{
        "enabled": configuration["Enabled"] == true,
        "input_format_configuration": [{ "deserializer": [deserializer] }],
        "output_format_configuration": [{ "serializer": [serializer] }],
        "schema_configuration": block(&configuration["SchemaConfiguration"], SCHEMA),
    }])
}

fn block(members: &Value, names: &Names) -> Value {
    if members.is_null() {
        return json!([]);
    }
    let attributes = names.iter().map(|(attribute, member)| ((*attribute).to_owned(), members[*member].clone()));
    json!([attributes.collect::<Map<_, _>>()])
}
