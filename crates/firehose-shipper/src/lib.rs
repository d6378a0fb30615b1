//! Ships log records to Amazon Data Firehose, and loses none without saying so.
//!
//! A [`Shipper`] puts records into calls of `PutRecordBatch` on a thread of its own. It sends again what was not taken,
//! and only that; it slows down when it is throttled; and it counts what becomes of every record. The program's threads
//! never wait for the network.
//!
//! It knows nothing of what the records are for. What ships them is the program's: `FirehoseLayer` for `tracing`,
//! `FirehoseLogger` for `log`, or [`Sender`] for anything else.
//!
//! ```no_run
//! use std::time::Duration;
//! use firehose_shipper::Shipper;
//! use tracing_subscriber::prelude::*;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let config = aws_config::load_from_env().await;
//! let shipper = Shipper::builder(aws_sdk_firehose::Client::new(&config), "app-logs").start()?;
//! tracing_subscriber::registry().with(shipper.layer().field("service", "shop")).init();
//!
//! tracing::info!(order = 17, "order accepted");
//!
//! println!("{}", shipper.shutdown(Duration::from_secs(5))); // "1 sent, 0 retried, 0 not sent, 0 left"
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `tracing` (default): `FirehoseLayer`.
//! - `log`: `FirehoseLogger`.
//! - `metrics`: the counts as counters of the `metrics` crate.
//!
//! # What a record goes through
//!
//! 1. [`Shape`]: it gets a newline, and is truncated or refused when it is over Firehose's limit.
//! 2. [`Queue`]: it is held in memory, which is bounded by number and by bytes; [`WhenFull`] says what happens beyond.
//! 3. [`Batch`]: it goes out when a call is full, when it has lingered, or when somebody flushes.
//! 4. [`Retry`]: if it was not taken, it is sent again, with growing pauses, until it is given up.
//! 5. [`Outcome`]: it was sent, or it was not for a [`Reason`] (and may be in the [`Fallback`] then), or it is on disk for
//!    the next start. [`Counts`] has the sums, and [`Builder::on_settled`] tells of each.
//!
//! A record arrives at least once. It arrives twice when a call is not answered although Firehose has taken it, which
//! [`Counts::duplicates_possible`] counts.

#![warn(missing_docs)]

/// The examples of the README are tested.
#[cfg(all(doctest, feature = "tracing", feature = "log"))]
#[doc = include_str!("../README.md")]
struct Readme;

mod batch;
mod builder;
mod clock;
mod counts;
mod error;
mod health;
mod hooks;
#[cfg(feature = "tracing")]
mod layer;
pub mod limits;
#[cfg(any(feature = "tracing", feature = "log"))]
mod line;
#[cfg(feature = "log")]
mod logger;
#[cfg(feature = "metrics")]
mod meter;
mod outlet;
mod pace;
mod queue;
mod quiet;
mod record;
mod retry;
mod sender;
mod settings;
mod shipper;
mod signals;
mod spill;
pub mod testing;
mod transport;
mod truncate;
mod verdict;
mod waiting;
mod watermark;
mod worker;

#[cfg(feature = "tracing")]
pub use crate::layer::FirehoseLayer;
#[cfg(any(feature = "tracing", feature = "log"))]
pub use crate::line::{
    Schema,
    time::{TimeFormat, TimeFormatError},
};
#[cfg(feature = "log")]
pub use crate::logger::FirehoseLogger;
pub use crate::{
    builder::Builder,
    clock::{Clock, SystemClock},
    counts::{Counts, Report, Unsent},
    error::{SendError, StartError},
    health::{Condition, Health},
    hooks::{Lost, Settled},
    record::{Outcome, Reason},
    sender::Sender,
    settings::{Batch, Fallback, Queue, Retry, Shape, WhenFull, WhenTooLarge, WhenUnusable},
    shipper::Shipper,
    transport::{Entry, PutError, PutErrorKind, PutFuture, Transport},
};
