//! From `PutRecordBatch` to an OpenSearch that takes every document and does nothing with it: what the way through the
//! stack carries, and how much memory that takes when more comes than goes.
//!
//! The stack is a process of its own. Load generator and null OpenSearch share the machine with it; beside it stands the
//! same load sent straight to the null OpenSearch, as bulk requests that were written beforehand.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::ensure;
use axum::{Router, body::Bytes, extract::DefaultBodyLimit, extract::State, routing::post};
use ekk_server::listen;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::{
    load::{Connection, Prepared, rate},
    process::{Running, binary},
    report::{Line, median, now, progress},
    samples,
};

const TURNS: usize = 5;
const CONNECTIONS: usize = 2;
const RECORDS_A_BATCH: u64 = 500;
/// More than the queue holds, so that the puts of a turn are throttled by what is delivered.
const BATCHES_A_TURN: u64 = 1_500;
const QUEUE_MIB: u64 = 64;
const DOCUMENTS_A_BULK: u64 = 15_000;
const BULKS_A_TURN: usize = 20;

/// What OpenSearch answers for one document.
const ITEM: &str = concat!(
    r#"{"index":{"_index":"bench-2026-11-23","_id":"49613100963111323203250405402193283794773886550985932802.0","#,
    r#""_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1,"#,
    r#""_primary_term":1,"status":201}},"#
);

pub(crate) fn run() -> anyhow::Result<Vec<Line>> {
    progress("from a put to an OpenSearch that does nothing");
    let runtime = Runtime::new()?;
    let taken = Arc::new(AtomicU64::new(0));
    let null = runtime.block_on(start_null(taken.clone()))?;
    let queue = QUEUE_MIB.to_string();
    let running = Running::start(&binary()?, &["--opensearch", &format!("http://{null}"), "--queue-mib", &queue])?;
    let aws = running.address("aws")?;
    Connection::open(running.address("s3")?)?.call(&Prepared::json("PUT", "/bench", ""))?;
    Connection::open(aws)?.call(&Prepared::firehose("CreateDeliveryStream", CREATE))?;
    let idle = running.resident_mb()?;
    let batch = Prepared::firehose("PutRecordBatch", &samples::put_record_batch("bench"));
    let bulk = Prepared::json("POST", "/_bulk", &samples::bulk("bench", 0, DOCUMENTS_A_BULK));
    through_the_stack(aws, &batch, BATCHES_A_TURN / 5)?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let before = taken.load(Ordering::Relaxed);
        let a = through_the_stack(aws, &batch, BATCHES_A_TURN)?;
        let arrived = taken.load(Ordering::Relaxed) - before;
        ensure!(arrived == BATCHES_A_TURN * RECORDS_A_BATCH, "{arrived} documents arrived");
        let b = rate(null, &bulk, CONNECTIONS, BULKS_A_TURN)? * float(DOCUMENTS_A_BULK);
        ours.push(a);
        theirs.push(b);
        ratios.push(a / b);
    }
    let peak = running.peak_mb()?;
    runtime.shutdown_background();
    Ok(vec![
        Line {
            what: "put to a null OpenSearch, 300 B (records/s)",
            ours: format!("{:.0}", median(&mut ours)),
            beside: format!("prepared _bulk to it {:.0}", median(&mut theirs)),
            ratio: median(&mut ratios),
            goal: ">= 200000",
        },
        Line {
            what: "peak memory above idle meanwhile",
            ours: format!("{:.0} MB", peak - idle),
            beside: format!("a queue of {QUEUE_MIB} MiB"),
            ratio: (peak - idle) / float(QUEUE_MIB),
            goal: "< 4 queues",
        },
    ])
}

/// Puts so many batches, again when they are throttled, and waits until all are delivered; records a second.
fn through_the_stack(aws: SocketAddr, batch: &Prepared, batches: u64) -> anyhow::Result<f64> {
    let left = AtomicU64::new(batches);
    let started = now();
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..CONNECTIONS).map(|_| scope.spawn(|| put_until_none_is_left(aws, batch, &left))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a load thread does not panic"))
    })?;
    Connection::open(aws)?.call(&Prepared::json("POST", "/_ekk/wait?timeout_secs=60", ""))?;
    Ok(float(batches * RECORDS_A_BATCH) / started.elapsed().as_secs_f64())
}

fn put_until_none_is_left(aws: SocketAddr, batch: &Prepared, left: &AtomicU64) -> anyhow::Result<()> {
    let mut connection = Connection::open(aws)?;
    let takes_one = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    while takes_one() {
        while !connection.call(batch)?.windows(18).take(80).any(|part| part == b"\"FailedPutCount\":0") {
            pause();
        }
    }
    Ok(())
}

/// What a client does that is throttled.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time, and so do the clients of AWS that it plays")]
fn pause() {
    thread::sleep(Duration::from_millis(5));
}

async fn start_null(taken: Arc<AtomicU64>) -> anyhow::Result<SocketAddr> {
    let listener = listen::bind("null", SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    // What the stack puts at its start, such as templates, is acknowledged, too.
    let router = Router::new().route("/_bulk", post(take)).fallback(async || "{}");
    let router = router.layer(DefaultBodyLimit::disable()).with_state(taken);
    #[expect(clippy::disallowed_methods, reason = "the runtime ends it")]
    tokio::spawn(listen::serve(listener, router, CancellationToken::new()));
    Ok(address)
}

/// Takes a bulk request and answers each document as indexed.
async fn take(State(taken): State<Arc<AtomicU64>>, body: Bytes) -> String {
    #[expect(clippy::naive_bytecount, reason = "it is fast enough, and no other crate is needed")]
    let documents = body.iter().filter(|byte| **byte == b'\n').count() / 2;
    taken.fetch_add(documents as u64, Ordering::Relaxed);
    let items = ITEM.repeat(documents);
    format!(r#"{{"took":1,"errors":false,"items":[{}]}}"#, items.trim_end_matches(','))
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A stream as AWS has it by default but for the interval, which no turn shall wait for.
const CREATE: &str = r#"{"DeliveryStreamName":"bench","AmazonopensearchserviceDestinationConfiguration":{
    "RoleARN":"arn:aws:iam::000000000000:role/firehose","DomainARN":"arn:aws:es:us-east-1:000000000000:domain/bench",
    "IndexName":"bench","BufferingHints":{"SizeInMBs":5,"IntervalInSeconds":60},
    "S3Configuration":{"RoleARN":"arn:aws:iam::000000000000:role/firehose","BucketARN":"arn:aws:s3:::bench"}}}"#;
