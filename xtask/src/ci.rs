//! `cargo xtask ci`: everything that must hold before a change lands, cheapest first.
//!
//! What the machine needs for the tests is installed by `.ci/run`, not here.

use std::{ffi::OsString, time::Duration};

use crate::{Outcome, codegen, command, test, tidy};

pub(crate) const HELP: &str = "\
Usage: cargo xtask ci [--skip-tests]

Runs, and stops at the first that fails:
  fmt       cargo fmt --all --check
  tidy      cargo xtask tidy
  codegen   cargo xtask codegen --check
  clippy    cargo clippy --workspace --all-targets, warnings are errors
  rustdoc   cargo doc of all crates with their private items, warnings are errors
  tests     cargo xtask test, doctests included

  --skip-tests   leaves the tests out, for a caller that has just run `cargo xtask test`
";

/// One thing that must hold.
struct Step {
    name: &'static str,
    run: fn() -> Outcome,
}

const STEPS: [Step; 5] = [
    Step { name: "fmt", run: fmt },
    Step { name: "tidy", run: || tidy::run(&[]) },
    Step { name: "codegen", run: || codegen::run(&["--check".into()]) },
    Step { name: "clippy", run: clippy },
    Step { name: "rustdoc", run: rustdoc },
];

const TESTS: Step = Step { name: "tests", run: || test::run_with(&["test", "--workspace", "--locked"], &[]) };

/// Runs the steps and says how long each took.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    let with_tests = match arguments {
        [] => true,
        [only] if only == "--skip-tests" => false,
        [first, ..] => return Err(format!("ci knows no argument `{}`, only --skip-tests", first.display())),
    };
    let mut steps: Vec<&Step> = STEPS.iter().collect();
    if with_tests {
        steps.push(&TESTS);
    }
    let mut report = Vec::new();
    for step in steps {
        let took = timed(step.run).map_err(|message| format!("ci stops at {}: {message}", step.name))?;
        report.push(format!("  {:<9}{:>6.1} s", step.name, took.as_secs_f64()));
    }
    println!("all holds\n{}", report.join("\n"));
    Ok(())
}

fn fmt() -> Outcome {
    command::run(&mut command::cargo(&["fmt", "--all", "--check"]))
        .map_err(|message| format!("{message}; run cargo fmt --all"))
}

fn clippy() -> Outcome {
    command::run(&mut command::cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny",
        "warnings",
    ]))
}

fn rustdoc() -> Outcome {
    let words = ["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"];
    command::run(command::cargo(&words).env("RUSTDOCFLAGS", "--deny warnings"))
}

#[expect(clippy::disallowed_methods, reason = "how long a task took is not a time that any stack lives by")]
fn timed(work: fn() -> Outcome) -> Result<Duration, String> {
    let start = std::time::Instant::now();
    work()?;
    Ok(start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_it_does_not_know_is_named_before_anything_runs() {
        assert_eq!(run(&["--fast".into()]).unwrap_err(), "ci knows no argument `--fast`, only --skip-tests");
    }
}
