//! The port that a worker talks to, over the network.

use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use workbeat::service::{
    ActivityService, ActivityTask, ActivityTypeRegistration, HeartbeatAnswer, PollRequest,
    ServiceCapabilities, ServiceError, TaskTimeouts, TaskToken, Timeout,
};
use workbeat_local::LocalService;

use super::{Line, Shared};
use crate::log::{Answer, Op};

/// How long the word takes that a poll is withdrawn.
const WITHDRAWN: Duration = Duration::from_millis(2);

/// A request as it travels.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Poll(PollRequest),
    Heartbeat(TaskToken, Option<String>),
    Complete(TaskToken, Option<String>),
    Fail(TaskToken, Option<String>, Option<String>),
    Cancel(TaskToken, Option<String>),
    Timeouts(ActivityTask),
    Register(ActivityTypeRegistration),
}

/// What a service says when all is well.
#[derive(Debug)]
pub(super) enum Reply {
    Task(Option<ActivityTask>),
    Beat(HeartbeatAnswer),
    Timeouts(TaskTimeouts),
    Done,
}

impl Asked {
    pub(super) fn is_poll(&self) -> bool {
        matches!(self, Self::Poll(_))
    }

    /// Asks the service.
    pub(super) async fn ask(self, local: &LocalService) -> Result<Reply, ServiceError> {
        Ok(match self {
            Self::Poll(request) => Reply::Task(poll(local, request).await?),
            Self::Heartbeat(token, details) => {
                Reply::Beat(local.heartbeat(&token, details.as_deref()).await?)
            }
            Self::Complete(token, result) => {
                local.complete(&token, result.as_deref()).await?;
                Reply::Done
            }
            Self::Fail(token, reason, details) => {
                local
                    .fail(&token, reason.as_deref(), details.as_deref())
                    .await?;
                Reply::Done
            }
            Self::Cancel(token, details) => {
                local.cancel(&token, details.as_deref()).await?;
                Reply::Done
            }
            Self::Timeouts(task) => Reply::Timeouts(local.timeouts(&task).await?),
            Self::Register(registration) => {
                local.register(&registration).await?;
                Reply::Done
            }
        })
    }
}

/// Polls, and withdraws the poll when the word of it has come through.
async fn poll(
    local: &LocalService,
    request: PollRequest,
) -> Result<Option<ActivityTask>, ServiceError> {
    let (asked, withdraw) = (request.withdraw.clone(), CancellationToken::new());
    let mut poll = pin!(local.poll(request.withdraw(withdraw.clone())));
    tokio::select! {
        biased;
        reply = &mut poll => return reply,
        () = asked.cancelled() => sleep(WITHDRAWN).await,
    }
    withdraw.cancel();
    poll.await
}

impl Shared {
    /// An answer in the terms of the log.
    pub(super) fn answer(&self, reply: &Result<Reply, ServiceError>) -> Answer {
        match reply {
            Ok(Reply::Task(Some(task))) => Answer::Task(self.name(&task.token)),
            Ok(Reply::Task(None)) => Answer::Empty,
            Ok(Reply::Beat(answer)) => Answer::Beat {
                cancel_requested: answer.cancel_requested,
            },
            Ok(Reply::Timeouts(timeouts)) => Answer::Timeouts {
                heartbeat: timeouts.heartbeat.and_then(Timeout::duration),
                start_to_close: timeouts.start_to_close.and_then(Timeout::duration),
            },
            Ok(Reply::Done) => Answer::Accepted,
            Err(error) => Answer::Error(error.kind()),
        }
    }
}

impl Line {
    async fn done(
        &self,
        op: Op,
        token: Option<&TaskToken>,
        asked: Asked,
    ) -> Result<(), ServiceError> {
        self.call(op, token, asked).await.map(drop)
    }
}

#[async_trait]
impl ActivityService for Line {
    async fn poll(&self, mut request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        if !self.shared.service.withdraws_polls {
            request.withdraw = CancellationToken::new();
        }
        match self.call(Op::Poll, None, Asked::Poll(request)).await? {
            Reply::Task(task) => Ok(task),
            _ => Ok(None),
        }
    }

    async fn heartbeat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let asked = Asked::Heartbeat(token.clone(), details.map(str::to_owned));
        match self.call(Op::Heartbeat, Some(token), asked).await? {
            Reply::Beat(answer) => Ok(answer),
            _ => Ok(HeartbeatAnswer::default()),
        }
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        let asked = Asked::Complete(token.clone(), result.map(str::to_owned));
        self.done(Op::Complete, Some(token), asked).await
    }

    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        let (reason, details) = (reason.map(str::to_owned), details.map(str::to_owned));
        let asked = Asked::Fail(token.clone(), reason, details);
        self.done(Op::Fail, Some(token), asked).await
    }

    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        let asked = Asked::Cancel(token.clone(), details.map(str::to_owned));
        self.done(Op::Cancel, Some(token), asked).await
    }

    async fn timeouts(&self, task: &ActivityTask) -> Result<TaskTimeouts, ServiceError> {
        let (token, asked) = (task.token.clone(), Asked::Timeouts(task.clone()));
        match self.call(Op::Timeouts, Some(&token), asked).await? {
            Reply::Timeouts(timeouts) => Ok(timeouts),
            _ => Ok(TaskTimeouts::default()),
        }
    }

    async fn register(&self, registration: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        self.done(Op::Register, None, Asked::Register(registration.clone()))
            .await
    }

    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities::default().task_timeouts(self.shared.service.tells_timeouts)
    }
}
