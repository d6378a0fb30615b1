//! All records arrive, whatever goes wrong on the way, and twice only where that cannot be helped.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use firehose_shipper::{
    Batch, Builder, Clock, Fallback, Outcome, Queue, Report, Retry, Settled, Shipper, WhenFull, testing::ManualClock,
};

use crate::fake_firehose::{Answer, Call, FakeFirehose, number};

const LONG: Duration = Duration::from_mins(1);

/// A shipper that waits for room rather than lose a record, with short pauses.
fn patient(fake: &FakeFirehose) -> Builder {
    Shipper::builder(fake.client(), "logs")
        .queue(Queue { when_full: WhenFull::Block { patience: LONG }, ..Queue::default() })
        .retry(Retry { first_pause: Duration::from_millis(5), ..Retry::default() })
        .batch(Batch { linger: Duration::from_millis(5), ..Batch::default() })
        .fallback(Fallback::Nowhere)
        .jitter_seed(1)
}

fn send_numbers(shipper: &Shipper, count: usize) {
    for n in 0..count {
        shipper.send(format!("{{\"n\":{n}}}")).unwrap();
    }
}

/// How often each number arrived.
fn arrivals(fake: &FakeFirehose) -> HashMap<usize, usize> {
    let mut arrivals = HashMap::new();
    fake.numbers().into_iter().for_each(|number| *arrivals.entry(number).or_default() += 1);
    arrivals
}

#[track_caller]
fn check_each_once(fake: &FakeFirehose, report: &Report, count: usize) {
    assert!(report.all_sent(), "{report}");
    assert_eq!(report.counts.sent, count as u64);
    let arrivals = arrivals(fake);
    assert_eq!(arrivals.len(), count);
    assert!(arrivals.values().all(|times| *times == 1), "each once");
}

#[test]
fn records_arrive_in_their_order_where_nothing_fails() {
    let fake = FakeFirehose::start(|_| Answer::Take);
    let shipper = patient(&fake).start().unwrap();
    send_numbers(&shipper, 5_000);
    let report = shipper.shutdown(LONG);
    assert!(report.all_sent(), "{report}");
    assert_eq!(fake.numbers(), (0..5_000).collect::<Vec<_>>());
    assert_eq!(fake.taken()[17], b"{\"n\":17}\n");
}

#[test]
fn a_hundred_thousand_small_records_arrive_once_each_through_a_small_queue() {
    const COUNT: usize = 100_000;
    let fake = FakeFirehose::start(|_| Answer::Take);
    let queue = Queue { max_records: 5_000, when_full: WhenFull::Block { patience: LONG }, ..Queue::default() };
    let most = Arc::new(Mutex::new(0));
    let shipper = patient(&fake).queue(queue).batch(Batch { in_flight: 4, ..Batch::default() }).start().unwrap();
    std::thread::scope(|scope| {
        for part in 0..4 {
            let (sender, most) = (shipper.sender(), Arc::clone(&most));
            scope.spawn(move || {
                for n in 0..COUNT / 4 {
                    sender.send(format!("{{\"n\":{}}}", n * 4 + part)).unwrap();
                    if n.is_multiple_of(100) {
                        let queued = sender.health().queued_records;
                        let mut most = most.lock().unwrap();
                        *most = queued.max(*most);
                    }
                }
            });
        }
    });
    let report = shipper.shutdown(LONG);
    check_each_once(&fake, &report, COUNT);
    assert!(*most.lock().unwrap() <= 5_000, "no more is held than was allowed");
}

#[test]
fn only_the_entries_that_failed_are_sent_again() {
    // A third of the records fails at first.
    let seen = Mutex::new(HashSet::new());
    let fake = FakeFirehose::start(move |call| {
        let mut seen = seen.lock().unwrap();
        let fails = |record: &[u8]| number(record).is_multiple_of(3);
        let records = call.records.iter().enumerate();
        let places = records.filter(|(_, record)| seen.insert(number(record)) && fails(record)).map(|(place, _)| place);
        Answer::Fail { places: places.collect(), code: "ServiceUnavailableException" }
    });
    let shipper = patient(&fake).start().unwrap();
    send_numbers(&shipper, 30_000);
    let report = shipper.shutdown(LONG);
    check_each_once(&fake, &report, 30_000);
    assert_eq!((report.counts.retried, report.counts.throttled), (10_000, 10_000));
}

#[test]
fn every_second_call_may_fail() {
    let fake = FakeFirehose::start(|call| match call.number % 2 {
        0 => Answer::Refuse { status: 500, code: "InternalFailure", message: "no" },
        _ => Answer::Take,
    });
    let shipper = patient(&fake).start().unwrap();
    send_numbers(&shipper, 30_000);
    let report = shipper.shutdown(LONG);
    check_each_once(&fake, &report, 30_000);
    assert!(report.counts.failed_calls >= 60, "{report}");
    assert_eq!(report.counts.duplicates_possible, 0, "all calls were answered");
}

