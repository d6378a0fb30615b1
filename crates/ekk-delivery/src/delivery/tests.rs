//! Deliveries against small stand-ins.
