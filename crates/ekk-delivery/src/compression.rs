//! The body of an object, compressed as one unit.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::{Compression, write::DeflateEncoder, write::GzEncoder};

use crate::spec::CompressionFormat;

/// Bytes of records in one block of `HADOOP_SNAPPY`, the default of Hadoop's codec.
const HADOOP_BLOCK_BYTES: usize = 256 << 10;

impl CompressionFormat {
    /// What a key ends with when no `FileExtension` is given.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Uncompressed => "",
            Self::Gzip => ".gz",
            Self::Zip => ".zip",
            Self::Snappy => ".snappy",
            Self::HadoopSnappy => ".hsnappy",
        }
    }

    /// The `Content-Encoding` of the object.
    pub(crate) fn content_encoding(self) -> Option<&'static str> {
        (self == Self::Gzip).then_some("gzip")
    }
}

/// Compresses `body`; `file_name` names the one file in a ZIP archive.
pub(crate) fn compress(format: CompressionFormat, body: Bytes, file_name: &str) -> Bytes {
    let compressed = match format {
        CompressionFormat::Uncompressed => return body,
        CompressionFormat::Gzip => gzip(&body),
        CompressionFormat::Zip => zip(&body, file_name),
        CompressionFormat::Snappy => snappy(&body),
        CompressionFormat::HadoopSnappy => hadoop_snappy(&body),
    };
    compressed.expect("memory takes what is written to it").into()
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    encoder.finish()
}

/// The framing format, which `python-snappy` and `snzip` read.
fn snappy(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = snap::write::FrameEncoder::new(Vec::new());
    encoder.write_all(body)?;
    encoder.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// Hadoop's `BlockCompressorStream`: per block its length, then the length of its one compressed chunk, big-endian, and
/// the chunk.
fn hadoop_snappy(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for block in body.chunks(HADOOP_BLOCK_BYTES) {
        let chunk = snap::raw::Encoder::new().compress_vec(block).map_err(io::Error::other)?;
        out.extend_from_slice(&length_u32(block)?.to_be_bytes());
        out.extend_from_slice(&length_u32(&chunk)?.to_be_bytes());
        out.extend_from_slice(&chunk);
    }
    Ok(out)
}

/// A ZIP archive of one deflated file.
///
/// Source: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, sections 4.3.7, 4.3.12 and 4.3.16.
fn zip(body: &[u8], file_name: &str) -> io::Result<Vec<u8>> {
    const LOCAL_HEADER: u32 = 0x0403_4b50;
    const CENTRAL_HEADER: u32 = 0x0201_4b50;
    const END: u32 = 0x0605_4b50;
    const VERSION: u16 = 20;
    const DEFLATED: u16 = 8;
    const UTF_8_NAME: u16 = 1 << 11;
    /// 1980-01-01, the first day of the format: the same records make the same archive.
    const DATE: u16 = 1 << 5 | 1;

    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    let deflated = encoder.finish()?;

    let mut common = Vec::new();
    for field in [VERSION, UTF_8_NAME, DEFLATED, 0, DATE] {
        common.extend_from_slice(&field.to_le_bytes());
    }
    common.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    common.extend_from_slice(&length_u32(&deflated)?.to_le_bytes());
    common.extend_from_slice(&length_u32(body)?.to_le_bytes());
    let name_length = u16::try_from(file_name.len()).map_err(io::Error::other)?;
    common.extend_from_slice(&name_length.to_le_bytes());
    common.extend_from_slice(&[0; 2]);

    let mut out = LOCAL_HEADER.to_le_bytes().to_vec();
    out.extend_from_slice(&common);
    out.extend_from_slice(file_name.as_bytes());
    out.extend_from_slice(&deflated);

    let directory_start = length_u32(&out)?;
    out.extend_from_slice(&CENTRAL_HEADER.to_le_bytes());
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&common);
    // Comment length, disk, and attributes; then where the local header is.
    out.extend_from_slice(&[0; 10]);
    out.extend_from_slice(&0u32.to_le_bytes());
    out.extend_from_slice(file_name.as_bytes());
    let directory_bytes = length_u32(&out)? - directory_start;

    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&directory_bytes.to_le_bytes());
    out.extend_from_slice(&directory_start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    Ok(out)
}

fn length_u32(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn body() -> Bytes {
        (0..30_000u32).flat_map(|number| format!("{{\"n\":{number}}}\n").into_bytes()).collect::<Vec<_>>().into()
    }

    #[test]
    fn uncompressed_bodies_are_left_alone() {
        assert_eq!(compress(CompressionFormat::Uncompressed, body(), "a"), body());
    }

    #[test]
    fn gzip_is_read_back() {
        let mut out = Vec::new();
        let compressed = compress(CompressionFormat::Gzip, body(), "a");
        flate2::read::GzDecoder::new(&*compressed).read_to_end(&mut out).unwrap();
        assert_eq!(out, body());
    }

    #[test]
    fn snappy_is_read_back() {
        let mut out = Vec::new();
        let compressed = compress(CompressionFormat::Snappy, body(), "a");
        snap::read::FrameDecoder::new(&*compressed).read_to_end(&mut out).unwrap();
        assert_eq!(out, body());
    }

    #[test]
    fn hadoop_snappy_is_read_back_block_by_block() {
        let compressed = compress(CompressionFormat::HadoopSnappy, body(), "a");
        let (mut out, mut rest) = (Vec::new(), &*compressed);
        while let Some((head, tail)) = rest.split_at_checked(8) {
            let length = u32::from_be_bytes(head.get(4..).unwrap().try_into().unwrap()) as usize;
            let (chunk, after) = tail.split_at(length);
            out.extend(snap::raw::Decoder::new().decompress_vec(chunk).unwrap());
            rest = after;
        }
        assert_eq!(out, body());
    }

    #[test]
    fn a_zip_archive_holds_one_deflated_file() {
        let archive = compress(CompressionFormat::Zip, body(), "stream-1");
        let (header, rest) = archive.split_at(30);
        assert!(header.starts_with(b"PK\x03\x04"));
        let deflated_bytes = u32::from_le_bytes(header.get(18..22).unwrap().try_into().unwrap()) as usize;
        let (name, rest) = rest.split_at(8);
        assert_eq!(name, b"stream-1");
        let (deflated, directory) = rest.split_at(deflated_bytes);
        let mut out = Vec::new();
        flate2::read::DeflateDecoder::new(deflated).read_to_end(&mut out).unwrap();
        assert_eq!(out, body());
        assert!(directory.starts_with(b"PK\x01\x02"));
        assert_eq!(directory.len(), 46 + 8 + 22);
    }

    #[test]
    fn every_format_has_its_name_and_extension() {
        for (name, extension) in [
            ("UNCOMPRESSED", ""),
            ("GZIP", ".gz"),
            ("ZIP", ".zip"),
            ("Snappy", ".snappy"),
            ("HADOOP_SNAPPY", ".hsnappy"),
        ] {
            let format = CompressionFormat::from_name(name).unwrap();
            assert_eq!((format.name(), format.extension()), (name, extension));
        }
        assert_eq!(CompressionFormat::from_name("SNAPPY"), None);
    }
}
