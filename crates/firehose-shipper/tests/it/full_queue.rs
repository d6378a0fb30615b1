//! A queue that is full, a record that is too large: the choices, as a program sees them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use firehose_shipper::{
    Batch, Builder, Entry, Fallback, PutFuture, Queue, Reason, SendError, Shape, Shipper, Transport, WhenFull,
    WhenTooLarge, testing::RecordingTransport,
};

const LONG: Duration = Duration::from_mins(1);

/// It never answers.
struct Silent;

impl Transport for Silent {
    fn put<'a>(&'a self, _: &'a [&'a [u8]]) -> PutFuture<'a> {
        Box::pin(std::future::pending())
    }

    fn destination(&self) -> String {
        "silence".into()
    }
}

type Lost = Arc<Mutex<Vec<(Reason, String)>>>;

fn quiet(builder: Builder) -> (Builder, Lost) {
    let lost = Lost::default();
    let builder = builder.fallback(Fallback::Nowhere).on_notice(|_| {}).on_lost({
        let lost = Arc::clone(&lost);
        move |told| {
            let texts = told.records.iter().map(|record| String::from_utf8_lossy(record).into_owned());
            lost.lock().unwrap().extend(texts.map(|text| (told.reason, text)));
        }
    });
    (builder, lost)
}

fn queue_of_two(when_full: WhenFull) -> Queue {
    Queue { max_records: 2, when_full, ..Queue::default() }
}

#[test]
fn the_program_never_waits_longer_than_its_patience() {
    for when_full in [WhenFull::DropNewest, WhenFull::Block { patience: Duration::from_millis(5) }] {
        let (builder, lost) = quiet(Shipper::builder_to(Arc::new(Silent)));
        let shipper = builder.queue(queue_of_two(when_full)).start().unwrap();
        shipper.send("a").unwrap();
        shipper.send("b").unwrap();
        assert!(matches!(shipper.send("c"), Err(SendError::QueueFull)));
        assert_eq!(*lost.lock().unwrap(), [(Reason::QueueFull, "c\n".to_owned())]);
        let report = shipper.shutdown(Duration::ZERO);
        assert_eq!((report.counts.unsent.queue_full, report.counts.unsent.left), (1, 2));
        assert_eq!(lost.lock().unwrap().len(), 3, "what is left is told too");
    }
}

#[test]
fn what_was_spilled_is_sent_when_there_is_room_and_what_is_left_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let queue = || queue_of_two(WhenFull::Spill { folder: folder.path().into(), max_bytes: 1 << 20 });
    let (builder, lost) = quiet(Shipper::builder_to(Arc::new(Silent)));
    let shipper = builder.queue(queue()).start().unwrap();
    (0..100).for_each(|n| _ = shipper.send(format!("{n}")).unwrap());
    let report = shipper.shutdown(Duration::ZERO);
    assert_eq!((report.counts.saved, report.counts.unsent.total()), (100, 0), "{report}");

    let transport = Arc::new(RecordingTransport::new());
    let (builder, _) = quiet(Shipper::builder_to(transport.clone()));
    let shipper = builder.queue(queue()).start().unwrap();
    (100..200).for_each(|n| _ = shipper.send(format!("{n}")).unwrap());
    let report = shipper.shutdown(LONG);
    assert!(report.all_sent(), "{report}");
    let mut numbers: Vec<u64> = transport.lines().iter().map(|line| line.trim_end().parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..200).collect::<Vec<_>>());
    assert_eq!((report.counts.recovered, report.counts.sent), (100, 200));
    assert!(lost.lock().unwrap().is_empty());
}

#[test]
fn a_spill_folder_that_cannot_be_written_to_is_told_and_its_records_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("spool");
    let queue = queue_of_two(WhenFull::Spill { folder: spool.clone(), max_bytes: 1 << 20 });
    let notices = Arc::new(Mutex::new(Vec::new()));
    let (builder, lost) = quiet(Shipper::builder_to(Arc::new(Silent)));
    let shipper = builder.queue(queue).on_notice({
        let notices = Arc::clone(&notices);
        move |notice| notices.lock().unwrap().push(notice.to_owned())
    });
    let shipper = shipper.start().unwrap();
    // As when a disk goes: the folder is not there any more.
    std::fs::remove_dir_all(&spool).unwrap();
    shipper.send("a").unwrap();
    shipper.send("b").unwrap();
    assert!(matches!(shipper.send("c"), Err(SendError::QueueFull)));
    let report = shipper.shutdown(Duration::ZERO);
    assert_eq!((report.counts.unsent.queue_full, report.counts.unsent.left, report.counts.saved), (1, 2, 0));
    assert_eq!(lost.lock().unwrap().len(), 3);
    let notices = notices.lock().unwrap();
    let told = notices.iter().filter(|notice| notice.starts_with("the spill folder cannot be written to: "));
    assert_eq!(told.count(), 1, "{notices:?}");
}

