//! Makes the Firehose API's types and constraints from the facts of AWS's model.
//!
//! The facts (shapes, members, limits, patterns, enums) are kept in `crates/ekk-firehose/model/firehose.json`; what
//! AWS wrote about them is not. `cargo xtask codegen` runs this and `cargo xtask ci` runs it with `--check`.
#![expect(clippy::print_stdout, reason = "a command-line program talks to its user")]

mod facts;
mod java_order;
mod names;
mod rust;
mod shapes;
mod wire;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Parser;

use crate::facts::Model;

/// Makes the Firehose API's types and constraints from the facts of AWS's model.
#[derive(Debug, Parser)]
#[command(name = "ekk-codegen")]
struct Arguments {
    /// Changes nothing, and fails when the checked-in files differ from what would be written.
    #[arg(long)]
    check: bool,
    /// AWS's model of Firehose (`service-2.json` of botocore, unpacked), to take new facts from first.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    model: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ekk-firehose");
    let facts = crate_folder.join("model/firehose.json");
    if let Some(model) = &arguments.model {
        let text = fs::read(model).with_context(|| format!("cannot read {}", model.display()))?;
        let taken = facts::take(&text).with_context(|| format!("{} is not a model of AWS's", model.display()))?;
        fs::write(&facts, taken).with_context(|| format!("cannot write {}", facts.display()))?;
        println!("took the facts of {}", model.display());
    }
    let text = fs::read(&facts).with_context(|| format!("cannot read {}", facts.display()))?;
    let model = Model::parse(&text).with_context(|| format!("{} is broken", facts.display()))?;
    for (file, text) in [("src/model/shapes.rs", shapes::file(&model)?), ("src/wire.rs", wire::file(&model)?)] {
        put(&crate_folder.join(file), &rust::formatted(&text)?, arguments.check)?;
    }
    Ok(())
}

/// Writes a file that has changed, or fails when it must not have.
fn put(path: &Path, text: &str, check: bool) -> anyhow::Result<()> {
    let known = fs::read_to_string(path).unwrap_or_default();
    if known == text {
        return Ok(());
    }
    if check {
        bail!("{} is not what the model gives; run cargo xtask codegen", path.display());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}
