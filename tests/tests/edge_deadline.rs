//! The edge cases of a shutdown that runs out of time: 41 and 42.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::Unanswered;
use workbeat::{ActivityService, FailureCode};
use workbeat_tests::{
    Ended, Fault, OnDrop, Operation, Stage, code, eventually, forever, hears, millis, rest, run,
    seconds, stage_that_keeps_polls, start,
};

/// What "at once" may take: to see that what was aborted is gone.
const AT_ONCE: Duration = Duration::from_millis(100);

#[tokio::test(start_paused = true)]
async fn case_41_before_the_deadline_what_is_left_is_failed_with_a_reason_and_aborted() {
    let stage = Stage::new();
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&dropped);
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let worker = run(stage.worker().drain_deadline(seconds(20)).activity_fn(
        "work",
        "1.0",
        move |ctx: ActivityContext| {
            let guard = OnDrop(Arc::clone(&flag));
            let watching = ctx.clone();
            let told = told.clone();
            // Outside of the activity's future, which is about to be dropped.
            tokio::spawn(async move { told.send(watching.stopped().await) });
            async move {
                let _guard = guard;
                std::future::pending::<()>().await;
                Ok::<_, ActivityError>(())
            }
        },
    ));
    // Sending takes its time, and the reserve has it.
    stage
        .service
        .always(Operation::Fail, Fault::Slow(seconds(3)));
    let activity = stage.start(start("work").heartbeat_timeout(seconds(2)));
    worker.holds(1).await;
    let began = Instant::now();
    let report = worker.drain().await;
    assert!((seconds(16)..=seconds(20)).contains(&began.elapsed()));
    assert_eq!(hears(&mut heard).await, StopReason::WorkerStopping);
    assert!(dropped.load(Ordering::SeqCst));
    assert_eq!(
        code(&activity.ended().await),
        Some(FailureCode::WorkerDraining)
    );
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.failed, 1);
    let fails = stage.service.calls(Operation::Fail);
    assert_eq!(fails.len(), 1);
    assert!(fails[0].began - began <= seconds(16));
}

#[tokio::test(start_paused = true)]
async fn case_41_the_report_lists_every_token_that_was_not_answered_for_and_nothing_hangs() {
    let stage = Stage::new();
    for operation in [Operation::Complete, Operation::Fail] {
        stage.service.always(operation, Fault::Hang);
    }
    let worker = run(stage
        .worker()
        .drain_deadline(seconds(20))
        .activity_fn("rest", "1.0", rest)
        .activity_fn("forever", "1.0", forever));
    let names = ["a", "b", "c", "d", "e"];
    for (n, name) in names.into_iter().enumerate() {
        let activity = if n < 2 {
            start("forever")
        } else {
            start("rest").input(&(n - 2)).unwrap()
        };
        let _ = stage.start(activity.activity_id(name));
    }
    let held = worker.holds(5).await;
    let began = Instant::now();
    let report = worker.drain().await;
    let took = began.elapsed();
    assert!((seconds(19)..=seconds(20)).contains(&took), "{took:?}");
    let held = held
        .into_iter()
        .map(|task| (task.activity_id, task.task_token));
    let held: HashMap<_, _> = held.collect();
    let mut listed: Vec<_> = report
        .unanswered
        .iter()
        .map(|task| {
            assert_eq!(task.why, Unanswered::DrainDeadline);
            assert_eq!(task.token, held[&task.activity_id]);
            task.activity_id.as_str()
        })
        .collect();
    listed.sort_unstable();
    assert_eq!(listed, names);
    assert!(
        report.still_running.is_empty(),
        "{:?}",
        report.still_running
    );
    assert!(!report.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_41_a_task_whose_outcome_is_on_its_way_at_the_cutoff_keeps_that_outcome() {
    let stage = Stage::new();
    stage
        .service
        .always(Operation::Complete, Fault::Slow(seconds(8)));
    let worker = run(stage
        .worker()
        .drain_deadline(seconds(20))
        .activity_fn("rest", "1.0", rest));
    let activity = stage.start(start("rest").input(&10).unwrap());
    worker.holds(1).await;
    // Sent at 10 s, cut off at 16 s, accepted at 18 s.
    worker.handle.drain();
    let report = worker.end().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.outcomes.completed, report.outcomes.failed), (1, 0));
    assert_eq!(activity.ended().await.to_string(), "completed");
    assert_eq!(stage.service.count(Operation::Fail), 0);
}

#[tokio::test(start_paused = true)]
async fn case_41_an_outcome_that_waits_out_a_backoff_is_tried_again_in_the_reserve() {
    // Whenever in its backoff of up to 10 s the cutoff finds it.
    for began in 60..75 {
        let stage = Stage::new();
        let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
        stage.service.always(Operation::Complete, unavailable);
        let worker = run(stage
            .worker()
            .drain_deadline(seconds(20))
            .activity_fn("rest", "1.0", rest));
        let activity = stage.start(start("rest").input(&0).unwrap());
        worker.holds(1).await;
        sleep(seconds(began)).await;
        worker.handle.drain();
        sleep(millis(15_900)).await;
        stage.service.mend(Operation::Complete);
        let report = worker.end().await;
        assert!(report.is_clean(), "{began} s: {report}");
        assert_eq!(activity.ended().await.to_string(), "completed");
    }
}

