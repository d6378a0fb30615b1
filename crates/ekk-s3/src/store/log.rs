//! The log of a folder store: one mutation a line, as JSON, in `_catalogue.jsonl`.
//!
//! A line is there whole or it did not happen: what a crash left of the last one is cut off. The names of the store's
//! own files start with an underscore, which no bucket's name does.

use std::{
    collections::HashSet,
    fs::{self, File, TryLockError},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    Error,
    catalogue::{Catalogue, Mutation},
    limits,
    segment::Segment,
};

const HEADER: &str = "{\"ekk-s3\":1}\n";
const LOG: &str = "_catalogue.jsonl";
const NEW_LOG: &str = "_catalogue.new";
const LOCK: &str = "_lock";

/// An open log. The folder belongs to this process for as long as it lives.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    file: File,
    /// Invariant: everything before is whole lines.
    length_bytes: u64,
    lines: usize,
    _lock: File,
}

impl Log {
    /// Opens the log of `folder`, makes both if they are missing, and removes data files that nothing needs.
    ///
    /// Answers the log, what it says, and a number that is higher than that of every data file.
    pub(super) fn open(folder: &Path) -> Result<(Self, Catalogue, u64), Error> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Folder { path, source }
        };
        fs::create_dir_all(folder).map_err(at(folder))?;
        let lock = lock(folder)?;
        let path = folder.join(LOG);
        let file = File::options().create(true).read(true).append(true).open(&path).map_err(at(&path))?;
        let text = fs::read(&path).map_err(at(&path))?;
        let (catalogue, lines, whole) = replay(folder, &text)?;
        let mut log = Self { folder: folder.to_owned(), file, length_bytes: whole as u64, lines, _lock: lock };
        log.cut_tail(text.len()).map_err(at(&path))?;
        let next_file = remove_orphans(folder, &catalogue).map_err(at(folder))?;
        Ok((log, catalogue, next_file))
    }

    /// Writes a line; when this answers, it survives a power cut.
    pub(super) fn append(&mut self, mutation: &Mutation) -> io::Result<()> {
        let mut line = serde_json::to_vec(mutation)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line).and_then(|()| self.file.sync_data()) {
            // A part of the line may be there; the next one must not be appended to it.
            self.file.set_len(self.length_bytes)?;
            return Err(error);
        }
        self.length_bytes += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Rewrites the log once most of it is history.
    pub(super) fn shorten(&mut self, catalogue: &Catalogue) -> io::Result<()> {
        if self.lines <= limits::LOG_SLACK_LINES + 4 * catalogue.snapshot_len() {
            return Ok(());
        }
        let new = self.folder.join(NEW_LOG);
        let mut writer = BufWriter::new(File::create(&new)?);
        writer.write_all(HEADER.as_bytes())?;
        for mutation in catalogue.snapshot() {
            serde_json::to_writer(&mut writer, &mutation)?;
            writer.write_all(b"\n")?;
        }
        writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        let file = File::options().read(true).append(true).open(&new)?;
        fs::rename(&new, self.folder.join(LOG))?;
        self.length_bytes = file.metadata()?.len();
        self.file = file;
        self.lines = catalogue.snapshot_len();
        super::sync_folder(&self.folder)
    }

    /// Cuts off what follows the last whole line, and starts an empty log with its header.
    fn cut_tail(&mut self, found_bytes: usize) -> io::Result<()> {
        if found_bytes as u64 > self.length_bytes {
            tracing::warn!(bytes = found_bytes as u64 - self.length_bytes, "cut off the torn last line of the S3 log");
            self.file.set_len(self.length_bytes)?;
        }
        if self.length_bytes == 0 {
            self.file.write_all(HEADER.as_bytes())?;
            self.length_bytes = HEADER.len() as u64;
        }
        self.file.sync_all()?;
        super::sync_folder(&self.folder)
    }
}

fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    let lock = File::options().create(true).truncate(false).write(true).open(&path);
    let lock = lock.map_err(|source| Error::Folder { path: path.clone(), source })?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::Folder { path, source }),
    }
}

/// Answers what the log says, its number of lines after the header, and the bytes of all whole lines.
fn replay(folder: &Path, text: &[u8]) -> Result<(Catalogue, usize, usize), Error> {
    let damaged = |line: usize, reason: String| Error::Damaged { path: folder.join(LOG), line, reason };
    let mut catalogue = Catalogue::default();
    let Some(mutations) = text.strip_prefix(HEADER.as_bytes()) else {
        let torn = HEADER.as_bytes().starts_with(text);
        return if torn { Ok((catalogue, 0, 0)) } else { Err(damaged(1, "this is no log of an S3 store".to_owned())) };
    };
    let (mut lines, mut whole) = (0, HEADER.len());
    for line in mutations.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
        let mut mutation: Mutation =
            serde_json::from_slice(line).map_err(|error| damaged(lines + 2, error.to_string()))?;
        for segment in mutation.segments_mut() {
            if let Segment::File { file, .. } = segment {
                std::sync::Arc::get_mut(file).expect("nobody else has what was just read").place_in(folder);
            }
        }
        catalogue.apply(mutation);
        lines += 1;
        whole += line.len();
    }
    Ok((catalogue, lines, whole))
}

/// Removes data files that are not in the catalogue: their upload did not end before the process did.
fn remove_orphans(folder: &Path, catalogue: &Catalogue) -> io::Result<u64> {
    let mut needed: HashSet<_> = catalogue.files().map(|file| file.name().to_owned()).collect();
    let mut next_file = 0;
    for entry in fs::read_dir(folder)? {
        let bucket = entry?;
        let Some(name) =
            bucket.file_name().to_str().filter(|name| s3s::path::check_bucket_name(name)).map(str::to_owned)
        else {
            continue;
        };
        if !bucket.file_type()?.is_dir() {
            continue;
        }
        for entry in fs::read_dir(bucket.path())? {
            let entry = entry?;
            let file_name = entry.file_name();
            let Some((file_name, number)) = file_name.to_str().and_then(|name| Some((name, number(name)?))) else {
                continue;
            };
            next_file = next_file.max(number + 1);
            if !needed.remove(&format!("{name}/{file_name}")) {
                tracing::info!(bucket = name, file = file_name, "removed the rest of an unfinished upload");
                fs::remove_file(entry.path())?;
            }
        }
        if !catalogue.buckets().contains_key(&name) {
            // Fails when there is something else in it, which is not ours to remove.
            fs::remove_dir(bucket.path()).ok();
        }
    }
    for file in needed {
        tracing::error!(file, "a data file of the S3 store is missing; reading its object will fail");
    }
    Ok(next_file)
}

/// The number in a data file's name; `None` if it is none of ours.
fn number(name: &str) -> Option<u64> {
    let (number, _) = name.split_once('_')?;
    (number.len() == 16).then(|| u64::from_str_radix(number, 16).ok())?
}
