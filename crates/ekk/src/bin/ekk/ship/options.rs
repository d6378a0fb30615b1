//! The command line of `ekk ship`, and what it means for the reading and the sending.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use ekk_tail::{Format, From, Joining, Multiline, Names, Options, Patterns, StateFile, Wrapping};
use firehose_shipper::{Batch, Fallback, Queue, Retry, Shape, WhenFull, WhenTooLarge, WhenUnusable};
use jiff::SignedDuration;
use regex::bytes::Regex;

use crate::ship::{client::Destination, ending::EXIT_CODES};

const EXAMPLES: &str = r#"Examples:
  my-program 2>&1 | ekk ship --stream app-logs
  ekk ship --stream app-logs --endpoint-url http://127.0.0.1:4566 app.jsonl
  ekk ship --stream app-logs --follow --state /var/lib/ekk/app.json '/var/log/app/*.log'
  ekk ship --stream app-logs --begins '^\d{4}-\d\d-\d\d ' --field service=shop old.log.3.gz

A line that is a JSON object is sent as it is. Anything else is wrapped:
  {"asctime":"2026-11-23T18:28:31.788001+01:00","message":"…","file":"/var/log/app/a.log","host":"web-1","service":"shop"}

A followed file may be renamed, truncated or compressed by logrotate while it is read. With --state, the next run goes on
where records were delivered, also after a kill, which then sends again what was sent in about the last second.
"#;

/// Sends the lines of files or of standard input to a stream, in AWS or in a stack.
#[derive(Args, Debug)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Ship {
    /// Files, patterns such as '/var/log/app/*.log' (quoted, they may also match what comes later), or - for standard
    /// input, which is read when there are none. A name that ends with .gz may be compressed.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) destination: Destination,
    /// Goes on at the end of files with what is added, and with files that come.
    #[arg(short, long)]
    pub(super) follow: bool,
    /// Keeps in this file up to where files were delivered, and begins there.
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// How long it may take after SIGTERM, SIGINT or SIGHUP to send what is left.
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = duration)]
    pub(super) drain: Duration,
    /// How often a line says how it goes when standard error is no terminal.
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = duration)]
    pub(super) progress: Duration,
    /// Says nothing of how it goes, only what goes wrong and the sum at the end.
    #[arg(short, long)]
    pub(super) quiet: bool,
    #[command(flatten)]
    reading: ReadingOptions,
    #[command(flatten)]
    wrapping: WrappingOptions,
    #[command(flatten)]
    sending: SendingOptions,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Reading")]
