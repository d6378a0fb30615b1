//! What a file is that is not followed yet: one that was read before, the copy of one, or a new one.
//!
//! Where it is not sure that a file was read before, it is read: twice is better than not at all.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    path::PathBuf,
    time::Duration,
};

use crate::{
    known::{Known, Mark, Start},
    limits::{COPY_WAIT, START_BYTES},
    opened::Opened,
    tail::{From, Tail, followed::Followed},
};

/// A file that is not followed yet.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    pub(super) opened: Opened,
    pub(super) head: Vec<u8>,
    /// Its length on the disk.
    pub(super) bytes: u64,
}

/// A file of which it is not clear yet what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    since: Duration,
    /// Its length on the disk then.
    bytes: u64,
}

impl Tail {
    /// Goes on with the files that lie where they lay and begin as they began. Answers the others.
    ///
    /// All of that comes first, so that nothing is taken for the copy of a file that is still there.
    pub(super) fn resume(&mut self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let mut others = Vec::new();
        for mut candidate in candidates {
            let place = Some(candidate.opened.place);
            let Some(at) = self.former.iter().position(|known| known.place == place) else {
                others.push(candidate);
                continue;
            };
            let known = self.former.get(at).cloned();
            let is_same = known.as_ref().is_some_and(|known| {
                known.start.matches(&candidate.head) && candidate.opened.go_to(known.read.offset).unwrap_or(false)
            });
            if is_same {
                let mut known = self.former.remove(at);
                known.path.clone_from(&candidate.path);
                self.follow(known, candidate);
            } else {
                // The place was given to another file, or this one was truncated.
                if let Some(known) = self.former.get_mut(at) {
                    known.place = None;
                }
                others.push(candidate);
            }
        }
        others
    }

    /// Begins with a file that does not lie where a known one lay.
    pub(super) fn begin(&mut self, mut candidate: Candidate, now: Duration) -> io::Result<()> {
        let place = candidate.opened.place;
        if self.files.iter().any(|file| file.place() == place) || self.waits(&candidate, now) {
            return Ok(());
        }
        self.waiting.remove(&place);
        if let Some(at) = self.copied(&mut candidate)? {
            let mut known = self.former.remove(at);
            known.path.clone_from(&candidate.path);
            known.place = Some(place);
            self.follow(known, candidate);
            return Ok(());
        }
        let is_old = !self.has_scanned && self.options.from == From::End;
        let read = if is_old { end_of_lines(&mut candidate)? } else { Mark::default() };
        let known = Known {
            id: self.next_id(),
            path: candidate.path.clone(),
            place: Some(place),
            start: Start::default(),
            read,
            noted: read,
            delivered: read,
        };
        self.follow(known, candidate);
        Ok(())
    }

    fn follow(&mut self, known: Known, candidate: Candidate) {
        let known = Known { start: Start::of(&candidate.head), ..known };
        let place = candidate.opened.place;
        let followed = Followed::new(known.clone(), candidate.opened, candidate.head, self.options.joining.clone());
        if let Ok(file) = followed {
            self.files.push(file);
        } else {
            // It could be read a moment ago, and is found again when it changes.
            self.failed.insert(place, candidate.bytes);
            self.former.push(known);
        }
        self.has_changed = true;
    }

    /// Whether it is too early to say what a file is: it may be compressed at the moment, or be the copy of a file that is
    /// about to be truncated.
    fn waits(&mut self, candidate: &Candidate, now: Duration) -> bool {
        if !self.has_scanned || !self.options.follow {
            return false;
        }
        let alike = || self.files.iter().filter(|file| !file.is_gzip() && is_begun(file.known(), &candidate.head));
        // One that has gone is read to its end first, and then it is clear whether this is it.
        if alike().any(Followed::has_gone) {
            return true;
        }
        let is_gzip = candidate.opened.is_gzip();
        if !is_gzip && alike().next().is_none() {
            return false;
        }
        let first = Waiting { since: now, bytes: candidate.bytes };
        let waiting = self.waiting.entry(candidate.opened.place).or_insert(first);
        if is_gzip && waiting.bytes != candidate.bytes {
            *waiting = first;
        }
        now.saturating_sub(waiting.since) < COPY_WAIT
    }

    /// The former content that the whole of a file is the same as, up to where that was read.
    fn copied(&self, candidate: &mut Candidate) -> io::Result<Option<usize>> {
        let mut marks = HashMap::new();
        let mut longest: Option<(u64, usize)> = None;
        for (at, known) in self.former.iter().enumerate() {
            let offset = known.read.offset;
            let is_longer = longest.is_none_or(|(longest, _)| offset > longest);
            // A new file of the same name may well begin as the one before.
            let may_be = known.path != candidate.path && offset > 0 && is_begun(known, &candidate.head);
            if !may_be || !is_longer {
                continue;
            }
            let mark = match marks.entry(offset) {
                Entry::Occupied(mark) => *mark.get(),
                Entry::Vacant(unknown) => *unknown.insert(candidate.opened.marks_at(offset)?.0),
            };
            if mark == known.read {
                longest = Some((offset, at));
            }
        }
        Ok(longest.map(|(_, at)| at))
    }
}

/// Whether a head is long enough to tell, and begins as a known file.
fn is_begun(known: &Known, head: &[u8]) -> bool {
    known.start.bytes == START_BYTES && known.start.matches(head)
}

fn end_of_lines(candidate: &mut Candidate) -> io::Result<Mark> {
    let bytes = if candidate.opened.is_gzip() { u64::MAX } else { candidate.bytes };
    Ok(candidate.opened.marks_at(bytes)?.1)
}
