//! A service with so many tasks, which forgets each one as it is over.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use workbeat::ActivityService;
use workbeat::service::{
    ActivityTask, ActivityType, HeartbeatAnswer, PollRequest, ServiceError, TaskToken,
    WorkflowExecution, async_trait,
};
use workbeat_tests::{Reply, Request};

/// What an activity does; its id says it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Complete,
    Report,
    Fail,
    Panic,
    HandOn,
    Block,
    Linger,
}

impl Kind {
    pub(crate) fn of(activity_id: &str) -> Self {
        match activity_id.parse().unwrap_or(0_u64) % 100 {
            1 => Self::Report,
            2 => Self::Fail,
            3 => Self::Panic,
            4 => Self::HandOn,
            5 => Self::Block,
            6 => Self::Linger,
            _ => Self::Complete,
        }
    }
}

/// The service.
#[derive(Debug)]
pub(crate) struct Endless {
    tasks: u64,
    given: AtomicU64,
}

impl Endless {
    pub(crate) fn new(tasks: u64) -> Self {
        let given = AtomicU64::new(0);
        Self { tasks, given }
    }

    /// The number of the next task.
    fn next(&self) -> Option<u64> {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        (number < self.tasks).then_some(number)
    }

    /// The answer over HTTP.
    pub(crate) fn reply(&self, request: &Request) -> Reply {
        match request.operation.as_str() {
            "PollForActivityTask" => match self.next() {
                Some(number) => Reply::ok(&task(number)),
                None => Reply::After(Duration::from_millis(200), 200, "{}".to_owned()),
            },
            "RecordActivityTaskHeartbeat" => Reply::ok(r#"{"cancelRequested":true}"#),
            _ => Reply::ok(""),
        }
    }
}

/// An input, not always of the same length.
fn input(number: u64) -> String {
    let length = usize::try_from(number % 500).unwrap_or(0);
    format!("\"{}\"", "x".repeat(length))
}

fn task(number: u64) -> String {
    let task = json!({
        "taskToken": format!("token-{number}"),
        "activityId": number.to_string(),
        "startedEventId": 6,
        "activityType": { "name": "soak", "version": "1.0" },
        "workflowExecution": { "workflowId": format!("w-{number}"), "runId": "r" },
        "input": input(number),
    });
    task.to_string()
}

#[async_trait]
impl ActivityService for Endless {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        let Some(number) = self.next() else {
            request.withdraw.cancelled().await;
            return Ok(None);
        };
        let task = ActivityTask::new(
            TaskToken::new(format!("token-{number}")),
            number.to_string(),
            ActivityType::new("soak", "1.0"),
            WorkflowExecution::new(format!("w-{number}"), "r"),
            6,
        );
        Ok(Some(task.with_input(input(number))))
    }

    async fn heartbeat(
        &self,
        _: &TaskToken,
        _: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        Ok(HeartbeatAnswer::new(true))
    }

    async fn complete(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        // As a call to another machine, it gives the thread to others.
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn fail(
        &self,
        _: &TaskToken,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), ServiceError> {
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn cancel(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        Ok(())
    }
}
