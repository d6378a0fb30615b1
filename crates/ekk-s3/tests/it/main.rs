//! The endpoint by its real client: every scenario runs on the memory store and on the folder store.

mod buckets;
mod folder;
mod hostile_keys;
mod integrity;
mod listing;
mod model;
mod multipart;
mod objects;
mod served;
mod wire;
