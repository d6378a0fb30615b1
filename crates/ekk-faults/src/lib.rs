//! Rules of what fails, when and how often, so that a test sees what a program does about it.
//!
//! A [`Rule`] says where it acts, what happens there and for how long it holds; [`Faults`] keeps the rules and is asked by
//! whoever may fail: the Firehose API before and after each call and for the records of a put, the delivery before each
//! request to a destination. Nothing is carried out here: the answer is a value ([`CallFault`], [`RequestFault`]), and who
//! asked acts on it. Chance comes from a seed, a stream of its own for each rule, so a run can be repeated.

mod asked;
mod effect;
mod error;
mod faults;
mod random;
mod rule;

pub use asked::{CallEnd, CallFault, RequestEnd, RequestFault};
pub use effect::{Answer, Effect, ErrorCode, FailItems, FailRecords, Moment, Share};
pub use error::RuleError;
pub use faults::{Armed, Faults, State};
pub use rule::{Destination, Operation, Rule};
