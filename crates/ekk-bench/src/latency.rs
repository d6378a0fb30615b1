//! From a put to a search that finds it, with 0-second buffering, and from `Ekk::start` on, each beside indexing and
//! refreshing without a Firehose.

use std::net::SocketAddr;

use anyhow::ensure;
use ekk::{Clock, Config, Ekk, Fixtures, Listen, Stack};
use tokio::runtime::Runtime;

use crate::{
    load::{Connection, Prepared},
    report::{Line, now, percentile, progress},
    samples,
};

const PUTS: usize = 200;
const STARTS: usize = 50;

/// The polls after which a record counts as lost.
const MOST_POLLS: usize = 20_000;

pub(crate) fn run() -> anyhow::Result<Vec<Line>> {
    progress("from a put to a search that finds it");
    let runtime = Runtime::new()?;
    let config = Config { listen: Listen::any_port(), fixtures: Fixtures::default(), ..Config::default() };
    let stack = runtime.block_on(Stack::start(config, Clock::system()))?;
    let aws = stack.addresses().aws.socket_addrs(|| None)?[0];
    let opensearch = stack.addresses().opensearch.socket_addrs(|| None)?[0];
    let s3 = stack.addresses().s3.socket_addrs(|| None)?[0];
    Connection::open(s3)?.call(&Prepared::json("PUT", "/bench", ""))?;
    Connection::open(aws)?.call(&Prepared::firehose("CreateDeliveryStream", CREATE))?;

    let mut ours = through_firehose(aws, opensearch)?;
    let mut theirs = directly(opensearch)?;
    progress("from Ekk::start to a search that finds its first record");
    let mut starts = (0..STARTS).map(|_| runtime.block_on(from_start())).collect::<anyhow::Result<Vec<_>>>()?;
    runtime.shutdown_background();
    let (p50, p99) = (percentile(&mut ours, 50), percentile(&mut ours, 99));
    let direct = percentile(&mut theirs, 50);
    let (start_p50, start_p99) = (percentile(&mut starts, 50), percentile(&mut starts, 99));
    let beside = format!("_doc?refresh and search p50 {direct:.1} ms");
    Ok(vec![
        Line {
            what: "put to searchable, 0 s buffering",
            ours: format!("p50 {p50:.1} p99 {p99:.1} ms"),
            beside: beside.clone(),
            ratio: p50 / direct,
            goal: "p50 < 25 ms",
        },
        Line {
            what: "Ekk::start to first searchable record",
            ours: format!("p50 {start_p50:.1} p99 {start_p99:.1} ms"),
            beside,
            ratio: start_p50 / direct,
            goal: "< 50 ms",
        },
    ])
}

/// A whole test: a fresh stack, a record, and a count that sees it.
async fn from_start() -> anyhow::Result<f64> {
    let started = now();
    let ekk = Ekk::start().await?;
    ekk.put("logging-test", [samples::record(0)]).await?;
    ekk.settle().await?;
    ensure!(ekk.count("logging-test-*").await? == 1, "the record is not searchable");
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

fn through_firehose(aws: SocketAddr, opensearch: SocketAddr) -> anyhow::Result<Vec<f64>> {
    let put = Prepared::firehose("PutRecord", &samples::put_record("bench"));
    let (mut firehose, mut search) = (Connection::open(aws)?, Connection::open(opensearch)?);
    let mut millis = Vec::with_capacity(PUTS);
    for number in 1..=PUTS {
        let started = now();
        firehose.call(&put)?;
        wait_for(&mut search, "latency", number)?;
        millis.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(millis)
}

fn directly(opensearch: SocketAddr) -> anyhow::Result<Vec<f64>> {
    let mut connection = Connection::open(opensearch)?;
    let mut millis = Vec::with_capacity(PUTS);
    for number in 1..=PUTS {
        let document = samples::record(u64::try_from(number)?);
        let started = now();
        connection.call(&Prepared::json("POST", "/direct/_doc?refresh=true", &document))?;
        wait_for(&mut connection, "direct", number)?;
        millis.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(millis)
}

/// Searches until `number` documents are found.
fn wait_for(connection: &mut Connection, index: &str, number: usize) -> anyhow::Result<()> {
    let search = Prepared::json("GET", &format!("/{index}/_count?ignore_unavailable=true"), "");
    let expected = format!("\"count\":{number},");
    for _ in 0..MOST_POLLS {
        let answer = connection.call(&search)?;
        if answer.windows(expected.len()).any(|part| part == expected.as_bytes()) {
            return Ok(());
        }
    }
    ensure!(false, "the record {number} was not found in {index}");
    Ok(())
}

const CREATE: &str = r#"{"DeliveryStreamName":"bench","AmazonopensearchserviceDestinationConfiguration":{
    "RoleARN":"arn:aws:iam::000000000000:role/firehose","DomainARN":"arn:aws:es:us-east-1:000000000000:domain/ekk",
    "IndexName":"latency","IndexRotationPeriod":"NoRotation",
    "BufferingHints":{"SizeInMBs":1,"IntervalInSeconds":0},
    "S3Configuration":{"RoleARN":"arn:aws:iam::000000000000:role/firehose","BucketARN":"arn:aws:s3:::bench"}}}"#;
