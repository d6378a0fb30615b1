//! A logger for the `log` crate: records, with their key-value pairs, become records.

use std::{cell::RefCell, fmt};

use log::{
    Log, Metadata, Record,
    kv::{Error as KvError, Key, Value, VisitSource, VisitValue},
};
use serde::Serialize;

use crate::{
    limits::LOGGER_FLUSH_DEADLINE,
    line::{Level, Line, LineStyle, Schema, json, members::Members, time::TimeFormat},
    quiet,
    sender::Sender,
};

thread_local! {
    /// Memory for one record and its line.
    static SCRATCH: RefCell<(Members, Vec<u8>)> = RefCell::default();
}

/// Ships the records of the `log` crate. Made by [`Shipper::logger`](crate::Shipper::logger).
///
/// A line has the time, the target, the level and the message, then fixed fields, then the record's key-value pairs. A
/// pair with the name of one of the line's own fields gets an underscore. An error that is captured as such
/// (`error:err = error`) is written with its causes to `exc_info`; so is a pair `backtrace` or `exc_info`.
///
/// How much is logged is the subject of `log::set_max_level`.
#[derive(Clone, Debug)]
pub struct FirehoseLogger {
    sender: Sender,
    style: LineStyle,
}

impl FirehoseLogger {
    pub(crate) fn new(sender: Sender) -> Self {
        Self { sender, style: LineStyle::default() }
    }

    /// The names of the line's own fields. Those of Python's json loggers by default.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.style.schema = schema;
        self
    }

    /// How the time is written. RFC 3339 in the system's time zone by default.
    #[must_use]
    pub fn time_format(mut self, format: TimeFormat) -> Self {
        self.style.time = format;
        self
    }

    /// Adds a field to every line, such as the name of the service, the host or the version.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        self.style.fixed.set_value(name, &value);
        self
    }

    fn write(&self, record: &Record<'_>, members: &mut Members, line: &mut Vec<u8>) {
        members.set_message(*record.args());
        // A source that fails has told of some pairs, and they are written.
        record.key_values().visit(&mut Pairs { members }).ok();
        let record = Line {
            time: self.sender.inner.clock.now(),
            name: record.target(),
            level: level(record.level()),
            span: None,
            event: members,
        };
        self.style.write(&record, &[], line);
    }
}

impl Log for FirehoseLogger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        !quiet::is_quiet()
    }

    fn log(&self, record: &Record<'_>) {
        if quiet::is_quiet() {
            return;
        }
        // It is taken, not borrowed: what is logged may itself log.
        let (mut members, mut line) = SCRATCH.try_with(RefCell::take).unwrap_or_default();
        self.write(record, &mut members, &mut line);
        self.sender.send_line(&line);
        members.clear();
        line.clear();
        // On a thread that is ending, there is no place to keep it.
        SCRATCH.try_with(|scratch| scratch.replace((members, line))).ok();
    }

    /// Waits up to 5 s for what was logged before.
    fn flush(&self) {
        self.sender.flush(LOGGER_FLUSH_DEADLINE);
    }
}

fn level(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::Error,
        log::Level::Warn => Level::Warn,
        log::Level::Info => Level::Info,
        log::Level::Debug => Level::Debug,
        log::Level::Trace => Level::Trace,
    }
}

/// Puts pairs where they belong.
struct Pairs<'a> {
    members: &'a mut Members,
}

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), KvError> {
        match value.to_borrowed_error() {
            Some(error) => {
                self.members.set_error(key.as_str(), error);
                Ok(())
            }
            None => value.visit(Pair { members: self.members, name: key.as_str() }),
        }
    }
}

struct Pair<'a> {
    members: &'a mut Members,
    name: &'a str,
}

impl Pair<'_> {
    fn set(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.members.set(self.name, write);
    }

    fn set_text(&mut self, text: fmt::Arguments<'_>) {
        match self.name {
            "exc_info" | "backtrace" => self.members.add_exc_info(&text.to_string()),
            _ => self.members.set(self.name, |out| json::write_display(out, text)),
        }
    }
}

impl VisitValue<'_> for Pair<'_> {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), KvError> {
        self.set_text(format_args!("{value}"));
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), KvError> {
        self.set(|out| out.extend_from_slice(b"null"));
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), KvError> {
        self.set(|out| json::write_integer(out, value));
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), KvError> {
        self.set(|out| json::write_integer(out, value));
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), KvError> {
        self.set(|out| json::write_float(out, value));
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), KvError> {
        self.set(|out| json::write_integer(out, value));
        Ok(())
    }

    fn visit_str(&mut self, value: &str) -> Result<(), KvError> {
        self.set_text(format_args!("{value}"));
        Ok(())
    }
}
