//! One way to serve HTTP, for every service of a stack, and the envelope that AWS services share.
//!
//! Binding and draining are in [`listen`], the cap on a request's body in [`body`], AWS's request ids, JSON errors and
//! credential scopes in [`aws`]. What is served is the caller's subject: this crate takes any [`axum::Router`].

pub mod aws;
pub mod body;
pub mod listen;
