//! ekk-opensearch.
