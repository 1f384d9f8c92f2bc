//! What an attempt finds of the one before it, on the embedded service.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;
use tracing::Level;
use workbeat::FailureCode;
use workbeat::activity::{PreviousProgressError, PreviousProgressErrorKind};
use workbeat::prelude::*;
use workbeat::service::{ProgressEnvelope, ServiceErrorKind};
use workbeat_local::{ActivityHandle, ActivityOutcome, StartActivity};
use workbeat_tests::{
    Ended, Events, Fault, Operation, Spawned, Stage, eventually, hears, run, seconds, start,
};

/// What the attempts of an activity found, one after the other.
type Found = Arc<Mutex<Vec<Result<Option<u32>, PreviousProgressErrorKind>>>>;

/// The same activity in the same workflow, so that a second start is a second attempt.
fn attempt() -> StartActivity {
    let start = start("count").workflow_id("flow").activity_id("count-1");
    start.heartbeat_timeout(seconds(30))
}

fn every_second() -> ActivityOptions {
    ActivityOptions::new().heartbeat_interval(seconds(1))
}

/// Counts on from where the last attempt was, once a second, up to `until`; then it does `end`.
fn count<Fut>(
    found: &Found,
    until: u32,
    end: impl Fn(ActivityContext) -> Fut + Clone + Send + Sync + 'static,
) -> impl Activity
where
    Fut: Future<Output = Result<u32, ActivityError>> + Send + 'static,
{
    let found = Arc::clone(found);
    let count = move |ctx: ActivityContext| {
        let (found, end) = (Arc::clone(&found), end.clone());
        async move {
            let previous = ctx.previous_progress::<u32>().await;
            let told = previous.as_ref().map_err(PreviousProgressError::kind);
            found.lock().expect("no panic").push(told.copied());
            let begun = previous?.unwrap_or(0);
            if begun > 0 {
                // So that an attempt after this one finds it too.
                ctx.report(begun);
            }
            for done in begun..until {
                ctx.report(done + 1);
                ctx.until_stopped(sleep(seconds(1))).await?;
            }
            end(ctx).await
        }
    };
    workbeat::activity_fn("count", "1.0", count).with_options(every_second())
}

async fn fails(_: ActivityContext) -> Result<u32, ActivityError> {
    Err(ActivityError::failed("FULL").with_details("disk full"))
}

async fn hangs(ctx: ActivityContext) -> Result<u32, ActivityError> {
    ctx.until_stopped(std::future::pending()).await?
}

fn found(found: &Found) -> Vec<Result<Option<u32>, PreviousProgressErrorKind>> {
    found.lock().expect("no panic").clone()
}

