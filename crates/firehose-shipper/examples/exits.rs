//! Ten thousand records, and every way in which a program can end: `return`, `panic`, `abort`, `exit`, `wait` for a signal,
//! or `both`, which is the same with a second shipper that has as many. All records arrive each time. The tests run it.
//!
//!     AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
//!         cargo run --example exits -- panic

use std::{env, error::Error, io::Write, panic, process, thread, time::Duration};

use aws_config::BehaviorVersion;
use aws_sdk_firehose::Client;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use firehose_shipper::{Batch, Shipper};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<(), Box<dyn Error>> {
    let way = env::args().nth(1).ok_or("say how to end: return, panic, abort, exit, wait or both")?;
    let mut builder = Shipper::builder(client()?, "logging-test").drop_patience(PATIENCE);
    if way == "wait" || way == "both" {
        builder = builder.exit_on_signals(PATIENCE);
    }
    let shipper = builder.start()?;
    tracing_subscriber::registry().with(shipper.layer().with_filter(LevelFilter::INFO)).init();
    for n in 0..10_000 {
        tracing::info!(n, "a record");
    }
    let second = (way == "both").then(second).transpose()?;
    let ended = end(&way, shipper);
    drop(second);
    ended
}

/// A client with connections of its own.
fn client() -> Result<Client, Box<dyn Error>> {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config = runtime.block_on(aws_config::defaults(BehaviorVersion::latest()).http_client(http).load());
    Ok(Client::new(&config))
}

/// A shipper that begins to send when the signal comes.
fn second() -> Result<Shipper, Box<dyn Error>> {
    let batch = Batch { linger: Duration::from_hours(1), max_records: 10, ..Batch::default() };
    let shipper = Shipper::builder(client()?, "logging-test").batch(batch).exit_on_signals(PATIENCE).start()?;
    for n in 0..10_000 {
        shipper.send(format!("{{\"n\":{n}}}"))?;
    }
    Ok(shipper)
}

#[expect(clippy::exit, reason = "to end so is what is shown")]
#[expect(clippy::panic, reason = "to end so is what is shown")]
fn end(way: &str, shipper: Shipper) -> Result<(), Box<dyn Error>> {
    match way {
        // The shipper is dropped, which sends what is left.
        "return" => Ok(()),
        // So it is when a panic unwinds.
        "panic" => panic!("a bug"),
        // Nothing is dropped when a panic aborts, as with `panic = "abort"`: the hook does it.
        "abort" => {
            shipper.flush_on_panic(PATIENCE);
            let flush = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                flush(info);
                process::abort();
            }));
            panic!("a bug")
        }
        // Nothing is dropped here either: it is done by hand.
        "exit" => {
            shipper.shutdown(PATIENCE);
            process::exit(0)
        }
        // The signal ends the process, after what is left was sent.
        "wait" | "both" => {
            writeln!(std::io::stdout(), "logged")?;
            loop {
                thread::park();
            }
        }
        other => Err(format!("there is no way `{other}`").into()),
    }
}
