//! `ekk ship`: sends the lines of files or of a pipe to a stream, in AWS or in a stack.
//!
//! `ekk-tail` reads, on a thread of its own ([`reader`]), and the crate `firehose-shipper` sends. Between them is the
//! shipper's queue, which is bounded: when it is full, reading waits. Up to where files were delivered is saved, so that
//! the next run goes on there.

mod client;
mod ending;
mod options;
mod progress;
mod reader;
mod undelivered;

use std::{panic, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use aws_sdk_firehose::Client;
use ekk_tail::{Saved, StateFile, Tail};
use firehose_shipper::{Clock as _, Condition, Fallback, Report, Sender, Shipper, SystemClock};
use tokio::{
    sync::oneshot,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

pub(crate) use self::options::Ship;
use self::{
    ending::{End, Signals},
    progress::Progress,
    reader::{Finished, Reader, Stop},
    undelivered::Undelivered,
};

/// How often is looked at how things are.
const LOOK: Duration = Duration::from_millis(100);

/// All that works until the end.
struct Running {
    shipper: Shipper,
    sender: Sender,
    undelivered: Arc<Undelivered>,
    progress: Arc<Progress>,
    stop: Arc<Stop>,
    clock: SystemClock,
    signals: Signals,
    /// The reader's last word.
    finished: oneshot::Receiver<Finished>,
    /// It, once it has come.
    read: Option<Finished>,
    /// Files go on when they have been read.
    follows: bool,
}

impl Ship {
    /// Ships until everything is delivered, or until a signal.
    pub(crate) async fn run(&self) -> anyhow::Result<ExitCode> {
        let mut running = self.start().await?;
        let end = running.until_end().await;
        let drain = if matches!(end, End::Unusable(_)) { Duration::ZERO } else { self.drain };
        let (sender, undelivered) = (running.sender.clone(), Arc::clone(&running.undelivered));
        let progress = Arc::clone(&running.progress);
        let (report, finished) = running.drain(drain).await;
        progress.clear();
        let delivered = undelivered.delivered_below(sender.settled_below());
        Ok(ending::conclude(&end, &report, finished, delivered))
    }

    async fn start(&self) -> anyhow::Result<Running> {
        let clock = SystemClock::new();
        let signals = Signals::listen().context("cannot listen for signals")?;
        let progress = Arc::new(Progress::new(self.quiet, self.progress));
        let (state, saved) = match &self.state {
            None => (None, Saved::default()),
            Some(path) => StateFile::open(path).map(|(state, saved)| (Some(state), saved))?,
        };
        let tail = self.tail_options()?.map(|options| Tail::new(options, saved));
        let client = client::connect(&self.destination).await?;

        let undelivered = Arc::new(Undelivered::default());
        let shipper = self.shipper(client, &undelivered, &progress)?;
        let (stop, sender) = (Arc::new(Stop::default()), shipper.sender());
        let reader = Reader {
            tail,
            state,
            pipe: self.reads_pipe().then(|| self.joining()).transpose()?,
            wrapping: self.wrapping()?,
            sender: sender.clone(),
            undelivered: Arc::clone(&undelivered),
            stop: Arc::clone(&stop),
            progress: Arc::clone(&progress),
            clock,
        };
        let finished = reader.start().context("cannot start a thread")?;
        let follows = self.follow;
        Ok(Running { shipper, sender, undelivered, progress, stop, clock, signals, finished, read: None, follows })
    }

    fn shipper(
        &self,
        client: Client,
        undelivered: &Arc<Undelivered>,
        progress: &Arc<Progress>,
    ) -> anyhow::Result<Shipper> {
        let notices = Arc::clone(progress);
        let mut builder = Shipper::builder(client, &self.destination.stream)
            .batch(self.batch())
            .queue(self.queue())
            .retry(self.retry())
            .shape(self.shape())
            .on_notice(move |notice| notices.say(notice));
        let drops = self.fallback() == Some(Fallback::Nowhere);
        if !drops {
            let settled = Arc::clone(undelivered);
            builder = builder.on_settled(move |records| settled.settle(records));
        }
        builder = if let Some(fallback) = self.fallback() {
            builder.fallback(fallback)
        } else {
            let lost = Arc::clone(progress);
            builder.fallback(Fallback::Nowhere).on_lost(move |records| undelivered::show_refused(records, &lost))
        };
        Ok(builder.start()?)
    }
}

impl Running {
    /// Waits until all has been read and delivered, for a signal, or for a stream that cannot be used.
    async fn until_end(&mut self) -> End {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                finished = &mut self.finished, if self.read.is_none() => match finished {
                    Ok(finished) => self.read = Some(finished),
                    Err(_) => return End::Broken,
                },
                () = self.signals.next() => return End::Signal,
                _ = looks.tick() => {}
            }
            let health = self.shipper.health();
            self.progress.show(&health, self.clock.elapsed());
            if let (Condition::Holding { reason, .. }, false) = (&health.condition, self.follows) {
                return End::Unusable(reason.clone());
            }
            // What has been read need not wait for others any more.
            if self.read.is_some() && self.shipper.flush_async(LOOK).await.left == 0 {
                return End::Read;
            }
        }
    }

    /// Reads what there is for half of the time, and delivers what was read for the rest of it. A signal ends the process.
    async fn drain(mut self, time: Duration) -> (Report, Option<Finished>) {
        let begin = self.clock.elapsed();
        let deadline = begin.saturating_add(time);
        self.stop.at(begin.saturating_add(time / 2));
        if self.read.is_none() {
            tokio::select! {
                finished = &mut self.finished => self.read = finished.ok(),
                () = self.signals.next() => self.signals.exit(),
                () = self.clock.sleep_until(begin.saturating_add(time / 2)) => {}
            }
        }
        let Self { shipper, finished, read, mut signals, clock, .. } = self;
        let patience = deadline.saturating_sub(clock.elapsed());
        let mut shutdown = spawn_blocking(move || shipper.shutdown(patience));
        let report = tokio::select! {
            report = &mut shutdown => report,
            () = signals.next() => signals.exit(),
        };
        let report = report.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()));
        // The queue takes no more, so the reader ends with its next record.
        let read = if read.is_none() { finished.await.ok() } else { read };
        (report, read)
    }
}
