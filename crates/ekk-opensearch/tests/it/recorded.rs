//! Replays requests recorded against OpenSearch 3.4.0, in their order, and compares the answers.
//!
//! What changes from run to run (ids, times, sizes, scores in their last digits) is masked. Requests that are left out
//! are listed with the reason; what they would have changed is left out with them.

use std::fmt::Write as _;

use ekk_engine::engine::Engine;
use serde::Deserialize;
use serde_json::Value;

use crate::node::TestNode;

const RECORDED: &str = include_str!("../recorded/opensearch-3.4.0.ndjson");

/// Requests that are not replayed: `NUMBER REASON`.
const LEFT_OUT: &str = include_str!("../recorded/left-out.txt");

#[derive(Deserialize)]
struct Pair {
    number: u16,
    case: String,
    request: Sent,
    response: Answered,
}

#[derive(Deserialize)]
struct Sent {
    method: String,
    path: String,
    headers: serde_json::Map<String, Value>,
    /// The very text, as places in parse errors count its characters.
    body: Option<String>,
}

#[derive(Deserialize)]
struct Answered {
    status: u16,
    content_type: String,
    headers: serde_json::Map<String, Value>,
    body: Value,
}

#[tokio::test]
async fn recorded_requests_are_answered_as_opensearch_answered_them() {
    let node = TestNode::start(Engine::in_memory()).await;
    let http = reqwest::Client::new();
    let mut replayed = 0;
    let mut differences = String::new();
    for line in RECORDED.lines() {
        let pair: Pair = serde_json::from_str(line).unwrap();
        if LEFT_OUT.lines().any(|line| line.split_once(' ').unwrap().0 == pair.number.to_string()) {
            continue;
        }
        replayed += 1;
        if let Some(difference) = replay(&http, &node.url, &pair).await {
            writeln!(differences, "{:03} {}: {difference}", pair.number, pair.case).unwrap();
        }
    }
    assert!(differences.is_empty(), "of {replayed} replayed requests these differ:\n{differences}");
}

/// The first difference between the answer and the recorded one.
async fn replay(http: &reqwest::Client, url: &str, pair: &Pair) -> Option<String> {
    let method = pair.request.method.parse().unwrap();
    let mut request = http.request(method, format!("{url}{}", pair.request.path));
    for (name, value) in &pair.request.headers {
        request = request.header(name, value.as_str().unwrap());
    }
    if let Some(body) = &pair.request.body {
        request = request.body(body.clone());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    if status != pair.response.status {
        return Some(format!("status {status} instead of {}: {text}", pair.response.status));
    }
    let content_type = headers["content-type"].to_str().unwrap();
    if content_type != pair.response.content_type && pair.request.method != "HEAD" {
        return Some(format!("content type {content_type} instead of {}", pair.response.content_type));
    }
    for (name, expected) in &pair.response.headers {
        let found = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let expected = expected.as_str().unwrap();
        if sorted(&mask_text(found)) != sorted(&mask_text(expected)) {
            return Some(format!("header {name} is [{found}] instead of [{expected}]"));
        }
    }
    compare(&text, &pair.response.body)
}

/// The order of a list in a header does not count.
fn sorted(text: &str) -> Vec<&str> {
    let mut items: Vec<&str> = text.split(',').map(str::trim).collect();
    items.sort_unstable();
    items
}

fn compare(text: &str, recorded: &Value) -> Option<String> {
    match recorded {
        Value::String(expected) => {
            let (found, expected) = (mask_words(text), mask_words(expected));
            (found != expected).then(|| format!("text\n{found}\ninstead of\n{expected}"))
        }
        json => {
            let found: Value = serde_json::from_str(text).unwrap();
            difference("", &found, json)
        }
    }
}

/// The path of the first difference, and both sides of it.
fn difference(path: &str, found: &Value, expected: &Value) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if is_volatile(name) {
        return None;
    }
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            if let Some(extra) = found.keys().find(|key| !expected.contains_key(*key)) {
                return Some(format!("{path}/{extra} is too much: {}", found[extra]));
            }
            expected.iter().find_map(|(key, expected)| match found.get(key) {
                Some(found) => difference(&format!("{path}/{key}"), found, expected),
                None => Some(format!("{path}/{key} is missing: {expected}")),
            })
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            let pairs = found.iter().zip(expected).enumerate();
            pairs.map(|(at, (found, expected))| difference(&format!("{path}/{at}"), found, expected)).find_map(|d| d)
        }
        (Value::Number(a), Value::Number(b)) if name.ends_with("score") => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            ((a - b).abs() > 1e-4 * b.abs()).then(|| format!("{path} is {a} instead of {b}"))
        }
        (Value::String(a), Value::String(b)) if mask_text(a) == mask_text(b) => None,
        (found, expected) if found == expected => None,
        (found, expected) => Some(format!("{path} is {found} instead of {expected}")),
    }
}

fn is_volatile(name: &str) -> bool {
    matches!(
        name,
        "took"
            | "ingest_took"
            | "cluster_name"
            | "cluster_uuid"
            | "index_uuid"
            | "uuid"
            | "node"
            | "creation_date"
            | "index.creation_date"
            | "index.uuid"
            | "_scroll_id"
            | "pit_id"
            | "creation_time"
            | "epoch"
            | "timestamp"
            | "cluster"
            | "created"
    )
}

/// Generated ids and uuids, wherever they stand in a text, become the same.
fn mask_text(text: &str) -> String {
    let mut masked = String::new();
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' {
            word.push(letter);
            continue;
        }
        let generated = matches!(word.len(), 20 | 22) && word.chars().any(|c| c.is_ascii_uppercase());
        masked.push_str(if generated { "<id>" } else { &word });
        word.clear();
        masked.push(letter);
    }
    masked
}

/// Words of a table: sizes and ids are masked, and how far columns are filled up does not count.
fn mask_words(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words = line.split_whitespace().map(|word| {
            let size = word.ends_with('b') && word.starts_with(|c: char| c.is_ascii_digit());
            if size { "<size>".to_owned() } else { mask_text(word).trim().to_owned() }
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