#[test]
fn a_callback_that_sends_what_was_lost_does_not_call_itself() {
    for when_full in [WhenFull::DropNewest, WhenFull::DropOldest] {
        let sender = Arc::new(std::sync::OnceLock::<firehose_shipper::Sender>::new());
        let told = Arc::new(Mutex::new(0));
        let builder = Shipper::builder_to(Arc::new(Silent)).fallback(Fallback::Nowhere).on_notice(|_| {}).on_lost({
            let (sender, told) = (Arc::clone(&sender), Arc::clone(&told));
            move |lost| {
                *told.lock().unwrap() += lost.records.len();
                if let Some(sender) = sender.get() {
                    sender.send("a record was lost").ok();
                }
            }
        });
        let shipper = builder.queue(queue_of_two(when_full)).start().unwrap();
        assert!(sender.set(shipper.sender()).is_ok());
        (0..10).for_each(|n| _ = shipper.send(format!("{n}")).ok());
        let report = shipper.shutdown(Duration::ZERO);
        let counts = report.counts;
        assert_eq!(counts.offered, counts.unsent.total(), "{report}");
        assert!(*told.lock().unwrap() >= 8, "{report}");
    }
}

#[test]
fn spilled_records_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Arc::new(RecordingTransport::new());
    let queue = queue_of_two(WhenFull::Spill { folder: folder.path().into(), max_bytes: 1 << 20 });
    let shipper = Shipper::builder_to(transport.clone()).queue(queue).start().unwrap();
    (0..5_000).for_each(|n| _ = shipper.send(format!("{n}")).unwrap());
    let report = shipper.shutdown(LONG);
    assert!(report.all_sent(), "{report}");
    assert_eq!(transport.lines(), (0..5_000).map(|n| format!("{n}\n")).collect::<Vec<_>>());
}

#[test]
fn a_record_that_is_too_large_is_truncated_or_refused_and_counted() {
    let large = format!("{{\"message\":\"{}\",\"order\":17}}", "m".repeat(2_000_000));
    let transport = Arc::new(RecordingTransport::new());
    let (builder, lost) = quiet(Shipper::builder_to(transport.clone()));
    let shipper = builder.start().unwrap();
    shipper.send(&large).unwrap();
    assert_eq!(shipper.shutdown(LONG).counts.truncated, 1);
    let line = &transport.lines()[0];
    assert!(line.len() <= 1_024_000 && line.ends_with("…\",\"order\":17,\"truncated\":[\"message\"]}\n"));
    assert!(lost.lock().unwrap().is_empty());

    let (builder, lost) = quiet(Shipper::builder_to(Arc::new(RecordingTransport::new())));
    let shape = Shape { when_too_large: WhenTooLarge::Refuse, ..Shape::default() };
    let shipper = builder.shape(shape).start().unwrap();
    let error = shipper.send(&large).unwrap_err().to_string();
    assert_eq!(error, format!("record of {} bytes is over the 1024000-byte limit", large.len() + 1));
    assert_eq!(shipper.shutdown(LONG).counts.unsent.too_large, 1);
    assert_eq!(*lost.lock().unwrap(), [(Reason::TooLarge, large)]);
}

#[test]
fn calls_are_within_the_limits_of_firehose() {
    let transport = Arc::new(RecordingTransport::new());
    let batch = Batch { linger: LONG, ..Batch::default() };
    let shipper = Shipper::builder_to(transport.clone()).batch(batch).start().unwrap();
    (0..1_200).for_each(|_| _ = shipper.send("small").unwrap());
    (0..9).for_each(|_| _ = shipper.send("x".repeat(1_000_000)).unwrap());
    let report = shipper.shutdown(LONG);
    assert!(report.all_sent(), "{report}");
    for call in transport.calls() {
        assert!(call.len() <= 500 && call.iter().map(Vec::len).sum::<usize>() <= 4 * 1024 * 1024);
    }
    assert_eq!(transport.calls().iter().map(Vec::len).sum::<usize>(), 1_209);
}

#[test]
fn the_newline_can_be_left_out_and_is_not_doubled() {
    for (newline, sent, expected) in [(true, "a", "a\n"), (true, "a\n", "a\n"), (false, "a", "a"), (true, "", "\n")] {
        let transport = Arc::new(RecordingTransport::answering(|_, records| Ok(vec![Entry::Taken; records.len()])));
        let shape = Shape { newline, ..Shape::default() };
        let shipper = Shipper::builder_to(transport.clone()).shape(shape).start().unwrap();
        shipper.send(sent).unwrap();
        shipper.shutdown(LONG);
        assert_eq!(transport.lines(), [expected]);
    }
}
