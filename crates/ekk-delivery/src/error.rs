//! What can go wrong at the edge of the crate, named for what the caller does next.

use std::{fmt, path::PathBuf};

use crate::prefix::PrefixError;

/// A delivery or a stream that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder of the queues cannot be used.
    #[error("cannot use the folder {path} for the queue: {source}", path = path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process holds the folder.
    #[error("the folder {path} is in use by another process; stop it or choose another folder", path = .0.display())]
    FolderInUse(PathBuf),
    /// A stream of this id is open already.
    #[error("stream {0} is open already")]
    AlreadyOpen(String),
    /// The delivery is shutting down.
    #[error("the delivery is stopping")]
    Stopping,
    /// There is no Tokio runtime to run the workers on.
    #[error("delivery needs a Tokio runtime to run its workers on: start it inside one")]
    NoRuntime,
    /// An address that cannot be spoken to.
    #[error("{url} cannot be used: {reason}")]
    Address {
        /// The address, without its password.
        url: String,
        /// Why not.
        reason: String,
    },
    /// Something that AWS can do and this crate cannot.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// A `MetadataExtractionQuery` that is no jq program, or uses what is not supported of jq.
    #[error("MetadataExtractionQuery {query} cannot be run: {reason}")]
    Query {
        /// The program.
        query: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A prefix that AWS would not take either.
    #[error(transparent)]
    Prefix(#[from] PrefixError),
}

/// A call whose records were not taken, none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct QueueFull {
    /// Why, in a developer's words: the bound and what is held up, or what the disk said.
    pub reason: String,
}

/// What was not delivered within somebody's patience.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Unsettled {
    /// The streams with something left.
    pub streams: Vec<UnsettledStream>,
}

/// What one stream has left, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsettledStream {
    /// The stream's name.
    pub name: String,
    /// Records that the destination does not have yet.
    pub queued: u64,
    /// Records that the backup does not have yet.
    pub backup_queued: u64,
    /// Why, in a developer's words.
    pub reason: String,
}

impl fmt::Display for Unsettled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, stream) in self.streams.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(
                formatter,
                "{separator}stream {}: {} records not delivered, {} not backed up: {}",
                stream.name, stream.queued, stream.backup_queued, stream.reason
            )?;
        }
        Ok(())
    }
}
