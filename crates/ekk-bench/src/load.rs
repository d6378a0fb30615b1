//! A load generator that costs little: prepared requests over keep-alive connections, one thread each.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use anyhow::{Context as _, ensure};

use crate::report::now;

/// A prepared HTTP/1.1 request.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    bytes: Vec<u8>,
}

impl Prepared {
    /// A `POST` to the Firehose API, with a signature that names the service.
    pub(crate) fn firehose(operation: &str, body: &str) -> Self {
        Self::new(
            &format!(
                "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.1\r\n\
             x-amz-target: Firehose_20150804.{operation}\r\nx-amz-date: 20260101T000000Z\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/firehose/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=0\r\n"
            ),
            body,
        )
    }

    /// A request with a JSON body.
    pub(crate) fn json(method: &str, path: &str, body: &str) -> Self {
        Self::new(&format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"), body)
    }

    fn new(head: &str, body: &str) -> Self {
        Self { bytes: format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes() }
    }
}

/// A keep-alive connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("nothing listens on {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(256 * 1024) })
    }

    /// Sends a request and reads its whole answer; any status but 2xx is an error.
    pub(crate) fn call(&mut self, request: &Prepared) -> anyhow::Result<&[u8]> {
        self.stream.write_all(&request.bytes)?;
        self.buffer.clear();
        let mut chunk = [0; 16 * 1024];
        loop {
            let count = self.stream.read(&mut chunk)?;
            ensure!(count > 0, "the server closed the connection");
            self.buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
            if let Some((body_start, length)) = answer_length(&self.buffer)
                && self.buffer.len() >= body_start + length
            {
                let text = String::from_utf8_lossy(self.buffer.get(..self.buffer.len().min(600)).unwrap_or_default());
                ensure!(self.buffer.starts_with(b"HTTP/1.1 2"), "refused: {text}");
                return Ok(self.buffer.get(body_start..).unwrap_or_default());
            }
        }
    }
}

/// Sends `request` `count` times over each of `connections` connections; answers requests per second.
pub(crate) fn rate(address: SocketAddr, request: &Prepared, connections: usize, count: usize) -> anyhow::Result<f64> {
    let started = now();
    let done: anyhow::Result<Vec<()>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(move || -> anyhow::Result<()> {
                    let mut connection = Connection::open(address)?;
                    for _ in 0..count {
                        connection.call(request)?;
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a load thread does not panic")).collect()
    });
    done?;
    Ok(requests(connections * count) / started.elapsed().as_secs_f64())
}

fn requests(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Where the body starts and how long it is, once the head is complete.
fn answer_length(buffer: &[u8]) -> Option<(usize, usize)> {
    let head_end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(buffer.get(..head_end)?).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    Some((head_end, length))
}
