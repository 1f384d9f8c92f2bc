//! The whole path over HTTP: the real SDK decides, the worker runs on the adapter.

use std::time::Duration;

use aws_sdk_swf::types::EventType;
use tokio::time::{Instant, timeout};
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat::worker::WorkerBuilder;
use workbeat_server::LocalServer;
use workbeat_swf::Timeouts;
use workbeat_tests::{Spawned, SwfStage, eventually, millis, run, said, scheduled, seconds};

const SOON: Duration = Duration::from_secs(300);

/// Ends as it is told.
async fn end(how: String, ctx: ActivityContext) -> Result<String, ActivityError> {
    match how.as_str() {
        "complete" => Ok("done".to_owned()),
        "fail" => Err(ActivityError::failed("disk full").with_details("sda1")),
        "cancel" => {
            ctx.report("half");
            ctx.stopped().await;
            Err(ActivityError::canceled("cleaned up"))
        }
        "ignore" => {
            ctx.stopped().await;
            Ok("all the same".to_owned())
        }
        _ => {
            ctx.report("waiting");
            let reason = ctx.stopped().await;
            Err(ActivityError::failed(reason.as_str()))
        }
    }
}

/// A worker that heartbeats twenty times a second.
fn ends(worker: WorkerBuilder) -> WorkerBuilder {
    let options = ActivityOptions::new().heartbeat_interval(millis(50));
    worker.activity(activity_fn("end", "1.0", end).with_options(options))
}

async fn start(worker: WorkerBuilder) -> Spawned {
    let worker = run(ends(worker));
    assert!(timeout(SOON, worker.handle.ready()).await.expect("in time"));
    worker
}

async fn drain(worker: Spawned) -> workbeat::worker::DrainReport {
    worker.handle.drain();
    timeout(SOON, worker.end()).await.expect("no hang")
}

/// Waits until one more heartbeat has been accepted.
async fn beats(worker: &Spawned) {
    let began = Instant::now();
    eventually("it has beaten", || {
        let running = worker.handle.status().running;
        let since = running.iter().find_map(|it| it.since_last_heartbeat);
        since.is_some_and(|since| since < began.elapsed())
    })
    .await;
}

fn told(how: &str) -> aws_sdk_swf::types::builders::ScheduleActivityTaskDecisionAttributesBuilder {
    scheduled("end").input(format!("\"{how}\""))
}

#[tokio::test]
async fn an_activity_completes_and_one_fails() {
    let stage = SwfStage::new().await;
    let worker = start(stage.worker()).await;
    let flow = stage.schedule(told("complete")).await;
    assert_eq!(said(&flow.closed().await), "completed: \"done\"");
    let flow = stage.schedule(told("fail")).await;
    assert_eq!(said(&flow.closed().await), "failed: disk full: sda1");
    let report = drain(worker).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.outcomes.completed, report.outcomes.failed), (1, 1));
}

#[tokio::test]
async fn case_22_a_cancellation_is_acknowledged_with_details() {
    let stage = SwfStage::new().await;
    let worker = start(stage.worker()).await;
    let flow = stage.schedule(told("cancel")).await;
    flow.started().await;
    flow.request_cancel().await;
    assert_eq!(said(&flow.closed().await), "canceled: cleaned up");
    let report = drain(worker).await;
    assert_eq!(report.outcomes.canceled, 1);
}

#[tokio::test]
async fn case_23_a_cancellation_is_ignored_and_the_activity_completes() {
    let stage = SwfStage::new().await;
    let worker = start(stage.worker()).await;
    let flow = stage.schedule(told("ignore")).await;
    flow.started().await;
    flow.request_cancel().await;
    assert_eq!(said(&flow.closed().await), "completed: \"all the same\"");
    assert_eq!(flow.count(&EventType::ActivityTaskCancelRequested).await, 1);
    assert!(drain(worker).await.is_clean());
}

#[tokio::test]
async fn case_27_what_is_cancelled_before_it_starts_never_reaches_the_worker() {
    let stage = SwfStage::new().await;
    assert!(drain(start(stage.worker()).await).await.is_clean()); // the type is registered
    let flow = stage.schedule(told("complete")).await;
    flow.request_cancel().await;
    assert_eq!(said(&flow.closed().await), "canceled: nothing");
    let worker = start(stage.worker()).await;
    let other = stage.schedule(told("complete")).await;
    assert_eq!(said(&other.closed().await), "completed: \"done\"");
    let report = drain(worker).await;
    assert_eq!(report.outcomes.completed, 1, "{report}");
    assert_eq!(flow.count(&EventType::ActivityTaskStarted).await, 0);
}

#[tokio::test]
async fn case_15_a_workflow_that_is_terminated_ends_its_activity_which_counts_as_closed() {
    let stage = SwfStage::new().await;
    let worker = start(stage.worker()).await;
    let flow = stage.schedule(told("wait")).await;
    flow.started().await;
    flow.terminate().await;
    eventually("the activity has ended", || {
        worker.handle.status().outcomes.closed == 1
    })
    .await;
    let report = drain(worker).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.outcomes.closed, report.outcomes.failed), (1, 0));
}

#[tokio::test]
async fn schedule_to_start_passes_while_nobody_polls() {
    let stage = SwfStage::new().await;
    assert!(drain(start(stage.worker()).await).await.is_clean());
    let flow = stage
        .schedule(told("complete").schedule_to_start_timeout("3600"))
        .await;
    stage.server.advance(seconds(3_601)).await.unwrap();
    assert_eq!(said(&flow.closed().await), "SCHEDULE_TO_START: nothing");
}

