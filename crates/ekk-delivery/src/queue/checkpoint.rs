//! How far the lanes of a stream were, kept in its folder as one small file.
//!
//! The file has two slots of 8192 bytes, written in turn and in place, because replacing a file costs milliseconds on
//! some file systems. A slot is the CRC-32 (`u32`) of what follows, its length (`u32`), the number of the write (`u64`),
//! and the checkpoint as JSON; numbers are little-endian. The whole slot with the highest number counts, so a process
//! that is killed in a write leaves the checkpoint before.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use bytes::Buf;
use serde::{Deserialize, Serialize};

use crate::Account;

const FILE: &str = "checkpoint";
const SLOT_BYTES: u64 = 8192;
const HEAD_BYTES: usize = 16;

/// The progress and the account of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checkpoint {
    /// Records that were accepted by then.
    pub(crate) accepted: u64,
    pub(crate) destination_done: u64,
    /// Runs of records that had reached the destination ahead of an older one: first index, and the index after the last.
    /// The account has what became of them.
    pub(crate) destination_ahead: Vec<(u64, u64)>,
    pub(crate) backup_done: u64,
    /// Runs of records that were backed up ahead of an older one.
    pub(crate) backup_ahead: Vec<(u64, u64)>,
    pub(crate) account: Account,
}

/// The file that a stream's checkpoints are kept in.
#[derive(Debug)]
pub(crate) struct CheckpointFile {
    file: File,
    /// The number of the last write.
    writes: u64,
}

impl CheckpointFile {
    /// Opens the file in `folder`, and answers the last checkpoint: that of a new stream when there is none that can be
    /// read, so that records are delivered again rather than not at all.
    pub(crate) fn open(folder: &Path) -> io::Result<(Self, Checkpoint)> {
        let path = folder.join(FILE);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut content = Vec::new();
        (&mut file).take(2 * SLOT_BYTES).read_to_end(&mut content)?;
        let slot_bytes = usize::try_from(SLOT_BYTES).map_err(io::Error::other)?;
        let last = content.chunks(slot_bytes).filter_map(read_slot).max_by_key(|(number, _)| *number);
        if last.is_none() && !content.is_empty() {
            tracing::warn!(folder = %folder.display(), "checkpoint is not readable, delivering again");
        }
        let (writes, checkpoint) = last.unwrap_or_default();
        Ok((Self { file, writes }, checkpoint))
    }

    /// Keeps `checkpoint` in place of the one before the last.
    pub(crate) fn write(&mut self, checkpoint: &Checkpoint) -> io::Result<()> {
        self.writes += 1;
        let json = serde_json::to_vec(checkpoint).expect("numbers are JSON");
        let mut slot = vec![0; 4];
        slot.extend_from_slice(&u32::try_from(json.len()).map_err(io::Error::other)?.to_le_bytes());
        slot.extend_from_slice(&self.writes.to_le_bytes());
        slot.extend_from_slice(&json);
        let (checksum, rest) = slot.split_at_mut(4);
        checksum.copy_from_slice(&crc32fast::hash(rest).to_le_bytes());
        assert!(slot.len() as u64 <= SLOT_BYTES, "the longest checkpoint is below eight kilobytes");
        self.file.seek(SeekFrom::Start(self.writes % 2 * SLOT_BYTES))?;
        self.file.write_all(&slot)
    }
}

/// The number and the checkpoint of a slot, when it is whole.
fn read_slot(slot: &[u8]) -> Option<(u64, Checkpoint)> {
    let (mut head, content) = slot.split_at_checked(HEAD_BYTES)?;
    let checksum = head.get_u32_le();
    let length = usize::try_from(head.get_u32_le()).ok()?;
    let number = head.get_u64_le();
    let json = content.get(..length)?;
    let whole = crc32fast::hash(slot.get(4..HEAD_BYTES + length)?) == checksum;
    whole.then(|| serde_json::from_slice(json).ok().map(|checkpoint| (number, checkpoint)))?
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::limits::KEPT_RUNS;

    fn checkpoint(destination_done: u64) -> Checkpoint {
        let account = Account { indexed: destination_done, retries: 2, ..Account::default() };
        let ahead: Vec<(u64, u64)> = (0..KEPT_RUNS as u64).map(|run| (20 + 3 * run, 21 + 3 * run)).collect();
        let (destination_ahead, backup_ahead) = (ahead.clone(), ahead);
        Checkpoint { accepted: 9, destination_done, destination_ahead, backup_done: 5, backup_ahead, account }
    }

    #[test]
    fn the_last_checkpoint_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        for done in 0..5 {
            let (mut file, last) = CheckpointFile::open(folder.path()).unwrap();
            assert_eq!(last, if done == 0 { Checkpoint::default() } else { checkpoint(done) });
            for next in 0..=done + 1 {
                file.write(&checkpoint(next)).unwrap();
            }
        }
    }

    #[test]
    fn a_torn_write_leaves_the_checkpoint_before() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, _) = CheckpointFile::open(folder.path()).unwrap();
        file.write(&checkpoint(1)).unwrap();
        file.write(&checkpoint(2)).unwrap();
        let path = folder.path().join(FILE);
        let whole = fs::read(&path).unwrap();
        // The second write went to the first slot: any byte of it that is not as written spoils it.
        for torn in [0, 5, 9, 20, 60] {
            let mut content = whole.clone();
            *content.get_mut(torn).unwrap() ^= 1;
            fs::write(&path, content).unwrap();
            assert_eq!(CheckpointFile::open(folder.path()).unwrap().1, checkpoint(1), "byte {torn}");
        }
    }

    #[test]
    fn an_unreadable_checkpoint_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(CheckpointFile::open(folder.path()).unwrap().1, Checkpoint::default());
    }

    #[test]
    fn the_longest_checkpoint_fits() {
        let folder = tempfile::tempdir().unwrap();
        let full = serde_json::to_string(&checkpoint(1)).unwrap();
        let number = regex::Regex::new("[0-9]+").unwrap();
        let longest = number.replace_all(&full, u64::MAX.to_string());
        let longest: Checkpoint = serde_json::from_str(&longest).unwrap();
        CheckpointFile::open(folder.path()).unwrap().0.write(&longest).unwrap();
        assert_eq!(CheckpointFile::open(folder.path()).unwrap().1, longest);
    }
}
