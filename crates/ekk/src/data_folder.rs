//! The folder that keeps a stack's data: one subfolder a part, and a lock so that one stack at a time uses it.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// A data folder that this process holds.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    /// Released when the file is closed, at the end of the stack or of the process.
    _lock: File,
}

/// A data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Another stack runs on it.
    #[error("the data folder {} is in use by another ekk; stop that one, or choose another folder with --data", .0.display())]
    InUse(PathBuf),
    /// The system refused to create or lock it.
    #[error("cannot use the data folder {}", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

impl DataFolder {
    /// Creates the folder when it is missing, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, DataFolderError> {
        let unusable = |source| DataFolderError::Unusable { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(unusable)?;
        let lock =
            File::options().create(true).truncate(false).write(true).open(path.join("ekk.lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// The folder of one part.
    pub(crate) fn of(&self, part: &str) -> PathBuf {
        self.path.join(part)
    }
}
