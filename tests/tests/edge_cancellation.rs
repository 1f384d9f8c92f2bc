//! The edge cases of cancellation: 21 to 27, and what becomes of a reason to stop (14, 15).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Level;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat_local::engine::{EventAttributes, HistoryEvent};
use workbeat_local::{ActivityHandle, ActivityOutcome, LocalService, StartActivity};
use workbeat_tests::{
    Ended, Events, Fault, Operation, Stage, eventually, hears, millis, run, seconds, start,
};

const INTERVAL: Duration = Duration::from_secs(1);

/// How many outcomes the worker sent.
fn outcomes(stage: &Stage) -> [usize; 3] {
    [Operation::Complete, Operation::Fail, Operation::Cancel]
        .map(|operation| stage.service.count(operation))
}

/// The details of a canceled outcome.
fn canceled(outcome: &ActivityOutcome) -> Option<&str> {
    match outcome {
        ActivityOutcome::Canceled {
            details, requested, ..
        } => {
            assert!(requested);
            details.as_ref().map(|details| details.as_str())
        }
        other => panic!("it {other}"),
    }
}

/// The events that closed the activity.
fn closings(activity: &ActivityHandle) -> Vec<&'static str> {
    let closes = |event: &HistoryEvent| {
        matches!(
            event.attributes,
            EventAttributes::ActivityTaskCompleted(_)
                | EventAttributes::ActivityTaskFailed(_)
                | EventAttributes::ActivityTaskCanceled(_)
                | EventAttributes::ActivityTaskTimedOut(_)
        )
    };
    let history = activity.history();
    let closings = history.iter().filter(|event| closes(event));
    closings.map(HistoryEvent::event_type).collect()
}

#[tokio::test(start_paused = true)]
async fn case_21_a_request_fires_the_token_once_and_heartbeats_go_on_during_the_clean_up() {
    let events = Events::capture();
    let stage = Stage::new();
    let fired = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&fired);
    let worker = run(stage
        .worker()
        .activity_fn("work", "1.0", move |ctx: ActivityContext| {
            let fired = Arc::clone(&count);
            async move {
                ctx.report("at work");
                let token = ctx.cancellation_token().clone();
                let counting = async {
                    loop {
                        token.cancelled().await;
                        fired.fetch_add(1, Ordering::SeqCst);
                        // A token that fires stays fired; only a new one could fire again.
                        std::future::pending::<()>().await;
                    }
                };
                let working = async {
                    assert_eq!(ctx.stopped().await, StopReason::CancelRequested);
                    ctx.report("cleaning up");
                    sleep(seconds(30)).await;
                    assert_eq!(ctx.stop_reason(), Some(StopReason::CancelRequested));
                };
                tokio::select! {
                    () = counting => {}
                    () = working => {}
                }
                Err::<(), _>(ActivityError::canceled("cleaned up"))
            }
        }));
    let activity = stage.start(start("work").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    sleep(seconds(5)).await;
    activity.request_cancel().unwrap();
    let asked = Instant::now();
    let outcome = activity.ended().await;
    assert_eq!(canceled(&outcome), Some("cleaned up"));

    assert_eq!(fired.load(Ordering::SeqCst), 1);
    assert_eq!(events.count(Level::INFO, "told to stop"), 1);
    let beats = stage.service.calls(Operation::Heartbeat);
    let cleaning = beats.iter().filter(|beat| beat.began > asked + INTERVAL);
    let cleaning: Vec<_> = cleaning.collect();
    assert!(cleaning.len() >= 29, "{}", cleaning.len());
    for beat in cleaning {
        assert_eq!(beat.text.as_deref(), Some("\"cleaning up\""));
        assert!(beat.accepted);
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_22_an_acknowledged_cancellation_is_exactly_one_canceled_outcome_with_its_details() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("wait", "1.0", async |ctx: ActivityContext| {
            let reason = ctx.stopped().await;
            Err::<(), _>(ActivityError::canceled(format!("cleaned up: {reason}")))
        }));
    let activity = stage.start(start("wait").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    let outcome = activity.ended().await;
    assert_eq!(canceled(&outcome), Some("cleaned up: cancel requested"));
    let cancels = stage.service.calls(Operation::Cancel);
    let details = cancels[0].text.as_deref();
    assert_eq!(details, Some("cleaned up: cancel requested"));
    assert_eq!(outcomes(&stage), [0, 0, 1]);
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.canceled, 1);
}

