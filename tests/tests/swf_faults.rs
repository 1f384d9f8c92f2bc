//! The hard cases over HTTP: throttled, denied, lost answers, and a task that is completed from
//! elsewhere (6, 16, 28, 29 and 38).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_swf::types::EventType;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Level;
use workbeat::completion::{CompletionClient, CompletionErrorKind};
use workbeat::prelude::*;
use workbeat::service::TaskToken;
use workbeat::worker::{DrainReport, WorkerBuilder};
use workbeat::{Backoff, activity_fn};
use workbeat_server::{Faults, LocalServer};
use workbeat_tests::{
    Events, Spawned, SwfStage, eventually, eventually_some, millis, run, said, scheduled, seconds,
};

const SOON: Duration = Duration::from_secs(300);

/// Waits until it is told to go on, heartbeating all the while.
fn waits(worker: WorkerBuilder, go: &Arc<Notify>) -> WorkerBuilder {
    let go = Arc::clone(go);
    let activity = activity_fn("wait", "1.0", move |ctx: ActivityContext| {
        let go = Arc::clone(&go);
        async move {
            go.notified().await;
            Ok::<_, ActivityError>(ctx.is_stopped())
        }
    });
    let options = ActivityOptions::new().heartbeat_interval(millis(50));
    worker
        .activity(activity.with_options(options))
        .poll_backoff(Backoff::new(millis(20), millis(200)))
}

async fn start(worker: WorkerBuilder) -> Spawned {
    let worker = run(worker);
    assert!(timeout(SOON, worker.handle.ready()).await.expect("in time"));
    worker
}

async fn drain(worker: Spawned) -> DrainReport {
    worker.handle.drain();
    timeout(SOON, worker.end()).await.expect("no hang")
}

#[tokio::test]
async fn throttled_calls_of_all_kinds_cost_no_task() {
    const TASKS: usize = 10;
    let events = Events::capture();
    let stage = SwfStage::with(LocalServer::builder().poll_hold(millis(200)).seed(3)).await;
    let enough = CancellationToken::new();
    let rested = enough.clone();
    let rest = activity_fn("rest", "1.0", move |ctx: ActivityContext| {
        let rested = rested.clone();
        async move {
            rested.cancelled().await;
            Ok::<_, ActivityError>(ctx.is_stopped())
        }
    });
    let options = ActivityOptions::new()
        .heartbeat_interval(millis(50))
        .heartbeat_timeout(seconds(600));
    let worker = stage
        .worker()
        .max_concurrent_polls(5)
        .poll_backoff(Backoff::new(millis(10), millis(50)));
    let worker = start(worker.activity(rest.with_options(options))).await;
    let mut flows = Vec::new();
    for _ in 0..TASKS {
        flows.push(
            stage
                .schedule(scheduled("rest").heartbeat_timeout("600"))
                .await,
        );
    }
    // From here on the decider's own client is throttled too, so it only looks when it is over.
    stage.server.set_faults(Faults::default().throttle(0.5));
    let refused = || events.count(Level::DEBUG, "the heartbeat failed and is tried again");
    let began = Instant::now();
    // So many that some of them are of the same task.
    let go_on = eventually("each beats although heartbeats are refused", || {
        let running = worker.handle.status().running;
        let beats = running.iter().filter_map(|it| it.since_last_heartbeat);
        let beats = beats.filter(|since| *since < began.elapsed());
        beats.count() == TASKS && refused() > TASKS
    });
    timeout(SOON, go_on).await.expect("heartbeats");
    enough.cancel();
    eventually("all have ended", || {
        let outcomes = worker.handle.status().outcomes;
        outcomes.completed == TASKS as u64
    })
    .await;
    stage.server.set_faults(Faults::default());
    for flow in flows {
        assert_eq!(said(&flow.closed().await), "completed: false");
    }
    assert!(drain(worker).await.is_clean());
}

#[tokio::test]
async fn case_06_polls_that_are_denied_later_are_events_and_go_on_once_they_are_allowed() {
    let events = Events::capture();
    let stage = SwfStage::new().await;
    let go = Arc::new(Notify::new());
    let worker = start(waits(stage.worker(), &go)).await;
    // A poll that succeeded shows that the settings are right.
    let flow = stage.schedule(scheduled("wait")).await;
    go.notify_one();
    assert_eq!(said(&flow.closed().await), "completed: false");
    let denial = || "PollForActivityTask".parse().unwrap();
    stage.server.deny(denial());
    eventually("it is tried again", || {
        events.count(Level::WARN, "the poll failed") >= 5
    })
    .await;
    let warned = events.matching(Level::WARN, "the poll failed");
    for word in ["not permitted", "`swf:PollForActivityTask`"] {
        assert!(warned[0].text.contains(word), "`{word}`: {warned:?}");
    }
    assert!(stage.server.allow(&denial()));
    let flow = stage.schedule(scheduled("wait")).await;
    go.notify_one();
    assert_eq!(said(&flow.closed().await), "completed: false");
    assert!(drain(worker).await.is_clean());
}

