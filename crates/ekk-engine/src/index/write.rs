//! The way of a write: parsed, numbered, logged, buffered.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Index, Operation, Outcome, Segments, Update, VersionCheck, Written,
    buffer::{Current, Tombstone, Writing},
    update::{self, Updated},
};
use crate::{
    document::{self, Parsed, Reading},
    error::{Exception, WriteError},
    mapping::Mapping,
    segment::builder::Ready,
    translog::{Entry, Translog},
};

/// How often a document may bring new fields before it is refused; each time it is read anew.
const MAX_READINGS: usize = 8;

/// A write whose document is parsed.
enum Prepared {
    Index { id: Arc<str>, is_new: bool, source: Arc<str>, parsed: Parsed, create: bool, check: VersionCheck },
    Delete { id: String, check: VersionCheck },
    Update(Box<Update>),
}

impl Index {
    /// Carries out a batch of writes in order, each on its own: one that fails does not stop the others.
    ///
    /// A write is durable when this returns, if the index has a folder; a search sees it after the next refresh.
    /// The answers are in the order of the operations.
    pub fn apply(&self, operations: Vec<Operation>, now: Timestamp) -> Vec<Result<Written, WriteError>> {
        if let Some(refusal) = self.refusal() {
            let allow_deletes = matches!(&refusal, WriteError::Blocked(block) if block.id == 12);
            let only_deletes = operations.iter().all(|operation| matches!(operation, Operation::Delete { .. }));
            if !(allow_deletes && only_deletes) {
                return operations.iter().map(|_| Err(refusal.clone())).collect();
            }
        }
        let mut mapping = self.mapping();
        let prepared: Vec<_> =
            operations.into_iter().map(|operation| self.prepare(&mut mapping, operation, now)).collect();
        let mut results = Vec::with_capacity(prepared.len());
        let (synced, is_full) = {
            let mut writing = self.writing();
            let visible = self.visible();
            for write in prepared {
                results.push(write.and_then(|write| self.carry_out(&mut writing, &visible, write, now)));
            }
            let synced = writing.translog.as_mut().map(Translog::written);
            (synced, writing.buffer.is_full())
        };
        if let Some(written) = synced
            && let Err(error) =
                written.and_then(|file| if self.settings().syncs_each_request() { file.sync() } else { Ok(()) })
        {
            let failure = WriteError::Storage(error.to_string());
            return results.into_iter().map(|result| result.and(Err(failure.clone()))).collect();
        }
        if is_full {
            self.relieve_buffer();
        }
        results
    }

    fn refusal(&self) -> Option<WriteError> {
        if !self.is_open() {
            return Some(WriteError::Closed);
        }
        self.write_block().map(WriteError::Blocked)
    }

    fn prepare(
        &self,
        mapping: &mut Arc<Mapping>,
        operation: Operation,
        now: Timestamp,
    ) -> Result<Prepared, WriteError> {
        match operation {
            Operation::Index { id, source, create, check } => {
                let is_new = id.is_none();
                let id: Arc<str> = id.unwrap_or_else(|| self.ids.next(now)).into();
                let parsed = self.read(mapping, &id, &source)?;
                Ok(Prepared::Index { id, is_new, source, parsed, create, check })
            }
            Operation::Delete { id, check } => Ok(Prepared::Delete { id, check }),
            Operation::Update(update) => Ok(Prepared::Update(update)),
        }
    }

    /// Reads a document, and lets the mapping grow by the fields that it brings.
    pub(super) fn read(&self, mapping: &mut Arc<Mapping>, id: &str, source: &str) -> Result<Parsed, Exception> {
        for _ in 0..MAX_READINGS {
            match document::read(mapping, id, source)? {
                Reading::Complete(parsed) => return Ok(parsed),
                Reading::NeedsFields(update) => *mapping = self.grow(*update)?,
            }
        }
        Err(Exception::mapper_parsing(format!("document [{id}] brings new fields each time it is read")))
    }

    fn carry_out(
        &self,
        writing: &mut Writing,
        visible: &Segments,
        write: Prepared,
        now: Timestamp,
    ) -> Result<Written, WriteError> {
        match write {
            Prepared::Index { id, is_new, source, parsed, create, check } => {
                let current = if is_new { Current::Missing } else { current(writing, &id, visible)? };
                if create && let Current::Alive { version, .. } = current {
                    let detail = format!("document already exists (current version [{version}])");
                    return Err(WriteError::VersionConflict { id: id.to_string(), detail });
                }
                let version = next_version(&id, &current, check)?;
                Ok(put(writing, &current, Document { id, source, parsed, version }))
            }
            Prepared::Delete { id, check } => {
                let current = current(writing, &id, visible)?;
                let version = next_version(&id, &current, check)?;
                Ok(delete(writing, &current, id, version, now))
            }
            Prepared::Update(update) => self.update(writing, visible, &update),
        }
    }

