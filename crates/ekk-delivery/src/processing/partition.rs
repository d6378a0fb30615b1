//! Dynamic partitioning: the keys of a record, and the partition that they name.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html>

use std::{borrow::Cow, collections::BTreeMap};

use jiff::{Timestamp, tz::TimeZone};

use super::{Failure, jq};
use crate::{
    limits::PARTITION_KEYS,
    prefix::{Keys, PartitionError, PartitionKeys, PrefixError, Prefixes},
    spec::S3Destination,
};

/// Where the records of a partitioned bucket go.
#[derive(Debug)]
pub(crate) struct Partition {
    prefixes: Prefixes,
    time_zone: TimeZone,
}

impl Partition {
    /// # Errors
    /// Prefixes that [`check_partitioned`](crate::prefix::check_partitioned) refuses.
    pub(super) fn new(bucket: &S3Destination) -> Result<Self, PrefixError> {
        let prefixes = Prefixes::parse(&bucket.prefix, bucket.error_output_prefix.as_deref(), Keys::Required)?;
        Ok(Self { prefixes, time_zone: bucket.custom_time_zone.clone() })
    }

    /// The prefix of the partition of a record.
    pub(super) fn evaluate(
        &self,
        arrival: Timestamp,
        query: &BTreeMap<String, String>,
        lambda: &BTreeMap<String, String>,
    ) -> Result<String, Failure> {
        let arrival = arrival.to_zoned_datetime(self.time_zone.clone());
        self.prefixes.partition(&arrival, PartitionKeys { query, lambda }).map_err(|error| {
            Failure::extraction(match error {
                PartitionError::NoValue(_) => Cow::Borrowed("partitionKeys values must not be null or empty"),
                PartitionError::TooLong(chars) => {
                    Cow::Owned(format!("Prefix evaluates to {chars} characters, over the limit of 512"))
                }
            })
        })
    }
}

/// The keys that a query finds in a record.
pub(super) fn extract(query: &jq::Program, data: &[u8]) -> Result<BTreeMap<String, String>, Failure> {
    let document = serde_json::from_slice(data).map_err(|_| Failure::extraction("Non JSON record provided"))?;
    let keys = query.keys_of(&document).map_err(Failure::extraction)?;
    if keys.len() > PARTITION_KEYS {
        let count = keys.len();
        return Err(Failure::extraction(format!("{count} partitionKeys are over the limit of {PARTITION_KEYS}")));
    }
    Ok(keys)
}
