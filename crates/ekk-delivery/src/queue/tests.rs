//! What the queue holds and counts while records end in order, out of order, and in pieces.

use super::*;

fn push(queue: &mut Queue, data: &'static str) {
    queue.push(1, Timestamp::UNIX_EPOCH, Bytes::from_static(data.as_bytes()));
}

/// A queue of `texts`, all of them taken.
fn taken(texts: &[&'static str]) -> (Queue, Vec<Record>) {
    let mut queue = Queue::default();
    for text in texts {
        push(&mut queue, text);
    }
    let records = queue.take(Lane::Destination, texts.len());
    (queue, records)
}

#[track_caller]
fn check_sums(queue: &Queue) -> Account {
    let account = queue.account();
    assert_eq!(account.accepted + account.expanded, account.ended() + account.queued, "{account:?}");
    assert_eq!(account.lost, 0, "{account:?}");
    account
}

#[test]
fn a_record_leaves_when_both_lanes_have_passed_it() {
    let mut queue = Queue { backs_up: true, ..Queue::default() };
    push(&mut queue, "one");
    push(&mut queue, "three");
    let records = queue.take(Lane::Destination, 2);
    queue.end(records.get(..1).unwrap(), Fate::Indexed);
    assert_eq!((queue.records.len(), queue.done()), (2, 0));
    let backed_up = queue.take(Lane::Backup, 2);
    queue.finish_backup(&backed_up);
    assert_eq!((queue.records.len(), queue.done()), (1, 1));
    assert_eq!(queue.held_bytes(), 5 + RECORD_OVERHEAD_BYTES);
    assert_eq!(queue.waiting_records(Lane::Destination).count(), 0);
    assert_eq!(queue.waiting_records(Lane::Backup).count(), 0);
}

#[test]
fn records_that_were_taken_wait_no_more_and_are_queued_until_they_end() {
    let mut queue = Queue::default();
    push(&mut queue, "one");
    push(&mut queue, "three");
    assert_eq!(queue.take(Lane::Destination, 1).len(), 1);
    let waiting = queue.waiting(Lane::Destination);
    assert_eq!((waiting.bytes, waiting.asked), (5, false));
    assert_eq!((queue.account().queued, queue.account().queued_bytes), (2, 8));
    queue.ask_for_flush();
    assert!(queue.waiting(Lane::Destination).asked);
    assert_eq!(queue.take(Lane::Destination, 9).len(), 1);
    assert!(!queue.waiting(Lane::Destination).asked);
}

#[test]
fn records_may_end_in_any_order() {
    let (mut queue, records) = taken(&["a", "bb", "ccc", "dddd", "eeeee"]);
    for (ended, done, held) in [
        (3, 0, "the oldest holds the others"),
        (1, 0, "no neighbours"),
        (2, 0, "neighbours on both sides"),
        (0, 4, "the oldest"),
        (4, 5, "the last"),
    ] {
        queue.end(records.get(ended..=ended).unwrap(), if ended == 1 { Fate::Failed } else { Fate::Stored });
        assert_eq!(queue.done(), done, "{held}");
        check_sums(&queue);
    }
    let account = queue.account();
    assert_eq!((account.stored, account.stored_bytes, account.failed, account.failed_bytes), (4, 13, 1, 2));
    assert_eq!((queue.held_bytes(), queue.checkpoint().account.stored), (0, 4));
}

#[test]
fn what_has_ended_ahead_of_an_older_record_holds_no_bytes_and_is_in_the_checkpoint() {
    let (mut queue, records) = taken(&["a", "bbbb"]);
    queue.end(records.get(1..).unwrap(), Fate::Stored);
    assert_eq!(queue.held_bytes(), 1 + 2 * RECORD_OVERHEAD_BYTES);
    assert_eq!((queue.account().stored, queue.checkpoint().account.stored), (1, 1));
    assert_eq!((queue.checkpoint().destination_done, queue.checkpoint().destination_ahead), (0, vec![(1, 2)]));
    queue.end(records.get(..1).unwrap(), Fate::Stored);
    assert_eq!((queue.held_bytes(), queue.account().stored_bytes, queue.account().accepted_bytes), (0, 5, 5));
}

/// The queue as it comes back after a restart, from the records that its files have.
fn again(queue: &Queue, records: Vec<Record>, backs_up: bool) -> Queue {
    let restored = log::Restored { checkpoint: queue.checkpoint(), records, next: queue.next };
    Queue::restored(restored, backs_up)
}

#[test]
fn after_a_restart_only_what_has_not_ended_is_taken_again() {
    let (mut queue, records) = taken(&["a", "bb", "ccc", "dddd", "eeeee", "ffffff"]);
    for ended in [1..2, 3..5] {
        queue.end(records.get(ended).unwrap(), Fate::Indexed);
    }
    for backs_up in [false, true] {
        let mut queue = again(&queue, records.clone(), backs_up);
        let account = check_sums(&queue);
        assert_eq!((account.indexed, account.indexed_bytes, account.queued, account.queued_bytes), (3, 11, 3, 10));
        assert_eq!(queue.waiting(Lane::Destination).bytes, 10);
        let rest = queue.take(Lane::Destination, 9);
        assert_eq!(rest.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 2, 5]);
        queue.end(rest.get(1..).unwrap(), Fate::Indexed);
        queue.end(rest.get(..1).unwrap(), Fate::Indexed);
        let account = check_sums(&queue);
        assert_eq!((account.indexed, account.queued, account.accepted_bytes), (6, 0, 21));
        assert_eq!(queue.progress(Lane::Destination).done, 6);
    }
}

