//! Date math.
