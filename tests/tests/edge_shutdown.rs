//! The edge cases of shutdown: 39, 40, 43 and 44.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::WorkerState;
use workbeat::{Backoff, FailureCode};
use workbeat_local::engine::EventAttributes;
use workbeat_tests::{
    Ended, Fault, OnDrop, Operation, Stage, code, eventually, forever, millis, rest, run, seconds,
    stage_that_keeps_polls, start,
};

#[tokio::test(start_paused = true)]
async fn case_39_a_drain_starts_no_polls_and_waits_for_those_in_flight() {
    let stage = stage_that_keeps_polls();
    let worker = run(stage
        .worker()
        .max_concurrent_polls(3)
        .activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 3).await;
    sleep(seconds(20)).await;
    let report = worker.drain().await;
    let polls = stage.service.calls(Operation::Poll);
    assert!(polls.iter().all(|poll| poll.accepted), "none was given up");
    assert_eq!(
        polls[2].began.elapsed(),
        seconds(60),
        "no longer than needed"
    );
    assert_eq!(stage.service.count(Operation::Poll), 3);
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_39_a_poll_that_can_be_withdrawn_ends_at_once() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    let began = Instant::now();
    let report = worker.drain().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_39_a_task_that_a_poll_brings_during_the_drain_is_run() {
    let stage = stage_that_keeps_polls();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    worker.handle.drain();
    sleep(seconds(5)).await;
    assert_eq!(worker.handle.status().state, WorkerState::Draining);
    let activity = stage.start(start("rest").input(&10).unwrap());
    let outcome = activity.ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "rested");
    let report = worker.end().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, 1);
    assert_eq!(stage.service.count(Operation::Poll), 1);
}

#[tokio::test(start_paused = true)]
async fn case_39_a_task_that_a_poll_brings_too_late_to_run_is_failed_with_a_reason() {
    let stage = stage_that_keeps_polls();
    let worker = run(stage
        .worker()
        .drain_deadline(seconds(20))
        .activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    worker.handle.drain();
    // Four of the twenty seconds are for sending.
    sleep(seconds(17)).await;
    let activity = stage.start(start("rest").input(&0).unwrap());
    let outcome = activity.ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::WorkerDraining));
    let report = worker.end().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.failed, 1);
}