#[test]
fn what_had_ended_before_a_restart_is_not_taken_when_an_older_record_has_ended_either() {
    let mut queue = Queue { backs_up: true, ..Queue::default() };
    for text in ["a", "bb", "ccc", "dddd"] {
        push(&mut queue, text);
    }
    let records = queue.take(Lane::Destination, 4);
    queue.end(records.get(1..3).unwrap(), Fate::Indexed);
    let mut queue = again(&queue, records, true);
    for (index, done) in [(0, 3), (3, 4)] {
        let next = queue.take(Lane::Destination, 1);
        assert_eq!(next.iter().map(|record| record.index).collect::<Vec<_>>(), [index]);
        queue.end(&next, Fate::Indexed);
        assert_eq!(queue.progress(Lane::Destination).done, done);
    }
    assert_eq!(queue.take(Lane::Destination, 9), [], "the backup still holds them in the queue");
    assert_eq!((check_sums(&queue).indexed, queue.account().backup_queued), (4, 4));
}

#[test]
fn after_a_restart_only_what_is_not_backed_up_is_backed_up_again() {
    let mut queue = Queue { backs_up: true, ..Queue::default() };
    for text in ["a", "bb", "ccc", "dddd"] {
        push(&mut queue, text);
    }
    let records = queue.take(Lane::Backup, 4);
    queue.finish_backup(records.get(2..3).unwrap());
    assert_eq!((queue.account().backed_up, queue.account().backup_queued, queue.done()), (1, 3, 0));
    let mut queue = again(&queue, records, true);
    assert_eq!((queue.account().backed_up, queue.account().backup_queued), (1, 3));
    let rest = queue.take(Lane::Backup, 9);
    assert_eq!(rest.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 1, 3]);
    queue.finish_backup(&rest);
    assert_eq!((queue.account().backed_up, queue.account().backed_up_bytes, queue.account().backup_queued), (4, 10, 0));
}

#[test]
fn more_runs_than_are_kept_are_taken_again_and_counted_once() {
    let texts = vec!["x"; 3 * KEPT_RUNS];
    let (mut queue, records) = taken(&texts);
    for record in records.iter().skip(1).step_by(2) {
        queue.end(std::slice::from_ref(record), Fate::Indexed);
    }
    let before = check_sums(&queue);
    assert!(before.indexed > KEPT_RUNS as u64);
    let mut queue = again(&queue, records, false);
    let account = check_sums(&queue);
    assert_eq!((account.indexed, account.queued), (KEPT_RUNS as u64, 2 * KEPT_RUNS as u64));
    let rest = queue.take(Lane::Destination, texts.len());
    queue.end(&rest, Fate::Indexed);
    assert_eq!((check_sums(&queue).indexed, queue.account().queued), (texts.len() as u64, 0));
}