    fn update(&self, writing: &mut Writing, visible: &Segments, update: &Update) -> Result<Written, WriteError> {
        let current = current(writing, &update.id, visible)?;
        if let (Some(condition), Current::Alive { .. }) = (update.condition, &current) {
            next_version(&update.id, &current, VersionCheck::Condition(condition))?;
        }
        let source = match &current {
            Current::Alive { location, version, seq_no } => {
                let source = location.source().map_err(|error| WriteError::Storage(error.to_string()))?;
                match update::updated(update, &source)? {
                    Updated::Changed(source) => source,
                    Updated::Same => {
                        return Ok(Written {
                            id: update.id.clone(),
                            version: *version,
                            seq_no: *seq_no,
                            outcome: Outcome::Noop,
                            source: Some(source),
                        });
                    }
                }
            }
            Current::Deleted(_) | Current::Missing => match update::upserted(update) {
                Some(source) => source,
                None => return Err(WriteError::DocumentMissing { id: update.id.clone() }),
            },
        };
        let mut mapping = self.mapping();
        let parsed = self.read(&mut mapping, &update.id, &source)?;
        let version = next_version(&update.id, &current, VersionCheck::None)?;
        let id: Arc<str> = update.id.as_str().into();
        let mut written = put(writing, &current, Document { id, source: Arc::clone(&source), parsed, version });
        written.source = Some(source);
        Ok(written)
    }

    /// Carries out what the translog says was done after the last flush.
    pub(crate) fn replay(&self, entry: Entry, now: Timestamp) -> Result<(), WriteError> {
        match entry {
            Entry::Index { id, source, seq_no, version } => {
                let mut mapping = self.mapping();
                let parsed = self.read(&mut mapping, &id, &source)?;
                let mut writing = self.writing();
                let visible = self.visible();
                let current = current(&writing, &id, &visible)?;
                writing.next_seq_no = seq_no;
                put(&mut writing, &current, Document { id: id.into(), source: source.into(), parsed, version });
            }
            Entry::Delete { id, seq_no, version } => {
                let mut writing = self.writing();
                let visible = self.visible();
                let current = current(&writing, &id, &visible)?;
                writing.next_seq_no = seq_no;
                delete(&mut writing, &current, id, version, now);
            }
        }
        if self.writing().buffer.is_full() {
            self.relieve_buffer();
        }
        Ok(())
    }
}

/// A document that is about to be numbered.
struct Document {
    id: Arc<str>,
    source: Arc<str>,
    parsed: Parsed,
    version: u64,
}

fn current(writing: &Writing, id: &str, visible: &Segments) -> Result<Current, WriteError> {
    writing.current(id, visible).map_err(|error| WriteError::Storage(error.to_string()))
}

/// Buffers a document in the place of the one that is there.
fn put(writing: &mut Writing, current: &Current, document: Document) -> Written {
    let Document { id, source, parsed, version } = document;
    let seq_no = writing.next_seq_no;
    writing.next_seq_no += 1;
    let outcome = match current {
        Current::Alive { location, .. } => {
            writing.kill(location);
            Outcome::Updated
        }
        Current::Deleted(_) => {
            // Forgotten only now that the buffer has a newer state of the document.
            writing.deleted.remove(id.as_ref());
            Outcome::Created
        }
        Current::Missing => Outcome::Created,
    };
    if let Some(translog) = &mut writing.translog {
        translog.index(&id, &source, seq_no, version);
    }
    let written = Written { id: id.to_string(), version, seq_no, outcome, source: None };
    writing.buffer.push(Ready { id, source, parsed, seq_no, version });
    written
}

fn delete(writing: &mut Writing, current: &Current, id: String, version: u64, now: Timestamp) -> Written {
    let seq_no = writing.next_seq_no;
    writing.next_seq_no += 1;
    let outcome = match current {
        Current::Alive { location, .. } => {
            writing.kill(location);
            Outcome::Deleted
        }
        Current::Deleted(_) | Current::Missing => Outcome::NotFound,
    };
    if let Some(translog) = &mut writing.translog {
        translog.delete(&id, seq_no, version);
    }
    writing.deleted.insert(id.as_str().into(), Tombstone { version, seq_no, at: now });
    Written { id, version, seq_no, outcome, source: None }
}

/// The version that a write gives the document, if its check holds.
fn next_version(id: &str, current: &Current, check: VersionCheck) -> Result<u64, WriteError> {
    let conflict = |detail: String| Err(WriteError::VersionConflict { id: id.to_owned(), detail });
    let version = match current {
        Current::Alive { version, .. } => *version,
        Current::Deleted(tombstone) => tombstone.version,
        Current::Missing => 0,
    };
    match check {
        VersionCheck::None => Ok(version + 1),
        VersionCheck::Condition(condition) => {
            let required = format!("required seqNo [{}], primary term [{}].", condition.seq_no, condition.primary_term);
            match current {
                Current::Alive { seq_no, .. } if *seq_no == condition.seq_no && condition.primary_term == 1 => {
                    Ok(version + 1)
                }
                Current::Alive { seq_no, .. } => {
                    conflict(format!("{required} current document has seqNo [{seq_no}] and primary term [1]"))
                }
                Current::Deleted(_) | Current::Missing => conflict(format!("{required} but no document was found")),
            }
        }
        VersionCheck::External(_) | VersionCheck::ExternalGte(_) if matches!(current, Current::Missing) => {
            match check {
                VersionCheck::External(given) | VersionCheck::ExternalGte(given) => Ok(given),
                _ => Ok(1),
            }
        }
        VersionCheck::External(given) if given > version => Ok(given),
        VersionCheck::ExternalGte(given) if given >= version => Ok(given),
        VersionCheck::External(given) => {
            conflict(format!("current version [{version}] is higher or equal to the one provided [{given}]"))
        }
        VersionCheck::ExternalGte(given) => {
            conflict(format!("current version [{version}] is higher than the one provided [{given}]"))
        }
    }
}
