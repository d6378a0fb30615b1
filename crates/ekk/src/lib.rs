//! The whole logging stack in one process: Firehose, OpenSearch, S3 and Dashboards, wired as AWS wires them.
//!
//! Tests start one with [`Ekk::start`]; the binary `ekk` runs one for a person. This crate only composes: what a part
//! does is the part's crate's subject, and the parts meet over HTTP, here as in AWS.
//!
//! ```
//! use ekk::Ekk;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ekk = Ekk::start().await?;
//! ekk.put("logging-test", [r#"{"levelname": "INFO", "message": "hello"}"#]).await?;
//! ekk.settle().await?;
//! assert_eq!(ekk.count("logging-test-*").await?, 1);
//! # Ok(())
//! # }
//! ```

mod aws_port;
mod config;
mod control;
mod data_folder;
mod explain;
mod fixtures;
mod harness;
mod provision;
mod s3_api;
mod servers;
mod stack;
mod wait;

pub use ekk_clock::Clock;
pub use ekk_delivery::LambdaTarget;
pub use ekk_delivery::{AcceptedRecord, Account, DeliveryAttempt, Outcome, Target};
pub use ekk_faults as faults;
pub use ekk_firehose::Quotas;
#[cfg(feature = "tls")]
pub use ekk_server::tls::TlsError;
pub use ekk_server::{
    aws::signature::{Credential, CredentialError},
    browser::{AllowedOrigin, OriginError},
};

#[cfg(feature = "tls")]
pub use self::config::TlsAccess;
#[cfg(feature = "containers")]
pub use self::harness::ContainersError;
pub use self::{
    config::{Access, Config, Listen},
    control::ResetError,
    fixtures::{Fixture, FixtureError, Fixtures},
    harness::{Builder, Delivered, Document, Ekk, HarnessError, Object, Rotation, Stream},
    stack::{Addresses, Farewell, Stack, StartError},
    wait::Missing,
};
