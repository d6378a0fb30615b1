//! Bytes as they come, cut into records: lines, joined where they belong together. Pure: the time is given.

use std::{ops::Range, time::Duration};

use crate::{
    join::{Joiner, Multiline},
    limits::LINE_BYTES,
};

/// How lines are put together, and how much and how long at most.
#[derive(Clone, Debug)]
pub struct Joining {
    /// What belongs together.
    pub multiline: Multiline,
    /// How long a record waits for more of its lines after the last.
    pub wait: Duration,
    /// Lines of a record; the next one begins another.
    pub max_lines: usize,
    /// Bytes of a record, its first line aside; the line that would be over begins another.
    pub max_bytes: usize,
}

impl Default for Joining {
    fn default() -> Self {
        Self { multiline: Multiline::default(), wait: Duration::from_secs(1), max_lines: 1_000, max_bytes: 1_000_000 }
    }
}

/// What of the bytes that are there is to be cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Records that are known to be complete.
    Complete,
    /// All whole lines: no more are expected soon.
    Lines,
    /// Everything: no more will come.
    End,
}

/// A record, as it lies in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its lines without the end of the last one. Nothing, when the bytes are of no record: empty lines, or the rest of a
    /// line that was too long.
    pub text: &'a [u8],
    /// All bytes that it takes the place of.
    pub raw: &'a [u8],
    /// There was more of the line than [`LINE_BYTES`].
    pub is_cut: bool,
}

/// Bytes that are not cut off yet.
#[derive(Debug)]
pub(crate) struct Events {
    joining: Joining,
    joiner: Joiner,
    bytes: Vec<u8>,
    /// Where the record begins that is being put together.
    begin: usize,
    /// Up to where its lines are known to belong to it.
    end: usize,
    /// Up to where there is no end of a line, from `end` on.
    searched: usize,
    lines: usize,
    /// The first line of the record is all of it.
    is_complete: bool,
    /// The rest of the line is passed over.
    is_skipping: bool,
    last_fed: Duration,
}

/// A record that is cut off.
type Cut = (Range<usize>, Range<usize>, bool);

impl Events {
    pub(crate) fn new(joining: Joining) -> Self {
        let joiner = Joiner::new(joining.multiline.clone());
        Self {
            joining,
            joiner,
            bytes: Vec::new(),
            begin: 0,
            end: 0,
            searched: 0,
            lines: 0,
            is_complete: false,
            is_skipping: false,
            last_fed: Duration::ZERO,
        }
    }

    /// Adds what was read at `now`.
    pub(crate) fn feed(&mut self, bytes: &[u8], now: Duration) {
        self.bytes.drain(..self.begin);
        self.end -= self.begin;
        self.searched -= self.begin;
        self.begin = 0;
        self.bytes.extend_from_slice(bytes);
        self.last_fed = now;
    }

    /// When [`Until::Lines`] is to be cut off, if there is anything.
    pub(crate) fn due_at(&self) -> Option<Duration> {
        (self.end > self.begin).then(|| self.last_fed.saturating_add(self.joining.wait))
    }

