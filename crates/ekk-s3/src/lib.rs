//! An S3 endpoint over memory or over a folder.
//!
//! [`s3s`] speaks the protocol, this crate does the operations: buckets, objects, listings and multipart uploads, path
//! style. Any credentials are accepted, and none, unless signatures are verified. An operation that is not done here answers `NotImplemented` with its
//! name. Serving the [`S3::router`] on a socket is the caller's subject.
//!
//! s3s logs every refused request as an ERROR; who sets up logging wants its target `s3s` turned off.
//!
//! Differs from AWS: no versions, tags, access control lists, KMS keys, locks, lifecycles, and no virtual-hosted addresses,
//! because nothing in a logging stack needs them; a completed upload cannot be completed once more; the values of
//! `x-amz-storage-class` are kept and not checked; the memory store can be full.
//!
//! - `edge`: between HTTP and the operations
//! - `api`: the operations
//! - `catalogue`: what there is
//! - `store`: where it is kept

mod api;
mod aws_chunked;
mod catalogue;
mod checksum;
mod edge;
mod error;
mod intake;
mod limits;
mod segment;
mod signature;
mod store;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{Router, extract::Request};
use ekk_clock::Clock;
use ekk_server::aws::signature::Verifier;
use s3s::service::S3ServiceBuilder;

use crate::{catalogue::Mutation, store::Store};

/// An S3 endpoint. Clones share their buckets.
#[derive(Clone, Debug)]
pub struct S3 {
    store: Arc<Store>,
}

/// The endpoint cannot be started as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process works on this folder.
    #[error("{} is in use by another process; stop it, or choose another folder", path.display())]
    InUse {
        /// The folder of the store.
        path: PathBuf,
    },
    /// The log of the store is not what this crate wrote.
    #[error("{} is damaged in line {line}: {reason}; restore it, or choose an empty folder", path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The system refused something.
    #[error("cannot use {}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// A bucket cannot have this name.
    #[error(
        "{name:?} is no bucket name: 3 to 63 characters, lower-case letters, digits, dots and hyphens, \
         a letter or digit at both ends"
    )]
    InvalidBucketName {
        /// The name.
        name: String,
    },
    /// A bucket could not be written.
    #[error("cannot create bucket {name}: {reason}")]
    CreateBucket {
        /// The name.
        name: String,
        /// What stopped it.
        reason: String,
    },
}

impl S3 {
    /// An empty endpoint that forgets everything when its last clone is dropped.
    ///
    /// Times of objects come from `clock`. It holds at most 4 GiB, bodies under way included; then a put answers
    /// `InsufficientStorage` (507), which S3 does not have.
    pub fn in_memory(clock: Clock) -> Self {
        Self { store: Arc::new(Store::in_memory(clock)) }
    }

    /// An endpoint that keeps everything in the folder `path`, which is made if it is missing.
    ///
    /// Times of objects come from `clock`. A put is on disk when it is answered: `<path>/<bucket>/` holds the bodies,
    /// as they were sent, and `<path>/_catalogue.jsonl` says which is which. What an unfinished put left is removed
    /// here. The catalogue is held in memory as well, about half a kilobyte
    /// an object.
    ///
    /// # Errors
    /// - [`Error::InUse`]: another process has this folder open.
    /// - [`Error::Damaged`]: the catalogue is not one.
    /// - [`Error::Folder`]: the system refuses to read or write.
    pub fn on_folder(path: impl AsRef<Path>, clock: Clock) -> Result<Self, Error> {
        Ok(Self { store: Arc::new(Store::on_folder(path.as_ref().to_owned(), clock)?) })
    }

    /// The endpoint as a router: every path on it is S3's. Any credentials do, and none.
    pub fn router(&self) -> Router {
        self.router_for(None)
    }

    /// The endpoint for those whose signatures `verifier` finds right; nobody else gets anything.
    pub fn router_verifying(&self, verifier: Verifier) -> Router {
        self.router_for(Some(verifier))
    }

    fn router_for(&self, verifier: Option<Verifier>) -> Router {
        let service = S3ServiceBuilder::new(api::Endpoint::new(Arc::clone(&self.store))).build();
        Router::new().fallback(move |request: Request| edge::serve(service.clone(), verifier.clone(), request))
    }

    /// Gives the folder back, for another endpoint in this process or another one: for after the router was drained.
    ///
    /// What comes later and would change something answers `InternalError` (500). In memory this does nothing. Without
    /// it the folder is free once the last clone and the last router of it are gone.
    pub fn close(&self) {
        self.store.close();
    }

    /// Deletes every bucket with all that is in it. May wait for the disk.
    ///
    /// # Errors
    /// [`Error::Folder`]: the folder cannot be written.
    pub fn delete_all_buckets(&self) -> Result<(), Error> {
        let names: Vec<String> = self.store.read(|catalogue| catalogue.buckets().keys().cloned().collect());
        for bucket in names {
            let deleted = self.store.commit_blocking(|_| Ok((Mutation::DeleteBucket { bucket: bucket.clone() }, ())));
            deleted.map_err(|failure| Error::Folder {
                path: PathBuf::from(bucket),
                source: io::Error::other(failure.to_string()),
            })?;
        }
        Ok(())
    }

    /// Makes a bucket in us-east-1 unless there is one of this name. May wait for the disk.
    ///
    /// # Errors
    /// - [`Error::InvalidBucketName`]: `name` breaks the rules for bucket names.
    /// - [`Error::CreateBucket`]: the folder cannot be written.
    pub fn create_bucket_if_missing(&self, name: &str) -> Result<(), Error> {
        if !s3s::path::check_bucket_name(name) {
            return Err(Error::InvalidBucketName { name: name.to_owned() });
        }
        let created = self.store.now();
        self.store
            .commit_blocking(|catalogue| api::buckets::create(catalogue, name, None, created))
            .map_err(|failure| Error::CreateBucket { name: name.to_owned(), reason: failure.to_string() })
    }
}
