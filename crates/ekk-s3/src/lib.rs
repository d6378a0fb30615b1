//! ekk-s3.
