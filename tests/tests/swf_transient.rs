//! What the worker makes of the answers of Amazon SWF, through its SDK: cases 5, 13, 15, 17, 28
//! and 30.
//!
//! The service is a script, so the tests see each request. Real time, so that only the least
//! times are looked at.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_swf::Client;
use serde_json::json;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tracing::Level;
use workbeat::prelude::*;
use workbeat::worker::DrainReport;
use workbeat::{Backoff, FailureCode, activity_fn};
use workbeat_swf::SwfService;
use workbeat_tests::{
    DOMAIN, Events, Reply, Request, Spawned, SwfStage, Wire, eventually, millis, run, sdk_config,
    seconds,
};

const SOON: Duration = Duration::from_secs(300);
const POLL: &str = "PollForActivityTask";
const BEAT: &str = "RecordActivityTaskHeartbeat";
const COMPLETED: &str = "RespondActivityTaskCompleted";
const FAILED: &str = "RespondActivityTaskFailed";
const CANCELED: &str = "RespondActivityTaskCanceled";

/// Throttled, a quota that is used up, two failures of the service, and a lost connection.
fn transient() -> [Reply; 5] {
    [
        Reply::fault(
            400,
            "com.amazon.coral.availability#ThrottlingException",
            "Rate exceeded",
        ),
        Reply::fault(
            400,
            "com.amazonaws.swf.base.model#LimitExceededFault",
            "too many",
        ),
        Reply::fault(500, "InternalFailure", ""),
        Reply::Answer(503, "<html>".to_owned()),
        Reply::Close,
    ]
}

