//! Ships the records of the `log` crate from a program that has no runtime of its own.
//!
//! Against AWS, with the credentials and the region of your environment:
//!
//!     cargo run --example plain_log --features log -- app-logs
//!
//! Against ekk, or anything else that speaks the API:
//!
//!     AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
//!         cargo run --example plain_log --features log -- logging-test

use std::{env, error::Error, time::Duration};

use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use firehose_shipper::{Queue, Shipper, WhenFull};

fn main() -> Result<(), Box<dyn Error>> {
    let stream = env::args().nth(1).unwrap_or_else(|| "logging-test".into());

    // The client is yours: with it come TLS, credentials, region and endpoint. It is made on a runtime that may go; the
    // shipper has its own.
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config = runtime.block_on(aws_config::defaults(BehaviorVersion::latest()).http_client(http).load());
    let shipper = Shipper::builder(aws_sdk_firehose::Client::new(&config), stream)
        .queue(Queue { when_full: WhenFull::Block { patience: Duration::from_secs(1) }, ..Queue::default() })
        .start()?;
    drop(runtime);

    log::set_boxed_logger(Box::new(shipper.logger().field("service", "example")))?;
    log::set_max_level(log::LevelFilter::Info);

    for order in 0..10 {
        log::info!(order; "order accepted");
    }
    let error = std::io::Error::other("card declined");
    log::error!(order = 10, error:err; "order not paid");

    let report = shipper.shutdown(Duration::from_secs(5));
    report.all_sent().then_some(()).ok_or_else(|| report.to_string().into())
}
