//! The edge case 50: more heartbeats are wanted than the service takes.
//!
//! The service throttles with a token bucket, as Amazon SWF does.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::Level;
use workbeat::HeartbeatBudget;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{BuildError, WorkerBuilder};
use workbeat_local::ActivityHandle;
use workbeat_tests::{
    Ended, Events, Fault, LIST, Operation, Spawned, Stage, eventually, rest, run, seconds, start,
};

/// A stage whose service takes `refill` heartbeats a second, and `depth` at once.
fn throttling(depth: f64, refill: f64) -> Stage {
    let stage = Stage::new();
    let (mut tokens, mut at) = (depth, Instant::now());
    stage.service.script(Operation::Heartbeat, move |call| {
        let past = call.began - at;
        at = call.began;
        tokens = depth.min(tokens + past.as_secs_f64() * refill);
        if tokens < 1.0 {
            return Some(Fault::Error(ServiceErrorKind::Throttled));
        }
        tokens -= 1.0;
        None
    });
    stage
}

fn worker(stage: &Stage) -> WorkerBuilder {
    let worker = stage.worker().slots(5_000).register_types(false);
    worker.activity_fn("rest", "1.0", rest)
}

/// Starts so many activities that take `lasts` seconds, with a heartbeat timeout in seconds.
fn begin(stage: &Stage, activities: usize, lasts: u64, timeout: u64) -> Vec<ActivityHandle> {
    let rest = start("rest").input(&lasts).expect("a number serializes");
    let rest = rest.heartbeat_timeout(seconds(timeout));
    (0..activities).map(|_| stage.start(rest.clone())).collect()
}

/// How many of them completed.
async fn completed(activities: &[ActivityHandle]) -> usize {
    let mut completed = 0;
    for activity in activities {
        let outcome = activity.ended().await.to_string();
        assert!(
            ["completed", "timed out: HEARTBEAT"].contains(&&*outcome),
            "{outcome}"
        );
        completed += usize::from(outcome == "completed");
    }
    completed
}

fn throttled(stage: &Stage) -> usize {
    let calls = stage.service.calls(Operation::Heartbeat);
    let throttled = Some(ServiceErrorKind::Throttled);
    calls.iter().filter(|call| call.error == throttled).count()
}

async fn holds(worker: &Spawned, tasks: usize) {
    let what = format!("the worker holds {tasks} tasks");
    eventually(&what, || worker.handle.status().heartbeats.tasks == tasks).await;
}

