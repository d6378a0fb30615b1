//! Takes the body out of `aws-chunked` framing, with the trailers that follow it.
//!
//! Signatures of chunks are read over: any credentials are accepted here, so there is no secret to check them with.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>.

use std::mem;

use bytes::{Buf as _, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::limits;

/// The framing is broken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChunkError {
    #[error("a chunk does not start with its size in hex")]
    Size,
    #[error("a chunk is longer than its size")]
    End,
    #[error("a line of the framing is over the {}-byte limit", limits::CHUNK_LINE_BYTES)]
    TooLong,
    #[error("a trailer is not a header")]
    Trailer,
    #[error("the body ends within a chunk")]
    Truncated,
}

/// Decodes a body piece by piece.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    state: State,
    line: Vec<u8>,
    trailer_bytes: usize,
    trailers: HeaderMap,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Data {
        left_bytes: u64,
    },
    End,
    Trailers,
    Done,
}

impl Decoder {
    /// Takes the next run of data out of `input`; `None` when it wants more input. Nothing is copied.
    pub(crate) fn decode(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, ChunkError> {
        while !input.is_empty() {
            match self.state {
                State::Data { left_bytes } => return Ok(Some(self.take_data(left_bytes, input))),
                State::Done => input.clear(),
                State::Size | State::End | State::Trailers => {
                    if let Some(line) = self.take_line(input)? {
                        self.state = self.next(&line)?;
                    }
                }
            }
        }
        Ok(None)
    }

    /// The trailers, once there is no more input.
    pub(crate) fn finish(&mut self) -> Result<HeaderMap, ChunkError> {
        if self.state == State::Trailers && !self.line.is_empty() {
            let line = mem::take(&mut self.line);
            self.state = self.next(&line)?;
        }
        match self.state {
            State::Trailers | State::Done => Ok(mem::take(&mut self.trailers)),
            State::Size | State::Data { .. } | State::End => Err(ChunkError::Truncated),
        }
    }

    fn take_data(&mut self, left_bytes: u64, input: &mut Bytes) -> Bytes {
        let taken = usize::try_from(left_bytes).unwrap_or(usize::MAX).min(input.len());
        let left_bytes = left_bytes - taken as u64;
        self.state = if left_bytes == 0 { State::End } else { State::Data { left_bytes } };
        input.split_to(taken)
    }

    /// A line without its end, once it is whole.
    fn take_line(&mut self, input: &mut Bytes) -> Result<Option<Vec<u8>>, ChunkError> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(input.len(), |end| end + 1);
        if self.line.len() + taken > limits::CHUNK_LINE_BYTES {
            return Err(ChunkError::TooLong);
        }
        self.line.extend_from_slice(input.get(..taken).unwrap_or_default());
        input.advance(taken);
        if end.is_none() {
            return Ok(None);
        }
        let mut line = mem::take(&mut self.line);
        line.truncate(line.trim_ascii_end().len());
        Ok(Some(line))
    }

    fn next(&mut self, line: &[u8]) -> Result<State, ChunkError> {
        match self.state {
            State::Size => match chunk_size(line).ok_or(ChunkError::Size)? {
                0 => Ok(State::Trailers),
                left_bytes => Ok(State::Data { left_bytes }),
            },
            State::End if line.is_empty() => Ok(State::Size),
            State::End => Err(ChunkError::End),
            State::Trailers if line.is_empty() => Ok(State::Done),
            State::Trailers => {
                self.trailer_bytes += line.len();
                if self.trailer_bytes > limits::CHUNK_LINE_BYTES {
                    return Err(ChunkError::TooLong);
                }
                let (name, value) = trailer(line).ok_or(ChunkError::Trailer)?;
                self.trailers.insert(name, value);
                Ok(State::Trailers)
            }
            State::Data { .. } | State::Done => Ok(self.state),
        }
    }
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let size = line.split(|byte| *byte == b';').next()?;
    let digits = !size.is_empty() && size.iter().all(u8::is_ascii_hexdigit);
    digits.then(|| u64::from_str_radix(str::from_utf8(size).ok()?, 16).ok())?
}

fn trailer(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value.get(1..)?.trim_ascii()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body, and the trailers as `name=value,`.
    type Decoded<'a> = Result<(&'a str, &'a str), &'a ChunkError>;

    /// Decodes `framed` in pieces of every size and expects the same each time.
    #[track_caller]
    fn check(framed: &str, expected: Decoded<'_>) {
        for piece in 1..=framed.len() {
            let mut decoder = Decoder::default();
            let mut data = Vec::new();
            let outcome = framed.as_bytes().chunks(piece).try_for_each(|piece| {
                let mut input = Bytes::copy_from_slice(piece);
                while let Some(run) = decoder.decode(&mut input)? {
                    data.extend_from_slice(&run);
                }
                Ok(())
            });
            let trailers = outcome.and_then(|()| decoder.finish()).map(|trailers| {
                let line = |(name, value): (&HeaderName, &HeaderValue)| format!("{name}={},", value.to_str().unwrap());
                trailers.iter().map(line).collect::<String>()
            });
            let data = String::from_utf8(data).unwrap();
            let found = trailers.as_ref().map(|trailers| (data.as_str(), trailers.as_str()));
            assert_eq!(found, expected, "{framed:?} by {piece} bytes");
        }
    }

    #[test]
    fn takes_the_body_out_of_its_chunks() {
        check("3\r\nabc\r\n0\r\n\r\n", Ok(("abc", "")));
        check(
            "3;chunk-signature=0f\r\nabc\r\na;chunk-signature=1f\r\n0123456789\r\n0;chunk-signature=2f\r\n\r\n",
            Ok(("abc0123456789", "")),
        );
        check("0\r\n\r\n", Ok(("", "")));
        check("0\r\n", Ok(("", "")));
    }

    #[test]
    fn reads_the_trailers() {
        let checksum = "x-amz-checksum-crc32=NSRBwg==,";
        check("3\r\nabc\r\n0\r\nX-Amz-Checksum-CRC32:NSRBwg==\n\r\n\r\n", Ok(("abc", checksum)));
        let both = "x-amz-checksum-crc32=NSRBwg==,x-amz-trailer-signature=1f,";
        let framed = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\nx-amz-trailer-signature: 1f\r\n\r\n";
        check(framed, Ok(("abc", both)));
    }

    #[test]
    fn refuses_broken_framing() {
        let cases = [
            ("xyz\r\n", ChunkError::Size),
            ("+3\r\nabc\r\n0\r\n", ChunkError::Size),
            ("\r\n", ChunkError::Size),
            ("11111111111111111\r\n", ChunkError::Size),
            ("3\r\nabcd\r\n0\r\n", ChunkError::End),
            ("0\r\nno colon\r\n", ChunkError::Trailer),
            ("3\r\nab", ChunkError::Truncated),
            ("3\r\nabc\r\n", ChunkError::Truncated),
        ];
        for (framed, expected) in cases {
            check(framed, Err(&expected));
        }
    }

    #[test]
    fn bounds_the_framing() {
        let mut decoder = Decoder::default();
        let line = vec![b'0'; limits::CHUNK_LINE_BYTES + 1];
        assert_eq!(decoder.decode(&mut Bytes::from(line)), Err(ChunkError::TooLong));
    }
}
