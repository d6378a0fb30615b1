//! Where records and messages go that are not for Firehose: standard error, or a file, or the program.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{hooks::Hooks, settings::Fallback};

/// The fallback, and the place for messages to a person.
#[derive(Debug)]
pub(crate) struct Outlet {
    fallback: Fallback,
    /// Once it was needed.
    file: Mutex<Option<File>>,
    hooks: Arc<Hooks>,
}

impl Outlet {
    pub(crate) fn new(fallback: Fallback, hooks: Arc<Hooks>) -> Self {
        Self { fallback, file: Mutex::new(None), hooks }
    }

    /// Writes records to the fallback, each with a newline at its end. Answers how many are there now.
    pub(crate) fn write<'a>(&self, records: impl Iterator<Item = &'a [u8]>) -> usize {
        let mut lines = Vec::new();
        let mut count = 0;
        for record in records {
            lines.extend_from_slice(record);
            if !record.ends_with(b"\n") {
                lines.push(b'\n');
            }
            count += 1;
        }
        let written = match &self.fallback {
            Fallback::Stderr => io::stderr().lock().write_all(&lines),
            Fallback::File(_) => self.write_file(&lines),
            Fallback::Nowhere => return 0,
        };
        match written {
            Ok(()) => count,
            Err(error) => {
                self.notice(&format!("{count} records cannot be written to the fallback: {error}"));
                0
            }
        }
    }

    fn write_file(&self, lines: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let (None, Fallback::File(path)) = (&*file, &self.fallback) {
            *file = Some(OpenOptions::new().create(true).append(true).open(path)?);
        }
        file.as_mut().map_or(Ok(()), |file| file.write_all(lines))
    }

    /// Tells a person, on standard error unless the program takes such messages itself.
    pub(crate) fn notice(&self, text: &str) {
        if !self.hooks.tell_notice(text) {
            // There is nobody else to be told that standard error is closed.
            writeln!(io::stderr().lock(), "firehose-shipper: {text}").ok();
        }
    }
}
