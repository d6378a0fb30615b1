//! One file that is read: a step at a time, until it ends, is truncated, or has gone.

use std::{
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::{
    events::{Events, Joining, Until},
    known::{ContentId, Known, Mark, Place, Start},
    limits::{ROTATE_WAIT, START_BYTES},
    opened::Opened,
    tail::Sink,
};

/// What a step came to.
#[derive(Debug)]
pub(super) enum Step {
    /// So many bytes were read.
    Read(usize),
    /// There is nothing for now.
    Idle,
    /// The content is another from now on. What was read of the one before has been handed on.
    Truncated,
    /// There is no more, and all has been handed on.
    Finished,
    /// It cannot be read on.
    Failed(io::Error),
    /// The sink broke off.
    Stopped,
}

/// A file that is read.
#[derive(Debug)]
pub(super) struct Followed {
    known: Known,
    /// What its records are said to be from: its path when it was opened, for a file that is rotated away is still the
    /// log that it was.
    name: String,
    opened: Opened,
    place: Place,
    /// The first bytes, up to [`START_BYTES`].
    head: Vec<u8>,
    /// Length and time of the last change, when the head was last compared.
    compared: Option<(u64, Option<SystemTime>)>,
    /// Up to where it was read, in bytes of the content.
    read_to: u64,
    events: Events,
    /// Whether it was truncated is to be looked at.
    is_due: bool,
    /// Since when it has had no name.
    gone_at: Option<Duration>,
    last_read: Duration,
}

impl Followed {
    /// Reads `opened` on from `known.read`.
    pub(super) fn new(known: Known, mut opened: Opened, head: Vec<u8>, joining: Joining) -> io::Result<Self> {
        opened.go_to(known.read.offset)?;
        let absolute = std::path::absolute(&known.path).unwrap_or_else(|_| known.path.clone());
        Ok(Self {
            name: absolute.to_string_lossy().into_owned(),
            place: opened.place,
            opened,
            head,
            compared: None,
            read_to: known.read.offset,
            events: Events::new(joining),
            is_due: false,
            gone_at: None,
            last_read: Duration::ZERO,
            known,
        })
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn path(&self) -> &Path {
        &self.known.path
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    pub(super) fn known_mut(&mut self) -> &mut Known {
        &mut self.known
    }

    pub(super) fn into_known(self) -> Known {
        self.known
    }

    pub(super) fn has_gone(&self) -> bool {
        self.gone_at.is_some()
    }

    pub(super) fn is_gzip(&self) -> bool {
        self.opened.is_gzip()
    }

    /// Its length on the disk, as far as that can be told.
    pub(super) fn bytes_on_disk(&self) -> u64 {
        self.opened.metadata().map(|metadata| metadata.len()).unwrap_or_default()
    }

    /// It was found under this name.
    pub(super) fn rename(&mut self, path: &Path) {
        if self.known.path != path {
            self.known.path = PathBuf::from(path);
        }
    }

    /// A scan has found it, or has not.
    pub(super) fn looked(&mut self, is_there: bool, now: Duration) {
        self.is_due = true;
        self.gone_at = if is_there { None } else { Some(self.gone_at.unwrap_or(now)) };
    }

    /// When it has a record that has waited for its lines for long enough.
    pub(super) fn due_at(&self) -> Option<Duration> {
        self.events.due_at()
    }

    /// Reads a piece and hands on the records in it.
    pub(super) fn step(&mut self, now: Duration, follow: bool, buffer: &mut [u8], sink: &mut Sink<'_>) -> Step {
        match self.try_step(now, follow, buffer, sink) {
            Ok(step) => step,
            Err(error) => match self.hand_on(Until::End, sink) {
                ControlFlow::Continue(()) => Step::Failed(error),
                ControlFlow::Break(()) => Step::Stopped,
            },
        }
    }

    fn try_step(&mut self, now: Duration, follow: bool, buffer: &mut [u8], sink: &mut Sink<'_>) -> io::Result<Step> {
        if std::mem::take(&mut self.is_due) && self.is_truncated()? {
            return Ok(self.step_after(Until::End, Step::Truncated, sink));
        }
        let bytes = self.opened.read(buffer)?;
        if bytes > 0 {
            let read = buffer.get(..bytes).unwrap_or_default();
            let missing = START_BYTES.saturating_sub(self.head.len());
            if missing > 0 && self.read_to == self.head.len() as u64 {
                self.head.extend_from_slice(read.get(..missing).unwrap_or(read));
                self.known.start = Start::of(&self.head);
            }
            self.read_to += bytes as u64;
            self.last_read = now;
            self.events.feed(read, now);
            return Ok(self.step_after(Until::Complete, Step::Read(bytes), sink));
        }
        let quiet_since = self.gone_at.map(|gone_at| gone_at.max(self.last_read));
        let is_over = quiet_since.is_some_and(|since| now.saturating_sub(since) >= ROTATE_WAIT);
        if !follow || is_over {
            return Ok(self.step_after(Until::End, Step::Finished, sink));
        }
        if self.events.due_at().is_some_and(|due| due <= now) {
            return Ok(self.step_after(Until::Lines, Step::Idle, sink));
        }
        Ok(Step::Idle)
    }

    fn step_after(&mut self, until: Until, step: Step, sink: &mut Sink<'_>) -> Step {
        if self.hand_on(until, sink).is_break() { Step::Stopped } else { step }
    }

    /// Hands on what was read: records that wait for more lines, and with `all` also a line that has no end.
    pub(super) fn end(&mut self, all: bool, sink: &mut Sink<'_>) -> ControlFlow<()> {
        self.hand_on(if all { Until::End } else { Until::Lines }, sink)
    }

    fn hand_on(&mut self, until: Until, sink: &mut Sink<'_>) -> ControlFlow<()> {
        while let Some(event) = self.events.next(until) {
            if !event.text.is_empty() {
                sink(&event, &self.name)?;
            }
            self.known.read = self.known.read.after(event.raw);
        }
        ControlFlow::Continue(())
    }

    /// Whether it is shorter than what was read, or begins otherwise, because it was truncated and has grown again.
    fn is_truncated(&mut self) -> io::Result<bool> {
        if self.opened.is_gzip() {
            return Ok(false);
        }
        let metadata = self.opened.metadata()?;
        if metadata.len() < self.read_to {
            return Ok(true);
        }
        let now = Some((metadata.len(), metadata.modified().ok()));
        if self.compared == now {
            return Ok(false);
        }
        let head = self.opened.head()?;
        self.opened.go_to(self.read_to)?;
        if !head.starts_with(&self.head) {
            return Ok(true);
        }
        self.head = head;
        self.known.start = Start::of(&self.head);
        self.compared = now;
        Ok(false)
    }

    /// Goes to the beginning of what is there now, which is another content. Answers what is known of the one before.
    pub(super) fn begin_anew(&mut self, id: ContentId, joining: Joining) -> Known {
        let path = self.known.path.clone();
        let (start, none) = (Start::default(), Mark::default());
        let next = Known { id, path, place: Some(self.place), start, read: none, noted: none, delivered: none };
        self.head.clear();
        self.read_to = 0;
        self.compared = None;
        self.events = Events::new(joining);
        // When it cannot be gone to, it cannot be read either, which the next step tells.
        self.opened.go_to(0).ok();
        Known { place: None, ..std::mem::replace(&mut self.known, next) }
    }
}
