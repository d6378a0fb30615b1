//! `cargo xtask bench`: runs the measuring program in release mode.
//!
//! What is measured, beside what, and the table are the subject of the crate `ekk-bench`.

use std::ffi::OsString;

use crate::{Outcome, command};

pub(crate) const HELP: &str = "\
Usage: cargo xtask bench [arguments of ekk-bench]

Builds in release mode and measures. Each line of the table is a ratio taken in one run on this machine:
the stack beside a bare baseline that does the least that could be done. Close other programs first.
";

/// Measures with `arguments`.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    eprintln!("building the benches (the first time takes some minutes) …");
    command::run(command::cargo(&["run", "--release", "--package", "ekk-bench", "--"]).args(arguments))
}