#[tokio::test(start_paused = true)]
async fn case_39_a_poll_that_is_given_up_at_the_deadline_is_counted() {
    let stage = stage_that_keeps_polls();
    let worker = run(stage
        .worker()
        .max_concurrent_polls(2)
        .drain_deadline(seconds(20))
        .activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 2).await;
    let began = Instant::now();
    let report = worker.drain().await;
    let took = began.elapsed();
    assert!((seconds(19)..=seconds(20)).contains(&took), "{took:?}");
    assert_eq!(report.polls_given_up, 2);
    assert!(!report.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_39_a_task_that_a_poll_brings_about_the_deadline_is_answered_or_listed() {
    let deadline = seconds(20);
    let mut seen = [0; 3];
    for before in 0..60 {
        for after in [false, true] {
            let stage = stage_that_keeps_polls();
            let worker = run(stage
                .worker()
                .drain_deadline(deadline)
                .activity_fn("rest", "1.0", rest));
            eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
            worker.handle.drain();
            let draining = Instant::now();
            let shift = millis(before);
            let at = if after {
                deadline + shift
            } else {
                deadline - shift
            };
            sleep_until(draining + at).await;
            let activity = stage.start(start("rest").input(&0).unwrap());
            let report = worker.end().await;
            let taken = activity
                .history()
                .iter()
                .any(|event| matches!(event.attributes, EventAttributes::ActivityTaskStarted(_)));
            let failed = usize::try_from(report.outcomes.failed).unwrap();
            let accounted = [failed, report.unanswered.len(), report.polls_given_up];
            assert_eq!(accounted.iter().sum::<usize>(), 1, "{at:?}: {report}");
            assert!(!taken || report.polls_given_up == 0, "{at:?}: {report}");
            for (seen, accounted) in seen.iter_mut().zip(accounted) {
                *seen += accounted;
            }
        }
    }
    assert!(seen[0] > 0 && seen[2] > 0, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn case_40_running_activities_see_the_drain_which_is_no_cancellation() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("work", "1.0", async |ctx: ActivityContext| {
            assert!(!ctx.is_draining());
            ctx.draining().await;
            assert!(ctx.is_draining());
            sleep(seconds(30)).await;
            assert!(!ctx.is_stopped());
            assert_eq!(ctx.stop_reason(), None);
            ctx.check_stopped()?;
            ctx.report("checkpoint");
            sleep(seconds(5)).await;
            Ok::<_, ActivityError>("went on")
        }));
    let activity = stage.start(start("work").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    let began = Instant::now();
    let report = worker.drain().await;
    assert_eq!(began.elapsed(), seconds(35));
    let outcome = activity.ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "went on");
    // Heartbeats worked throughout, and so did what they carry.
    let beats = stage.service.calls(Operation::Heartbeat);
    assert!(beats.len() >= 34, "{}", beats.len());
    assert_eq!(
        beats.last().unwrap().text.as_deref(),
        Some("\"checkpoint\"")
    );
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_40_a_cancellation_reaches_an_activity_during_the_drain_and_outcomes_are_retried() {
    let stage = Stage::new();
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    stage.service.next(Operation::Cancel, 5, unavailable);
    let worker = run(stage
        .worker()
        .activity_fn("work", "1.0", async |ctx: ActivityContext| {
            ctx.until_stopped(std::future::pending::<()>()).await?;
            Ok::<_, ActivityError>(())
        }));
    let activity = stage.start(start("work").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    worker.handle.drain();
    sleep(seconds(10)).await;
    activity.request_cancel().unwrap();
    assert_eq!(activity.ended().await.to_string(), "was canceled");
    assert_eq!(stage.service.count(Operation::Cancel), 6);
    let report = worker.end().await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_43_a_drain_while_paused_returns_at_once() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    worker.handle.pause();
    sleep(seconds(61)).await;
    assert_eq!(worker.handle.status().polls, 0);
    let began = Instant::now();
    assert!(worker.drain().await.is_clean());
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn case_43_a_drain_while_backing_off_returns_at_once() {
    let stage = Stage::new();
    let throttled = Fault::Error(ServiceErrorKind::Throttled);
    stage.service.always(Operation::Poll, throttled);
    let hour = seconds(3_600);
    let worker = run(stage
        .worker()
        .poll_backoff(Backoff::new(hour, hour))
        .activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    sleep(seconds(5)).await;
    let began = Instant::now();
    assert!(worker.drain().await.is_clean());
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn case_43_a_drain_while_registering_backs_off_or_hangs_returns_at_once() {
    for fault in [Fault::Error(ServiceErrorKind::Throttled), Fault::Hang] {
        let stage = Stage::new();
        stage.service.always(Operation::Register, fault);
        let hour = seconds(3_600);
        let worker = run(stage
            .worker()
            .poll_backoff(Backoff::new(hour, hour))
            .activity_fn("rest", "1.0", rest));
        eventually("it registers", || {
            stage.service.count(Operation::Register) == 1
        })
        .await;
        sleep(seconds(5)).await;
        let began = Instant::now();
        assert!(worker.drain().await.is_clean());
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(stage.service.count(Operation::Poll), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn case_43_a_drain_while_waiting_for_a_slot_ends_with_what_holds_it() {
    let stage = Stage::new();
    let worker =
        run(stage
            .worker()
            .slots(1)
            .activity_fn("work", "1.0", async |ctx: ActivityContext| {
                ctx.draining().await;
                sleep(seconds(7)).await;
                Ok::<_, ActivityError>(())
            }));
    let _ = stage.start(start("work"));
    let waiting = stage.start(start("work"));
    worker.holds(1).await;
    sleep(seconds(5)).await;
    let began = Instant::now();
    assert!(worker.drain().await.is_clean());
    assert_eq!(began.elapsed(), seconds(7));
    assert_eq!(waiting.try_outcome(), None, "left to another worker");
}

#[tokio::test(start_paused = true)]
async fn case_43_a_drain_while_a_task_waits_for_the_limit_of_its_type_fails_it_at_the_cutoff() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .drain_deadline(seconds(20))
        .activity_limit("forever", "1.0", 1)
        .activity_fn("forever", "1.0", forever));
    let activities = [(); 2].map(|()| stage.start(start("forever")));
    worker.holds(2).await;
    let began = Instant::now();
    assert!(worker.drain().await.is_clean());
    assert_eq!(began.elapsed(), seconds(16));
    for activity in activities {
        let outcome = activity.ended().await;
        assert_eq!(code(&outcome), Some(FailureCode::WorkerDraining));
    }
}

#[tokio::test(start_paused = true)]
async fn case_44_what_a_poll_brings_after_a_pause_still_runs_and_no_new_poll_starts() {
    let stage = stage_that_keeps_polls();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    worker.handle.pause();
    assert_eq!(worker.handle.status().state, WorkerState::Paused);
    sleep(seconds(30)).await;
    let first = stage.start(start("rest").input(&5).unwrap());
    assert_eq!(first.ended().await.to_string(), "completed");
    let second = stage.start(start("rest").input(&5).unwrap());
    sleep(seconds(3_600)).await;
    assert_eq!(stage.service.count(Operation::Poll), 1);
    assert_eq!(second.try_outcome(), None);
    assert_eq!(stage.local.pending("list").unwrap(), 1);

    let began = Instant::now();
    worker.handle.resume();
    assert_eq!(second.ended().await.to_string(), "completed");
    assert_eq!(began.elapsed(), seconds(5));
    assert_eq!(worker.handle.status().state, WorkerState::Running);
    assert!(worker.drain().await.polls_given_up == 0);
}

#[tokio::test(start_paused = true)]
async fn case_44_activities_heartbeat_and_end_while_the_worker_is_paused() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    let rest = start("rest").input(&30).unwrap();
    let activity = stage.start(rest.heartbeat_timeout(seconds(2)));
    worker.holds(1).await;
    worker.handle.pause();
    assert_eq!(activity.ended().await.to_string(), "completed");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_fires_the_tokens_and_stops_heartbeats_and_polls() {
    let stage = Stage::new();
    let token = Arc::new(std::sync::Mutex::new(
        None::<(ActivityContext, CancellationToken)>,
    ));
    let dropped = Arc::new(AtomicBool::new(false));
    let (keep, flag) = (Arc::clone(&token), Arc::clone(&dropped));
    let worker = stage
        .worker()
        .activity_fn("work", "1.0", move |ctx: ActivityContext| {
            let fires = ctx.cancellation_token().clone();
            *keep.lock().unwrap() = Some((ctx, fires));
            let guard = OnDrop(Arc::clone(&flag));
            async move {
                let _guard = guard;
                std::future::pending::<()>().await;
                Ok::<_, ActivityError>(())
            }
        });
    let worker = worker.build().unwrap();
    let handle = worker.handle();
    let activity = stage.start(start("work").heartbeat_timeout(seconds(3)));
    // As an application does it in a `select!`.
    let within = tokio::time::timeout(seconds(10), worker.run());
    assert!(within.await.is_err());

    let (ctx, token) = token.lock().unwrap().take().unwrap();
    assert!(token.is_cancelled());
    assert_eq!(ctx.stop_reason(), Some(StopReason::WorkerStopping));
    assert!(ctx.is_draining());
    eventually("its future is dropped", || dropped.load(Ordering::SeqCst)).await;
    sleep(millis(1)).await;
    let (beats, polls) = (
        stage.service.count(Operation::Heartbeat),
        stage.service.count(Operation::Poll),
    );
    assert!(beats >= 9, "{beats}");
    assert_eq!(stage.service.under_way(Operation::Poll), 0);
    assert_eq!(activity.ended().await.to_string(), "timed out: HEARTBEAT");
    sleep(seconds(600)).await;
    assert_eq!(stage.service.count(Operation::Heartbeat), beats);
    assert_eq!(stage.service.count(Operation::Poll), polls);
    for outcome in [Operation::Complete, Operation::Fail, Operation::Cancel] {
        assert_eq!(stage.service.count(outcome), 0);
    }
    let status = handle.status();
    assert_eq!(status.state, WorkerState::Ended);
    assert_eq!((status.running.len(), status.polls), (0, 0));
}
