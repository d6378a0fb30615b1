//! Runs other programs: shows what is run, and turns a failure into a sentence.
//!
//! Which programs, and in what order, is the tasks' own subject.

use std::{
    env,
    ffi::{OsStr, OsString},
    process::Command,
};

use crate::{Outcome, workspace};

/// The cargo that started this task, so that a chosen toolchain stays chosen; it runs in the workspace's root.
pub(crate) fn cargo<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace::root());
    command
}

/// Runs `command` to its end and shows its line first.
///
/// # Errors
/// The program is missing or cannot start, or it ended with anything but success.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command.status().map_err(|error| format!("cannot run `{line}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}

/// Becomes `command`, so that Ctrl-C and the exit code are the program's own; returns only when that failed.
#[cfg(unix)]
pub(crate) fn become_program(command: &mut Command) -> Outcome {
    use std::os::unix::process::CommandExt as _;
    let line = line(command);
    let error = command.exec();
    Err(format!("cannot run `{line}`: {error}"))
}

/// Runs `command` to its end: where a process cannot become another, this is the nearest thing.
#[cfg(not(unix))]
pub(crate) fn become_program(command: &mut Command) -> Outcome {
    run(command)
}

/// The command as a person would type it. Cargo's path is shortened to its name.
fn line(command: &Command) -> String {
    let program = match env::var_os("CARGO") {
        Some(cargo) if cargo == command.get_program() => OsString::from("cargo"),
        _ => command.get_program().to_owned(),
    };
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[test]
    fn a_program_that_is_missing_is_named() {
        let message = run(&mut Command::new("no-such-program-of-ours")).unwrap_err();
        assert!(message.starts_with("cannot run `no-such-program-of-ours`: "), "{message}");
    }

    #[test]
    fn a_program_that_fails_is_named_with_its_status() {
        let message = run(cargo(&["no-such-subcommand-of-ours"]).stderr(Stdio::null())).unwrap_err();
        assert!(message.starts_with("`cargo no-such-subcommand-of-ours` failed (exit status: "), "{message}");
    }
}
