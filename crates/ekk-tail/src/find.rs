//! Which files are meant by names and patterns.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

/// Names of files, and patterns (`*`, `?`, `[a-z]`, `**`), which may match nothing yet.
#[derive(Clone, Debug)]
pub struct Patterns {
    wanted: Vec<Wanted>,
    excluded: Vec<Pattern>,
    /// Files that whoever reads writes to.
    own: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
enum Wanted {
    Name(PathBuf),
    Pattern(String),
}

/// A pattern is none.
#[derive(Debug, thiserror::Error)]
#[error("{pattern} is no pattern for files: {reason}")]
pub struct PatternsError {
    pattern: String,
    reason: String,
}

/// A file that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// It was named, so that it is an error when it cannot be read. What a pattern matches and is no file is passed over.
    pub(crate) is_named: bool,
}

const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

impl Patterns {
    /// Files of these names and patterns, without those that one of `excluded` matches, by path or by name.
    ///
    /// What has the letters of a pattern and is the name of a file is a name.
    ///
    /// # Errors
    /// When a pattern is none, such as `[a`.
    pub fn new(wanted: &[PathBuf], excluded: &[String]) -> Result<Self, PatternsError> {
        let excluded = excluded.iter().map(|text| pattern(text)).collect::<Result<_, _>>()?;
        let wanted = wanted.iter().map(|path| match path.to_str() {
            Some(text) if text.contains(['*', '?', '[']) && !path.exists() => {
                pattern(text).map(|_| Wanted::Pattern(text.to_owned()))
            }
            _ => Ok(Wanted::Name(path.clone())),
        });
        Ok(Self { wanted: wanted.collect::<Result<_, _>>()?, excluded, own: Vec::new() })
    }

    /// Leaves out files that whoever reads writes to, whether they are there yet or not: what is written because of what
    /// was read must not be read.
    #[must_use]
    pub fn without(mut self, own: impl IntoIterator<Item = PathBuf>) -> Self {
        self.own.extend(own);
        self
    }

    /// The files that there are now, each once, those of a pattern in the order of their names.
    pub(crate) fn find(&self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let own: Vec<PathBuf> = self.own.iter().filter_map(|path| path.canonicalize().ok()).collect();
        let is_own = |path: &Path| !own.is_empty() && path.canonicalize().is_ok_and(|path| own.contains(&path));
        for wanted in &self.wanted {
            let (paths, is_named) = match wanted {
                Wanted::Name(path) => (vec![path.clone()], true),
                Wanted::Pattern(pattern) => (matching(pattern), false),
            };
            for path in paths {
                let is_excluded = (!is_named && self.is_excluded(&path)) || is_own(&path);
                if !is_excluded && !found.iter().any(|it| it.path == path) {
                    found.push(Found { path, is_named });
                }
            }
        }
        found
    }

    fn is_excluded(&self, path: &Path) -> bool {
        let name = path.file_name().map(Path::new);
        self.excluded.iter().any(|pattern| {
            pattern.matches_path_with(path, OPTIONS)
                || name.is_some_and(|name| pattern.matches_path_with(name, OPTIONS))
        })
    }
}

fn pattern(text: &str) -> Result<Pattern, PatternsError> {
    Pattern::new(text).map_err(|error| PatternsError { pattern: text.to_owned(), reason: error.msg.to_owned() })
}

/// A folder that cannot be read has no files.
fn matching(pattern: &str) -> Vec<PathBuf> {
    glob::glob_with(pattern, OPTIONS).into_iter().flatten().filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_found_by_name_and_by_pattern_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        for name in ["b.log", "a.log", "a.log.1", ".hidden.log", "[x].log", "sub/c.log"] {
            fs::write(at(name), "").unwrap();
        }
        for (wanted, excluded, expected) in [
            (vec!["*.log"], vec![], vec!["[x].log", "a.log", "b.log"]),
            (vec!["b.log", "*.log"], vec!["a.*"], vec!["b.log", "[x].log"]),
            (vec!["a.log*"], vec![], vec!["a.log", "a.log.1"]),
            (vec!["**/*.log"], vec!["*]*"], vec!["a.log", "b.log", "sub/c.log"]),
            (vec!["[x].log"], vec!["*"], vec!["[x].log"]),
            (vec!["none", "none*"], vec![], vec!["none"]),
        ] {
            let wanted: Vec<PathBuf> = wanted.into_iter().map(at).collect();
            let excluded: Vec<String> = excluded.into_iter().map(ToOwned::to_owned).collect();
            let found = Patterns::new(&wanted, &excluded).unwrap().find();
            let found: Vec<PathBuf> = found.into_iter().map(|found| found.path).collect();
            assert_eq!(found, expected.into_iter().map(at).collect::<Vec<_>>(), "{wanted:?}");
        }
    }

    #[test]
    fn what_the_reader_writes_to_is_never_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.json"), "").unwrap();
        let patterns = Patterns::new(&[at("*.json"), at("state.json")], &[]).unwrap();
        let patterns = patterns.without([at("../").join(folder.path().file_name().unwrap()).join("state.json")]);
        fs::write(at("state.json"), "").unwrap();
        let found: Vec<PathBuf> = patterns.find().into_iter().map(|found| found.path).collect();
        assert_eq!(found, [at("a.json")]);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let error = Patterns::new(&["/var/log/[a".into()], &[]).unwrap_err().to_string();
        assert!(error.starts_with("/var/log/[a is no pattern for files: "), "{error}");
    }
}
