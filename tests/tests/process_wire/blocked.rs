//! Activities that block every thread of the worker's runtime for 30 s, in real time.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use libtest_mimic::Trial;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::Level;
use workbeat::prelude::*;
use workbeat::worker::{DrainReport, WorkerBuilder};
use workbeat::{Worker, activity_fn};
use workbeat_server::LocalServer;
use workbeat_swf::SwfService;
use workbeat_tests::decider::{DOMAIN, FILES};
use workbeat_tests::{Events, Spawned, eventually, millis, run, sdk_client, seconds};

use crate::judge::ends;
use crate::stage::{Stage, ids};
use crate::trial;

const BLOCKED: Duration = Duration::from_secs(30);
const THREADS: usize = 2;
/// Less than half of what they are blocked, and still a while on a loaded machine.
const TIMEOUT: Duration = Duration::from_secs(14);
const COMPLETE: &str = "RespondActivityTaskCompleted";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "blocked::with_a_runtime_and_a_client_of_their_own_heartbeats_go_on_for_30_s",
            with_a_runtime_of_their_own,
        ),
        trial(
            "blocked::without_them_the_worker_says_that_heartbeats_were_late_and_tasks_closed",
            without,
        ),
    ]
}

/// A runtime whose threads are captured too.
fn runtime(threads: usize, events: &Events) -> Runtime {
    let dispatch = events.dispatch();
    Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .on_thread_start(move || {
            // For as long as the thread lives.
            std::mem::forget(tracing::dispatcher::set_default(&dispatch));
        })
        .build()
        .expect("threads")
}

/// What lets activities block, and ends it.
struct Gate {
    block: watch::Sender<bool>,
    go: Vec<Sender<()>>,
}

/// A worker whose activities block their threads when the gate says so.
fn blocking(service: SwfService) -> (WorkerBuilder, Gate) {
    let (go, waits): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| channel()).unzip();
    let waits: Arc<Mutex<Vec<Receiver<()>>>> = Arc::new(Mutex::new(waits));
    let block = watch::Sender::new(false);
    let (begin, taken) = (block.clone(), Arc::clone(&waits));
    let pack = activity_fn("pack", "1", move |ctx: ActivityContext| {
        let (mut begin, taken) = (begin.subscribe(), Arc::clone(&taken));
        async move {
            let wait = taken.lock().expect("nobody panics").pop();
            if let Some(wait) = wait {
                // The sender lives in the gate.
                let _ = begin.wait_for(|begin| *begin).await;
                // As no async code should.
                let _ = wait.recv_timeout(BLOCKED * 3);
            }
            if ctx.activity_id() == "watchful-1" {
                ctx.cancellation_token().cancelled().await;
            }
            Ok::<_, ActivityError>("in the end")
        }
    });
    let options = ActivityOptions::new().heartbeat_timeout(TIMEOUT);
    let worker = Worker::builder(service)
        .task_list(FILES)
        .drain_deadline(seconds(2))
        .activity(pack.with_options(options));
    (worker, Gate { block, go })
}

async fn spawn(first: &Runtime, worker: WorkerBuilder) -> Spawned {
    let spawned = first.handle().spawn(async move { run(worker) });
    spawned.await.expect("it is spawned")
}

/// Blocks every thread of `first` and waits until nothing moves there.
async fn block(first: &Runtime, gate: &Gate) -> Instant {
    gate.block.send_replace(true);
    let blocked = async {
        // Asking wakes a thread that sleeps although there is something to do.
        while timeout(millis(500), first.handle().spawn(async {}))
            .await
            .is_ok()
        {
            tokio::time::sleep(millis(10)).await;
        }
    };
    timeout(seconds(300), blocked)
        .await
        .expect("a blocked runtime");
    Instant::now()
}

async fn drained(worker: Spawned) -> DrainReport {
    worker.handle.drain();
    timeout(seconds(300), worker.end()).await.expect("no hang")
}

