//! Where the bytes of an object are: in memory or in data files, in one piece or in many.
//!
//! Segments are immutable and shared: a reader keeps the bytes that it started with, whatever happens to the object.

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::limits;

/// A run of bytes of an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Segment {
    /// Bytes in memory; they are never written to a log.
    #[serde(skip)]
    Memory(Bytes),
    /// `range` of a data file, in bytes.
    File { file: Arc<DataFile>, range: Range<u64> },
}

impl Segment {
    /// The length in bytes.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { range, .. } => range.end - range.start,
        }
    }

    /// The data file under this segment.
    pub(crate) fn file(&self) -> Option<&Arc<DataFile>> {
        match self {
            Self::Memory(_) => None,
            Self::File { file, .. } => Some(file),
        }
    }

    /// The part of this segment at `wanted`, which lies within it.
    fn slice(&self, wanted: Range<u64>) -> Self {
        match self {
            Self::Memory(bytes) => {
                let index = |at| usize::try_from(at).expect("it is within a buffer in memory");
                Self::Memory(bytes.slice(index(wanted.start)..index(wanted.end)))
            }
            Self::File { file, range } => {
                Self::File { file: Arc::clone(file), range: range.start + wanted.start..range.start + wanted.end }
            }
        }
    }
}

/// The bytes of `segments` at `range`, which lies within them. Nothing is copied.
pub(crate) fn slice(segments: &[Segment], range: &Range<u64>) -> Vec<Segment> {
    let mut slices = Vec::new();
    let mut start = 0;
    for segment in segments {
        let end = start + segment.len();
        let wanted = range.start.max(start)..range.end.min(end);
        if wanted.start < wanted.end {
            slices.push(segment.slice(wanted.start - start..wanted.end - start));
        }
        start = end;
    }
    slices
}

/// Reads `segments` one after the other.
pub(crate) fn read(segments: Vec<Segment>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::iter(segments).then(open).try_flatten()
}

type Chunks = stream::BoxStream<'static, io::Result<Bytes>>;

async fn open(segment: Segment) -> io::Result<Chunks> {
    let (file, range) = match segment {
        Segment::Memory(bytes) => return Ok(stream::once(async { Ok(bytes) }).boxed()),
        Segment::File { file, range } => (file, range),
    };
    let mut reader = tokio::fs::File::open(file.path()).await?;
    reader.seek(io::SeekFrom::Start(range.start)).await?;
    let reader = reader.take(range.end - range.start);
    let chunks = stream::try_unfold((reader, file), |(mut reader, file)| async move {
        let mut chunk =
            Vec::with_capacity(limits::READ_BYTES.min(usize::try_from(reader.limit()).unwrap_or(usize::MAX)));
        if reader.limit() == 0 {
            return Ok(None);
        }
        if reader.read_buf(&mut chunk).await? == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{} is too short", file.path().display()),
            ));
        }
        Ok(Some((Bytes::from(chunk), (reader, file))))
    });
    Ok(chunks.boxed())
}

/// A file that holds bytes of exactly one object or part.
///
/// It is removed with its last reader once nothing in the catalogue needs it: that is so from its creation until the
/// catalogue keeps it, and again when the catalogue dooms it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DataFile {
    /// Relative to the folder of the store, `bucket/file`.
    name: String,
    /// Invariant: set before anyone reads or removes the file; a deserialized one gets it by [`DataFile::place_in`].
    #[serde(skip)]
    path: PathBuf,
    #[serde(skip)]
    doomed: AtomicBool,
}

impl DataFile {
    /// A file yet to be written; it goes away again unless it is kept.
    pub(crate) fn staged(folder: &Path, name: String) -> Self {
        Self { path: folder.join(&name), name, doomed: AtomicBool::new(true) }
    }

    /// Says in which folder a deserialized file lies.
    pub(crate) fn place_in(&mut self, folder: &Path) {
        self.path = folder.join(&self.name);
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The catalogue needs this file.
    pub(crate) fn keep(&self) {
        self.doomed.store(false, Ordering::Release);
    }

    /// The catalogue does not need this file any more.
    pub(crate) fn doom(&self) {
        self.doomed.store(true, Ordering::Release);
    }
}

impl Drop for DataFile {
    fn drop(&mut self) {
        if self.doomed.load(Ordering::Acquire)
            && let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %self.path.display(), "cannot remove a data file that nothing needs");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slice_crosses_segments() {
        let segments = ["abc", "", "de", "fghi"].map(|text| Segment::Memory(Bytes::from(text)));
        for (range, expected) in
            [(0..9, "abcdefghi"), (0..3, "abc"), (2..4, "cd"), (3..6, "def"), (8..9, "i"), (4..4, "")]
        {
            let chunks: Vec<_> = read(slice(&segments, &range)).try_collect().await.unwrap();
            assert_eq!(chunks.concat(), expected.as_bytes(), "{range:?}");
        }
    }

    #[test]
    fn a_staged_file_goes_away_unless_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let stage = |name: &str| {
            let file = DataFile::staged(folder.path(), name.to_owned());
            fs::write(file.path(), "bytes").unwrap();
            file
        };
        drop(stage("dropped"));
        stage("kept").keep();
        let doomed = stage("doomed");
        doomed.keep();
        doomed.doom();
        drop(doomed);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["kept"]);
    }
}
