//! The edge case 18: activities that block every thread of the worker's runtime.
//!
//! Real threads, so real time, where not said otherwise; each test waits for a condition.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tracing::Level;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat::service::TaskToken;
use workbeat::worker::WorkerBuilder;
use workbeat_tests::{
    Delicate, Ended, Events, Operation, Spawned, Stage, eventually, millis, run, start,
};

/// How long anything may take, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(120);
/// How long code blocks that nobody lets go: longer than anything may take.
const BLOCKED: Duration = Duration::from_secs(600);
/// Nothing is lost to a machine that is slow: how often heartbeats come is what the tests see.
const TIMEOUT: Duration = Duration::from_secs(300);
const INTERVAL: Duration = Duration::from_millis(100);
const THREADS: usize = 2;

/// A runtime that belongs to a test, which may end in async code.
struct Owned(Option<Runtime>);

impl Owned {
    fn new(threads: usize) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build();
        Self(Some(runtime.expect("threads")))
    }

    fn handle(&self) -> tokio::runtime::Handle {
        self.0.as_ref().expect("not ended").handle().clone()
    }

    fn end(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }

    /// Spawns the run of a worker here.
    async fn run(&self, worker: WorkerBuilder) -> Spawned {
        let spawned = self.handle().spawn(async move { run(worker) });
        spawned.await.expect("it is spawned")
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.end();
    }
}

/// What blocks its thread until it is let go.
#[derive(Clone)]
struct Gate {
    wait: Arc<Mutex<Receiver<()>>>,
    blocks: Arc<AtomicBool>,
    stopped: Arc<AtomicBool>,
}

impl Gate {
    fn new() -> (Self, Sender<()>) {
        let (go, wait) = channel();
        let wait = Arc::new(Mutex::new(wait));
        let (blocks, stopped) = Default::default();
        let gate = Self {
            wait,
            blocks,
            stopped,
        };
        (gate, go)
    }

    /// Blocks the thread, as no async code should.
    fn block(&self, ctx: &ActivityContext) {
        self.blocks.store(true, Ordering::SeqCst);
        let wait = self.wait.lock();
        let _ = wait.expect("nobody panics").recv_timeout(BLOCKED);
        self.stopped.fetch_or(ctx.is_stopped(), Ordering::SeqCst);
    }
}