async fn with_a_runtime_of_their_own() {
    let events = Events::capture_from(Level::INFO);
    let stage = Stage::new().await;
    let (first, beats) = (runtime(THREADS, &events), runtime(1, &events));
    let service = SwfService::builder(sdk_client(&stage.proxy.url()), DOMAIN)
        .heartbeat_client(sdk_client(&stage.proxy.url()))
        .build();
    let (worker, gate) = blocking(service);
    let worker = worker
        .slots(THREADS)
        .heartbeat_runtime(beats.handle().clone());
    stage.schedule(&ids("block", THREADS), TIMEOUT).await;
    let worker = spawn(&first, worker).await;
    worker.holds(THREADS).await;
    let began = block(&first, &gate).await;
    eventually("30 s are over", || began.elapsed() >= BLOCKED).await;
    let nothing = timeout(millis(500), first.handle().spawn(async {})).await;
    assert!(nothing.is_err(), "a free thread");
    let history = ends(&stage.history().await);
    assert!(history.values().all(Vec::is_empty), "{history:?}");
    drop(gate.go);
    worker.holds(0).await;
    let report = drained(worker).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, THREADS as u64, "{report}");
    let history = ends(&stage.history().await);
    let completed = |ends: &Vec<String>| ends[..] == ["completed: \"in the end\""];
    assert!(history.values().all(completed), "{history:?}");
    assert_eq!(events.count(Level::INFO, "heartbeat lost"), 0);
    for runtime in [first, beats] {
        runtime.shutdown_background();
    }
}

/// One blocks and returns, one blocks and then looks at its token, and one comes with a poll that
/// nobody can read meanwhile.
async fn without() {
    let events = Events::capture_from(Level::INFO);
    let stage = Stage::with(LocalServer::builder()).await;
    let first = runtime(THREADS, &events);
    let service = SwfService::new(sdk_client(&stage.proxy.url()), DOMAIN);
    let (worker, gate) = blocking(service);
    let two = [ids("block", 1), ids("watchful", 1)].concat();
    stage.schedule(&two, TIMEOUT).await;
    let worker = spawn(&first, worker.max_concurrent_polls(1)).await;
    worker.holds(THREADS).await;
    eventually("a poll is out", || stage.server.parked_polls() == 1).await;
    let began = block(&first, &gate).await;
    stage.signal().await;
    stage.schedule(&ids("unread", 1), TIMEOUT).await;
    eventually("30 s are over", || began.elapsed() >= BLOCKED).await;
    let lost = ends(&stage.history().await);
    let timed_out = |ends: &Vec<String>| ends[..] == ["HEARTBEAT: nothing"];
    assert!(lost.len() == 3 && lost.values().all(timed_out), "{lost:?}");
    assert_eq!(stage.proxy.count(COMPLETE), 0);

    drop(gate.go);
    eventually("all three are over", || {
        worker.handle.status().outcomes.closed == 3
    })
    .await;
    eventually("a poll is out again", || stage.server.parked_polls() == 1).await;
    let report = drained(worker).await;
    // The poll that is out is held for longer than the drain may take.
    let told = "0 completed, 0 failed, 0 canceled, 3 closed already (of these 3 with a result that came too late), 0 handed on, 0 unanswered, 1 polls given up";
    assert_eq!(report.to_string(), told);
    assert!(events.count(Level::WARN, "a heartbeat goes out late because nothing ran") > 0);
    assert!(events.count(Level::INFO, "the activity is told to stop") > 0);
    let silent = "no heartbeat was accepted for a whole heartbeat timeout";
    assert!(events.count(Level::WARN, silent) > 0);
    assert_eq!(events.count(Level::WARN, "the result came too late"), 3);
    // The late results were offered, and the service decided.
    let offered = stage.proxy.calls(COMPLETE);
    assert!(!offered.is_empty());
    assert!(
        offered.iter().all(|call| !call.is_accepted()),
        "{offered:?}"
    );
    assert_eq!(ends(&stage.history().await), lost);
    first.shutdown_background();
}
