//! A worker with something to show, and requests to its routes.

#![expect(
    clippy::unwrap_used,
    reason = "a test has nothing better to do with an error"
)]

use std::future::pending;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use workbeat::prelude::*;
use workbeat::worker::{WorkerBuilder, WorkerStatus};
use workbeat::{NoInput, WorkerHandle};
use workbeat_local::{LocalService, StartActivity};

/// The worker's task list.
pub(crate) const LIST: &str = "list";

/// What names and progress are made of that mean harm.
pub(crate) const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&\u{202e}";

/// A worker that runs beside a test, over a service of its own.
pub(crate) struct Stage {
    pub(crate) service: LocalService,
    pub(crate) handle: WorkerHandle,
}

impl Stage {
    /// With an activity that reports what it is given and never ends, and one that ends at once.
    pub(crate) async fn new() -> Self {
        let stage = Self::not_started();
        let worker = stage.1;
        tokio::spawn(worker.run());
        assert!(stage.0.handle.ready().await);
        stage.0
    }

    /// The same before its run.
    pub(crate) fn not_started() -> (Self, Worker) {
        Self::with(|worker| worker)
    }

    /// The same with more settings.
    pub(crate) fn with(set: impl FnOnce(WorkerBuilder) -> WorkerBuilder) -> (Self, Worker) {
        let service = LocalService::new();
        let worker = set(Worker::builder(service.clone()));
        let worker = worker
            .task_list(LIST)
            .slots(10)
            .activity_fn("hold", "1.0", async |said: Value, ctx: ActivityContext| {
                ctx.report(said);
                let held = ctx.until_stopped(pending::<()>()).await;
                if held.is_err() {
                    pending::<()>().await;
                }
                Ok::<_, ActivityError>("a secret result")
            })
            .untyped_activity_fn(async |_: Option<String>, _: ActivityContext| {
                pending::<()>().await;
                Ok::<_, ActivityError>(None)
            })
            .activity_fn("single", "1.0", async |_: NoInput| {
                pending::<()>().await;
                Ok::<_, ActivityError>(())
            })
            .activity_limit("single", "1.0", 1)
            .activity_fn("end", "1.0", async |_: NoInput| {
                Ok::<_, ActivityError>("a secret result")
            })
            .build()
            .unwrap();
        let handle = worker.handle();
        (Self { service, handle }, worker)
    }

    /// Starts an activity that reports `progress` and holds on.
    pub(crate) async fn hold(&self, id: &str, progress: Value) -> workbeat_local::ActivityHandle {
        let start = StartActivity::new("hold", "1.0").task_list(LIST);
        let start = start.activity_id(id).workflow_id(format!("workflow-{id}"));
        let held = self.service.start(start.input(&progress).unwrap()).unwrap();
        self.until("it reports", |status| {
            let mut running = status.running.iter();
            running.any(|task| task.activity_id == id && task.last_progress.is_some())
        })
        .await;
        held
    }

    /// Starts an activity of another type, which can be one that the worker is not registered for.
    pub(crate) async fn hold_other(&self, name: &str) {
        let start = StartActivity::new(name, "1.0").task_list(LIST);
        self.service.start(start).unwrap();
        self.until("it runs", |status| {
            let mut running = status.running.iter();
            running.any(|task| *task.activity_type.name == *name)
        })
        .await;
    }

    /// Runs an activity that ends.
    pub(crate) async fn end(&self, id: &str) {
        let start = StartActivity::new("end", "1.0").task_list(LIST);
        let before = self.handle.status().outcomes.completed;
        let ended = self.service.start(start.activity_id(id)).unwrap();
        ended.outcome().await;
        self.until("it is counted", |status| status.outcomes.completed > before)
            .await;
    }

    /// Waits until the status says so.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&WorkerStatus) -> bool) {
        let waiting = async {
            while !holds(&self.handle.status()) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(600), waiting).await;
        assert!(waited.is_ok(), "it never came true that {what}");
    }
}

/// An answer that has been read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Response {
    app.clone().oneshot(request).await.unwrap()
}

pub(crate) async fn get(app: &Router, path: &str) -> Answer {
    let request = Request::get(path).body(Body::empty()).unwrap();
    read(send(app, request).await).await
}

pub(crate) async fn post(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(send(app, request.body(Body::empty()).unwrap()).await).await
}

async fn read(response: Response) -> Answer {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: head.status,
        headers: head.headers,
        text: String::from_utf8(body.to_vec()).unwrap(),
    }
}
