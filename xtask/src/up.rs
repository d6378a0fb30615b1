//! `cargo xtask up`: builds the program for release and becomes it.
//!
//! Everything after the build (progress, addresses, readiness, draining on Ctrl-C) is the program's own work.

use std::{
    env,
    ffi::{OsStr, OsString},
    process::Command,
};

use crate::{Outcome, command};

pub(crate) const HELP: &str = "\
Usage: cargo xtask up [arguments of `ekk up`]

Builds the program in release mode and runs it in the foreground: Firehose and the AWS endpoint on 4566,
OpenSearch on 9200, S3 on 9000, Dashboards on 5601. Ctrl-C drains what was accepted, then stops.

  cargo xtask up                      everything in memory, gone when it stops
  cargo xtask up --data FOLDER        everything kept in FOLDER over a restart
  cargo xtask up --help               all options, from the program itself

Environment:
  EKK_BIN   the path of a program that was built before; it is run at once, nothing is built
";

/// Runs the stack with `arguments`.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    let mut program = match env::var_os("EKK_BIN") {
        Some(path) => prebuilt(&path)?,
        None => built_by_cargo(),
    };
    program.arg("up").args(arguments);
    command::become_program(&mut program)
}

fn prebuilt(path: &OsStr) -> Result<Command, String> {
    let path = std::path::absolute(path).map_err(|error| format!("EKK_BIN={}: {error}", path.display()))?;
    if !path.is_file() {
        return Err(format!("EKK_BIN names {}, and no file is there; unset it to build the program", path.display()));
    }
    Ok(Command::new(path))
}

fn built_by_cargo() -> Command {
    eprintln!("building ekk (the first time takes some minutes, 6 on two cores; then seconds) …");
    let mut cargo = command::cargo(&["run", "--release", "--package", "ekk", "--"]);
    if let Ok(here) = env::current_dir() {
        cargo.current_dir(here); // so that a folder given by a relative path is where the user stands
    }
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named_with_what_to_do() {
        let message = prebuilt(OsStr::new("/no/such/ekk")).unwrap_err();
        assert_eq!(message, "EKK_BIN names /no/such/ekk, and no file is there; unset it to build the program");
    }

    #[test]
    fn without_a_prebuilt_program_cargo_builds_it_for_release() {
        let command = built_by_cargo();
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(arguments, ["run", "--release", "--package", "ekk", "--"]);
    }
}
