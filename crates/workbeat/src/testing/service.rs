//! A service that has one task.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Ended;
use crate::service::{
    ActivityService, ActivityTask, HeartbeatAnswer, PollRequest, PreviousAttempt,
    ServiceCapabilities, ServiceError, ServiceErrorKind, ServiceLimits, TaskToken,
};

/// Hands its task out once, and accepts whatever comes of it.
#[derive(Debug)]
pub(super) struct OneTask {
    limits: ServiceLimits,
    previous: Option<String>,
    state: Mutex<State>,
    /// Fires when the worker polls again: with its one slot, when it is done with the task.
    done: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    task: Option<ActivityTask>,
    cancel_requested: bool,
    closed: Option<ServiceErrorKind>,
    sent: Option<(Ended, Instant)>,
}

impl OneTask {
    pub(super) fn new(task: ActivityTask, limits: ServiceLimits, previous: Option<String>) -> Self {
        let state = State {
            task: Some(task),
            ..State::default()
        };
        Self {
            limits,
            previous,
            state: Mutex::new(state),
            done: CancellationToken::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on its heartbeats are told that somebody asked for cancellation.
    pub(super) fn request_cancel(&self) {
        self.state().cancel_requested = true;
    }

    /// From now on everything is told that the task is closed.
    pub(super) fn close(&self, kind: ServiceErrorKind) {
        self.state().closed = Some(kind);
    }

    /// What is said of the task to a heartbeat.
    pub(super) fn answer(&self) -> Result<HeartbeatAnswer, ServiceError> {
        let state = self.state();
        let cancel_requested = state.cancel_requested;
        open(&state).map(|()| HeartbeatAnswer::new(cancel_requested))
    }

    /// The outcome that was sent, and when.
    pub(super) fn sent(&self) -> Option<(Ended, Instant)> {
        self.state().sent.clone()
    }

    /// Waits until the worker is done with the task.
    pub(super) async fn done(&self) {
        self.done.cancelled().await;
    }

    fn accept(&self, ended: Ended) -> Result<(), ServiceError> {
        let mut state = self.state();
        open(&state)?;
        let now = Instant::now();
        state.sent.get_or_insert((ended, now));
        Ok(())
    }
}

fn open(state: &State) -> Result<(), ServiceError> {
    match state.closed {
        Some(kind) => Err(ServiceError::new(kind, "the test closed it")),
        None => Ok(()),
    }
}

#[async_trait]
impl ActivityService for OneTask {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        let task = self.state().task.take();
        if task.is_none() {
            self.done.cancel();
            request.withdraw.cancelled().await;
        }
        Ok(task)
    }

    async fn heartbeat(
        &self,
        _: &TaskToken,
        _: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        self.answer()
    }

    async fn complete(&self, _: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        let result = result.map(str::to_owned);
        self.accept(Ended::Completed { result })
    }

    async fn fail(
        &self,
        _: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        self.accept(Ended::Failed {
            reason: reason.unwrap_or_default().to_owned(),
            details: details.map(str::to_owned),
        })
    }

    async fn cancel(&self, _: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        let details = details.map(str::to_owned);
        self.accept(Ended::Canceled { details })
    }

    async fn previous_attempt(
        &self,
        _: &ActivityTask,
    ) -> Result<Option<PreviousAttempt>, ServiceError> {
        let details = self.previous.clone();
        Ok(details.map(|details| PreviousAttempt::TimedOut(Some(details))))
    }

    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities::default().previous_attempts(true)
    }

    fn limits(&self) -> ServiceLimits {
        self.limits
    }
}
