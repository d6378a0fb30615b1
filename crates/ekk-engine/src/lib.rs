//! OpenSearch-compatible indices on tantivy: mappings, documents, queries and aggregations, all in process.
//!
//! An [`Engine`](engine::Engine) holds indices. An [`Index`](index::Index) is a buffer of documents not yet visible and
//! a list of immutable [`Segment`](segment::Segment)s; a refresh turns the buffer into a segment, and a search reads a
//! [`Snapshot`](index::Snapshot) of them. The crate is synchronous, takes the time as an argument, and knows nothing of
//! HTTP or of OpenSearch's envelopes; those are the REST edge's.

pub mod analysis;
mod document;
pub mod engine;
pub mod error;
pub mod index;
mod json;
pub mod limits;
pub mod mapping;
pub mod segment;
pub mod settings;
mod store;
mod translog;

pub mod aggregation;
pub mod query;
pub mod search;
