//! Documents indexed through `_bulk` beside tantivy alone with the same fields, documents already parsed.

use std::{net::SocketAddr, thread};

use anyhow::Context as _;
use ekk::{Clock, Config, Fixtures, Listen, Stack};
use serde_json::Value;
use tantivy::{
    DateTime, Index, TantivyDocument,
    schema::{FAST, Field, INDEXED, STORED, STRING, Schema, TEXT},
};
use tokio::runtime::Runtime;

use crate::{
    load::{Connection, Prepared},
    report::{Line, median, now, progress},
    samples,
};

const DOCUMENTS: u64 = 100_000;
const DOCUMENTS_A_BULK: u64 = 1_000;
const CONNECTIONS: u64 = 2;
const TURNS: usize = 3;

pub(crate) fn run() -> anyhow::Result<Line> {
    progress("indexing through _bulk, and by tantivy alone");
    let parsed: Vec<Value> =
        (0..DOCUMENTS).map(|number| serde_json::from_str(&samples::record(number))).collect::<Result<_, _>>()?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (a, b) = (through_bulk()?, by_tantivy(&parsed)?);
        ours.push(a);
        theirs.push(b);
        ratios.push(a / b);
    }
    Ok(Line {
        what: "_bulk, 300 B, explicit ids (documents/s)",
        ours: format!("{:.0}", median(&mut ours)),
        beside: format!("raw tantivy {:.0}", median(&mut theirs)),
        ratio: median(&mut ratios),
        goal: ">= 0.60",
    })
}

/// Documents a second through a stack's OpenSearch port, until all of them are searchable.
fn through_bulk() -> anyhow::Result<f64> {
    let runtime = Runtime::new()?;
    let config = Config { listen: Listen::any_port(), fixtures: Fixtures::default(), ..Config::default() };
    let stack = runtime.block_on(Stack::start(config, Clock::system()))?;
    let address = stack.addresses().opensearch.socket_addrs(|| None)?[0];
    let share = DOCUMENTS / CONNECTIONS;
    let bulks: Vec<Vec<Prepared>> = (0..CONNECTIONS)
        .map(|connection| {
            (0..share / DOCUMENTS_A_BULK)
                .map(|turn| connection * share + turn * DOCUMENTS_A_BULK)
                .map(|first| Prepared::json("POST", "/_bulk", &samples::bulk("bench", first, DOCUMENTS_A_BULK)))
                .collect()
        })
        .collect();
    let started = now();
    send_all(address, &bulks)?;
    let mut connection = Connection::open(address)?;
    connection.call(&Prepared::json("POST", "/bench/_refresh", ""))?;
    let elapsed = started.elapsed();
    let count: Value = serde_json::from_slice(connection.call(&Prepared::json("GET", "/bench/_count", ""))?)?;
    anyhow::ensure!(count.get("count").and_then(Value::as_u64) == Some(DOCUMENTS), "counted {count}");
    runtime.shutdown_background();
    Ok(documents() / elapsed.as_secs_f64())
}

fn send_all(address: SocketAddr, bulks: &[Vec<Prepared>]) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let threads: Vec<_> = bulks
            .iter()
            .map(|bulks| {
                scope.spawn(move || -> anyhow::Result<()> {
                    let mut connection = Connection::open(address)?;
                    for bulk in bulks {
                        let answer = connection.call(bulk)?;
                        anyhow::ensure!(
                            answer.windows(14).any(|part| part == b"\"errors\":false"),
                            "a bulk had errors: {}",
                            String::from_utf8_lossy(answer.get(..400).unwrap_or(answer))
                        );
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a load thread does not panic"))
    })
}

/// Documents a second by tantivy's own writer on two threads, with the fields that the dynamic mapping makes.
fn by_tantivy(parsed: &[Value]) -> anyhow::Result<f64> {
    let fields = Fields::new();
    let index = Index::create_in_ram(fields.schema.clone());
    let mut writer = index.writer_with_num_threads(2, 200_000_000)?;
    let started = now();
    for (number, document) in parsed.iter().enumerate() {
        writer.add_document(fields.document(number, document).context("a sample lacks a field")?)?;
    }
    writer.commit()?;
    Ok(documents() / started.elapsed().as_secs_f64())
}

fn documents() -> f64 {
    f64::from(u32::try_from(DOCUMENTS).unwrap_or(u32::MAX))
}

struct Fields {
    schema: Schema,
    id: Field,
    source: Field,
    time: Field,
    texts: Vec<(&'static str, Field, Field)>,
    line: Field,
    duration: Field,
}

impl Fields {
    fn new() -> Self {
        let mut schema = Schema::builder();
        let texts = ["name", "levelname", "request", "message"].map(|name| {
            (name, schema.add_text_field(name, TEXT), schema.add_text_field(&format!("{name}.k"), STRING | FAST))
        });
        Self {
            id: schema.add_text_field("_id", STRING | STORED),
            source: schema.add_text_field("_source", STORED),
            time: schema.add_date_field("asctime", FAST | INDEXED),
            texts: texts.into(),
            line: schema.add_i64_field("lineno", FAST | INDEXED),
            duration: schema.add_f64_field("duration_ms", FAST | INDEXED),
            schema: schema.build(),
        }
    }

    fn document(&self, number: usize, parsed: &Value) -> Option<TantivyDocument> {
        let mut document = TantivyDocument::default();
        document.add_text(self.id, format!("{number:056}.0"));
        document.add_text(self.source, parsed.to_string());
        let millis = i64::try_from(number).ok()?;
        document.add_date(self.time, DateTime::from_timestamp_millis(1_795_442_400_000 + millis));
        for (name, text, keyword) in &self.texts {
            let value = parsed.get(name)?.as_str()?;
            document.add_text(*text, value);
            if value.len() <= 256 {
                document.add_text(*keyword, value);
            }
        }
        document.add_i64(self.line, parsed.get("lineno")?.as_i64()?);
        document.add_f64(self.duration, parsed.get("duration_ms")?.as_f64()?);
        Some(document)
    }
}
