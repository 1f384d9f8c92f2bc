//! The edge cases of progress: 11 and 12.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;
use tokio::time::sleep;
use tracing::Level;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::WorkerBuilder;
use workbeat_tests::{Ended, Events, Fault, Operation, Stage, run, start};

const LIMIT: usize = 2_048;

fn every_second() -> ActivityOptions {
    ActivityOptions::new().heartbeat_interval(Duration::from_secs(1))
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What each heartbeat carried.
fn carried(stage: &Stage) -> Vec<Option<String>> {
    let beats = stage.service.calls(Operation::Heartbeat);
    assert!(beats.iter().all(|beat| beat.accepted), "{beats:?}");
    beats.into_iter().map(|beat| beat.text).collect()
}

/// Runs a worker until its activity has completed.
async fn completes(stage: &Stage, worker: WorkerBuilder) {
    let worker = run(worker);
    let outcome = stage.start(start("report")).ended().await;
    assert_eq!(outcome.to_string(), "completed");
    assert!(worker.drain().await.is_clean());
}

/// Runs an activity that says `report` and ends after 2.5 s; what its two heartbeats carried.
async fn reported(
    report: impl Fn(&ActivityContext) + Send + Sync + 'static,
) -> [Option<String>; 2] {
    let stage = Stage::new();
    let report = Arc::new(report);
    let activity = activity_fn("report", "1.0", move |ctx: ActivityContext| {
        let report = Arc::clone(&report);
        async move {
            report(&ctx);
            sleep(Duration::from_millis(2_500)).await;
            Ok::<_, ActivityError>(())
        }
    });
    let worker = stage.worker();
    completes(
        &stage,
        worker.activity(activity.with_options(every_second())),
    )
    .await;
    carried(&stage).try_into().expect("two heartbeats")
}

#[tokio::test(start_paused = true)]
async fn case_11_a_thousand_reports_a_second_become_one_call_an_interval_with_the_newest() {
    let stage = Stage::new();
    let activity = activity_fn("count", "1.0", async |ctx: ActivityContext| {
        for n in 1..=10_500_u64 {
            sleep(Duration::from_millis(1)).await;
            ctx.report(n);
        }
        Ok::<_, ActivityError>(())
    });
    let worker = run(stage
        .worker()
        .activity(activity.with_options(every_second())));
    stage.start(start("count")).ended().await;
    let carried: Vec<u64> = carried(&stage)
        .into_iter()
        .map(|details| details.unwrap().parse().unwrap())
        .collect();
    assert_eq!(carried.len(), 10, "{carried:?}");
    for (n, newest) in (1..).zip(carried) {
        let at = n * 1_000;
        // The report of the same millisecond may be just before or just after the heartbeat.
        assert!((at - 1..=at).contains(&newest), "{newest} at {at} ms");
    }
    assert!(worker.drain().await.is_clean());
}

/// Counts how often it is serialized, and by whom.
#[derive(Clone)]
struct Watched {
    times: Arc<AtomicUsize>,
    by: Arc<Mutex<Vec<Option<tokio::task::Id>>>>,
}

impl Serialize for Watched {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.times.fetch_add(1, Ordering::SeqCst);
        self.by
            .lock()
            .expect("not poisoned")
            .push(tokio::task::try_id());
        serializer.serialize_str("watched")
    }
}

#[tokio::test(start_paused = true)]
async fn case_11_a_report_is_serialized_once_and_where_it_is_made() {
    let stage = Stage::new();
    let watched = Watched {
        times: Arc::default(),
        by: Arc::default(),
    };
    let progress = watched.clone();
    let activity = activity_fn("report", "1.0", move |ctx: ActivityContext| {
        let progress = progress.clone();
        async move {
            let me = tokio::task::try_id();
            for _ in 0..5 {
                ctx.report(&progress);
            }
            // Ten heartbeats carry the last one of them.
            sleep(Duration::from_millis(10_500)).await;
            let by = progress.by.lock().unwrap().clone();
            Ok::<_, ActivityError>(by.iter().all(|by| *by == me))
        }
    });
    let worker = run(stage
        .worker()
        .activity(activity.with_options(every_second())));
    let outcome = stage.start(start("report")).ended().await;
    assert!(outcome.result::<bool>().unwrap(), "elsewhere");
    assert_eq!(watched.times.load(Ordering::SeqCst), 5);
    assert_eq!(carried(&stage), vec![Some("\"watched\"".to_owned()); 10]);
    assert!(worker.drain().await.is_clean());
}

struct Explosive;

impl Serialize for Explosive {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("while serializing")
    }
}

#[tokio::test(start_paused = true)]
async fn case_11_a_serialize_that_panics_hurts_its_own_activity_and_not_the_pacemaker() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("explode", "1.0", async |ctx: ActivityContext| {
            sleep(Duration::from_secs(5)).await;
            ctx.report(Explosive);
            Ok::<_, ActivityError>(())
        })
        .activity_fn("rest", "1.0", async || {
            sleep(Duration::from_secs(60)).await;
            Ok::<_, ActivityError>(())
        }));
    let timeout = Duration::from_secs(3);
    let rest = stage.start(start("rest").heartbeat_timeout(timeout));
    let explode = stage.start(start("explode").heartbeat_timeout(timeout));
    let text = explode.ended().await.to_string();
    assert!(text.starts_with("failed: WORKBEAT_PANIC"), "{text}");
    assert_eq!(rest.ended().await.to_string(), "completed");
    assert!(worker.drain().await.is_clean());
}

