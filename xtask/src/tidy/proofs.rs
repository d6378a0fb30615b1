//! A document that says which test proves what must name tests that exist.

use std::collections::HashSet;

use crate::{
    tidy::{Finding, source::CodeOnly},
    workspace::TextFile,
};

/// The document, and how its tables name a test: the function's name between back quotes, in the last column.
const DOCUMENT: &str = "FIDELITY.md";

pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else { return Vec::new() };
    let rust = files.iter().filter(|file| file.is_rust());
    let known: HashSet<String> =
        rust.flat_map(|file| CodeOnly::new(&file.text).functions()).map(|function| function.name).collect();
    let named = document.text.lines().enumerate().flat_map(|(at, line)| proofs(line).map(move |name| (at + 1, name)));
    named
        .filter(|(_, name)| !known.contains(*name))
        .map(|(line, name)| {
            Finding::new(DOCUMENT, line, format!("no test is called `{name}`; name the one that proves this row"))
        })
        .collect()
}

/// What stands between back quotes in the last cell of a table's row.
fn proofs(line: &str) -> impl Iterator<Item = &str> {
    let cell =
        line.strip_prefix('|').and_then(|row| row.trim_end().strip_suffix('|')).and_then(|row| row.rsplit('|').next());
    cell.unwrap_or_default().split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_whose_proof_is_not_there_is_found() {
        let table = "| what | proof |\n| --- | --- |\n| `PutRecord` | `it_is_put`, `it_is_gone` |\n";
        let files = [
            TextFile { path: DOCUMENT.into(), text: table.into() },
            TextFile { path: "a.rs".into(), text: "fn it_is_put() { /* fn it_is_gone() {} */ }".into() },
        ];
        assert_eq!(
            check(&files),
            [Finding::new(DOCUMENT, 3, "no test is called `it_is_gone`; name the one that proves this row")]
        );
    }
}
