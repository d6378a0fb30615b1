//! ekk.