struct Unserializable;

impl Serialize for Unserializable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("not today"))
    }
}

#[tokio::test(start_paused = true)]
async fn case_11_a_report_that_does_not_serialize_leaves_the_one_before_and_is_warned_about() {
    let events = Events::capture();
    let carried = reported(|ctx| {
        ctx.report(1);
        ctx.report(Unserializable);
        ctx.report(Unserializable);
    });
    assert_eq!(carried.await, ["1", "1"].map(|one| Some(one.to_owned())));
    assert_eq!(events.count(Level::WARN, "did not serialize"), 1);
}

#[tokio::test(start_paused = true)]
async fn case_12_plain_text_over_the_limit_is_cut_at_a_character_and_warned_about() {
    for character in ["a", "ü", "語", "🦀"] {
        let events = Events::capture();
        // One unit that shifts the others, so that the cut falls into a character.
        let text = format!("x{}", character.repeat(3_000));
        let whole = text.clone();
        let [first, second] = reported(move |ctx| ctx.report_text(text.clone())).await;
        let cut = first.unwrap();
        assert_eq!(Some(&cut), second.as_ref());
        assert!(utf16(&cut) <= LIMIT && utf16(&cut) >= LIMIT - 1, "{cut}");
        let kept = cut.strip_suffix("...[cut]").expect("a marker");
        assert!(whole.starts_with(kept));
        assert_eq!(events.count(Level::WARN, "too long"), 1, "once a task");
    }
}

#[tokio::test(start_paused = true)]
async fn case_12_details_at_the_limit_go_out_whole_and_without_a_warning() {
    for text in ["a".repeat(LIMIT), "ü".repeat(LIMIT), "🦀".repeat(LIMIT / 2)] {
        let events = Events::capture();
        let said = text.clone();
        let [first, _] = reported(move |ctx| ctx.report_text(said.clone())).await;
        assert_eq!(first, Some(text));
        assert_eq!(events.count(Level::WARN, ""), 0);
    }
    // With its two quotes, JSON of the same length.
    let [first, _] = reported(|ctx| ctx.report("ü".repeat(LIMIT - 2))).await;
    assert_eq!(utf16(&first.unwrap()), LIMIT);
}

#[tokio::test(start_paused = true)]
async fn case_12_json_over_the_limit_sends_the_last_report_that_fitted() {
    let events = Events::capture();
    let [first, second] = reported(|ctx| {
        ctx.report([1, 2, 3]);
        ctx.report("🦀".repeat(3_000));
        ctx.report(vec!["x"; 2_000]);
    })
    .await;
    assert_eq!(first.as_deref(), Some("[1,2,3]"));
    assert_eq!(second.as_deref(), Some("[1,2,3]"));
    assert_eq!(events.count(Level::WARN, "too large"), 1);
}

#[tokio::test(start_paused = true)]
async fn case_12_json_that_never_fitted_sends_a_small_envelope_that_says_it_was_too_large() {
    let events = Events::capture();
    let [first, _] = reported(|ctx| ctx.report("x".repeat(LIMIT - 1))).await;
    let envelope: Value = serde_json::from_str(&first.unwrap()).expect("it must parse");
    let text = envelope.to_string();
    assert!(text.contains("too large") && text.len() < 200, "{text}");
    assert_eq!(envelope["length"], LIMIT + 1);
    assert_eq!(envelope["limit"], LIMIT);
    assert_eq!(events.count(Level::WARN, "too large"), 1);
}

#[tokio::test(start_paused = true)]
async fn case_12_after_a_report_that_was_too_large_the_next_that_fits_is_sent() {
    let [first, second] = reported(|ctx| {
        let later = ctx.clone();
        ctx.report("x".repeat(9_000));
        tokio::spawn(async move {
            sleep(Duration::from_millis(1_500)).await;
            later.report("small again");
        });
    })
    .await;
    assert!(first.unwrap().contains("too large"));
    assert_eq!(second.as_deref(), Some("\"small again\""));
}

#[tokio::test(start_paused = true)]
async fn a_report_that_came_while_another_was_rejected_is_not_lost_with_it() {
    let stage = Stage::new();
    let rejected = Fault::LateError(Duration::from_millis(200), ServiceErrorKind::Invalid);
    stage.service.next(Operation::Heartbeat, 1, rejected);
    let activity = activity_fn("report", "1.0", async |ctx: ActivityContext| {
        ctx.report("first");
        sleep(Duration::from_millis(1_100)).await;
        ctx.report("second");
        sleep(Duration::from_millis(2_000)).await;
        Ok::<_, ActivityError>(())
    });
    let worker = stage.worker();
    completes(
        &stage,
        worker.activity(activity.with_options(every_second())),
    )
    .await;
    let beats = stage.service.calls(Operation::Heartbeat).into_iter();
    let carried: Vec<_> = beats.map(|beat| beat.text.unwrap_or_default()).collect();
    assert_eq!(carried[..2], ["\"first\"", "\"second\""]);
}