#[tokio::test]
async fn schedule_to_close_passes_while_the_activity_runs() {
    let stage = SwfStage::new().await;
    let worker = start(stage.worker()).await;
    let flow = stage
        .schedule(told("wait").schedule_to_close_timeout("3600"))
        .await;
    flow.started().await;
    stage.server.advance(seconds(3_601)).await.unwrap();
    let closed = said(&flow.closed().await);
    assert!(closed.starts_with("SCHEDULE_TO_CLOSE"), "{closed}");
    eventually("it learns that it is closed", || {
        worker.handle.status().outcomes.closed == 1
    })
    .await;
    assert!(drain(worker).await.is_clean());
}

#[tokio::test]
async fn start_to_close_passes_while_heartbeats_go_on() {
    let stage = SwfStage::new().await;
    let worker = start(stage.worker()).await;
    let flow = stage
        .schedule(told("wait").start_to_close_timeout("600"))
        .await;
    flow.started().await;
    beats(&worker).await;
    stage.server.advance(seconds(400)).await.unwrap();
    beats(&worker).await;
    stage.server.advance(seconds(201)).await.unwrap();
    let closed = said(&flow.closed().await);
    assert_eq!(
        closed, "START_TO_CLOSE: \"waiting\"",
        "with the last progress"
    );
    eventually("it learns that it is closed", || {
        worker.handle.status().outcomes.closed == 1
    })
    .await;
    assert!(drain(worker).await.is_clean());
}

#[tokio::test]
async fn a_heartbeat_timeout_passes_when_the_worker_is_gone_and_the_details_stay() {
    let stage = SwfStage::new().await;
    let worker = start(stage.worker()).await;
    let flow = stage.schedule(told("wait").heartbeat_timeout("600")).await;
    flow.started().await;
    beats(&worker).await;
    worker.run.abort();
    timeout(SOON, worker.handle.ended())
        .await
        .expect("it is gone");
    stage.server.advance(seconds(601)).await.unwrap();
    assert_eq!(said(&flow.closed().await), "HEARTBEAT: \"waiting\"");
}

#[tokio::test]
async fn case_09_a_heartbeat_timeout_that_only_the_history_knows_is_kept() {
    let hour = seconds(3_600);
    for timeouts in [Timeouts::Declared, Timeouts::FromHistory] {
        let stage = SwfStage::new().await;
        // It declares nothing, so the worker would heartbeat every hour.
        let worker = SwfStage::worker_on(stage.service().timeouts(timeouts));
        let worker = worker.heartbeat_interval(hour);
        let rest = activity_fn("rest", "1.0", async |ctx: ActivityContext| {
            ctx.stopped().await;
            Ok::<_, ActivityError>(())
        });
        let worker = run(worker.activity(rest));
        assert!(timeout(SOON, worker.handle.ready()).await.expect("in time"));
        let flow = stage
            .schedule(scheduled("rest").heartbeat_timeout("20"))
            .await;
        flow.started().await;
        let closed = if timeouts == Timeouts::Declared {
            stage.server.advance(seconds(21)).await.unwrap();
            let closed = said(&flow.closed().await);
            worker.handle.stop();
            let _report = timeout(SOON, worker.end()).await.expect("no hang");
            closed
        } else {
            // The first comes after a third of the timeout.
            beats(&worker).await;
            flow.request_cancel().await;
            let closed = said(&flow.closed().await);
            assert!(drain(worker).await.is_clean());
            closed
        };
        let expected = match timeouts {
            Timeouts::Declared => "HEARTBEAT: nothing",
            _ => "completed: null",
        };
        assert_eq!(closed, expected);
    }
}

#[tokio::test]
async fn case_37_a_deadline_is_found_from_the_history_and_from_the_type() {
    for timeouts in [Timeouts::FromHistory, Timeouts::FromType] {
        let stage = SwfStage::new().await;
        let register = stage
            .client
            .register_activity_type()
            .domain(workbeat_tests::DOMAIN);
        let register = register.name("wait").version("1.0");
        let register = register.default_task_start_to_close_timeout("600");
        register.send().await.unwrap();
        let wait = activity_fn("wait", "1.0", async |ctx: ActivityContext| {
            ctx.stopped().await;
            Ok::<_, ActivityError>(())
        });
        let options = ActivityOptions::new().heartbeat_interval(millis(50));
        let worker = SwfStage::worker_on(stage.service().timeouts(timeouts));
        let worker = start(worker.activity(wait.with_options(options))).await;
        let flow = stage
            .schedule(scheduled("wait").start_to_close_timeout("300"))
            .await;
        eventually("the deadline is known", || {
            let running = worker.handle.status().running;
            running.iter().any(|running| running.time_left.is_some())
        })
        .await;
        let left = worker.handle.status().running[0].time_left.unwrap();
        let expected = match timeouts {
            Timeouts::FromHistory => 300,
            _ => 600, // what the type says, and this decision overrode
        };
        assert!(
            left <= seconds(expected) && left > seconds(expected - 30),
            "{left:?}"
        );
        flow.request_cancel().await;
        assert_eq!(said(&flow.closed().await), "completed: null");
        assert!(drain(worker).await.is_clean());
    }
}

#[tokio::test]
async fn case_39_a_drain_waits_for_polls_and_runs_what_they_bring() {
    let options = LocalServer::builder().poll_hold(seconds(20));
    let stage = SwfStage::with(options).await;
    let worker = start(stage.worker()).await;
    eventually("it polls", || worker.handle.status().polls == 1).await;
    worker.handle.drain();
    let flow = stage.schedule(told("complete")).await;
    assert_eq!(said(&flow.closed().await), "completed: \"done\"");
    let report = timeout(SOON, worker.end()).await.expect("no hang");
    assert!(report.is_clean(), "{report}");
}
