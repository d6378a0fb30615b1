//! A folder of JSON files, one a thing, each written whole or not at all.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::error::Error;

/// The folder.
#[derive(Debug)]
pub(crate) struct JsonFolder {
    folder: PathBuf,
}

impl JsonFolder {
    /// Makes the folder when it is not there.
    ///
    /// # Errors
    /// [`Error::Folder`].
    pub(crate) fn open(folder: PathBuf) -> Result<Self, Error> {
        match fs::create_dir_all(&folder) {
            Ok(()) => Ok(Self { folder }),
            Err(source) => Err(Error::Folder { folder, source }),
        }
    }

    /// Reads all files. One that was only half written has another ending and is not looked at.
    ///
    /// # Errors
    /// [`Error::Folder`], and [`Error::File`] for a file that does not hold what it should.
    pub(crate) fn load<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let failed = |source| Error::Folder { folder: self.folder.clone(), source };
        let mut items = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                let text = fs::read(&file).map_err(failed)?;
                items.push(serde_json::from_slice(&text).map_err(|source| Error::File { file, source })?);
            }
        }
        Ok(items)
    }

    /// Writes or replaces a file; it is on disk when this returns.
    pub(crate) fn save<T: Serialize>(&self, stem: &str, item: &T) -> io::Result<()> {
        let file = self.file(stem)?;
        let unfinished = self.folder.join(format!("{stem}.unfinished"));
        let mut writer = fs::File::create(&unfinished)?;
        writer.write_all(&serde_json::to_vec_pretty(item)?)?;
        writer.sync_all()?;
        fs::rename(&unfinished, &file)?;
        sync_folder(&self.folder)
    }

    /// Removes a file; it is fine when there is none.
    pub(crate) fn remove(&self, stem: &str) -> io::Result<()> {
        match fs::remove_file(self.file(stem)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync_folder(&self.folder),
        }
    }

    /// The file of this name, which stays within the folder whatever a client called the thing.
    fn file(&self, stem: &str) -> io::Result<PathBuf> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.+=,@".contains(&byte);
        if stem.starts_with(|first: char| first.is_ascii_digit()) && stem.bytes().all(plain) {
            Ok(self.folder.join(format!("{stem}.json")))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{stem:?} is not a file's name")))
        }
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Other systems cannot open a folder; there the file system's own journal has to do.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_the_folder() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = JsonFolder::open(temporary.path().join("things")).unwrap();
        folder.save("0.us-east-1.logs", &1).unwrap();
        for stem in ["../0", "..", "", "/0", "0/../../1", "0\\1", "0.Upper", "0\0", ".0"] {
            assert!(folder.save(stem, &1).is_err(), "{stem:?}");
            assert!(folder.remove(stem).is_err(), "{stem:?}");
        }
        assert_eq!(folder.load::<u8>().unwrap(), [1]);
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_what_it_should_be_is_named() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = JsonFolder::open(temporary.path().to_owned()).unwrap();
        fs::write(temporary.path().join("0.half.unfinished"), "{").unwrap();
        assert_eq!(folder.load::<u8>().unwrap(), [] as [u8; 0]);
        fs::write(temporary.path().join("0.bad.json"), "{").unwrap();
        let error = folder.load::<u8>().unwrap_err().to_string();
        assert!(error.ends_with("0.bad.json does not hold what was kept there; repair it or move it away"), "{error}");
    }
}
