//! The key of an object: `<evaluated prefix><stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>`.
//!
//! Prefix and name show the same instant, the arrival of the oldest record in the object.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html>

use jiff::Timestamp;
use rand::Rng;
use uuid::Uuid;

use crate::{
    prefix::{self, Evaluation, Keys, PrefixError, Prefixes},
    spec::{Flavour, S3Destination, StreamSpec},
};

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Records as they came in, or as the processors have made them.
    Records,
    /// Records of one partition, with the prefix that [`partition`](Prefixes::partition) made for it.
    Partition(String),
    /// Records with the reason why they went no further.
    Errors(ErrorOutputType),
}

/// The folder of errors, which is also the value of `!{firehose:error-output-type}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ErrorOutputType {
    /// Documents that an index did not take.
    ///
    /// AWS's API reference names `AmazonOpenSearchService-failed` for all kinds of stream today; until 2021 it named
    /// `elasticsearch-failed`, which is what buckets of Elasticsearch streams are known to hold. Each kind keeps its own.
    Documents(Flavour),
    /// Records that an HTTP endpoint did not take.
    HttpEndpointFailed,
    /// Records that a function or the extraction of partition keys failed for.
    ProcessingFailed,
    /// Records that could not be decompressed.
    DecompressionFailed,
    /// Records of a partition beyond the bound of active ones.
    ActivePartitionExceeded,
}

impl ErrorOutputType {
    fn name(self) -> &'static str {
        match self {
            Self::Documents(Flavour::OpenSearch | Flavour::OpenSearchServerless) => "AmazonOpenSearchService-failed",
            Self::Documents(Flavour::Elasticsearch) => "elasticsearch-failed",
            Self::HttpEndpointFailed => "http-endpoint-failed",
            Self::ProcessingFailed => "processing-failed",
            Self::DecompressionFailed => "decompression-failed",
            Self::ActivePartitionExceeded => "activePartitionExceeded",
        }
    }
}

/// A key for an object of `spec`'s stream in `bucket`, whose oldest record arrived at `oldest`.
///
/// # Errors
/// Prefixes that [`check`](crate::prefix::check) refuses.
pub(crate) fn object_key(
    spec: &StreamSpec,
    bucket: &S3Destination,
    holds: &Holds,
    oldest: Timestamp,
    random: &mut impl Rng,
) -> Result<String, PrefixError> {
    let prefixes = Prefixes::parse(&bucket.prefix, bucket.error_output_prefix.as_deref(), Keys::OfRecords)?;
    let oldest = oldest.to_zoned_datetime(bucket.custom_time_zone.clone());
    let mut random_string = || random_uuid(random).hyphenated().to_string().chars().take(11).collect();
    let evaluation = &mut Evaluation { oldest: &oldest, random_string: &mut random_string };
    let prefix = match holds {
        Holds::Records => prefixes.of_records(evaluation),
        Holds::Partition(partition) => prefix::with_random_strings(partition, evaluation),
        Holds::Errors(error_output_type) => prefixes.of_errors(evaluation, error_output_type.name()),
    };
    let extension = match bucket.file_extension.as_deref() {
        Some(given) if !given.is_empty() => given,
        _ => bucket.compression.extension(),
    };
    let at = oldest.strftime("%Y-%m-%d-%H-%M-%S");
    Ok(format!("{prefix}{}-{}-{at}-{}{extension}", spec.name, spec.version, random_uuid(random).hyphenated()))
}

