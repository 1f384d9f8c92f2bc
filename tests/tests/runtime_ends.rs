//! The runtime is shut down under a worker whose run does not live in it.

use std::thread;

use tokio::runtime::{Builder, Runtime};
use workbeat::Worker;
use workbeat::worker::Unanswered;
use workbeat_local::LocalService;
use workbeat_tests::{LIST, eventually, forever, start};

fn threads() -> Runtime {
    let mut threads = Builder::new_multi_thread();
    threads.worker_threads(1).enable_all();
    threads.build().expect("it must start")
}

/// Shuts down a runtime in which a worker runs an activity, while a thread outside of it waits
/// for the run. The task must be in the report.
async fn shut_down_under_a_run(heartbeats: Option<&Runtime>) {
    let runtime = threads();
    let service = LocalService::new();
    let mut worker = Worker::builder(service.clone())
        .task_list(LIST)
        .activity_fn("forever", "1.0", forever);
    if let Some(heartbeats) = heartbeats {
        worker = worker.heartbeat_runtime(heartbeats.handle().clone());
    }
    let worker = worker.build().expect("the settings must be right");
    let handle = worker.handle();
    let _activity = service.start(start("forever")).expect("it starts");
    let from_outside = runtime.handle().clone();
    let run = thread::spawn(move || from_outside.block_on(worker.run()));
    eventually("it runs", || handle.status().running.len() == 1).await;
    runtime.shutdown_background();
    eventually("the run ends", || run.is_finished()).await;
    let ended = run.join().expect("the run must not panic");
    let report = ended.expect("the run must not end with an error");
    let why: Vec<_> = report.unanswered.iter().map(|task| task.why).collect();
    assert_eq!(why, [Unanswered::StoppedAtOnce]);
}

#[tokio::test]
async fn a_run_ends_with_its_report_when_its_runtime_is_shut_down() {
    shut_down_under_a_run(None).await;
}

#[tokio::test]
async fn it_ends_too_when_the_heartbeats_have_a_runtime_that_goes_on() {
    let heartbeats = threads();
    shut_down_under_a_run(Some(&heartbeats)).await;
    heartbeats.shutdown_background();
}