#[tokio::test(start_paused = true)]
async fn case_50_short_timeouts_beside_many_long_ones_lose_none() {
    let stage = throttling(20.0, 160.0);
    let budget = HeartbeatBudget::new(160.0);
    let worker = run(worker(&stage).heartbeat_budget(budget.clone()));
    // As much as 50 of 1 s and 9,000 of 100 s.
    let mut activities = begin(&stage, 900, 60, 10);
    activities.extend(begin(&stage, 50, 60, 1));
    holds(&worker, 950).await;
    sleep(seconds(30)).await;
    let status = worker.handle.status().heartbeats;
    let stretch = status.stretch.unwrap();
    assert!((0.87..0.93).contains(&stretch), "{status:?}");
    assert!(
        status.demand > 400.0 && status.measured < 170.0,
        "{status:?}"
    );
    assert_eq!(status, budget.status());

    assert_eq!(completed(&activities).await, 950);
    assert_eq!(throttled(&stage), 0, "it keeps to the rate by itself");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_50_a_worker_that_knows_no_rate_learns_it_and_loses_none() {
    let stage = throttling(500.0, 160.0);
    let worker = run(worker(&stage));
    let activities = begin(&stage, 1_000, 60, 10);
    holds(&worker, 1_000).await;
    assert_eq!(worker.handle.status().heartbeats.rate, None);
    assert_eq!(completed(&activities).await, 1_000);
    let throttled = throttled(&stage);
    let calls = stage.service.count(Operation::Heartbeat);
    assert!(
        throttled > 0 && throttled < calls / 100,
        "{throttled} of {calls}"
    );
    let status = worker.handle.status().heartbeats;
    let rate = status.rate.unwrap();
    assert!((100.0..200.0).contains(&rate), "{status:?}");
    assert_eq!(status.throttled as usize, throttled);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_50_past_what_any_schedule_can_serve_the_youngest_are_let_go_and_it_is_said() {
    let events = Events::capture_from(Level::DEBUG);
    let stage = throttling(5.0, 10.0);
    let worker = run(worker(&stage).heartbeat_budget(HeartbeatBudget::new(10.0)));
    // Ten calls a second carry 99 timeouts of 10 s: a heartbeat at the deadline is too late.
    let activities = begin(&stage, 120, 100, 10);
    holds(&worker, 120).await;
    sleep(seconds(5)).await;
    let status = worker.handle.status();
    assert_eq!(status.heartbeats.let_go, 21);
    let let_go = status.running.iter().map(|task| task.let_go);
    assert!(let_go.eq((0..120).map(|task| task >= 99)));
    assert!(status.running.iter().all(|task| task.stop_reason.is_none()));
    let said = "more heartbeats are wanted than the budget has room for";
    let warned = events.matching(Level::WARN, said);
    assert_eq!(warned.len(), 1);
    assert!(warned[0].text.contains(" let_go="), "{}", warned[0].text);
    let of_a_task = "the budget has no room for the task's heartbeats";
    assert_eq!(events.count(Level::DEBUG, of_a_task), 21);

    assert_eq!(completed(&activities[..99]).await, 99);
    assert_eq!(completed(&activities[99..]).await, 0);
    // They ran all the same, and their results were offered.
    assert_eq!(stage.service.count(Operation::Complete), 120);
    assert_eq!(throttled(&stage), 0);
    eventually("the warning is taken back", || {
        events.count(Level::WARN, "no task's heartbeats are let go any more") == 1
    })
    .await;
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.closed, 21);
}

#[tokio::test(start_paused = true)]
async fn case_50_a_task_let_go_is_served_again_when_there_is_room_in_time() {
    let stage = throttling(5.0, 10.0);
    let worker = run(worker(&stage).heartbeat_budget(HeartbeatBudget::new(10.0)));
    let brief = begin(&stage, 80, 3, 10);
    let long = begin(&stage, 60, 60, 10);
    holds(&worker, 140).await;
    assert_eq!(worker.handle.status().heartbeats.let_go, 41);
    assert_eq!(completed(&brief).await, 80);
    assert_eq!(completed(&long).await, 60);
    let status = worker.handle.status().heartbeats;
    assert_eq!((status.let_go, status.let_go_ever), (0, 41));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_50_workers_that_share_a_budget_keep_to_the_rate_of_the_account_together() {
    let stage = throttling(20.0, 80.0);
    let budget = HeartbeatBudget::new(80.0);
    let workers = [(); 2].map(|()| run(worker(&stage).heartbeat_budget(budget.clone())));
    let mut activities = begin(&stage, 500, 60, 10);
    activities.extend(begin(&stage, 10, 60, 1));
    eventually("they hold all tasks", || budget.status().tasks == 510).await;
    let held = workers
        .each_ref()
        .map(|worker| worker.handle.status().running.len());
    assert!(held.iter().all(|held| *held > 50), "{held:?}");
    assert_eq!(completed(&activities).await, 510);
    assert_eq!(throttled(&stage), 0);
    for worker in workers {
        assert!(worker.drain().await.is_clean());
    }
    assert_eq!(budget.status().tasks, 0);
}

#[tokio::test(start_paused = true)]
async fn case_50_an_outcome_is_never_held_back_by_the_budget() {
    let stage = Stage::new();
    let worker = run(worker(&stage).heartbeat_budget(HeartbeatBudget::new(0.1)));
    let activities = begin(&stage, 100, 5, 600);
    assert_eq!(completed(&activities).await, 100);
    let done = stage.service.calls(Operation::Complete);
    let first = done[0].began;
    assert!(done.iter().all(|call| call.began - first < seconds(1)));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn case_50_a_rate_that_is_none_is_said_when_the_worker_is_built() {
    for rate in [0.0, -3.0, f64::NAN, f64::INFINITY] {
        let worker = worker(&Stage::new()).heartbeat_budget(HeartbeatBudget::new(rate));
        let error = worker.build().expect_err("it is no rate");
        assert!(matches!(error, BuildError::HeartbeatRate(_)), "{error}");
        assert!(error.to_string().contains(&rate.to_string()), "{error}");
    }
    let task_list = Worker::builder(Stage::new().service).task_list(LIST);
    let half = HeartbeatBudget::new(0.5);
    let worker = task_list
        .activity_fn("rest", "1.0", rest)
        .heartbeat_budget(half);
    assert!(worker.build().is_ok());
}

#[tokio::test(start_paused = true)]
async fn case_50_within_the_rate_a_budget_changes_nothing() {
    let mut times = Vec::new();
    for budget in [HeartbeatBudget::learning(), HeartbeatBudget::new(160.0)] {
        let stage = throttling(20.0, 160.0);
        let worker = run(worker(&stage)
            .heartbeat_interval(Duration::from_millis(500))
            .heartbeat_budget(budget.clone()));
        let activity = stage.start(start("rest").input(&10).unwrap());
        assert_eq!(activity.ended().await.to_string(), "completed");
        let calls = stage.service.calls(Operation::Heartbeat);
        let first = calls[0].began;
        times.push(
            calls
                .iter()
                .map(|call| call.began - first)
                .collect::<Vec<_>>(),
        );
        assert_eq!(budget.status().stretch, None);
        assert!(worker.drain().await.is_clean());
    }
    assert_eq!(times[0], times[1]);
    assert_eq!(times[0].len(), 19);
}