#[tokio::test(start_paused = true)]
async fn case_22_a_question_mark_on_until_stopped_acknowledges_and_drops_the_work() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("wait", "1.0", async |ctx: ActivityContext| {
            ctx.until_stopped(std::future::pending::<()>()).await?;
            Ok::<_, ActivityError>(())
        }));
    let activity = stage.start(start("wait").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    assert_eq!(canceled(&activity.ended().await), None);
    assert_eq!(outcomes(&stage), [0, 0, 1]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_23_an_activity_that_ignores_the_request_ends_as_it_ends() {
    for (fails, sent) in [(false, [1, 0, 0]), (true, [0, 1, 0])] {
        let stage = Stage::new();
        let worker = run(stage.worker().activity_fn(
            "work",
            "1.0",
            async |(fails, ctx_sleeps): (bool, u64), ctx: ActivityContext| {
                sleep(Duration::from_secs(ctx_sleeps)).await;
                assert!(ctx.is_stopped());
                if fails {
                    return Err(ActivityError::failed("disk full"));
                }
                Ok("done")
            },
        ));
        let work = start("work").input(&(fails, 60)).unwrap();
        let activity = stage.start(work.heartbeat_timeout(seconds(3)));
        worker.holds(1).await;
        activity.request_cancel().unwrap();
        let outcome = activity.ended().await.to_string();
        let wanted = if fails {
            "failed: disk full"
        } else {
            "completed"
        };
        assert_eq!(outcome, wanted);
        assert_eq!(outcomes(&stage), sent);
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_24_canceled_when_nobody_asked_is_a_failure_that_says_so() {
    let stage = Stage::over(LocalService::builder().strict_cancel(true).build().unwrap());
    let worker = run(stage.worker().activity_fn("work", "1.0", async || {
        Err::<(), _>(ActivityError::canceled("I thought so"))
    }));
    let outcome = stage.start(start("work")).ended().await;
    let ActivityOutcome::Failed {
        reason, details, ..
    } = outcome
    else {
        panic!("it {outcome}");
    };
    let reason = reason.unwrap();
    assert!(reason.starts_with("WORKBEAT_CANCELED_WITHOUT_REQUEST: "));
    assert!(reason.contains("nobody had requested it"), "{reason}");
    assert_eq!(details.unwrap().as_str(), "I thought so");
    assert_eq!(outcomes(&stage), [0, 1, 0]);
    assert!(worker.drain().await.is_clean());
}

/// Says when it is dropped.
struct OnDrop(Arc<AtomicBool>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn case_25_past_its_cancel_grace_the_future_is_dropped_and_canceled_is_sent() {
    let stage = Stage::new();
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&dropped);
    let options = ActivityOptions::new()
        .heartbeat_interval(INTERVAL)
        .cancel_grace(seconds(20));
    let activity = activity_fn("stubborn", "1.0", move || {
        let guard = OnDrop(Arc::clone(&flag));
        async move {
            let _guard = guard;
            std::future::pending::<()>().await;
            Ok::<_, ActivityError>(())
        }
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let activity = stage.start(start("stubborn"));
    worker.holds(1).await;
    sleep(millis(4_500)).await;
    activity.request_cancel().unwrap();
    eventually("it is told", || {
        worker.handle.status().running[0].stop_reason.is_some()
    })
    .await;
    let told = stage
        .service
        .calls(Operation::Heartbeat)
        .pop()
        .unwrap()
        .began;
    assert!(!dropped.load(Ordering::SeqCst));
    let outcome = activity.ended().await;
    let text = canceled(&outcome).expect("details");
    assert!(
        text.contains("cancel grace") && text.contains("aborted"),
        "{text}"
    );
    assert!(dropped.load(Ordering::SeqCst));
    assert_eq!(told.elapsed(), seconds(20));
    assert_eq!(outcomes(&stage), [0, 0, 1]);
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_25_within_its_cancel_grace_an_activity_ends_by_itself() {
    let stage = Stage::new();
    let options = ActivityOptions::new()
        .heartbeat_interval(INTERVAL)
        .cancel_grace(seconds(20));
    let activity = activity_fn("work", "1.0", async |ctx: ActivityContext| {
        ctx.stopped().await;
        sleep(millis(19_990)).await;
        Err::<(), _>(ActivityError::canceled("just in time"))
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let activity = stage.start(start("work"));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    let outcome = activity.ended().await;
    assert_eq!(canceled(&outcome), Some("just in time"));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_25_by_default_an_activity_is_never_aborted() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("work", "1.0", async || {
        sleep(seconds(24 * 3_600)).await;
        Ok::<_, ActivityError>("a day later")
    }));
    let activity = stage.start(start("work"));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    let outcome = activity.ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "a day later");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_26_a_cancellation_that_races_the_completion_leaves_one_outcome() {
    // The heartbeat that brings the cancellation goes out after 1 s; the activity ends about
    // then, and so does its grace.
    let mut seen = [0; 3];
    for ends in 995..=1_005 {
        for (grace, acknowledges) in [(0, false), (3, false), (60_000, true), (60_000, false)] {
            let stage = Stage::new();
            let mut options = ActivityOptions::new().heartbeat_interval(INTERVAL);
            options.cancel_grace = Some(millis(grace));
            let activity = activity_fn("race", "1.0", move |ctx: ActivityContext| async move {
                sleep(millis(ends)).await;
                if acknowledges {
                    ctx.check_stopped()?;
                }
                Ok::<_, ActivityError>(())
            });
            let worker = run(stage.worker().activity(activity.with_options(options)));
            // The answers take their time, so that more can come between.
            let slow = Fault::Slow(millis(2));
            stage.service.always(Operation::Heartbeat, slow.clone());
            stage.service.always(Operation::Complete, slow);
            let activity = stage.start(start("race"));
            worker.holds(1).await;
            activity.request_cancel().unwrap();
            activity.ended().await;
            sleep(seconds(60)).await;

            let sent = outcomes(&stage);
            assert_eq!(sent.iter().sum::<usize>(), 1, "{ends} ms: {sent:?}");
            assert_eq!(closings(&activity).len(), 1, "{ends} ms");
            for (seen, sent) in seen.iter_mut().zip(sent) {
                *seen += sent;
            }
            let report = worker.drain().await;
            assert!(report.is_clean(), "{report}");
        }
    }
    // Both sides of the race were seen, and nothing failed for it.
    assert!(seen[0] > 0 && seen[1] == 0 && seen[2] > 0, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn case_27_a_task_that_was_canceled_before_a_poll_took_it_never_reaches_the_worker() {
    let stage = Stage::new();
    let started = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&started);
    let gate = CancellationToken::new();
    let wait = gate.clone();
    let builder = stage.worker().slots(1).activity_fn("work", "1.0", move || {
        count.fetch_add(1, Ordering::SeqCst);
        let wait = wait.clone();
        async move {
            wait.cancelled().await;
            Ok::<_, ActivityError>(())
        }
    });
    // Once before there is a worker, once while its only slot is taken.
    let early = stage.start(start("work"));
    early.request_cancel().unwrap();
    let worker = run(builder);
    let running = stage.start(start("work"));
    worker.holds(1).await;
    let waiting = stage.start(start("work"));
    sleep(seconds(5)).await;
    waiting.request_cancel().unwrap();
    gate.cancel();
    running.ended().await;
    sleep(seconds(100)).await;

    for never in [early, waiting] {
        assert_eq!(canceled(&never.ended().await), None);
        let begun = |event: &HistoryEvent| {
            matches!(event.attributes, EventAttributes::ActivityTaskStarted(_))
        };
        assert!(!never.history().iter().any(begun));
    }
    assert_eq!(started.load(Ordering::SeqCst), 1);
    assert_eq!(outcomes(&stage), [1, 0, 0]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_15_a_stop_reason_grows_worse_when_the_workflow_is_closed_during_the_clean_up() {
    let stage = Stage::new();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let options = ActivityOptions::new().heartbeat_interval(INTERVAL);
    let activity = activity_fn("work", "1.0", move |ctx: ActivityContext| {
        let told = told.clone();
        async move {
            told.send(ctx.stopped().await)?;
            sleep(seconds(10)).await;
            told.send(ctx.stop_reason().expect("a reason"))?;
            Err::<(), _>(ActivityError::canceled("too late"))
        }
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let activity = stage.start(start("work"));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    assert_eq!(hears(&mut heard).await, StopReason::CancelRequested);
    let beats = stage.service.count(Operation::Heartbeat);
    activity.terminate_workflow("no longer wanted").unwrap();
    assert_eq!(hears(&mut heard).await, StopReason::WorkflowClosed);
    eventually("it ends", || worker.handle.status().outcomes.closed == 1).await;
    assert_eq!(stage.service.count(Operation::Heartbeat), beats + 1);
    assert_eq!(outcomes(&stage), [0, 0, 0]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_14_a_request_after_a_lost_heartbeat_can_still_be_acknowledged() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_timeout(seconds(3));
    let activity = activity_fn("work", "1.0", async |ctx: ActivityContext| {
        ctx.stopped().await;
        let requested_before = ctx.is_cancel_requested();
        sleep(seconds(30)).await;
        assert_eq!(ctx.stop_reason(), Some(StopReason::HeartbeatLost));
        let requested = (requested_before, ctx.is_cancel_requested());
        Err::<(), _>(ActivityError::canceled(format!("{requested:?}")))
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let lost = Fault::Error(workbeat::service::ServiceErrorKind::Unavailable);
    stage.service.always(Operation::Heartbeat, lost);
    let start: StartActivity = start("work").heartbeat_timeout(seconds(600));
    let activity = stage.start(start);
    eventually("the heartbeat is lost", || {
        let running = worker.handle.status().running;
        running
            .first()
            .is_some_and(|task| task.stop_reason == Some(StopReason::HeartbeatLost))
    })
    .await;
    stage.service.mend(Operation::Heartbeat);
    activity.request_cancel().unwrap();
    assert_eq!(canceled(&activity.ended().await), Some("(false, true)"));
    assert!(worker.drain().await.is_clean());
}
