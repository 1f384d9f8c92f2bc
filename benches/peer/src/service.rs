//! A service in the process: what Temporal's would say to an activity worker.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use prost::Message;
use temporalio_common::protos::temporal::api::common::v1::{
    ActivityType, Payload, Payloads, WorkflowExecution, WorkflowType,
};
use temporalio_common::protos::temporal::api::namespace::v1::NamespaceInfo;
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceResponse, PollActivityTaskQueueResponse,
};
use tokio::sync::Notify;

use crate::measure::{Snapshot, TIMEOUT};
use crate::{Options, Result};

/// How long anything is given that is given long.
const LONG: std::time::Duration = std::time::Duration::from_secs(3_600);

/// So many tasks of one activity type.
#[derive(Debug)]
pub(crate) struct Service {
    activity: &'static str,
    tasks: u64,
    given: AtomicU64,
    completed: AtomicU64,
    heartbeats: AtomicU64,
    told: Notify,
}

impl Service {
    pub(crate) fn new(options: Options) -> Arc<Self> {
        Arc::new(Self {
            activity: options.scenario.activity(),
            tasks: options.tasks,
            given: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            heartbeats: AtomicU64::new(0),
            told: Notify::new(),
        })
    }

    pub(crate) fn heartbeats(&self) -> u64 {
        self.heartbeats.load(Ordering::Acquire)
    }

    /// Waits until so many were completed.
    pub(crate) async fn completed(&self, tasks: u64) {
        while self.completed.load(Ordering::Acquire) < tasks {
            self.told.notified().await;
        }
    }

    /// Takes a result.
    pub(crate) fn complete(&self) {
        if self.completed.fetch_add(1, Ordering::AcqRel) + 1 >= self.tasks {
            self.told.notify_one();
        }
    }

    /// Takes a heartbeat.
    pub(crate) fn hear(&self) {
        self.heartbeats.fetch_add(1, Ordering::AcqRel);
    }

    /// Answers a call by its name, in bytes.
    pub(crate) async fn answer(&self, call: &str) -> Vec<u8> {
        match call {
            "PollActivityTaskQueue" => {
                let number = self.given.fetch_add(1, Ordering::AcqRel);
                if number >= self.tasks {
                    // A long poll, for longer than anything is measured.
                    std::future::pending::<()>().await;
                }
                return self.task(number).encode_to_vec();
            }
            "RespondActivityTaskCompleted" => self.complete(),
            "RecordActivityTaskHeartbeat" => self.hear(),
            "DescribeNamespace" => {
                let namespace_info = Some(NamespaceInfo {
                    name: "bench".to_owned(),
                    ..Default::default()
                });
                let described = DescribeNamespaceResponse {
                    namespace_info,
                    ..Default::default()
                };
                return described.encode_to_vec();
            }
            "PollNexusTaskQueue" | "PollWorkflowTaskQueue" => std::future::pending().await,
            _ => {}
        }
        Vec::new()
    }

    /// A task, with a token of 150 bytes.
    pub(crate) fn task(&self, number: u64) -> PollActivityTaskQueueResponse {
        let now = Some(SystemTime::now().into());
        let mut task_token = vec![b'.'; 150];
        task_token.splice(..20, format!("{number:020}").into_bytes());
        PollActivityTaskQueueResponse {
            task_token,
            workflow_namespace: "bench".to_owned(),
            workflow_type: Some(WorkflowType {
                name: "order".to_owned(),
            }),
            workflow_execution: Some(WorkflowExecution {
                workflow_id: format!("order-{number}"),
                run_id: format!("run-{number}"),
            }),
            activity_type: Some(ActivityType {
                name: self.activity.to_owned(),
            }),
            activity_id: number.to_string(),
            input: Some(Payloads {
                payloads: vec![json("\"hello world\"")],
            }),
            scheduled_time: now,
            current_attempt_scheduled_time: now,
            started_time: now,
            attempt: 1,
            schedule_to_close_timeout: LONG.try_into().ok(),
            start_to_close_timeout: LONG.try_into().ok(),
            heartbeat_timeout: TIMEOUT.try_into().ok(),
            ..Default::default()
        }
    }
}

/// JSON as a payload.
pub(crate) fn json(text: &str) -> Payload {
    Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        data: text.as_bytes().to_vec(),
        ..Default::default()
    }
}

/// What the service takes by itself: a poll and an answer a task.
pub(crate) async fn alone(options: Options) -> Result<String> {
    let service = Service::new(options);
    let begin = Snapshot::take()?;
    for _ in 0..options.tasks {
        black_box(service.answer("PollActivityTaskQueue").await);
        black_box(service.answer("RespondActivityTaskCompleted").await);
    }
    let end = Snapshot::take()?;
    let cpu = (end.cpu - begin.cpu).as_secs_f64() * 1e6 / options.tasks as f64;
    Ok(format!("cpu_us={cpu:.2} rss={}", end.resident))
}
