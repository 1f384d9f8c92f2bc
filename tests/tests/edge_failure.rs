//! The edge cases of failures that the framework makes: 33 to 36.

use std::any::Any;
use std::collections::HashMap;
use std::panic::panic_any;
use std::sync::Arc;

use serde::Deserialize;
use tokio::time::sleep;
use workbeat::prelude::*;
use workbeat::worker::{Unanswered, UnknownType, WorkerBuilder};
use workbeat::{FailureCode, activity_fn};
use workbeat_local::{ActivityOutcome, StartActivity};
use workbeat_tests::{Ended, Operation, Stage, run, seconds, start};

/// Runs one activity in a worker of one slot, then another one in the same slot; code, reason
/// and details of how the first one failed.
async fn failure(
    worker: impl FnOnce(WorkerBuilder) -> WorkerBuilder,
    activity: StartActivity,
) -> (FailureCode, String, Option<String>) {
    let stage = Stage::new();
    let ok = async || Ok::<_, ActivityError>(());
    let worker = worker(stage.worker().slots(1).activity_fn("ok", "1.0", ok));
    let worker = run(worker);
    let outcome = stage.start(activity).ended().await;
    let ActivityOutcome::Failed {
        reason: Some(reason),
        details,
        ..
    } = outcome
    else {
        panic!("it {outcome}");
    };
    let next = stage.start(start("ok")).ended().await;
    assert_eq!(next.to_string(), "completed", "the slot is free again");
    assert_eq!(stage.service.count(Operation::Fail), 1);
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.outcomes.failed, report.outcomes.completed), (1, 1));
    let code = FailureCode::of(&reason).expect("a code of the framework");
    let details = details.map(|details| details.as_str().to_owned());
    (code, reason, details)
}

type Payload = fn() -> Box<dyn Any + Send>;

