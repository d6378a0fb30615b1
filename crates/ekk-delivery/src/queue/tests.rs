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
    let records = queue.take(texts.len());
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
    let records = queue.take(2);
    queue.end(records.get(..1).unwrap(), Fate::Indexed);
    assert_eq!((queue.records.len(), queue.done()), (2, 0));
    queue.finish_backup(2, Tally { records: 2, bytes: 8 });
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
    assert_eq!(queue.take(1).len(), 1);
    let waiting = queue.waiting(Lane::Destination);
    assert_eq!((waiting.bytes, waiting.asked), (5, false));
    assert_eq!((queue.account().queued, queue.account().queued_bytes), (2, 8));
    queue.ask_for_flush();
    assert!(queue.waiting(Lane::Destination).asked);
    assert_eq!(queue.take(9).len(), 1);
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
fn what_has_ended_ahead_of_an_older_record_holds_no_bytes_and_is_not_in_the_checkpoint() {
    let (mut queue, records) = taken(&["a", "bbbb"]);
    queue.end(records.get(1..).unwrap(), Fate::Stored);
    assert_eq!(queue.held_bytes(), 1 + 2 * RECORD_OVERHEAD_BYTES);
    assert_eq!((queue.account().stored, queue.checkpoint().account.stored), (1, 0));
    queue.end(records.get(..1).unwrap(), Fate::Stored);
    assert_eq!((queue.held_bytes(), queue.account().stored_bytes, queue.account().accepted_bytes), (0, 5, 5));
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
    let records = queue.take(3);
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
