//! `data_format_conversion_configuration`: the schema, and how records are read and written.

use serde_json::{Value, json};

use crate::{
    Error,
    terraform::{block::Block, part::Members},
};

/// The conversion; without a block, that it is disabled.
pub(super) fn expand(block: &Block<'_>) -> Result<Value, Error> {
    let Some(block) = block.block("data_format_conversion_configuration")? else {
        return Ok(json!({ "Enabled": false }));
    };
    let members = Members::default()
        .with("Enabled", Some(block.flag("enabled").into()))
        .with("InputFormatConfiguration", input(&block)?)
        .with("OutputFormatConfiguration", output(&block)?)
        .with("SchemaConfiguration", schema(&block)?);
    Ok(members.into())
}

fn input(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(input) = block.block("input_format_configuration")? else { return Ok(None) };
    let mut members = Members::default();
    if let Some(deserializer) = input.block("deserializer")? {
        let hive = deserializer.block("hive_json_ser_de")?;
        let hive = hive.map(|hive| Ok(json!({ "TimestampFormats": hive.texts("timestamp_formats")? })));
        let openx = deserializer.block("open_x_json_ser_de")?.map(|openx| Value::from(self::openx(&openx)));
        let chosen = Members::default().with("HiveJsonSerDe", hive.transpose()?).with("OpenXJsonSerDe", openx);
        members.put("Deserializer", Some(chosen.into()));
    }
    Ok(Some(members.into()))
}

fn openx(openx: &Block<'_>) -> Members {
    let mappings = openx.values.get("column_to_json_key_mappings").filter(|map| map.is_object());
    let dots = openx.flag("convert_dots_in_json_keys_to_underscores");
    Members::default()
        .with("CaseInsensitive", Some(openx.flag("case_insensitive").into()))
        .with("ColumnToJsonKeyMappings", mappings.cloned())
        .with("ConvertDotsInJsonKeysToUnderscores", Some(dots.into()))
}

fn output(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(output) = block.block("output_format_configuration")? else { return Ok(None) };
    let mut members = Members::default();
    if let Some(serializer) = output.block("serializer")? {
        let orc = serializer.block("orc_ser_de")?.map(|orc| self::orc(&orc)).transpose()?;
        let parquet = serializer.block("parquet_ser_de")?.map(|parquet| self::parquet(&parquet)).transpose()?;
        let chosen = Members::default().with("OrcSerDe", orc).with("ParquetSerDe", parquet);
        members.put("Serializer", Some(chosen.into()));
    }
    Ok(Some(members.into()))
}

fn orc(orc: &Block<'_>) -> Result<Value, Error> {
    let columns = orc.texts("bloom_filter_columns")?;
    let members = Members::default()
        .with("BlockSizeBytes", orc.number("block_size_bytes"))
        .with("BloomFilterColumns", (!columns.is_empty()).then(|| columns.into()))
        .with("BloomFilterFalsePositiveProbability", orc.number("bloom_filter_false_positive_probability"))
        .with("Compression", orc.text("compression")?.map(Value::from))
        .with("DictionaryKeyThreshold", orc.number("dictionary_key_threshold"))
        .with("EnablePadding", Some(orc.flag("enable_padding").into()))
        .with("FormatVersion", orc.text("format_version")?.map(Value::from))
        .with("PaddingTolerance", orc.number("padding_tolerance"))
        .with("RowIndexStride", orc.number("row_index_stride"))
        .with("StripeSizeBytes", orc.number("stripe_size_bytes"));
    Ok(members.into())
}

fn parquet(parquet: &Block<'_>) -> Result<Value, Error> {
    let members = Members::default()
        .with("BlockSizeBytes", parquet.number("block_size_bytes"))
        .with("Compression", parquet.text("compression")?.map(Value::from))
        .with("EnableDictionaryCompression", Some(parquet.flag("enable_dictionary_compression").into()))
        .with("MaxPaddingBytes", parquet.number("max_padding_bytes"))
        .with("PageSizeBytes", parquet.number("page_size_bytes"))
        .with("WriterVersion", parquet.text("writer_version")?.map(Value::from));
    Ok(members.into())
}

fn schema(block: &Block<'_>) -> Result<Option<Value>, Error> {
    let Some(schema) = block.block("schema_configuration")? else { return Ok(None) };
    let members = Members::default()
        .with("DatabaseName", Some(schema.required_text("database_name")?.into()))
        .with("TableName", Some(schema.required_text("table_name")?.into()))
        .with("RoleARN", Some(schema.required_text("role_arn")?.into()))
        .with("VersionId", schema.text("version_id")?.map(Value::from))
        .with("CatalogId", schema.written_text("catalog_id")?.map(Value::from))
        .with("Region", schema.written_text("region")?.map(Value::from));
    Ok(Some(members.into()))
}