    /// Cuts off the next record.
    pub(crate) fn next(&mut self, until: Until) -> Option<Event<'_>> {
        let (text, raw, is_cut) = self.cut(until)?;
        let slice = |range: Range<usize>| self.bytes.get(range).unwrap_or_default();
        Some(Event { text: slice(text), raw: slice(raw), is_cut })
    }

    fn cut(&mut self, until: Until) -> Option<Cut> {
        if self.is_skipping {
            return self.skip();
        }
        if let Some(hole) = self.cut_hole() {
            return Some(hole);
        }
        loop {
            if self.is_complete {
                return Some(self.cut_record());
            }
            let Some(line_end) = self.line_end(until) else {
                let is_over = self.bytes.len() - self.end >= LINE_BYTES;
                let is_wanted = is_over || until != Until::Complete;
                return match (self.end > self.begin, is_over) {
                    (true, _) if is_wanted => Some(self.cut_record()),
                    (false, true) => Some(self.cut_long_line()),
                    _ => None,
                };
            };
            let line = self.bytes.get(self.end..line_end).unwrap_or_default();
            let text = without_end(line);
            if self.end == self.begin {
                if text.trim_ascii().is_empty() {
                    self.take_line(line_end);
                    return Some(self.cut_nothing());
                }
                self.is_complete = self.joiner.begin(text);
            } else {
                let is_full = self.lines >= self.joining.max_lines
                    || line_end - self.begin > self.joining.max_bytes.max(self.end - self.begin);
                if is_full || !self.joiner.joins(text) {
                    return Some(self.cut_record());
                }
                self.joiner.join(text);
            }
            self.take_line(line_end);
        }
    }

    /// Where the next line ends, its newline included.
    fn line_end(&mut self, until: Until) -> Option<usize> {
        let unsearched = self.bytes.get(self.searched..).unwrap_or_default();
        let len = self.bytes.len();
        let found = memchr::memchr(b'\n', unsearched).map(|at| self.searched + at + 1);
        self.searched = found.map_or(len, |end| end - 1);
        let found = found.or_else(|| (until == Until::End && len > self.end).then_some(len));
        // One that is too long is cut as one whose end has not come.
        found.filter(|end| end - self.end <= LINE_BYTES)
    }

    fn take_line(&mut self, line_end: usize) {
        self.end = line_end;
        self.searched = line_end;
        self.lines += 1;
    }

    fn cut_record(&mut self) -> Cut {
        let raw = self.take();
        let bytes = self.bytes.get(raw.clone()).unwrap_or_default();
        (raw.start..raw.start + bytes.trim_ascii_end().len(), raw, false)
    }

    fn cut_nothing(&mut self) -> Cut {
        let raw = self.take();
        (raw.start..raw.start, raw, false)
    }

    fn cut_long_line(&mut self) -> Cut {
        self.end = self.begin + LINE_BYTES;
        self.searched = self.searched.max(self.end);
        self.is_skipping = true;
        let raw = self.take();
        (raw.clone(), raw, true)
    }

    /// Passes over zeros before a record: a file that was truncated while its writer kept its place begins with a hole,
    /// which reads as zeros.
    fn cut_hole(&mut self) -> Option<Cut> {
        let is_first = self.end == self.begin;
        let zeros = self.bytes.get(self.begin..).unwrap_or_default().iter().take_while(|byte| **byte == 0).count();
        if !is_first || zeros == 0 {
            return None;
        }
        self.end += zeros;
        Some(self.cut_nothing())
    }

    /// Passes over the rest of a line.
    fn skip(&mut self) -> Option<Cut> {
        let rest = self.bytes.get(self.begin..).unwrap_or_default();
        if rest.is_empty() {
            return None;
        }
        let newline = memchr::memchr(b'\n', rest);
        self.is_skipping = newline.is_none();
        let end = newline.map_or(self.bytes.len(), |at| self.begin + at + 1);
        self.take_line(end);
        Some(self.cut_nothing())
    }

    fn take(&mut self) -> Range<usize> {
        let raw = self.begin..self.end;
        self.begin = self.end;
        self.searched = self.searched.max(self.end);
        self.lines = 0;
        self.is_complete = false;
        raw
    }
}

