//! Keeps the catalogue and the bytes: in memory, or in a folder that survives a restart.
//!
//! Bytes are staged first, then a commit decides on the catalogue and changes it in one step. In a folder each body is
//! a data file of its own, written and synced before the commit, and the commit is one synced line of the [`log`].
//! No file's path is made of a key, so every key is possible.

mod log;

use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use ekk_clock::Clock;
use jiff::{Timestamp, TimestampRound, Unit};
use tokio::io::{AsyncWriteExt as _, BufWriter};

use crate::{
    Error,
    catalogue::{Catalogue, Mutation},
    error::{Failure, Outcome},
    limits,
    segment::{DataFile, Segment},
};

use log::Log;

const NOT_POISONED: &str = "no one panics while holding this lock";

/// The catalogue with the place where its bytes are.
#[derive(Debug)]
pub(crate) struct Store {
    catalogue: RwLock<Catalogue>,
    /// `None` in memory and once the store is closed. Invariant: whoever changes the catalogue holds this, from the decision to the change.
    log: Mutex<Option<Log>>,
    place: Place,
    clock: Clock,
}

#[derive(Debug)]
enum Place {
    Memory { used_bytes: Arc<AtomicU64> },
    Folder { path: PathBuf, next_file: AtomicU64 },
}

impl Store {
    pub(crate) fn in_memory(clock: Clock) -> Self {
        let place = Place::Memory { used_bytes: Arc::default() };
        Self { catalogue: RwLock::default(), log: Mutex::new(None), place, clock }
    }

    pub(crate) fn on_folder(path: PathBuf, clock: Clock) -> Result<Self, Error> {
        let (log, catalogue, next_file) = Log::open(&path)?;
        let place = Place::Folder { path, next_file: AtomicU64::new(next_file) };
        Ok(Self { catalogue: RwLock::new(catalogue), log: Mutex::new(Some(log)), place, clock })
    }

    /// The stack's time in whole seconds, as S3 keeps times.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        now.round(TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor)).unwrap_or(now)
    }

    /// Looks at the catalogue; `look` is short and does not block.
    pub(crate) fn read<A>(&self, look: impl FnOnce(&Catalogue) -> A) -> A {
        look(&self.catalogue.read().expect(NOT_POISONED))
    }

    /// Changes the catalogue as `decide` says; when this answers, the change is durable.
    ///
    /// A client that disconnects meanwhile does not stop a change half-way.
    pub(crate) async fn commit<A, D>(self: &Arc<Self>, decide: D) -> Outcome<A>
    where
        A: Send + 'static,
        D: FnOnce(&Catalogue) -> Outcome<(Mutation, A)> + Send + 'static,
    {
        match self.place {
            Place::Memory { .. } => self.commit_blocking(decide),
            Place::Folder { .. } => {
                let store = Arc::clone(self);
                blocking(move || store.commit_blocking(decide)).await?
            }
        }
    }

    /// [`Store::commit`] for a caller that may block.
    pub(crate) fn commit_blocking<A>(&self, decide: impl FnOnce(&Catalogue) -> Outcome<(Mutation, A)>) -> Outcome<A> {
        let mut log = self.log.lock().expect(NOT_POISONED);
        let (mutation, answer) = self.read(decide)?;
        if matches!(mutation, Mutation::Nothing) {
            return Ok(answer);
        }
        match (&mut *log, &self.place) {
            (Some(log), _) => log.append(&mutation)?,
            (None, Place::Memory { .. }) => {}
            (None, Place::Folder { .. }) => return Err(Failure::Storage(io::Error::other("the store is closed"))),
        }
        self.catalogue.write().expect(NOT_POISONED).apply(mutation);
        if let Some(log) = &mut *log
            && let Err(error) = self.read(|catalogue| log.shorten(catalogue))
        {
            tracing::warn!(%error, "cannot shorten the log of the S3 store; it goes on growing");
        }
        Ok(answer)
    }

    /// Gives the folder back; no change is possible any more.
    pub(crate) fn close(&self) {
        *self.log.lock().expect(NOT_POISONED) = None;
    }

    /// A place for a body of at most `size_bytes`. `key` is only for people who look into the folder.
    pub(crate) async fn stage(&self, bucket: &str, key: &str, size_bytes: u64) -> Outcome<Staging> {
        match &self.place {
            Place::Memory { used_bytes } => Ok(Staging::Memory(Block::reserve(used_bytes, size_bytes)?)),
            Place::Folder { .. } => {
                let data = self.data_file(bucket, key).expect("this is a folder store");
                let folder = data.path().parent().expect("it is in a bucket's folder").to_owned();
                blocking(move || make_bucket_folder(&folder)).await??;
                let file = tokio::fs::File::create_new(data.path()).await?;
                Ok(Staging::File { writer: BufWriter::with_capacity(limits::READ_BYTES, file), data, size_bytes: 0 })
            }
        }
    }

    /// The same bytes once more, for another object: shared in memory, hard links in a folder.
    pub(crate) async fn duplicate(&self, bucket: &str, key: &str, segments: Vec<Segment>) -> Outcome<Vec<Segment>> {
        let Place::Folder { path, .. } = &self.place else { return Ok(segments) };
        let folder = path.join(bucket);
        let links: Vec<_> = segments.iter().map(|_| self.data_file(bucket, key)).collect();
        let link = move |segment: Segment, link: Option<Arc<DataFile>>| match (segment, link) {
            (Segment::File { file, range }, Some(link)) => {
                if fs::hard_link(file.path(), link.path()).is_err() {
                    fs::copy(file.path(), link.path())?;
                    fs::File::open(link.path())?.sync_all()?;
                }
                Ok(Segment::File { file: link, range })
            }
            (segment, _) => Ok(segment),
        };
        let work = move || {
            make_bucket_folder(&folder)?;
            let linked = segments.into_iter().zip(links).map(|(segment, file)| link(segment, file));
            let linked = linked.collect::<io::Result<Vec<_>>>()?;
            sync_folder(&folder)?;
            Ok(linked)
        };
        blocking(work).await?
    }

    fn data_file(&self, bucket: &str, key: &str) -> Option<Arc<DataFile>> {
        match &self.place {
            Place::Memory { .. } => None,
            Place::Folder { path, next_file } => {
                let number = next_file.fetch_add(1, Ordering::Relaxed);
                Some(Arc::new(DataFile::staged(path, format!("{bucket}/{number:016x}_{}", label(key)))))
            }
        }
    }
}

