//! What the rules need of a Cargo.toml: its name, its dependencies, and whether it takes versions and lints from the root.
//!
//! It reads the forms that this workspace uses, a key on a line of its own; it is no TOML parser.

/// What kind of dependency it is: for all builds, for tests, or for the build script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Dev,
    Build,
}

/// One crate that another uses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dependency {
    /// The crate's own name, also where it is renamed.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether the version comes from the root manifest.
    pub(super) inherited: bool,
    /// Counted from 1.
    pub(super) line: usize,
}

/// One manifest.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) inherits_lints: bool,
}

pub(super) fn parse(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut section = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = without_comment(line).trim();
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = split_keys(header);
            continue;
        }
        if let Some((key, value)) = line.split_once('=') {
            let mut keys = section.clone();
            keys.extend(split_keys(key.trim()));
            manifest.take(&keys, value.trim(), at + 1);
        }
    }
    manifest
}

impl Manifest {
    fn take(&mut self, keys: &[String], value: &str, line: usize) {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        match keys.as_slice() {
            ["package", "name"] => self.name = unquoted(value),
            ["lints", "workspace"] => self.inherits_lints = value == "true",
            [kind, rest @ ..] | ["target", _, kind, rest @ ..] if kind_of(kind).is_some() => {
                let [name, detail @ ..] = rest else { return };
                self.take_dependency(kind_of(kind).unwrap_or(Kind::Normal), name, line);
                self.take_detail(detail, value);
            }
            _ => {}
        }
    }

    fn take_dependency(&mut self, kind: Kind, name: &str, line: usize) {
        let goes_on = self.dependencies.last().is_some_and(|last| last.kind == kind && last.name == name);
        if !goes_on {
            self.dependencies.push(Dependency { name: name.to_owned(), kind, inherited: false, line });
        }
    }

    fn take_detail(&mut self, detail: &[&str], value: &str) {
        let Some(last) = self.dependencies.last_mut() else { return };
        match detail {
            ["workspace"] => last.inherited = value == "true",
            ["package"] => last.name = unquoted(value),
            [] => {
                last.inherited = inline(value, "workspace").is_some_and(|word| word == "true");
                if let Some(package) = inline(value, "package") {
                    last.name = unquoted(&package);
                }
            }
            _ => {}
        }
    }
}

fn kind_of(section: &str) -> Option<Kind> {
    match section {
        "dependencies" => Some(Kind::Normal),
        "dev-dependencies" => Some(Kind::Dev),
        "build-dependencies" => Some(Kind::Build),
        _ => None,
    }
}

/// The value of `key` in an inline table such as `{ workspace = true, package = "x" }`.
fn inline(value: &str, key: &str) -> Option<String> {
    let inside = value.strip_prefix('{')?.trim_end_matches('}');
    let pairs = inside.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim(), value.trim()))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
}

/// Splits `target.'cfg(unix)'.dependencies` at the dots that no quotes protect.
fn split_keys(text: &str) -> Vec<String> {
    let mut quoted = None;
    let parts = text.split(|letter: char| match (quoted, letter) {
        (None, '"' | '\'') => {
            quoted = Some(letter);
            false
        }
        (Some(quote), letter) if letter == quote => {
            quoted = None;
            false
        }
        (None, '.') => true,
        _ => false,
    });
    parts.map(|part| unquoted(part.trim())).collect()
}

fn unquoted(text: &str) -> String {
    text.trim_matches(['"', '\'']).to_owned()
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let end = line.find(|letter| {
        quoted ^= letter == '"';
        letter == '#' && !quoted
    });
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_dependency_is_read() {
        let manifest = parse(
            r#"
[package]
name = "ekk-firehose" # the API
[dependencies]
axum.workspace = true
ekk-clock = { workspace = true, features = ["a"] }
renamed = { package = "ekk-engine", path = "../ekk-engine" }
plain = "1"
[dependencies.ekk-server]
workspace = true
features = ["b#c"]
[target.'cfg(unix)'.dev-dependencies]
"ekk-delivery".workspace = true
[build-dependencies]
cc = "1"
[lints]
workspace = true
"#,
        );
        assert_eq!(manifest.name, "ekk-firehose");
        assert!(manifest.inherits_lints);
        let facts: Vec<_> =
            manifest.dependencies.iter().map(|d| (d.name.as_str(), d.kind, d.inherited, d.line)).collect();
        assert_eq!(
            facts,
            [
                ("axum", Kind::Normal, true, 5),
                ("ekk-clock", Kind::Normal, true, 6),
                ("ekk-engine", Kind::Normal, false, 7),
                ("plain", Kind::Normal, false, 8),
                ("ekk-server", Kind::Normal, true, 10),
                ("ekk-delivery", Kind::Dev, true, 13),
                ("cc", Kind::Build, false, 15),
            ]
        );
    }
}
