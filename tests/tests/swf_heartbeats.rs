//! The edge case 18 over HTTP: heartbeats with a runtime and a client of their own.
//!
//! Real threads and real time; each test waits for a condition.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_swf::Client;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat_swf::SwfService;
use workbeat_tests::{
    DOMAIN, Reply, Request, Spawned, SwfStage, Wire, eventually, millis, run, sdk_config,
};

/// How long anything may take, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(120);
/// How long code blocks that nobody lets go: longer than anything may take.
const BLOCKED: Duration = Duration::from_secs(600);
const BEAT: &str = "RecordActivityTaskHeartbeat";
const THREADS: usize = 2;
const INTERVAL: Duration = Duration::from_millis(100);

/// The service: it has so many tasks, and then none.
fn tasks(mut left: usize) -> impl FnMut(&Request) -> Reply + Send {
    move |request| match request.operation.as_str() {
        "PollForActivityTask" if left > 0 => {
            left -= 1;
            let task = json!({
                "taskToken": format!("token-{left}"),
                "activityId": left.to_string(),
                "startedEventId": 6,
                "activityType": { "name": "block", "version": "1.0" },
                "workflowExecution": { "workflowId": "w", "runId": "r" },
            });
            Reply::Answer(200, task.to_string())
        }
        "PollForActivityTask" => Reply::After(millis(100), 200, "{}".to_owned()),
        BEAT => Reply::ok(r#"{"cancelRequested":false}"#),
        _ => Reply::ok(""),
    }
}

fn client(wire: &Wire) -> Client {
    Client::from_conf(sdk_config(wire.url(), "us-east-1").build())
}

/// What blocks every thread that comes by, until the other end is dropped.
fn gate() -> (Sender<()>, Arc<Mutex<Receiver<()>>>) {
    let (go, wait) = channel();
    (go, Arc::new(Mutex::new(wait)))
}

fn runtime(threads: usize) -> Runtime {
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build();
    runtime.expect("threads")
}

/// A worker in `first`, whose activities block every thread of it.
async fn blocked(first: &Runtime, service: SwfService, beats: &Runtime) -> (Spawned, Sender<()>) {
    let (go, wait) = gate();
    let blocking = Arc::new(AtomicUsize::new(0));
    let options = ActivityOptions::new().heartbeat_interval(INTERVAL);
    let began = Arc::clone(&blocking);
    let activity = activity_fn("block", "1.0", move || {
        let (began, wait) = (Arc::clone(&began), Arc::clone(&wait));
        async move {
            began.fetch_add(1, Ordering::SeqCst);
            // As no async code should. The second waits for the lock of the first.
            let wait = wait.lock();
            let _ = wait.expect("nobody panics").recv_timeout(BLOCKED);
            Ok::<_, ActivityError>(())
        }
    });
    let worker = workbeat::Worker::builder(service)
        .task_list("list")
        .max_concurrent_polls(THREADS)
        .activity(activity.with_options(options))
        .heartbeat_runtime(beats.handle().clone());
    let spawned = first.handle().spawn(async move { run(worker) });
    let worker = spawned.await.expect("it is spawned");
    soon("every thread is blocked", || {
        blocking.load(Ordering::SeqCst) == THREADS
    })
    .await;
    (worker, go)
}

async fn soon(what: &str, condition: impl FnMut() -> bool) {
    let came = timeout(SOON, eventually(what, condition)).await;
    assert!(came.is_ok(), "it did not come true that {what}");
}

/// How many heartbeats of each task there were.
fn beats_of_each(wire: &Wire) -> [usize; THREADS] {
    let beats = wire.requests(BEAT);
    std::array::from_fn(|at| {
        let token = format!("token-{at}");
        let its = beats.iter().filter(|beat| beat.body["taskToken"] == *token);
        its.count()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_18_heartbeats_go_on_over_their_own_client_while_every_thread_is_blocked() {
    let wire = Wire::start(tasks(THREADS)).await;
    let (first, beats) = (runtime(THREADS), runtime(1));
    let service = SwfService::builder(client(&wire), DOMAIN)
        .heartbeat_client(client(&wire))
        .build();
    let (worker, go) = blocked(&first, service, &beats).await;
    // Nothing else of the first runtime moves.
    let free = first.handle().spawn(async {});
    let before = beats_of_each(&wire);
    soon("each goes on beating", || {
        let beats = beats_of_each(&wire);
        (0..THREADS).all(|at| beats[at] >= before[at] + 10)
    })
    .await;
    assert!(!free.is_finished(), "a free thread");
    assert_eq!(wire.count("RespondActivityTaskCompleted"), 0);

    drop(go);
    soon("both outcomes are sent", || {
        wire.count("RespondActivityTaskCompleted") == THREADS
    })
    .await;
    worker.handle.drain();
    let report = timeout(SOON, worker.end()).await.expect("no hang");
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, 2);
    first.shutdown_background();
    beats.shutdown_background();
}

#[tokio::test]
async fn case_18_heartbeats_go_through_their_client_and_nothing_else_does() {
    let (main, aside) = (Wire::start(tasks(1)).await, Wire::start(tasks(0)).await);
    let service = SwfService::builder(client(&main), DOMAIN).heartbeat_client(client(&aside));
    let options = ActivityOptions::new().heartbeat_interval(millis(20));
    let enough = Arc::new(Notify::new());
    let rested = Arc::clone(&enough);
    let rest = activity_fn("block", "1.0", move || {
        let rested = Arc::clone(&rested);
        async move {
            rested.notified().await;
            Ok::<_, ActivityError>(())
        }
    });
    let worker = run(SwfStage::worker_on(service).activity(rest.with_options(options)));
    soon("it beats", || aside.count(BEAT) >= 2).await;
    enough.notify_one();
    soon("it is completed", || {
        main.count("RespondActivityTaskCompleted") == 1
    })
    .await;
    assert!(worker.drain().await.is_clean());
    assert_eq!(main.count(BEAT), 0);
    assert_eq!(aside.count("PollForActivityTask"), 0);
    assert_eq!(aside.count("RespondActivityTaskCompleted"), 0);
}
