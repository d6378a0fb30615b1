//! How one record lies in a file: length (4 bytes), checksum (4), sequence number (8), data; the least byte first.

use std::io::{self, Read};

use crate::limits::BYTES_PER_RECORD;

const HEAD_BYTES: usize = 16;

/// The bytes of a record in a file.
pub(super) fn encode(sequence: u64, data: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(HEAD_BYTES + data.len());
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&checksum(sequence, data).to_le_bytes());
    frame.extend_from_slice(&sequence.to_le_bytes());
    frame.extend_from_slice(data);
    frame
}

/// Reads one record of a file in which `left` bytes follow: its sequence number, its data, and its bytes in the file.
pub(super) fn read(file: &mut impl Read, left: u64) -> io::Result<(u64, Box<[u8]>, u64)> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let (length, expected, sequence) = (read_array(file)?, read_array(file)?, read_array(file)?);
    let (length, expected) = (u32::from_le_bytes(length) as usize, u32::from_le_bytes(expected));
    let sequence = u64::from_le_bytes(sequence);
    let bytes = (HEAD_BYTES + length) as u64;
    if length > BYTES_PER_RECORD || bytes > left {
        return Err(damaged());
    }
    let mut data = vec![0; length];
    file.read_exact(&mut data)?;
    if checksum(sequence, &data) != expected {
        return Err(damaged());
    }
    Ok((sequence, data.into(), bytes))
}

fn read_array<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn checksum(sequence: u64, data: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&sequence.to_le_bytes());
    hasher.update(data);
    hasher.finalize()
}
