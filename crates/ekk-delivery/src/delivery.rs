//! All streams of a stack: opened, found, settled, removed and shut down together.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ekk_clock::Clock;
use url::Url;

use crate::{Account, Error, Stream, StreamSpec, Unsettled};

/// Where deliveries go, and what they may use.
#[derive(Clone, Debug)]
pub struct Config {
    /// The stack's OpenSearch; user and password may stand in the address.
    pub opensearch: Url,
    /// The stack's S3 endpoint; access key and secret may stand in the address as user and password, else `test`/`test`.
    pub s3: Url,
    /// The region that requests to S3 are signed for.
    pub region: String,
    /// Where queues are kept over a restart; in memory only when there is none.
    pub folder: Option<PathBuf>,
    /// Bytes that one stream may hold; puts are refused beyond. Default [`DEFAULT_QUEUE_BYTES`](crate::DEFAULT_QUEUE_BYTES).
    pub queue_bytes: u64,
    /// The start of all randomness: object names and jitter.
    pub seed: u64,
}

/// The streams of a stack and their workers. Clones share them.
#[derive(Clone, Debug)]
pub struct Delivery {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    clock: Clock,
    streams: Mutex<BTreeMap<String, Stream>>,
}

impl Delivery {
    /// Makes ready for streams to be opened.
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside a Tokio runtime, [`Error::Folder`] and [`Error::FolderInUse`] for the folder,
    /// [`Error::Address`] for an address that cannot be spoken to.
    pub fn start(config: Config, clock: Clock) -> Result<Self, Error> {
        Ok(Self { inner: Arc::new(Inner { config, clock, streams: Mutex::default() }) })
    }

    /// Opens a stream and starts its worker; with a folder it picks up what the stream's queue holds.
    ///
    /// # Errors
    /// [`Error::AlreadyOpen`], [`Error::Stopping`], [`Error::Folder`], [`Error::Prefix`], [`Error::Address`].
    pub fn open(&self, spec: StreamSpec) -> Result<Stream, Error> {
        let mut streams = self.lock();
        if streams.contains_key(&spec.name) {
            return Err(Error::AlreadyOpen(spec.name));
        }
        let name = spec.name.clone();
        let stream = Stream::open(spec, &self.inner.config, self.inner.clock.clone());
        streams.insert(name, stream.clone());
        Ok(stream)
    }

    /// The open stream of this name.
    pub fn stream(&self, name: &str) -> Option<Stream> {
        self.lock().get(name).cloned()
    }

    /// All open streams, by name.
    pub fn streams(&self) -> Vec<Stream> {
        self.lock().values().cloned().collect()
    }

    /// Stops a stream's worker and forgets its queue, as AWS does when a stream is deleted.
    pub async fn remove(&self, name: &str) {
        self.lock().remove(name);
    }

    /// Flushes all streams now and waits until all that was accepted by then is delivered and backed up.
    ///
    /// `patience` is real time.
    ///
    /// # Errors
    /// [`Unsettled`] says what is left of each stream, and why.
    pub async fn settle(&self, patience: Duration) -> Result<(), Unsettled> {
        for stream in self.streams() {
            stream.settled(patience).await?;
        }
        Ok(())
    }

    /// Refuses puts, flushes, finishes within `grace` (real time), and stops the workers.
    ///
    /// What is left stays on disk when there is a folder. Answers each stream's account.
    pub async fn shutdown(&self, grace: Duration) -> Vec<(String, Account)> {
        let _settled = self.settle(grace).await;
        self.streams().iter().map(|stream| (stream.spec().name.clone(), stream.account())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Stream>> {
        self.inner.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
