//! The edge case 38: a task that is completed elsewhere, and the client that does it.

use std::sync::{Arc, Mutex};

use tokio::time::{Instant, sleep};
use tracing::Level;
use workbeat::completion::{CompletionClient, CompletionErrorKind};
use workbeat::prelude::*;
use workbeat::service::{ServiceErrorKind, TaskToken};
use workbeat::worker::WorkerBuilder;
use workbeat::{FailureCode, activity_fn};
use workbeat_local::StartActivity;
use workbeat_tests::{
    Ended, Events, Fault, Operation, Spawned, Stage, code, eventually_some, run, seconds, start,
};

/// Where an activity leaves its token, as text, for another process.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Option<String>>>);

impl Shelf {
    fn put(&self, token: &TaskToken) {
        let text = serde_json::to_string(token).expect("a token serializes");
        *self.0.lock().expect("nobody panics") = Some(text);
    }

    /// What the other process reads.
    async fn token(&self) -> TaskToken {
        let text = eventually_some("there is a token", || {
            self.0.lock().expect("nobody panics").clone()
        })
        .await;
        serde_json::from_str(&text).expect("a token deserializes")
    }
}

/// Hands its task on at once.
fn hand_on(stage: &Stage, shelf: &Shelf) -> WorkerBuilder {
    let shelf = shelf.clone();
    let activity = activity_fn("approve", "1.0", move |ctx: ActivityContext| {
        let shelf = shelf.clone();
        async move {
            shelf.put(ctx.task_token());
            Err::<(), _>(ActivityError::handed_on())
        }
    });
    let options = ActivityOptions::new().heartbeat_timeout(seconds(30));
    stage.worker().activity(activity.with_options(options))
}

fn approve() -> StartActivity {
    start("approve").heartbeat_timeout(seconds(30))
}

fn elsewhere(stage: &Stage) -> CompletionClient {
    CompletionClient::new(stage.service.clone())
}

