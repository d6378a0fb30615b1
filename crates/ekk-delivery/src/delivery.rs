//! All streams of a stack: opened, found, settled, removed and shut down together.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ekk_clock::Clock;
use ekk_faults::Faults;
use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use crate::{
    Account, Error, Stream, StreamSpec, Unsettled,
    stream::{Opening, epoch_at},
    worker::Clients,
};

/// Where deliveries go, and what they may use.
#[derive(Clone, Debug)]
pub struct Config {
    /// The stack's `OpenSearch`; user and password may stand in the address.
    pub opensearch: Url,
    /// The stack's S3 endpoint; access key and secret may stand in the address as user and password, else `test`/`test`.
    pub s3: Url,
    /// The region that requests to S3 are signed for.
    pub region: String,
    /// Where queues are kept over a restart; in memory only when there is none.
    pub folder: Option<PathBuf>,
    /// Bytes that one stream may hold, 64 of them for each record besides its own; puts are refused beyond. Default
    /// [`DEFAULT_QUEUE_BYTES`](crate::DEFAULT_QUEUE_BYTES).
    pub queue_bytes: u64,
    /// The start of all randomness: object names and jitter.
    pub seed: u64,
    /// What the stack is told to let fail.
    pub faults: Faults,
    /// Where functions are, by `LambdaArn` as the processor has it, by ARN without version or alias, by the function's
    /// name, or `*` for all others; the first that fits in this order counts.
    pub lambda: BTreeMap<String, LambdaTarget>,
}

/// What does the work of a Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LambdaTarget {
    /// An endpoint with Lambda's Invoke API, such as the runtime interface emulator: the event is sent to
    /// `<url>/2015-03-31/functions/<function>/invocations`.
    Http(Url),
    /// A program on this machine: it reads the event from its standard input and writes the response to its standard
    /// output. Another exit code than 0 is a function error.
    Command {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        args: Vec<String>,
    },
}

/// The streams of a stack and their workers. Clones share them; the workers end with the last clone.
#[derive(Clone, Debug)]
pub struct Delivery {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    clients: Clients,
    clock: Clock,
    runtime: Handle,
    streams: Mutex<Streams>,
    stop: CancellationToken,
    _stop_on_drop: DropGuard,
    /// Keeps other processes out of the folder while it is open.
    _folder_lock: Option<File>,
}

#[derive(Debug, Default)]
struct Streams {
    open: BTreeMap<String, Stream>,
    last_epoch: u64,
    stopping: bool,
}

impl Delivery {
    /// Makes ready for streams to be opened.
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside a Tokio runtime, [`Error::Folder`] and [`Error::FolderInUse`] for the folder,
    /// [`Error::Address`] for an address that cannot be spoken to.
    pub fn start(config: Config, clock: Clock) -> Result<Self, Error> {
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let clients = Clients::new(&config)?;
        let folder_lock = config.folder.as_deref().map(lock_folder).transpose()?;
        let stop = CancellationToken::new();
        Ok(Self {
            inner: Arc::new(Inner {
                config,
                clients,
                clock,
                runtime,
                streams: Mutex::default(),
                _stop_on_drop: stop.clone().drop_guard(),
                stop,
                _folder_lock: folder_lock,
            }),
        })
    }

    /// Opens a stream and starts its workers; with a folder it picks up what the stream's queue holds.
    ///
    /// # Errors
    /// [`Error::AlreadyOpen`], [`Error::Stopping`], [`Error::Folder`], [`Error::Prefix`], [`Error::Address`],
    /// [`Error::Unsupported`].
    pub fn open(&self, spec: StreamSpec) -> Result<Stream, Error> {
        let inner = &*self.inner;
        let mut streams = self.lock();
        if streams.stopping {
            return Err(Error::Stopping);
        }
        if streams.open.contains_key(&spec.id) {
            return Err(Error::AlreadyOpen(spec.id));
        }
        let id = spec.id.clone();
        let opening = Opening {
            clients: &inner.clients,
            clock: &inner.clock,
            runtime: &inner.runtime,
            stop: inner.stop.child_token(),
            folder: inner.config.folder.as_deref().map(|folder| stream_folder(folder, &id)),
            queue_bytes: inner.config.queue_bytes,
            epoch: epoch_at(inner.clock.now()).max(streams.last_epoch + 1),
            seed: inner.config.seed,
        };
        let stream = Stream::open(spec, opening)?;
        streams.last_epoch = streams.last_epoch.max(stream.epoch());
        streams.open.insert(id, stream.clone());
        Ok(stream)
    }

    /// The open stream of this [`StreamSpec::id`].
    pub fn stream(&self, id: &str) -> Option<Stream> {
        self.lock().open.get(id).cloned()
    }

    /// All open streams, by id.
    pub fn streams(&self) -> Vec<Stream> {
        self.lock().open.values().cloned().collect()
    }

    /// Stops a stream's workers and forgets its queue, as AWS does when a stream is deleted.
    pub async fn remove(&self, id: &str) {
        let Some(stream) = self.stream(id) else { return };
        stream.stop().await;
        // The id is free again only when the folder is.
        let mut streams = self.lock();
        stream.forget();
        streams.open.remove(id);
    }

    /// Flushes all streams now and waits until all that was accepted by then is delivered and backed up.
    ///
    /// `patience` is real time.
    ///
    /// # Errors
    /// [`Unsettled`] says what is left of each stream, and why.
    pub async fn settle(&self, patience: Duration) -> Result<(), Unsettled> {
        let flushes: Vec<_> = self.streams().into_iter().map(|stream| (stream.begin_flush(), stream)).collect();
        let all = async {
            for (flush, stream) in &flushes {
                stream.finished(*flush).await;
            }
        };
        // Whether the time was up is seen from what is left.
        let _in_time = tokio::time::timeout(patience, all).await;
        let streams: Vec<_> = flushes.iter().filter_map(|(flush, stream)| stream.left(*flush)).collect();
        if streams.is_empty() { Ok(()) } else { Err(Unsettled { streams }) }
    }

    /// Refuses puts, flushes, finishes within `grace` (real time), and stops the workers.
    ///
    /// What is left stays on disk when there is a folder. Answers each stream's account, by id.
    pub async fn shutdown(&self, grace: Duration) -> Vec<(String, Account)> {
        let streams = {
            let mut streams = self.lock();
            streams.stopping = true;
            streams.open.clone()
        };
        let mut flushes = Vec::with_capacity(streams.len());
        for stream in streams.values() {
            stream.refuse("the stack is stopping");
            flushes.push((stream.begin_flush(), stream));
        }
        let all = async {
            for (flush, stream) in &flushes {
                stream.finished(*flush).await;
            }
        };
        // Whether the time was up is seen from what is left.
        let _in_time = tokio::time::timeout(grace, all).await;
        for (flush, stream) in &flushes {
            if let Some(left) = stream.left(*flush) {
                let kept = self.inner.config.folder.is_some();
                tracing::warn!(
                    stream = left.name,
                    records = left.queued,
                    reason = left.reason,
                    kept,
                    "records are left"
                );
            }
            stream.stop().await;
        }
        streams.iter().map(|(id, stream)| (id.clone(), stream.account())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.inner.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the queue of a stream is; the suffix keeps the ids `.` and `..`, which AWS allows as names, from meaning folders.
fn stream_folder(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.queue"))
}

fn lock_folder(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let opened = fs::create_dir_all(folder).and_then(|()| File::create(&path));
    let file = opened.map_err(|source| Error::Folder { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::FolderInUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(Error::Folder { path, source }),
    }
}

#[cfg(test)]
mod tests;
