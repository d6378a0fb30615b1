//! The shipper as a program has it: by its public interface, and mostly by the real SDK over real sockets.

#![expect(clippy::unwrap_used, reason = "a scenario ends where a step fails")]

mod arrival;
mod ending;
mod exits;
mod fake_firehose;
mod falling_back;
mod full_queue;
mod lines;
