//! The words of the command line.

use anyhow::{Result, bail};

pub(crate) const HELP: &str = "\
Usage: ekk-conformance [--check] [--opensearch URL] [--s3 URL] [--only WORD]...
       ekk-conformance run COMMAND [ARGUMENT]...

Sends the requests of tests/conformance to the embedded OpenSearch and S3 and to the real ones, and writes how the
answers compare into FIDELITY.md. Fails on a difference that no file names, and on a named one that is gone.

  --check            does not write, and fails when the table of FIDELITY.md is not what was found
  --opensearch URL   an OpenSearch that runs; without it one is made from Maven Central and started.
                     Everything in it is deleted!
  --s3 URL           a MinIO that runs, its keys in the URL (http://KEY:SECRET@HOST:PORT); without it one is built
                     from the Go module proxy and started
  --only WORD        only files whose path holds the word; nothing is written then

  run                starts both real ones, runs the command with their addresses in EKK_TEST_OPENSEARCH and
                     EKK_TEST_S3, and stops them
";

/// What the program is to do.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) action: Action,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    Help,
    Compare(Compare),
    Run(Vec<String>),
}

/// How to compare.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Compare {
    /// Leave FIDELITY.md alone, and fail when it would change.
    pub(crate) check: bool,
    pub(crate) opensearch: Option<String>,
    pub(crate) s3: Option<String>,
    /// Words one of which a file's path holds; empty for all files.
    pub(crate) only: Vec<String>,
}

impl Options {
    /// Reads the words after the program's name.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut compare = Compare::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| anyhow::anyhow!("{word} needs a value"));
            match word.as_str() {
                "--help" | "-h" | "help" => return Ok(Self { action: Action::Help }),
                "run" => return Ok(Self { action: Action::Run(command(words)?) }),
                "--check" => compare.check = true,
                "--opensearch" => compare.opensearch = Some(value()?.trim_end_matches('/').to_owned()),
                "--s3" => compare.s3 = Some(value()?.trim_end_matches('/').to_owned()),
                "--only" => compare.only.push(value()?),
                other => bail!("there is no option `{other}`; see --help"),
            }
        }
        Ok(Self { action: Action::Compare(compare) })
    }
}

fn command(words: impl Iterator<Item = String>) -> Result<Vec<String>> {
    let command: Vec<String> = words.collect();
    if command.is_empty() {
        bail!("run needs a command");
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Action> {
        Options::read(words.iter().map(ToString::to_string)).map(|options| options.action)
    }

    #[test]
    fn options_are_read_and_unknown_ones_named() {
        let compare = Compare {
            check: true,
            opensearch: Some("http://127.0.0.1:9200".into()),
            only: vec!["bulk".into()],
            ..Compare::default()
        };
        let words = ["--check", "--opensearch", "http://127.0.0.1:9200/", "--only", "bulk"];
        assert_eq!(read(&words).unwrap(), Action::Compare(compare));
        assert_eq!(read(&["run", "cargo", "test"]).unwrap(), Action::Run(vec!["cargo".into(), "test".into()]));
        assert_eq!(read(&["--fast"]).unwrap_err().to_string(), "there is no option `--fast`; see --help");
        assert_eq!(read(&["--s3"]).unwrap_err().to_string(), "--s3 needs a value");
        assert_eq!(read(&["run"]).unwrap_err().to_string(), "run needs a command");
    }
}