async fn panicked(payload: Payload) -> (FailureCode, String, Option<String>) {
    let activity = move || async move {
        tokio::task::yield_now().await;
        std::panic::resume_unwind(payload());
        #[expect(unreachable_code, reason = "it says what the activity would give")]
        Ok::<(), ActivityError>(())
    };
    failure(
        |worker| worker.activity_fn("panic", "1.0", activity),
        start("panic"),
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_fails_the_activity_with_what_it_said_and_frees_the_slot() {
    let text: Payload = || Box::new("no such chunk");
    let string: Payload = || Box::new(format!("no such {}", "chunk"));
    for payload in [text, string] {
        let (code, _, details) = panicked(payload).await;
        assert_eq!(code, FailureCode::Panic);
        assert_eq!(details.as_deref(), Some("no such chunk"));
    }
}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_whose_payload_is_no_string_fails_the_activity_too() {
    let payloads: [Payload; 3] = [
        || Box::new(42_u64),
        || Box::new(vec!["no", "string"]),
        || Box::new(()),
    ];
    for payload in payloads {
        assert_eq!(panicked(payload).await.0, FailureCode::Panic);
    }
}

/// Panics when it is dropped.
#[derive(Debug)]
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("while dropping");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_in_the_drop_of_an_activity_s_value_is_a_panic_of_the_activity() {
    let (code, _, details) = failure(
        |worker| {
            worker.activity_fn("fragile", "1.0", async || {
                let _fragile = Fragile;
                tokio::task::yield_now().await;
                Ok::<_, ActivityError>(())
            })
        },
        start("fragile"),
    )
    .await;
    assert_eq!(code, FailureCode::Panic);
    assert_eq!(details.as_deref(), Some("while dropping"));
}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_in_the_drop_of_what_an_activity_is_made_of_costs_no_report() {
    let stage = Stage::new();
    let fragile = Arc::new(Fragile);
    let worker = run(stage.worker().activity_fn("fragile", "1.0", move || {
        let _held = &fragile;
        async { Ok::<_, ActivityError>(()) }
    }));
    let activity = stage.start(start("fragile"));
    assert_eq!(activity.ended().await.to_string(), "completed");
    let report = worker.drain().await;
    assert_eq!(report.outcomes.completed, 1);
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_in_the_drop_of_an_aborted_activity_loses_neither_outcome_nor_slot() {
    let stage = Stage::new();
    let options = ActivityOptions::new()
        .heartbeat_interval(seconds(1))
        .cancel_grace(seconds(1));
    let fragile = activity_fn("fragile", "1.0", async || {
        let _fragile = Fragile;
        std::future::pending::<()>().await;
        Ok::<_, ActivityError>(())
    });
    let worker = run(stage
        .worker()
        .slots(1)
        .activity(fragile.with_options(options)));
    for _ in 0..2 {
        let activity = stage.start(start("fragile"));
        worker.holds(1).await;
        activity.request_cancel().unwrap();
        let outcome = activity.ended().await.to_string();
        assert!(outcome.starts_with("failed: WORKBEAT_PANIC"), "{outcome}");
    }
    assert!(worker.drain().await.is_clean());
}

#[derive(Debug)]
struct FragileError {
    _fragile: Fragile,
}

impl std::fmt::Display for FragileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fragile error")
    }
}

impl std::error::Error for FragileError {}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_in_the_drop_of_an_activity_s_error_loses_neither_outcome_nor_slot() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .slots(1)
        .activity_fn("fragile", "1.0", async || {
            tokio::task::yield_now().await;
            Err::<(), _>(FragileError { _fragile: Fragile })
        }));
    for _ in 0..2 {
        let limit = seconds(100);
        let activity = stage.start(start("fragile").start_to_close_timeout(limit));
        let outcome = activity.ended().await.to_string();
        assert!(outcome.starts_with("failed: "), "it {outcome}");
    }
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.failed, 2);
}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_whose_payload_panics_when_dropped_loses_neither_outcome_nor_slot() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .slots(1)
        .activity_fn("fragile", "1.0", async || {
            if true {
                panic_any(Fragile);
            }
            Ok::<(), ActivityError>(())
        }));
    for _ in 0..2 {
        let limit = seconds(100);
        let activity = stage.start(start("fragile").start_to_close_timeout(limit));
        let outcome = activity.ended().await.to_string();
        assert!(
            outcome.starts_with("failed: WORKBEAT_PANIC"),
            "it {outcome}"
        );
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_33_a_panic_before_the_first_await_and_one_of_a_plain_closure_fail_too() {
    let early = async || {
        assert!(std::env::args().count() == 0, "at once");
        Ok::<_, ActivityError>(())
    };
    let (code, ..) = failure(
        |worker| worker.activity_fn("early", "1.0", early),
        start("early"),
    )
    .await;
    assert_eq!(code, FailureCode::Panic);
    let plain = || {
        assert!(std::env::args().count() == 0, "before there is a future");
        async { Ok::<_, ActivityError>(()) }
    };
    let (code, ..) = failure(
        |worker| worker.activity_fn("plain", "1.0", plain),
        start("plain"),
    )
    .await;
    assert_eq!(code, FailureCode::Panic);
    let (code, ..) = failure(
        |worker| {
            worker.untyped_activity_fn(|_, _| {
                assert!(std::env::args().count() == 0, "before there is a future");
                async { Ok::<_, ActivityError>(None) }
            })
        },
        start("untyped"),
    )
    .await;
    assert_eq!(code, FailureCode::Panic);
}

#[derive(Deserialize)]
struct Video {
    #[expect(dead_code, reason = "only decoded")]
    frames: u32,
}

async fn encode(video: Video) -> Result<(), ActivityError> {
    let _ = video;
    Ok(())
}

async fn encoding(activity: StartActivity) -> (FailureCode, String, Option<String>) {
    failure(
        |worker| worker.activity_fn("encode", "1.0", encode),
        activity,
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn case_34_input_that_does_not_decode_fails_with_its_type_and_the_position() {
    for (input, position) in [
        ("{\n  \"frames\": \"many\"\n}", "line 2 column 18"),
        ("{\"frames\":", "line 1 column 10"),
        ("[]", "line 1 column 2"),
        ("null", "line 1 column 4"),
    ] {
        let (code, reason, details) = encoding(start("encode").raw_input(input)).await;
        assert_eq!(code, FailureCode::InputInvalid);
        assert!(reason.contains("Video"), "{reason}");
        assert!(reason.contains(position), "{reason}");
        assert!(!reason.contains("many"), "no input in a reason: {reason}");
        assert!(details.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn case_34_absent_input_is_a_failure_of_its_own_and_is_not_empty() {
    let (absent, reason, _) = encoding(start("encode")).await;
    assert_eq!(absent, FailureCode::InputMissing);
    assert!(reason.contains("Video"), "{reason}");
    let (empty, reason, _) = encoding(start("encode").raw_input("")).await;
    assert_eq!(empty, FailureCode::InputInvalid);
    assert!(reason.contains("line 1 column 0"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn case_34_absent_input_is_fine_where_the_activity_needs_none() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("option", "1.0", async |input: Option<u32>| {
            Ok::<_, ActivityError>(input)
        })
        .activity_fn("none", "1.0", async || Ok::<_, ActivityError>(())));
    for (name, input, result) in [
        ("option", None, "null"),
        ("option", Some("7"), "7"),
        ("none", None, "null"),
        ("none", Some("{}"), "null"),
    ] {
        let mut activity = start(name);
        if let Some(input) = input {
            activity = activity.raw_input(input);
        }
        let outcome = stage.start(activity).ended().await;
        let value: serde_json::Value = outcome.result().unwrap();
        assert_eq!(value.to_string(), result, "{name} of {input:?}");
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_35_a_result_that_does_not_serialize_is_a_failure() {
    let activity = async || Ok::<_, ActivityError>(HashMap::from([(vec![1_u8], 1)]));
    let (code, reason, details) = failure(
        |worker| worker.activity_fn("map", "1.0", activity),
        start("map"),
    )
    .await;
    assert_eq!(code, FailureCode::ResultNotSerializable);
    assert!(reason.contains("HashMap"), "{reason}");
    assert!(details.unwrap().contains("key must be a string"));
}

#[tokio::test(start_paused = true)]
async fn case_36_an_unknown_name_or_version_fails_with_a_list_of_what_is_registered() {
    let known = |worker: WorkerBuilder| {
        worker
            .activity_fn("encode", "1.0", encode)
            .activity_fn("encode", "2.0", encode)
    };
    for (name, version) in [("decode", "1.0"), ("encode", "3.0")] {
        let activity = StartActivity::new(name, version).task_list("list");
        let (code, reason, details) = failure(known, activity).await;
        assert_eq!(code, FailureCode::UnknownActivityType);
        assert!(reason.contains(&format!("{name} {version}")), "{reason}");
        let list = details.unwrap();
        assert_eq!(list, "registered: encode 1.0, encode 2.0, ok 1.0");
    }
}

#[tokio::test(start_paused = true)]
async fn case_36_the_failure_of_an_unknown_type_is_retried_while_the_task_is_kept_alive() {
    let stage = Stage::new();
    let fault = workbeat_tests::Fault::Error(workbeat::service::ServiceErrorKind::Unavailable);
    stage.service.next(Operation::Fail, 8, fault);
    let worker = run(stage.worker().activity_fn("encode", "1.0", encode));
    let activity = stage.start(start("unknown").heartbeat_timeout(seconds(2)));
    let outcome = activity.ended().await.to_string();
    assert!(outcome.starts_with("failed: WORKBEAT_UNKNOWN"), "{outcome}");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_36_left_to_others_it_gets_no_answer_the_slot_is_free_and_another_worker_can_follow() {
    let stage = Stage::new();
    let old = run(stage
        .worker()
        .slots(1)
        .unknown_type(UnknownType::LeaveToOthers)
        .activity_fn("ok", "1.0", async || Ok::<_, ActivityError>(())));
    let new = || StartActivity::new("ok", "2.0").task_list("list");
    let first = stage.start(new().heartbeat_timeout(seconds(30)));
    let next = stage.start(start("ok"));
    assert_eq!(next.ended().await.to_string(), "completed");
    assert_eq!(first.try_outcome(), None);
    sleep(seconds(20)).await;
    assert_eq!(first.ended().await.to_string(), "timed out: HEARTBEAT");
    for silent in [Operation::Fail, Operation::Cancel, Operation::Heartbeat] {
        assert_eq!(stage.service.count(silent), 0);
    }
    let report = old.drain().await;
    assert_eq!(report.unanswered.len(), 1);
    assert_eq!(report.unanswered[0].why, Unanswered::LeftToOthers);
    assert_eq!(report.unanswered[0].activity_type.to_string(), "ok 2.0");

    // The decider's second attempt reaches a worker that knows it.
    let worker = run(stage
        .worker()
        .activity_fn("ok", "2.0", async || Ok::<_, ActivityError>(())));
    let second = stage.start(new().heartbeat_timeout(seconds(30)));
    assert_eq!(second.ended().await.to_string(), "completed");
    assert!(worker.drain().await.is_clean());
}
