//! Flush, shutdown, drop, panics and callbacks.

use std::{
    panic,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use firehose_shipper::{
    Batch, Clock, Condition, Counts, Fallback, PutError, PutErrorKind, Queue, SendError, Shipper, WhenFull,
    testing::{ManualClock, RecordingTransport},
};

const LONG: Duration = Duration::from_mins(1);

fn slow_to_leave() -> Batch {
    Batch { linger: LONG, ..Batch::default() }
}

#[test]
fn a_flush_does_not_wait_for_others_to_share_the_call() {
    let transport = Arc::new(RecordingTransport::new());
    let shipper = Shipper::builder_to(transport.clone()).batch(slow_to_leave()).start().unwrap();
    shipper.send("a").unwrap();
    let report = shipper.flush(LONG);
    assert_eq!((report.left, report.counts.sent), (0, 1));
    assert_eq!(report.to_string(), "1 sent, 0 retried, 0 not sent, 0 left");
    shipper.send("b").unwrap();
    assert_eq!(shipper.flush(LONG).counts.sent, 2);
}

#[test]
fn a_flush_works_within_a_runtime_and_outside() {
    let transport = Arc::new(RecordingTransport::new());
    let shipper = Shipper::builder_to(transport.clone()).batch(slow_to_leave()).start().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        shipper.send("a").unwrap();
        assert_eq!(shipper.flush_async(LONG).await.counts.sent, 1);
        shipper.send("b").unwrap();
        assert_eq!(shipper.flush(LONG).counts.sent, 2);
    });
    drop(runtime);
    shipper.send("c").unwrap();
    assert_eq!(shipper.shutdown(LONG).counts.sent, 3);
}

#[test]
fn a_shipper_that_is_dropped_sends_what_is_left() {
    let transport = Arc::new(RecordingTransport::new());
    let shipper = Shipper::builder_to(transport.clone()).batch(slow_to_leave()).start().unwrap();
    let sender = shipper.sender();
    (0..1_000).for_each(|_| _ = shipper.send("a").unwrap());
    drop(shipper);
    assert_eq!(transport.lines().len(), 1_000);
    assert!(matches!(sender.send("late"), Err(SendError::Closed)));
    assert_eq!(sender.health().condition, Condition::Closed);
    assert_eq!(sender.flush(LONG).left, 0, "nobody waits for a shipper that is gone");
}

#[test]
fn a_panic_that_unwinds_sends_what_is_left() {
    let transport = Arc::new(RecordingTransport::new());
    let shipper = Shipper::builder_to(transport.clone()).batch(slow_to_leave()).start().unwrap();
    let panicked = panic::catch_unwind(panic::AssertUnwindSafe(move || {
        shipper.send("a").unwrap();
        panic::resume_unwind(Box::new("a panic without a message"));
    }));
    assert!(panicked.is_err());
    assert_eq!(transport.lines(), ["a\n"]);
}

#[test]
fn what_is_left_at_the_deadline_is_reported() {
    let busy = |_: usize, _: &[&[u8]]| Err(PutError { kind: PutErrorKind::Throttled, message: "Slow down.".into() });
    let transport = Arc::new(RecordingTransport::answering(busy));
    let shipper = Shipper::builder_to(transport).fallback(Fallback::Nowhere).on_notice(|_| {}).start().unwrap();
    (0..10).for_each(|_| _ = shipper.send("a").unwrap());
    let report = shipper.flush(Duration::from_millis(5));
    assert_eq!((report.left, report.counts.sent), (10, 0));
    let report = shipper.shutdown(Duration::from_millis(5));
    assert_eq!((report.left, report.counts.unsent.left), (0, 10), "{report}");
    assert!(report.to_string().contains("10 not sent (10 left at shutdown)"), "{report}");
}

