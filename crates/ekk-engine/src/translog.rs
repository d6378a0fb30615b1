//! The log of an index's writes since its last flush, so that an acknowledged write survives the process.
//!
//! A file holds records one after the other: length and CRC-32 (both 4 bytes, little-endian), then the entry. A record
//! that was cut off by a crash ends the reading; nothing behind it was acknowledged. Which files there are is
//! [`crate::store`]'s.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::Arc,
};

/// A write, as it was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Index { id: String, source: String, seq_no: u64, version: u64 },
    Delete { id: String, seq_no: u64, version: u64 },
}

impl Entry {
    pub(crate) fn seq_no(&self) -> u64 {
        match self {
            Self::Index { seq_no, .. } | Self::Delete { seq_no, .. } => *seq_no,
        }
    }
}

const INDEX: u8 = 1;
const DELETE: u8 = 2;
/// Kind, sequence number, version, length of the id.
const FIXED_BYTES: usize = 1 + 8 + 8 + 4;

/// The log's current file.
pub(crate) struct Translog {
    file: Arc<File>,
    /// Entries of the batch at hand.
    batch: Vec<u8>,
    /// What the file holds.
    bytes: u64,
    /// Why the file takes no more entries.
    failure: Option<String>,
}

/// A file whose entries are written and may still have to reach the disk.
pub(crate) struct Written(Arc<File>);

impl Written {
    /// Waits until all that was written is on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

impl Translog {
    /// Starts a new file.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create_new(true).append(true).open(path)?;
        Ok(Self { file: Arc::new(file), batch: Vec::new(), bytes: 0, failure: None })
    }

    /// What was written since the file was started, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn index(&mut self, id: &str, source: &str, seq_no: u64, version: u64) {
        self.append(INDEX, [seq_no, version], id, source);
    }

    pub(crate) fn delete(&mut self, id: &str, seq_no: u64, version: u64) {
        self.append(DELETE, [seq_no, version], id, "");
    }

    fn append(&mut self, kind: u8, [seq_no, version]: [u64; 2], id: &str, source: &str) {
        let (Ok(id_len), Ok(len)) = (u32::try_from(id.len()), u32::try_from(FIXED_BYTES + id.len() + source.len()))
        else {
            self.failure = Some("a document is over 4 GiB".to_owned());
            return;
        };
        let mut crc = crc32fast::Hasher::new();
        let mut fixed = [0_u8; FIXED_BYTES];
        let parts = [&[kind][..], &seq_no.to_le_bytes(), &version.to_le_bytes(), &id_len.to_le_bytes()];
        for (target, byte) in fixed.iter_mut().zip(parts.into_iter().flatten()) {
            *target = *byte;
        }
        for part in [&fixed, id.as_bytes(), source.as_bytes()] {
            crc.update(part);
        }
        self.batch.extend_from_slice(&len.to_le_bytes());
        self.batch.extend_from_slice(&crc.finalize().to_le_bytes());
        for part in [&fixed, id.as_bytes(), source.as_bytes()] {
            self.batch.extend_from_slice(part);
        }
    }

    /// Hands the batch to the system. After a failure the log takes no more, since a record may be cut off.
    pub(crate) fn written(&mut self) -> io::Result<Written> {
        if self.failure.is_none()
            && let Err(error) = (&*self.file).write_all(&self.batch)
        {
            self.failure = Some(error.to_string());
        }
        self.bytes += self.batch.len() as u64;
        self.batch.clear();
        match &self.failure {
            Some(failure) => Err(io::Error::other(format!("translog: {failure}"))),
            None => Ok(Written(Arc::clone(&self.file))),
        }
    }
}

/// The entries of a file, up to the first record that is cut off or damaged.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Entry>> {
    let bytes = std::fs::read(path)?;
    let mut rest = bytes.as_slice();
    let mut entries = Vec::new();
    while let Some((entry, after)) = split_entry(rest) {
        entries.push(entry);
        rest = after;
    }
    if !rest.is_empty() {
        tracing::warn!(path = %path.display(), bytes = rest.len(), "end of the translog was cut off");
    }
    Ok(entries)
}

fn split_entry(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let (record, after) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    if crc32fast::hash(record) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (kind, rest) = record.split_first()?;
    let (seq_no, rest) = rest.split_first_chunk::<8>()?;
    let (version, rest) = rest.split_first_chunk::<8>()?;
    let (id_len, rest) = rest.split_first_chunk::<4>()?;
    let (id, source) = rest.split_at_checked(u32::from_le_bytes(*id_len) as usize)?;
    let (seq_no, version) = (u64::from_le_bytes(*seq_no), u64::from_le_bytes(*version));
    let id = String::from_utf8(id.to_vec()).ok()?;
    let entry = match *kind {
        INDEX => Entry::Index { id, source: String::from_utf8(source.to_vec()).ok()?, seq_no, version },
        DELETE => Entry::Delete { id, seq_no, version },
        _ => return None,
    };
    Some((entry, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_up_to_the_one_that_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("translog-1.log");
        let mut translog = Translog::create(&path).unwrap();
        translog.index("a", r#"{"x":"ü"}"#, 7, 1);
        translog.delete("b", 8, 3);
        translog.written().unwrap().sync().unwrap();
        let whole = vec![
            Entry::Index { id: "a".to_owned(), source: r#"{"x":"ü"}"#.to_owned(), seq_no: 7, version: 1 },
            Entry::Delete { id: "b".to_owned(), seq_no: 8, version: 3 },
        ];
        assert_eq!(read(&path).unwrap(), whole);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 1..bytes.len() {
            std::fs::write(&path, &bytes[..bytes.len() - cut]).unwrap();
            let entries = read(&path).unwrap();
            assert_eq!(entries, whole[..entries.len()], "{cut} bytes cut off");
            assert!(entries.len() < 2);
        }
    }
}