/// Waits until the worker has beaten with `details`, and stops it as a kill would.
async fn kill(stage: &Stage, worker: Spawned, activity: &ActivityHandle, details: &str) {
    let before = stage.service.count(Operation::Heartbeat);
    eventually("a heartbeat has carried it", || {
        let beats = stage.service.calls(Operation::Heartbeat);
        let mut new = beats.iter().skip(before);
        let last = new.rfind(|beat| beat.accepted);
        last.is_some_and(|beat| beat.text.as_deref() == Some(details))
    })
    .await;
    worker.run.abort();
    let outcome = activity.ended().await;
    assert!(
        matches!(outcome, ActivityOutcome::TimedOut { .. }),
        "{outcome}"
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_kill_it_is_what_the_last_heartbeat_carried() {
    let (stage, seen) = (Stage::new(), Found::default());
    let worker = || {
        let worker = stage.worker().previous_progress(true);
        run(worker.activity(count(&seen, 3, hangs)))
    };
    let first = stage.start(attempt());
    kill(&stage, worker(), &first, "3").await;
    let second = stage.start(attempt());
    assert_eq!(second.workflow(), first.workflow(), "the same run");
    kill(&stage, worker(), &second, "3").await;
    let another = stage.start(attempt().activity_id("count-2"));
    kill(&stage, worker(), &another, "3").await;
    assert_eq!(found(&seen), [Ok(None), Ok(Some(3)), Ok(None)]);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_never_taken_up_does_not_hide_the_one_before() {
    let (stage, seen) = (Stage::new(), Found::default());
    let worker = || {
        let worker = stage.worker().previous_progress(true);
        run(worker.activity(count(&seen, 2, hangs)))
    };
    let first = stage.start(attempt());
    kill(&stage, worker(), &first, "2").await;
    let nobody = stage.start(attempt().schedule_to_start_timeout(seconds(5)));
    nobody.ended().await;
    let third = stage.start(attempt());
    kill(&stage, worker(), &third, "2").await;
    assert_eq!(found(&seen), [Ok(None), Ok(Some(2))]);
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_it_is_known_only_if_the_worker_was_told_to_write_it() {
    for told in [false, true] {
        let (stage, seen) = (Stage::new(), Found::default());
        let worker = stage.worker().previous_progress(true);
        let worker = worker.progress_in_failures(told);
        let worker = run(worker.activity(count(&seen, 4, fails)));
        for _ in 0..2 {
            let outcome = stage.start(attempt()).ended().await;
            assert_eq!(outcome.reason(), Some("FULL"));
            let envelope = outcome.details().and_then(ProgressEnvelope::read);
            let expected = ProgressEnvelope::new("4").with_details("disk full");
            assert_eq!(envelope, told.then_some(expected));
        }
        let second = told.then_some(4);
        assert_eq!(found(&seen), [Ok(None), Ok(second)]);
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_ends_the_activity_leaves_its_progress_too() {
    let (stage, seen) = (Stage::new(), Found::default());
    let builder = stage.worker().previous_progress(true);
    let builder = builder.progress_in_failures(true);
    let worker = run(builder
        .drain_deadline(seconds(5))
        .activity(count(&seen, 900, hangs)));
    let activity = stage.start(attempt());
    worker.holds(1).await;
    let report = worker.drain().await;
    assert_eq!(report.outcomes.failed, 1, "{report}");
    let outcome = activity.ended().await;
    let progress = outcome.details().and_then(ProgressEnvelope::read);
    assert!(progress.is_some(), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn progress_that_does_not_fit_beside_the_details_is_left_out_and_that_is_said() {
    let events = Events::capture();
    let (stage, seen) = (Stage::new(), Found::default());
    let long = async |_| {
        let details = "x".repeat(32_760);
        Err(ActivityError::failed("LONG").with_details(details))
    };
    let worker = stage.worker().previous_progress(true);
    let worker = run(worker
        .progress_in_failures(true)
        .activity(count(&seen, 1, long)));
    let outcome = stage.start(attempt()).ended().await;
    assert_eq!(outcome.details(), Some(&*"x".repeat(32_760)));
    let said = events.count(
        Level::WARN,
        "the progress does not fit into the details of the failure",
    );
    assert_eq!(said, 1);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_is_off_unless_asked_for_and_the_error_says_how_to_turn_it_on() {
    let (stage, seen) = (Stage::new(), Found::default());
    let worker = run(stage.worker().activity(count(&seen, 1, hangs)));
    let outcome = stage.start(attempt()).ended().await;
    let details = outcome.details().unwrap_or_default();
    assert!(details.contains(".previous_progress(true)"), "{details}");
    assert_eq!(found(&seen), [Err(PreviousProgressErrorKind::Off)]);
    assert_eq!(stage.service.count(Operation::PreviousAttempt), 0);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn who_does_not_ask_costs_no_call() {
    let stage = Stage::new();
    let rest = async || Ok::<_, ActivityError>(());
    let worker = stage.worker().previous_progress(true);
    let worker = run(worker.activity_fn("count", "1.0", rest));
    stage.start(attempt()).ended().await;
    assert_eq!(stage.service.count(Operation::PreviousAttempt), 0);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_hangs_delays_no_heartbeat_and_a_cancellation_is_heard() {
    let (stage, seen) = (Stage::new(), Found::default());
    stage
        .service
        .always(Operation::PreviousAttempt, Fault::Hang);
    let worker = stage.worker().previous_progress(true);
    let worker = run(worker.activity(count(&seen, 1, hangs)));
    let activity = stage.start(attempt());
    // A call may take a quarter of an hour: a history can be long.
    eventually("it has beaten five hundred times", || {
        stage.service.count(Operation::Heartbeat) >= 500
    })
    .await;
    eventually("the call had its limit, and is made again", || {
        stage.service.count(Operation::PreviousAttempt) > 1
    })
    .await;
    let beats = stage.service.calls(Operation::Heartbeat);
    let apart = beats.windows(2).map(|two| two[1].began - two[0].began);
    let longest = apart.max().unwrap_or_default();
    assert!(longest <= Duration::from_millis(1_100), "{longest:?}");
    activity.request_cancel().unwrap();
    let outcome = activity.ended().await;
    assert_eq!(outcome.to_string(), "was canceled");
    assert_eq!(found(&seen), [Err(PreviousProgressErrorKind::Stopped)]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_asked_again_and_a_refusal_is_told() {
    let (stage, seen) = (Stage::new(), Found::default());
    for kind in [
        ServiceErrorKind::Throttled,
        ServiceErrorKind::Unavailable,
        ServiceErrorKind::LimitExceeded,
    ] {
        let service = &stage.service;
        service.next(Operation::PreviousAttempt, 2, Fault::Error(kind));
    }
    let fault = Fault::Error(ServiceErrorKind::NotPermitted);
    let worker = stage.worker().previous_progress(true);
    let worker = run(worker.activity(count(&seen, 1, fails)));
    stage.start(attempt()).ended().await;
    assert_eq!(stage.service.count(Operation::PreviousAttempt), 7);
    stage.service.next(Operation::PreviousAttempt, 1, fault);
    let refused = stage.start(attempt()).ended().await;
    let code = Some(FailureCode::PreviousProgressUnknown);
    assert_eq!(refused.reason().and_then(FailureCode::of), code);
    let refusal = Err(PreviousProgressErrorKind::Refused);
    assert_eq!(found(&seen), [Ok(None), refusal]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_could_not_be_told_does_not_hide_the_one_before() {
    let (stage, seen) = (Stage::new(), Found::default());
    let worker = |told| {
        let worker = stage.worker().previous_progress(told);
        run(worker.activity(count(&seen, 3, hangs)))
    };
    let first = stage.start(attempt());
    kill(&stage, worker(true), &first, "3").await;
    // One worker was forgotten, and another may not read histories.
    let forgotten = worker(false);
    stage.start(attempt()).ended().await;
    assert!(forgotten.drain().await.is_clean());
    let denied = Fault::Error(ServiceErrorKind::NotPermitted);
    stage.service.next(Operation::PreviousAttempt, 1, denied);
    let mended = worker(true);
    stage.start(attempt()).ended().await;
    let last = stage.start(attempt());
    kill(&stage, mended, &last, "3").await;
    let refused = [
        Err(PreviousProgressErrorKind::Off),
        Err(PreviousProgressErrorKind::Refused),
    ];
    assert_eq!(
        found(&seen),
        [&[Ok(None)], &refused[..], &[Ok(Some(3))]].concat()
    );
}

/// Reports something and is killed; then another attempt asks for it as text.
async fn text_after(report: fn(&ActivityContext)) -> Option<String> {
    let stage = Stage::new();
    let (say, mut said) = tokio::sync::mpsc::unbounded_channel();
    let asks = move |ctx: ActivityContext| {
        let say = say.clone();
        async move {
            let _ = say.send(ctx.previous_progress_text().await?);
            report(&ctx);
            ctx.until_stopped(std::future::pending::<()>()).await?;
            Ok::<_, ActivityError>(())
        }
    };
    let worker = || {
        let asks = workbeat::activity_fn("count", "1.0", asks.clone());
        let asks = asks.with_options(every_second());
        run(stage.worker().previous_progress(true).activity(asks))
    };
    let killed = worker();
    let activity = stage.start(attempt());
    assert_eq!(hears(&mut said).await, None);
    eventually("a heartbeat has carried it", || {
        let beats = stage.service.calls(Operation::Heartbeat);
        beats
            .iter()
            .any(|beat| beat.accepted && beat.text.is_some())
    })
    .await;
    killed.run.abort();
    activity.ended().await;
    let second = worker();
    let _activity = stage.start(attempt());
    let found = hears(&mut said).await;
    second.run.abort();
    found
}

#[tokio::test(start_paused = true)]
async fn what_stands_for_a_report_that_was_too_large_is_no_progress_as_text_either() {
    let found = text_after(|ctx| ctx.report("x".repeat(3_000))).await;
    assert_eq!(found, None);
    let found = text_after(|ctx| ctx.report_text("page 3")).await;
    assert_eq!(found.as_deref(), Some("page 3"));
}

/// Another worker may send a heartbeat with details that say nothing.
#[tokio::test(start_paused = true)]
async fn empty_details_of_a_heartbeat_are_no_progress() {
    assert_eq!(text_after(|ctx| ctx.report_text("")).await, None);
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_panics_is_asked_again() {
    let (stage, seen) = (Stage::new(), Found::default());
    stage
        .service
        .next(Operation::PreviousAttempt, 1, Fault::Panic);
    let worker = stage.worker().previous_progress(true);
    let worker = run(worker.activity(count(&seen, 1, fails)));
    stage.start(attempt()).ended().await;
    assert_eq!(found(&seen), [Ok(None)]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn blocking_code_can_ask_too() {
    let stage = Stage::new();
    let ask = async |ctx: ActivityContext| {
        let asked = ctx.run_blocking(|ctx| ctx.previous_progress_blocking::<u32>());
        Ok::<_, ActivityError>(asked.await?)
    };
    let worker = stage.worker().previous_progress(true);
    let worker = run(worker.activity_fn("count", "1.0", ask));
    let outcome = stage.start(attempt()).ended().await;
    assert_eq!(outcome.raw_result(), Some("null"));
    assert!(worker.drain().await.is_clean());
}