/// A line without its newline, and without the carriage return before that.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(multiline: Multiline) -> Events {
        Events::new(Joining { multiline, ..Joining::default() })
    }

    fn texts(events: &mut Events, until: Until) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(event) = events.next(until) {
            if !event.text.is_empty() {
                texts.push(String::from_utf8_lossy(event.text).into_owned());
            }
        }
        texts
    }

    #[track_caller]
    fn check(multiline: Multiline, input: &[u8], expected: &[&str]) {
        let mut events = events(multiline);
        events.feed(input, Duration::ZERO);
        assert_eq!(texts(&mut events, Until::End), expected);
        assert!(events.next(Until::End).is_none());
    }

    #[test]
    fn lines_are_records_without_their_ends() {
        check(Multiline::Off, b"one\ntwo\r\n\n  \r\nthree", &["one", "two", "three"]);
        check(Multiline::Off, b"\0\0\0\0after a hole\nnext\n", &["after a hole", "next"]);
        check(Multiline::Off, b"\0\0\0", &[]);
    }

    #[test]
    fn lines_are_joined_by_pattern() {
        let date = regex::bytes::Regex::new(r"^\d{4}-").unwrap();
        check(Multiline::Begins(date), b"2026-a\nb\n\nc\n2026-d\n", &["2026-a\nb\n\nc", "2026-d"]);
        let more = regex::bytes::Regex::new(r"^\+").unwrap();
        check(Multiline::Continues(more), b"a\n+b\nc\n+d\n+e", &["a\n+b", "c\n+d\n+e"]);
        check(Multiline::Tracebacks, b"a\n  b\r\n{\"c\":1}\nd\n\n", &["a\n  b", "{\"c\":1}", "d"]);
    }

    #[test]
    fn a_record_waits_for_its_lines_and_not_for_ever() {
        let mut events = events(Multiline::Tracebacks);
        events.feed(b"error\n", Duration::from_secs(5));
        assert!(texts(&mut events, Until::Complete).is_empty());
        assert_eq!(events.due_at(), Some(Duration::from_secs(6)));
        events.feed(b"  at main\n{\"a\":1}\nhalf a li", Duration::from_secs(6));
        assert_eq!(texts(&mut events, Until::Complete), ["error\n  at main", "{\"a\":1}"]);
        assert_eq!(events.due_at(), None, "half a line waits for its end");
        assert!(texts(&mut events, Until::Lines).is_empty());
        events.feed(b"ne\n", Duration::from_secs(9));
        assert!(texts(&mut events, Until::Complete).is_empty());
        assert_eq!(texts(&mut events, Until::Lines), ["half a line"]);
    }

    #[test]
    fn a_record_has_no_more_lines_and_bytes_than_it_may() {
        let joining = Joining { max_lines: 3, max_bytes: 30, ..Joining::default() };
        let mut events = Events::new(joining);
        events.feed(b"a\n b\n c\n d\n e\n012345678901234567890123456789\n f\n g\n", Duration::ZERO);
        let expected = ["a\n b\n c", " d\n e", "012345678901234567890123456789", " f\n g"];
        assert_eq!(texts(&mut events, Until::End), expected);
    }

    #[test]
    fn a_line_beyond_the_limit_is_cut_and_its_rest_passed_over() {
        let mut long = b"first\n".to_vec();
        long.resize(long.len() + LINE_BYTES + 1000, b'x');
        for chunk_bytes in [long.len(), 100_000] {
            let mut events = events(Multiline::Off);
            let mut found = Vec::new();
            for chunk in long.chunks(chunk_bytes) {
                events.feed(chunk, Duration::ZERO);
                found.extend(texts(&mut events, Until::Complete));
            }
            events.feed(b"xxx\nlast\n", Duration::ZERO);
            found.extend(texts(&mut events, Until::End));
            let lengths: Vec<usize> = found.iter().map(String::len).collect();
            assert_eq!(lengths, [5, LINE_BYTES, 4], "in chunks of {chunk_bytes}");
        }
    }

    proptest! {
        #[test]
        fn every_byte_is_in_one_record_however_they_come(
            lines in proptest::collection::vec("[ a-c{\u{0}\t]{0,6}(\r)?", 0..30),
            chunk in 1..20_usize,
        ) {
            let input = lines.join("\n").into_bytes();
            let mut whole = events(Multiline::Tracebacks);
            whole.feed(&input, Duration::ZERO);
            let expected = texts(&mut whole, Until::End);
            let mut events = events(Multiline::Tracebacks);
            let (mut raw, mut found) = (Vec::new(), Vec::new());
            for chunk in input.chunks(chunk) {
                events.feed(chunk, Duration::ZERO);
                while let Some(event) = events.next(Until::Complete) {
                    raw.extend_from_slice(event.raw);
                    found.push(String::from_utf8_lossy(event.text).into_owned());
                }
            }
            while let Some(event) = events.next(Until::End) {
                raw.extend_from_slice(event.raw);
                found.push(String::from_utf8_lossy(event.text).into_owned());
            }
            found.retain(|text| !text.is_empty());
            prop_assert_eq!(raw, input);
            prop_assert_eq!(found, expected);
        }
    }
}