/// Activities that block every thread of the worker's runtime.
fn blocking(stage: &Stage, gates: Vec<Gate>) -> WorkerBuilder {
    let gates = Arc::new(gates);
    let activity = activity_fn("block", "1.0", move |at: usize, ctx: ActivityContext| {
        let gate = gates[at].clone();
        async move {
            gate.block(&ctx);
            Ok::<_, ActivityError>("in the end")
        }
    });
    let options = ActivityOptions::new()
        .heartbeat_timeout(TIMEOUT)
        .heartbeat_interval(INTERVAL);
    stage.worker().activity(activity.with_options(options))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_18_with_a_runtime_of_its_own_the_pacemaker_beats_while_every_thread_is_blocked() {
    let (first, beats) = (Owned::new(THREADS), Owned::new(1));
    let stage = Stage::new();
    let (gates, goes): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| Gate::new()).unzip();
    let worker = blocking(&stage, gates.clone()).heartbeat_runtime(beats.handle());
    let worker = first.run(worker).await;
    let activities: Vec<_> = (0..THREADS)
        .map(|at| {
            let block = start("block").input(&at).expect("it serializes");
            stage.start(block.heartbeat_timeout(TIMEOUT))
        })
        .collect();
    let tokens: Vec<_> = (worker.holds(THREADS).await)
        .into_iter()
        .map(|running| Some(running.task_token))
        .collect();
    // Nothing of the first runtime moves any more.
    eventually("every thread is blocked", || {
        gates.iter().all(|gate| gate.blocks.load(Ordering::SeqCst))
    })
    .await;
    let free = first.handle().spawn(async {});
    let beats = |token: &Option<TaskToken>| {
        let beats = stage.service.calls(Operation::Heartbeat);
        beats.iter().filter(|beat| beat.token == *token).count()
    };
    let before: Vec<_> = tokens.iter().map(beats).collect();
    let go_on = eventually("each goes on beating", || {
        let mut both = tokens.iter().zip(&before);
        both.all(|(token, before)| beats(token) >= before + 10)
    });
    timeout(SOON, go_on).await.expect("heartbeats");
    assert!(!free.is_finished(), "a free thread");
    for go in goes {
        go.send(()).expect("it waits");
    }
    for activity in activities {
        let outcome = timeout(SOON, activity.ended()).await.expect("it ends");
        assert_eq!(outcome.to_string(), "completed");
    }
    worker.handle.drain();
    let report = timeout(SOON, worker.end()).await.expect("no hang");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_18_a_cancellation_fires_the_token_while_every_thread_is_blocked() {
    let (first, beats) = (Owned::new(1), Owned::new(1));
    let stage = Stage::new();
    let (gate, go) = Gate::new();
    let stopped = Arc::clone(&gate.stopped);
    let worker = blocking(&stage, vec![gate]).heartbeat_runtime(beats.handle());
    let worker = first.run(worker).await;
    let activity = stage.start(start("block").input(&0).unwrap());
    let running = worker.holds(1).await;
    activity.request_cancel().unwrap();
    eventually("the token fired", || {
        let running = worker.handle.status().running;
        running[0].stop_reason == Some(StopReason::CancelRequested)
    })
    .await;
    assert_eq!(running.len(), 1);
    go.send(()).unwrap();
    timeout(SOON, activity.ended()).await.expect("it ends");
    assert!(stopped.load(Ordering::SeqCst));
    worker.handle.drain();
    let report = timeout(SOON, worker.end()).await.expect("no hang");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_18_without_one_a_heartbeat_that_went_out_late_is_reported() {
    let events = Events::capture();
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_interval(millis(100));
    let activity = activity_fn("block", "1.0", async || {
        // As when a thread is blocked, time passes in which nothing runs: more than an interval and
        // the second that is not worth a word.
        tokio::time::advance(millis(1_300)).await;
        tokio::time::sleep(millis(250)).await;
        Ok::<_, ActivityError>(())
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let activity = stage.start(start("block"));
    timeout(SOON, activity.ended()).await.expect("it ends");
    assert_eq!(events.count(Level::WARN, "goes out late"), 1);
    worker.handle.drain();
    let _report = timeout(SOON, worker.end()).await.expect("no hang");
}

/// Ends the runtime of the heartbeats, waits until `known`, and sees that they go on and that the
/// activity can be cancelled.
async fn heartbeats_outlive_their_runtime(known: impl Fn(&Stage) -> bool) {
    let mut beats = Owned::new(1);
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_interval(millis(20));
    let activity = activity_fn("rest", "1.0", async |ctx: ActivityContext| {
        ctx.until_stopped(std::future::pending::<()>()).await?;
        Ok::<_, ActivityError>(())
    });
    let worker = stage
        .worker()
        .activity(activity.with_options(options))
        .heartbeat_runtime(beats.handle());
    let worker = run(worker);
    let activity = stage.start(start("rest"));
    let count = || stage.service.count(Operation::Heartbeat);
    eventually("it beats", || count() > 3).await;
    beats.end();
    eventually("it is known", || known(&stage)).await;
    let before = count();
    eventually("it beats again", || count() > before + 3).await;
    activity.request_cancel().expect("it is open");
    let outcome = timeout(SOON, activity.ended()).await.expect("it ends");
    assert_eq!(outcome.to_string(), "was canceled");
    worker.handle.drain();
    let report = timeout(SOON, worker.end()).await.expect("no hang");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_18_when_the_runtime_of_the_heartbeats_ends_they_go_on_from_the_worker_s_own() {
    let none_under_way = |stage: &Stage| stage.service.under_way(Operation::Heartbeat) == 0;
    heartbeats_outlive_their_runtime(none_under_way).await;
}

#[tokio::test]
async fn case_18_they_go_on_although_who_hears_of_the_end_of_their_runtime_panics() {
    let startled = Delicate::at(Level::ERROR);
    heartbeats_outlive_their_runtime(|_| startled.panics() > 0).await;
}
