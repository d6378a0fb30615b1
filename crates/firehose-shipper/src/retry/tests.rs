//! Tests of the decisions about sending again.

use proptest::prelude::*;

use super::*;

const LIMITS: CallLimits = CallLimits { records: 3, bytes: 100 };

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn records(sequences: std::ops::Range<u64>) -> Vec<Record> {
    sequences.map(|sequence| Record::new(sequence, vec![b'x'; 10].into())).collect()
}

fn sequences(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.sequence).collect()
}

#[test]
fn pauses_double_up_to_the_longest() {
    let retry = Retry::default();
    for (attempts, millis) in [(0, 100), (1, 100), (2, 200), (3, 400), (6, 3200), (7, 5000), (u32::MAX, 5000)] {
        assert_eq!(pause_after(attempts, &retry, 0.0), Duration::from_millis(millis), "after {attempts}");
    }
    assert_eq!(pause_after(3, &retry, 1.0), Duration::from_millis(200));
}

#[test]
fn records_come_back_when_their_pause_is_over_as_many_as_a_call_holds() {
    let mut retries = Retries::default();
    assert!(retries.put_off(records(0..5), at(10), &Retry::default(), 0.0).is_empty());
    assert_eq!(retries.next_due(), Some(Duration::from_millis(10_100)));
    assert!(retries.take_due(at(10), LIMITS).records.is_empty());
    assert_eq!(sequences(&retries.take_due(at(11), LIMITS).records), [0, 1, 2]);
    assert_eq!(sequences(&retries.take_due(at(11), LIMITS).records), [3, 4]);
    assert_eq!(retries.next_due(), None);
}

#[test]
fn records_of_several_calls_share_one_when_they_are_due() {
    let mut retries = Retries::default();
    retries.put_off(records(0..2), at(10), &Retry::default(), 0.0);
    retries.put_off(records(5..6), at(9), &Retry::default(), 0.0);
    assert_eq!(sequences(&retries.take_due(at(11), LIMITS).records), [5, 0, 1]);
}

#[test]
fn a_record_is_given_up_when_it_was_tried_for_long_enough() {
    let retry = Retry { give_up_after: at(30), ..Retry::default() };
    let mut retries = Retries::default();
    let mut failing = records(0..2);
    for now in [100, 110, 129] {
        assert!(retries.put_off(failing, at(now), &retry, 0.0).is_empty(), "at {now}");
        failing = retries.take_due(at(now + 9), LIMITS).records;
    }
    failing.extend(records(2..3));
    assert_eq!(sequences(&retries.put_off(failing, at(130), &retry, 0.0)), [0, 1]);
    assert_eq!(sequences(&retries.take_all()), [2]);
}

#[test]
fn a_call_that_is_refused_is_halved_until_the_record_at_fault_is_alone() {
    let mut retries = Retries::default();
    assert!(retries.halve(records(0..3), at(1)).is_none());
    retries.put_off(records(7..9), at(0), &Retry::default(), 0.0);
    let seven = retries.take_due(at(1), LIMITS);
    assert_eq!((sequences(&seven.records), seven.alone), (vec![7, 8], false), "halves wait for a call of their own");
    let first = retries.take_due(at(1), LIMITS);
    assert_eq!((sequences(&first.records), first.alone), (vec![0], true));
    assert_eq!(retries.halve(first.records, at(1)).map(|record| record.sequence), Some(0));
    let second = retries.take_due(at(1), LIMITS);
    assert_eq!((sequences(&second.records), second.alone), (vec![1, 2], true));
}

proptest! {
    #[test]
    fn a_pause_is_between_a_half_of_the_shortest_and_the_longest(attempts in 0..u32::MAX, jitter in 0.0..1.0_f64) {
        let retry = Retry::default();
        let pause = pause_after(attempts, &retry, jitter);
        prop_assert!(pause >= retry.first_pause / 2 && pause <= retry.longest_pause);
    }

    #[test]
    fn no_record_is_lost_or_doubled_whatever_happens(steps in proptest::collection::vec((0..4_u8, 1..7_u64), 0..60)) {
        let retry = Retry { give_up_after: at(20), ..Retry::default() };
        let mut retries = Retries::default();
        let (mut made, mut now, mut ended) = (0, at(0), Vec::new());
        for (step, size) in steps {
            now += Duration::from_secs(size);
            match step {
                0 => {
                    ended.extend(sequences(&retries.put_off(records(made..made + size), now, &retry, 0.3)));
                    made += size;
                }
                1 => ended.extend(sequences(&retries.take_due(now, LIMITS).records)),
                2 => {
                    let again = retries.take_due(now, LIMITS).records;
                    ended.extend(sequences(&retries.put_off(again, now, &retry, 0.7)));
                }
                _ => {
                    let refused = retries.take_due(now, LIMITS).records;
                    ended.extend(retries.halve(refused, now).map(|record| record.sequence));
                }
            }
        }
        ended.extend(sequences(&retries.take_all()));
        ended.sort_unstable();
        prop_assert_eq!(ended, (0..made).collect::<Vec<_>>());
    }
}