#[tokio::test(start_paused = true)]
async fn case_41_the_run_returns_by_the_deadline_while_blocking_code_runs_on() {
    // A poll that cannot be withdrawn keeps the drain going to its deadline.
    let stage = stage_that_keeps_polls();
    let (begin, begun) = channel();
    let (go, wait) = channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let worker = run(stage.worker().drain_deadline(seconds(20)).activity_fn(
        "block",
        "1.0",
        move |ctx: ActivityContext| {
            let (begin, wait) = (begin.clone(), Arc::clone(&wait));
            async move {
                ctx.run_blocking(move |_| {
                    begin.send(()).expect("somebody waits");
                    let _ = wait.lock().expect("one at a time").recv();
                })
                .await;
                Ok::<_, ActivityError>(())
            }
        },
    ));
    let activity = stage.start(start("block"));
    // While blocking code runs, paused time does not go on by itself.
    let mut tries = 0..10_000;
    while begun.recv_timeout(millis(1)).is_err() {
        assert!(tries.next().is_some(), "it never began");
        yield_now().await;
    }
    worker.handle.drain();
    let began = Instant::now();
    while !worker.run.is_finished() && began.elapsed() < seconds(40) {
        advance(millis(10)).await;
    }
    let took = began.elapsed();
    assert!((seconds(19)..=seconds(20)).contains(&took), "{took:?}");
    let report = worker.end().await;
    assert_eq!((report.still_running.len(), report.polls_given_up), (1, 1));
    assert!(report.unanswered.is_empty(), "{report}");
    assert_eq!(
        code(&activity.ended().await),
        Some(FailureCode::WorkerDraining)
    );
    drop(go);
}

#[tokio::test(start_paused = true)]
async fn case_41_a_drain_deadline_of_zero_ends_at_once_and_lists_what_ran() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .drain_deadline(Duration::ZERO)
        .activity_fn("forever", "1.0", forever));
    let _ = stage.start(start("forever"));
    worker.holds(1).await;
    let began = Instant::now();
    let report = worker.drain().await;
    assert!(began.elapsed() <= AT_ONCE, "{:?}", began.elapsed());
    assert_eq!(report.unanswered.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn case_42_a_second_request_to_stop_exits_at_once() {
    let stage = stage_that_keeps_polls();
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&dropped);
    let worker = run(stage.worker().activity_fn("work", "1.0", move || {
        let guard = OnDrop(Arc::clone(&flag));
        async move {
            let _guard = guard;
            std::future::pending::<()>().await;
            Ok::<_, ActivityError>(())
        }
    }));
    let activity = stage.start(start("work").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    sleep(seconds(5)).await;
    worker.handle.drain();
    sleep(seconds(5)).await;
    assert!(!worker.run.is_finished());
    let began = Instant::now();
    let report = worker.drain().await;
    assert!(began.elapsed() <= AT_ONCE, "{:?}", began.elapsed());
    assert_eq!(report.unanswered.len(), 1);
    let unanswered = &report.unanswered[0];
    assert_eq!(unanswered.why, Unanswered::StoppedAtOnce);
    assert_eq!(unanswered.activity_id, activity.activity_id());
    assert_eq!(report.polls_given_up, 1);
    // Its future could be dropped, so nothing of it runs on.
    assert!(
        report.still_running.is_empty(),
        "{:?}",
        report.still_running
    );
    eventually("it is dropped", || dropped.load(Ordering::SeqCst)).await;
    let beats = stage.service.count(Operation::Heartbeat);
    assert_eq!(activity.ended().await.to_string(), "timed out: HEARTBEAT");
    assert_eq!(stage.service.count(Operation::Heartbeat), beats);
}

#[tokio::test(start_paused = true)]
async fn case_42_stop_exits_at_once_even_while_calls_hang() {
    let stage = stage_that_keeps_polls();
    for operation in [
        Operation::Complete,
        Operation::Heartbeat,
        Operation::Timeouts,
    ] {
        stage.service.always(operation, Fault::Hang);
    }
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    for seconds in [0, 60] {
        let _ = stage.start(start("rest").input(&seconds).unwrap());
    }
    worker.holds(2).await;
    sleep(seconds(15)).await;
    let began = Instant::now();
    worker.handle.stop();
    let report = worker.end().await;
    assert!(began.elapsed() <= AT_ONCE, "{:?}", began.elapsed());
    assert_eq!(report.unanswered.len(), 2);
    assert!(
        report.still_running.is_empty(),
        "{:?}",
        report.still_running
    );
}

#[tokio::test(start_paused = true)]
async fn case_42_a_task_that_a_poll_brings_at_the_very_stop_is_listed() {
    let stage = stage_that_keeps_polls();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    // The poll has its task; the worker sees the stop first.
    let activity = stage.start(start("rest").input(&0).unwrap());
    worker.handle.stop();
    let report = worker.end().await;
    assert_eq!((report.unanswered.len(), report.polls_given_up), (1, 0));
    let unanswered = &report.unanswered[0];
    assert_eq!(unanswered.why, Unanswered::StoppedAtOnce);
    assert_eq!(unanswered.activity_id, activity.activity_id());
    // With its token another process can answer.
    let answer = stage.local.complete(&unanswered.token, None);
    answer.await.unwrap();
    assert_eq!(activity.ended().await.to_string(), "completed");
}
