//! What logging costs the thread that logs: the shipper's layer and logger beside tracing-subscriber's JSON layer that
//! writes to nothing.
//!
//!     cargo run --release --example cost_per_record --features log
//!
//! Each event is timed by itself, so every number has the cost of reading the clock in it, which is the last line.

use std::{
    error::Error,
    hint::black_box,
    io::{self, Write},
    sync::Arc,
    time::{Duration, Instant},
};

use firehose_shipper::{Entry, PutFuture, Queue, Shipper, Transport, WhenFull};
use tracing_subscriber::prelude::*;

const EVENTS: usize = 300_000;

/// It takes everything at once.
struct Taken;

impl Transport for Taken {
    fn put<'a>(&'a self, records: &'a [&'a [u8]]) -> PutFuture<'a> {
        let entries = vec![Entry::Taken; records.len()];
        Box::pin(async { Ok(entries) })
    }

    fn destination(&self) -> String {
        "nowhere".into()
    }
}

fn shipper() -> Result<Shipper, Box<dyn Error>> {
    let queue = Queue { max_records: 1_000_000, max_bytes: 1 << 30, when_full: WhenFull::DropNewest };
    Ok(Shipper::builder_to(Arc::new(Taken)).queue(queue).start()?)
}

#[expect(clippy::disallowed_methods, reason = "how long an event takes is what is measured")]
fn time(mut event: impl FnMut(usize)) -> Vec<Duration> {
    let mut times = Vec::with_capacity(EVENTS);
    for n in 0..EVENTS {
        let start = Instant::now();
        event(n);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times
}

fn show(name: &str, times: &[Duration]) -> io::Result<()> {
    let at = |part: usize| times.get(times.len() * part / 1000).map(Duration::as_nanos).unwrap_or_default();
    writeln!(io::stdout(), "{name:<44} p50 {:>6} ns   p99 {:>6} ns   p99.9 {:>7} ns", at(500), at(990), at(999))
}

/// An event with three fields, in a span with two.
fn trace_one(n: usize) {
    tracing::info!(order = n, total = 9.5, customer = "ada", "order {n} accepted");
}

fn traced(subscriber: impl tracing::Subscriber + Send + Sync) -> Vec<Duration> {
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("request", method = "GET", id = 7).entered();
        time(trace_one)
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let shipped = shipper()?;
    show("firehose-shipper, layer", &traced(tracing_subscriber::registry().with(shipped.layer())))?;
    let report = shipped.shutdown(Duration::from_secs(30));
    writeln!(io::stdout(), "    {report}")?;

    let json = tracing_subscriber::fmt::layer().json().with_writer(io::sink);
    show("tracing-subscriber, JSON to a sink", &traced(tracing_subscriber::registry().with(json)))?;

    let logged = shipper()?;
    log::set_boxed_logger(Box::new(logged.logger()))?;
    log::set_max_level(log::LevelFilter::Info);
    let times = time(|n| log::info!(order = n, total = 9.5, customer = "ada"; "order {n} accepted"));
    show("firehose-shipper, logger (no span)", &times)?;
    writeln!(io::stdout(), "    {}", logged.shutdown(Duration::from_secs(30)))?;

    let raw = shipper()?;
    let line = "x".repeat(200);
    show("firehose-shipper, 200 bytes by send", &time(|_| _ = black_box(raw.send(&line))))?;
    writeln!(io::stdout(), "    {}", raw.shutdown(Duration::from_secs(30)))?;

    show("nothing", &time(|n| _ = black_box(n)))?;
    Ok(())
}
