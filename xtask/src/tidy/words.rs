//! Words that do not belong in the tree: paths of somebody's machine, unfinished marks, tests that do not run.

use crate::{
    tidy::{Finding, source::CodeOnly},
    workspace::TextFile,
};

/// One word and why it is refused. The words are joined from halves, because this file is checked too.
struct Refused {
    word: &'static str,
    reason: &'static str,
}

/// Refused in every text file.
const ANYWHERE: [Refused; 4] = [
    Refused { word: concat!("/ho", "me/"), reason: "is a path of somebody's machine" },
    Refused { word: concat!("/Us", "ers/"), reason: "is a path of somebody's machine" },
    Refused { word: concat!("/ro", "ot/"), reason: "is a path of somebody's machine" },
    Refused { word: concat!("/wo", "rk/"), reason: "is a path of somebody's machine" },
];

/// Refused in Rust, comments included.
const IN_RUST: [Refused; 2] = [
    Refused { word: concat!("TO", "DO"), reason: "marks what is not done: do it, or refuse the case by name" },
    Refused { word: concat!("XX", "X:"), reason: "marks what is not done: do it, or refuse the case by name" },
];

/// Refused in Rust's code, comments and literals left out.
const IN_CODE: [Refused; 4] = [
    Refused { word: "#[ignore", reason: "leaves a test out in silence; slow ones run when EKK_SLOW_TESTS is set" },
    Refused { word: "#[should_panic", reason: "does not say which panic; check the value or the message" },
    Refused { word: "#[allow(", reason: "stays when its cause is gone; use #[expect(…, reason = \"…\")]" },
    Refused { word: "#![allow(", reason: "stays when its cause is gone; use #![expect(…, reason = \"…\")]" },
];

pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let text = || file.text.lines();
        find(file, text(), &ANYWHERE, &mut findings);
        if file.is_rust() {
            let code = CodeOnly::new(&file.text).lines();
            find(file, text(), &IN_RUST, &mut findings);
            find(file, code.iter().map(String::as_str), &IN_CODE, &mut findings);
            findings.extend(code.iter().enumerate().filter_map(|(at, line)| glob_import(file, at + 1, line)));
        }
    }
    findings
}

fn find<'a>(file: &TextFile, lines: impl Iterator<Item = &'a str>, refused: &[Refused], findings: &mut Vec<Finding>) {
    for (at, line) in lines.enumerate() {
        for Refused { word, reason } in refused {
            if line.contains(word) {
                findings.push(Finding::new(&file.path, at + 1, format!("`{word}` {reason}")));
            }
        }
    }
}

/// A test may take all of its parent, and a crate may offer a prelude; any other glob hides where a name comes from.
fn glob_import(file: &TextFile, line: usize, code: &str) -> Option<Finding> {
    let import = code.trim_start().trim_start_matches("pub ").strip_prefix("use ")?;
    let of_parent = import.starts_with("super::*") || (import.starts_with("super::{") && import.ends_with(" *};"));
    let allowed = of_parent || import.contains("prelude::*");
    let message = "a glob import hides where a name comes from; name what you use";
    (import.contains('*') && !allowed).then(|| Finding::new(&file.path, line, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_file(path: &str, text: &str, expected: &[&str]) {
        let file = TextFile { path: path.into(), text: text.into() };
        let lines: Vec<_> = check(&[file]).iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn every_refused_word_is_found_where_it_is_refused() {
        for Refused { word, reason } in &ANYWHERE {
            check_file("a.md", &format!("see\n{word}x"), &[&format!("a.md:2: `{word}` {reason}")]);
        }
        for Refused { word, reason } in &IN_RUST {
            check_file("a.rs", &format!("// {word} later"), &[&format!("a.rs:1: `{word}` {reason}")]);
            check_file("a.md", word, &[]);
        }
        for Refused { word, reason } in &IN_CODE {
            check_file("a.rs", &format!("{word}dead_code)]"), &[&format!("a.rs:1: `{word}` {reason}")]);
            check_file("a.rs", &format!("// {word}dead_code)]"), &[]);
        }
    }

    #[test]
    fn a_glob_import_is_found_unless_it_is_of_the_parent_or_a_prelude() {
        let message = "a.rs:1: a glob import hides where a name comes from; name what you use";
        check_file("a.rs", "pub use crate::wire::*;", &[message]);
        check_file("a.rs", "    use super::*;", &[]);
        check_file("a.rs", "    use super::{super::shapes, *};", &[]);
        check_file("a.rs", "use proptest::prelude::*;", &[]);
    }
}
