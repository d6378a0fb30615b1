//! The body of an object, compressed as one unit.

use std::io::{self, Write};

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

/// Compresses a body as it comes, so that no more of it is held than what was not taken yet.
pub(crate) enum Packer {
    Uncompressed(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
    /// The whole file, whose length stands before it; and its name.
    Zip(Vec<u8>, String),
    /// The framing format, which `python-snappy` and `snzip` read.
    Snappy(Box<snap::write::FrameEncoder<Vec<u8>>>),
    /// Hadoop's `BlockCompressorStream`: what is not a block yet, and finished blocks. A block is its length, then the
    /// length of its one compressed chunk, big-endian, and the chunk.
    HadoopSnappy(Vec<u8>, Vec<u8>),
}

impl Packer {
    /// `file_name` names the one file in a ZIP archive.
    pub(crate) fn new(format: CompressionFormat, file_name: &str) -> Self {
        match format {
            CompressionFormat::Uncompressed => Self::Uncompressed(Vec::new()),
            CompressionFormat::Gzip => Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::default()))),
            CompressionFormat::Zip => Self::Zip(Vec::new(), file_name.to_owned()),
            CompressionFormat::Snappy => Self::Snappy(Box::new(snap::write::FrameEncoder::new(Vec::new()))),
            CompressionFormat::HadoopSnappy => Self::HadoopSnappy(Vec::new(), Vec::new()),
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Uncompressed(out) | Self::Zip(out, _) => out.extend_from_slice(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes).expect(MEMORY),
            Self::Snappy(encoder) => encoder.write_all(bytes).expect(MEMORY),
            Self::HadoopSnappy(block, out) => {
                let mut rest = bytes;
                while let Some((now, later)) = rest.split_at_checked(HADOOP_BLOCK_BYTES - block.len()) {
                    block.extend_from_slice(now);
                    write_block(out, block);
                    block.clear();
                    rest = later;
                }
                block.extend_from_slice(rest);
            }
        }
    }

    /// Takes what is compressed by now, when it is at least `least` bytes.
    pub(crate) fn take(&mut self, least: usize) -> Option<Vec<u8>> {
        let out = match self {
            Self::Uncompressed(out) | Self::HadoopSnappy(_, out) => out,
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Snappy(encoder) => encoder.get_mut(),
            Self::Zip(..) => return None,
        };
        (out.len() >= least).then(|| std::mem::take(out))
    }

    /// The rest of the body.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Uncompressed(out) => out,
            Self::Gzip(encoder) => encoder.finish().expect(MEMORY),
            Self::Zip(body, file_name) => zip(&body, &file_name).expect(MEMORY),
            Self::Snappy(encoder) => match encoder.into_inner() {
                Ok(out) => out,
                Err(error) => panic!("{MEMORY}: {error}"),
            },
            Self::HadoopSnappy(block, mut out) => {
                if !block.is_empty() {
                    write_block(&mut out, &block);
                }
                out
            }
        }
    }
}

const MEMORY: &str = "memory takes what is written to it";

fn write_block(out: &mut Vec<u8>, block: &[u8]) {
    let chunk = snap::raw::Encoder::new().compress_vec(block).expect("a block is below snappy's bound");
    for length in [block.len(), chunk.len()] {
        out.extend_from_slice(&u32::try_from(length).expect("a block is below 4 GiB").to_be_bytes());
    }
    out.extend_from_slice(&chunk);
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

    /// Compresses in pieces that fit into no block, and takes what is there in between.
    fn compress(format: CompressionFormat, body: &[u8], file_name: &str) -> Vec<u8> {
        let mut packer = Packer::new(format, file_name);
        let mut out = Vec::new();
        for piece in body.chunks(100_003) {
            packer.push(piece);
            out.extend(packer.take(1000).unwrap_or_default());
        }
        out.extend(packer.finish());
        out
    }

    fn body() -> Vec<u8> {
        (0..30_000u32).flat_map(|number| format!("{{\"n\":{number}}}\n").into_bytes()).collect()
    }

    #[test]
    fn uncompressed_bodies_are_left_alone() {
        assert_eq!(compress(CompressionFormat::Uncompressed, &body(), "a"), body());
    }

    #[test]
    fn gzip_is_read_back() {
        let mut out = Vec::new();
        let compressed = compress(CompressionFormat::Gzip, &body(), "a");
        flate2::read::GzDecoder::new(&*compressed).read_to_end(&mut out).unwrap();
        assert_eq!(out, body());
    }

    #[test]
    fn snappy_is_read_back() {
        let mut out = Vec::new();
        let compressed = compress(CompressionFormat::Snappy, &body(), "a");
        snap::read::FrameDecoder::new(&*compressed).read_to_end(&mut out).unwrap();
        assert_eq!(out, body());
    }

    #[test]
    fn hadoop_snappy_is_read_back_block_by_block() {
        let compressed = compress(CompressionFormat::HadoopSnappy, &body(), "a");
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
        let archive = compress(CompressionFormat::Zip, &body(), "stream-1");
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
