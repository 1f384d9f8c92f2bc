//! A service in this process that does next to nothing.

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use workbeat::service::{
    ActivityService, ActivityTask, ActivityType, HeartbeatAnswer, PollRequest, ServiceError,
    TaskToken, WorkflowExecution, async_trait,
};

/// Gives tasks in batches, and counts what was completed.
#[derive(Debug)]
pub(super) struct ShortService {
    activity_type: ActivityType,
    given: AtomicU64,
    /// How many may be given so far.
    allowed: AtomicU64,
    opened: Notify,
    completed: AtomicU64,
    /// Told when all that may be given were completed.
    done: Notify,
}

impl ShortService {
    pub(super) fn new() -> Self {
        Self {
            activity_type: ActivityType::new("echo", "1.0"),
            given: AtomicU64::new(0),
            allowed: AtomicU64::new(0),
            opened: Notify::new(),
            completed: AtomicU64::new(0),
            done: Notify::new(),
        }
    }

    /// Gives so many more tasks, and waits until all are completed.
    pub(super) async fn batch(&self, tasks: u64) {
        let all = self.allowed.fetch_add(tasks, Ordering::AcqRel) + tasks;
        self.opened.notify_waiters();
        while self.completed.load(Ordering::Acquire) < all {
            self.done.notified().await;
        }
    }

    /// The next task; none once `end` fires.
    pub(super) async fn next(&self, end: &CancellationToken) -> Option<ActivityTask> {
        if let Some(task) = self.take() {
            return Some(task);
        }
        loop {
            let mut opened = pin!(self.opened.notified());
            opened.as_mut().enable();
            if let Some(task) = self.take() {
                return Some(task);
            }
            tokio::select! {
                () = opened => {}
                () = end.cancelled() => return None,
            }
        }
    }

    fn take(&self) -> Option<ActivityTask> {
        let next = |given: u64| {
            let allowed = self.allowed.load(Ordering::Acquire);
            (given < allowed).then_some(given + 1)
        };
        let taken = self
            .given
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        Some(self.task(taken.ok()?))
    }

    /// A task as a service's client would make it: each text is its own.
    fn task(&self, number: u64) -> ActivityTask {
        let task = ActivityTask::new(
            crate::sides::token(number),
            number.to_string(),
            self.activity_type.clone(),
            WorkflowExecution::new(format!("order-{number}"), format!("run-{number}")),
            6,
        );
        task.with_input("\"hello world\"")
    }

    /// Takes a result.
    pub(super) async fn accept(&self, token: &TaskToken, result: Option<&str>) {
        black_box((token.expose(), result));
        let completed = self.completed.fetch_add(1, Ordering::AcqRel) + 1;
        if completed == self.allowed.load(Ordering::Acquire) {
            self.done.notify_one();
        }
    }
}

/// The service as a worker is given it: the port is implemented here and not reached through the
/// one of `Arc`, which would be a second box for each call.
#[derive(Debug)]
pub(super) struct ShortPort(pub(super) Arc<ShortService>);

#[async_trait]
impl ActivityService for ShortPort {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        Ok(self.0.next(&request.withdraw).await)
    }

    async fn heartbeat(
        &self,
        _: &TaskToken,
        _: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        Ok(HeartbeatAnswer::new(false))
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        self.0.accept(token, result).await;
        Ok(())
    }

    async fn fail(
        &self,
        _: &TaskToken,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn cancel(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        Ok(())
    }
}
