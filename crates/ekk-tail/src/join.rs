//! Which lines belong together to one record. Pure; how long a record may wait for more lines is said by whoever reads.

use regex::bytes::Regex;

mod tracebacks;

use tracebacks::Tracebacks;

/// What makes several lines one record.
#[derive(Clone, Debug, Default)]
pub enum Multiline {
    /// Nothing: each line is a record.
    Off,
    /// Tracebacks of Python, Java, Go, Rust, and of whatever else writes them indented, are joined with the line before
    /// them. A line that begins with `{` is JSON, and always a record by itself.
    #[default]
    Tracebacks,
    /// A line in which this is found begins a record, and all others belong to the one before.
    Begins(Regex),
    /// A line in which this is found belongs to the record before.
    Continues(Regex),
}

/// The rule, and where in a record the lines have come to.
#[derive(Debug)]
pub(crate) struct Joiner {
    rule: Multiline,
    tracebacks: Tracebacks,
}

impl Joiner {
    pub(crate) fn new(rule: Multiline) -> Self {
        Self { rule, tracebacks: Tracebacks::default() }
    }

    /// Whether a line, without its end, belongs to the record that is there.
    pub(crate) fn joins(&self, line: &[u8]) -> bool {
        match &self.rule {
            Multiline::Off => false,
            Multiline::Tracebacks => self.tracebacks.after(line).is_some(),
            Multiline::Begins(pattern) => !pattern.is_match(line),
            Multiline::Continues(pattern) => pattern.is_match(line),
        }
    }

    /// Notes the first line of a record. Answers whether it is all of it.
    pub(crate) fn begin(&mut self, line: &[u8]) -> bool {
        match self.rule {
            Multiline::Off => true,
            Multiline::Tracebacks => {
                self.tracebacks = Tracebacks::first(line);
                self.tracebacks.is_closed()
            }
            Multiline::Begins(_) | Multiline::Continues(_) => false,
        }
    }

    /// Notes another line of the record, one that [`Joiner::joins`] it.
    pub(crate) fn join(&mut self, line: &[u8]) {
        if let Some(next) = self.tracebacks.after(line) {
            self.tracebacks = next;
        }
    }
}
