//! Files that are written, rotated and read in turn, on a time that the test says.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use super::*;
use crate::join::Multiline;

/// A folder of logs, and the one who reads them.
struct Logs {
    folder: tempfile::TempDir,
    tail: Tail,
    now: Duration,
    /// Records that were handed on, by this reader and the ones before.
    records: u64,
}

impl Logs {
    fn new(pattern: &str, follow: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tail = Tail::new(options(folder.path(), pattern, follow, From::Beginning), Saved::default());
        Self { folder, tail, now: Duration::ZERO, records: 0 }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn add(&self, name: &str, text: &str) {
        let file = OpenOptions::new().create(true).append(true).open(self.path(name));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// As logrotate does it by `copytruncate`.
    fn copy_and_truncate(&self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).unwrap();
        OpenOptions::new().write(true).truncate(true).open(self.path(from)).unwrap();
    }

    fn compress(&self, from: &str, to: &str) {
        let file = fs::File::create(self.path(to)).unwrap();
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        encoder.write_all(&fs::read(self.path(from)).unwrap()).unwrap();
        encoder.finish().unwrap();
        fs::remove_file(self.path(from)).unwrap();
    }

    /// Looks and reads until there is nothing more for now. Answers the records.
    fn read(&mut self) -> Vec<String> {
        let mut records = Vec::new();
        let troubles = self.tail.scan(self.now);
        assert!(troubles.is_empty(), "{troubles:?}");
        loop {
            let files = self.tail.files();
            let mut sink = |event: &Event<'_>, _: &str| {
                records.push(String::from_utf8_lossy(event.text).into_owned());
                ControlFlow::Continue(())
            };
            let read = self.tail.read(self.now, &mut sink);
            assert!(read.troubles.is_empty(), "{:?}", read.troubles);
            if read.bytes == 0 && self.tail.files() == files {
                break;
            }
        }
        self.records += records.len() as u64;
        self.tail.note(self.records);
        records
    }

    /// Lets the time pass, looking every second.
    fn read_for(&mut self, seconds: u64) -> Vec<String> {
        let mut records = Vec::new();
        for _ in 0..seconds {
            self.now += Duration::from_secs(1);
            records.extend(self.read());
        }
        records
    }

    /// A new process, which knows what the one before has saved.
    fn restart(&mut self, pattern: &str) {
        let options = options(self.folder.path(), pattern, true, From::Beginning);
        self.tail = Tail::new(options, self.tail.saved());
        self.records = 0;
        self.now = Duration::ZERO;
    }
}

fn options(folder: &Path, pattern: &str, follow: bool, from: From) -> Options {
    let patterns = Patterns::new(&[folder.join(pattern)], &[]).unwrap();
    let joining = Joining { multiline: Multiline::Off, ..Joining::default() };
    Options { patterns, follow, from, joining }
}

/// Lines of 100 bytes each that end with a number.
fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers.flat_map(|number| [format!("{number:0>99}"), "\n".to_owned()]).collect()
}

#[track_caller]
fn check(records: &[String], expected: std::ops::Range<u32>) {
    let numbers: Vec<u32> = records.iter().map(|record| record.parse().unwrap()).collect();
    assert_eq!(numbers, expected.collect::<Vec<_>>());
}

#[test]
fn files_are_read_to_their_end_one_after_the_other() {
    let mut logs = Logs::new("*.log*", false);
    logs.add("a.log", &lines(0..5_000));
    logs.add("b.log", &lines(5_000..5_003));
    logs.add("b.log", "5003");
    logs.add("c.log.1", &lines(5_004..5_010));
    logs.compress("c.log.1", "c.log.gz");
    check(&logs.read(), 0..5_010);
    assert!(logs.tail.is_finished());
}

#[test]
fn what_is_added_is_read_and_half_a_line_is_waited_for() {
    let mut logs = Logs::new("a.log", true);
    assert_eq!(logs.tail.scan(logs.now).len(), 1, "it is told once that it is not there yet");
    assert!(logs.tail.scan(logs.now).is_empty());
    logs.add("a.log", "one\ntw");
    assert_eq!(logs.read(), ["one"]);
    assert!(logs.read_for(20).is_empty());
    logs.add("a.log", "o\r\nthree\n");
    assert_eq!(logs.read_for(1), ["two", "three"]);
}

