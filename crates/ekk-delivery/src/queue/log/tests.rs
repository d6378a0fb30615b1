//! Logs that are closed, killed, damaged and forgotten.

use super::*;

fn open(folder: &Path) -> (Log, Restored) {
    Log::open(folder, 1000).unwrap()
}

fn records(texts: &[&'static str]) -> Vec<Bytes> {
    texts.iter().map(|text| Bytes::from_static(text.as_bytes())).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn texts(restored: &Restored) -> Vec<String> {
    restored.records.iter().map(|record| String::from_utf8(record.data.to_vec()).unwrap()).collect()
}

#[test]
fn records_come_back_in_order_with_their_arrival_and_number() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, restored) = open(folder.path());
    assert_eq!((restored.next, log.epoch()), (0, 1000));
    log.append(0, at("2026-01-01T00:00:00.123456789Z"), &records(&["a", "", "ccc"])).unwrap();
    log.append(3, at("2026-01-01T00:00:01Z"), &records(&["d"])).unwrap();
    drop(log);

    let (log, restored) = open(folder.path());
    assert_eq!((restored.next, log.epoch()), (4, 1001));
    assert_eq!(texts(&restored), ["a", "", "ccc", "d"]);
    let first = restored.records.first().unwrap();
    assert_eq!((first.epoch, first.index, first.arrival), (1000, 0, at("2026-01-01T00:00:00.123456789Z")));
}

#[test]
fn each_opening_has_a_higher_epoch_even_when_the_clock_went_back() {
    let folder = tempfile::tempdir().unwrap();
    for expected in [1000, 1001, 1002] {
        assert_eq!(open(folder.path()).0.epoch(), expected);
    }
}

#[test]
fn a_frame_that_was_not_finished_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = open(folder.path());
    log.append(0, at("2026-01-01T00:00:00Z"), &records(&["whole"])).unwrap();
    let whole = fs::read(file_path(folder.path(), 0)).unwrap();
    log.append(1, at("2026-01-01T00:00:00Z"), &records(&["torn", "apart"])).unwrap();
    drop(log);
    let all = fs::read(file_path(folder.path(), 0)).unwrap();
    for kept in whole.len()..all.len() {
        fs::write(file_path(folder.path(), 0), all.get(..kept).unwrap()).unwrap();
        let (mut log, restored) = open(folder.path());
        assert_eq!(texts(&restored), ["whole"], "{kept} of {} bytes kept", all.len());
        log.append(restored.next, at("2026-01-01T00:00:02Z"), &records(&["next"])).unwrap();
        drop(log);
        assert_eq!(texts(&open(folder.path()).1), ["whole", "next"]);
        fs::remove_file(file_path(folder.path(), 1)).unwrap();
        fs::remove_file(file_path(folder.path(), 2)).unwrap();
    }
}

#[test]
fn a_damaged_frame_is_not_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = open(folder.path());
    for (index, text) in (0..).zip(["whole", "damaged", "whole too"]) {
        log.append(index, at("2026-01-01T00:00:00Z"), &records(&[text])).unwrap();
    }
    drop(log);
    let path = file_path(folder.path(), 0);
    let mut all = fs::read(&path).unwrap();
    let position = all.windows(7).position(|window| window == b"damaged").unwrap();
    *all.get_mut(position).unwrap() ^= 1;
    fs::write(&path, all).unwrap();
    let restored = open(folder.path()).1;
    assert_eq!(texts(&restored), ["whole", "whole too"]);
    assert_eq!(restored.next, 3);
}

#[test]
fn finished_records_do_not_come_back_and_their_files_go() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = open(folder.path());
    let large = Bytes::from(vec![b'x'; 1 << 20]);
    for index in 0..40 {
        log.append(index, at("2026-01-01T00:00:00Z"), std::slice::from_ref(&large)).unwrap();
    }
    assert_eq!(log.files, [0, 16, 32]);
    log.forget(31).unwrap();
    assert_eq!(log.files, [16, 32]);
    let checkpoint = Checkpoint { accepted: 40, destination_done: 39, backup_done: 38, ..Checkpoint::default() };
    log.keep(&checkpoint).unwrap();
    drop(log);

    let (log, restored) = open(folder.path());
    assert_eq!(restored.records.iter().map(|record| record.index).collect::<Vec<_>>(), [38, 39]);
    assert_eq!(log.files, [32, 40]);
    log.delete().unwrap();
    assert!(!folder.path().exists());
}

#[test]
fn a_file_of_another_version_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let path = file_path(folder.path(), 0);
    let mut all = fs::read(&path).unwrap();
    *all.get_mut(4).unwrap() = 9;
    fs::write(&path, all).unwrap();
    let error = Log::open(folder.path(), 1).unwrap_err().to_string();
    assert!(
        error.ends_with("00000000000000000000.log is a queue file of version 9; this program reads version 1"),
        "{error}"
    );
}

#[test]
fn after_a_failed_write_the_next_call_is_kept_and_the_failed_one_is_not() {
    for kept_before in [0, 1] {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, _) = open(folder.path());
        for index in 0..kept_before {
            log.append(index, at("2026-01-01T00:00:00Z"), &records(&["before"])).unwrap();
        }
        // A file that is open for reading only takes nothing.
        log.file = File::open(file_path(folder.path(), 0)).unwrap();
        log.append(kept_before, at("2026-01-01T00:00:00Z"), &records(&["failed"])).unwrap_err();
        log.append(kept_before, at("2026-01-01T00:00:00Z"), &records(&["after"])).unwrap();
        drop(log);
        let restored = open(folder.path()).1;
        assert_eq!(texts(&restored).last().unwrap(), "after");
        assert_eq!((restored.records.len() as u64, restored.next), (kept_before + 1, kept_before + 1));
    }
}
