//! The endpoint by its real client: every scenario runs on the memory store and on the folder store.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by where it stops")]
#![expect(clippy::large_futures, reason = "the calls of the SDK are large, and a test makes few of them")]

mod buckets;
mod folder;
mod hostile_keys;
mod integrity;
mod listing;
mod model;
mod multipart;
mod objects;
mod served;
mod signatures;
mod wire;
