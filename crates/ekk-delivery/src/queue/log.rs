//! The records of a stream in its folder: files of frames, one frame a call, appended before the call is answered.
//!
//! A file is named after the index of its first record and begins with a header: `EKKQ`, version 1 (`u32`), the epoch
//! (`u64`), the first index (`u64`). A frame is its payload's length (`u32`) and CRC-32 (`u32`), then the payload: the
//! arrival in nanoseconds since 1970 (`i128`), the first index (`u64`), the number of records (`u32`), the length of
//! each (`u32`), and the records. All numbers are little-endian.
//!
//! A frame is with the operating system when the call is answered: it survives a process that is killed at any moment.
//! What such a process wrote of a frame that it never answered for ends the file and is passed over, as is a frame that
//! was damaged later. Each opening begins a new file with a higher epoch, so that no sequence number is given twice.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use bytes::{Buf, Bytes};
use jiff::Timestamp;

use super::{
    Record,
    checkpoint::{Checkpoint, CheckpointFile},
};
use crate::limits::SEGMENT_BYTES;

const MAGIC: &[u8; 4] = b"EKKQ";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 24;
const FRAME_HEAD_BYTES: usize = 8;
const PAYLOAD_HEAD_BYTES: usize = 28;

/// What an earlier process left.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// Records that are not below both lanes' progress, in order.
    pub(crate) records: Vec<Record>,
    /// The index that the next record gets.
    pub(crate) next: u64,
    /// How far the lanes were.
    pub(crate) checkpoint: Checkpoint,
}

/// The files of one stream, open for appending.
#[derive(Debug)]
pub(crate) struct Log {
    folder: PathBuf,
    epoch: u64,
    file: File,
    file_bytes: u64,
    /// The first index of every file, oldest first; the last one is appended to.
    files: Vec<u64>,
    frame: Vec<u8>,
    checkpoints: CheckpointFile,
}

impl Log {
    /// Opens the log in `folder`, which is made if need be; its epoch is `epoch`, or higher if an earlier one was not
    /// lower.
    pub(crate) fn open(folder: &Path, epoch: u64) -> io::Result<(Self, Restored)> {
        fs::create_dir_all(folder)?;
        let (checkpoints, checkpoint) = CheckpointFile::open(folder)?;
        let needed = checkpoint.destination_done.min(checkpoint.backup_done);
        let mut restored = Restored { records: Vec::new(), next: checkpoint.accepted, checkpoint };
        let mut epoch = epoch;
        let mut files = first_indices(folder)?;
        for first in &files {
            let read = read_file(&file_path(folder, *first))?;
            epoch = epoch.max(read.epoch + 1);
            restored.next = restored.next.max(*first).max(read.next);
            restored.records.extend(read.records.into_iter().filter(|record| record.index >= needed));
        }
        files.retain(|first| *first != restored.next);
        let (file, file_bytes) = create_file(folder, epoch, restored.next)?;
        files.push(restored.next);
        let mut log =
            Self { folder: folder.to_owned(), epoch, file, file_bytes, files, frame: Vec::new(), checkpoints };
        log.forget(needed)?;
        Ok((log, restored))
    }

    /// The epoch of the records that this opening takes.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Keeps how far the lanes are, and deletes what neither needs any more.
    pub(crate) fn keep(&mut self, checkpoint: &Checkpoint) -> io::Result<()> {
        self.checkpoints.write(checkpoint)?;
        self.forget(checkpoint.destination_done.min(checkpoint.backup_done))
    }

    /// Appends the records of one call. When it fails nothing of them is kept: what was written of the frame ends its
    /// file, and the next call begins another.
    pub(crate) fn append(&mut self, first: u64, arrival: Timestamp, records: &[Bytes]) -> io::Result<()> {
        if self.file_bytes >= SEGMENT_BYTES {
            (self.file, self.file_bytes) = create_file(&self.folder, self.epoch, first)?;
            if self.files.last() != Some(&first) {
                self.files.push(first);
            }
        }
        write_frame(&mut self.frame, first, arrival, records)?;
        if let Err(error) = self.file.write_all(&self.frame) {
            self.file_bytes = SEGMENT_BYTES;
            return Err(error);
        }
        self.file_bytes += self.frame.len() as u64;
        self.frame.clear();
        self.frame.shrink_to(1 << 20);
        Ok(())
    }

    /// Deletes the files that hold only records below `done`.
    fn forget(&mut self, done: u64) -> io::Result<()> {
        while let [oldest, next, ..] = *self.files.as_slice()
            && next <= done
        {
            fs::remove_file(file_path(&self.folder, oldest))?;
            self.files.remove(0);
        }
        Ok(())
    }

