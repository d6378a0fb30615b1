//! Who works on a clock's time, and until when the others rest, so that time can be moved from one due thing to the next.
//!
//! A task that acts on the clock holds an [`Activity`]. It counts as working, but for the time that it spends in
//! [`Activity::rest`]; whatever wakes it there counts it as working from that very moment, before it has run. So when
//! nobody works, everything that was due has been done, and the earliest of the dues is the next thing to happen.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Wake, Waker},
};

use jiff::Timestamp;
use tokio::sync::watch;

/// The place of one task among those that act on a clock. It is given up when this is dropped.
#[derive(Debug)]
pub struct Activity {
    board: Arc<Board>,
    id: u64,
}

impl Activity {
    /// Waits as `wait` does, and says meanwhile that nothing is done before `due`, or before somebody else asks for it
    /// when there is none. `wait` itself has to end at `due`.
    pub async fn rest<F: Future>(&self, due: Option<Timestamp>, wait: F) -> F::Output {
        let mut wait = pin!(wait);
        let rousing = Arc::new(Rousing { board: self.board.clone(), id: self.id, task: Mutex::new(None) });
        let waker = Waker::from(rousing.clone());
        let _works_after_it = WorksAgain(self);
        poll_fn(|context| {
            *lock(&rousing.task) = Some(context.waker().clone());
            self.board.put(self.id, Place::Working { roused: false });
            let poll = wait.as_mut().poll(&mut Context::from_waker(&waker));
            if poll.is_pending() {
                self.board.rest(self.id, due);
            }
            poll
        })
        .await
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        lock(&self.board.places).of.remove(&self.id);
        self.board.changed.send_replace(());
    }
}

/// Ends a rest, also one that is dropped halfway.
struct WorksAgain<'a>(&'a Activity);

impl Drop for WorksAgain<'_> {
    fn drop(&mut self) {
        self.0.board.put(self.0.id, Place::Working { roused: false });
    }
}

/// Wakes a resting task, and notes at once that it works again.
struct Rousing {
    board: Arc<Board>,
    id: u64,
    task: Mutex<Option<Waker>>,
}

impl Wake for Rousing {
    fn wake(self: Arc<Self>) {
        self.board.rouse(self.id);
        let task = lock(&self.task).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// All tasks that act on one clock.
#[derive(Debug, Default)]
pub(crate) struct Board {
    places: Mutex<Places>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Places {
    next_id: u64,
    of: BTreeMap<u64, Place>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// `roused` says that it was woken since it last looked.
    Working {
        roused: bool,
    },
    Resting {
        due: Option<Timestamp>,
    },
}

impl Board {
    pub(crate) fn join(self: &Arc<Self>) -> Activity {
        let mut places = lock(&self.places);
        let id = places.next_id;
        places.next_id += 1;
        places.of.insert(id, Place::Working { roused: false });
        Activity { board: self.clone(), id }
    }

    /// Waits until nobody works.
    pub(crate) async fn quiet(&self) {
        let mut changed = self.changed.subscribe();
        while !self.is_quiet() {
            changed.changed().await.expect("the board holds the sender");
        }
    }

    /// The earliest instant that somebody rests until.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let places = lock(&self.places);
        let due = |place: &Place| match place {
            Place::Resting { due } => *due,
            Place::Working { .. } => None,
        };
        places.of.values().filter_map(due).min()
    }

    fn is_quiet(&self) -> bool {
        lock(&self.places).of.values().all(|place| matches!(place, Place::Resting { .. }))
    }

    fn put(&self, id: u64, place: Place) {
        lock(&self.places).of.entry(id).and_modify(|found| *found = place);
    }

    /// Notes that a task found nothing to do, unless it was woken while it looked.
    fn rest(&self, id: u64, due: Option<Timestamp>) {
        let mut places = lock(&self.places);
        if let Some(place @ Place::Working { roused: false }) = places.of.get_mut(&id) {
            *place = Place::Resting { due };
        }
        drop(places);
        self.changed.send_replace(());
    }

    fn rouse(&self, id: u64) {
        self.put(id, Place::Working { roused: true });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        task::Poll,
        time::Duration,
    };

    use tokio::sync::Notify;

    use super::*;
    use crate::Clock;

    fn frozen() -> Clock {
        Clock::frozen_at("2026-01-01T00:00:00Z".parse().unwrap())
    }

    /// A task that counts up every `period`, and works for a while each time.
    fn ticking(clock: &Clock, period: Duration) -> Arc<AtomicU64> {
        let ticks = Arc::new(AtomicU64::new(0));
        let (clock, counted) = (clock.clone(), ticks.clone());
        let activity = clock.activity();
        #[expect(clippy::disallowed_methods, reason = "the test's runtime ends with the test, and this task with it")]
        tokio::spawn(async move {
            loop {
                let due = clock.now().saturating_add(period).unwrap();
                activity.rest(Some(due), clock.sleep_until(due)).await;
                tokio::task::yield_now().await;
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        ticks
    }

    #[tokio::test]
    async fn travelling_does_everything_that_is_due_on_the_way_at_its_time() {
        let clock = frozen();
        let (often, seldom) = (ticking(&clock, Duration::from_mins(1)), ticking(&clock, Duration::from_hours(5)));
        clock.advance_through(Duration::from_hours(24)).await;
        assert_eq!((often.load(Ordering::SeqCst), seldom.load(Ordering::SeqCst)), (24 * 60, 4));
        assert_eq!(clock.now().to_string(), "2026-01-02T00:00:00Z");
    }

    #[tokio::test]
    async fn a_running_clock_travels_too() {
        let clock = Clock::system();
        let (start, ticks) = (clock.now(), ticking(&clock, Duration::from_hours(1)));
        clock.advance_through(Duration::from_hours(3) + Duration::from_mins(30)).await;
        assert_eq!(ticks.load(Ordering::SeqCst), 3);
        assert!(clock.now() >= start.saturating_add(Duration::from_mins(210)).unwrap());
    }

    #[tokio::test]
    async fn a_task_that_was_woken_works_before_it_has_run() {
        let clock = frozen();
        let (news, activity) = (Arc::new(Notify::new()), clock.activity());
        let heard = news.clone();
        #[expect(clippy::disallowed_methods, reason = "the test awaits the task")]
        let task = tokio::spawn(async move {
            activity.rest(None, heard.notified()).await;
            activity
        });
        clock.quiet().await;
        news.notify_one();
        assert!(!clock.board.is_quiet());
        drop(task.await.unwrap());
        clock.quiet().await;
    }

    #[tokio::test]
    async fn a_rest_that_is_given_up_is_work_again() {
        let clock = frozen();
        let activity = clock.activity();
        let mut rest = Box::pin(activity.rest(None, std::future::pending::<()>()));
        let polled = poll_fn(|context| Poll::Ready(rest.as_mut().poll(context))).await;
        assert!(polled.is_pending() && clock.board.is_quiet());
        drop(rest);
        assert!(!clock.board.is_quiet());
    }
}
