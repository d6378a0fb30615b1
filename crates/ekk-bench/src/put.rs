//! `PutRecordBatch` and `PutRecord` beside a bare handler that only parses the same JSON, decodes the same base64 and
//! answers: once with as many bytes as Firehose does (500 record ids of 224 characters are 120 kB), once with a few.

use std::{borrow::Cow, net::SocketAddr, sync::LazyLock};

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
const TURNS: usize = 9;
const BATCHES_A_TURN: usize = 50;
const PUTS_A_TURN: usize = 2_500;

pub(crate) fn run() -> anyhow::Result<Vec<Line>> {
    let runtime = Runtime::new()?;
    let (stack, bare) = runtime.block_on(start())?;
    let ekk = address(&stack);
    let body = samples::put_record_batch("bench");
    let batch = Work {
        what: "PutRecordBatch, 500 x 300 B (records/s)",
        ours: Prepared::firehose("PutRecordBatch", &body),
        theirs: Prepared::json("POST", "/", &body),
        bare: "bare handler, same answer size",
        count: BATCHES_A_TURN,
        records: 500.0,
        goal: ">= 0.60",
    };
    let short = Work {
        theirs: Prepared::json("POST", "/short", &body),
        bare: "bare handler, short answer",
        goal: "",
        ..batch.clone()
    };
    let body = samples::put_record("bench");
    let single = Work {
        what: "PutRecord, 300 B (records/s)",
        ours: Prepared::firehose("PutRecord", &body),
        theirs: Prepared::json("POST", "/", &body),
        bare: "bare handler",
        count: PUTS_A_TURN,
        records: 1.0,
        goal: "",
    };
    let lines = [batch, short, single].iter().map(|work| compare(work, ekk, bare)).collect::<Result<_, _>>()?;
    runtime.shutdown_background();
    Ok(lines)
}

/// One line's requests.
#[derive(Clone, Debug)]
struct Work {
    what: &'static str,
    ours: Prepared,
    theirs: Prepared,
    bare: &'static str,
    /// Requests a connection and turn.
    count: usize,
    /// Records a request.
    records: f64,
    goal: &'static str,
}

fn compare(work: &Work, ekk: SocketAddr, bare: SocketAddr) -> anyhow::Result<Line> {
    progress(&format!("{} beside a {}", work.what, work.bare));
    rate(ekk, &work.ours, CONNECTIONS, work.count / 5)?;
    Connection::open(ekk)?.call(&Prepared::json("POST", "/_ekk/wait", ""))?;
    rate(bare, &work.theirs, CONNECTIONS, work.count / 5)?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let a = rate(ekk, &work.ours, CONNECTIONS, work.count)?;
        // Between the turns, so that the queue never fills and the other side has the machine to itself.
        Connection::open(ekk)?.call(&Prepared::json("POST", "/_ekk/wait", ""))?;
        let b = rate(bare, &work.theirs, CONNECTIONS, work.count)?;
        ours.push(a * work.records);
        theirs.push(b * work.records);
        ratios.push(a / b);
    }
    Ok(Line {
        what: work.what,
        ours: format!("{:.0}", median(&mut ours)),
        beside: format!("{} {:.0}", work.bare, median(&mut theirs)),
        ratio: median(&mut ratios),
        goal: work.goal,
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
    let router = Router::new()
        .route("/", post(|body| async move { bare_handler(&body, true) }))
        .route("/short", post(|body| async move { bare_handler(&body, false) }))
        .layer(axum::extract::DefaultBodyLimit::disable());
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

/// What Firehose writes for one record.
const ENTRY_BYTES: usize = 240;

/// As much as Firehose answers for 500 records.
static LONG_ANSWER: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(vec![b' '; 500 * ENTRY_BYTES]));

/// Parses, decodes and answers, nothing else.
fn bare_handler(body: &Bytes, answers_as_much: bool) -> Result<Bytes, StatusCode> {
    let put: Put<'_> = serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    for record in put.records.iter().chain(&put.record) {
        let decoded =
            base64_simd::STANDARD.decode_to_vec(record.data.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST)?;
        std::hint::black_box(decoded);
    }
    let records = if answers_as_much { put.records.len() } else { 1 };
    Ok(LONG_ANSWER.slice(..records.max(1) * ENTRY_BYTES))
}