/// A service that has one task, and answers `special` where that gives something.
async fn one_task(mut special: impl FnMut(&Request) -> Option<Reply> + Send + 'static) -> Wire {
    let mut tasks = 1;
    Wire::start(move |request| {
        if let Some(reply) = special(request) {
            return reply;
        }
        match request.operation.as_str() {
            POLL if tasks > 0 => {
                tasks -= 1;
                let task = json!({
                    "taskToken": "token",
                    "activityId": "1",
                    "startedEventId": 6,
                    "activityType": { "name": "work", "version": "1.0" },
                    "workflowExecution": { "workflowId": "w", "runId": "r" },
                });
                Reply::Answer(200, task.to_string())
            }
            POLL => Reply::After(millis(20), 200, "{}".to_owned()),
            BEAT => Reply::ok(r#"{"cancelRequested":false}"#),
            _ => Reply::ok(""),
        }
    })
    .await
}

/// Answers the first `times` requests of `operation` with `reply`.
fn first(
    operation: &'static str,
    mut times: usize,
    reply: Reply,
) -> impl FnMut(&Request) -> Option<Reply> + Send {
    move |request| {
        if request.operation != operation || times == 0 {
            return None;
        }
        times -= 1;
        Some(reply.clone())
    }
}

/// A worker whose activity heartbeats twenty times a second, until it is told to end or to stop;
/// it gives back whether it was told to stop, and why is told here.
fn worker(wire: &Wire) -> (Spawned, Arc<Notify>, mpsc::UnboundedReceiver<StopReason>) {
    let go = Arc::new(Notify::new());
    let (told, heard) = mpsc::unbounded_channel();
    let (end, told) = (Arc::clone(&go), Arc::new(Mutex::new(told)));
    let work = activity_fn("work", "1.0", move |ctx: ActivityContext| {
        let (end, told) = (Arc::clone(&end), Arc::clone(&told));
        async move {
            tokio::select! {
                () = end.notified() => {}
                reason = ctx.stopped() => told.lock().expect("nobody panics").send(reason)?,
            }
            Ok::<_, ActivityError>(ctx.is_stopped())
        }
    });
    let options = ActivityOptions::new()
        .heartbeat_interval(millis(50))
        .heartbeat_timeout(seconds(600));
    let client = Client::from_conf(sdk_config(wire.url(), "us-east-1").build());
    let worker = SwfStage::worker_on(SwfService::builder(client, DOMAIN))
        .poll_backoff(Backoff::new(millis(40), seconds(2)))
        .activity(work.with_options(options));
    (run(worker), go, heard)
}

/// Waits for what must come true while a person would still wait.
async fn soon(what: &str, condition: impl FnMut() -> bool) {
    let came = timeout(SOON, eventually(what, condition)).await;
    assert!(came.is_ok(), "it did not come true that {what}");
}

async fn drain(worker: Spawned) -> DrainReport {
    worker.handle.drain();
    timeout(SOON, worker.end()).await.expect("no hang")
}

#[tokio::test]
async fn case_05_polls_that_fail_on_the_wire_back_off_further_and_further_and_polling_goes_on() {
    for answer in transient() {
        let events = Events::capture();
        let what = format!("{answer:?}");
        let wire = one_task(first(POLL, 4, answer)).await;
        let (worker, go, _heard) = worker(&wire);
        go.notify_one();
        soon("the task is completed", || wire.count(COMPLETED) == 1).await;
        let polls = wire.requests(POLL);
        for (tries, pair) in polls.windows(2).take(4).enumerate() {
            let (gap, whole) = (pair[1].at - pair[0].at, millis(40 << tries));
            assert!(gap >= whole / 2, "{what}: {gap:?} of {whole:?}");
        }
        // Each was one request, and each is an event.
        assert_eq!(events.count(Level::WARN, "the poll failed"), 4, "{what}");
        let report = drain(worker).await;
        assert!(report.is_clean(), "{what}: {report}");
        assert_eq!(report.outcomes.completed, 1, "{what}");
    }
}

#[tokio::test]
async fn case_13_heartbeats_that_fail_on_the_wire_are_tried_again_and_the_activity_goes_on() {
    for answer in transient() {
        let what = format!("{answer:?}");
        let wire = one_task(first(BEAT, 3, answer)).await;
        let (worker, go, mut heard) = worker(&wire);
        soon("heartbeats go on", || wire.count(BEAT) >= 6).await;
        assert!(heard.try_recv().is_err(), "{what}: it was told to stop");
        go.notify_one();
        soon("it is completed", || wire.count(COMPLETED) == 1).await;
        assert_eq!(wire.requests(COMPLETED)[0].body["result"], "false");
        assert!(drain(worker).await.is_clean(), "{what}");
    }
}

#[tokio::test]
async fn case_15_what_the_service_says_of_a_closed_task_is_the_reason_and_no_outcome_is_sent() {
    for (message, reason) in [
        (
            "Unknown activity, scheduledEventId = 5",
            StopReason::TaskClosed,
        ),
        (
            "Unknown execution: WorkflowExecution=[workflowId=w, runId=r]",
            StopReason::WorkflowClosed,
        ),
    ] {
        let unknown = "com.amazonaws.swf.base.model#UnknownResourceFault";
        let fault = Reply::fault(400, unknown, message);
        let wire = one_task(first(BEAT, usize::MAX, fault)).await;
        let (worker, _go, mut heard) = worker(&wire);
        let told = timeout(SOON, heard.recv()).await.expect("the token fires");
        assert_eq!(told, Some(reason));
        soon("it is counted as closed", || {
            worker.handle.status().outcomes.closed == 1
        })
        .await;
        // In the time of so many polls it would have beaten again.
        let (beats, polls) = (wire.count(BEAT), wire.count(POLL));
        soon("time passes", || wire.count(POLL) >= polls + 10).await;
        assert!(drain(worker).await.is_clean());
        assert_eq!(wire.count(BEAT), beats);
        for outcome in [COMPLETED, FAILED, CANCELED] {
            assert_eq!(wire.count(outcome), 0, "{message}");
        }
    }
}

#[tokio::test]
async fn case_17_a_heartbeat_that_is_never_answered_on_the_wire_does_not_hold_up_the_next() {
    let wire = one_task(first(BEAT, 1, Reply::Hang)).await;
    let (worker, go, _heard) = worker(&wire);
    soon("heartbeats go on", || wire.count(BEAT) >= 4).await;
    go.notify_one();
    soon("it is completed", || wire.count(COMPLETED) == 1).await;
    assert_eq!(wire.requests(COMPLETED)[0].body["result"], "false");
    assert!(drain(worker).await.is_clean());
}

#[tokio::test]
async fn case_28_an_outcome_that_fails_on_the_wire_is_sent_again_until_it_is_accepted() {
    for answer in transient() {
        let what = format!("{answer:?}");
        let wire = one_task(first(COMPLETED, 2, answer)).await;
        let (worker, go, _heard) = worker(&wire);
        go.notify_one();
        soon("it is accepted", || {
            worker.handle.status().outcomes.completed == 1
        })
        .await;
        let sent = wire.requests(COMPLETED);
        assert_eq!(sent.len(), 3, "{what}");
        assert!(sent.iter().all(|one| one.body == sent[0].body), "{what}");
        assert!(sent[1].at - sent[0].at >= millis(50), "{what}");
        assert!(sent[2].at - sent[1].at >= millis(100), "{what}");
        assert!(drain(worker).await.is_clean(), "{what}");
    }
}

#[tokio::test]
async fn case_30_what_the_wire_rejects_is_sent_once_and_the_failure_says_what_was_rejected() {
    let validation = "com.amazon.coral.validate#ValidationException";
    let message = "Value at 'result' failed to satisfy constraint: Member must not be null";
    let rejects = first(
        COMPLETED,
        usize::MAX,
        Reply::fault(400, validation, message),
    );
    let wire = one_task(rejects).await;
    let (worker, go, _heard) = worker(&wire);
    go.notify_one();
    soon("the failure is accepted", || {
        worker.handle.status().outcomes.failed == 1
    })
    .await;
    assert_eq!((wire.count(COMPLETED), wire.count(FAILED)), (1, 1));
    let sent = &wire.requests(FAILED)[0].body;
    let reason = sent["reason"].as_str().expect("a reason");
    assert_eq!(FailureCode::of(reason), Some(FailureCode::OutcomeRejected));
    assert!(reason.contains("completed"), "{reason}");
    assert!(drain(worker).await.is_clean());
}
