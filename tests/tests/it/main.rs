//! Scenarios of the pipeline, by real clients over real sockets.

mod account;
mod aws_sdk;
mod bad_input;
mod delivery;
mod discover;
mod isolation;
mod languages;
mod restart;
mod rotation;
