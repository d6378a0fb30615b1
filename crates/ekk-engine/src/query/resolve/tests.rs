//! Tests of what queries mean.
