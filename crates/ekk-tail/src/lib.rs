//! Lines of files and pipes as log records.
//!
//! [`Tail`] finds files by names and patterns, reads them, follows them over rotations by renaming, by truncation and by
//! compression, and knows up to where each was delivered, which [`StateFile`] keeps for the next start. [`Piped`] does the
//! rest of it for a pipe. [`Joining`] says which lines are one record, and [`Wrapping`] makes JSON of text.
//!
//! What is done with the records is left to others, and so is the time: each call is given the time since some moment.
//! Nothing here waits, and there are no threads.
//!
//! A record is handed on before it is known to be delivered. Whoever does that counts records: [`Tail::note`] says how many
//! there were when a place in a file was reached, and [`Tail::settle`] how many have been delivered, all of the first so
//! many. A process that is killed hands on again, at its next start, what was not settled when the state was last saved.

mod events;
mod find;
mod join;
mod known;
mod ledger;
pub mod limits;
mod opened;
mod piped;
mod record;
mod state;
mod tail;

pub use crate::{
    events::{Event, Joining},
    find::{Patterns, PatternsError},
    join::Multiline,
    piped::Piped,
    record::{Format, Names, Wrapping},
    state::{Saved, StateError, StateFile},
    tail::{From, Options, Read, Sink, Tail, Trouble},
};
