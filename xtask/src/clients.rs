//! The foreign programs that some tests drive the stack with: which are on this machine, and how to get the others.
//!
//! `tests/clients/README.md` describes the same variables for those who run the tests without this task.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::workspace;

/// One foreign program, and what the tests need of it.
#[derive(Debug)]
pub(crate) struct Client {
    /// The program, as people call it.
    pub(crate) name: &'static str,
    /// The variable by which the tests learn its path.
    pub(crate) variable: &'static str,
    /// What is not tested without it.
    pub(crate) proves: &'static str,
    /// The command that installs it, to be typed in the workspace's root.
    pub(crate) enable: &'static str,
    /// Where it may be, first to last, when the variable is not set.
    places: &'static [&'static str],
    /// The folder of `tests/clients` whose programs it runs.
    folder: &'static str,
    /// Arguments with which it succeeds there only when it has what the tests need.
    probe: &'static [&'static str],
}

const PYTHON_ENABLE: &str = "python3 -m venv tests/clients/.venv && \
    tests/clients/.venv/bin/pip install -r tests/clients/requirements.txt";

/// All of them. A place with a `/` is a path in the workspace, another is a name to look up in `PATH`.
pub(crate) const CLIENTS: [Client; 6] = [
    Client {
        name: "Python with boto3, opensearch-py, pytest, python-json-logger and python-snappy",
        variable: "EKK_PYTHON",
        proves: "Python's logging through boto3, and opensearch-py",
        enable: PYTHON_ENABLE,
        places: &["tests/clients/.venv/bin/python", "python3"],
        folder: "python",
        probe: &["-c", "import boto3, opensearchpy, pytest, pythonjsonlogger, snappy"],
    },
    Client {
        name: "the AWS CLI",
        variable: "EKK_AWS_CLI",
        proves: "the aws command against Firehose, S3 and STS",
        enable: PYTHON_ENABLE,
        places: &["tests/clients/.venv/bin/aws", "aws"],
        folder: "aws-cli",
        probe: &["--version"],
    },
    Client {
        name: "Node.js with @aws-sdk/client-firehose",
        variable: "EKK_NODE",
        proves: "the AWS SDK for JavaScript",
        enable: "npm ci --prefix tests/clients/node",
        places: &["node"],
        folder: "node",
        probe: &["-e", "require('@aws-sdk/client-firehose')"],
    },
    Client {
        name: "Go with the AWS SDK",
        variable: "EKK_GO",
        proves: "the AWS SDK for Go",
        enable: "(cd tests/clients/go && go mod download)",
        places: &["go", "/usr/local/go/bin/go"],
        folder: "go",
        probe: &["build", "-o", "/dev/null", "."],
    },
    Client {
        name: "Java with the AWS SDK",
        variable: "EKK_JAVA",
        proves: "the AWS SDK for Java",
        enable: "mvn --batch-mode -f tests/clients/java/pom.xml dependency:copy-dependencies",
        places: &["java"],
        folder: "java",
        probe: &["-cp", "target/lib/*", "CheckFirehose.java", "--probe"],
    },
    Client {
        name: "Chromium",
        variable: "EKK_CHROMIUM",
        proves: "Discover in a real browser",
        enable: "sudo apt-get install --yes chromium",
        places: &["chromium", "chromium-browser", "google-chrome"],
        folder: "browser",
        probe: &["--version"],
    },
];

/// A probe looks at what is here and downloads nothing, which Go would do unasked.
const OFFLINE: [(&str, &str); 2] = [("GOPROXY", "off"), ("GOFLAGS", "-mod=readonly")];

impl Client {
    /// The program's path, if it is here and has what the tests need.
    pub(crate) fn find(&self) -> Option<OsString> {
        self.candidates().into_iter().find(|path| self.answers(path))
    }

    fn candidates(&self) -> Vec<OsString> {
        match env::var_os(self.variable) {
            Some(path) => vec![path],
            None => self.places.iter().filter_map(|place| located(place)).collect(),
        }
    }

    fn answers(&self, path: &OsString) -> bool {
        let probe = Command::new(path)
            .args(self.probe)
            .current_dir(workspace::root().join("tests/clients").join(self.folder))
            .envs(OFFLINE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        probe.is_ok_and(|status| status.success())
    }
}

fn located(place: &str) -> Option<OsString> {
    if place.contains('/') {
        let path = workspace::root().join(place);
        return path.is_file().then(|| path.into_os_string());
    }
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(place))
        .find(|path| is_program(path))
        .map(PathBuf::into_os_string)
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_its_name_in_the_path() {
        assert!(located("cargo").is_some());
        assert_eq!(located("no-such-program-of-ours"), None);
        assert_eq!(located("xtask/no-such-file"), None);
    }

    #[test]
    fn a_program_that_lacks_what_the_tests_need_does_not_count() {
        let probe = &["no-such-subcommand-of-ours"];
        let client =
            Client { name: "", variable: "EKK_NOTHING", proves: "", enable: "", places: &["cargo"], folder: "", probe };
        assert_eq!(client.find(), None);
    }
}
