//! Tests of the queue, without a worker.

use crate::settings::{Batch, Queue as QueueSettings};

use super::*;

const NO_PATIENCE: WhenFull = WhenFull::Block { patience: Duration::from_millis(1) };

fn queue(when_full: WhenFull) -> Queue {
    let batch = Batch { max_records: 3, ..Batch::default() };
    let settings = QueueSettings { max_records: 4, max_bytes: 10_000_000, when_full };
    let settings = Settings { batch, queue: settings, ..Settings::default() };
    Queue::new(settings, Arc::default(), None)
}

fn push(queue: &Queue, text: &str) -> Result<u64, Reason> {
    queue.push(text.as_bytes().into()).map_err(|refused| refused.reason)
}

fn push_all(queue: &Queue, texts: &[&str]) {
    for text in texts {
        push(queue, text).unwrap();
    }
}

fn take(queue: &Queue) -> Vec<Record> {
    queue.take(Fill::default(), CallLimits { records: 3, bytes: 1000 })
}

fn texts(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| std::str::from_utf8(&record.data).unwrap()).collect()
}

/// The sum that holds at any moment.
#[track_caller]
fn check_sum(queue: &Queue) {
    let (held, _) = queue.health();
    let Counts { offered, recovered, sent, unsent, saved, .. } = queue.counts();
    assert_eq!(offered + recovered, sent + unsent.total() + saved + held.records as u64);
}

#[test]
fn records_are_numbered_and_taken_in_their_order() {
    let queue = queue(WhenFull::DropNewest);
    for (number, text) in (0..).zip(["a", "b", "c", "d"]) {
        assert_eq!(push(&queue, text), Ok(number));
    }
    assert_eq!(texts(&take(&queue)), ["a", "b", "c"]);
    assert_eq!(texts(&take(&queue)), ["d"]);
    check_sum(&queue);
}

#[test]
fn what_is_with_the_worker_takes_room_until_it_is_settled() {
    let queue = queue(WhenFull::DropNewest);
    push_all(&queue, &["a", "b", "c", "d"]);
    let taken = take(&queue);
    assert_eq!(push(&queue, "e"), Err(Reason::QueueFull));
    queue.settle(&taken, Outcome::Sent);
    assert_eq!(push(&queue, "f"), Ok(4));
    assert_eq!(queue.settled_below(), 3);
    assert_eq!((queue.counts().sent, queue.counts().unsent.queue_full), (3, 1));
    check_sum(&queue);
}

#[test]
fn the_oldest_make_room_but_not_those_in_flight() {
    let queue = queue(WhenFull::DropOldest);
    push_all(&queue, &["a", "b", "c", "d"]);
    let in_flight = take(&queue);
    assert_eq!(push(&queue, "e"), Ok(4));
    assert_eq!(texts(&queue.take_all()), ["e"], "d has made room");
    assert_eq!(push(&queue, "f"), Err(Reason::QueueFull), "nothing waits that could make room");
    queue.settle(&in_flight, Outcome::Sent);
    check_sum(&queue);
}

#[test]
fn a_caller_whose_patience_is_over_goes_on_without_its_record() {
    let queue = queue(NO_PATIENCE);
    push_all(&queue, &["a", "b", "c", "d"]);
    assert_eq!(push(&queue, "e"), Err(Reason::QueueFull));
    check_sum(&queue);
}

#[test]
fn a_caller_that_waits_goes_on_when_there_is_room() {
    let queue = Arc::new(queue(WhenFull::Block { patience: Duration::MAX }));
    push_all(&queue, &["a", "b", "c", "d"]);
    let waiting = std::thread::spawn({
        let queue = Arc::clone(&queue);
        move || push(&queue, "e")
    });
    while queue.lock().blocked == 0 {
        std::thread::yield_now();
    }
    assert!(queue.look(Duration::ZERO, Wake::Full).hurried, "a caller waits");
    let taken = take(&queue);
    queue.settle(&taken, Outcome::Sent);
    assert_eq!(waiting.join().unwrap(), Ok(4));
    check_sum(&queue);
}

