//! What shipping costs the program: the CPU time per record of 200 bytes, from `send` to Firehose's answer.
//!
//!     AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
//!         cargo run --release --example cost_of_shipping -- logging-test 1000000 4
//!
//! The stream, the number of records, and the calls at one time. It prints one JSON object: client, records, seconds,
//! `records_per_second`, `cpu_microseconds_per_record` (where there is `/proc`), and `resident_megabytes` at the most.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    time::{Duration, Instant},
};

use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use firehose_shipper::{Batch, Queue, Shipper, WhenFull};

const PATIENCE: Duration = Duration::from_mins(10);

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is measured")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let stream = arguments.next().unwrap_or_else(|| "logging-test".into());
    let records: u32 = arguments.next().map_or(Ok(200_000), |records| records.parse())?;
    let in_flight: usize = arguments.next().map_or(Ok(1), |calls| calls.parse())?;
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config = runtime.block_on(aws_config::defaults(BehaviorVersion::latest()).http_client(http).load());
    let shipper = Shipper::builder(aws_sdk_firehose::Client::new(&config), stream)
        .queue(Queue { when_full: WhenFull::Block { patience: PATIENCE }, ..Queue::default() })
        .batch(Batch { in_flight, ..Batch::default() })
        .start()?;
    drop(runtime);

    let (begin, cpu_before) = (Instant::now(), cpu_millis());
    for n in 0..records {
        shipper.send(format!("{{\"n\":{n},\"message\":\"{:150}\"}}", "a record of about two hundred bytes"))?;
    }
    let report = shipper.shutdown(PATIENCE);
    let (seconds, cpu) = (begin.elapsed().as_secs_f64(), cpu_millis() - cpu_before);
    let (rate, micros) = (f64::from(records) / seconds, cpu * 1_000.0 / f64::from(records));
    writeln!(
        io::stdout(),
        "{{\"client\": \"firehose-shipper {}\", \"records\": {}, \"seconds\": {seconds:.2}, \
         \"records_per_second\": {rate:.0}, \"cpu_microseconds_per_record\": {micros:.2}, \"resident_megabytes\": {}}}",
        env!("CARGO_PKG_VERSION"),
        report.counts.sent,
        most_resident_kilobytes() / 1024,
    )?;
    if report.all_sent() { Ok(()) } else { Err(report.to_string().into()) }
}

/// The CPU time of this process so far, in ms: hundredths of a second, as Linux counts them.
fn cpu_millis() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

fn most_resident_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
