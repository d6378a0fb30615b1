//! Files that are found, read in turn, and followed over rotations.
//!
//! Who looks and who reads are apart: [`Tail::scan`] finds what is new and what has gone, [`Tail::read`] reads a piece of
//! each file. What a new file is, [`recognize`] says.

mod followed;
mod recognize;

use std::{
    collections::{HashMap, HashSet},
    fmt, fs, io,
    ops::ControlFlow,
    path::PathBuf,
    time::Duration,
};

use crate::{
    events::{Event, Joining},
    find::{Found, Patterns},
    known::{ContentId, Known, Place},
    ledger::Ledger,
    limits::{CHUNK_BYTES, REMEMBERED_FILES},
    opened::Opened,
    state::Saved,
    tail::{
        followed::{Followed, Step},
        recognize::{Candidate, Waiting},
    },
};

/// What is read, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which files.
    pub patterns: Patterns,
    /// Whether to go on at the end of files, with what is added and with files that come.
    pub follow: bool,
    /// Where files begin that are there at the first scan and are not known.
    pub from: From,
    /// Which lines are one record.
    pub joining: Joining,
}

/// Where a file is read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// All of it.
    #[default]
    Beginning,
    /// What is added to it, from the end of its last whole line on.
    End,
}

/// A file that cannot be read, of which a person should know. The others are read on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trouble {
    /// The file.
    pub path: PathBuf,
    /// Why, with what to do where that is not plain.
    pub reason: String,
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path.display(), self.reason)
    }
}

/// What a turn over the files came to.
#[derive(Debug, Default)]
pub struct Read {
    /// Bytes that were read, decompressed. None means that there is nothing more for now.
    pub bytes: u64,
    /// The sink broke off: the record that it was given is not counted as handed on.
    pub is_stopped: bool,
    /// Files that cannot be read on.
    pub troubles: Vec<Trouble>,
}

/// Takes a record with the name of its file. When it breaks off, the record stays unread.
pub type Sink<'a> = dyn FnMut(&Event<'_>, &str) -> ControlFlow<()> + 'a;

/// The files.
#[derive(Debug)]
pub struct Tail {
    options: Options,
    files: Vec<Followed>,
    /// Contents that have been read to their end, have gone, or were known to a former process; the oldest first.
    former: Vec<Known>,
    ledger: Ledger,
    last_id: u64,
    /// What a person knows already.
    told: HashSet<Trouble>,
    /// New files of which it is not clear yet what they are.
    waiting: HashMap<Place, Waiting>,
    /// Files that could not be read on, with the length that they had.
    failed: HashMap<Place, u64>,
    has_scanned: bool,
    has_changed: bool,
    buffer: Vec<u8>,
}

impl Tail {
    /// Nothing is read yet. `saved` is what was delivered before.
    pub fn new(options: Options, saved: Saved) -> Self {
        let mut tail = Self {
            options,
            files: Vec::new(),
            former: Vec::new(),
            ledger: Ledger::default(),
            last_id: 0,
            told: HashSet::new(),
            waiting: HashMap::new(),
            failed: HashMap::new(),
            has_scanned: false,
            has_changed: false,
            buffer: vec![0; CHUNK_BYTES],
        };
        for known in saved.files {
            let id = tail.next_id();
            let delivered = known.delivered;
            tail.former.push(Known { id, read: delivered, noted: delivered, ..known });
        }
        tail
    }

    fn next_id(&mut self) -> ContentId {
        self.last_id += 1;
        ContentId(self.last_id)
    }

