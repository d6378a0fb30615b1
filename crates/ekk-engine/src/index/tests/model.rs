//! Random operations against a model: a map of ids to versions and sources.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{apply, delete, index, put, visible};
use crate::index::{Index, Outcome};

#[derive(Debug, Clone)]
enum Step {
    Put(u8),
    /// A document with a field of its own, so that the mapping grows.
    PutWithField(u8),
    Delete(u8),
    Refresh,
    Merge,
    ForceMerge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_u8..20).prop_map(Step::Put),
        1 => (0_u8..20).prop_map(Step::PutWithField),
        4 => (0_u8..20).prop_map(Step::Delete),
        4 => Just(Step::Refresh),
        2 => Just(Step::Merge),
        2 => Just(Step::ForceMerge),
    ]
}

/// What an index should hold.
#[derive(Default)]
struct Model {
    /// Alive documents, real-time.
    alive: BTreeMap<u8, (u64, String)>,
    versions: BTreeMap<u8, u64>,
    /// What a search sees.
    seen: BTreeMap<u8, (u64, String)>,
    next_seq_no: u64,
}

impl Model {
    fn write(&mut self, id: u8, source: Option<String>) -> (u64, u64, Outcome) {
        let version = self.versions.get(&id).copied().unwrap_or_default() + 1;
        self.versions.insert(id, version);
        let seq_no = self.next_seq_no;
        self.next_seq_no += 1;
        let outcome = match (&source, self.alive.contains_key(&id)) {
            (Some(_), true) => Outcome::Updated,
            (Some(_), false) => Outcome::Created,
            (None, true) => Outcome::Deleted,
            (None, false) => Outcome::NotFound,
        };
        match source {
            Some(source) => drop(self.alive.insert(id, (version, source))),
            None => drop(self.alive.remove(&id)),
        }
        (version, seq_no, outcome)
    }
}

fn carry_out(index: &Index, model: &mut Model, step: &Step, at: usize) {
    let (id, source) = match step {
        Step::Put(id) => (*id, Some(format!(r#"{{"n":{at},"t":"word {at}"}}"#))),
        Step::PutWithField(id) => (*id, Some(format!(r#"{{"n":{at},"f{id}":"x"}}"#))),
        Step::Delete(id) => (*id, None),
        Step::Refresh => {
            index.refresh().unwrap();
            model.seen = model.alive.clone();
            return;
        }
        Step::Merge => return while index.merge().unwrap() {},
        Step::ForceMerge => {
            index.force_merge().unwrap();
            model.seen = model.alive.clone();
            return;
        }
    };
    let name = id.to_string();
    let expected = model.write(id, source.clone());
    let written = apply(index, source.map_or_else(|| delete(&name), |source| put(&name, &source))).unwrap();
    assert_eq!((written.version, written.seq_no, written.outcome), expected, "step {at} {step:?}");
}

fn check(index: &Index, model: &Model) {
    let mut sources = visible(index);
    let mut expected: Vec<String> = model.seen.values().map(|(_, source)| source.clone()).collect();
    sources.sort();
    expected.sort();
    assert_eq!(sources, expected);
    for id in 0..20 {
        let document = index.get(&id.to_string()).unwrap();
        let document = document.map(|document| (document.version, document.source.to_string()));
        assert_eq!(document.as_ref(), model.alive.get(&id), "get {id}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_holds_what_the_model_holds(steps in proptest::collection::vec(step(), 1..80)) {
        let index = index();
        let mut model = Model::default();
        for (at, step) in steps.iter().enumerate() {
            carry_out(&index, &mut model, step, at);
            check(&index, &model);
        }
    }
}
