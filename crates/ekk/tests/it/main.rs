//! The command `ekk`, as a user runs it.
#![expect(clippy::unwrap_used, reason = "a scenario ends where a step fails")]

mod access;
mod apply;
mod command;
mod killed;
mod languages;
mod outside;
#[cfg(feature = "ship")]
mod ship;
mod up;
