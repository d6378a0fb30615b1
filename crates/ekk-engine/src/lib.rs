//! ekk-engine.
