//! The requests that were once recorded from OpenSearch, as one more file of requests.
//!
//! What they were answered then is the subject of a test of `ekk-opensearch`; here a living OpenSearch answers again.

use std::{collections::HashSet, fs, path::Path};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cases::{Case, Script};

#[derive(Deserialize)]
struct Pair {
    number: u16,
    case: String,
    request: Sent,
}

#[derive(Deserialize)]
struct Sent {
    method: String,
    path: String,
    headers: Map<String, Value>,
    body: Option<String>,
}

/// Numbers of those that need a node with settings of its own begin here.
const OVERLOAD_NUMBERS: u16 = 900;

/// The recorded requests but for those that are listed as left out.
pub(crate) fn read(folder: &Path) -> Result<Script> {
    let left_out = left_out(&folder.join("left-out.txt"))?;
    let path = folder.join("opensearch-3.4.0.ndjson");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut cases = Vec::new();
    for line in text.lines() {
        let pair: Pair = serde_json::from_str(line).with_context(|| format!("a line of {}", path.display()))?;
        if pair.number < OVERLOAD_NUMBERS && !left_out.contains(&pair.number) {
            cases.push(case(pair));
        }
    }
    Ok(Script {
        name: "recorded".to_owned(),
        subject: "the requests recorded from 3.4.0, sent again".to_owned(),
        cases,
    })
}

/// The list's lines are `NUMBER REASON`.
fn left_out(path: &Path) -> Result<HashSet<u16>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let numbers = text.lines().filter_map(|line| line.split_once(' ')).map(|(number, _)| number.parse());
    numbers.collect::<Result<_, _>>().with_context(|| format!("a line of {}", path.display()))
}

fn case(pair: Pair) -> Case {
    let headers = pair.request.headers.iter();
    Case {
        title: format!("{:03} {}", pair.number, pair.case),
        method: pair.request.method,
        path: pair.request.path,
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap_or_default().into()))
            .collect(),
        body: pair.request.body,
        ..Case::default()
    }
}
