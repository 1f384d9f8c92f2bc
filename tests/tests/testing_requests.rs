//! What a test can do to its activity: cancel it, stop it for any reason, drain, at exactly the
//! moment that it says.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::time::{Instant, sleep};
use workbeat::prelude::*;
use workbeat::testing::{ActivityTest, Ended, When};
use workbeat::{FailureCode, activity_fn};
use workbeat_tests::{OnDrop, millis, seconds};

/// Counts, and never waits.
fn count(ctx: &ActivityContext) -> Result<u32, ActivityError> {
    for number in 1..=1_000 {
        ctx.report(number);
        if ctx.is_stopped() {
            return Err(ActivityError::canceled(format!("at {number}")));
        }
    }
    Ok(1_000)
}

#[activity]
async fn count_on(ctx: ActivityContext) -> Result<u32, ActivityError> {
    count(&ctx)
}

#[activity(blocking)]
fn count_blocking(ctx: &ActivityContext) -> Result<u32, ActivityError> {
    count(ctx)
}

#[activity]
async fn wait(ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.report("waiting");
    ctx.until_stopped(pending::<()>()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_at_the_nth_progress_is_exact_for_code_that_never_waits() {
    for _ in 0..50 {
        let asynchronous = ActivityTest::new(CountOn).cancel_when(When::Progress(7));
        let outcome = asynchronous.run().await;
        assert_eq!(outcome.assert_canceled().details(), Some("at 7"));
        let blocking = ActivityTest::new(CountBlocking).cancel_when(When::Progress(7));
        let outcome = blocking.run().await;
        assert_eq!(outcome.assert_canceled().details(), Some("at 7"));
        assert_eq!(outcome.progress_as::<u32>(), [1, 2, 3, 4, 5, 6, 7]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_after_a_while_comes_then_and_not_with_a_heartbeat() {
    let outcome = ActivityTest::new(Wait)
        .cancel_when(When::Elapsed(millis(1_234)))
        .run()
        .await;
    assert_eq!(outcome.assert_canceled().took(), millis(1_234));
    assert_eq!(outcome.stop_reason(), Some(StopReason::CancelRequested));
}

#[tokio::test(start_paused = true)]
async fn an_activity_can_begin_with_its_token_fired() {
    let outcome = ActivityTest::new(CountOn)
        .cancel_when(When::Progress(0))
        .run()
        .await;
    assert_eq!(outcome.assert_canceled().details(), Some("at 1"));
    let run = ActivityTest::new(CountOn).start();
    run.cancel();
    let outcome = run.outcome().await;
    assert_eq!(outcome.assert_canceled().details(), Some("at 1"));
}

#[tokio::test(start_paused = true)]
async fn a_run_is_followed_and_told_to_stop_by_hand() {
    let mut run = ActivityTest::new(Wait).start();
    let progress = run.next_progress().await.unwrap();
    assert_eq!(progress.details_as::<String>(), "waiting");
    sleep(seconds(5)).await;
    run.cancel();
    assert_eq!(run.next_progress().await, None);
    // It ended at 5 s, whenever somebody asks.
    sleep(seconds(100)).await;
    assert_eq!(run.outcome().await.assert_canceled().took(), seconds(5));
}

#[tokio::test(start_paused = true)]
async fn a_presumption_is_no_request() {
    for reason in [StopReason::HeartbeatLost, StopReason::TimedOut] {
        let outcome = ActivityTest::new(Wait)
            .stop_when(When::Progress(1), reason)
            .run()
            .await;
        outcome.assert_failed_with(FailureCode::Stopped);
        assert!(outcome.reason().unwrap().ends_with(reason.as_str()));
        assert_eq!(outcome.stop_reason(), Some(reason));
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_closed_task_nothing_is_sent() {
    for reason in [StopReason::TaskClosed, StopReason::WorkflowClosed] {
        let outcome = ActivityTest::new(Wait)
            .stop_when(When::Progress(1), reason)
            .run()
            .await;
        outcome.assert_nothing_sent();
        assert_eq!(*outcome.ended(), Ended::Closed);
        assert_eq!(outcome.stop_reason(), Some(reason));
    }
    // Nor of one that does not look.
    let deaf = activity_fn("deaf", "1.0", async |ctx: ActivityContext| {
        ctx.report(1);
        sleep(seconds(1)).await;
        Ok::<_, ActivityError>("too late")
    });
    let outcome = ActivityTest::new(deaf)
        .stop_when(When::Progress(1), StopReason::TaskClosed)
        .run()
        .await;
    assert_eq!(outcome.assert_nothing_sent().took(), seconds(1));
    assert!(outcome.into_output().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_reason_grows_worse_while_the_activity_cleans_up() {
    let cleans_up = activity_fn("cleans_up", "1.0", async |ctx: ActivityContext| {
        let first = ctx.stopped().await;
        sleep(seconds(2)).await;
        let worst = ctx.stop_reason();
        ctx.report((first.as_str(), worst.map(StopReason::as_str)));
        Err::<(), _>(ActivityError::canceled("cleaned up"))
    });
    let outcome = ActivityTest::new(cleans_up)
        .cancel_when(When::Elapsed(seconds(1)))
        .stop_when(When::Elapsed(seconds(2)), StopReason::WorkflowClosed)
        .run()
        .await;
    outcome.assert_nothing_sent();
    let reasons = outcome.progress_as::<(String, String)>();
    assert_eq!(
        reasons,
        [("cancel requested".to_owned(), "workflow closed".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_stopped_drops_the_activity_and_sends_nothing() {
    let dropped = Arc::new(AtomicBool::new(false));
    let notes = Arc::clone(&dropped);
    let held = activity_fn("held", "1.0", move |ctx: ActivityContext| {
        let notes = Arc::clone(&notes);
        async move {
            let _noted = OnDrop(notes);
            ctx.report(1);
            pending::<()>().await;
            Ok::<_, ActivityError>(())
        }
    });
    let outcome = ActivityTest::new(held)
        .stop_when(When::Progress(1), StopReason::WorkerStopping)
        .run()
        .await;
    outcome.assert_nothing_sent();
    assert_eq!(*outcome.ended(), Ended::Abandoned);
    assert!(dropped.load(Ordering::SeqCst));
    // Also where it would end just then.
    let outcome = ActivityTest::new(CountOn)
        .stop_when(When::Progress(3), StopReason::WorkerStopping)
        .run()
        .await;
    assert_eq!(*outcome.ended(), Ended::Abandoned, "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn a_drain_is_seen_at_once_and_fires_no_token() {
    let drains = activity_fn("drains", "1.0", async |ctx: ActivityContext| {
        ctx.report(1);
        assert!(ctx.is_draining());
        ctx.until_stopped(sleep(seconds(60))).await?;
        Ok::<_, ActivityError>("in time")
    });
    let outcome = ActivityTest::new(drains)
        .drain_when(When::Progress(1))
        .run()
        .await;
    assert_eq!(outcome.assert_completed("in time").took(), seconds(60));
    assert_eq!(outcome.stop_reason(), None);
}

#[tokio::test(start_paused = true)]
async fn who_is_not_done_when_a_drain_ends_is_failed_and_dropped() {
    let outcome = ActivityTest::new(Wait)
        .drain_when(When::Elapsed(seconds(1)))
        .drain_deadline(seconds(10))
        .run()
        .await;
    outcome.assert_failed_with(FailureCode::WorkerDraining);
    // A fifth of the deadline is kept for sending.
    assert_eq!(outcome.took(), seconds(9));
    assert_eq!(outcome.stop_reason(), Some(StopReason::WorkerStopping));
}

#[tokio::test(start_paused = true)]
async fn nobody_drains_while_the_activity_runs_unless_the_test_says_so() {
    let late = activity_fn("late", "1.0", async |ctx: ActivityContext| {
        sleep(seconds(3_600)).await;
        Ok::<_, ActivityError>(ctx.is_draining())
    });
    ActivityTest::new(late).run().await.assert_completed(false);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_fires_the_token_when_it_passes() {
    let started = Instant::now();
    let outcome = ActivityTest::new(Wait).deadline(seconds(90)).run().await;
    outcome.assert_failed_with(FailureCode::Stopped);
    assert_eq!(outcome.took(), seconds(90));
    assert_eq!(started.elapsed(), seconds(90));
    assert_eq!(outcome.stop_reason(), Some(StopReason::TimedOut));
}

#[activity(cancel_grace = "5s")]
async fn stubborn(ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.report("working");
    pending::<()>().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_cancel_grace_runs_from_the_request_and_from_the_word_that_the_task_is_closed() {
    let canceled = ActivityTest::new(Stubborn).cancel_when(When::Progress(1));
    let outcome = canceled.run().await;
    assert_eq!(outcome.assert_canceled().took(), seconds(5));
    assert!(outcome.details().unwrap().contains("cancel grace"));
    let closed =
        ActivityTest::new(Stubborn).stop_when(When::Elapsed(seconds(2)), StopReason::TaskClosed);
    let outcome = closed.run().await;
    assert_eq!(outcome.assert_nothing_sent().took(), seconds(7));
    let graced = ActivityTest::untyped("deaf", "1.0", |_, _| async {
        pending::<()>().await;
        Ok::<_, ActivityError>(None)
    });
    let outcome = graced
        .options(ActivityOptions::new().cancel_grace(seconds(1)))
        .cancel_when(When::Elapsed(seconds(1)))
        .run()
        .await;
    assert_eq!(outcome.assert_canceled().took(), seconds(2));
}

#[tokio::test(start_paused = true)]
async fn an_activity_may_ignore_a_cancellation() {
    let deaf = activity_fn("deaf", "1.0", async |_: ActivityContext| {
        sleep(seconds(10)).await;
        Ok::<_, ActivityError>("done all the same")
    });
    let outcome = ActivityTest::new(deaf)
        .cancel_when(When::Elapsed(seconds(1)))
        .run()
        .await;
    let outcome = outcome.assert_completed("done all the same");
    assert_eq!(outcome.stop_reason(), Some(StopReason::CancelRequested));
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_the_end_does_nothing() {
    let mut run = ActivityTest::new(CountOn).start();
    while run.next_progress().await.is_some() {}
    run.cancel();
    run.drain();
    run.stop(StopReason::WorkerStopping);
    let outcome = run.outcome().await;
    assert_eq!(outcome.assert_completed(1_000).stop_reason(), None);
}

#[tokio::test(start_paused = true)]
async fn when_a_run_is_dropped_so_is_its_activity() {
    let dropped = Arc::new(AtomicBool::new(false));
    let notes = Arc::clone(&dropped);
    let held = activity_fn("held", "1.0", move |ctx: ActivityContext| {
        let notes = Arc::clone(&notes);
        async move {
            let _noted = OnDrop(notes);
            ctx.report(1);
            pending::<()>().await;
            Ok::<_, ActivityError>(())
        }
    });
    let mut run = ActivityTest::new(held).start();
    run.next_progress().await.unwrap();
    drop(run);
    workbeat_tests::eventually("it is dropped", || dropped.load(Ordering::SeqCst)).await;
}

#[tokio::test(start_paused = true)]
async fn two_tests_with_the_same_facts_are_two_attempts() {
    let charges = Arc::new(AtomicUsize::new(0));
    let seen = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    for _ in 0..2 {
        let (charges, seen) = (Arc::clone(&charges), Arc::clone(&seen));
        let charge = activity_fn("charge", "1.0", move |ctx: ActivityContext| {
            let (charges, seen) = (Arc::clone(&charges), Arc::clone(&seen));
            async move {
                if seen.lock().unwrap().insert(ctx.idempotency_key()) {
                    charges.fetch_add(1, Ordering::SeqCst);
                }
                Ok::<_, ActivityError>(())
            }
        });
        ActivityTest::new(charge).run().await.assert_completed(());
    }
    assert_eq!(charges.load(Ordering::SeqCst), 1);
}
