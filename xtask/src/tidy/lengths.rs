//! How long files and functions are. What length is too long, and what is excused, is the ratchet's subject.

use crate::{tidy::source::CodeOnly, workspace::TextFile};

/// Lines a Rust file may have, its inline tests included.
pub(super) const FILE_LINES: usize = 600;
/// Lines of code the body of a function may have; clippy's `too-many-lines-threshold` is the same.
pub(super) const FUNCTION_LINES: usize = 70;

/// One length that was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Length {
    /// `path/to/file.rs`, or `path/to/file.rs::function`.
    pub(super) place: String,
    /// The line where it starts, counted from 1; 0 for a file.
    pub(super) line: usize,
    /// In lines.
    pub(super) lines: usize,
}

impl Length {
    /// What this may be without an exception, in lines.
    pub(super) fn limit(&self) -> usize {
        if self.place.contains("::") { FUNCTION_LINES } else { FILE_LINES }
    }
}

/// The length of every Rust file and function. Of functions with one name in one file, the longest stands for all.
pub(super) fn measure(files: &[TextFile]) -> Vec<Length> {
    let mut lengths: Vec<Length> = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        lengths.push(Length { place: file.path.clone(), line: 0, lines: file.text.lines().count() });
        let first = lengths.len();
        for function in CodeOnly::new(&file.text).functions() {
            let place = format!("{}::{}", file.path, function.name);
            let known = lengths.get_mut(first..).into_iter().flatten().find(|length| length.place == place);
            match known {
                Some(known) if known.lines >= function.code_lines => {}
                Some(known) => (known.line, known.lines) = (function.line, function.code_lines),
                None => lengths.push(Length { place, line: function.line, lines: function.code_lines }),
            }
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_the_functions_with_one_name_is_measured() {
        let text = "impl A {\n    fn new() {\n        1\n    }\n}\nimpl B {\n    fn new() {\n        1;\n        2\n    }\n}\n";
        let file = TextFile { path: "a.rs".into(), text: text.into() };
        assert_eq!(
            measure(&[file]),
            [
                Length { place: "a.rs".into(), line: 0, lines: 11 },
                Length { place: "a.rs::new".into(), line: 7, lines: 2 },
            ]
        );
    }

    #[test]
    fn only_rust_is_measured() {
        assert_eq!(measure(&[TextFile { path: "long.json".into(), text: "\n".repeat(900) }]), []);
    }
}
