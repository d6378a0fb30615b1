//! Scenarios by real clients.
