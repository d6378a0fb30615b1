//! A million records by the real SDK to a Firehose on a local socket that fails: a third of the entries at first, every
//! second call with 500, a tenth throttled, connections dropped before and after the work. All arrive.
//!
//!     cargo run --release --example a_million_records
//!
//! With `-- calm` nothing fails, and with `-- http://127.0.0.1:4566 logging-test` they go to that endpoint.

#[path = "../tests/it/fake_firehose.rs"]
mod fake_firehose;

use std::{
    env,
    error::Error,
    io::{self, Write},
    sync::Mutex,
    time::{Duration, Instant},
};

use aws_sdk_firehose::Client;
use fake_firehose::{Answer, Call, FakeFirehose, config, number};
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

fn main() -> Result<(), Box<dyn Error>> {
    let fake = match env::args().nth(1).as_deref() {
        Some("calm") => FakeFirehose::start(|_| Answer::Take),
        Some(url) => {
            let client = Client::from_conf(config().endpoint_url(url).build());
            return ship(client, &env::args().nth(2).unwrap_or_else(|| "logging-test".into()));
        }
        None => FakeFirehose::start(troubled()),
    };
    ship(fake.client(), "logs")?;
    let mut times = vec![0_u16; RECORDS];
    let numbers = fake.numbers();
    assert_eq!(numbers.len(), fake.taken().len(), "each record has a number");
    for number in numbers {
        *times.get_mut(number).ok_or("a record that was not sent")? += 1;
    }
    let missing = times.iter().filter(|times| **times == 0).count();
    let doubled = times.iter().filter(|times| **times > 1).count();
    writeln!(io::stdout(), "{} calls, {missing} missing, {doubled} twice", fake.calls())?;
    if missing > 0 { Err("records are missing".into()) } else { Ok(()) }
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is measured")]
fn ship(client: Client, stream: &str) -> Result<(), Box<dyn Error>> {
    let shipper = Shipper::builder(client, stream)
        .queue(Queue { when_full: WhenFull::Block { patience: PATIENCE }, ..Queue::default() })
        .batch(Batch { in_flight: 4, ..Batch::default() })
        .start()?;
    let start = Instant::now();
    for n in 0..RECORDS {
        shipper.send(format!("{{\"n\":{n},\"message\":\"{:150}\"}}", "a record of about two hundred bytes"))?;
    }
    let handed_over = start.elapsed().as_secs_f64();
    let report = shipper.shutdown(PATIENCE);
    let took = start.elapsed().as_secs_f64();
    writeln!(io::stdout(), "handed over after {handed_over:.2} s, sent after {took:.2} s: {report}")?;
    Ok(())
}
