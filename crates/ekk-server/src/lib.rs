//! One way to serve HTTP, for every service of a stack, and the envelope that AWS services share.
//!
//! Binding and draining are in [`listen`], the cap on a request's body in [`body`], what web pages may do in [`browser`],
//! a dropped connection in [`hang_up`], AWS's request ids, JSON errors and signatures in [`aws`]. The feature `tls` adds
//! https. What is served is the caller's subject: this crate takes any [`axum::Router`].

pub mod aws;
pub mod body;
pub mod browser;
pub mod hang_up;
#[cfg(feature = "tls")]
mod limits;
pub mod listen;
#[cfg(feature = "tls")]
pub mod tls;
