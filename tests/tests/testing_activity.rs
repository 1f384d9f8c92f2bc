//! An activity under test goes the way that it goes in a worker: what it is given, what it sees,
//! and what is sent of it.

#![allow(
    clippy::needless_pass_by_value,
    reason = "the functions are written as users write them"
)]

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep};
use workbeat::prelude::*;
use workbeat::service::{ServiceLimits, TaskToken, WorkflowExecution};
use workbeat::testing::{ActivityTest, Ended};
use workbeat::{FailureCode, activity_fn};
use workbeat_tests::{millis, seconds};

#[derive(Debug, Deserialize, Serialize)]
struct Folder {
    path: String,
    files: u32,
}

#[derive(Debug, PartialEq, Serialize)]
struct Packed {
    files: u32,
    archive: String,
}

#[activity(heartbeat_timeout = "30s", task_list = "files")]
async fn pack(folder: Folder, ctx: ActivityContext) -> Result<Packed, ActivityError> {
    for file in 1..=folder.files {
        ctx.until_stopped(sleep(seconds(1))).await?;
        ctx.report(file);
    }
    let archive = format!("{}.tar", folder.path);
    Ok(Packed {
        files: folder.files,
        archive,
    })
}

fn photos(files: u32) -> Folder {
    let path = "photos".to_owned();
    Folder { path, files }
}

