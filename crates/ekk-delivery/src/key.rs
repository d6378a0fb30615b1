//! The key of an object: `<evaluated prefix><stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>`.
//!
//! Prefix and name show the same instant, the arrival of the oldest record in the object.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html>

use jiff::Timestamp;
use rand::Rng;
use uuid::Uuid;

use crate::{
    prefix::{Evaluation, PrefixError, Prefixes},
    spec::{Flavour, S3Destination, StreamSpec},
};

/// What an object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Records as they came in.
    Records,
    /// Documents that could not be indexed.
    FailedDocuments(Flavour),
}

/// The folder of failed documents, which is also the value of `!{firehose:error-output-type}`.
///
/// AWS's API reference names `AmazonOpenSearchService-failed` for both kinds of stream today; until 2021 it named
/// `elasticsearch-failed`, which is what buckets of Elasticsearch streams are known to hold. Each kind keeps its own.
pub(crate) fn error_output_type(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::OpenSearch => "AmazonOpenSearchService-failed",
        Flavour::Elasticsearch => "elasticsearch-failed",
    }
}

/// A key for an object of `spec`'s stream in `bucket`, whose oldest record arrived at `oldest`.
///
/// # Errors
/// Prefixes that [`check`](crate::prefix::check) refuses.
pub(crate) fn object_key(
    spec: &StreamSpec,
    bucket: &S3Destination,
    holds: Holds,
    oldest: Timestamp,
    random: &mut impl Rng,
) -> Result<String, PrefixError> {
    let prefixes = Prefixes::parse(&bucket.prefix, bucket.error_output_prefix.as_deref())?;
    let oldest = oldest.to_zoned_datetime(bucket.custom_time_zone.clone());
    let mut random_string = || random_uuid(random).hyphenated().to_string().chars().take(11).collect();
    let evaluation = &mut Evaluation { oldest: &oldest, random_string: &mut random_string };
    let prefix = match holds {
        Holds::Records => prefixes.of_records(evaluation),
        Holds::FailedDocuments(flavour) => prefixes.of_errors(evaluation, error_output_type(flavour)),
    };
    let extension = match bucket.file_extension.as_deref() {
        Some(given) if !given.is_empty() => given,
        _ => bucket.compression.extension(),
    };
    let at = oldest.strftime("%Y-%m-%d-%H-%M-%S");
    Ok(format!("{prefix}{}-{}-{at}-{}{extension}", spec.name, spec.version, random_uuid(random).hyphenated()))
}

fn random_uuid(random: &mut impl Rng) -> Uuid {
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

    fn key(bucket: &S3Destination, holds: Holds) -> String {
        let spec = StreamSpec {
            name: "logging-test".to_owned(),
            arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/logging-test".to_owned(),
            version: 4,
            destination: Destination::S3(bucket.clone()),
        };
        let oldest = "2026-12-31T23:59:59.999Z".parse().unwrap();
        object_key(&spec, bucket, holds, oldest, &mut StdRng::seed_from_u64(7)).unwrap()
    }

    #[test]
    fn keys_are_named_as_aws_names_them() {
        insta::assert_snapshot!(key(&bucket("backup/"), Holds::Records), @"backup/2026/12/31/23/logging-test-4-2026-12-31-23-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
        insta::assert_snapshot!(key(&bucket("backup/"), Holds::FailedDocuments(Flavour::OpenSearch)), @"backup/AmazonOpenSearchService-failed/2026/12/31/23/logging-test-4-2026-12-31-23-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
        insta::assert_snapshot!(key(&bucket(""), Holds::FailedDocuments(Flavour::Elasticsearch)), @"elasticsearch-failed/2026/12/31/23/logging-test-4-2026-12-31-23-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
    }

    #[test]
    fn the_time_zone_moves_prefix_and_name() {
        let bucket = S3Destination { custom_time_zone: TimeZone::get("Asia/Tokyo").unwrap(), ..bucket("") };
        insta::assert_snapshot!(key(&bucket, Holds::Records), @"2027/01/01/08/logging-test-4-2027-01-01-08-59-59-befba86a-e9e0-4207-865f-7e24e8349d4e");
    }

    #[test]
    fn a_file_extension_replaces_that_of_the_compression() {
        let compressed = S3Destination { compression: CompressionFormat::Gzip, ..bucket("") };
        assert_eq!(key(&compressed, Holds::Records).rsplit_once('.').unwrap().1, "gz");
        let named = S3Destination { file_extension: Some(".ndjson.gz".to_owned()), ..compressed };
        let key = key(&named, Holds::Records);
        assert!(key.ends_with(".ndjson.gz") && key.matches(".gz").count() == 1, "{key}");
    }
}
