//! The REST API as clients see it, over a real socket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod answers;
mod client;
mod node;
mod recorded;
