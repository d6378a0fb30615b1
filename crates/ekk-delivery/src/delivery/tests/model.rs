//! Random puts, faults, flushes, restarts and moves of the clock against a model: the account's sums match at each step,
//! and every accepted record is in the index, in S3, or queued.

mod processed;

use std::collections::BTreeSet;

use proptest::{prelude::*, test_runner::Config as Cases};
use tempfile::TempDir;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// Puts so many records; each third one conflicts with the mapping, each fourth is for a busy cluster.
    Put(usize),
    BulkStatus(Option<u16>),
    BusyStatus(Option<u16>),
    ObjectStatus(Option<u16>),
    LosesAnswers(bool),
    Advance(u64),
    Flush,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let status = || prop_oneof![Just(None), Just(Some(429)), Just(Some(503)), Just(Some(403))];
    prop_oneof![
        6 => (1usize..8).prop_map(Step::Put),
        2 => status().prop_map(Step::BulkStatus),
        2 => status().prop_map(Step::BusyStatus),
        2 => status().prop_map(Step::ObjectStatus),
        1 => any::<bool>().prop_map(Step::LosesAnswers),
        3 => (0u64..400).prop_map(Step::Advance),
        3 => Just(Step::Flush),
        1 => Just(Step::Restart),
    ]
}

fn destination(destination: &mut OpenSearchDestination) {
    destination.buffering_hints = BufferingHints { size_bytes: 120, interval: Duration::from_secs(30) };
    destination.backup_mode = S3BackupMode::AllDocuments;
    destination.backup.buffering_hints = BufferingHints { size_bytes: 200, interval: Duration::from_mins(1) };
}

/// The stack under test, which may be started again, and what was accepted.
struct Run {
    outside: Outside,
    clock: Clock,
    folder: TempDir,
    delivery: Delivery,
    stream: Stream,
    accepted: Vec<(String, String)>,
    restarted: bool,
}

impl Run {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let Scene { outside, clock, delivery } =
            Scene::with(|config| config.folder = Some(folder.path().to_owned())).await;
        let stream = delivery.open(spec(destination)).unwrap();
        Self { outside, clock, folder, delivery, stream, accepted: Vec::new(), restarted: false }
    }

    async fn take(&mut self, step: &Step) {
        match *step {
            Step::Put(count) => self.put(count),
            Step::BulkStatus(status) => self.outside.answer(|answers| answers.bulk_status = status),
            Step::BusyStatus(status) => self.outside.answer(|answers| answers.busy_status = status),
            Step::ObjectStatus(status) => self.outside.answer(|answers| answers.object_status = status),
            Step::LosesAnswers(loses) => self.outside.answer(|answers| answers.loses_them = loses),
            Step::Advance(seconds) => self.clock.advance(Duration::from_secs(seconds)),
            Step::Flush => self.stream.flush().await,
            Step::Restart => self.restart().await,
        }
        tokio::task::yield_now().await;
        let account = self.stream.account();
        check_sums(&account);
        assert_eq!((account.accepted, account.lost), (self.accepted.len() as u64, 0));
    }

    fn put(&mut self, count: usize) {
        let texts: Vec<String> = (self.accepted.len()..)
            .take(count)
            .map(|number| {
                let conflict = if number % 3 == 0 { "conflict" } else { "" };
                let busy = if number % 4 == 0 { "busy" } else { "" };
                format!("{{\"n\":{number},\"x\":\"{conflict}{busy}\"}}\n")
            })
            .collect();
        let bytes: Vec<Bytes> = texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect();
        let numbers = self.stream.accept(&bytes).unwrap();
        self.accepted.extend(numbers.into_iter().map(|number| format!("{number}.0")).zip(texts));
    }

    async fn restart(&mut self) {
        self.restarted = true;
        self.delivery.shutdown(Duration::ZERO).await;
        let config = Config { folder: Some(self.folder.path().to_owned()), ..self.outside.config() };
        // The folder is free when the old delivery is dropped, so it is replaced by one without a folder first.
        self.delivery = Delivery::start(self.outside.config(), self.clock.clone()).unwrap();
        self.delivery = Delivery::start(config, self.clock.clone()).unwrap();
        self.stream = self.delivery.open(spec(destination)).unwrap();
    }

    async fn check_end(&self) {
        self.outside.answer(|answers| *answers = Answers::default());
        self.stream.settled(PATIENCE).await.unwrap();
        let account = self.stream.account();
        check_sums(&account);
        let given = self.outside.given();
        let failed: BTreeSet<String> = given
            .failed_documents()
            .iter()
            .map(|document| document.get("esDocumentId").unwrap().as_str().unwrap().to_owned())
            .collect();
        let indexed: BTreeSet<&String> = given.documents.keys().map(|(_, id)| id).collect();
        for (id, text) in &self.accepted {
            assert!(indexed.contains(id) || failed.contains(id), "lost: {text}");
            assert!(!text.contains("conflict") || failed.contains(id), "not failed: {text}");
        }
        let known: BTreeSet<&String> = self.accepted.iter().map(|(id, _)| id).collect();
        assert!(indexed.iter().all(|id| known.contains(id)) && failed.iter().all(|id| known.contains(id)));
        self.check_backup(&account, &given);
    }

    /// The backup holds every record, and once unless a restart in the middle of a write has doubled an object.
    fn check_backup(&self, account: &Account, given: &outside::Given) {
        assert_eq!(account.backed_up, self.accepted.len() as u64);
        let backup: Vec<String> = given
            .objects
            .iter()
            .filter(|(key, _)| !key.contains("-failed/"))
            .map(|(_, body)| String::from_utf8(body.to_vec()).unwrap())
            .collect();
        let backup_bytes: usize = backup.iter().map(String::len).sum();
        assert!(self.restarted || backup_bytes as u64 == account.accepted_bytes, "some records are backed up twice");
        for (_, text) in &self.accepted {
            assert!(backup.iter().any(|object| object.contains(text.as_str())), "not backed up: {text}");
        }
    }
}

proptest! {
    #![proptest_config(Cases { cases: 24, failure_persistence: None, ..Cases::default() })]

    #[test]
    fn no_accepted_record_is_lost(steps in prop::collection::vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::start().await;
            for step in &steps {
                run.take(step).await;
            }
            run.check_end().await;
        });
    }
}
