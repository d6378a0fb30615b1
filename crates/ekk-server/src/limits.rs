//! Every bound of serving, with its unit. All of them are ours.

use std::time::Duration;

/// How long a client may take for a TLS handshake once it has begun one.
pub(crate) const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// TLS handshakes that go on at one time, on all sockets together; others wait for their turn, within their patience.
pub(crate) const HANDSHAKES: usize = 256;
