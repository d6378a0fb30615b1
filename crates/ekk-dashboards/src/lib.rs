//! ekk-dashboards.
