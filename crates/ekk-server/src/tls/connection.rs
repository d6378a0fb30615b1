//! A connection that finds out by its first byte whether it is TLS, in the task that serves it.
//!
//! Accepting goes on meanwhile: a client that never sends a byte, or takes its time with the handshake, holds up nobody.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::Tls;
use crate::limits::HANDSHAKE_PATIENCE;

/// The first byte of every TLS connection: a handshake record.
const HANDSHAKE: u8 = 0x16;

/// A socket that is served by http and by https.
pub(crate) struct TlsListener {
    socket: TcpListener,
    tls: Tls,
}

/// A connection on it.
pub(crate) enum Connection {
    /// It is not known yet what it is.
    New(Pin<Box<dyn Future<Output = io::Result<Greeted>> + Send>>),
    /// It is known.
    Greeted(Greeted),
}

pub(crate) enum Greeted {
    Http(TcpStream),
    Https(Box<TlsStream<TcpStream>>),
}

impl TlsListener {
    pub(crate) fn new(socket: TcpListener, tls: Tls) -> Self {
        Self { socket, tls }
    }
}

impl Listener for TlsListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.socket).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn off Nagle's algorithm");
        }
        let greeting = greet(stream, self.tls.acceptor.clone(), self.tls.handshakes.clone());
        (Connection::New(Box::pin(greeting)), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

async fn greet(stream: TcpStream, acceptor: TlsAcceptor, handshakes: Arc<Semaphore>) -> io::Result<Greeted> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 || first != [HANDSHAKE] {
        return Ok(Greeted::Http(stream));
    }
    let handshake = async {
        let _turn = handshakes.acquire().await.map_err(io::Error::other)?;
        acceptor.accept(stream).await
    };
    match time::timeout(HANDSHAKE_PATIENCE, handshake).await {
        Ok(Ok(stream)) => Ok(Greeted::Https(Box::new(stream))),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            Err(error)
        }
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

impl Connection {
    fn poll_greeted(&mut self, context: &mut Context<'_>) -> Poll<io::Result<&mut Greeted>> {
        if let Self::New(greeting) = self {
            let greeted = ready!(greeting.as_mut().poll(context));
            // A greeting that ended is not asked again: what failed once ends the connection.
            *self = match greeted {
                Ok(greeted) => Self::Greeted(greeted),
                Err(error) => {
                    let kind = error.kind();
                    *self = Self::New(Box::pin(async move { Err(kind.into()) }));
                    return Poll::Ready(Err(error));
                }
            };
        }
        match self {
            Self::Greeted(greeted) => Poll::Ready(Ok(greeted)),
            Self::New(_) => Poll::Pending,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match ready!(self.poll_greeted(context))? {
            Greeted::Http(stream) => Pin::new(stream).poll_read(context, buffer),
            Greeted::Https(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match ready!(self.poll_greeted(context))? {
            Greeted::Http(stream) => Pin::new(stream).poll_write(context, bytes),
            Greeted::Https(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::New(_) => Poll::Ready(Ok(())),
            Self::Greeted(Greeted::Http(stream)) => Pin::new(stream).poll_flush(context),
            Self::Greeted(Greeted::Https(stream)) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::New(_) => Poll::Ready(Ok(())),
            Self::Greeted(Greeted::Http(stream)) => Pin::new(stream).poll_shutdown(context),
            Self::Greeted(Greeted::Https(stream)) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
