//! How far the lanes of a stream were, kept in its folder as one small file that is replaced as a whole.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::Account;

const FILE: &str = "checkpoint.json";
const NEW_FILE: &str = "checkpoint.json.new";

/// The progress and the account of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checkpoint {
    /// Records that were accepted by then.
    pub(crate) accepted: u64,
    pub(crate) destination_done: u64,
    pub(crate) backup_done: u64,
    pub(crate) account: Account,
}

impl Checkpoint {
    /// The checkpoint in `folder`; that of a new stream when there is none or it cannot be read, so that records are
    /// delivered again rather than not at all.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let text = match fs::read(folder.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        Ok(serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(folder = %folder.display(), %error, "checkpoint is not readable, delivering again");
            Self::default()
        }))
    }

    /// Replaces the checkpoint in `folder`: a process that is killed leaves the old one or the new one.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self).expect("numbers are JSON");
        fs::write(folder.join(NEW_FILE), text)?;
        fs::rename(folder.join(NEW_FILE), folder.join(FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Checkpoint::read(folder.path()).unwrap(), Checkpoint::default());
        let checkpoint = Checkpoint {
            accepted: 9,
            destination_done: 7,
            backup_done: 5,
            account: Account { indexed: 7, retries: 2, ..Account::default() },
        };
        checkpoint.write(folder.path()).unwrap();
        assert_eq!(Checkpoint::read(folder.path()).unwrap(), checkpoint);
    }

    #[test]
    fn an_unreadable_checkpoint_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(Checkpoint::read(folder.path()).unwrap(), Checkpoint::default());
    }
}
