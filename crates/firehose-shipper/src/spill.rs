//! Records on disk, for which the queue had no room, and those that a former process left there.
//!
//! A folder has files of records, each of which is deleted when all of its records have reached their end. A process that
//! is killed leaves its files: they are read by the next one, and what of them had been sent is sent twice then.
//! Writes are not synced, so a power cut may lose the last ones.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
};

use crate::limits::SEGMENT_BYTES;

mod frame;

/// A file begins with the place of the first record that is still to be read, as 8 bytes, the least first.
const HEADER_BYTES: u64 = 8;
const LOCK_FILE: &str = "lock";
const EXTENSION: &str = "spill";
/// What a damaged file's name ends with; it is left for a person to look at.
const DAMAGED_EXTENSION: &str = "damaged";

/// The folder. One process at a time has it.
#[derive(Debug)]
pub(crate) struct Spill {
    folder: PathBuf,
    max_bytes: u64,
    /// Holds the lock for as long as it lives.
    _lock: File,
    /// By number, in the order in which they were begun.
    segments: BTreeMap<u64, Segment>,
    /// The last segment, when it takes more records.
    writing: Option<(u64, File)>,
    reading: Option<(u64, File)>,
    next_segment: u64,
    /// What had to be put aside since this was last asked.
    damaged: Vec<Damaged>,
}

/// A file that cannot be read any further.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damaged {
    /// Where it is now.
    pub(crate) path: PathBuf,
    /// The records of this process in it that were not read.
    pub(crate) sequences: Vec<u64>,
}

/// One file.
#[derive(Debug)]
struct Segment {
    bytes: u64,
    /// Where the next record to be read begins, in bytes.
    read_to: u64,
    /// Records that were read and have not reached their end.
    unsettled: u64,
    /// This process wrote it, so the sequence numbers in it hold.
    ours: bool,
    /// The numbers of the records that this process wrote and has not read back, as first → one after the last.
    unread: VecDeque<Range<u64>>,
}

impl Segment {
    fn new(bytes: u64, read_to: u64, ours: bool) -> Self {
        Self { bytes, read_to, unsettled: 0, ours, unread: VecDeque::new() }
    }

    fn wrote(&mut self, sequence: u64) {
        match self.unread.back_mut() {
            Some(run) if run.end == sequence => run.end += 1,
            _ => self.unread.push_back(sequence..sequence + 1),
        }
    }

    fn has_read(&mut self, bytes: u64) {
        self.read_to += bytes;
        self.unsettled += 1;
        if let Some(run) = self.unread.front_mut() {
            run.start += 1;
            if run.is_empty() {
                self.unread.pop_front();
            }
        }
    }
}

/// A record that was read back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// None for a record of a former process.
    pub(crate) sequence: Option<u64>,
    pub(crate) segment: u64,
    pub(crate) data: Box<[u8]>,
}

