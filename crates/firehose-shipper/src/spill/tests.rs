//! Tests of the folder, on a real one.

use super::*;

const MUCH: u64 = 1 << 40;

fn open(folder: &Path) -> Spill {
    Spill::open(folder, MUCH).unwrap()
}

fn write(spill: &mut Spill, sequences: std::ops::Range<u64>) {
    for sequence in sequences {
        assert!(spill.write(sequence, format!("record {sequence}").as_bytes()).unwrap());
    }
}

fn data(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| std::str::from_utf8(&found.data).unwrap()).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != LOCK_FILE).collect();
    names.sort();
    names
}

#[test]
fn records_are_read_back_in_their_order_and_their_file_goes_when_all_are_settled() {
    let folder = tempfile::tempdir().unwrap();
    let mut spill = open(folder.path());
    write(&mut spill, 7..10);
    assert!(spill.is_ahead());
    let found = spill.read(1000);
    assert_eq!(data(&found), ["record 7", "record 8", "record 9"]);
    assert_eq!(found.iter().map(|found| found.sequence).collect::<Vec<_>>(), [Some(7), Some(8), Some(9)]);
    assert!(!spill.is_ahead() && !spill.has_unread());
    for found in found {
        assert_eq!(files(folder.path()).len(), 1);
        spill.settle(found.segment);
    }
    assert_eq!(files(folder.path()), [""; 0]);
    write(&mut spill, 10..11);
    assert_eq!(data(&spill.read(1000)), ["record 10"]);
}

#[test]
fn reading_stops_when_there_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let mut spill = open(folder.path());
    write(&mut spill, 0..5);
    assert_eq!(data(&spill.read(10)), ["record 0", "record 1"]);
    assert_eq!(data(&spill.read(1000)), ["record 2", "record 3", "record 4"]);
}

#[test]
fn what_a_former_process_left_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    write(&mut open(folder.path()), 0..3);
    let mut spill = open(folder.path());
    assert!(spill.has_unread() && !spill.is_ahead());
    let found = spill.read(1000);
    assert_eq!(data(&found), ["record 0", "record 1", "record 2"]);
    assert!(found.iter().all(|found| found.sequence.is_none()), "numbers of another process do not hold");
}

#[test]
fn what_was_read_before_a_graceful_end_is_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut spill = open(folder.path());
    write(&mut spill, 0..3);
    assert_eq!(data(&spill.read(1)), ["record 0"]);
    spill.close();
    drop(spill);
    assert_eq!(data(&open(folder.path()).read(1000)), ["record 1", "record 2"]);
}

#[test]
fn a_record_that_was_not_finished_is_put_aside_with_its_file_and_the_ones_before_it_are_read() {
    let folder = tempfile::tempdir().unwrap();
    write(&mut open(folder.path()), 0..2);
    let path = folder.path().join(&files(folder.path())[0]);
    let whole = fs::read(&path).unwrap();
    let flipped: Vec<u8> = [&whole[..whole.len() - 1], b"?"].concat();
    for damaged in [&whole[..whole.len() - 1], flipped.as_slice()] {
        fs::write(&path, damaged).unwrap();
        let mut spill = open(folder.path());
        assert_eq!(data(&spill.read(1000)), ["record 0"]);
        assert_eq!(spill.take_damaged(), [Damaged { path: path.with_extension("damaged"), sequences: vec![] }]);
        assert!(!spill.has_unread());
        assert_eq!(files(folder.path()), ["0000000000000000.damaged"]);
    }
}

#[test]
fn the_records_of_a_file_that_is_damaged_while_it_is_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut spill = open(folder.path());
    write(&mut spill, 3..5);
    write(&mut spill, 8..9);
    let path = folder.path().join(&files(folder.path())[0]);
    File::options().write(true).open(&path).unwrap().set_len(40).unwrap();
    assert_eq!(data(&spill.read(1000)), ["record 3"]);
    assert_eq!(spill.take_damaged(), [Damaged { path: path.with_extension("damaged"), sequences: vec![4, 8] }]);
    assert!(!spill.is_ahead());
    write(&mut spill, 9..10);
    assert_eq!(data(&spill.read(1000)), ["record 9"]);
}

#[test]
fn a_folder_that_is_full_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut spill = Spill::open(folder.path(), 100).unwrap();
    let taken = (0..9).take_while(|sequence| spill.write(*sequence, &[b'x'; 20]).unwrap()).count();
    assert_eq!(taken, 2);
    let found = spill.read(1000);
    for found in found {
        spill.settle(found.segment);
    }
    assert!(spill.write(9, b"there is room again").unwrap());
}

#[test]
fn a_folder_belongs_to_one_shipper() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    assert_eq!(Spill::open(folder.path(), MUCH).unwrap_err().to_string(), "another shipper has locked it");
    drop(first);
    open(folder.path());
}