    /// Looks which files there are. Answers what a person should know and was not told before. When files are not followed,
    /// there is one look.
    pub fn scan(&mut self, now: Duration) -> Vec<Trouble> {
        if self.has_scanned && !self.options.follow {
            return Vec::new();
        }
        let (mut candidates, mut troubles, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for found in self.options.patterns.find() {
            match self.look(&found, &mut seen) {
                Ok(candidate) => candidates.extend(candidate),
                Err(reason) => troubles.push(Trouble { path: found.path, reason }),
            }
        }
        let candidates = self.resume(candidates);
        for candidate in candidates {
            let path = candidate.path.clone();
            if let Err(error) = self.begin(candidate, now) {
                troubles.push(Trouble { path, reason: error.to_string() });
            }
        }
        for file in &mut self.files {
            file.looked(seen.contains(&file.place()), now);
        }
        self.waiting.retain(|place, _| seen.contains(place));
        self.failed.retain(|place, _| seen.contains(place));
        self.has_scanned = true;
        // What is over may come again, and is told again then.
        self.told.retain(|told| troubles.contains(told));
        troubles.retain(|trouble| self.told.insert(trouble.clone()));
        troubles
    }

    /// Looks at one name. Answers a file that is not followed yet.
    fn look(&mut self, found: &Found, seen: &mut HashSet<Place>) -> Result<Option<Candidate>, String> {
        let metadata = match fs::metadata(&found.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !found.is_named => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.options.follow => {
                return Err(format!("{error}; it is read when it comes"));
            }
            Err(error) => return Err(error.to_string()),
        };
        if !metadata.is_file() {
            return match (found.is_named, metadata.is_dir()) {
                (false, _) => Ok(None),
                (_, true) => {
                    Err(format!("it is a folder; name the files in it, such as {0}/*.log", found.path.display()))
                }
                _ => Err("it is no regular file; give it to standard input".to_owned()),
            };
        }
        let place = Place::of(&metadata);
        let is_first = seen.insert(place);
        if let Some(file) = self.files.iter_mut().find(|file| file.place() == place) {
            if is_first {
                file.rename(&found.path);
            }
            return Ok(None);
        }
        if !is_first || self.failed.get(&place) == Some(&metadata.len()) {
            return Ok(None);
        }
        let mut opened = Opened::open(&found.path).map_err(|error| error.to_string())?;
        let head = match opened.head() {
            Ok(head) => head,
            // It may be compressed at the moment.
            Err(_) if opened.is_gzip() && self.options.follow => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        seen.insert(opened.place);
        Ok(Some(Candidate { path: found.path.clone(), opened, head, bytes: metadata.len() }))
    }

    /// Reads a piece of each file, or, when files are not followed, of the first that has more. `sink` gets the records.
    pub fn read(&mut self, now: Duration, sink: &mut Sink<'_>) -> Read {
        let mut read = Read::default();
        let mut at = 0;
        while let Some(file) = self.files.get_mut(at) {
            match file.step(now, self.options.follow, &mut self.buffer, sink) {
                Step::Read(bytes) => {
                    read.bytes += bytes as u64;
                    at += 1;
                }
                Step::Idle => at += 1,
                Step::Truncated => {
                    let id = self.next_id();
                    if let Some(file) = self.files.get_mut(at) {
                        let former = file.begin_anew(id, self.options.joining.clone());
                        self.remember(former);
                    }
                }
                Step::Finished => {
                    let file = self.files.remove(at);
                    // What has gone does not lie there any more, and the place is given to another file.
                    let place = if file.has_gone() { None } else { Some(file.place()) };
                    self.remember(Known { place, ..file.into_known() });
                }
                Step::Failed(error) => {
                    let file = self.files.remove(at);
                    self.failed.insert(file.place(), file.bytes_on_disk());
                    read.troubles.push(Trouble { path: file.path().to_owned(), reason: error.to_string() });
                    self.remember(file.into_known());
                }
                Step::Stopped => {
                    read.is_stopped = true;
                    break;
                }
            }
            if !self.options.follow && read.bytes > 0 {
                break;
            }
        }
        read
    }

    /// Hands on what was read and is not handed on: records that wait for more lines, and with `all` also lines that have
    /// no end yet, which are not read again then.
    pub fn end(&mut self, all: bool, sink: &mut Sink<'_>) -> ControlFlow<()> {
        self.files.iter_mut().try_for_each(|file| file.end(all, sink))
    }

    /// Whether all files have been read to their end, when they are not followed.
    pub fn is_finished(&self) -> bool {
        !self.options.follow && self.has_scanned && self.files.is_empty()
    }

    /// How many files could not be read when it was last looked.
    pub fn troubles(&self) -> usize {
        self.told.len()
    }

    /// How many files are being read.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// When [`Tail::read`] has something to do although no file has changed.
    pub fn due_at(&self) -> Option<Duration> {
        self.files.iter().filter_map(Followed::due_at).min()
    }

    /// Notes that `records` have been handed on in all, of all files and elsewhere, up to where files have been read.
    pub fn note(&mut self, records: u64) {
        let followed = self.files.iter_mut().map(Followed::known_mut);
        for known in followed.chain(&mut self.former).filter(|known| known.read != known.noted) {
            known.noted = known.read;
            self.ledger.note(records, known.id, known.read);
        }
    }

    /// Notes that the first `records` of those that were handed on have been delivered.
    pub fn settle(&mut self, records: u64) {
        while let Some((id, mark)) = self.ledger.settle(records) {
            let followed = self.files.iter_mut().map(Followed::known_mut);
            if let Some(known) = followed.chain(&mut self.former).find(|known| known.id == id) {
                known.delivered = mark;
                self.has_changed = true;
            }
        }
    }

    /// What has been delivered of all files, if that has changed since it was last asked for.
    pub fn changes(&mut self) -> Option<Saved> {
        std::mem::take(&mut self.has_changed).then(|| self.saved())
    }

    /// What has been delivered of all files.
    pub fn saved(&self) -> Saved {
        let followed = self.files.iter().map(Followed::known);
        let former = self.former.iter().filter(|known| known.delivered.offset > 0);
        Saved { files: followed.chain(former).cloned().collect() }
    }

    fn remember(&mut self, known: Known) {
        self.has_changed = true;
        self.former.push(known);
        if self.former.len() > REMEMBERED_FILES {
            self.former.remove(0);
        }
    }
}

#[cfg(test)]
mod tests;