impl Spill {
    /// Opens the folder, makes it if need be, and locks it.
    pub(crate) fn open(folder: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK_FILE))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::other("another shipper has locked it"),
            fs::TryLockError::Error(error) => error,
        })?;
        let mut spill = Self {
            folder: folder.to_owned(),
            max_bytes,
            _lock: lock,
            segments: BTreeMap::new(),
            writing: None,
            reading: None,
            next_segment: 0,
            damaged: Vec::new(),
        };
        for entry in fs::read_dir(folder)? {
            spill.find(&entry?.path())?;
        }
        Ok(spill)
    }

    /// Notes a file of a former process.
    fn find(&mut self, path: &Path) -> io::Result<()> {
        let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u64>().ok());
        let Some(number) = number.filter(|_| is_segment) else { return Ok(()) };
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut header = 0_u64.to_le_bytes();
        let read_to = match file.read_exact(&mut header) {
            Ok(()) => u64::from_le_bytes(header).max(HEADER_BYTES),
            Err(_) => HEADER_BYTES,
        };
        self.segments.insert(number, Segment::new(bytes, read_to, false));
        self.next_segment = self.next_segment.max(number + 1);
        Ok(())
    }

    /// Whether records of this process wait here, so that newer ones must wait behind them.
    pub(crate) fn is_ahead(&self) -> bool {
        self.segments.values().any(|segment| !segment.unread.is_empty())
    }

    /// Whether there is anything to be read.
    pub(crate) fn has_unread(&self) -> bool {
        self.segments.values().any(|segment| segment.read_to < segment.bytes)
    }

    /// Adds a record that is to be read back. Answers whether there was room for it.
    pub(crate) fn write(&mut self, sequence: u64, data: &[u8]) -> io::Result<bool> {
        let segment = self.append(sequence, data)?;
        if let Some(segment) = segment.and_then(|number| self.segments.get_mut(&number)) {
            segment.wrote(sequence);
        }
        Ok(segment.is_some())
    }

    /// Adds a record for the next start. Answers whether there was room for it.
    pub(crate) fn keep(&mut self, sequence: u64, data: &[u8]) -> io::Result<bool> {
        Ok(self.append(sequence, data)?.is_some())
    }

    /// Answers the segment, if there was room.
    fn append(&mut self, sequence: u64, data: &[u8]) -> io::Result<Option<u64>> {
        let frame = frame::encode(sequence, data);
        let frame_bytes = frame.len() as u64;
        let used: u64 = self.segments.values().map(|segment| segment.bytes).sum();
        if used + frame_bytes + HEADER_BYTES > self.max_bytes {
            return Ok(None);
        }
        let full = self.writing.as_ref().and_then(|(number, _)| self.segments.get(number));
        if full.is_none_or(|segment| segment.bytes + frame_bytes > SEGMENT_BYTES) {
            self.begin_segment()?;
        }
        let Some((number, file)) = &mut self.writing else { return Ok(None) };
        let Some(segment) = self.segments.get_mut(number) else { return Ok(None) };
        if let Err(error) = file.write_all(&frame) {
            // A part of the record may be there, and nothing can follow it.
            file.set_len(segment.bytes).ok();
            self.writing = None;
            return Err(error);
        }
        segment.bytes += frame_bytes;
        Ok(Some(*number))
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        let number = self.next_segment;
        let mut file = OpenOptions::new().create_new(true).append(true).open(self.path(number))?;
        file.write_all(&HEADER_BYTES.to_le_bytes())?;
        self.segments.insert(number, Segment::new(HEADER_BYTES, HEADER_BYTES, true));
        self.next_segment += 1;
        if let Some((former, _)) = self.writing.replace((number, file)) {
            self.delete_if_done(former);
        }
        Ok(())
    }

    /// Reads records, the oldest first, until they have `bytes` or there are no more.
    ///
    /// A file that cannot be read from some place on is put aside, which [`Spill::take_damaged`] tells.
    pub(crate) fn read(&mut self, bytes: usize) -> Vec<Found> {
        let mut found = Vec::new();
        let mut found_bytes = 0;
        while found_bytes < bytes
            && let Some(number) = self.segments.iter().find(|(_, it)| it.read_to < it.bytes).map(|(number, _)| *number)
        {
            match self.read_one(number) {
                Ok(record) => {
                    found_bytes += record.data.len();
                    found.push(record);
                }
                Err(_) => self.put_aside(number),
            }
        }
        found
    }

    fn read_one(&mut self, number: u64) -> io::Result<Found> {
        if self.reading.as_ref().is_none_or(|(reading, _)| *reading != number) {
            self.reading = Some((number, File::open(self.path(number))?));
        }
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let (_, file) = self.reading.as_mut().ok_or_else(gone)?;
        let segment = self.segments.get_mut(&number).ok_or_else(gone)?;
        file.seek(SeekFrom::Start(segment.read_to))?;
        let (sequence, data, length) = frame::read(file, segment.bytes - segment.read_to)?;
        segment.has_read(length);
        Ok(Found { sequence: segment.ours.then_some(sequence), segment: number, data })
    }

    /// Gives up on what is left in a file.
    fn put_aside(&mut self, number: u64) {
        self.reading = None;
        if self.writing.as_ref().is_some_and(|(writing, _)| *writing == number) {
            self.writing = None;
        }
        if let Some(segment) = self.segments.remove(&number) {
            let path = self.path(number);
            let aside = path.with_extension(DAMAGED_EXTENSION);
            // When it cannot be renamed, it stays where it is and is tried at the next start.
            fs::rename(&path, &aside).ok();
            self.damaged.push(Damaged { path: aside, sequences: segment.unread.into_iter().flatten().collect() });
        }
    }

    /// What was put aside since the last call.
    pub(crate) fn take_damaged(&mut self) -> Vec<Damaged> {
        std::mem::take(&mut self.damaged)
    }

    /// A record that was read from a segment has reached its end.
    pub(crate) fn settle(&mut self, segment: u64) {
        if let Some(it) = self.segments.get_mut(&segment) {
            it.unsettled = it.unsettled.saturating_sub(1);
            self.delete_if_done(segment);
        }
    }

    fn delete_if_done(&mut self, number: u64) {
        let Some(segment) = self.segments.get(&number) else { return };
        if segment.unsettled > 0 || segment.read_to < segment.bytes {
            return;
        }
        for open in [&mut self.writing, &mut self.reading] {
            if open.as_ref().is_some_and(|(it, _)| *it == number) {
                *open = None;
            }
        }
        self.segments.remove(&number);
        // A file that stays is read again at the next start: its records are sent twice, and none is lost.
        fs::remove_file(self.path(number)).ok();
    }

    /// The records of this process that were not read back.
    pub(crate) fn unread_sequences(&self) -> impl Iterator<Item = u64> + '_ {
        self.segments.values().flat_map(|segment| segment.unread.iter().cloned().flatten())
    }

    /// Notes in the files what was read of them, so that it is not read again. What was read and has not reached its end
    /// must have been written anew before.
    pub(crate) fn close(&mut self) {
        for (number, segment) in &self.segments {
            if segment.read_to > HEADER_BYTES
                && let Ok(mut file) = OpenOptions::new().write(true).open(self.path(*number))
            {
                // When it cannot be noted, the records are sent twice.
                file.write_all(&segment.read_to.to_le_bytes()).ok();
            }
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:016}.{EXTENSION}"))
    }
}

#[cfg(test)]
mod tests;
