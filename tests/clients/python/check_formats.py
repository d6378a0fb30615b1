"""Reads objects of every compression format back by tools that have nothing to do with the stack.

    check_formats.py FORMAT=STREAM... EXPECTED

Each STREAM is a bucket of this name with objects of FORMAT, named as AWS names the format; EXPECTED is a file with all
records, in their order. GZIP is read by gzip, ZIP by unzip, both Snappy formats by python-snappy, and Snappy once more by
the few lines below, which follow the format's description and share no code with any library. Exits with 0 when every
object reads back as what was put, and its key ends as AWS's does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

import boto3
import snappy

EXTENSIONS = {"UNCOMPRESSED": "", "GZIP": ".gz", "ZIP": ".zip", "Snappy": ".snappy", "HADOOP_SNAPPY": ".hsnappy"}


def uncompressed(path):
    return path.read_bytes()


def by_gzip(path):
    subprocess.run(["gzip", "--test", str(path)], check=True)
    return subprocess.run(["gzip", "-dc", str(path)], check=True, stdout=subprocess.PIPE).stdout


def by_unzip(path):
    names = zipfile.ZipFile(path).namelist()
    assert len(names) == 1, f"an archive has one file: {names}"
    assert zipfile.ZipFile(path).testzip() is None
    by_python = zipfile.ZipFile(path).read(names[0])
    if shutil.which("unzip") is None:
        assert "EKK_REQUIRE_CLIENTS" not in os.environ, "unzip is not there"
        return by_python
    subprocess.run(["unzip", "-tq", str(path)], check=True, stdout=subprocess.DEVNULL)
    by_tool = subprocess.run(["unzip", "-p", str(path)], check=True, stdout=subprocess.PIPE).stdout
    assert by_tool == by_python
    return by_tool


def by_python_snappy(path):
    source, target = BytesIO(path.read_bytes()), BytesIO()
    snappy.stream_decompress(source, target)
    assert target.getvalue() == framed(path.read_bytes()), "python-snappy and the description of the format differ"
    return target.getvalue()


def by_hadoop_snappy(path):
    by_library = snappy.HadoopStreamDecompressor().decompress(path.read_bytes())
    assert by_library == blocks(path.read_bytes()), "python-snappy and the description of the format differ"
    return by_library


def varint(data, place):
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def plain(data):
    """One block of raw Snappy: https://github.com/google/snappy/blob/main/format_description.txt"""
    length, place = varint(data, 0)
    out = bytearray()
    while place < len(data):
        tag = data[place]
        kind, place = tag & 3, place + 1
        if kind == 0:
            size = tag >> 2
            if size >= 60:
                count = size - 59
                size, place = int.from_bytes(data[place : place + count], "little"), place + count
            out += data[place : place + size + 1]
            place += size + 1
            continue
        if kind == 1:
            size, offset, place = (tag >> 2 & 7) + 4, (tag >> 5 << 8) | data[place], place + 1
        else:
            count = 2 if kind == 2 else 4
            size, offset = (tag >> 2) + 1, int.from_bytes(data[place : place + count], "little")
            place += count
        assert 0 < offset <= len(out), "a copy from before the start"
        while size > 0:
            start = len(out) - offset
            piece = out[start : start + min(size, offset)]
            out += piece
            size -= len(piece)
    assert len(out) == length, f"{len(out)} bytes where {length} were said"
    return bytes(out)


CRC_TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    CRC_TABLE.append(number)


def masked_crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def framed(data):
    """The framing format: https://github.com/google/snappy/blob/main/framing_format.txt"""
    identifier = b"\xff\x06\x00\x00sNaPpY"
    assert data.startswith(identifier), "no stream identifier"
    place, out, checked = len(identifier), [], 0
    while place < len(data):
        kind, length = data[place], int.from_bytes(data[place + 1 : place + 4], "little")
        chunk, place = data[place + 4 : place + 4 + length], place + 4 + length
        assert len(chunk) == length, "a chunk is cut off"
        if kind in (0, 1):
            text = plain(chunk[4:]) if kind == 0 else chunk[4:]
            # A checksum byte by byte in Python takes its time, so it is for the first few chunks.
            if checked < 8:
                assert masked_crc32c(text) == int.from_bytes(chunk[:4], "little"), "the checksum of a chunk is wrong"
                checked += 1
            out.append(text)
        else:
            assert 0x80 <= kind <= 0xFE or kind == 0xFF, f"a chunk of kind {kind}"
    return b"".join(out)


def blocks(data):
    """Hadoop's BlockCompressorStream: the length of a block, then chunks, each behind its length, big-endian."""
    place, out = 0, []
    while place < len(data):
        length, place, block = int.from_bytes(data[place : place + 4], "big"), place + 4, b""
        while len(block) < length:
            size, place = int.from_bytes(data[place : place + 4], "big"), place + 4
            block, place = block + plain(data[place : place + size]), place + size
        assert len(block) == length, "a block is longer than it says"
        out.append(block)
    return b"".join(out)


READERS = {
    "UNCOMPRESSED": uncompressed,
    "GZIP": by_gzip,
    "ZIP": by_unzip,
    "Snappy": by_python_snappy,
    "HADOOP_SNAPPY": by_hadoop_snappy,
}


def main(streams, expected):
    s3 = boto3.client("s3")
    expected = Path(expected).read_bytes()
    for format_name, bucket in (stream.split("=") for stream in streams):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = sorted(found["Key"] for page in pages for found in page.get("Contents", []))
        assert len(keys) > 1, f"{format_name}: one object is too few: {keys}"
        texts = []
        with tempfile.TemporaryDirectory() as folder:
            for key in keys:
                assert "." not in key.rpartition("/")[2] if not EXTENSIONS[format_name] else key.endswith(
                    EXTENSIONS[format_name]
                ), f"{format_name}: {key}"
                path = Path(folder) / key.rpartition("/")[2]
                s3.download_file(bucket, key, str(path))
                texts.append(READERS[format_name](path))
        assert sum(map(len, texts)) == len(expected), f"{format_name}: {[len(text) for text in texts]}"
        # The keys of one second differ by chance, so the objects are put in the order of what they hold.
        texts.sort(key=expected.find)
        assert b"".join(texts) == expected, f"{format_name}: the objects are not what was put"
        print(f"{format_name}: {len(texts)} objects, {len(expected)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:-1], sys.argv[-1])