#[tokio::test]
async fn case_16_a_heartbeat_that_is_not_permitted_is_reported_and_cancels_nothing() {
    let events = Events::capture();
    let stage = SwfStage::new().await;
    let go = Arc::new(Notify::new());
    let worker = start(waits(stage.worker(), &go)).await;
    let denial = "RecordActivityTaskHeartbeat".parse().unwrap();
    stage.server.deny(denial);
    let flow = stage.schedule(scheduled("wait")).await;
    eventually("it is reported", || {
        events.count(Level::WARN, "refuses the heartbeat") > 0
    })
    .await;
    let warned = events
        .matching(Level::WARN, "refuses the heartbeat")
        .remove(0);
    assert!(
        warned.text.contains("`swf:RecordActivityTaskHeartbeat`"),
        "{warned:?}"
    );
    assert!(warned.text.contains("/domain/tests"), "{warned:?}");
    go.notify_one();
    assert_eq!(said(&flow.closed().await), "completed: false");
    assert_eq!(events.count(Level::WARN, "refuses the heartbeat"), 1);
    assert!(drain(worker).await.is_clean());
}

#[tokio::test]
async fn case_28_an_outcome_that_is_not_permitted_is_sent_again_until_it_is() {
    let events = Events::capture();
    let stage = SwfStage::new().await;
    let go = Arc::new(Notify::new());
    let worker = start(waits(stage.worker(), &go)).await;
    let denial = "RespondActivityTaskCompleted".parse().unwrap();
    stage.server.deny(denial);
    let flow = stage.schedule(scheduled("wait")).await;
    go.notify_one();
    eventually("it is reported", || {
        events.count(Level::WARN, "`swf:RespondActivityTaskCompleted`") > 0
    })
    .await;
    let denial = "RespondActivityTaskCompleted".parse().unwrap();
    assert!(stage.server.allow(&denial));
    assert_eq!(said(&flow.closed().await), "completed: false");
    let report = drain(worker).await;
    assert_eq!(report.outcomes.completed, 1, "{report}");
}

#[tokio::test]
async fn case_29_an_outcome_that_was_applied_and_not_answered_is_counted_as_closed() {
    let events = Events::capture();
    let stage = SwfStage::new().await;
    let go = Arc::new(Notify::new());
    let worker = start(waits(stage.worker(), &go)).await;
    let flow = stage.schedule(scheduled("wait")).await;
    flow.started().await;
    stage.server.set_faults(Faults::default().lost_answer(1.0));
    go.notify_one();
    eventually("an answer was lost", || {
        let lost = events.matching(Level::WARN, "the outcome is not accepted yet");
        lost.iter().any(|event| event.text.contains("completed"))
    })
    .await;
    stage.server.set_faults(Faults::default());
    eventually("the task has left the worker", || {
        worker.handle.status().running.is_empty()
    })
    .await;
    assert_eq!(said(&flow.closed().await), "completed: false");
    assert_eq!(flow.count(&EventType::ActivityTaskCompleted).await, 1);
    let report = drain(worker).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.outcomes.closed, report.outcomes.completed), (1, 0));
    assert_eq!(report.outcomes.closed_after_lost_answer, 1);
    assert_eq!(report.outcomes.closed_with_result, 0);
}

#[tokio::test]
async fn case_38_a_task_that_was_handed_on_is_kept_alive_and_completed_by_another_client() {
    let stage = SwfStage::new().await;
    let shelf: Arc<Mutex<Option<String>>> = Arc::default();
    let put = Arc::clone(&shelf);
    let activity = activity_fn("approve", "1.0", move |ctx: ActivityContext| {
        let token = serde_json::to_string(ctx.task_token()).expect("it serializes");
        put.lock().expect("nobody panics").replace(token);
        async { Err::<(), _>(ActivityError::handed_on()) }
    });
    let worker = start(stage.worker().slots(1).activity(activity)).await;
    let flow = stage
        .schedule(scheduled("approve").heartbeat_timeout("600"))
        .await;
    let text = eventually_some("there is a token", || shelf.lock().unwrap().take()).await;
    eventually("it is handed on", || {
        worker.handle.status().outcomes.handed_on == 1
    })
    .await;
    let report = drain(worker).await;
    assert!(report.is_clean(), "{report}");

    // Another process, without a worker.
    let token: TaskToken = serde_json::from_str(&text).unwrap();
    let client = CompletionClient::new(stage.service().build());
    for _ in 0..3 {
        stage.server.advance(seconds(500)).await.unwrap();
        let answer = client.heartbeat(&token, &"still open").await.unwrap();
        assert!(!answer.cancel_requested);
    }
    flow.request_cancel().await;
    let answer = client.heartbeat(&token, &()).await.unwrap();
    assert!(answer.cancel_requested);
    client.complete(&token, &"granted").await.unwrap();
    assert_eq!(said(&flow.closed().await), "completed: \"granted\"");
    let error = client.cancel(&token, "too late").await.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::Closed);
}
