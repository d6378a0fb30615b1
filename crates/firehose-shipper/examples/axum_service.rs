//! A web service that ships what it traces, and drains before it ends.
//!
//! Against AWS, with the credentials and the region of your environment:
//!
//!     cargo run --example axum_service -- app-logs
//!
//! Against ekk:
//!
//!     AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
//!         cargo run --example axum_service -- logging-test
//!
//! It prints its address. `GET /orders/17` logs; `GET /health` says how the shipper is; Ctrl-C or SIGTERM ends it.

use std::{env, error::Error, io::Write, time::Duration};

use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use firehose_shipper::{Sender, Shipper};
use tokio::{net::TcpListener, signal};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stream = env::args().nth(1).unwrap_or_else(|| "logging-test".into());
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    let shipper = Shipper::builder(aws_sdk_firehose::Client::new(&config), stream).start()?;

    let layer = shipper.layer().field("service", "example").field("version", env!("CARGO_PKG_VERSION"));
    tracing_subscriber::registry().with(layer.with_filter(LevelFilter::INFO)).init();

    let routes =
        Router::new().route("/orders/{id}", get(order)).route("/health", get(health)).with_state(shipper.sender());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    axum::serve(listener, routes).with_graceful_shutdown(told_to_end()).await?;

    // After the last request, so that what it logged is shipped too.
    let report = shipper.shutdown(Duration::from_secs(5));
    writeln!(std::io::stdout(), "{report}")?;
    Ok(())
}

#[tracing::instrument]
async fn order(Path(id): Path<u64>) -> String {
    tracing::info!("order looked up");
    format!("order {id}\n")
}

/// 200 while records reach Firehose, and 503 with the reason while they do not.
async fn health(State(shipper): State<Sender>) -> (StatusCode, String) {
    let health = shipper.health();
    let status = if health.is_well() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("{}\n{}\n", health.condition, health.counts))
}

#[cfg(unix)]
async fn told_to_end() {
    let terminate = signal::unix::signal(signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = signal::ctrl_c() => {}
        },
        Err(_) => drop(signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    drop(signal::ctrl_c().await);
}
