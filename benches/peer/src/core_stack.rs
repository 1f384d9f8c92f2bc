//! The core alone, on its own mocked client.

use std::sync::Arc;

use futures::FutureExt;
use temporalio_common::protos::coresdk::ActivityTaskCompletion;
use temporalio_common::protos::coresdk::activity_result::ActivityExecutionResult;
use temporalio_common::protos::coresdk::activity_task::activity_task::Variant;
use temporalio_common::worker::WorkerTaskTypes;
use temporalio_sdk_core::Worker;
use temporalio_sdk_core::test_help::{MocksHolder, QueueResponse, mock_worker, mock_worker_client};

use crate::measure::{Scenario, Stage};
use crate::service::{Service, json};
use crate::{Options, Result};

/// Runs it, and gives the figures.
pub(crate) async fn run(options: Options) -> Result<String> {
    if options.scenario != Scenario::Noop {
        return Err("`core` runs noop alone".into());
    }
    let service = Service::new(options);
    let worker = Arc::new(worker(options, &service));
    worker.validate().await.map_err(|error| error.to_string())?;
    let running = tokio::spawn(answer(worker));
    let measured = Stage::new().measure(options, &service).await;
    running.abort();
    measured
}

fn worker(options: Options, service: &Arc<Service>) -> Worker {
    let mut client = mock_worker_client();
    let completing = Arc::clone(service);
    client
        .expect_complete_activity_task()
        .returning(move |_, _| {
            completing.complete();
            Ok(Default::default())
        });
    client
        .expect_describe_namespace()
        .returning(|| Ok(Default::default()));
    let giving = Arc::clone(service);
    let tasks = (0..options.tasks).map(move |number| QueueResponse::from(giving.task(number)));
    // Then as an idle long poll.
    let idle = std::iter::repeat_with(|| QueueResponse {
        resp: Default::default(),
        delay_until: Some(std::future::pending::<()>().boxed()),
    });
    let mut mocks = MocksHolder::from_client_with_activities(client, tasks.chain(idle));
    mocks.worker_cfg(|config| {
        config.max_outstanding_activities = Some(options.slots);
        config.task_types = WorkerTaskTypes::activity_only();
    });
    mock_worker(mocks)
}

/// What the SDK above it would do: run each task as one of its own.
async fn answer(worker: Arc<Worker>) {
    while let Ok(task) = worker.poll_activity_task().await {
        let Some(Variant::Start(_)) = task.variant else {
            continue;
        };
        let worker = Arc::clone(&worker);
        tokio::spawn(async move {
            let completion = ActivityTaskCompletion {
                task_token: task.task_token,
                result: Some(ActivityExecutionResult::ok(json("\"hello world\""))),
            };
            // What it refuses is never counted as completed.
            let _ = worker.complete_activity_task(completion).await;
        });
    }
}