    /// Deletes the folder.
    pub(crate) fn delete(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }

    /// Waits until the disk itself has what was appended.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

fn file_path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.log"))
}

fn first_indices(folder: &Path) -> io::Result<Vec<u64>> {
    let mut indices = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        indices
            .extend(name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|name| name.parse::<u64>().ok()));
    }
    indices.sort_unstable();
    Ok(indices)
}

fn create_file(folder: &Path, epoch: u64, first: u64) -> io::Result<(File, u64)> {
    let path = file_path(folder, first);
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&epoch.to_le_bytes());
    header.extend_from_slice(&first.to_le_bytes());
    file.write_all(&header)?;
    Ok((file, header.len() as u64))
}

fn write_frame(frame: &mut Vec<u8>, first: u64, arrival: Timestamp, records: &[Bytes]) -> io::Result<()> {
    frame.clear();
    frame.extend_from_slice(&[0; FRAME_HEAD_BYTES]);
    frame.extend_from_slice(&arrival.as_nanosecond().to_le_bytes());
    frame.extend_from_slice(&first.to_le_bytes());
    frame.extend_from_slice(&length_u32(records.len())?.to_le_bytes());
    for record in records {
        frame.extend_from_slice(&length_u32(record.len())?.to_le_bytes());
    }
    for record in records {
        frame.extend_from_slice(record);
    }
    let (head, payload) = frame.split_at_mut(FRAME_HEAD_BYTES);
    let (length, checksum) = head.split_at_mut(4);
    length.copy_from_slice(&length_u32(payload.len())?.to_le_bytes());
    checksum.copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
    Ok(())
}

fn length_u32(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(io::Error::other)
}

struct FileContent {
    epoch: u64,
    next: u64,
    records: Vec<Record>,
}

/// Reads a file up to the first frame that is not whole.
fn read_file(path: &Path) -> io::Result<FileContent> {
    let mut rest = Bytes::from(fs::read(path)?);
    let mut content = FileContent { epoch: 0, next: 0, records: Vec::new() };
    if rest.len() < HEADER_BYTES || !rest.starts_with(MAGIC) {
        tracing::warn!(file = %path.display(), "queue file has no header, passing over it");
        return Ok(content);
    }
    rest.advance(MAGIC.len());
    let version = rest.get_u32_le();
    if version != VERSION {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is a queue file of version {version}; this program reads version {VERSION}", path.display()),
        ));
    }
    content.epoch = rest.get_u64_le();
    content.next = rest.get_u64_le();
    while let Some(frame) = next_frame(&mut rest) {
        if read_payload(frame, &mut content).is_none() {
            tracing::error!(file = %path.display(), "queue file has a damaged frame, its records are lost");
        }
    }
    if !rest.is_empty() {
        tracing::warn!(file = %path.display(), bytes = rest.len(), "queue file ends in an unfinished frame");
    }
    Ok(content)
}

/// A frame as it stands in the file.
struct Frame {
    checksum: u32,
    payload: Bytes,
}

/// Takes the next frame; none when it does not end within the file, with `rest` as before.
fn next_frame(rest: &mut Bytes) -> Option<Frame> {
    let mut head = rest.get(..FRAME_HEAD_BYTES)?;
    let length = usize::try_from(head.get_u32_le()).ok()?;
    let checksum = head.get_u32_le();
    let end = FRAME_HEAD_BYTES.checked_add(length).filter(|end| *end <= rest.len())?;
    let payload = rest.split_to(end).slice(FRAME_HEAD_BYTES..);
    Some(Frame { checksum, payload })
}

/// Reads the records of a frame into `content`; none when it is damaged, with `content` as before.
fn read_payload(Frame { checksum, mut payload }: Frame, content: &mut FileContent) -> Option<()> {
    if crc32fast::hash(&payload) != checksum || payload.len() < PAYLOAD_HEAD_BYTES {
        return None;
    }
    let arrival = Timestamp::from_nanosecond(payload.get_i128_le()).ok()?;
    let first = payload.get_u64_le();
    let count = usize::try_from(payload.get_u32_le()).ok()?;
    let mut lengths = (payload.len() >= count.checked_mul(4)?).then(|| payload.split_to(count * 4))?;
    let mut records = Vec::with_capacity(count);
    for index in (first..).take(count) {
        let length = usize::try_from(lengths.get_u32_le()).ok()?;
        let data = (payload.len() >= length).then(|| payload.split_to(length))?;
        records.push(Record { epoch: content.epoch, index, piece: 0, arrival, data });
    }
    content.records.append(&mut records);
    content.next = first + count as u64;
    Some(())
}

#[cfg(test)]
mod tests;
