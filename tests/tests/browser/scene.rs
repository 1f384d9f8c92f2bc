//! A worker with much to show, and its page on a port.

#![expect(
    clippy::unwrap_used,
    reason = "a test has nothing better to do with an error"
)]

use std::future::pending;
use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use workbeat::prelude::*;
use workbeat::worker::WorkerBuilder;
use workbeat::{NoInput, WorkerHandle, activity_fn};
use workbeat_local::{ActivityHandle, LocalService, StartActivity};
use workbeat_tests::{LIST, eventually, seconds};

/// What names and progress are made of that mean harm.
pub(crate) const HOSTILE: &str =
    "</script><img src=x onerror=\"window.harmed=1\"><b>bold</b>&amp;\u{202e}";

/// A worker over a service of its own.
pub(crate) struct Scene {
    pub(crate) service: LocalService,
    pub(crate) handle: WorkerHandle,
}

/// Routes on a port of loopback, for as long as this is there, in a runtime of their own: its
/// end takes their connections along.
pub(crate) struct Served {
    pub(crate) url: String,
    runtime: Option<Runtime>,
}

impl Served {
    pub(crate) fn new(app: Router) -> Self {
        Self::at("127.0.0.1:0", app)
    }

    pub(crate) fn at(address: &str, app: Router) -> Self {
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
        let runtime = Some(runtime);
        Self { url, runtime }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Scene {
    /// Activities that report what they are given. One of these names is hostile.
    pub(crate) async fn new() -> Self {
        let service = LocalService::new();
        let worker = Worker::builder(service.clone());
        Self::on(service, worker).await
    }

    /// The same in this worker, which takes tasks from this service and perhaps from others.
    pub(crate) async fn on(service: LocalService, worker: WorkerBuilder) -> Self {
        let mut worker = worker.task_list(LIST).slots(16).max_concurrent_polls(2);
        for name in ["transcode", "thumbnails", "index", "upload", HOSTILE_NAME] {
            let activity = activity_fn(name, "1.0", hold);
            let options = ActivityOptions::new().heartbeat_interval(seconds(1));
            worker = worker.activity(activity.with_options(options));
        }
        let worker = worker
            .activity_limit("thumbnails", "1.0", 1)
            .activity_fn("probe", "2.1", async |_: NoInput| Ok::<_, ActivityError>(1))
            .activity_fn("publish", "1.0", async |_: NoInput| {
                Err::<(), _>(ActivityError::failed("NoSpace"))
            })
            .build()
            .unwrap();
        let handle = worker.handle();
        tokio::spawn(worker.run());
        assert!(handle.ready().await);
        Self { service, handle }
    }

    /// Starts an activity that reports this at once, and each next value of a list when its turn
    /// comes.
    pub(crate) async fn hold(&self, name: &str, id: &str, report: Value) -> ActivityHandle {
        let start = StartActivity::new(name, "1.0").task_list(LIST);
        let start = start
            .activity_id(id)
            .workflow_id(format!("order-{id}"))
            .start_to_close_timeout(Duration::from_secs(5_400));
        let held = self.service.start(start.input(&report).unwrap()).unwrap();
        eventually("it has reported and was heard", || {
            let running = self.handle.status().running;
            let mut running = running.iter().filter(|task| task.activity_id == id);
            running.any(|task| task.last_progress.is_some())
        })
        .await;
        held
    }

    /// Runs an activity that ends, badly or well.
    pub(crate) async fn end(&self, name: &str, version: &str, id: &str) {
        let start = StartActivity::new(name, version).task_list(LIST);
        let start = start.activity_id(id).workflow_id(format!("order-{id}"));
        self.service.start(start).unwrap().outcome().await;
    }

    /// What a worker does on a usual day.
    pub(crate) async fn usual_day(&self) {
        for number in 1..=3 {
            self.end("probe", "2.1", &format!("probe-{number}")).await;
        }
        self.end("publish", "1.0", "publish-1").await;
        let canceled = self.hold("index", "index-1", json!("reading")).await;
        canceled.request_cancel().unwrap();
        canceled.outcome().await;
        self.hold(
            "transcode",
            "clip-17",
            json!({"done": 147, "total": 250, "file": "summer.mp4"}),
        )
        .await;
        self.hold(
            "transcode",
            "clip-18",
            json!({"done": 31, "total": 250, "file": "harbour.mp4"}),
        )
        .await;
        self.hold("thumbnails", "album-4", json!([9, 12])).await;
        self.hold(
            "upload",
            "backup",
            json!({"percent": 88.5, "to": "archive"}),
        )
        .await;
        self.hold("index", "index-2", json!("waiting for the search engine"))
            .await;
        let second = StartActivity::new("thumbnails", "1.0").task_list(LIST);
        let second = second.activity_id("album-5").workflow_id("order-album-5");
        self.service.start(second.input(&[0, 40]).unwrap()).unwrap();
        eventually("it waits for the first", || {
            let running = self.handle.status().running;
            running.iter().any(|task| task.waits_for_limit)
        })
        .await;
        let stopping = self
            .hold("upload", "stubborn", json!({"percent": 12}))
            .await;
        stopping.request_cancel().unwrap();
        eventually("it is told to stop", || {
            let running = self.handle.status().running;
            running.iter().any(|task| task.stop_reason.is_some())
        })
        .await;
    }
}

/// As SWF allows names: without colons, slashes and bars.
pub(crate) const HOSTILE_NAME: &str = "<img src=x onerror=\"window.harmed=1\">";

/// Reports what it is given, and then holds on. Cancelled, an index ends, and others do not.
async fn hold(report: Value, ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.report(&report);
    if *ctx.activity_id() == *"grows" {
        for done in 1..=8 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            ctx.report([done, 8]);
        }
    }
    let held = ctx.until_stopped(pending::<()>()).await;
    if ctx.activity_id().starts_with("index") {
        held?;
    }
    pending().await
}
