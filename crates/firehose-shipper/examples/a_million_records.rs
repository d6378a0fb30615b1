//! A million records by the real SDK to a Firehose on a local socket that fails: a third of the entries at first, every
//! second call with 500, a tenth throttled, connections dropped before and after the work. All arrive.
//!
//!     cargo run --release --example a_million_records [-- calm]

#[path = "../tests/it/fake_firehose.rs"]
mod fake_firehose;

use std::{
    env,
    error::Error,
    io::{self, Write},
    sync::Mutex,
    time::{Duration, Instant},
};

use fake_firehose::{Answer, Call, FakeFirehose, number};
use firehose_shipper::{Batch, Queue, Shipper, WhenFull};

const RECORDS: usize = 1_000_000;
const PATIENCE: Duration = Duration::from_mins(10);

/// The first time, a third of the records fails; calls fail in turn.
fn troubled() -> impl Fn(&Call<'_>) -> Answer + Send + Sync {
    let seen = Mutex::new(vec![false; RECORDS]);
    move |call| match call.number % 20 {
        3 => Answer::HangUpBefore,
        7 => Answer::HangUpAfter,
        even if even.is_multiple_of(2) => Answer::Refuse { status: 500, code: "InternalFailure", message: "no" },
        _ => {
            let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let mut fails = |(place, record): (usize, &Vec<u8>)| {
                let number = number(record);
                let is_first = seen.get_mut(number).is_some_and(|seen| !std::mem::replace(seen, true));
                (is_first && number.is_multiple_of(3) || place % 10 == call.number % 10).then_some(place)
            };
            let places = call.records.iter().enumerate().filter_map(&mut fails).collect();
            Answer::Fail { places, code: "ServiceUnavailableException" }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is measured")]
fn main() -> Result<(), Box<dyn Error>> {
    let calm = env::args().nth(1).is_some_and(|argument| argument == "calm");
    let fake = if calm { FakeFirehose::start(|_| Answer::Take) } else { FakeFirehose::start(troubled()) };
    let shipper = Shipper::builder(fake.client(), "logs")
        .queue(Queue { when_full: WhenFull::Block { patience: PATIENCE }, ..Queue::default() })
        .batch(Batch { in_flight: 4, ..Batch::default() })
        .start()?;
    let start = Instant::now();
    for n in 0..RECORDS {
        shipper.send(format!("{{\"n\":{n},\"message\":\"{:150}\"}}", "a record of about two hundred bytes"))?;
    }
    let handed_over = start.elapsed();
    let report = shipper.shutdown(PATIENCE);
    let took = start.elapsed();
    let mut times = vec![0_u16; RECORDS];
    for number in fake.numbers() {
        if let Some(times) = times.get_mut(number) {
            *times = times.saturating_add(1);
        }
    }
    assert_eq!(
        fake.taken().len(),
        times.iter().map(|times| usize::from(*times)).sum::<usize>(),
        "a number is not of a record"
    );
    let missing = times.iter().filter(|times| **times == 0).count();
    let doubled = times.iter().filter(|times| **times > 1).count();
    let out = &mut io::stdout();
    writeln!(
        out,
        "handed over after {:.2} s, sent after {:.2} s, by {} calls",
        handed_over.as_secs_f64(),
        took.as_secs_f64(),
        fake.calls()
    )?;
    writeln!(out, "{report}")?;
    writeln!(out, "{missing} missing, {doubled} twice")?;
    if missing > 0 { Err("records are missing".into()) } else { Ok(()) }
}
