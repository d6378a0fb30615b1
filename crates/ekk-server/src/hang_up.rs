//! An answer that is none: the connection ends before a byte of it is sent.

use std::io;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::stream;

/// A response that ends its connection, as a service does that dies or a network that loses it.
///
/// Its body fails before its head is written, and the HTTP server gives the connection up.
pub fn hang_up() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(io::Error::other("the connection is dropped on purpose")) });
    Response::new(Body::from_stream(broken))
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::listen;

    #[tokio::test]
    async fn the_connection_ends_without_a_byte() {
        let listener = listen::bind("AWS", ([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || hang_up()));
        #[expect(clippy::disallowed_methods, reason = "the test's runtime ends with the test, and this task with it")]
        tokio::spawn(listen::serve(listener, router, CancellationToken::new()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "{end:?}: {}", answer.escape_ascii());
    }
}