#[test]
fn a_transport_or_a_callback_that_panics_does_not_take_the_shipper_down() {
    let transport = Arc::new(RecordingTransport::answering(|number, records| match number {
        0 => panic::resume_unwind(Box::new("a transport that fails")),
        _ => Ok(vec![firehose_shipper::Entry::Taken; records.len()]),
    }));
    let shipper = Shipper::builder_to(transport)
        .on_settled(|_| panic::resume_unwind(Box::new("a callback that fails")))
        .start()
        .unwrap();
    shipper.send("a").unwrap();
    assert_eq!(shipper.flush(LONG).counts.sent, 1);
    shipper.send("b").unwrap();
    assert_eq!(shipper.shutdown(LONG).counts.sent, 2);
}

#[test]
fn a_callback_may_flush_and_send() {
    let sender: Arc<Mutex<Option<firehose_shipper::Sender>>> = Arc::default();
    let seen: Arc<Mutex<Vec<Counts>>> = Arc::default();
    let transport = Arc::new(RecordingTransport::new());
    let shipper = Shipper::builder_to(transport.clone())
        .on_settled({
            let sender = Arc::clone(&sender);
            move |settled| {
                if let Some(sender) = &*sender.lock().unwrap()
                    && settled.iter().any(|it| it.sequence == 0)
                {
                    sender.send("from the callback").unwrap();
                    sender.flush(LONG);
                }
            }
        })
        .on_counts({
            let seen = Arc::clone(&seen);
            move |counts| seen.lock().unwrap().push(counts)
        })
        .start()
        .unwrap();
    *sender.lock().unwrap() = Some(shipper.sender());
    shipper.send("a").unwrap();
    shipper.flush(LONG);
    let report = shipper.shutdown(LONG);
    assert_eq!(transport.lines(), ["a\n", "from the callback\n"]);
    assert_eq!(seen.lock().unwrap().last(), Some(&report.counts));
}

/// A clock that panics on the shipper's thread once it is told to: what a bug there would be.
#[derive(Debug, Default)]
struct Broken {
    time: ManualClock,
    is_broken: AtomicBool,
}

impl Clock for Broken {
    fn elapsed(&self) -> Duration {
        let is_shipper = std::thread::current().name() == Some("firehose-shipper");
        assert!(!(is_shipper && self.is_broken.load(Ordering::SeqCst)), "a bug");
        self.time.elapsed()
    }

    fn now(&self) -> SystemTime {
        self.time.now()
    }

    fn sleep_until(&self, moment: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.time.sleep_until(moment)
    }
}

#[test]
fn nobody_waits_for_a_shipper_that_has_died_and_what_it_had_queued_is_in_the_fallback() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    let clock = Arc::new(Broken::default());
    let queue = Queue { when_full: WhenFull::Block { patience: LONG }, max_records: 3, ..Queue::default() };
    let shipper = Shipper::builder_to(Arc::new(RecordingTransport::new()))
        .clock(clock.clone())
        .batch(slow_to_leave())
        .queue(queue)
        .fallback(Fallback::File(file.clone()))
        .start()
        .unwrap();
    shipper.send("a").unwrap();
    shipper.send("b").unwrap();
    clock.is_broken.store(true, Ordering::SeqCst);
    let report = shipper.flush(LONG);
    assert_eq!((report.left, report.counts.unsent.left, report.counts.fallen_back), (0, 2, 2), "{report}");
    assert!(matches!(shipper.send("c"), Err(SendError::Closed)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a\nb\n");
    assert!(!shipper.shutdown(LONG).all_sent());
}

#[test]
fn a_shipper_is_started_used_and_dropped_within_a_runtime() {
    let runtimes = [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()];
    for mut runtime in runtimes {
        let transport = Arc::new(RecordingTransport::new());
        runtime.build().unwrap().block_on(async {
            let shipper = Shipper::builder_to(transport.clone()).batch(slow_to_leave()).start().unwrap();
            shipper.send("a").unwrap();
            assert_eq!(shipper.flush(LONG).counts.sent, 1);
            shipper.send("b").unwrap();
            drop(shipper);
        });
        assert_eq!(transport.lines(), ["a\n", "b\n"]);
    }
}
