//! What happens to an accepted record: it is queued, buffered, sent to its index or bucket, tried again, backed up, and
//! accounted for.
//!
//! Pure modules decide (`buffer`, `rotation`, `retry`, `key`); one worker a stream carries their decisions out.
//! The Firehose API in front and the OpenSearch and S3 behind are reached only through this crate's types and over
//! HTTP.

pub mod prefix;

mod account;
mod delivery;
mod error;
mod journal;
mod limits;
mod sequence;
mod spec;
mod stream;

pub use account::Account;
pub use delivery::{Config, Delivery};
pub use error::{Error, QueueFull, Unsettled, UnsettledStream};
pub use journal::{DeliveryAttempt, Outcome, Target};
pub use limits::DEFAULT_QUEUE_BYTES;
pub use sequence::SequenceNumber;
pub use spec::{
    BufferingHints, CompressionFormat, DefaultDocumentIdFormat, Destination, Endpoint, Flavour, IndexRotationPeriod,
    OpenSearchDestination, S3BackupMode, S3Destination, StreamSpec,
};
pub use stream::Stream;
