//! `cargo xtask tidy`: the house rules that no compiler knows, each a pure function from files to findings.
//!
//! Formatting is rustfmt's, and what a lint can see is clippy's; nothing of theirs is checked here again.

mod edges;
mod layout;
mod lengths;
mod manifest;
mod proofs;
mod ratchet;
mod source;
mod words;

use std::{ffi::OsString, fmt, fs};

use crate::{
    Outcome,
    workspace::{self, TextFile},
};

pub(crate) const HELP: &str = "\
Usage: cargo xtask tidy [--shrink]

Checks, in a second or two:
  edges      each crate uses only the crates that the table in xtask/src/tidy/edges.rs allows, dev-dependencies included,
             and takes versions and lints from the root manifest
  layout     each .rs file starts with a //! paragraph; no mod.rs; no utils, helpers, common or manager;
             no snapshot waits for review
  lengths    files up to 600 lines, functions up to 70 lines of code; longer ones are listed with their number and a
             reason in xtask/tidy-exceptions.txt, and may shrink, never grow; generated files are not measured
  proofs     every test that FIDELITY.md names exists
  words      no path of somebody's machine, no unfinished mark, no test that is ignored, no lint silenced by `allow`

  --shrink   lowers the numbers of xtask/tidy-exceptions.txt to what the files have now, and drops those no longer needed
";

const EXCEPTIONS: &str = "xtask/tidy-exceptions.txt";

/// One place where a rule does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    /// Counted from 1; 0 speaks of the whole file.
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Checks the workspace, or lowers its list of exceptions.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    let files = workspace::text_files(&workspace::root())?;
    match arguments {
        [] => report(&check(&files)?),
        [only] if only == "--shrink" => shrink(&files),
        [first, ..] => Err(format!("tidy knows no argument `{}`, only --shrink", first.display())),
    }
}

fn check(files: &[TextFile]) -> Result<Vec<Finding>, String> {
    let exceptions = ratchet::parse(EXCEPTIONS, exceptions(files))?;
    let mut findings = edges::check(files);
    findings.extend(layout::check(files));
    findings.extend(words::check(files));
    findings.extend(proofs::check(files));
    findings.extend(ratchet::judge(EXCEPTIONS, &lengths::measure(files), &exceptions));
    findings.sort();
    Ok(findings)
}

fn shrink(files: &[TextFile]) -> Outcome {
    let text = ratchet::shrink(exceptions(files), &lengths::measure(files));
    fs::write(workspace::root().join(EXCEPTIONS), text).map_err(|error| format!("cannot write {EXCEPTIONS}: {error}"))
}

fn exceptions(files: &[TextFile]) -> &str {
    files.iter().find(|file| file.path == EXCEPTIONS).map_or("", |file| &file.text)
}

fn report(findings: &[Finding]) -> Outcome {
    if findings.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = findings.iter().map(|finding| format!("  {finding}")).collect();
    let places = if findings.len() == 1 { "1 place is".to_owned() } else { format!("{} places are", findings.len()) };
    Err(format!("{places} not tidy\n{}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_printed_as_an_editor_can_follow_it() {
        let findings = [Finding::new("a.rs", 0, "is too long"), Finding::new("b.rs", 7, "is odd")];
        assert_eq!(report(&findings).unwrap_err(), "2 places are not tidy\n  a.rs: is too long\n  b.rs:7: is odd");
    }

    #[test]
    fn findings_of_all_rules_come_in_the_order_of_the_files() {
        let files = [
            TextFile { path: "crates/ekk-engine/src/utils.rs".into(), text: "//! Odds.\n".into() },
            TextFile { path: "crates/ekk/src/lib.rs".into(), text: "fn main() {}\n".into() },
        ];
        let lines: Vec<_> = check(&files).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "crates/ekk-engine/src/utils.rs: `utils` says nothing about its subject; name the file after what it is about",
                "crates/ekk/src/lib.rs:1: the first line is not `//! …`: say what the module does and what it leaves to others",
            ]
        );
    }
}
