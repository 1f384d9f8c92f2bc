//! What the worker makes of code that blocks a thread: cases 3, 33, 41 and 42, and
//! `run_blocking`.
//!
//! Real threads, so real time; each waits for a condition.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use workbeat::prelude::*;
use workbeat::worker::{DrainReport, Unanswered, WorkerBuilder};
use workbeat::{FailureCode, activity_fn};
use workbeat_tests::{Ended, Operation, Spawned, Stage, code, eventually, millis, run, start};

/// How long anything may take, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(120);
/// How long code blocks that nobody lets go: longer than anything may take.
const BLOCKED: Duration = Duration::from_secs(600);

/// Blocks its thread until it is let go.
#[derive(Clone)]
struct Block {
    wait: Arc<Mutex<Receiver<()>>>,
    began: Sender<()>,
}

/// Lets it go, and knows when it began.
struct Release {
    go: Sender<()>,
    began: Receiver<()>,
}

fn block() -> (Block, Release) {
    let (go, wait) = channel();
    let (begin, began) = channel();
    let wait = Arc::new(Mutex::new(wait));
    let block = Block { wait, began: begin };
    (block, Release { go, began })
}

impl Block {
    fn wait(&self) {
        let _ = self.began.send(());
        let wait = self.wait.lock().expect("one at a time");
        let _ = wait.recv_timeout(BLOCKED);
    }
}

impl Block {
    /// Waits until nothing of the activity is left: it holds a clone for as long as it lives,
    /// the sending of its outcome included.
    async fn gone(&self) {
        eventually("nothing of it is left", || {
            Arc::strong_count(&self.wait) == 1
        })
        .await;
    }
}

impl Release {
    async fn began(&self) {
        eventually("it blocks", || self.began.try_recv().is_ok()).await;
    }

    fn go(&self) {
        self.go.send(()).expect("somebody waits");
    }
}

/// A worker with an async activity that blocks its thread.
fn blocks_its_thread(worker: WorkerBuilder, block: &Block) -> WorkerBuilder {
    let block = block.clone();
    worker.activity_fn("block", "1.0", move || {
        let block = block.clone();
        async move {
            block.wait();
            Ok::<_, ActivityError>("late")
        }
    })
}

/// A worker with an activity that blocks a thread of the blocking pool.
fn blocks_the_pool(worker: WorkerBuilder, block: &Block) -> WorkerBuilder {
    let block = block.clone();
    worker.activity_fn("block", "1.0", move |ctx: ActivityContext| {
        let block = block.clone();
        async move {
            ctx.run_blocking(move |_| block.wait()).await;
            Ok::<_, ActivityError>("late")
        }
    })
}

/// Ends the run, within real time.
async fn end(worker: Spawned) -> DrainReport {
    timeout(SOON, worker.end()).await.expect("no hang")
}

