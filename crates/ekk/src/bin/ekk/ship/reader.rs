//! The thread that reads files and standard input, and hands the records to the shipper.
//!
//! It waits where the shipper has no room, and nowhere else for long, so that it sees soon that it is to stop.

use std::{
    io::{self, Read as _, Write as _},
    ops::ControlFlow,
    sync::{
        Arc, OnceLock,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use ekk_tail::{Event, Joining, Piped, StateFile, Tail, Wrapping};
use firehose_shipper::{Clock as _, SendError, Sender, SystemClock};
use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use tokio::sync::oneshot;

use crate::ship::{progress::Progress, undelivered::Undelivered};

/// How often is looked for new files, and for more in files that were read to their end.
const LOOK: Duration = Duration::from_millis(200);
/// How often offsets are saved. What was sent since is sent again after a kill.
const SAVE: Duration = Duration::from_secs(1);
/// Bytes that are read of a pipe at once, and how many of these wait.
const PIPE_BYTES: usize = 64 * 1024;
const PIPE_CHUNKS: usize = 4;
/// What records of standard input are said to be from.
const PIPE_NAME: &str = "-";

/// All that the reader needs.
pub(super) struct Reader {
    pub(super) tail: Option<Tail>,
    pub(super) state: Option<StateFile>,
    /// Standard input is read, and joined so.
    pub(super) pipe: Option<Joining>,
    pub(super) wrapping: Wrapping,
    pub(super) sender: Sender,
    pub(super) undelivered: Arc<Undelivered>,
    pub(super) stop: Arc<Stop>,
    pub(super) progress: Arc<Progress>,
    pub(super) clock: SystemClock,
}

/// When the reader is to stop at the latest, once it is to stop when there is nothing more for now.
#[derive(Debug, Default)]
pub(super) struct Stop {
    moment: OnceLock<Duration>,
}

impl Stop {
    pub(super) fn at(&self, moment: Duration) {
        // The first word counts.
        self.moment.set(moment).unwrap_or_default();
    }
}

/// What the reader leaves.
pub(super) struct Finished {
    tail: Option<Tail>,
    state: Option<StateFile>,
    /// Files that could not be read.
    pub(super) troubles: usize,
    /// Records of standard input that came too late to be sent, and were written to standard error.
    pub(super) late: u64,
}

impl Finished {
    pub(super) fn has_state(&self) -> bool {
        self.state.is_some()
    }

    /// Saves offsets for the last time, when the first `delivered` of the records have been delivered.
    pub(super) fn save(&mut self, delivered: u64) -> io::Result<()> {
        match (&mut self.tail, &self.state) {
            (Some(tail), Some(state)) => {
                tail.settle(delivered);
                state.save(&tail.saved())
            }
            _ => Ok(()),
        }
    }
}

/// A piece of standard input; nothing is its end.
type Chunk = io::Result<Vec<u8>>;

/// The state of the thread.
struct Reading {
    reader: Reader,
    piped: Option<Piped>,
    chunks: Receiver<Chunk>,
    /// Keeps the channel open, so that waiting for it is waiting when nothing comes any more.
    _open: SyncSender<Chunk>,
    out: Out,
    troubles: usize,
    next_look: Duration,
    next_save: Duration,
    cannot_save: bool,
}

/// The way to the shipper.
struct Out {
    sender: Sender,
    wrapping: Wrapping,
    zone: TimeZone,
    /// The time of what is read now, as text.
    time: String,
    /// One more than the number of the last record that was taken.
    records: u64,
    late: u64,
}

impl Out {
    fn hand_on(&mut self, event: &Event<'_>, name: &str) -> ControlFlow<()> {
        let record = self.wrapping.record(event.text, &self.time, name);
        match self.sender.send(&record) {
            Ok(sequence) => self.records = sequence + 1,
            Err(SendError::Closed) => return ControlFlow::Break(()),
            // It was dropped or refused, as was chosen, and is counted.
            Err(_) => {}
        }
        ControlFlow::Continue(())
    }

    /// What comes through a pipe cannot be read again.
    fn hand_on_piped(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        if self.hand_on(event, PIPE_NAME).is_break() {
            let record = self.wrapping.record(event.text, &self.time, PIPE_NAME);
            // There is nowhere else to write it to.
            io::stderr().lock().write_all(&[record.as_ref(), b"\n"].concat()).unwrap_or_default();
            self.late += 1;
        }
        ControlFlow::Continue(())
    }

    fn set_time(&mut self, now: Timestamp) {
        self.time = ZonedDateTime::new(now, self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S.%6f%:z").to_string();
    }
}

impl Reader {
    /// Starts the thread. Its last word is sent when it ends.
    pub(super) fn start(self) -> io::Result<oneshot::Receiver<Finished>> {
        let (last_word, finished) = oneshot::channel();
        let (to_reader, chunks) = sync_channel(PIPE_CHUNKS);
        let open = to_reader.clone();
        if self.pipe.is_some() {
            // It waits for whoever writes, so it is left behind when the process ends.
            thread::Builder::new().name("ekk-ship-stdin".into()).spawn(move || read_stdin(&to_reader))?;
        }
        thread::Builder::new().name("ekk-ship-reader".into()).spawn(move || {
            let reading = Reading::new(self, chunks, open);
            // Whoever waits for it may have gone.
            last_word.send(reading.run()).ok();
        })?;
        Ok(finished)
    }
}

fn read_stdin(to_reader: &SyncSender<Chunk>) {
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0; PIPE_BYTES];
    loop {
        let chunk = match stdin.read(&mut buffer) {
            Ok(bytes) => Ok(buffer.get(..bytes).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_last = chunk.as_ref().map_or(true, Vec::is_empty);
        if to_reader.send(chunk).is_err() || is_last {
            return;
        }
    }
}

impl Reading {
    fn new(reader: Reader, chunks: Receiver<Chunk>, open: SyncSender<Chunk>) -> Self {
        let out = Out {
            sender: reader.sender.clone(),
            wrapping: reader.wrapping.clone(),
            zone: TimeZone::system(),
            time: String::new(),
            records: 0,
            late: 0,
        };
        let piped = reader.pipe.clone().map(Piped::new);
        let (next_look, next_save) = (Duration::ZERO, SAVE);
        Self { reader, piped, chunks, _open: open, out, troubles: 0, next_look, next_save, cannot_save: false }
    }

    fn run(mut self) -> Finished {
        while self.turn().is_continue() {}
        if let Some(piped) = &mut self.piped {
            let out = &mut self.out;
            let rest = self.chunks.try_iter().map_while(Result::ok).collect::<Vec<_>>().concat();
            let now = self.reader.clock.elapsed();
            let mut sink = |event: &Event<'_>| out.hand_on_piped(event);
            // The sink never breaks off.
            _ = piped.feed(&rest, now, &mut sink);
            _ = piped.end(&mut sink);
        }
        if let Some(tail) = &mut self.reader.tail {
            let out = &mut self.out;
            // A line that has no end yet is read again by the next run, if that knows where to begin. So is what the
            // shipper does not take any more.
            let all = self.reader.state.is_none();
            _ = tail.end(all, &mut |event, name| out.hand_on(event, name));
            tail.note(self.out.records);
        }
        let Self { reader: Reader { tail, state, .. }, troubles, out, .. } = self;
        let troubles = troubles + tail.as_ref().map_or(0, Tail::troubles);
        Finished { tail, state, troubles, late: out.late }
    }

    /// Reads a piece of everything. Breaks off when there is no more, or no more time.
    fn turn(&mut self) -> ControlFlow<()> {
        let now = self.reader.clock.elapsed();
        self.out.set_time(Timestamp::try_from(self.reader.clock.now()).unwrap_or_default());
        let has_read = self.read_files(now)?;
        self.save(now);
        let stop = self.reader.stop.moment.get().copied();
        if stop.is_some_and(|stop| stop <= now) {
            return ControlFlow::Break(());
        }
        let files_ended = self.reader.tail.as_ref().is_none_or(Tail::is_finished);
        if !has_read && files_ended && self.piped.is_none() {
            return ControlFlow::Break(());
        }
        let patience = if has_read { Duration::ZERO } else { self.patience(now) };
        let has_come = self.read_pipe(patience)?;
        // What is there has been read, and what comes now came too late.
        if stop.is_some() && !has_read && !has_come { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Reads a piece of the files. Answers whether there was one.
    fn read_files(&mut self, now: Duration) -> ControlFlow<(), bool> {
        let Some(tail) = &mut self.reader.tail else { return ControlFlow::Continue(false) };
        let mut troubles = Vec::new();
        if now >= self.next_look && !tail.is_finished() {
            troubles = tail.scan(now);
            self.next_look = now.saturating_add(LOOK);
        }
        let out = &mut self.out;
        let read = tail.read(now, &mut |event, name| out.hand_on(event, name));
        tail.note(self.out.records);
        self.troubles += read.troubles.len();
        troubles.extend(read.troubles);
        for trouble in troubles {
            self.reader.progress.say(&trouble.to_string());
        }
        if read.is_stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(read.bytes > 0) }
    }

    /// How long there is nothing to do when nothing comes.
    fn patience(&self, now: Duration) -> Duration {
        let files = self.reader.tail.as_ref().and_then(Tail::due_at);
        let pipe = self.piped.as_ref().and_then(Piped::due_at);
        let due = [files, pipe].into_iter().flatten().min();
        due.map_or(LOOK, |due| due.saturating_sub(now).min(LOOK))
    }

    /// Reads what has come through the pipe, or comes within the patience. Answers whether there was anything.
    fn read_pipe(&mut self, patience: Duration) -> ControlFlow<(), bool> {
        let chunk = self.chunks.recv_timeout(patience);
        let now = self.reader.clock.elapsed();
        let Some(piped) = &mut self.piped else { return ControlFlow::Continue(false) };
        let out = &mut self.out;
        let mut sink = |event: &Event<'_>| out.hand_on_piped(event);
        match chunk {
            Ok(Ok(bytes)) if !bytes.is_empty() => {
                piped.feed(&bytes, now, &mut sink)?;
                return ControlFlow::Continue(true);
            }
            Err(_) if piped.due_at().is_some_and(|due| due <= now) => piped.rest(&mut sink)?,
            Err(_) => {}
            Ok(end) => {
                piped.end(&mut sink)?;
                self.piped = None;
                if let Err(error) = end {
                    self.troubles += 1;
                    self.reader.progress.say(&format!("standard input: {error}"));
                }
                return ControlFlow::Continue(true);
            }
        }
        ControlFlow::Continue(false)
    }

    fn save(&mut self, now: Duration) {
        let (Some(tail), Some(state)) = (&mut self.reader.tail, &self.reader.state) else { return };
        if now < self.next_save {
            return;
        }
        self.next_save = now.saturating_add(SAVE);
        tail.settle(self.reader.undelivered.delivered_below(self.reader.sender.settled_below()));
        let saved = if self.cannot_save { Some(tail.saved()) } else { tail.changes() };
        let Some(saved) = saved else { return };
        let failed = state.save(&saved).err();
        if let Some(error) = failed.as_ref().filter(|_| !self.cannot_save) {
            self.reader.progress.say(&format!("offsets cannot be saved for the moment: {error}"));
        }
        self.cannot_save = failed.is_some();
    }
}
