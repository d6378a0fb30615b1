//! The files of a store: `TYPE/NAME.json`, one object each.
//!
//! A file holds its object's line, spread over several; one whose line has white space of its own stays on one line. What an
//! object is called is said within the file, so a file may be renamed. A file is written beside its place and then moved
//! there, so that at no moment half of one is found. A file that cannot be read is left alone and named.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    SavedObject, file_name, layout,
    limits::{IMPORT_BYTES, STORE_FILES},
    object::{Key, LineError},
};

/// A file that is in the folder and not in the store. It stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// All files of a folder.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) objects: Vec<(SavedObject, PathBuf)>,
    pub(crate) damaged: Vec<Damaged>,
}

impl Folder {
    /// Creates the folder when it is missing.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Reads all files, in the order of their names.
    pub(crate) fn read(&self) -> io::Result<Files> {
        let mut files = Files::default();
        for kind in entries(&self.path)? {
            if !kind.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                continue;
            }
            for path in entries(&kind)? {
                if path.extension() != Some(OsStr::new("json")) {
                    continue;
                }
                if files.objects.len() + files.damaged.len() >= STORE_FILES {
                    return Err(io::Error::other(format!("there are over {STORE_FILES} files")));
                }
                match read_object(&path) {
                    Ok(object) => files.objects.push((object, path)),
                    Err(reason) => files.damaged.push(Damaged { path, reason }),
                }
            }
        }
        Ok(files)
    }

    /// A free place for the file of a new object.
    pub(crate) fn place(&self, key: &Key) -> PathBuf {
        let folder = self.path.join(file_name::of(&key.kind));
        let name = file_name::of(&key.id);
        let numbered = (2..).map(|number| format!("{name}~{number}.json"));
        let mut names = std::iter::once(format!("{name}.json")).chain(numbered).map(|name| folder.join(name));
        names.find(|path| path.symlink_metadata().is_err()).unwrap_or(folder)
    }

    /// Writes the file of an object, whole or not at all.
    pub(crate) fn write(path: &Path, object: &SavedObject) -> io::Result<()> {
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.join(format!(".{name}.tmp"));
        let mut file = File::create(&beside)?;
        file.write_all(text(object.line()).as_bytes())?;
        file.sync_data()?;
        drop(file);
        fs::rename(&beside, path)
    }

    /// Takes the file of an object away; its folder goes with the last one.
    pub(crate) fn remove(path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if let Some(folder) = path.parent() {
            // A folder that is not empty stays, which is what is wanted.
            fs::remove_dir(folder).ok();
        }
        Ok(())
    }
}

/// The text of the file that holds this line.
fn text(line: &str) -> String {
    let mut text = if layout::is_joined(line) { layout::spread(line) } else { line.to_owned() };
    text.push('\n');
    text
}

/// The line that a file's text holds.
fn line(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim_matches(['\r', '\n']);
    if text.contains('\n') { layout::join(text) } else { text.to_owned() }
}

fn read_object(path: &Path) -> Result<SavedObject, String> {
    let metadata = path.symlink_metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    if usize::try_from(metadata.len()).map_or(true, |bytes| bytes > 2 * IMPORT_BYTES) {
        return Err(LineError::TooLong(usize::try_from(metadata.len()).unwrap_or(usize::MAX)).to_string());
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    SavedObject::parse(&line(&text)).map_err(|error| error.to_string())
}

/// The entries of a folder, sorted by name; hidden ones are passed over.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}
