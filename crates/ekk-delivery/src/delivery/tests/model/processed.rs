//! The same for a partitioned bucket behind a function and de-aggregation: pieces end in any order and in different
//! places, and still the sums match and nothing is lost.

use proptest::{prelude::*, test_runner::Config as Cases};
use serde_json::json;
use tempfile::TempDir;

use super::{super::outside::each, *};
use crate::{DynamicPartitioning, ExtendedS3Destination, LambdaProcessor, Processor, SubRecordType};

#[derive(Clone, Debug)]
enum Step {
    /// Puts so many records, of one to three pieces; some pieces have no partition, some are dropped or failed.
    Put(usize),
    FunctionFails(bool),
    ObjectStatus(Option<u16>),
    Advance(u64),
    Flush,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1usize..6).prop_map(Step::Put),
        2 => any::<bool>().prop_map(Step::FunctionFails),
        2 => prop_oneof![Just(None), Just(Some(503))].prop_map(Step::ObjectStatus),
        4 => (0u64..200).prop_map(Step::Advance),
        3 => Just(Step::Flush),
        1 => Just(Step::Restart),
    ]
}

fn processed() -> StreamSpec {
    let hints = |size_bytes| BufferingHints { size_bytes, interval: Duration::from_mins(1) };
    let objects = S3Destination {
        prefix: "p=!{partitionKeyFromQuery:p}/".to_owned(),
        error_output_prefix: Some("errors/".to_owned()),
        buffering_hints: hints(100),
        ..bucket()
    };
    let source_backup = Some(S3Destination { bucket: "source".to_owned(), buffering_hints: hints(200), ..bucket() });
    let dynamic_partitioning = Some(DynamicPartitioning { retry_duration: Duration::from_mins(5) });
    let function = LambdaProcessor {
        arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
        number_of_retries: 1,
        buffering_hints: BufferingHints { size_bytes: 150, interval: Duration::from_secs(20) },
    };
    let processors = vec![
        Processor::RecordDeAggregation(SubRecordType::Json),
        Processor::Lambda(function),
        Processor::MetadataExtraction { query: "{p: .p}".to_owned() },
    ];
    let destination = ExtendedS3Destination { objects, source_backup, dynamic_partitioning };
    StreamSpec { processors, ..spec_of(Destination::S3(destination)) }
}

/// Every fifth piece of an event is dropped, every seventh fails.
fn function(event: &serde_json::Value) -> (u16, bool, String) {
    let answer = |_, data: &str| {
        let text = base64_simd::STANDARD.decode_to_vec(data).unwrap();
        let number: u64 = serde_json::from_slice::<serde_json::Value>(&text).unwrap()["n"].as_u64().unwrap();
        let result = match number {
            number if number.is_multiple_of(5) => "Dropped",
            number if number.is_multiple_of(7) => "ProcessingFailed",
            _ => "Ok",
        };
        json!({ "result": result, "data": data })
    };
    (200, false, each(event, answer))
}

struct Run {
    outside: Outside,
    clock: Clock,
    folder: TempDir,
    delivery: Delivery,
    stream: Stream,
    accepted: u64,
    pieces: Vec<String>,
    restarted: bool,
}

impl Run {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let Scene { outside, clock, delivery } =
            Scene::with(|config| config.folder = Some(folder.path().to_owned())).await;
        outside.answer(|answers| answers.function = Some(function));
        let stream = delivery.open(processed()).unwrap();
        Self { outside, clock, folder, delivery, stream, accepted: 0, pieces: Vec::new(), restarted: false }
    }

    async fn take(&mut self, step: &Step) {
        match *step {
            Step::Put(count) => self.put(count),
            Step::FunctionFails(fails) => self.outside.answer(|answers| {
                answers.function = Some(if fails { |_| (200, true, "{}".to_owned()) } else { function });
            }),
            Step::ObjectStatus(status) => self.outside.answer(|answers| answers.object_status = status),
            Step::Advance(seconds) => self.clock.advance(Duration::from_secs(seconds)),
            Step::Flush => self.stream.flush().await,
            Step::Restart => self.restart().await,
        }
        tokio::task::yield_now().await;
        let account = self.stream.account();
        check_sums(&account);
        assert_eq!((account.accepted, account.lost), (self.accepted, 0));
    }

    fn put(&mut self, count: usize) {
        let records: Vec<Bytes> = (0..count)
            .map(|place| {
                let pieces: Vec<String> = (0..=(self.accepted + place as u64) % 3)
                    .map(|_| {
                        let number = self.pieces.len();
                        let partition =
                            if number.is_multiple_of(4) { "null".to_owned() } else { (number % 3).to_string() };
                        let piece = format!("{{\"n\":{number},\"p\":{partition}}}");
                        self.pieces.push(piece.clone());
                        piece
                    })
                    .collect();
                pieces.concat().into()
            })
            .collect();
        self.stream.accept(&records).unwrap();
        self.accepted += count as u64;
    }

    async fn restart(&mut self) {
        self.restarted = true;
        self.delivery.shutdown(Duration::ZERO).await;
        let config = Config { folder: Some(self.folder.path().to_owned()), ..self.outside.config() };
        // The folder is free when the old delivery is dropped, so it is replaced by one without a folder first.
        self.delivery = Delivery::start(self.outside.config(), self.clock.clone()).unwrap();
        self.delivery = Delivery::start(config, self.clock.clone()).unwrap();
        self.stream = self.delivery.open(processed()).unwrap();
    }

    async fn check_end(&self) {
        self.outside.answer(|answers| {
            answers.object_status = None;
            answers.function = Some(function);
        });
        self.stream.settled(PATIENCE).await.unwrap();
        let account = self.stream.account();
        check_sums(&account);
        let pieces = self.pieces.len() as u64;
        assert_eq!((account.queued, account.accepted + account.expanded), (0, pieces));
        assert_eq!(account.backed_up, self.accepted);
        let given = self.outside.given();
        let mut stored = String::new();
        for (_, body) in given.objects.iter().filter(|(key, _)| key.starts_with("backup/p=")) {
            stored.push_str(std::str::from_utf8(body).unwrap());
        }
        let failed: Vec<String> = given
            .lines_of("backup/errors/")
            .iter()
            .map(|line| line.get("rawData").unwrap().as_str().unwrap().to_owned())
            .collect();
        for (number, piece) in self.pieces.iter().enumerate() {
            let raw = base64_simd::STANDARD.encode_to_string(piece);
            let dropped = number.is_multiple_of(5);
            assert!(dropped || stored.contains(piece) || failed.contains(&raw), "lost: {piece}");
            assert!(!number.is_multiple_of(7) || !stored.contains(piece), "stored and failed: {piece}");
        }
        let stored_pieces = stored.matches("\"n\":").count() as u64;
        assert!(self.restarted || stored_pieces == account.stored, "some pieces are stored twice");
    }
}

proptest! {
    #![proptest_config(Cases { cases: 24, failure_persistence: None, ..Cases::default() })]

    #[test]
    fn no_piece_of_an_accepted_record_is_lost(steps in prop::collection::vec(step(), 1..30)) {
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