struct ReadingOptions {
    /// Leaves out files that a pattern finds and this one matches, by path or name; may be given several times.
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Where followed files begin that are there at the start and are not in --state.
    #[arg(long, default_value = "beginning", requires = "follow", value_name = "WHERE")]
    from: Beginning,
    /// Which lines are one record: those of tracebacks of Python, Java, Go, Rust and all that indents, or each its own.
    #[arg(long, default_value = "tracebacks", value_name = "WHICH")]
    multiline: MultilineKind,
    /// A line in which this regular expression is found begins a record, and others belong to the one before.
    #[arg(long, value_name = "REGEX", conflicts_with_all = ["multiline", "continues"])]
    begins: Option<Regex>,
    /// A line in which this regular expression is found belongs to the record before.
    #[arg(long, value_name = "REGEX", conflicts_with = "multiline")]
    continues: Option<Regex>,
    /// How long a record waits for more of its lines.
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = duration)]
    multiline_wait: Duration,
    /// Lines of a record at most.
    #[arg(long, default_value_t = 1_000, value_name = "NUMBER")]
    multiline_lines: usize,
    /// Bytes at which a record takes no more lines.
    #[arg(long, default_value = "1MB", value_name = "BYTES", value_parser = bytes)]
    multiline_bytes: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Beginning {
    Beginning,
    End,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MultilineKind {
    Tracebacks,
    Off,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Records")]
struct WrappingOptions {
    /// What is made of lines.
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    format: FormatKind,
    /// Another name for a member of wrapped lines: time, message, host or file. Without a name it is left out.
    #[arg(long = "name", value_name = "MEMBER=NAME", value_parser = key_value)]
    names: Vec<(String, String)>,
    /// A member that is added to wrapped lines; may be given several times.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = key_value)]
    fields: Vec<(String, String)>,
    /// The host's name in wrapped lines; that of this machine when left out.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// What happens to a record over Firehose's 1,024,000 bytes.
    #[arg(long, default_value = "truncate", value_name = "WHAT")]
    when_too_large: TooLarge,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatKind {
    /// JSON objects as they are, and other lines wrapped.
    Auto,
    /// All lines wrapped.
    Text,
    /// All lines as they are.
    Raw,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TooLarge {
    Truncate,
    Refuse,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Sending")]
struct SendingOptions {
    /// Where records go that cannot reach Firehose: keep (they are held, and read again by the next run), stderr, none, or a
    /// file. Keep by default; stderr for standard input, which cannot be read again.
    #[arg(long, value_name = "WHERE")]
    fallback: Option<String>,
    /// What happens when the queue is full.
    #[arg(long, default_value = "wait", value_name = "WHAT")]
    when_full: Full,
    /// The folder for --when-full spill, of this run's own.
    #[arg(long, value_name = "DIR", required_if_eq("when_full", "spill"))]
    spill_folder: Option<PathBuf>,
    /// Bytes of that folder at most.
    #[arg(long, default_value = "1GiB", value_name = "BYTES", value_parser = bytes)]
    spill_bytes: u64,
    /// Records in the queue at most, those in flight included.
    #[arg(long, default_value_t = 100_000, value_name = "NUMBER")]
    queue_records: usize,
    /// Bytes in the queue at most.
    #[arg(long, default_value = "64MiB", value_name = "BYTES", value_parser = bytes)]
    queue_bytes: u64,
    /// Calls at one time. With 1, records stay in their order where nothing fails.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    in_flight: usize,
    /// How long a record waits for others to share its call.
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = duration)]
    linger: Duration,
    /// How long a record is tried after its first failure; for ever with --follow, and an hour without, when left out.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    give_up_after: Option<Duration>,
    /// How long a call may take.
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = duration)]
    call_timeout: Duration,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Full {
    /// Reading waits.
    Wait,
    /// The record that was read last is dropped and counted.
    DropNewest,
    /// The oldest records are dropped and counted.
    DropOldest,
    /// Records go to a folder, and are sent when there is room.
    Spill,
}

impl Ship {
    /// Whether standard input is read.
    pub(super) fn reads_pipe(&self) -> bool {
        self.files.is_empty() || self.files.iter().any(|file| file.as_os_str() == "-")
    }

    /// Which files are read, if any.
    pub(super) fn tail_options(&self) -> anyhow::Result<Option<Options>> {
        let files: Vec<PathBuf> = self.files.iter().filter(|file| file.as_os_str() != "-").cloned().collect();
        if files.is_empty() {
            anyhow::ensure!(self.state.is_none(), "--state is for files: standard input cannot be read again");
            return Ok(None);
        }
        let patterns = Patterns::new(&files, &self.reading.exclude)?.without(self.written());
        let from = match self.reading.from {
            Beginning::Beginning => From::Beginning,
            Beginning::End => From::End,
        };
        Ok(Some(Options { patterns, follow: self.follow, from, joining: self.joining()? }))
    }

    /// The files that this writes to.
    fn written(&self) -> Vec<PathBuf> {
        let state = self.state.iter().flat_map(|path| StateFile::files(path));
        let fallback = self.fallback().and_then(|fallback| match fallback {
            Fallback::File(path) => Some(path),
            _ => None,
        });
        state.chain(fallback).collect()
    }

    pub(super) fn joining(&self) -> anyhow::Result<Joining> {
        let reading = &self.reading;
        let multiline = match (&reading.begins, &reading.continues, reading.multiline) {
            (Some(pattern), _, _) => Multiline::Begins(pattern.clone()),
            (_, Some(pattern), _) => Multiline::Continues(pattern.clone()),
            (_, _, MultilineKind::Tracebacks) => Multiline::Tracebacks,
            (_, _, MultilineKind::Off) => Multiline::Off,
        };
        Ok(Joining {
            multiline,
            wait: reading.multiline_wait,
            max_lines: reading.multiline_lines,
            max_bytes: usize::try_from(reading.multiline_bytes).context("--multiline-bytes")?,
        })
    }

    pub(super) fn wrapping(&self) -> anyhow::Result<Wrapping> {
        let options = &self.wrapping;
        let format = match options.format {
            FormatKind::Auto => Format::Auto,
            FormatKind::Text => Format::Text,
            FormatKind::Raw => Format::Raw,
        };
        let mut names = Names::default();
        for (member, name) in &options.names {
            let slot = match member.as_str() {
                "time" => &mut names.time,
                "message" => &mut names.message,
                "host" => &mut names.host,
                "file" => &mut names.file,
                _ => anyhow::bail!("--name {member}={name}: there are time, message, host and file"),
            };
            slot.clone_from(name);
        }
        let host = options.host.clone().unwrap_or_else(host_name);
        Ok(Wrapping::new(format, names, &host, &options.fields))
    }

    /// Where records go that cannot reach Firehose; none is to keep them.
    pub(super) fn fallback(&self) -> Option<Fallback> {
        match self.sending.fallback.as_deref() {
            Some("keep") => None,
            Some("stderr") => Some(Fallback::Stderr),
            Some("none") => Some(Fallback::Nowhere),
            Some(file) => Some(Fallback::File(file.into())),
            None => self.reads_pipe().then_some(Fallback::Stderr),
        }
    }

    pub(super) fn batch(&self) -> Batch {
        Batch { linger: self.sending.linger, in_flight: self.sending.in_flight, ..Batch::default() }
    }

    pub(super) fn queue(&self) -> Queue {
        let sending = &self.sending;
        let when_full = match (sending.when_full, &sending.spill_folder) {
            (Full::DropNewest, _) => WhenFull::DropNewest,
            (Full::DropOldest, _) => WhenFull::DropOldest,
            (Full::Spill, Some(folder)) => WhenFull::Spill { folder: folder.clone(), max_bytes: sending.spill_bytes },
            _ => WhenFull::Block { patience: Duration::MAX },
        };
        let max_bytes = usize::try_from(sending.queue_bytes).unwrap_or(usize::MAX);
        Queue { max_records: sending.queue_records, max_bytes, when_full }
    }

    pub(super) fn retry(&self) -> Retry {
        let keeps = self.fallback().is_none();
        let default = Retry::default();
        let patience = if keeps && self.follow { Duration::MAX } else { default.give_up_after };
        Retry {
            give_up_after: self.sending.give_up_after.unwrap_or(patience),
            call_timeout: self.sending.call_timeout,
            when_unusable: if keeps { WhenUnusable::Hold } else { WhenUnusable::FallBack },
            ..default
        }
    }

    pub(super) fn shape(&self) -> Shape {
        let when_too_large = match self.wrapping.when_too_large {
            TooLarge::Truncate => WhenTooLarge::Truncate,
            TooLarge::Refuse => WhenTooLarge::Refuse,
        };
        Shape { when_too_large, ..Shape::default() }
    }
}

/// The name of this machine.
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it is written as NAME=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn duration(text: &str) -> Result<Duration, String> {
    let time: SignedDuration = text.parse().map_err(|_| "a time is written as 500ms, 10s or 1h30m".to_owned())?;
    Duration::try_from(time).map_err(|_| "a time must not be negative".to_owned())
}

fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" | "K" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        _ => return Err("bytes are written as 1000000, 64MiB or 1GB".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "bytes are written as 1000000, 64MiB or 1GB".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "so many bytes there are not".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_times_are_read_with_their_units() {
        for (text, expected) in
            [("0", Some(0)), ("17", Some(17)), ("64MiB", Some(64 << 20)), ("1 GB", Some(1_000_000_000))]
        {
            assert_eq!(bytes(text).ok(), expected, "{text}");
        }
        for text in ["", "MiB", "-1", "1TB", "99999999999999999999", "99999999999GiB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for text in ["", "10", "-1s", "soon"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
