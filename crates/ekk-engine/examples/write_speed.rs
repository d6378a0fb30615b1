//! Measures how many documents a second an index takes, against raw tantivy with the same fields.
//!
//! `cargo run --release -p ekk-engine --example write_speed [documents]`. Both get batches of 500 documents of about
//! 280 bytes with eight fields; both are timed by the CPU seconds of the process too, where the system tells them.

use std::{fs, time::Duration};

use ekk_engine::{
    engine::{Engine, IndexConfig},
    index::{Operation, VersionCheck},
};
use jiff::Timestamp;
use tantivy::{
    Index, TantivyDocument,
    schema::{FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions},
};

const BATCH: usize = 500;
const LEVELS: [&str; 4] = ["INFO", "DEBUG", "WARNING", "ERROR"];
const WORDS: [&str; 16] = [
    "request",
    "finished",
    "user",
    "order",
    "database",
    "timeout",
    "connection",
    "retry",
    "payload",
    "accepted",
    "cache",
    "miss",
    "worker",
    "queue",
    "delivered",
    "index",
];

fn main() {
    let documents = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200_000);
    let sources: Vec<String> = (0..documents).map(source).collect();
    let bytes: usize = sources.iter().map(String::len).sum();
    report(&format!("{documents} documents of {} bytes", bytes / documents));
    measure("raw tantivy, one thread, one commit", documents, || raw_tantivy(&sources));
    for refresh_every in [usize::MAX, 10, 1] {
        let name = format!("engine, a refresh each {refresh_every} batches");
        measure(&name, documents, || engine(&sources, refresh_every));
    }
}

/// A log record as Python's logging with a JSON formatter writes it.
fn source(n: usize) -> String {
    let word = |at: usize| WORDS[(n * 7 + at * 13 + n / 16 * at) % WORDS.len()];
    let second = n / 50;
    format!(
        r#"{{"asctime":"2026-11-23T{:02}:{:02}:{:02}.{:03}Z","name":"app.{}","levelname":"{}","message":"{} {} {} {} {} {} for id {} in {} ms: {} {} {} {}","lineno":{},"process":{},"duration":{}.5,"host":"ip-10-0-0-{}"}}"#,
        second / 3600 % 24,
        second / 60 % 60,
        second % 60,
        n % 1000,
        word(1),
        LEVELS[n % 4],
        word(2),
        word(3),
        word(4),
        word(5),
        word(6),
        word(7),
        n,
        n % 977,
        word(8),
        word(9),
        word(10),
        word(11),
        n % 400,
        1000 + n % 8,
        n % 250,
        n % 16
    )
}

fn engine(sources: &[String], refresh_every: usize) {
    let engine = Engine::in_memory();
    let now = Timestamp::from_second(1_795_455_952).expect("a valid time");
    let index = engine.create_index("logs", IndexConfig::default(), now).expect("a new index");
    for (batch, sources) in sources.chunks(BATCH).enumerate() {
        let operation = |source: &String| Operation::Index {
            id: None,
            source: source.as_str().into(),
            create: false,
            check: VersionCheck::None,
        };
        let results = index.apply(sources.iter().map(operation).collect(), now);
        assert!(results.iter().all(Result::is_ok));
        if (batch + 1) % refresh_every == 0 {
            index.refresh().expect("a refresh");
            while index.merge().expect("a merge") {}
        }
    }
    index.refresh().expect("a refresh");
    let stats = index.stats();
    report(&format!("  {} documents in {} segments, {} MB", stats.docs, stats.segments, stats.bytes / 1_000_000));
}

/// The fields of the engine's dynamic mapping: text with a raw twin each, numbers as columns, id and source stored.
struct Fields {
    id: Field,
    source: Field,
    date: Field,
    texts: [Field; 4],
    keywords: [Field; 4],
    whole: [Field; 2],
    fraction: Field,
}

fn raw_tantivy(sources: &[String]) {
    let mut builder = Schema::builder();
    let raw = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    let raw = TextOptions::default().set_indexing_options(raw);
    let names = ["name", "levelname", "message", "host"];
    let fields = Fields {
        id: builder.add_text_field("_id", raw.clone().set_stored()),
        source: builder.add_bytes_field("_source", STORED),
        date: builder.add_i64_field("asctime", FAST),
        texts: names.map(|name| builder.add_text_field(name, tantivy::schema::TEXT)),
        keywords: names.map(|name| builder.add_text_field(&format!("{name}.keyword"), raw.clone().set_fast("raw"))),
        whole: ["lineno", "process"].map(|name| builder.add_i64_field(name, FAST)),
        fraction: builder.add_f64_field("duration", FAST),
    };
    let index = Index::create_in_ram(builder.build());
    let mut writer = index.writer_with_num_threads(1, 100_000_000).expect("a writer");
    for (n, source) in sources.iter().enumerate() {
        let json: serde_json::Value = serde_json::from_str(source).expect("JSON");
        let text = |name: &str| json[name].as_str().expect("a text");
        let mut document = TantivyDocument::new();
        document.add_text(fields.id, format!("{n:020}"));
        document.add_bytes(fields.source, source.as_bytes());
        let date: Timestamp = text("asctime").parse().expect("a date");
        document.add_i64(fields.date, date.as_millisecond());
        for (at, name) in ["name", "levelname", "message", "host"].into_iter().enumerate() {
            document.add_text(fields.texts[at], text(name));
            document.add_text(fields.keywords[at], text(name));
        }
        for (at, name) in ["lineno", "process"].into_iter().enumerate() {
            document.add_i64(fields.whole[at], json[name].as_i64().expect("a number"));
        }
        document.add_f64(fields.fraction, json["duration"].as_f64().expect("a number"));
        writer.add_document(document).expect("a document");
    }
    writer.commit().expect("a commit");
}

fn measure(name: &str, documents: usize, work: impl FnOnce()) {
    let (cpu_before, wall_before) = (cpu_time(), wall_time());
    work();
    let (cpu, wall) = (cpu_time().saturating_sub(cpu_before), wall_time().saturating_sub(wall_before));
    let count = u32::try_from(documents).map_or(f64::MAX, f64::from);
    let rate = |time: Duration| count / time.as_secs_f64().max(0.01) / 1_000.0;
    report(&format!(
        "{name}: {:.1} k docs/s, {:.1} k per CPU second; resident {} MB",
        rate(wall),
        rate(cpu),
        resident_mb()
    ));
}

/// User and system time of the process, in clock ticks of 10 ms; zero where there is no `/proc`.
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

#[expect(clippy::disallowed_methods, reason = "an example measures real time")]
fn wall_time() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}

fn resident_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1_000
}

#[expect(clippy::print_stdout, reason = "an example prints what it measured")]
fn report(line: &str) {
    println!("{line}");
}
