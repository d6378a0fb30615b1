//! Offsets on disk, up to which records were delivered: `{"version": 1, "files": [...]}`, replaced as a whole.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    known::{ContentId, Known, Mark, Place, Start},
    limits::STATE_BYTES,
};

const VERSION: u32 = 1;
/// What the names of the files beside it end with: the one that replaces it, and the one that is locked.
const NEW: &str = ".new";
const LOCK: &str = ".lock";

/// The file, which one process at a time has.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    /// Holds the lock for as long as it lives.
    _lock: File,
}

/// What was delivered of files before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    pub(crate) files: Vec<Known>,
}

/// Why the offsets cannot be used. Nothing has been read or written then.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file or its folder cannot be used.
    #[error("cannot use {path} for offsets")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process follows files by it.
    #[error("{path} is in use by another process")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It holds something else than offsets.
    #[error("{path} does not hold offsets ({reason}); delete it to begin anew, which sends again what was sent")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    files: Vec<WrittenFile>,
}

#[derive(Serialize, Deserialize)]
struct WrittenFile {
    /// For people; a name that is no Unicode stands here about as it is.
    path: String,
    place: Option<Place>,
    start: Start,
    delivered: Mark,
}

impl StateFile {
    /// Locks the file, and reads it if it is there.
    ///
    /// # Errors
    /// [`StateError`]; a file that cannot be read is never overwritten.
    pub fn open(path: &Path) -> Result<(Self, Saved), StateError> {
        let failed = |source| StateError::Io { path: path.to_owned(), source };
        let lock = beside(path, LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => StateError::InUse { path: path.to_owned() },
            fs::TryLockError::Error(error) => failed(error),
        })?;
        let state = Self { path: path.to_owned(), _lock: lock };
        let saved = match File::open(path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(STATE_BYTES).read_to_end(&mut bytes).map_err(failed)?;
                parse(&bytes).map_err(|reason| StateError::Unreadable { path: path.to_owned(), reason })?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Saved::default(),
            Err(error) => return Err(failed(error)),
        };
        Ok((state, saved))
    }

    /// The files that are written for the state in `path`.
    pub fn files(path: &Path) -> [PathBuf; 3] {
        [path.to_owned(), beside(path, NEW), beside(path, LOCK)]
    }

    /// Replaces the file. When that fails, the one before stays.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn save(&self, saved: &Saved) -> io::Result<()> {
        let new = beside(&self.path, NEW);
        let mut file = File::create(&new)?;
        file.write_all(&write(saved)?)?;
        file.sync_data()?;
        fs::rename(&new, &self.path)
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

fn write(saved: &Saved) -> io::Result<Vec<u8>> {
    let files = saved.files.iter().map(|known| WrittenFile {
        path: known.path.to_string_lossy().into_owned(),
        place: known.place,
        start: known.start,
        delivered: known.delivered,
    });
    Ok(serde_json::to_vec(&Written { version: VERSION, files: files.collect() })?)
}

fn parse(bytes: &[u8]) -> Result<Saved, String> {
    let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if written.version != VERSION {
        return Err(format!("version {}, and this is {VERSION}", written.version));
    }
    let files = written.files.into_iter().map(|file| Known {
        id: ContentId::default(),
        path: file.path.into(),
        place: file.place,
        start: file.start,
        read: file.delivered,
        noted: file.delivered,
        delivered: file.delivered,
    });
    Ok(Saved { files: files.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        let delivered = Mark::default().after(b"one\n");
        Saved {
            files: vec![Known {
                id: ContentId::default(),
                path: "/var/log/a.log".into(),
                place: Some(Place { device: 1, inode: u64::MAX }),
                start: Start::of(b"one\ntwo\n"),
                read: delivered,
                noted: delivered,
                delivered,
            }],
        }
    }

    #[test]
    fn what_is_saved_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offsets.json");
        let (state, before) = StateFile::open(&path).unwrap();
        assert_eq!(before, Saved::default());
        state.save(&saved()).unwrap();
        state.save(&saved()).unwrap();
        assert!(matches!(StateFile::open(&path), Err(StateError::InUse { .. })));
        drop(state);
        assert_eq!(StateFile::open(&path).unwrap().1, saved());
    }

    #[test]
    fn a_file_that_holds_no_offsets_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offsets.json");
        for text in ["", "{}", "not json", r#"{"version": 2, "files": []}"#, r#"{"version": 1, "files": [{}]}"#] {
            fs::write(&path, text).unwrap();
            let error = StateFile::open(&path).unwrap_err();
            assert!(matches!(error, StateError::Unreadable { .. }), "{text}: {error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        let nowhere = StateFile::open(&folder.path().join("none/offsets.json")).unwrap_err();
        assert!(nowhere.to_string().starts_with("cannot use "), "{nowhere}");
    }
}
