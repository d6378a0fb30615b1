//! `cargo xtask codegen`: makes the Firehose API's types and constraints from the facts of AWS's model.
//!
//! How, is the subject of the crate `ekk-codegen`.

use std::ffi::OsString;

use crate::{Outcome, command};

pub(crate) const HELP: &str = "\
Usage: cargo xtask codegen [--check] [--model FILE]

Writes crates/ekk-firehose/src/wire.rs and src/model/shapes.rs from crates/ekk-firehose/model/firehose.json, which holds
the shapes, limits, patterns and enums of AWS's model and none of its documentation.

  --check        writes nothing, and fails when those files are not what the model gives
  --model FILE   takes the facts anew first, from AWS's model of Firehose: firehose/2015-08-04/service-2.json of botocore
";

/// Runs the generator with `arguments`.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    command::run(command::cargo(&["run", "--quiet", "--locked", "--package", "ekk-codegen", "--"]).args(arguments))
}