pub(crate) fn random_uuid(random: &mut impl Rng) -> Uuid {
    let mut bytes = [0; 16];
    random.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::spec::{BufferingHints, CompressionFormat, Destination};

    fn bucket(prefix: &str) -> S3Destination {
        S3Destination {
            bucket: "logs".to_owned(),
            prefix: prefix.to_owned(),
            error_output_prefix: None,
            buffering_hints: BufferingHints::default(),
            compression: CompressionFormat::Uncompressed,
            custom_time_zone: TimeZone::UTC,
            file_extension: None,
        }
    }

    fn key(bucket: &S3Destination, holds: &Holds) -> String {
        let spec = StreamSpec {
            id: "logging-test".to_owned(),
            name: "logging-test".to_owned(),
            arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/logging-test".to_owned(),
            version: 4,
            processors: Vec::new(),
            destination: Destination::S3(bucket.clone().into()),
        };
        let oldest = "2026-12-31T23:59:59.999Z".parse().unwrap();
        object_key(&spec, bucket, holds, oldest, &mut StdRng::seed_from_u64(7)).unwrap()
    }

    #[test]
    fn keys_are_named_as_aws_names_them() {
        insta::assert_snapshot!(key(&bucket("backup/"), &Holds::Records), @"backup/2026/12/31/23/logging-test-4-2026-12-31-23-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
        insta::assert_snapshot!(key(&bucket("backup/"), &Holds::Errors(ErrorOutputType::Documents(Flavour::OpenSearch))), @"backup/AmazonOpenSearchService-failed/2026/12/31/23/logging-test-4-2026-12-31-23-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
        insta::assert_snapshot!(key(&bucket(""), &Holds::Errors(ErrorOutputType::Documents(Flavour::Elasticsearch))), @"elasticsearch-failed/2026/12/31/23/logging-test-4-2026-12-31-23-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
    }

    #[test]
    fn a_random_string_has_11_characters_and_is_another_at_every_place() {
        let expression = "!{firehose:random-string}";
        let random = S3Destination {
            error_output_prefix: Some(format!("e/{expression}/!{{firehose:error-output-type}}/")),
            ..bucket(&format!("{expression}/{expression}/"))
        };
        let objects = key(&random, &Holds::Records);
        let errors = key(&random, &Holds::Errors(ErrorOutputType::ProcessingFailed));
        let [first, second, ..] = *objects.split('/').collect::<Vec<_>>() else { panic!("{objects}") };
        let third = errors.split('/').nth(1).unwrap();
        assert_ne!(first, second);
        for string in [first, second, third] {
            let is_random =
                |(place, byte): (usize, u8)| if place == 8 { byte == b'-' } else { byte.is_ascii_hexdigit() };
            assert!(string.len() == 11 && string.bytes().enumerate().all(is_random), "{string}");
        }
    }

    #[test]
    fn every_kind_of_error_has_its_folder() {
        for (kind, folder) in [
            (ErrorOutputType::Documents(Flavour::OpenSearch), "AmazonOpenSearchService-failed"),
            (ErrorOutputType::Documents(Flavour::OpenSearchServerless), "AmazonOpenSearchService-failed"),
            (ErrorOutputType::Documents(Flavour::Elasticsearch), "elasticsearch-failed"),
            (ErrorOutputType::HttpEndpointFailed, "http-endpoint-failed"),
            (ErrorOutputType::ProcessingFailed, "processing-failed"),
            (ErrorOutputType::DecompressionFailed, "decompression-failed"),
            (ErrorOutputType::ActivePartitionExceeded, "activePartitionExceeded"),
        ] {
            let key = key(&bucket("logs/"), &Holds::Errors(kind));
            assert!(key.starts_with(&format!("logs/{folder}/2026/12/31/23/logging-test-4-")), "{key}");
        }
    }

    #[test]
    fn the_time_zone_moves_prefix_and_name() {
        let bucket = S3Destination { custom_time_zone: TimeZone::get("Asia/Tokyo").unwrap(), ..bucket("") };
        insta::assert_snapshot!(key(&bucket, &Holds::Records), @"2027/01/01/08/logging-test-4-2027-01-01-08-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
    }

    #[test]
    fn a_file_extension_replaces_that_of_the_compression() {
        let compressed = S3Destination { compression: CompressionFormat::Gzip, ..bucket("") };
        assert_eq!(key(&compressed, &Holds::Records).rsplit_once('.').unwrap().1, "gz");
        let named = S3Destination { file_extension: Some(".ndjson.gz".to_owned()), ..compressed };
        let key = key(&named, &Holds::Records);
        assert!(key.ends_with(".ndjson.gz") && key.matches(".gz").count() == 1, "{key}");
    }
}
