//! Random puts, faults, updates, moves of the clock and restarts against a model: no accepted record is lost, the sums of
//! the account are exact at each step, and a record is there twice only where "at least once" allows it.
//!
//! Each run follows from its seed, which a failure names. `EKK_MODEL_RUNS` asks for more runs than the usual few.

mod run;
mod streams;

use rand::{SeedableRng as _, rngs::StdRng};
use run::{Run, Step};

/// Runs of each kind when nothing else is asked for.
const RUNS: u64 = 100;

/// Steps of a run.
const STEPS: usize = 24;

fn runs() -> u64 {
    let asked = std::env::var_os("EKK_MODEL_RUNS");
    asked.map_or(RUNS, |runs| runs.to_string_lossy().parse().expect("EKK_MODEL_RUNS is a number"))
}

async fn go(seed: u64, may_fail: bool) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut run = Run::start(seed, &mut random).await;
    for _ in 0..STEPS {
        let step = Step::random(&mut random, may_fail);
        run.take(step, &mut random).await;
    }
    run.end().await;
}

#[tokio::test]
async fn without_faults_each_record_is_delivered_once() {
    for seed in 0..runs() {
        go(seed, false).await;
    }
}

#[tokio::test]
async fn with_faults_no_accepted_record_is_lost() {
    for seed in 0..runs() {
        go(seed, true).await;
    }
}

#[tokio::test]
async fn several_streams_with_functions_partitions_and_parts_that_restart_lose_nothing() {
    let function = streams::start_function().await;
    // These stacks are larger, so there are fewer of them.
    for seed in 0..runs().div_ceil(4) {
        let mut random = StdRng::seed_from_u64(seed);
        let mut run = streams::Run::start(seed, function).await;
        for _ in 0..STEPS {
            run.take(streams::Step::random(&mut random)).await;
        }
        run.end().await;
    }
}

#[tokio::test]
async fn two_runs_of_one_seed_are_one() {
    let story = async |seed| {
        let mut random = StdRng::seed_from_u64(seed);
        let mut run = Run::start(seed, &mut random).await;
        for _ in 0..STEPS {
            let step = Step::random(&mut random, true);
            // Two lanes write to S3, and which of them a rule for S3 meets first is a matter of real time.
            if !step.is_about_s3() {
                run.take(step, &mut random).await;
                run.quiet().await;
            }
        }
        run.story().await
    };
    for seed in 0..6 {
        assert_eq!(story(seed).await, story(seed).await, "seed {seed}");
    }
}
