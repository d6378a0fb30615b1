//! What a file is known by: its place on the disk, how it begins, and all of it up to where it was read. Pure.
//!
//! A name says nothing, for rotation gives it to another file. A place (device and inode) is given to a new file when the
//! old one is deleted, and stays when a file is truncated. So a place counts only together with how the file begins; and a
//! file in another place counts as a copy only when all of it is the same up to where the first one was read.

use std::{fs::Metadata, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::limits::START_BYTES;

/// Where a file lies, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl Place {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// Where there are no inodes, a file is known by the moment when it was made.
    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let made = metadata.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let nanos = made.map(|since| since.as_nanos()).unwrap_or_default();
        Self { device: 0, inode: u64::try_from(nanos).unwrap_or(u64::MAX) }
    }
}

/// How a file begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    /// How many bytes were there, up to [`START_BYTES`].
    pub(crate) bytes: usize,
    /// The CRC-32 of them.
    pub(crate) checksum: u32,
}

impl Start {
    pub(crate) fn of(head: &[u8]) -> Self {
        let head = head.get(..START_BYTES).unwrap_or(head);
        Self { bytes: head.len(), checksum: crc32fast::hash(head) }
    }

    /// Whether a file that begins so is the same, or has been added to.
    pub(crate) fn matches(self, head: &[u8]) -> bool {
        head.get(..self.bytes).is_some_and(|head| crc32fast::hash(head) == self.checksum)
    }
}

/// A place in a file, and what all of the file before it is. In a compressed file, it counts what comes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) offset: u64,
    /// The CRC-32 of everything before.
    pub(crate) checksum: u32,
}

impl Mark {
    /// The mark after more bytes.
    pub(crate) fn after(self, bytes: &[u8]) -> Self {
        let mut hasher = crc32fast::Hasher::new_with_initial_len(self.checksum, self.offset);
        hasher.update(bytes);
        Self { offset: self.offset + bytes.len() as u64, checksum: hasher.finalize() }
    }
}

/// The content of a file, which has a number of its own: a file that is truncated has another content from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentId(pub(crate) u64);

/// What is known of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) id: ContentId,
    pub(crate) path: PathBuf,
    /// None when something else lies there now.
    pub(crate) place: Option<Place>,
    pub(crate) start: Start,
    /// Up to where its records were handed on.
    pub(crate) read: Mark,
    /// Up to where that is in the ledger.
    pub(crate) noted: Mark,
    /// Up to where they have been delivered.
    pub(crate) delivered: Mark,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_added_to_begins_as_before() {
        let long = vec![b'x'; 5_000];
        for (before, now, expected) in [
            (&b""[..], &b""[..], true),
            (b"", b"abc", true),
            (b"abc", b"abc", true),
            (b"abc", b"abcdef", true),
            (b"abc", b"ab", false),
            (b"abc", b"abd", false),
            (&long, &long, true),
            (&long, &long[..1_000], false),
        ] {
            assert_eq!(Start::of(before).matches(now), expected, "{} {}", before.len(), now.len());
        }
    }

    #[test]
    fn a_mark_is_the_same_however_the_bytes_came() {
        let once = Mark::default().after(b"one two three");
        let thrice = Mark::default().after(b"one ").after(b"").after(b"two three");
        assert_eq!(once, thrice);
        assert_eq!(once.offset, 13);
        assert_ne!(once, Mark::default().after(b"one two thre!"));
    }
}
