//! What exists when a stack starts: streams, index templates and saved objects, read from files as a user would write
//! them.
//!
//! | folder | a file is |
//! | --- | --- |
//! | `streams/*.json` | the body of a `CreateDeliveryStream` request |
//! | `index-templates/*.json` | the body of `PUT /_index_template/<file name>` |
//! | `dashboards/*.ndjson` | saved objects in the form that OpenSearch Dashboards exports |

use std::{
    fmt::Display,
    fs, io,
    path::{Path, PathBuf},
};

/// The files of a fixtures folder.
#[derive(Clone, Debug, Default)]
pub struct Fixtures {
    /// Streams to create.
    pub streams: Vec<Fixture>,
    /// Index templates to put.
    pub index_templates: Vec<Fixture>,
    /// Saved objects to show.
    pub dashboards: Vec<Fixture>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// Where it came from, for messages.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// A fixture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// A file or folder cannot be read.
    #[error("cannot read the fixture {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A file is not JSON, or not what its folder asks for.
    #[error("the fixture {} cannot be used: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong, in the words of the part that refused it.
        reason: String,
    },
}

impl Fixture {
    /// The file's name without its ending.
    pub fn name(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// An error about this file.
    pub fn broken(&self, reason: &dyn Display) -> FixtureError {
        FixtureError::Broken { path: self.path.clone(), reason: reason.to_string() }
    }
}

impl Fixtures {
    /// The fixtures of this repository, as compiled in: stream, index template and Discover of `logging-test`.
    pub fn built_in() -> Self {
        let fixture = |path: &str, text: &str| Fixture { path: path.into(), text: text.to_owned() };
        Self {
            streams: vec![fixture(
                "fixtures/streams/logging-test.json",
                include_str!("../../../fixtures/streams/logging-test.json"),
            )],
            index_templates: vec![fixture(
                "fixtures/index-templates/logging-test.json",
                include_str!("../../../fixtures/index-templates/logging-test.json"),
            )],
            dashboards: vec![fixture(
                "fixtures/dashboards/logging-test.ndjson",
                include_str!("../../../fixtures/dashboards/logging-test.ndjson"),
            )],
        }
    }

    /// Reads a fixtures folder; a subfolder that is missing holds nothing.
    ///
    /// # Errors
    /// Names the file or folder that cannot be read.
    pub fn read(folder: &Path) -> Result<Self, FixtureError> {
        if !folder.is_dir() {
            let source = io::Error::new(io::ErrorKind::NotFound, "no such folder");
            return Err(FixtureError::Unreadable { path: folder.to_owned(), source });
        }
        Ok(Self {
            streams: files(&folder.join("streams"), "json")?,
            index_templates: files(&folder.join("index-templates"), "json")?,
            dashboards: files(&folder.join("dashboards"), "ndjson")?,
        })
    }
}

/// The files of `folder` with the given ending, in the order of their names.
fn files(folder: &Path, ending: &str) -> Result<Vec<Fixture>, FixtureError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| FixtureError::Unreadable { path, source }
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable(folder))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable(folder))?.path();
        if path.extension().is_some_and(|found| found == ending) {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            Ok(Fixture { path, text })
        })
        .collect()
}
