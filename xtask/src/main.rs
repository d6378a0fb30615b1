//! The tasks of this repository: `cargo xtask up`, `test`, `ci`, `tidy`, `codegen`, `conformance`, `images`, `bench`.
//!
//! It has no dependency and knows nothing of the product, so that a cold `cargo xtask` starts in about a second.
//! Whatever has weight (starting, readiness, seeding, measuring) is the work of the binaries that it runs.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its user")]

mod bench;
mod ci;
mod clients;
mod codegen;
mod command;
mod conformance;
mod images;
mod test;
mod tidy;
mod up;
mod workspace;

use std::{env, ffi::OsString, process::ExitCode};

/// What a task answers: nothing, or a sentence that says what went wrong and what to do.
type Outcome = Result<(), String>;

/// One word after `cargo xtask`.
struct Task {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(&[OsString]) -> Outcome,
}

/// All tasks, in the order in which a newcomer meets them.
const TASKS: [Task; 8] = [
    Task { name: "up", summary: "build and run the whole stack in the foreground", help: up::HELP, run: up::run },
    Task { name: "test", summary: "run every test that this machine can run", help: test::HELP, run: test::run },
    Task { name: "ci", summary: "everything that must hold before a change lands", help: ci::HELP, run: ci::run },
    Task { name: "tidy", summary: "hold the house rules that no compiler knows", help: tidy::HELP, run: tidy::run },
    Task {
        name: "codegen",
        summary: "make the Firehose types from AWS's model",
        help: codegen::HELP,
        run: codegen::run,
    },
    Task {
        name: "conformance",
        summary: "hold OpenSearch and S3 to the real ones",
        help: conformance::HELP,
        run: conformance::run,
    },
    Task {
        name: "images",
        summary: "pack ekk into an image, save and load all images",
        help: images::HELP,
        run: images::run,
    },
    Task { name: "bench", summary: "measure the stack beside bare baselines", help: bench::HELP, run: bench::run },
];

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[OsString]) -> Outcome {
    let Some((word, rest)) = arguments.split_first() else {
        print!("{}", overview());
        return Ok(());
    };
    match word.to_string_lossy().as_ref() {
        "help" | "--help" | "-h" => help(rest.first()),
        word => {
            let task = find(word)?;
            if asks_for_help(task, rest) {
                print!("{}", task.help);
                return Ok(());
            }
            (task.run)(rest)
        }
    }
}

fn help(topic: Option<&OsString>) -> Outcome {
    match topic {
        None => print!("{}", overview()),
        Some(topic) => print!("{}", find(&topic.to_string_lossy())?.help),
    }
    Ok(())
}

/// `up --help` is answered by the program itself, which knows its own options.
fn asks_for_help(task: &Task, arguments: &[OsString]) -> bool {
    let asked = arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == "--help" || argument == "-h");
    asked && task.name != "up"
}

fn find(word: &str) -> Result<&'static Task, String> {
    TASKS.iter().find(|task| task.name == word).ok_or_else(|| {
        let names: Vec<_> = TASKS.iter().map(|task| task.name).collect();
        format!("there is no task `{word}`; the tasks are {} and help", names.join(", "))
    })
}

fn overview() -> String {
    let tasks: Vec<_> = TASKS.iter().map(|task| format!("  {:<12}{}\n", task.name, task.summary)).collect();
    format!(
        "The tasks of this repository. Usage: cargo xtask <task> [arguments]\n\n{}\n\
         `cargo xtask help <task>` says more about one of them.\n",
        tasks.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_task_is_named_beside_those_there_are() {
        assert_eq!(
            dispatch(&["serve".into()]).unwrap_err(),
            "there is no task `serve`; the tasks are up, test, ci, tidy, codegen, conformance, images, bench and help"
        );
    }

    #[test]
    fn the_overview_names_every_task() {
        let text = overview();
        for task in &TASKS {
            assert!(text.contains(task.name), "{} is missing from:\n{text}", task.name);
            assert!(task.help.starts_with("Usage: cargo xtask "), "{} has no usage line", task.name);
        }
    }

    #[test]
    fn help_after_two_dashes_belongs_to_the_program_that_is_run() {
        let task = find("test").unwrap();
        assert!(asks_for_help(task, &["--help".into()]));
        assert!(!asks_for_help(task, &["--".into(), "--help".into()]));
        assert!(!asks_for_help(find("up").unwrap(), &["--help".into()]));
    }
}
