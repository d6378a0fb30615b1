//! The search half of the engine.
