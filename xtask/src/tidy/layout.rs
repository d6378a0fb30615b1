//! Where things stand and what they are called: first lines, module files, names without a subject, waiting snapshots.

use std::path::Path;

use crate::{
    tidy::{Finding, source::CodeOnly},
    workspace::TextFile,
};

/// Names that say nothing about a subject, so everything ends up under them.
const EMPTY_NAMES: [&str; 9] =
    ["utils", "util", "helpers", "helper", "common", "commons", "manager", "managers", "misc"];
/// Ends of type names that say nothing either.
const EMPTY_ENDINGS: [&str; 6] = ["Manager", "Helper", "Helpers", "Util", "Utils", "Wrapper"];
const TYPE_WORDS: [&str; 4] = ["struct", "enum", "trait", "type"];

pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        findings.extend(waiting_snapshot(file));
        if file.is_rust() {
            findings.extend(first_line(file));
            findings.extend(module_file(file));
            findings.extend(empty_path(file));
            findings.extend(empty_type_names(file));
        }
    }
    findings
}

fn first_line(file: &TextFile) -> Option<Finding> {
    let says = file.text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > "//! ".len());
    let message = "the first line is not `//! …`: say what the module does and what it leaves to others";
    (!says).then(|| Finding::new(&file.path, 1, message))
}

fn module_file(file: &TextFile) -> Option<Finding> {
    let message = "mod.rs: name the file after its module, so that file names are unique in an editor";
    file.path.ends_with("/mod.rs").then(|| Finding::new(&file.path, 0, message))
}

fn empty_path(file: &TextFile) -> Option<Finding> {
    let mut parts = Path::new(&file.path).components().map(|part| part.as_os_str().to_string_lossy());
    let name = parts.find(|part| EMPTY_NAMES.contains(&part.trim_end_matches(".rs")))?;
    let name = name.trim_end_matches(".rs");
    let message = format!("`{name}` says nothing about its subject; name the file after what it is about");
    Some(Finding::new(&file.path, 0, message))
}

fn empty_type_names(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in CodeOnly::new(&file.text).lines().iter().enumerate() {
        let words: Vec<&str> = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        for pair in words.windows(2) {
            if let [keyword, name] = pair
                && TYPE_WORDS.contains(keyword)
                && EMPTY_ENDINGS.iter().any(|ending| name.ends_with(ending))
            {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    format!("`{name}` hides what it does; name it for that"),
                ));
            }
        }
    }
    findings
}

fn waiting_snapshot(file: &TextFile) -> Option<Finding> {
    let waits = file.path.ends_with(".snap.new") || file.path.ends_with(".pending-snap");
    waits.then(|| {
        Finding::new(&file.path, 0, "a snapshot waits for review: accept it or fix the code, then delete this file")
    })
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
    fn a_file_that_does_not_say_what_it_does_is_found() {
        let message = "a.rs:1: the first line is not `//! …`: say what the module does and what it leaves to others";
        for text in ["", "use std::fs;\n", "/// Not of the module.\n", "//!\n//! Late.\n", "\n//! Late.\n"] {
            check_file("a.rs", text, &[message]);
        }
        check_file("a.rs", "//! Adds.\n", &[]);
    }

    #[test]
    fn a_mod_rs_is_found() {
        let message = "a/mod.rs: mod.rs: name the file after its module, so that file names are unique in an editor";
        check_file("a/mod.rs", "//! Adds.\n", &[message]);
    }

    #[test]
    fn a_name_without_a_subject_is_found_in_files_and_folders() {
        for (path, name) in [("a/utils.rs", "utils"), ("tests/common/a.rs", "common"), ("helpers/a.rs", "helpers")] {
            let message =
                format!("{path}: `{name}` says nothing about its subject; name the file after what it is about");
            check_file(path, "//! Adds.\n", &[&message]);
        }
        check_file("crates/commonmark/a.rs", "//! Adds.\n", &[]);
    }

    #[test]
    fn a_type_that_hides_what_it_does_is_found() {
        check_file(
            "a.rs",
            "//! Adds.\npub struct StreamManager;\n// struct InCommentHelper\ntype Text = &str;\n",
            &["a.rs:2: `StreamManager` hides what it does; name it for that"],
        );
    }

    #[test]
    fn a_snapshot_that_waits_is_found() {
        for path in ["a/snapshots/b.snap.new", "a/.b.rs.pending-snap"] {
            let message =
                format!("{path}: a snapshot waits for review: accept it or fix the code, then delete this file");
            check_file(path, "", &[&message]);
        }
    }
}