#[test]
fn a_damaged_file_holds_up_nothing_that_had_ended_ahead_of_it() {
    let (mut queue, mut records) = taken(&["a", "bb", "ccc"]);
    queue.end(records.get(1..2).unwrap(), Fate::Indexed);
    let damaged = records.remove(0);
    assert_eq!(damaged.index, 0);
    let mut queue = again(&queue, records, false);
    let rest = queue.take(Lane::Destination, 9);
    queue.end(&rest, Fate::Indexed);
    let account = queue.account();
    assert_eq!((account.indexed, account.lost, account.queued, queue.held_bytes()), (2, 1, 0, 0));
    assert_eq!(queue.progress(Lane::Destination).done, 3);
}

#[test]
fn a_record_in_pieces_ends_with_its_last_piece_and_expands_the_account() {
    let (mut queue, records) = taken(&["{}{}{}", "x"]);
    queue.split(0, 3);
    let source = records.first().unwrap();
    let pieces: Vec<Record> = (0..3).map(|piece| Record { piece, data: Bytes::new(), ..source.clone() }).collect();
    queue.end(pieces.get(1..2).unwrap(), Fate::Dropped);
    queue.end(pieces.get(..1).unwrap(), Fate::Indexed);
    assert_eq!(check_sums(&queue).queued, 2, "two of three pieces are not the record");
    queue.end(pieces.get(2..).unwrap(), Fate::Indexed);
    let account = check_sums(&queue);
    assert_eq!((account.indexed, account.dropped, account.expanded, account.queued), (2, 1, 2, 1));
    assert_eq!(account.dropped_bytes, 6, "the first piece that ends has the bytes");
    queue.end(records.get(1..).unwrap(), Fate::Indexed);
    assert_eq!((check_sums(&queue).indexed, queue.account().accepted_bytes), (3, 7));
}

#[test]
fn a_gap_that_a_damaged_file_left_holds_nothing_up() {
    let record =
        |index| Record { epoch: 1, index, piece: 0, arrival: Timestamp::UNIX_EPOCH, data: Bytes::from_static(b"x") };
    let restored = log::Restored { records: vec![record(1), record(4), record(5)], next: 7, ..Default::default() };
    let mut queue = Queue::restored(restored, false);
    let records = queue.take(Lane::Destination, 3);
    assert_eq!(records.len(), 3);
    queue.end(records.get(2..).unwrap(), Fate::Indexed);
    queue.end(records.get(..1).unwrap(), Fate::Indexed);
    queue.end(records.get(1..2).unwrap(), Fate::Indexed);
    let account = queue.account();
    assert_eq!((account.accepted, account.indexed, account.lost, account.queued), (7, 3, 4, 0));
    assert_eq!(queue.held_bytes(), 0);
}

#[test]
fn a_backup_that_is_switched_on_begins_with_the_next_record() {
    let mut queue = Queue::default();
    push(&mut queue, "one");
    queue.set_backs_up(true);
    push(&mut queue, "two");
    assert_eq!(queue.waiting_records(Lane::Backup).map(|record| record.index).collect::<Vec<_>>(), [1]);
    assert_eq!(queue.account().backup_queued, 1);
    queue.set_backs_up(false);
    assert_eq!(queue.account().backup_queued, 0);
}

#[test]
fn each_record_is_billed_by_units_of_5_kib_and_once_over_a_restart() {
    let mut queue = Queue::default();
    let push = |queue: &mut Queue, bytes: usize| queue.push(1, Timestamp::UNIX_EPOCH, Bytes::from(vec![0; bytes]));
    for bytes in [0, 1, 5_120, 5_121] {
        push(&mut queue, bytes);
    }
    assert_eq!(queue.account().billed_units, 4);
    let checkpoint = queue.checkpoint();
    push(&mut queue, 1);
    let restored = log::Restored { checkpoint, records: queue.records.iter().cloned().collect(), next: queue.next };
    assert_eq!(Queue::restored(restored, false).account().billed_units, 5);
}