#[test]
fn a_closed_queue_takes_nothing_and_lets_go_of_those_who_wait() {
    let queue = Arc::new(queue(WhenFull::Block { patience: Duration::MAX }));
    push_all(&queue, &["a", "b", "c", "d"]);
    let waiting = std::thread::spawn({
        let queue = Arc::clone(&queue);
        move || push(&queue, "e")
    });
    while queue.lock().blocked == 0 {
        std::thread::yield_now();
    }
    queue.close(Duration::from_secs(9));
    assert_eq!(waiting.join().unwrap(), Err(Reason::Closed));
    queue.close(Duration::from_secs(30));
    assert_eq!(queue.look(Duration::ZERO, Wake::Full).closing, Some(Duration::from_secs(9)));
    check_sum(&queue);
}

#[test]
fn the_worker_is_woken_by_the_record_that_it_waits_for_and_once() {
    let queue = queue(WhenFull::DropNewest);
    let wakes = || {
        let mut state = queue.lock();
        queue.wakes(&mut state)
    };
    queue.look(Duration::ZERO, Wake::Never);
    push(&queue, "a").unwrap();
    assert!(!wakes(), "it waits for something else");
    queue.look(Duration::ZERO, Wake::Full);
    push(&queue, "b").unwrap();
    assert!(!wakes(), "there is no full call");
    assert_eq!(queue.lock().wake, Wake::Full);
    push(&queue, "c").unwrap();
    assert_eq!(queue.lock().wake, Wake::Never, "the third has filled a call, and has woken it");
    take(&queue);
    queue.look(Duration::ZERO, Wake::Full);
    assert_eq!(queue.lock().wake, Wake::First, "with nothing there, the first is to wake it");
}

#[test]
fn a_flush_is_answered_when_what_came_before_is_settled_or_at_its_deadline() {
    let queue = queue(WhenFull::DropNewest);
    push_all(&queue, &["a", "b"]);
    let mut in_time = queue.flush(Duration::from_secs(9));
    let mut at_once = queue.flush(Duration::from_secs(1));
    push(&queue, "c").unwrap();
    assert_eq!(queue.look(Duration::ZERO, Wake::Full).deadline, Some(Duration::from_secs(1)));
    queue.look(Duration::from_secs(1), Wake::Full);
    assert_eq!(at_once.try_recv().unwrap().left, 2);
    let taken = queue.take(Fill::default(), CallLimits { records: 2, bytes: 1000 });
    queue.settle(&taken, Outcome::Sent);
    assert!(in_time.try_recv().is_err());
    queue.look(Duration::from_secs(2), Wake::Full);
    let report = in_time.try_recv().unwrap();
    assert_eq!((report.left, report.counts.sent), (0, 2));
}

#[test]
fn what_has_no_room_waits_on_disk_and_newer_ones_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let when_full = WhenFull::Spill { folder: folder.path().into(), max_bytes: 1 << 20 };
    let spill = || Some(Spill::open(folder.path(), 1 << 20).unwrap());
    let queue = Queue { state: Mutex::new(State { spill: spill(), ..State::default() }), ..queue(when_full.clone()) };
    push_all(&queue, &["a", "b", "c", "d", "e", "f"]);
    let taken = take(&queue);
    assert_eq!(texts(&taken), ["a", "b", "c"]);
    queue.settle(&taken, Outcome::Sent);
    push(&queue, "g").unwrap();
    assert_eq!(queue.counts().spilled, 3, "g is behind e and f, though there is room");
    assert!(queue.refill().is_empty());
    let rest = queue.take_all();
    assert_eq!(texts(&rest), ["d", "e", "f", "g"]);
    assert_eq!(rest.iter().map(|record| record.sequence).collect::<Vec<_>>(), [3, 4, 5, 6]);
    // The process ends with two that were not sent.
    queue.settle(&rest[..2], Outcome::Sent);
    assert!(queue.save(rest.into_iter().skip(2).collect()).is_empty());
    queue.finish();
    assert_eq!((queue.counts().sent, queue.counts().saved), (5, 2));
    check_sum(&queue);
    drop(queue);
    let next = self::queue(when_full);
    let next = Queue { state: Mutex::new(State { spill: spill(), ..State::default() }), ..next };
    next.refill();
    assert_eq!(texts(&next.take_all()), ["f", "g"]);
    assert_eq!(next.counts().recovered, 2);
}