#[tokio::test(start_paused = true)]
async fn input_goes_in_and_output_and_progress_come_out_in_exact_time() {
    let outcome = ActivityTest::new(Pack).input(photos(3)).run().await;
    let packed = Packed {
        files: 3,
        archive: "photos.tar".to_owned(),
    };
    outcome
        .assert_completed(&packed)
        .assert_completed(json!({"archive": "photos.tar", "files": 3}))
        .assert_result_text(r#"{"files":3,"archive":"photos.tar"}"#);
    assert_eq!(outcome.took(), seconds(3));
    assert_eq!(outcome.progress_as::<u32>(), [1, 2, 3]);
    let after: Vec<_> = outcome.progress().iter().map(|it| it.after()).collect();
    assert_eq!(after, [seconds(1), seconds(2), seconds(3)]);
    assert_eq!(outcome.stop_reason(), None);
    assert_eq!(outcome.into_output().unwrap(), packed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_real_time_on_several_threads_it_is_the_same() {
    let outcome = ActivityTest::new(Pack).input(photos(0)).run().await;
    outcome.assert_completed(json!({"archive": "photos.tar", "files": 0}));

    let copy = activity_fn("copy", "1.0", async |ctx: ActivityContext| {
        ctx.report("copying");
        sleep(millis(20)).await;
        Ok::<_, ActivityError>(())
    });
    let outcome = ActivityTest::new(copy).run().await;
    assert!(outcome.assert_completed(()).took() >= millis(20));
}

#[tokio::test(start_paused = true)]
async fn input_that_does_not_decode_or_is_missing_fails_as_it_does_in_a_worker() {
    let outcome = ActivityTest::new(Pack)
        .input(json!({"path": 1}))
        .run()
        .await;
    outcome.assert_failed_with(FailureCode::InputInvalid);
    assert!(outcome.details().unwrap().contains("invalid type"));
    let outcome = ActivityTest::new(Pack).input_text("{").run().await;
    outcome.assert_failed_with(FailureCode::InputInvalid);
    let outcome = ActivityTest::new(Pack).run().await;
    outcome.assert_failed_with(FailureCode::InputMissing);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_with_its_message_also_in_a_drop() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }
    let panics = activity_fn("panics", "1.0", async |paper: Option<u32>| {
        sleep(seconds(1)).await;
        Ok::<_, ActivityError>(paper.expect("out of paper"))
    });
    let outcome = ActivityTest::new(panics).run().await;
    outcome.assert_failed_with(FailureCode::Panic);
    assert_eq!(outcome.details(), Some("out of paper"));

    let bomb = Arc::new(std::sync::Mutex::new(Some(Bomb)));
    let drops = activity_fn("drops", "1.0", move || {
        let bomb = bomb.lock().unwrap().take();
        async move {
            std::future::ready(()).await;
            let _held = bomb;
            Ok::<_, ActivityError>(())
        }
    });
    let outcome = ActivityTest::new(drops).run().await;
    outcome.assert_failed_with(FailureCode::Panic);
    assert_eq!(outcome.details(), Some("in the drop"));
    assert!(outcome.into_output().is_err());
}

#[tokio::test(start_paused = true)]
async fn an_error_is_a_failure_with_its_reason_and_details() {
    let read = activity_fn("read", "1.0", async |path: String| {
        let missing = io::Error::new(io::ErrorKind::NotFound, format!("no {path}"));
        Err::<(), _>(ActivityError::failed("NOT_READABLE").with_source(missing))
    });
    let outcome = ActivityTest::new(read).input("letter.txt").run().await;
    outcome.assert_failed("NOT_READABLE");
    assert_eq!(outcome.details(), Some("no letter.txt"));
    assert_eq!(outcome.failure_code(), None);
    let error = outcome.into_output().unwrap_err();
    assert_eq!(error.ended().reason(), Some("NOT_READABLE"));
    assert!(
        error.to_string().contains("NOT_READABLE"),
        "{error} {error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_is_within_the_limits_of_the_service() {
    let limits = ServiceLimits::SWF
        .result(10)
        .reason(20)
        .heartbeat_details(10);
    let long = activity_fn("long", "1.0", async |text: String, ctx: ActivityContext| {
        ctx.report(1);
        ctx.report(&text);
        ctx.report_text(&text);
        Ok::<_, ActivityError>(text)
    });
    let outcome = ActivityTest::new(long)
        .input("x".repeat(20))
        .service_limits(limits)
        .run()
        .await;
    outcome.assert_failed("WORKBEAT_RES...[cut]");
    let progress: Vec<_> = outcome
        .progress()
        .iter()
        .map(|it| (it.details().unwrap(), it.fitted()))
        .collect();
    assert_eq!(
        progress,
        [("1", true), ("1", false), ("xx...[cut]", false)],
        "{outcome}"
    );
    assert!(outcome.into_output().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_report_that_does_not_serialize_is_seen() {
    let broken = activity_fn("broken", "1.0", async |ctx: ActivityContext| {
        ctx.report(std::collections::HashMap::from([(vec![1_u8], 1)]));
        Ok::<_, ActivityError>(())
    });
    let outcome = ActivityTest::new(broken).run().await;
    assert_eq!(outcome.progress().len(), 1);
    assert!(!outcome.progress()[0].fitted());
    assert_eq!(outcome.progress()[0].details(), None);
}

#[tokio::test(start_paused = true)]
async fn the_context_has_the_facts_that_the_test_gives() {
    let facts = |ctx: ActivityContext| async move {
        let now = Instant::now();
        let workflow = ctx.workflow().clone();
        Ok::<_, ActivityError>(json!({
            "type": ctx.activity_type().to_string(),
            "id": ctx.activity_id(),
            "workflow": [&*workflow.workflow_id, &*workflow.run_id],
            "task list": ctx.task_list(),
            "token": ctx.task_token().expose(),
            "event": ctx.started_event_id(),
            "key": ctx.idempotency_key(),
            "deadline": ctx.deadline().map(|deadline| (deadline - now).as_secs()),
        }))
    };
    let facts = || activity_fn("facts", "2.0", facts);
    let outcome = ActivityTest::new(facts()).run().await;
    outcome.assert_completed(json!({
        "type": "facts 2.0",
        "id": "activity",
        "workflow": ["workflow", "run"],
        "task list": "default",
        "token": "task-token",
        "event": 6,
        "key": "run/activity",
        "deadline": null,
    }));
    let outcome = ActivityTest::new(facts())
        .activity_id("charge")
        .workflow(WorkflowExecution::new("order-7", "r1"))
        .task_list("payments")
        .task_token(TaskToken::new("secret"))
        .started_event_id(42)
        .deadline(seconds(90))
        .run()
        .await;
    outcome.assert_completed(json!({
        "type": "facts 2.0",
        "id": "charge",
        "workflow": ["order-7", "r1"],
        "task list": "payments",
        "token": "secret",
        "event": 42,
        "key": "r1/charge",
        "deadline": 90,
    }));
    let list = activity_fn("list", "1.0", async |ctx: ActivityContext| {
        Ok::<_, ActivityError>(ctx.task_list().to_owned())
    });
    let list = list.with_options(ActivityOptions::new().task_list("declared"));
    ActivityTest::new(list)
        .run()
        .await
        .assert_completed("declared");
}

#[tokio::test(start_paused = true)]
async fn untyped_activities_and_methods_are_tested_too() {
    let handler = |input: Option<String>, ctx: ActivityContext| async move {
        match &*ctx.activity_type().name {
            "echo" => Ok(input),
            name => Err(format!("no script for {name}")),
        }
    };
    let echo = ActivityTest::untyped("echo", "1.0", handler);
    let outcome = echo.input_text("no JSON").run().await;
    outcome.assert_result_text("no JSON");
    assert_eq!(outcome.into_output().unwrap().as_deref(), Some("no JSON"));
    let outcome = ActivityTest::untyped("echo", "1.0", handler).run().await;
    assert_eq!(*outcome.ended(), completed_without_result(&outcome));
    outcome.assert_completed(());
    let outcome = ActivityTest::untyped("other", "1.0", handler).run().await;
    outcome.assert_failed("error");
    assert_eq!(outcome.details(), Some("no script for other"));

    struct Store {
        prefix: String,
    }
    impl Store {
        #[activity]
        async fn name(&self, file: String) -> Result<String, ActivityError> {
            Ok(format!("{}/{file}", self.prefix))
        }
    }
    let prefix = "archive".to_owned();
    let store = Arc::new(Store { prefix });
    let outcome = ActivityTest::new(store.name_activity()).input("a").run();
    outcome.await.assert_completed("archive/a");
}

/// A pattern cannot make one: the variants may grow.
fn completed_without_result<O>(outcome: &workbeat::testing::TestOutcome<O>) -> Ended {
    match outcome.ended() {
        ended @ Ended::Completed { result: None, .. } => ended.clone(),
        other => panic!("{other}"),
    }
}

#[activity(blocking)]
fn add_up(numbers: Vec<u64>, ctx: ActivityContext) -> io::Result<u64> {
    for (done, _) in numbers.iter().enumerate() {
        ctx.report(done);
    }
    Ok(numbers.iter().sum())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocking_activities_are_tested_too() {
    let outcome = ActivityTest::new(AddUp).input([1, 2, 3]).run().await;
    outcome.assert_completed(6);
    assert_eq!(outcome.progress_as::<u64>(), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn blocking_activities_that_do_not_wait_for_time_run_in_paused_time() {
    let outcome = ActivityTest::new(AddUp).input([1, 2, 3]).run().await;
    assert_eq!(outcome.assert_completed(6).took(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_handed_on_and_one_canceled_without_a_request_are_told_apart() {
    let hand_on = activity_fn("approve", "1.0", async |_: ActivityContext| {
        Err::<(), _>(ActivityError::handed_on())
    });
    let outcome = ActivityTest::new(hand_on).run().await;
    outcome.assert_handed_on();

    let canceled = activity_fn("confused", "1.0", async |_: ActivityContext| {
        Err::<(), _>(ActivityError::canceled("by nobody"))
    });
    let outcome = ActivityTest::new(canceled).run().await;
    outcome.assert_failed_with(FailureCode::CanceledWithoutRequest);
    assert_eq!(outcome.details(), Some("by nobody"));
}

#[tokio::test(start_paused = true)]
async fn an_output_that_only_serializes_or_does_not_is_no_matter_of_the_test() {
    let broken = activity_fn("broken", "1.0", async |_: ActivityContext| {
        Ok::<_, ActivityError>(std::collections::HashMap::from([(vec![1_u8], 1)]))
    });
    let outcome = ActivityTest::new(broken).run().await;
    outcome.assert_failed_with(FailureCode::ResultNotSerializable);
    let reason = outcome.reason().unwrap();
    // The name of the activity's own type.
    assert!(
        reason.contains("a std::collections::hash::map::HashMap<"),
        "{reason}"
    );
    assert!(outcome.into_output().is_err());
}
