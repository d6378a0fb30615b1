//! Which rule takes effect, when, and how often.

use super::*;
use crate::{Share, effect::Answer};

fn frozen() -> (Clock, Faults) {
    let clock = Clock::frozen_at("2026-01-01T00:00:00Z".parse().unwrap());
    (clock.clone(), Faults::new(clock, 7))
}

fn put(faults: &Faults, stream: &str) -> CallFault {
    faults.call(Operation::PutRecordBatch, || Some(stream.to_owned()))
}

fn slow_down() -> Effect {
    Effect::answer(ErrorCode::ServiceUnavailableException)
}

#[test]
fn a_rule_acts_on_the_operations_and_streams_that_it_names() {
    let one = |rule: Rule| {
        let (_, faults) = frozen();
        faults.add(rule).unwrap();
        let hit = |operation, stream: Option<&str>| faults.call(operation, || stream.map(str::to_owned)).end.is_some();
        [
            hit(Operation::PutRecord, Some("a")),
            hit(Operation::PutRecordBatch, Some("a")),
            hit(Operation::PutRecordBatch, Some("b")),
            hit(Operation::ListDeliveryStreams, None),
        ]
    };
    for (rule, expected) in [
        (Rule::at(Operation::Any, slow_down()), [true; 4]),
        (Rule::at(Operation::Any, slow_down()).of_stream("a"), [true, true, false, false]),
        (Rule::at(Operation::PutRecord, slow_down()), [true, false, false, false]),
        (Rule::at(Operation::PutRecordBatch, slow_down()).of_stream("b"), [false, false, true, false]),
        (Rule::behind(Destination::S3, Effect::Gone), [false; 4]),
    ] {
        assert_eq!(one(rule.clone()), expected, "{rule:?}");
    }
}

#[test]
fn a_rule_is_over_after_its_times_or_its_duration() {
    let (clock, faults) = frozen();
    faults.add(Rule::at(Operation::Any, slow_down()).times(2)).unwrap();
    assert_eq!([0; 3].map(|_| put(&faults, "a").end.is_some()), [true, true, false]);
    faults.add(Rule::at(Operation::Any, slow_down()).lasting(Duration::from_secs(10))).unwrap();
    clock.advance(Duration::from_millis(9_999));
    assert!(put(&faults, "a").end.is_some());
    clock.advance(Duration::from_millis(1));
    assert!(put(&faults, "a").end.is_none());
    let states: Vec<_> = faults.list().iter().map(|armed| (armed.id, armed.hits, armed.state)).collect();
    assert_eq!(states, [(1, 2, State::Spent), (2, 1, State::Over)]);
}

#[test]
fn equal_seeds_give_equal_chance_and_each_rule_has_its_own() {
    let run = |seed, with_another: bool| {
        let faults = Faults::new(Clock::system(), seed);
        faults.add(Rule::at(Operation::PutRecordBatch, slow_down()).with_probability(0.3)).unwrap();
        if with_another {
            faults.add(Rule::at(Operation::PutRecord, slow_down()).with_probability(0.5)).unwrap();
        }
        (0..200)
            .map(|_| {
                faults.call(Operation::PutRecord, || None);
                put(&faults, "a").end.is_some()
            })
            .collect::<Vec<bool>>()
    };
    assert_eq!(run(1, false), run(1, true), "another rule does not disturb the first");
    assert_ne!(run(1, false), run(2, false));
    let hits = run(1, false).into_iter().filter(|hit| *hit).count();
    assert!((40..80).contains(&hits), "{hits} of 200 at 0.3");
}

#[test]
fn a_cleared_stack_repeats_its_first_rule() {
    let (_, faults) = frozen();
    let rule = || Rule::at(Operation::PutRecordBatch, Effect::fail_records(Share::Of(0.2)));
    let run = || {
        assert_eq!(faults.add(rule()).unwrap(), 1);
        let failed = faults.records(Operation::PutRecordBatch, "a", 500);
        faults.clear();
        failed
    };
    assert_eq!(run(), run());
    assert!(faults.records(Operation::PutRecordBatch, "a", 500).is_empty());
}

#[test]
fn records_fail_by_count_by_share_and_one_in_so_many() {
    let fail = |share, counts: &[usize]| {
        let (_, faults) = frozen();
        faults.add(Rule::at(Operation::Any, Effect::fail_records(share))).unwrap();
        let of = |count| faults.records(Operation::PutRecordBatch, "a", count).len();
        counts.iter().map(|count| of(*count)).collect::<Vec<_>>()
    };
    assert_eq!(fail(Share::Count(3), &[500, 3, 2, 0]), [3, 3, 2, 0]);
    assert_eq!(fail(Share::Every(4), &[3, 1, 8, 2]), [0, 1, 2, 0], "it counts on from call to call");
    assert_eq!(fail(Share::Of(1.0), &[5]), [5]);
    let some = fail(Share::Of(0.1), &[10_000])[0];
    assert!((800..1_200).contains(&some), "{some} of 10000 at 0.1");
}

#[test]
fn each_choice_of_places_is_as_likely_as_another() {
    let (_, faults) = frozen();
    faults.add(Rule::at(Operation::Any, Effect::fail_records(Share::Count(2)))).unwrap();
    let mut chosen = BTreeMap::<Vec<usize>, u32>::new();
    for _ in 0..6_000 {
        let places = faults.records(Operation::PutRecordBatch, "a", 4).into_iter().map(|(place, _)| place).collect();
        *chosen.entry(places).or_default() += 1;
    }
    assert_eq!(chosen.len(), 6, "{chosen:?}");
    assert!(chosen.values().all(|times| (850..1_150).contains(times)), "{chosen:?}");
}

#[test]
fn delays_add_up_and_the_oldest_end_wins() {
    let (_, faults) = frozen();
    let any = |effect| faults.add(Rule::at(Operation::Any, effect)).unwrap();
    any(Effect::delay(Duration::from_secs(2)));
    any(Effect::delay(Duration::from_millis(500)));
    any(Effect::DropConnection(Moment::AfterWork));
    any(Effect::Answer(Answer { code: ErrorCode::InternalFailure, message: None }));
    let fault = put(&faults, "a");
    assert_eq!(fault, CallFault { delay: Duration::from_millis(2_500), end: Some(CallEnd::DropAfterWork) });
    let hits: Vec<_> = faults.list().iter().map(|armed| armed.hits).collect();
    assert_eq!(hits, [1, 1, 1, 0]);
}

#[test]
fn a_request_to_a_destination_ends_as_its_rule_says() {
    let (_, faults) = frozen();
    let items = Rule::behind(Destination::OpenSearch, Effect::fail_items(Share::Count(1), 403)).times(1);
    let first = faults.add(items).unwrap();
    let second = faults.add(Rule::behind(Destination::OpenSearch, Effect::Status(503)).of_stream("a")).unwrap();
    let ask = |stream| {
        let fault = faults.request(Destination::OpenSearch, stream, 1);
        (fault.rule, fault.end)
    };
    assert_eq!(ask("a"), (first, Some(RequestEnd::Items { places: vec![0], status: 403 })));
    assert_eq!(ask("a"), (second, Some(RequestEnd::Status(503))));
    assert_eq!(ask("b"), (0, None));
    assert_eq!(faults.request(Destination::S3, "a", 1), RequestFault::default());
    assert!(faults.remove(second) && !faults.remove(second));
    assert_eq!(ask("a"), (0, None));
}
