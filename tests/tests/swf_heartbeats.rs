//! The edge case 18 over HTTP: heartbeats with a runtime and a client of their own.
//!
//! Real threads and real time; each test waits for a condition.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_swf::Client;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout};
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat_swf::SwfService;
use workbeat_tests::{
    DOMAIN, Reply, Request, Spawned, SwfStage, Wire, eventually, millis, run, sdk_config,
};

const SOON: Duration = Duration::from_secs(30);
const BEAT: &str = "RecordActivityTaskHeartbeat";
const THREADS: usize = 2;
const TIMEOUT: Duration = Duration::from_secs(2);

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
    let options = ActivityOptions::new().heartbeat_timeout(TIMEOUT);
    let activity = activity_fn("block", "1.0", move || {
        let wait = Arc::clone(&wait);
        async move {
            // As no async code should. The second waits for the lock of the first.
            let wait = wait.lock();
            let _ = wait.expect("nobody panics").recv_timeout(SOON);
            Ok::<_, ActivityError>(())
        }
    });
    let worker = workbeat::Worker::builder(service)
        .task_list("list")
        .max_concurrent_polls(THREADS)
        .activity(activity.with_options(options))
        .heartbeat_runtime(beats.handle().clone());
    let spawned = first.handle().spawn(async move { run(worker) });
    (spawned.await.expect("it is spawned"), go)
}

/// The longest time between two heartbeats of a task.
fn longest_gap(wire: &Wire, token: &str, until: Instant) -> Duration {
    let beats = wire.requests(BEAT);
    let mut times: Vec<_> = beats
        .iter()
        .filter(|beat| beat.body["taskToken"] == token)
        .map(|beat| beat.at)
        .collect();
    times.push(until);
    let gaps = times.windows(2).map(|two| two[1].duration_since(two[0]));
    gaps.max().unwrap_or(Duration::MAX)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_18_heartbeats_go_on_over_their_own_client_while_every_thread_is_blocked() {
    let wire = Wire::start(tasks(THREADS)).await;
    let (first, beats) = (runtime(THREADS), runtime(1));
    let service = SwfService::builder(client(&wire), DOMAIN)
        .heartbeat_client(client(&wire))
        .build();
    let (worker, go) = blocked(&first, service, &beats).await;
    eventually("both tasks beat", || {
        longest_gap(&wire, "token-0", Instant::now()) < Duration::MAX
            && wire.count(BEAT) >= 2 * THREADS
    })
    .await;
    let began = Instant::now();
    eventually("two heartbeat timeouts have passed", || {
        began.elapsed() > TIMEOUT * 2
    })
    .await;
    // Nothing else of the first runtime moves.
    let spawned = first.handle().spawn(async {});
    assert!(timeout(millis(50), spawned).await.is_err(), "a free thread");
    for at in 0..THREADS {
        let gap = longest_gap(&wire, &format!("token-{at}"), Instant::now());
        assert!(gap < TIMEOUT, "token-{at}: {gap:?}");
    }
    assert_eq!(wire.count("RespondActivityTaskCompleted"), 0);

    drop(go);
    eventually("both outcomes are sent", || {
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
    let rest = activity_fn("block", "1.0", async || {
        tokio::time::sleep(millis(200)).await;
        Ok::<_, ActivityError>(())
    });
    let worker = run(SwfStage::worker_on(service).activity(rest.with_options(options)));
    eventually("it is completed", || {
        main.count("RespondActivityTaskCompleted") == 1
    })
    .await;
    assert!(worker.drain().await.is_clean());
    assert!(aside.count(BEAT) >= 2);
    assert_eq!(main.count(BEAT), 0);
    assert_eq!(aside.count("PollForActivityTask"), 0);
    assert_eq!(aside.count("RespondActivityTaskCompleted"), 0);
}
