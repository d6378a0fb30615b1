//! ekk-firehose.