async fn still_running_after_the_drain(
    blocks: impl FnOnce(WorkerBuilder, &Block) -> WorkerBuilder,
) {
    let stage = Stage::new();
    let (block, release) = block();
    // Long enough to send one outcome, also on a busy machine.
    let deadline = millis(5_000);
    let worker = run(blocks(stage.worker().drain_deadline(deadline), &block));
    let activity = stage.start(start("block"));
    release.began().await;
    worker.handle.drain();
    let report = end(worker).await;
    assert_eq!(report.still_running.len(), 1);
    let running = &report.still_running[0];
    assert_eq!(running.activity_id, activity.activity_id());
    assert_eq!(running.activity_type.to_string(), "block 1.0");
    assert!(!report.is_clean());
    // Its outcome was claimed and sent all the same ...
    assert!(report.unanswered.is_empty());
    assert_eq!(report.outcomes.failed, 1);
    assert_eq!(
        code(&activity.ended().await),
        Some(FailureCode::WorkerDraining)
    );
    // ... so its late result is dropped.
    release.go();
    block.gone().await;
    assert_eq!(stage.service.count(Operation::Complete), 0);
    assert_eq!(stage.service.count(Operation::Fail), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_41_blocking_code_is_reported_as_still_running_and_its_late_result_is_dropped() {
    still_running_after_the_drain(blocks_the_pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_41_so_is_an_async_body_that_blocks_its_thread() {
    still_running_after_the_drain(blocks_its_thread).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_42_after_a_stop_the_late_result_of_a_body_that_blocked_its_thread_is_dropped() {
    let stage = Stage::new();
    let (block, release) = block();
    let worker = run(blocks_its_thread(stage.worker(), &block));
    let activity = stage.start(start("block"));
    release.began().await;
    worker.handle.stop();
    let report = end(worker).await;
    assert_eq!(report.still_running.len(), 1);
    assert_eq!(report.unanswered.len(), 1);
    assert_eq!(report.unanswered[0].why, Unanswered::StoppedAtOnce);
    release.go();
    block.gone().await;
    assert_eq!(stage.service.count(Operation::Complete), 0);
    assert_eq!(activity.try_outcome(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_dropped_run_the_late_result_of_a_body_that_blocked_its_thread_is_dropped() {
    let stage = Stage::new();
    let (block, release) = block();
    let worker = run(blocks_its_thread(stage.worker(), &block));
    let activity = stage.start(start("block"));
    release.began().await;
    worker.run.abort();
    eventually("the run is gone", || worker.run.is_finished()).await;
    release.go();
    block.gone().await;
    assert_eq!(stage.service.count(Operation::Complete), 0);
    assert_eq!(activity.try_outcome(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_activity_that_blocks_a_thread_does_not_keep_others_from_running_and_heartbeating() {
    let stage = Stage::new();
    let (block, release) = block();
    let options = ActivityOptions::new().heartbeat_interval(millis(50));
    let enough = Arc::new(Notify::new());
    let rested = Arc::clone(&enough);
    let rest = activity_fn("rest", "1.0", move || {
        let rested = Arc::clone(&rested);
        async move {
            rested.notified().await;
            Ok::<_, ActivityError>(())
        }
    });
    let worker = blocks_its_thread(stage.worker(), &block);
    let worker = run(worker.activity(rest.with_options(options)));
    let blocked = stage.start(start("block"));
    release.began().await;
    let rest = stage.start(start("rest"));
    let running = worker.holds(2).await;
    let its = running
        .iter()
        .find(|it| it.activity_id == rest.activity_id());
    let token = Some(its.expect("it runs").task_token.clone());
    let heartbeats = eventually("it beats", || {
        let beats = stage.service.calls(Operation::Heartbeat);
        beats.iter().filter(|beat| beat.token == token).count() >= 4
    });
    timeout(SOON, heartbeats).await.expect("heartbeats");
    enough.notify_one();
    let rested = timeout(SOON, rest.ended()).await.expect("it runs");
    assert_eq!(rested.to_string(), "completed");
    assert_eq!(blocked.try_outcome(), None);
    release.go();
    let outcome = timeout(SOON, blocked.ended()).await.expect("it ends");
    assert_eq!(outcome.to_string(), "completed");
    worker.handle.drain();
    assert!(end(worker).await.is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_03_blocking_code_holds_its_slot_after_its_activity_was_given_up() {
    let stage = Stage::new();
    let (block, release) = block();
    let code = block.clone();
    let options = ActivityOptions::new()
        .heartbeat_interval(millis(20))
        .cancel_grace(Duration::ZERO);
    let activity = activity_fn("block", "1.0", move |ctx: ActivityContext| {
        let block = code.clone();
        async move {
            ctx.run_blocking(move |_| block.wait()).await;
            Ok::<_, ActivityError>(())
        }
    });
    let worker = run(stage
        .worker()
        .slots(1)
        .activity(activity.with_options(options))
        .activity_fn("next", "1.0", async || Ok::<_, ActivityError>(())));
    let activity = stage.start(start("block"));
    release.began().await;
    activity.request_cancel().unwrap();
    let outcome = timeout(SOON, activity.ended()).await.expect("its grace");
    assert_eq!(outcome.to_string(), "was canceled");
    let next = stage.start(start("next"));
    let early = timeout(millis(200), next.outcome()).await;
    assert!(early.is_err(), "its thread is still taken");
    assert_eq!(worker.handle.status().slots_held, 1);
    release.go();
    let outcome = timeout(SOON, next.ended()).await.expect("a slot");
    assert_eq!(outcome.to_string(), "completed");
    worker.handle.drain();
    assert!(end(worker).await.is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn blocking_code_learns_of_a_cancellation_and_can_wait_for_one() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_interval(millis(20));
    let activity = activity_fn("block", "1.0", async |ctx: ActivityContext| {
        let stopped = ctx
            .run_blocking(|ctx| {
                ctx.report("blocking");
                let early = ctx.block_until_stopped(millis(1));
                (early, ctx.block_until_stopped(SOON), ctx.check_stopped())
            })
            .await;
        assert_eq!(stopped.0, None);
        assert_eq!(stopped.1, Some(StopReason::CancelRequested));
        stopped.2?;
        Ok::<_, ActivityError>(())
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let activity = stage.start(start("block"));
    eventually("a heartbeat carries what it reported", || {
        let beats = stage.service.calls(Operation::Heartbeat);
        beats
            .iter()
            .any(|beat| beat.text.as_deref() == Some("\"blocking\""))
    })
    .await;
    activity.request_cancel().unwrap();
    let outcome = timeout(SOON, activity.ended()).await.expect("it stops");
    assert_eq!(outcome.to_string(), "was canceled");
    worker.handle.drain();
    assert!(end(worker).await.is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_33_a_panic_in_blocking_code_is_a_panic_of_the_activity() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("block", "1.0", async |ctx: ActivityContext| {
            ctx.run_blocking(|_| assert!(std::env::args().count() == 0, "in blocking code"))
                .await;
            Ok::<_, ActivityError>(())
        }));
    let activity = stage.start(start("block"));
    let outcome = timeout(SOON, activity.ended()).await.expect("it ends");
    assert_eq!(code(&outcome), Some(FailureCode::Panic));
    worker.handle.drain();
    assert!(end(worker).await.is_clean());
}
