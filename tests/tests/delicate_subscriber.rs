//! A subscriber of the application's that panics at every event, or wherever it hears of a span: no
//! task is lost with it, and the worker does all that it does otherwise.

use tokio::time::sleep;
use workbeat::completion::CompletionClient;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{Unanswered, UnknownType};
use workbeat_tests::{
    Delicate, Ended as _, Fault, Heard, Operation, Stage, millis, run, seconds, start,
};

/// Not those of the embedded service, in which the test itself makes calls.
fn events_of_the_worker(of: &tracing::Metadata<'_>) -> bool {
    of.is_event() && of.target().starts_with("workbeat::")
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_and_frees_its_slot_though_each_event_meets_a_panic() {
    let delicate = Delicate::to(events_of_the_worker);
    let stage = Stage::new();
    let worker = stage
        .worker()
        .slots(1)
        .activity_fn("complete", "1.0", async || Ok::<_, ActivityError>("done"))
        .activity_fn("fail", "1.0", async || {
            Err::<(), _>(ActivityError::failed("no shoes"))
        })
        .activity_fn("rest", "1.0", async |ctx: ActivityContext| {
            ctx.until_stopped(std::future::pending::<()>()).await
        });
    let worker = run(worker);
    let outage = Fault::Error(ServiceErrorKind::Unavailable);
    stage.service.next(Operation::Poll, 2, outage.clone());
    stage.service.next(Operation::Complete, 2, outage.clone());
    stage.service.next(Operation::Heartbeat, 2, outage);
    for _ in 0..2 {
        assert_eq!(
            stage.start(start("complete")).ended().await.to_string(),
            "completed"
        );
        let failed = stage.start(start("fail")).ended().await;
        assert!(failed.to_string().contains("no shoes"), "{failed}");
        let unknown = stage.start(start("unknown")).ended().await;
        assert!(
            unknown.to_string().contains("WORKBEAT_UNKNOWN"),
            "{unknown}"
        );
    }
    let canceled = stage.start(start("rest").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    canceled.request_cancel().expect("it is open");
    assert_eq!(canceled.ended().await.to_string(), "was canceled");
    let closed = stage.start(start("rest").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    closed.terminate_workflow("enough").expect("it is open");
    worker.holds(0).await;

    let left = stage.start(start("rest"));
    worker.holds(1).await;
    let report = worker.drain().await;
    let left = left.ended().await.to_string();
    assert!(left.contains("WORKBEAT_WORKER_DRAINING"), "{left}");
    assert!(report.is_clean(), "{report}");
    assert_eq!(
        (report.outcomes.completed, report.outcomes.canceled),
        (2, 1)
    );
    assert_eq!((report.outcomes.failed, report.outcomes.closed), (5, 1));
    assert!(delicate.panics() > 20, "{}", delicate.panics());
}

#[tokio::test(start_paused = true)]
async fn what_is_left_to_others_is_listed_and_a_stop_lists_what_ran() {
    let _delicate = Delicate::to(events_of_the_worker);
    let stage = Stage::new();
    let worker = stage
        .worker()
        .slots(1)
        .unknown_type(UnknownType::LeaveToOthers)
        .activity_fn("rest", "1.0", async || {
            sleep(seconds(600)).await;
            Ok::<_, ActivityError>(())
        });
    let worker = run(worker);
    let _unknown = stage.start(start("unknown"));
    sleep(millis(500)).await;
    let _resting = stage.start(start("rest"));
    worker.holds(1).await;
    worker.handle.stop();
    let report = worker.end().await;
    let why: Vec<_> = report.unanswered.iter().map(|task| task.why).collect();
    assert_eq!(why, [Unanswered::LeftToOthers, Unanswered::StoppedAtOnce]);
}

/// Runs activities with heartbeats, blocking code and an unknown type, and completes one from
/// outside, with a subscriber that panics whenever it hears this of a span.
async fn spans_meet_a_panic(what: Heard) {
    let delicate = Delicate::hearing(move |heard, of| heard == what && of.is_span());
    let stage = Stage::new();
    let client = CompletionClient::new(stage.service.clone());
    let worker = stage
        .worker()
        .slots(1)
        .activity_fn("complete", "1.0", async |ctx: ActivityContext| {
            sleep(seconds(9)).await;
            Ok::<_, ActivityError>(ctx.run_blocking(|_| "done").await)
        })
        .activity_fn("hand on", "1.0", move |ctx: ActivityContext| {
            let client = client.clone();
            async move {
                client.complete(ctx.task_token(), "elsewhere").await?;
                Err::<(), _>(ActivityError::handed_on())
            }
        });
    let worker = run(worker);
    for _ in 0..3 {
        let complete = start("complete").heartbeat_timeout(seconds(3));
        assert_eq!(stage.start(complete).ended().await.to_string(), "completed");
        let handed_on = stage.start(start("hand on")).ended().await;
        assert_eq!(handed_on.to_string(), "completed");
        let unknown = stage.start(start("unknown")).ended().await.to_string();
        assert!(unknown.contains("WORKBEAT_UNKNOWN"), "{unknown}");
    }
    let report = worker.drain().await;
    assert!(report.is_clean(), "{what:?}: {report}");
    assert_eq!(report.outcomes.handed_on, 3);
    assert!(delicate.panics() > 9, "{what:?}: {}", delicate.panics());
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_new_span_meets_a_panic() {
    spans_meet_a_panic(Heard::New).await;
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_field_that_is_written_meets_a_panic() {
    spans_meet_a_panic(Heard::Record).await;
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_span_that_is_entered_meets_a_panic() {
    spans_meet_a_panic(Heard::Enter).await;
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_span_that_is_left_meets_a_panic() {
    spans_meet_a_panic(Heard::Exit).await;
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_span_that_closes_meets_a_panic() {
    spans_meet_a_panic(Heard::Close).await;
}
