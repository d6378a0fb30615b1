//! ekk-delivery.