#[test]
fn a_tenth_of_records_and_of_calls_may_be_throttled() {
    let fake = FakeFirehose::start(|call| {
        if call.number % 10 == 9 {
            Answer::Refuse { status: 500, code: "ServiceUnavailableException", message: "Slow down." }
        } else {
            let places = (0..call.records.len()).filter(|place| place % 10 == call.number % 10).collect();
            Answer::Fail { places, code: "ServiceUnavailableException" }
        }
    });
    let shipper = patient(&fake).start().unwrap();
    send_numbers(&shipper, 30_000);
    let report = shipper.shutdown(LONG);
    check_each_once(&fake, &report, 30_000);
    assert!(report.counts.throttled >= 3_000, "{report}");
}

#[test]
fn connections_may_drop_and_a_record_arrives_twice_only_when_one_dropped_after_the_work() {
    let risked = Arc::new(Mutex::new(HashSet::new()));
    let fake = FakeFirehose::start({
        let risked = Arc::clone(&risked);
        move |call: &Call<'_>| match call.number % 5 {
            1 => Answer::HangUpBefore,
            3 => {
                risked.lock().unwrap().extend(call.records.iter().map(|record| number(record)));
                Answer::HangUpAfter
            }
            _ => Answer::Take,
        }
    });
    let shipper = patient(&fake).start().unwrap();
    send_numbers(&shipper, 20_000);
    let report = shipper.shutdown(LONG);
    assert!(report.all_sent(), "{report}");
    let arrivals = arrivals(&fake);
    assert_eq!(arrivals.len(), 20_000, "all arrived");
    let twice: HashSet<usize> = arrivals.iter().filter(|(_, times)| **times > 1).map(|(number, _)| *number).collect();
    assert!(!twice.is_empty() && twice.is_subset(&risked.lock().unwrap()));
    assert!(report.counts.duplicates_possible >= twice.len() as u64, "{report}");
}

#[test]
fn an_outage_of_a_minute_is_outlasted() {
    let clock = Arc::new(ManualClock::new());
    let fake = FakeFirehose::start({
        let clock = Arc::clone(&clock);
        move |call: &Call<'_>| match clock.elapsed().as_secs() {
            5..65 if call.number.is_multiple_of(2) => {
                Answer::Refuse { status: 500, code: "InternalFailure", message: "" }
            }
            5..65 => Answer::Refuse { status: 503, code: "", message: "" },
            _ => Answer::Take,
        }
    });
    // The time runs faster than the sockets, so no call is given up for being slow.
    let retry = Retry { call_timeout: Duration::MAX, ..Retry::default() };
    let shipper = patient(&fake).clock(clock.clone()).retry(retry).start().unwrap();
    let mut sent = 0;
    while shipper.counts().sent < 2_000 {
        if sent < 2_000 {
            shipper.send(format!("{{\"n\":{sent}}}")).unwrap();
            sent += 1;
        }
        clock.advance(Duration::from_millis(50));
        // It is answered once the shipper has looked at the new time.
        shipper.flush(Duration::ZERO);
        // The time stands while a call is on its way.
        while (fake.calls() as u64) < shipper.counts().calls {
            std::thread::yield_now();
        }
    }
    let report = shipper.shutdown(LONG);
    check_each_once(&fake, &report, 2_000);
    assert!(report.counts.failed_calls >= 2, "{report}");
    assert!(clock.elapsed() >= Duration::from_secs(65));
}

#[test]
fn a_call_that_is_refused_as_malformed_is_taken_apart_until_the_record_at_fault_is_alone() {
    let fake = FakeFirehose::start(|call| {
        if call.records.iter().any(|record| number(record) == 77) {
            Answer::Refuse { status: 400, code: "ValidationException", message: "1 validation error detected" }
        } else {
            Answer::Take
        }
    });
    let shipper = patient(&fake).on_notice(|_| {}).start().unwrap();
    send_numbers(&shipper, 500);
    let report = shipper.shutdown(LONG);
    assert_eq!((report.counts.sent, report.counts.unsent.refused, report.counts.unsent.total()), (499, 1, 1));
    assert!(fake.calls() <= 25, "{} calls", fake.calls());
}

#[test]
fn every_record_is_settled_once_and_the_mark_follows() {
    let fake = FakeFirehose::start(|call| match call.number % 3 {
        0 => Answer::Fail { places: vec![0], code: "InternalFailure" },
        1 => Answer::Refuse { status: 500, code: "InternalFailure", message: "no" },
        _ => Answer::Take,
    });
    let settled = Arc::new(Mutex::new(Vec::new()));
    let shipper = patient(&fake)
        .batch(Batch { max_records: 10, in_flight: 3, ..Batch::default() })
        .on_settled({
            let settled = Arc::clone(&settled);
            move |records: &[Settled]| settled.lock().unwrap().extend_from_slice(records)
        })
        .start()
        .unwrap();
    let sequences: Vec<u64> = (0..1_000).map(|n| shipper.send(format!("{{\"n\":{n}}}")).unwrap()).collect();
    let sender = shipper.sender();
    let report = shipper.flush(LONG);
    assert_eq!((report.left, sender.settled_below()), (0, 1_000));
    drop(shipper);
    let mut settled = settled.lock().unwrap();
    assert!(settled.iter().all(|it| it.outcome == Outcome::Sent));
    settled.sort_by_key(|it| it.sequence);
    assert_eq!(settled.iter().map(|it| it.sequence).collect::<Vec<_>>(), sequences);
}