async fn handed_on(worker: &Spawned) {
    eventually_some("the task is handed on", || {
        (worker.handle.status().outcomes.handed_on == 1).then_some(())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn case_38_the_token_is_handed_out_no_outcome_is_sent_and_another_process_ends_the_task() {
    let events = Events::capture();
    let (stage, shelf) = (Stage::new(), Shelf::default());
    let worker = run(hand_on(&stage, &shelf).slots(1));
    let activity = stage.start(approve());
    let token = shelf.token().await;
    handed_on(&worker).await;
    let client = elsewhere(&stage);
    for minute in 0..10 {
        let answer = client.heartbeat(&token, &minute).await.unwrap();
        assert!(!answer.cancel_requested);
        sleep(seconds(20)).await;
    }
    assert_eq!(
        stage.service.count(Operation::Heartbeat),
        10,
        "only its own"
    );
    client.complete(&token, &"granted").await.unwrap();
    assert_eq!(
        activity.ended().await.result::<String>().unwrap(),
        "granted"
    );

    // The slot was free all the while.
    assert_eq!(worker.handle.status().polls, 1);
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.handed_on, 1);
    assert!(report.to_string().contains("1 handed on"), "{report}");
    assert_eq!(stage.service.count(Operation::Complete), 1);
    assert_eq!(
        events.count(Level::INFO, "handed on and will be completed elsewhere"),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn case_38_another_process_learns_of_a_request_and_acknowledges() {
    let (stage, shelf) = (Stage::new(), Shelf::default());
    let worker = run(hand_on(&stage, &shelf));
    let activity = stage.start(approve());
    let token = shelf.token().await;
    handed_on(&worker).await;
    activity.request_cancel().unwrap();
    let client = elsewhere(&stage);
    let answer = client.heartbeat_text(&token, "waiting").await.unwrap();
    assert!(answer.cancel_requested);
    client.cancel(&token, "taken down").await.unwrap();
    let outcome = activity.ended().await;
    assert_eq!(outcome.to_string(), "was canceled");
    assert_eq!(outcome.details(), Some("taken down"));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_38_a_request_before_the_hand_over_does_not_end_the_task() {
    let stage = Stage::new();
    let activity = activity_fn("approve", "1.0", async |ctx: ActivityContext| {
        ctx.stopped().await;
        Err::<(), _>(ActivityError::handed_on())
    });
    let worker = run(stage.worker().activity(activity));
    let activity = stage.start(approve());
    let token = worker.holds(1).await.remove(0).task_token;
    activity.request_cancel().unwrap();
    handed_on(&worker).await;
    assert!(activity.try_outcome().is_none());
    elsewhere(&stage).cancel(&token, "").await.unwrap();
    assert_eq!(activity.ended().await.to_string(), "was canceled");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_38_a_task_that_was_closed_before_the_hand_over_counts_as_closed() {
    let stage = Stage::new();
    let activity = activity_fn("approve", "1.0", async |ctx: ActivityContext| {
        while !ctx.stopped().await.is_closed() {}
        Err::<(), _>(ActivityError::handed_on())
    });
    let worker = run(stage.worker().activity(activity));
    let activity = stage.start(approve());
    worker.holds(1).await;
    activity.terminate_workflow("enough").unwrap();
    worker.holds(0).await;
    let report = worker.drain().await;
    assert_eq!((report.outcomes.closed, report.outcomes.handed_on), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn case_38_at_the_drain_deadline_whoever_claims_first_has_the_task() {
    let stage = Stage::new();
    let activity = activity_fn("approve", "1.0", async |ctx: ActivityContext| {
        // Too late: the worker has claimed the outcome and drops the future.
        ctx.stopped().await;
        sleep(seconds(1)).await;
        Err::<(), _>(ActivityError::handed_on())
    });
    let worker = run(stage
        .worker()
        .activity(activity)
        .drain_deadline(seconds(10)));
    let activity = stage.start(approve());
    let token = worker.holds(1).await.remove(0).task_token;
    let report = worker.drain().await;
    assert_eq!((report.outcomes.failed, report.outcomes.handed_on), (1, 0));
    let outcome = activity.ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::WorkerDraining));
    let error = elsewhere(&stage).complete(&token, &1).await.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::Closed);
    assert!(!error.is_ambiguous());
}

#[tokio::test(start_paused = true)]
async fn case_38_a_task_that_nobody_keeps_alive_times_out() {
    let (stage, shelf) = (Stage::new(), Shelf::default());
    let worker = run(hand_on(&stage, &shelf));
    let activity = stage.start(approve());
    let began = Instant::now();
    let outcome = activity.ended().await;
    assert!(outcome.to_string().contains("timed out"), "it {outcome}");
    assert_eq!(began.elapsed().as_secs(), 30);
    assert!(worker.drain().await.is_clean());
}

/// A task that was handed on, and a client of a service that can go wrong.
async fn open(stage: &Stage) -> (workbeat_local::ActivityHandle, TaskToken, CompletionClient) {
    let shelf = Shelf::default();
    let worker = run(hand_on(stage, &shelf));
    let activity = stage.start(approve());
    let token = shelf.token().await;
    handed_on(&worker).await;
    assert!(worker.drain().await.is_clean());
    (activity, token, elsewhere(stage))
}

#[tokio::test(start_paused = true)]
async fn a_completion_is_retried_with_the_backoff_of_the_worker() {
    for kind in [
        ServiceErrorKind::Throttled,
        ServiceErrorKind::Unavailable,
        ServiceErrorKind::LimitExceeded,
    ] {
        let stage = Stage::new();
        let (activity, token, client) = open(&stage).await;
        stage
            .service
            .next(Operation::Complete, 6, Fault::Error(kind));
        let began = Instant::now();
        client.complete(&token, &7).await.unwrap();
        // 0.1, 0.2, 0.4, 0.8, 1.6 and 3.2 s, each drawn from its upper half.
        let took = began.elapsed().as_secs_f64();
        assert!((3.1..6.4).contains(&took), "{kind}: {took}");
        assert_eq!(activity.ended().await.result::<u32>().unwrap(), 7);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_or_panics_is_given_up_and_made_again() {
    for fault in [Fault::Hang, Fault::Panic] {
        let stage = Stage::new();
        let (activity, token, client) = open(&stage).await;
        stage.service.next(Operation::Fail, 1, fault);
        let error = ActivityError::failed("REFUSED").with_details("no budget");
        client.fail(&token, error).await.unwrap();
        let outcome = activity.ended().await;
        assert_eq!(outcome.reason(), Some("REFUSED"));
        assert_eq!(outcome.details(), Some("no budget"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_shows_as_closed_and_says_that_it_may_have_been_applied() {
    let stage = Stage::new();
    let (activity, token, client) = open(&stage).await;
    stage
        .service
        .next(Operation::Complete, 1, Fault::LostAnswer);
    let error = client.complete(&token, &7).await.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::Closed);
    assert!(error.is_ambiguous());
    assert_eq!(activity.ended().await.result::<u32>().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_or_is_refused_leaves_the_task_open() {
    let stage = Stage::new();
    let (activity, token, client) = open(&stage).await;
    let error = client.complete(&token, &"x".repeat(40_000)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::TooLarge);
    assert!(error.to_string().contains("40002"), "{error}");
    let keys = std::collections::HashMap::from([(vec![1_u8], 1)]);
    let error = client.complete(&token, &keys).await.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::NotSerializable);
    assert_eq!(stage.service.count(Operation::Complete), 0);
    for (kind, expected) in [
        (
            ServiceErrorKind::NotPermitted,
            CompletionErrorKind::NotPermitted,
        ),
        (ServiceErrorKind::Invalid, CompletionErrorKind::Rejected),
    ] {
        stage
            .service
            .next(Operation::Complete, 1, Fault::Error(kind));
        let error = client.complete_text(&token, None).await.unwrap_err();
        assert_eq!(error.kind(), expected);
    }
    client.complete(&token, "in the end").await.unwrap();
    assert_eq!(
        activity.ended().await.result::<String>().unwrap(),
        "in the end"
    );
}

#[tokio::test(start_paused = true)]
async fn long_reasons_details_and_progress_are_made_to_fit() {
    let stage = Stage::new();
    let (activity, token, client) = open(&stage).await;
    client
        .heartbeat_text(&token, "ü".repeat(3_000))
        .await
        .unwrap();
    client.heartbeat(&token, &"x".repeat(3_000)).await.unwrap();
    client.heartbeat(&token, &()).await.unwrap();
    let sent: Vec<_> = stage.service.calls(Operation::Heartbeat);
    let text = |at: usize| sent[at].text.clone().unwrap_or_default();
    assert!(text(0).ends_with("ü...[cut]"));
    assert!(text(1).contains("progress too large"));
    assert_eq!(sent[2].text, None);
    let error = ActivityError::failed("r".repeat(300)).with_details("d".repeat(40_000));
    client.fail(&token, error).await.unwrap();
    let outcome = activity.ended().await;
    assert_eq!(outcome.reason().map(str::len), Some(256));
    assert_eq!(outcome.details().map(str::len), Some(32_768));
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_when_told_to_and_says_that_it_may_have_been_applied() {
    let stage = Stage::new();
    let (_activity, token, client) = open(&stage).await;
    stage.service.always(Operation::Complete, Fault::Hang);
    let client = client.give_up_after(seconds(5));
    let began = Instant::now();
    let error = client.complete(&token, &1).await.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::NoAnswer);
    assert!(error.is_ambiguous());
    assert!(began.elapsed() <= seconds(15));
}

#[tokio::test(start_paused = true)]
async fn work_elsewhere_is_kept_alive_and_sees_its_cancellation() {
    let stage = Stage::new();
    let (activity, token, client) = open(&stage).await;
    stage.service.next(
        Operation::Heartbeat,
        3,
        Fault::Error(ServiceErrorKind::NotPermitted),
    );
    let work = tokio::spawn(async move {
        let stopped = client.keep_alive(&token, seconds(5), async |stop| {
            stop.cancelled().await;
            sleep(seconds(120)).await; // cleaning up is kept alive too
            Instant::now()
        });
        stopped.await;
        client.cancel(&token, "put back").await
    });
    sleep(seconds(300)).await;
    assert!(activity.try_outcome().is_none());
    activity.request_cancel().unwrap();
    assert_eq!(activity.ended().await.to_string(), "was canceled");
    work.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn work_elsewhere_sees_that_its_task_is_closed_and_heartbeats_no_more() {
    let stage = Stage::new();
    let (activity, token, client) = open(&stage).await;
    activity.terminate_workflow("enough").unwrap();
    let stopped = client.keep_alive(&token, seconds(5), async |stop| {
        stop.cancelled().await;
        sleep(seconds(60)).await;
        true
    });
    assert!(stopped.await);
    assert_eq!(stage.service.count(Operation::Heartbeat), 1);
}
