//! The REST API as clients see it, over a real socket.

mod client;
mod node;
mod recorded;
