//! What happens to an accepted record: it is queued, buffered, sent to its index or bucket, tried again, backed up, and
//! accounted for.
//!
//! Pure modules decide (`processing`, `buffer`, `staging`, `rotation`, `retry`, `key`, `bulk`, `failed_document`); a
//! stream's workers carry their decisions out, over HTTP. The Firehose API is in front and `OpenSearch`, S3, functions and
//! HTTP endpoints are behind; this crate knows none of their insides.

pub mod prefix;

mod account;
mod address;
mod buffer;
mod bulk;
mod compression;
mod delivery;
mod endpoint_client;
mod error;
mod error_log;
mod failed_document;
mod http_endpoint;
mod journal;
mod key;
mod lambda_client;
mod limits;
mod meters;
mod opensearch_client;
mod processing;
mod queue;
mod retry;
mod rotation;
mod s3_client;
mod sequence;
mod shared;
mod spec;
mod staging;
mod stream;
mod tap;
mod worker;

pub use account::Account;
pub use delivery::{Config, Delivery, LambdaTarget};
pub use error::{Error, QueueFull, Unsettled, UnsettledStream};
pub use journal::{DeliveryAttempt, Outcome, Target};
pub use limits::DEFAULT_QUEUE_BYTES;
pub use meters::{Metric, Unit};
pub use sequence::SequenceNumber;
pub use spec::{
    BufferingHints, CompressionFormat, ContentEncoding, DefaultDocumentIdFormat, Destination, DynamicPartitioning,
    Endpoint, ExtendedS3Destination, Flavour, HttpEndpointDestination, IndexRotationPeriod, LambdaProcessor,
    OpenSearchDestination, Processor, S3BackupMode, S3Destination, StreamSpec, SubRecordType,
};
pub use stream::Stream;
pub use tap::AcceptedRecord;
