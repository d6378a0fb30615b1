//! `PutRecordBatch` and `PutRecord` beside a bare handler that only parses the same JSON, decodes the same base64 and
//! answers.

use std::{borrow::Cow, net::SocketAddr};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use ekk::{Clock, Config, Fixtures, Listen, Stack};
use ekk_server::listen;
use serde::Deserialize;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::{
    load::{Connection, Prepared, rate},
    report::{Line, median, progress},
    samples,
};

const CONNECTIONS: usize = 8;
const TURNS: usize = 5;
const BATCHES_A_TURN: usize = 25;
const PUTS_A_TURN: usize = 2_500;

pub(crate) fn run() -> anyhow::Result<Vec<Line>> {
    let runtime = Runtime::new()?;
    let (stack, bare) = runtime.block_on(start())?;
    let ekk = address(&stack);
    let batch = Prepared::firehose("PutRecordBatch", &samples::put_record_batch("bench"));
    let single = Prepared::firehose("PutRecord", &samples::put_record("bench"));
    let lines = vec![
        compare("PutRecordBatch, 500 x 300 B (records/s)", (ekk, bare), (&batch, BATCHES_A_TURN), 500.0, ">= 0.60")?,
        compare("PutRecord, 300 B (records/s)", (ekk, bare), (&single, PUTS_A_TURN), 1.0, "")?,
    ];
    runtime.shutdown_background();
    Ok(lines)
}

fn compare(
    what: &'static str,
    (ekk, bare): (SocketAddr, SocketAddr),
    (request, count): (&Prepared, usize),
    records: f64,
    goal: &'static str,
) -> anyhow::Result<Line> {
    progress(what);
    rate(ekk, request, CONNECTIONS, count / 5)?;
    rate(bare, request, CONNECTIONS, count / 5)?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (a, b) = (rate(ekk, request, CONNECTIONS, count)?, rate(bare, request, CONNECTIONS, count)?);
        ours.push(a * records);
        theirs.push(b * records);
        ratios.push(a / b);
    }
    Ok(Line {
        what,
        ours: format!("{:.0}", median(&mut ours)),
        beside: format!("bare handler {:.0}", median(&mut theirs)),
        ratio: median(&mut ratios),
        goal,
    })
}

/// A stack with one stream whose buffer does not fill within a turn, and the bare handler.
async fn start() -> anyhow::Result<(Stack, SocketAddr)> {
    let config = Config { listen: Listen::any_port(), fixtures: Fixtures::default(), ..Config::default() };
    let stack = Stack::start(config, Clock::system()).await?;
    let bucket = Prepared::json("PUT", "/bench", "");
    let s3 = stack.addresses().s3.socket_addrs(|| None)?;
    let create = Prepared::firehose("CreateDeliveryStream", CREATE);
    let ekk = address(&stack);
    tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        Connection::open(s3[0])?.call(&bucket)?;
        Connection::open(ekk)?.call(&create)?;
        Ok(())
    })
    .await??;
    let listener = listen::bind("bare", SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let bare = listener.local_addr()?;
    let router = Router::new().route("/", post(bare_handler)).layer(axum::extract::DefaultBodyLimit::disable());
    #[expect(clippy::disallowed_methods, reason = "the runtime ends it")]
    tokio::spawn(listen::serve(listener, router, CancellationToken::new()));
    Ok((stack, bare))
}

/// The request of the stream that the records go to: S3 with the largest buffer.
const CREATE: &str = r#"{"DeliveryStreamName":"bench","ExtendedS3DestinationConfiguration":{
    "RoleARN":"arn:aws:iam::000000000000:role/firehose","BucketARN":"arn:aws:s3:::bench",
    "BufferingHints":{"SizeInMBs":128,"IntervalInSeconds":900}}}"#;

fn address(stack: &Stack) -> SocketAddr {
    stack.addresses().aws.socket_addrs(|| None).expect("a loopback address needs no look-up")[0]
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put<'a> {
    #[serde(borrow, default)]
    records: Vec<Record<'a>>,
    #[serde(borrow)]
    record: Option<Record<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

/// Parses, decodes and answers, nothing else.
async fn bare_handler(body: Bytes) -> Result<String, StatusCode> {
    let put: Put<'_> = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let mut bytes = 0;
    for record in put.records.iter().chain(&put.record) {
        let decoded = base64_simd::STANDARD.decode_to_vec(record.data.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST)?;
        bytes += std::hint::black_box(decoded).len();
    }
    Ok(bytes.to_string())
}
