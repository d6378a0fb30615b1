//! A function on AWS Lambda that ships what it traces.
//!
//! Between two invocations a function is frozen, the shipper's thread with it. So what an invocation has logged is flushed
//! before it answers: that is the one thing that is different here.
//!
//! Build it as any function of the `lambda_runtime` crate, and set `STREAM` to the name of the stream; the role of the
//! function needs `firehose:PutRecordBatch`.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use firehose_shipper::{Batch, Shipper};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

/// Well below the function's timeout, so that a stream in trouble does not make the invocation fail. What is not sent by
/// then is sent in the next one.
const FLUSH_PATIENCE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<(), Error> {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    let shipper = Shipper::builder(aws_sdk_firehose::Client::new(&config), stream())
        // Nobody else is there to share a call with, once the invocation is over.
        .batch(Batch { linger: Duration::from_mins(1), ..Batch::default() })
        .start()?;
    let layer = shipper.layer().field("service", "example").with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(layer).init();

    let shipper = &shipper;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        let answer = handle(&event);
        shipper.flush_async(FLUSH_PATIENCE).await;
        Ok::<Value, Error>(answer)
    }))
    .await
}

#[expect(clippy::disallowed_methods, reason = "a function on Lambda is configured by its environment")]
fn stream() -> String {
    std::env::var("STREAM").unwrap_or_else(|_| "logging-test".into())
}

fn handle(event: &LambdaEvent<Value>) -> Value {
    let _request = tracing::info_span!("invocation", request_id = event.context.request_id).entered();
    tracing::info!(order = %event.payload, "order accepted");
    json!({ "accepted": true })
}
