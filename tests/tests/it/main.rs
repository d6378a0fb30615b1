//! Scenarios of the pipeline, by real clients over real sockets.

#![expect(clippy::unwrap_used, reason = "a scenario ends where a step fails")]

mod account;
mod aws_sdk;
mod bad_input;
mod cloudformation;
mod containers;
mod delivery;
mod discover;
mod dql;
mod examples;
mod formats;
mod harness;
mod isolation;
mod languages;
mod model;
mod pace;
mod recorded;
mod restart;
mod rotation;
mod terraform;
