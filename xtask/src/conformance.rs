//! `cargo xtask conformance`: holds the embedded OpenSearch and S3 to the real ones.
//!
//! How, is the subject of the crate `ekk-conformance`; the requests are in `tests/conformance`, and how the real ones are
//! made, in `tests/images`.

use std::ffi::OsString;

use crate::{Outcome, command};

pub(crate) const HELP: &str = "\
Usage: cargo xtask conformance [--check] [--opensearch URL] [--s3 URL] [--only WORD]...
       cargo xtask conformance run COMMAND [ARGUMENT]...

Sends the requests of tests/conformance to the embedded parts and to a real OpenSearch and a real MinIO, compares the
answers, and writes the tables of FIDELITY.md. A difference that no file of requests names fails.

  --check            writes nothing, and fails when the tables would change
  --opensearch URL   an OpenSearch that runs. EVERYTHING IN IT IS DELETED
  --s3 URL           a MinIO that runs, as http://KEY:SECRET@HOST:PORT. EVERYTHING IN IT IS DELETED
  --only WORD        only files of requests whose path holds the word, such as `s3/` or `bulk`

  run                runs a command beside a real OpenSearch and a real MinIO, whose addresses are in its environment:
                     EKK_TEST_OPENSEARCH and EKK_TEST_S3

Without addresses the real ones are made from Maven Central and the Go module proxy, once a version, and started as plain
processes. That needs a JDK 21 or newer, Maven, unzip and Go 1.24 or newer, and some minutes the first time.

Environment:
  EKK_CACHE_DIR         where they are kept; ekk in XDG_CACHE_HOME or in ~/.cache by default
  OPENSEARCH_JAVA_HOME  the JDK to run OpenSearch with
  OPENSEARCH_HEAP       how much memory it takes, 512m by default
";

/// Compares with `arguments`.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    command::run(command::cargo(&["run", "--quiet", "--locked", "--package", "ekk-conformance", "--"]).args(arguments))
}