/// The end of a key in characters that every file system takes.
fn label(key: &str) -> String {
    const CHARACTERS: usize = 100;
    let skipped = key.chars().count().saturating_sub(CHARACTERS);
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-');
    key.chars().skip(skipped).map(|character| if plain(character) { character } else { '_' }).collect()
}

fn make_bucket_folder(folder: &std::path::Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(folder.parent().expect("a bucket's folder is in the store's")),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes new names in a folder survive a power cut.
fn sync_folder(folder: &std::path::Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

async fn blocking<A: Send + 'static>(work: impl FnOnce() -> A + Send + 'static) -> io::Result<A> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

/// A body on its way into the store; when it is dropped, so is what was written.
#[derive(Debug)]
pub(crate) enum Staging {
    Memory(Block),
    File { writer: BufWriter<tokio::fs::File>, data: Arc<DataFile>, size_bytes: u64 },
}

impl Staging {
    /// Appends `chunk`; all chunks together have no more bytes than the stage was made for.
    pub(crate) async fn write(&mut self, chunk: &[u8]) -> Outcome<()> {
        match self {
            Self::Memory(block) => block.bytes.extend_from_slice(chunk),
            Self::File { writer, size_bytes, .. } => {
                writer.write_all(chunk).await?;
                *size_bytes += chunk.len() as u64;
            }
        }
        Ok(())
    }

    /// The bytes, durable where the store is.
    pub(crate) async fn finish(self) -> Outcome<Vec<Segment>> {
        match self {
            Self::Memory(block) => Ok(vec![Segment::Memory(Bytes::from_owner(block))]),
            Self::File { mut writer, data, size_bytes } => {
                writer.flush().await?;
                writer.get_ref().sync_all().await?;
                let folder = data.path().parent().expect("it is in a bucket's folder").to_owned();
                blocking(move || sync_folder(&folder)).await??;
                Ok(vec![Segment::File { file: data, range: 0..size_bytes }])
            }
        }
    }
}

/// Bytes in memory that count against [`limits::MEMORY_BYTES`] for as long as anyone holds them.
#[derive(Debug)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    reserved_bytes: u64,
    used_bytes: Arc<AtomicU64>,
}

impl Block {
    fn reserve(used_bytes: &Arc<AtomicU64>, size_bytes: u64) -> Outcome<Self> {
        let grow = |used: u64| used.checked_add(size_bytes).filter(|used| *used <= limits::MEMORY_BYTES);
        used_bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, grow).map_err(|_| Failure::MemoryFull)?;
        let mut block = Self { bytes: Vec::new(), reserved_bytes: size_bytes, used_bytes: Arc::clone(used_bytes) };
        let capacity = usize::try_from(size_bytes).map_err(|_| Failure::MemoryFull)?;
        block.bytes.try_reserve_exact(capacity).map_err(|_| Failure::MemoryFull)?;
        Ok(block)
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.used_bytes.fetch_sub(self.reserved_bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