#[test]
fn a_file_that_is_renamed_is_read_to_its_end_and_the_next_one_from_its_beginning() {
    for pattern in ["a.log", "a.log*"] {
        let mut logs = Logs::new(pattern, true);
        logs.add("a.log", &lines(0..20));
        check(&logs.read(), 0..20);
        logs.rename("a.log", "a.log.1");
        // The writer has it still open.
        logs.add("a.log.1", &lines(20..30));
        logs.add("a.log", &lines(30..50));
        let mut records = logs.read_for(3);
        logs.add("a.log.1", &lines(50..51));
        records.extend(logs.read_for(10));
        records.sort();
        check(&records, 20..51);
        assert_eq!(logs.tail.files(), if pattern == "a.log" { 1 } else { 2 }, "{pattern}");
        logs.rename("a.log.1", "a.log.2");
        logs.rename("a.log", "a.log.1");
        logs.add("a.log", &lines(51..52));
        check(&logs.read_for(20), 51..52);
    }
}

#[test]
fn a_file_that_is_truncated_is_read_from_its_beginning_and_its_copy_is_not_read_again() {
    for pattern in ["a.log", "a.log*"] {
        let mut logs = Logs::new(pattern, true);
        logs.add("a.log", &lines(0..20));
        check(&logs.read(), 0..20);
        logs.copy_and_truncate("a.log", "a.log.1");
        check(&logs.read_for(1), 0..0);
        logs.add("a.log", &lines(20..40));
        check(&logs.read_for(20), 20..40);
        // This time it has grown to more than before when it is looked at.
        logs.copy_and_truncate("a.log", "a.log.2");
        logs.add("a.log", &lines(40..90));
        check(&logs.read_for(20), 40..90);
    }
}

#[test]
fn a_copy_that_is_seen_before_the_truncation_waits_for_it_and_brings_what_was_not_read() {
    let mut logs = Logs::new("a.log*", true);
    logs.add("a.log", &lines(0..20));
    check(&logs.read(), 0..20);
    fs::copy(logs.path("a.log"), logs.path("a.log.1")).unwrap();
    check(&logs.read_for(2), 0..0);
    logs.add("a.log.1", &lines(20..22));
    OpenOptions::new().write(true).truncate(true).open(logs.path("a.log")).unwrap();
    check(&logs.read_for(10), 20..22);
    // A copy of a file that stays is another file.
    logs.add("b.log", "");
    fs::copy(logs.path("a.log.1"), logs.path("a.log.copy")).unwrap();
    check(&logs.read_for(4), 0..0);
    check(&logs.read_for(10), 0..22);
}

#[test]
fn a_file_that_is_compressed_is_known_again() {
    let mut logs = Logs::new("a.log*", true);
    logs.add("a.log", &lines(0..20));
    check(&logs.read(), 0..20);
    logs.rename("a.log", "a.log.1");
    logs.add("a.log", &lines(20..30));
    check(&logs.read_for(1), 20..30);
    logs.compress("a.log.1", "a.log.2.gz");
    check(&logs.read_for(30), 0..0);
    logs.add("a.log", &lines(30..31));
    check(&logs.read_for(1), 30..31);
}

#[test]
fn a_new_file_that_begins_as_the_one_before_is_read() {
    let mut logs = Logs::new("a.log", true);
    logs.add("a.log", &lines(0..20));
    check(&logs.read(), 0..20);
    fs::remove_file(logs.path("a.log")).unwrap();
    logs.tail.scan(logs.now);
    logs.now += Duration::from_secs(10);
    let read = logs.tail.read(logs.now, &mut |_, _| ControlFlow::Continue(()));
    assert_eq!((read.bytes, logs.tail.files()), (0, 0), "it has gone");
    logs.add("a.log", &lines(0..21));
    check(&logs.read_for(20), 0..21);
}

