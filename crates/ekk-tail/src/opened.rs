//! A file that is open: what it is known by, and its bytes from some place on, decompressed if need be.

use std::{
    fs::{File, Metadata},
    io::{self, BufReader, Read, Seek as _, SeekFrom},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use crate::{
    known::{Mark, Place},
    limits::{CHUNK_BYTES, START_BYTES},
};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A regular file.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    /// For a compressed file: what comes out of it, from where it was read to.
    decoder: Option<MultiGzDecoder<BufReader<File>>>,
    is_gzip: bool,
    pub(crate) place: Place,
}

impl Opened {
    /// Opens a file. One that is compressed ends with `.gz` and begins as such files do.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let place = Place::of(&file.metadata()?);
        let mut magic = [0; 2];
        let is_named_gzip = path.extension().is_some_and(|extension| extension == "gz");
        let is_gzip = is_named_gzip && file.read_exact(&mut magic).is_ok() && magic == GZIP_MAGIC;
        Ok(Self { file, decoder: None, is_gzip, place })
    }

    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    pub(crate) fn is_gzip(&self) -> bool {
        self.is_gzip
    }

    /// Goes to a place. Answers false when the content ends before it.
    pub(crate) fn go_to(&mut self, offset: u64) -> io::Result<bool> {
        if self.is_gzip {
            self.file.rewind()?;
            let mut decoder = MultiGzDecoder::new(BufReader::new(self.file.try_clone()?));
            let skipped = io::copy(&mut (&mut decoder).take(offset), &mut io::sink())?;
            self.decoder = Some(decoder);
            return Ok(skipped == offset);
        }
        self.file.seek(SeekFrom::Start(offset))?;
        Ok(self.file.metadata()?.len() >= offset)
    }

    /// Reads on. 0 is the end, as it is now.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = |reader: &mut dyn Read, buffer: &mut [u8]| loop {
            match reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        };
        match &mut self.decoder {
            Some(decoder) => read(decoder, buffer),
            None => read(&mut self.file, buffer),
        }
    }

    /// The first [`START_BYTES`], or as many as there are. The place is at them or beyond afterwards.
    pub(crate) fn head(&mut self) -> io::Result<Vec<u8>> {
        self.go_to(0)?;
        let mut head = vec![0; START_BYTES];
        let mut filled = 0;
        while let Some(rest) = head.get_mut(filled..)
            && !rest.is_empty()
        {
            match self.read(rest)? {
                0 => break,
                bytes => filled += bytes,
            }
        }
        head.truncate(filled);
        Ok(head)
    }

    /// What the first `offset` bytes are, or all of them if there are fewer, and what they are up to the end of the last
    /// whole line among them.
    pub(crate) fn marks_at(&mut self, offset: u64) -> io::Result<(Mark, Mark)> {
        self.go_to(0)?;
        let (mut mark, mut line) = (Mark::default(), Mark::default());
        let mut buffer = vec![0; CHUNK_BYTES];
        while mark.offset < offset {
            let wanted = usize::try_from(offset - mark.offset).unwrap_or(usize::MAX).min(buffer.len());
            let bytes = self.read(buffer.get_mut(..wanted).unwrap_or_default())?;
            if bytes == 0 {
                break;
            }
            let read = buffer.get(..bytes).unwrap_or_default();
            if let Some(newline) = memchr::memrchr(b'\n', read) {
                line = mark.after(read.get(..=newline).unwrap_or_default());
            }
            mark = mark.after(read);
        }
        Ok((mark, line))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn rest(opened: &mut Opened) -> Vec<u8> {
        let mut all = Vec::new();
        let mut buffer = [0; 100];
        while let bytes @ 1.. = opened.read(&mut buffer).unwrap() {
            all.extend_from_slice(&buffer[..bytes]);
        }
        all
    }

    #[test]
    fn a_compressed_file_is_the_same_as_before_it_was_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"line\n".repeat(1_000);
        let (plain, compressed) = (folder.path().join("a.log"), folder.path().join("a.log.1.gz"));
        fs::write(&plain, &text).unwrap();
        // Two members one after the other are one file.
        fs::write(&compressed, [gzip(&text[..3_000]), gzip(&text[3_000..])].concat()).unwrap();
        let mut marks = Vec::new();
        for path in [plain, compressed] {
            let mut opened = Opened::open(&path).unwrap();
            assert_eq!(opened.head().unwrap(), text[..1_024]);
            assert!(opened.go_to(4_990).unwrap());
            assert_eq!(rest(&mut opened), b"line\nline\n");
            assert!(!opened.go_to(5_001).unwrap());
            assert_eq!(opened.marks_at(5_001).unwrap().0.offset, 5_000);
            marks.push(opened.marks_at(4_993).unwrap());
        }
        assert_eq!(marks[0], marks[1]);
        assert_eq!((marks[0].0.offset, marks[0].1.offset), (4_993, 4_990));
    }

    #[test]
    fn what_only_has_the_name_of_a_compressed_file_is_read_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gz");
        fs::write(&path, "plain\n").unwrap();
        let mut opened = Opened::open(&path).unwrap();
        assert_eq!(opened.head().unwrap(), b"plain\n");
    }
}
