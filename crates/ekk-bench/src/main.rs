//! `cargo xtask bench`: what the stack costs, each figure beside what does the least work for the same end.
//!
//! Machines differ and are noisy, so a line is a ratio measured in one run: the two sides take turns, and the median of
//! the turns counts.

mod indexing;
mod latency;
mod load;
mod null;
mod process;
mod put;
mod report;
mod samples;

use anyhow::bail;

use crate::report::Line;

fn main() -> anyhow::Result<()> {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let known = ["put", "null", "indexing", "latency", "process"];
    if let Some(unknown) = chosen.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("no bench is called {unknown}; there are {}", known.join(", "));
    }
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|chosen| chosen == name);
    report::head();
    if wanted("put") {
        put::run()?.iter().for_each(Line::print);
    }
    if wanted("null") {
        null::run()?.iter().for_each(Line::print);
    }
    if wanted("indexing") {
        indexing::run()?.print();
    }
    if wanted("latency") {
        latency::run()?.iter().for_each(Line::print);
    }
    if wanted("process") {
        process::run()?.iter().for_each(Line::print);
    }
    Ok(())
}
