//! What the scenarios share: real clients pointed at a stack, and programs of other languages run against it.

pub mod clients;
pub mod programs;
