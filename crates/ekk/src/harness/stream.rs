//! A stream in few words, for a test: the `CreateDeliveryStream` request is made from them.

use std::time::Duration;

use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";

/// A stream to be created with a stack.
///
/// ```
/// use std::time::Duration;
/// use ekk::{Rotation, Stream};
///
/// let stream = Stream::to_index("app").rotation(Rotation::OneHour).buffering(Duration::from_secs(60), 5);
/// assert_eq!(stream.into_json()["DeliveryStreamName"], "app");
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    name: String,
    /// The member that the destination stands under.
    member: &'static str,
    destination: Value,
}

/// How often an index gets a new name, by the UTC time of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Never.
    NoRotation,
    /// `app-2026-11-23-09`
    OneHour,
    /// `app-2026-11-23`, what AWS does by default.
    OneDay,
    /// `app-2026-w48`
    OneWeek,
    /// `app-2026-11`
    OneMonth,
}

impl Stream {
    /// A stream of this name to the index of this name, with failed documents in the bucket `NAME-backup`. All else is as
    /// AWS has it by default: a new index each day, 300 s or 5 MiB of buffering, 300 s of retries.
    pub fn to_index(name: impl Into<String>) -> Self {
        let name = name.into();
        let destination = json!({
            "RoleARN": ROLE,
            "DomainARN": format!("arn:aws:es:us-east-1:000000000000:domain/{name}"),
            "IndexName": name,
            "S3Configuration": { "RoleARN": ROLE, "BucketARN": bucket_arn(&format!("{name}-backup")) },
        });
        Self { name, member: "AmazonopensearchserviceDestinationConfiguration", destination }
    }

    /// A stream of the name of the bucket that it writes its records to.
    pub fn to_bucket(bucket: impl Into<String>) -> Self {
        let name = bucket.into();
        let destination = json!({ "RoleARN": ROLE, "BucketARN": bucket_arn(&name) });
        Self { name, member: "ExtendedS3DestinationConfiguration", destination }
    }

    /// Another name than that of the index or bucket.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// `IndexRotationPeriod`
    #[must_use]
    pub fn rotation(self, rotation: Rotation) -> Self {
        self.with("IndexRotationPeriod", format!("{rotation:?}").into())
    }

    /// `BufferingHints`: delivers after so long, or at so many MiB. Without an interval, each put is delivered at once.
    #[must_use]
    pub fn buffering(self, interval: Duration, size_mib: u64) -> Self {
        self.with("BufferingHints", json!({ "IntervalInSeconds": interval.as_secs(), "SizeInMBs": size_mib }))
    }

    /// `RetryOptions`: tries so long to index, 0 s to 2 h.
    #[must_use]
    pub fn retrying(self, duration: Duration) -> Self {
        self.with("RetryOptions", json!({ "DurationInSeconds": duration.as_secs() }))
    }

    /// `S3BackupMode` `AllDocuments`: the bucket gets every incoming record.
    #[must_use]
    pub fn backing_up_all(self) -> Self {
        self.with("S3BackupMode", "AllDocuments".into())
    }

    /// `NO_DOCUMENT_ID`: OpenSearch makes the ids, and a retry may index twice.
    #[must_use]
    pub fn without_document_ids(self) -> Self {
        self.with("DocumentIdOptions", json!({ "DefaultDocumentIdFormat": "NO_DOCUMENT_ID" }))
    }

    /// Sets any other member of the destination's configuration, by AWS's name.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        if let Some(members) = self.destination.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
        self
    }

    /// The `CreateDeliveryStream` request.
    pub fn into_json(self) -> Value {
        json!({ "DeliveryStreamName": self.name, self.member: self.destination })
    }
}

fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}