#[test]
fn a_new_process_goes_on_where_records_were_delivered() {
    let mut logs = Logs::new("a.log*", true);
    logs.add("a.log", &lines(0..20));
    check(&logs.read(), 0..20);
    logs.tail.settle(19);
    assert!(!logs.tail.saved().files.iter().any(|known| known.delivered.offset > 0), "not all have been delivered");
    logs.tail.settle(20);
    logs.add("a.log", &lines(20..30));
    check(&logs.read(), 20..30);
    // It is killed before the rest is delivered.
    logs.restart("a.log*");
    check(&logs.read(), 20..30);
    logs.tail.settle(10);

    // While nobody looks, it is renamed, and there is a new one.
    logs.rename("a.log", "a.log.1");
    logs.add("a.log.1", &lines(30..40));
    logs.add("a.log", &lines(40..60));
    logs.restart("a.log*");
    let mut records = logs.read();
    records.sort();
    check(&records, 30..60);
    logs.tail.settle(30);

    // While nobody looks, one is compressed, and the other is copied and truncated.
    logs.compress("a.log.1", "a.log.2.gz");
    logs.add("a.log", &lines(60..70));
    logs.copy_and_truncate("a.log", "a.log.1");
    logs.add("a.log", &lines(70..120));
    logs.restart("a.log*");
    let mut records = logs.read();
    records.sort();
    check(&records, 60..120);
}

#[test]
fn a_place_on_the_disk_that_another_file_has_now_says_nothing() {
    let mut logs = Logs::new("*.log", true);
    logs.add("a.log", &lines(0..20));
    check(&logs.read(), 0..20);
    logs.tail.settle(20);
    // The same inode with another content, longer than before: what a reused inode looks like.
    fs::write(logs.path("a.log"), lines(100..150)).unwrap();
    logs.rename("a.log", "b.log");
    logs.restart("*.log");
    check(&logs.read(), 100..150);
}

#[test]
fn a_hole_at_the_beginning_is_passed_over() {
    let mut logs = Logs::new("a.log", true);
    logs.add("a.log", &lines(0..20));
    check(&logs.read(), 0..20);
    // The writer does not append, so it goes on where it was.
    OpenOptions::new().write(true).truncate(true).open(logs.path("a.log")).unwrap().set_len(2_000).unwrap();
    logs.add("a.log", &lines(20..25));
    check(&logs.read_for(2), 20..25);
}

#[test]
fn with_the_end_chosen_only_what_is_added_is_read() {
    let mut logs = Logs::new("*.log", true);
    logs.tail = Tail::new(options(logs.folder.path(), "*.log", true, From::End), Saved::default());
    logs.add("a.log", &lines(0..20));
    logs.add("a.log", "half ");
    check(&logs.read(), 0..0);
    logs.add("a.log", "a line\n");
    logs.add("b.log", "a new file\n");
    assert_eq!(logs.read_for(1), ["half a line", "a new file"]);
}

#[test]
fn what_cannot_be_read_is_told_once_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder.log")).unwrap();
    fs::write(at("a.log"), "fine\n").unwrap();
    fs::write(at("cut.log.gz"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 75]).unwrap();
    let named = ["folder.log", "missing.log", "a.log", "cut.log.gz", "*.log"].map(at);
    let patterns = Patterns::new(&named, &[]).unwrap();
    let options = Options { patterns, follow: false, from: From::Beginning, joining: Joining::default() };
    let mut tail = Tail::new(options, Saved::default());
    let troubles = tail.scan(Duration::ZERO);
    let reasons: Vec<String> = troubles.iter().map(|trouble| trouble.reason.clone()).collect();
    assert!(reasons[0].starts_with("it is a folder; name the files in it, such as "), "{reasons:?}");
    assert!(reasons[1].starts_with("No such file or directory"), "{reasons:?}");
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(tail.scan(Duration::ZERO).is_empty(), "nothing is told twice");
    let mut records = Vec::new();
    while !tail.is_finished() {
        tail.read(Duration::ZERO, &mut |event, name| {
            records.push(format!("{name}: {}", String::from_utf8_lossy(event.text)));
            ControlFlow::Continue(())
        });
    }
    assert_eq!(records, [format!("{}: fine", at("a.log").display())]);
}

#[test]
fn a_record_that_is_not_taken_is_read_again() {
    let mut logs = Logs::new("a.log", true);
    logs.add("a.log", &lines(0..20));
    logs.tail.scan(logs.now);
    let mut taken = 0;
    let read = logs.tail.read(logs.now, &mut |_, _| {
        taken += 1;
        if taken > 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(read.is_stopped);
    logs.tail.note(7);
    logs.tail.settle(7);
    logs.restart("a.log");
    check(&logs.read(), 7..20);
}
