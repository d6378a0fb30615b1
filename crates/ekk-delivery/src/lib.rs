//! What happens to an accepted record: it is queued, buffered, sent to its index or bucket, tried again, backed up, and
//! accounted for.
//!
//! Pure modules decide (`buffer`, `rotation`, `retry`, `key`, `bulk`, `failed_document`); a stream's worker carries
//! their decisions out, over HTTP. The Firehose API is in front and `OpenSearch` and S3 are behind; this crate knows
//! none of their insides.

pub mod prefix;

mod account;
mod address;
mod buffer;
mod bulk;
mod compression;
mod delivery;
mod error;
mod failed_document;
mod journal;
mod key;
mod limits;
mod opensearch_client;
mod queue;
mod retry;
mod rotation;
mod s3_client;
mod sequence;
mod shared;
mod spec;
mod stream;
mod worker;

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
