//! Who may use whom. A crate exists because something must not know something else; this table holds that.
//!
//! The reasons stand in ARCHITECTURE.md. A new edge is a decision: it is made there, then here.

use crate::{
    tidy::{
        Finding,
        manifest::{self, Kind, Manifest},
    },
    workspace::TextFile,
};

/// One crate of the workspace.
struct Room {
    name: &'static str,
    folder: &'static str,
    /// Crates of ours that it may use, in its tests too: a test that needs another room belongs in `tests/`.
    uses: &'static [&'static str],
    /// Foreign crates through which it would learn what it must not know. Its tests may use them.
    never: &'static [&'static str],
}

/// All crates, in the order of the data.
const ROOMS: &[Room] = &[
    Room {
        name: "firehose-shipper",
        folder: "crates/firehose-shipper",
        uses: &["firehose-shipper"], // its own tests, which turn all of its features on
        never: &["axum", "tantivy", "anyhow"],
    },
    Room { name: "ekk-clock", folder: "crates/ekk-clock", uses: &[], never: &["axum", "http", "tantivy", "anyhow"] },
    Room {
        name: "ekk-faults",
        folder: "crates/ekk-faults",
        uses: &["ekk-clock"],
        never: &["axum", "http", "tokio", "tantivy", "anyhow"],
    },
    Room { name: "ekk-server", folder: "crates/ekk-server", uses: &[], never: &["tantivy", "opensearch", "anyhow"] },
    Room {
        name: "ekk-firehose",
        folder: "crates/ekk-firehose",
        uses: &["ekk-clock", "ekk-delivery", "ekk-faults", "ekk-server"],
        never: &["opensearch", "reqwest", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk-neighbours",
        folder: "crates/ekk-neighbours",
        uses: &["ekk-clock", "ekk-server"],
        never: &["opensearch", "reqwest", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk-delivery",
        folder: "crates/ekk-delivery",
        uses: &["ekk-clock", "ekk-faults"],
        never: &["axum", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk-opensearch",
        folder: "crates/ekk-opensearch",
        uses: &["ekk-clock", "ekk-engine", "ekk-server"],
        never: &["tantivy", "anyhow"],
    },
    Room {
        name: "ekk-engine",
        folder: "crates/ekk-engine",
        uses: &[],
        never: &["axum", "http", "hyper", "reqwest", "tokio", "anyhow"],
    },
    Room { name: "ekk-s3", folder: "crates/ekk-s3", uses: &["ekk-clock", "ekk-server"], never: &["tantivy", "anyhow"] },
    Room {
        name: "ekk-dql",
        folder: "crates/ekk-dql",
        uses: &[],
        never: &["axum", "http", "hyper", "reqwest", "tokio", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk-saved-objects",
        folder: "crates/ekk-saved-objects",
        uses: &[],
        never: &["axum", "http", "hyper", "reqwest", "tokio", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk-dashboards",
        folder: "crates/ekk-dashboards",
        uses: &["ekk-clock", "ekk-dql", "ekk-saved-objects", "ekk-server"],
        never: &["tantivy", "anyhow"],
    },
    Room {
        name: "ekk-templates",
        folder: "crates/ekk-templates",
        uses: &[],
        never: &["axum", "http", "hyper", "reqwest", "tokio", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk-testcontainers",
        folder: "crates/ekk-testcontainers",
        uses: &[],
        never: &["axum", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk-tail",
        folder: "crates/ekk-tail",
        uses: &[],
        never: &["axum", "http", "hyper", "reqwest", "tokio", "tantivy", "anyhow"],
    },
    Room {
        name: "ekk",
        folder: "crates/ekk",
        uses: &[
            "ekk-clock",
            "ekk-dashboards",
            "ekk-delivery",
            "ekk-engine",
            "ekk-faults",
            "ekk-firehose",
            "ekk-neighbours",
            "ekk-opensearch",
            "ekk-s3",
            "ekk-server",
            "ekk-tail",
            "ekk-templates",
            "ekk-testcontainers",
            "firehose-shipper",
        ],
        never: &["tantivy"],
    },
    Room { name: "ekk-bench", folder: "crates/ekk-bench", uses: &["ekk", "ekk-server"], never: &[] },
    Room {
        name: "ekk-conformance",
        folder: "crates/ekk-conformance",
        uses: &["ekk-clock", "ekk-engine", "ekk-opensearch", "ekk-s3", "ekk-server"],
        never: &["tantivy"],
    },
    Room { name: "ekk-codegen", folder: "crates/ekk-codegen", uses: &[], never: &[] },
    Room {
        name: "ekk-tests",
        folder: "tests",
        uses: &["ekk", "ekk-dql", "ekk-templates", "ekk-testcontainers", "firehose-shipper"],
        never: &["tantivy"],
    },
    Room { name: "xtask", folder: "xtask", uses: &[], never: &[] },
];

pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let manifests = files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(|file| check_manifest(&file.path, &manifest::parse(&file.text))).collect()
}

fn check_manifest(path: &str, manifest: &Manifest) -> Vec<Finding> {
    let name = &manifest.name;
    let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
        return vec![Finding::new(path, 0, format!("`{name}` is not in the table of xtask/src/tidy/edges.rs"))];
    };
    let mut findings = Vec::new();
    if path != format!("{}/Cargo.toml", room.folder) {
        findings.push(Finding::new(path, 0, format!("`{name}` belongs in {}", room.folder)));
    }
    if !manifest.inherits_lints {
        findings.push(Finding::new(path, 0, "the lints are not the workspace's; add [lints] workspace = true"));
    }
    for dependency in &manifest.dependencies {
        let used = &dependency.name;
        let mut refuse = |message| findings.push(Finding::new(path, dependency.line, message));
        if !dependency.inherited {
            refuse(format!("the version of `{used}` does not come from the root; write {used}.workspace = true"));
        }
        if name == "xtask" {
            refuse(format!("xtask has no dependencies, so that it starts in a second; `{used}` would slow it"));
        } else if ROOMS.iter().any(|room| room.name == used) && !room.uses.contains(&used.as_str()) {
            refuse(format!("`{name}` must not know `{used}`; allowed are: {}", listed(room.uses)));
        } else if dependency.kind != Kind::Dev && room.never.contains(&used.as_str()) {
            refuse(format!("`{name}` must not know what `{used}` is for; see its row in xtask/src/tidy/edges.rs"));
        }
    }
    findings
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none of ours".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(folder: &str, name: &str, rest: &str, expected: &[&str]) {
        let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{rest}\n");
        let file = TextFile { path: format!("{folder}/Cargo.toml"), text };
        let lines: Vec<_> = check(&[file]).iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_edge_that_the_table_allows_is_fine() {
        check_text("crates/ekk-firehose", "ekk-firehose", "[dependencies]\nekk-delivery.workspace = true", &[]);
    }

    #[test]
    fn an_edge_that_the_table_does_not_allow_is_found_also_for_tests() {
        for kind in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
            check_text(
                "crates/ekk-delivery",
                "ekk-delivery",
                &format!("[{kind}]\nekk-opensearch.workspace = true"),
                &[
                    "crates/ekk-delivery/Cargo.toml:6: `ekk-delivery` must not know `ekk-opensearch`; allowed are: ekk-clock, ekk-faults",
                ],
            );
        }
    }

    #[test]
    fn a_foreign_crate_that_teaches_too_much_is_found_but_not_in_tests() {
        check_text(
            "crates/ekk-engine",
            "ekk-engine",
            "[dependencies]\ntokio.workspace = true\n[dev-dependencies]\naxum.workspace = true",
            &["crates/ekk-engine/Cargo.toml:6: `ekk-engine` must not know what `tokio` is for; \
                see its row in xtask/src/tidy/edges.rs"],
        );
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        check_text(
            "crates/ekk-s3",
            "ekk-s3",
            "[dependencies]\nbytes = \"1\"",
            &[
                "crates/ekk-s3/Cargo.toml:6: the version of `bytes` does not come from the root; write bytes.workspace = true",
            ],
        );
    }

    #[test]
    fn a_crate_that_is_unknown_or_in_another_folder_is_found() {
        let unknown = "crates/ekk-extra/Cargo.toml: `ekk-extra` is not in the table of xtask/src/tidy/edges.rs";
        check_text("crates/ekk-extra", "ekk-extra", "", &[unknown]);
        check_text("crates/s3", "ekk-s3", "", &["crates/s3/Cargo.toml: `ekk-s3` belongs in crates/ekk-s3"]);
    }

    #[test]
    fn xtask_may_not_have_dependencies() {
        let message =
            "xtask/Cargo.toml:6: xtask has no dependencies, so that it starts in a second; `bytes` would slow it";
        check_text("xtask", "xtask", "[dependencies]\nbytes.workspace = true", &[message]);
    }

    #[test]
    fn lints_of_its_own_are_found() {
        let file = TextFile { path: "xtask/Cargo.toml".into(), text: "[package]\nname = \"xtask\"\n".into() };
        let lines: Vec<_> = check(&[file]).iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["xtask/Cargo.toml: the lints are not the workspace's; add [lints] workspace = true"]);
    }
}
