//! The orders in which AWS's front end, which is written in Java, goes through members and values.
//!
//! It keeps the members of a structure in a `HashMap` and the values of an enum in a hash set of its own, and prints
//! violations and value sets as it meets them. Both orders follow from `String.hashCode`, so they can be computed. The
//! tests hold the orders that were recorded from AWS.

/// The members of a structure in the order in which their violations are named.
///
/// That of a `HashMap` with the names in lower camel case: as many buckets as it grows to, hashes spread by their upper
/// half, names of one bucket in the order of their insertion.
pub(crate) fn of_members(names: &[&str]) -> Vec<String> {
    let mut buckets = 16;
    while names.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let bucket_of = |name: &str| {
        let hash = hash_code(&lower_first(name));
        bucket(hash ^ (hash >> 16), buckets)
    };
    let mut ordered: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    ordered.sort_by_key(|name| bucket_of(name));
    ordered
}

/// The values of an enum in the order in which they are named.
///
/// That of a set with 32 buckets, plain hashes, and the last value of a bucket first.
pub(crate) fn of_values(values: &[String]) -> Vec<String> {
    let mut ordered: Vec<String> = values.iter().rev().cloned().collect();
    ordered.sort_by_key(|value| bucket(hash_code(value), 32));
    ordered
}

fn bucket(hash: u32, buckets: usize) -> usize {
    usize::try_from(hash).unwrap_or_default() & (buckets - 1)
}

/// Java's `String.hashCode`.
fn hash_code(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_in_the_order_that_aws_names_them_in() {
        let recorded = [
            ("UNCOMPRESSED GZIP ZIP Snappy HADOOP_SNAPPY", "ZIP HADOOP_SNAPPY Snappy GZIP UNCOMPRESSED"),
            ("UNCOMPRESSED GZIP SNAPPY", "SNAPPY GZIP UNCOMPRESSED"),
            ("NONE ZLIB SNAPPY", "ZLIB SNAPPY NONE"),
            (
                "RecordDeAggregation Decompression CloudWatchLogProcessing Lambda MetadataExtraction \
                 AppendDelimiterToRecord",
                "Decompression Lambda RecordDeAggregation MetadataExtraction AppendDelimiterToRecord \
                 CloudWatchLogProcessing",
            ),
            (
                "LambdaArn NumberOfRetries MetadataExtractionQuery JsonParsingEngine RoleArn BufferSizeInMBs \
                 BufferIntervalInSeconds SubRecordType Delimiter CompressionFormat DataMessageExtraction",
                "DataMessageExtraction NumberOfRetries Delimiter RoleArn JsonParsingEngine SubRecordType \
                 MetadataExtractionQuery BufferIntervalInSeconds LambdaArn BufferSizeInMBs CompressionFormat",
            ),
            (
                "AT_SEQUENCE_NUMBER AFTER_SEQUENCE_NUMBER TRIM_HORIZON LATEST AT_TIMESTAMP",
                "AFTER_SEQUENCE_NUMBER LATEST AT_TIMESTAMP AT_SEQUENCE_NUMBER TRIM_HORIZON",
            ),
        ];
        for (model, expected) in recorded {
            let values: Vec<String> = model.split_whitespace().map(str::to_owned).collect();
            assert_eq!(of_values(&values).join(" "), expected.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }

    #[test]
    fn members_are_in_the_order_that_aws_names_their_violations_in() {
        let recorded = [
            (
                "RoleARN CatalogId DatabaseName TableName Region VersionId",
                "VersionId CatalogId DatabaseName RoleARN Region TableName",
            ),
            (
                "BlockSizeBytes PageSizeBytes Compression EnableDictionaryCompression MaxPaddingBytes WriterVersion",
                "MaxPaddingBytes BlockSizeBytes PageSizeBytes Compression EnableDictionaryCompression WriterVersion",
            ),
            (
                "StripeSizeBytes BlockSizeBytes RowIndexStride EnablePadding PaddingTolerance Compression \
                 BloomFilterColumns BloomFilterFalsePositiveProbability DictionaryKeyThreshold FormatVersion",
                "DictionaryKeyThreshold BlockSizeBytes BloomFilterColumns RowIndexStride EnablePadding \
                 PaddingTolerance StripeSizeBytes Compression FormatVersion BloomFilterFalsePositiveProbability",
            ),
            ("ParquetSerDe OrcSerDe", "ParquetSerDe OrcSerDe"),
            ("Type Parameters", "Type Parameters"),
        ];
        for (model, expected) in recorded {
            let names: Vec<&str> = model.split_whitespace().collect();
            assert_eq!(of_members(&names), expected.split_whitespace().collect::<Vec<_>>());
        }
    }
}
