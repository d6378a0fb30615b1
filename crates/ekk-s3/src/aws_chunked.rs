//! Takes the body out of `aws-chunked` framing, with the trailers that follow it.
//!
//! Signatures of chunks and trailers are checked where the request's was; elsewhere they are read over.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>.

use std::mem;

use bytes::{Buf as _, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue};

use ekk_server::aws::signature::hex;
use sha2::{Digest as _, Sha256};

use crate::{limits, signature::ChunkChain};

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
    #[error("a chunk or the trailers are not signed, or not rightly")]
    Signature,
}

/// Decodes a body piece by piece.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    state: State,
    line: Vec<u8>,
    trailer_bytes: usize,
    trailers: HeaderMap,
    check: Option<Check>,
}

/// What is known of the chunk or the trailers at hand until their signature can be checked.
#[derive(Debug)]
struct Check {
    chain: ChunkChain,
    hash: Sha256,
    /// Of the chunk, which comes before its data.
    signature: String,
    /// The trailers but for their signature, which comes after them.
    lines: String,
}

/// The trailer that signs the others.
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

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
    /// A decoder that checks the signatures of chunks by `chain`, if there is one.
    pub(crate) fn checking(chain: Option<ChunkChain>) -> Self {
        let check = |chain| Check { chain, hash: Sha256::new(), signature: String::new(), lines: String::new() };
        Self { check: chain.map(check), ..Self::default() }
    }

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
        if self.check.as_ref().is_some_and(|check| !check.lines.is_empty()) {
            return Err(ChunkError::Signature);
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
        let data = input.split_to(taken);
        if let Some(check) = &mut self.check {
            check.hash.update(&data);
        }
        data
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
            State::Size => {
                let left_bytes = chunk_size(line).ok_or(ChunkError::Size)?;
                if let Some(check) = &mut self.check {
                    check.signature = chunk_signature(line).ok_or(ChunkError::Signature)?;
                }
                if left_bytes > 0 {
                    return Ok(State::Data { left_bytes });
                }
                self.check_chunk()?;
                Ok(State::Trailers)
            }
            State::End if line.is_empty() => {
                self.check_chunk()?;
                Ok(State::Size)
            }
            State::End => Err(ChunkError::End),
            State::Trailers if line.is_empty() => Ok(State::Done),
            State::Trailers => {
                self.trailer_bytes += line.len();
                if self.trailer_bytes > limits::CHUNK_LINE_BYTES {
                    return Err(ChunkError::TooLong);
                }
                let (name, value) = trailer(line).ok_or(ChunkError::Trailer)?;
                self.check_trailer(&name, &value)?;
                self.trailers.insert(name, value);
                Ok(State::Trailers)
            }
            State::Data { .. } | State::Done => Ok(self.state),
        }
    }

    fn check_chunk(&mut self) -> Result<(), ChunkError> {
        let Some(Check { chain, hash, signature, .. }) = &mut self.check else { return Ok(()) };
        let is_right = chain.signs_chunk(&hex(&mem::take(hash).finalize()), signature);
        if is_right { Ok(()) } else { Err(ChunkError::Signature) }
    }

    fn check_trailer(&mut self, name: &HeaderName, value: &HeaderValue) -> Result<(), ChunkError> {
        let Some(Check { chain, lines, .. }) = &mut self.check else { return Ok(()) };
        let value = value.to_str().map_err(|_| ChunkError::Trailer)?;
        if name != TRAILER_SIGNATURE {
            *lines += &[name.as_str(), ":", value, "\n"].concat();
            return Ok(());
        }
        if chain.signs_trailers(&mem::take(lines), value) { Ok(()) } else { Err(ChunkError::Signature) }
    }
}

fn chunk_signature(line: &[u8]) -> Option<String> {
    let mut extensions = line.split(|byte| *byte == b';').skip(1);
    let signature = extensions.find_map(|extension| extension.strip_prefix(b"chunk-signature="))?;
    Some(str::from_utf8(signature).ok()?.to_owned())
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
    use ekk_server::aws::signature::{Credential, Payload, Rules, Verifier};

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

    /// AWS's own example: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>.
    fn published_example() -> ChunkChain {
        let (parts, ()) = http::Request::put("/examplebucket/chunkObject.txt")
            .header("host", "s3.amazonaws.com")
            .header("x-amz-date", "20130524T000000Z")
            .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
            .header("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
            .header("content-encoding", "aws-chunked")
            .header("x-amz-decoded-content-length", "66560")
            .header("content-length", "66824")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                 SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
                 x-amz-decoded-content-length;x-amz-storage-class,\
                 Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            )
            .body(())
            .unwrap()
            .into_parts();
        let credential = Credential::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let now = "2013-05-24T00:00:00Z".parse().unwrap();
        let declared = Payload::Declared("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        let verified = Verifier::new([credential]).verify(Rules::of_s3(), &parts, declared, now).unwrap();
        ChunkChain::of(Some(&verified), &parts.headers).unwrap()
    }

    const CHUNKS: [(usize, &str); 3] = [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ];

    fn decode_signed(framed: String) -> Result<usize, ChunkError> {
        let mut decoder = Decoder::checking(Some(published_example()));
        let (mut input, mut bytes) = (Bytes::from(framed), 0);
        while let Some(run) = decoder.decode(&mut input)? {
            bytes += run.len();
        }
        decoder.finish()?;
        Ok(bytes)
    }

    #[test]
    fn the_signatures_of_chunks_are_checked_each_after_the_one_before() {
        let chunk = |(length, signature): (usize, &str)| {
            format!("{length:x};chunk-signature={signature}\r\n{}\r\n", "a".repeat(length))
        };
        let framed = CHUNKS.map(chunk);
        assert_eq!(decode_signed(framed.concat()), Ok(66_560));
        let [first, second, last] = &framed;
        let cases = [
            ("changed", [first, &second.replacen("aa", "ab", 1), last]),
            ("swapped", [second, first, last]),
            ("left out", [first, &String::new(), last]),
            ("unsigned", [first, second, &"0\r\n\r\n".to_owned()]),
            ("another signature", [first, second, &last.replace("b6c6", "b6c7")]),
        ];
        for (name, framed) in cases {
            let framed: String = framed.into_iter().map(String::as_str).collect();
            assert_eq!(decode_signed(framed), Err(ChunkError::Signature), "{name}");
        }
    }

    #[test]
    fn trailers_must_be_signed_where_chunks_are() {
        let chunk = |(length, signature): (usize, &str)| {
            format!("{length:x};chunk-signature={signature}\r\n{}\r\n", "a".repeat(length))
        };
        let framed = CHUNKS.map(chunk).concat();
        let framed = framed.strip_suffix("\r\n").unwrap();
        for trailers in ["x-amz-checksum-crc32:NSRBwg==", "x-amz-checksum-crc32:NSRBwg==\r\nx-amz-trailer-signature:00"]
        {
            assert_eq!(decode_signed(format!("{framed}{trailers}\r\n\r\n")), Err(ChunkError::Signature));
        }
    }

    #[test]
    fn bounds_the_framing() {
        let mut decoder = Decoder::default();
        let line = vec![b'0'; limits::CHUNK_LINE_BYTES + 1];
        assert_eq!(decoder.decode(&mut Bytes::from(line)), Err(ChunkError::TooLong));
    }
}
