//! The framework's port, answered by the engine.

use async_trait::async_trait;
use workbeat::service::{
    ActivityService, ActivityTask, ActivityType, ActivityTypeRegistration, HeartbeatAnswer,
    PollRequest, PreviousAttempt, ServiceCapabilities, ServiceError, ServiceErrorKind,
    TaskTimeouts, TaskToken, Timeout,
};

use super::error::service_error;
use super::local::LocalService;
use super::poll::poll;
use super::previous::previous_attempt;
use crate::engine::{
    ActivityTypeConfiguration, DescribeActivityType, FaultKind, PollForActivityTask,
    RecordActivityTaskHeartbeat, RegisterActivityType, RegistrationStatus,
    RespondActivityTaskCanceled, RespondActivityTaskCompleted, RespondActivityTaskFailed,
};

/// # Cancel safety
///
/// A `poll` that is dropped is abandoned: its place is given up, or, on a service built
/// with [`phantom_polls`](super::LocalServiceBuilder::phantom_polls), kept for nobody. If a
/// task was matched to it before it was dropped, nobody has that task, and it sits until one
/// of its timeouts: a phantom, as with the real service. To end a poll without that risk
/// fire its `withdraw`. All other calls are done when they are first polled.
#[async_trait]
impl ActivityService for LocalService {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        let poll_for = PollForActivityTask {
            domain: self.shared.domain.clone(),
            task_list: request.task_list.to_string(),
            identity: Some(request.identity.to_string()),
        };
        let task = poll(&self.shared, poll_for, request.withdraw)
            .await
            .map_err(service_error)?;
        if let Some(task) = &task {
            tracing::debug!(
                activity_type = %task.activity_type,
                activity_id = %task.activity_id,
                run_id = %task.workflow.run_id,
                identity = %request.identity,
                "activity task started"
            );
        }
        Ok(task)
    }

    async fn heartbeat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let (task_token, details) = (token.clone(), details.map(Into::into));
        let status = self.apply(RecordActivityTaskHeartbeat {
            task_token,
            details,
        });
        let status = status.map_err(service_error)?;
        Ok(HeartbeatAnswer::new(status.cancel_requested))
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        let (task_token, result) = (token.clone(), result.map(Into::into));
        self.apply(RespondActivityTaskCompleted { task_token, result })
            .map_err(service_error)
    }

    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        let (task_token, reason) = (token.clone(), reason.map(str::to_owned));
        let details = details.map(Into::into);
        self.apply(RespondActivityTaskFailed {
            task_token,
            reason,
            details,
        })
        .map_err(service_error)
    }

    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        let (task_token, details) = (token.clone(), details.map(Into::into));
        self.apply(RespondActivityTaskCanceled {
            task_token,
            details,
        })
        .map_err(service_error)
    }

    async fn timeouts(&self, task: &ActivityTask) -> Result<TaskTimeouts, ServiceError> {
        let known = self
            .shared
            .with(|state, _| state.engine.timeouts(&task.token));
        let Some((timeouts, scheduled_at, started_at)) = known else {
            let message = "the task is closed, its timeouts are not kept";
            return Err(ServiceError::new(ServiceErrorKind::TaskClosed, message));
        };
        // The port wants one limit from the start on: what is left of schedule-to-close counts
        // if it is less than start-to-close.
        let waited = started_at.saturating_duration_since(scheduled_at);
        let schedule_to_close = timeouts.schedule_to_close.duration();
        let left = schedule_to_close.map(|limit| limit.saturating_sub(waited));
        let limit = [timeouts.start_to_close.duration(), left]
            .into_iter()
            .flatten()
            .min();
        let start_to_close = limit.map_or(Timeout::None, Timeout::After);
        Ok(TaskTimeouts::default()
            .heartbeat(timeouts.heartbeat)
            .start_to_close(start_to_close)
            .waited(waited))
    }

    async fn previous_attempt(
        &self,
        task: &ActivityTask,
    ) -> Result<Option<PreviousAttempt>, ServiceError> {
        let history = self.history(&task.workflow);
        Ok(previous_attempt(&history, task))
    }

    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities::default()
            .task_timeouts(true)
            .previous_attempts(true)
    }

    async fn register(&self, registration: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        let registration = registration.clone();
        let activity_type = registration.activity_type;
        let register = RegisterActivityType {
            domain: self.shared.domain.clone(),
            name: activity_type.name.to_string(),
            version: activity_type.version.to_string(),
            description: registration.description,
            default_task_start_to_close_timeout: registration.start_to_close_timeout,
            default_task_heartbeat_timeout: registration.heartbeat_timeout,
            default_task_list: registration.task_list,
            default_task_priority: registration.priority,
            default_task_schedule_to_start_timeout: registration.schedule_to_start_timeout,
            default_task_schedule_to_close_timeout: registration.schedule_to_close_timeout,
        };
        match self.apply(register.clone()) {
            Err(fault) if fault.kind() == FaultKind::TypeAlreadyExists => {
                self.check_registered(activity_type, &register)
            }
            registered => registered.map_err(service_error),
        }
    }
}

impl LocalService {
    /// A type that exists already is a success, unless it is deprecated; defaults that differ
    /// are worth a warning, because the registered ones hold.
    fn check_registered(
        &self,
        activity_type: ActivityType,
        wanted: &RegisterActivityType,
    ) -> Result<(), ServiceError> {
        let domain = self.shared.domain.clone();
        let known = self.apply(DescribeActivityType {
            domain,
            activity_type,
        });
        let known = known.map_err(service_error)?;
        let activity_type = known.type_info.activity_type;
        if known.type_info.status == RegistrationStatus::Deprecated {
            let mend = "register another version, or undeprecate this one";
            let message = format!("the activity type {activity_type} is deprecated: {mend}");
            return Err(ServiceError::new(ServiceErrorKind::Invalid, message));
        }
        let wanted = ActivityTypeConfiguration {
            default_task_start_to_close_timeout: wanted.default_task_start_to_close_timeout,
            default_task_heartbeat_timeout: wanted.default_task_heartbeat_timeout,
            default_task_list: wanted.default_task_list.clone(),
            default_task_priority: wanted.default_task_priority,
            default_task_schedule_to_start_timeout: wanted.default_task_schedule_to_start_timeout,
            default_task_schedule_to_close_timeout: wanted.default_task_schedule_to_close_timeout,
        };
        if wanted != known.configuration {
            tracing::warn!(
                %activity_type,
                "the activity type is registered with other defaults, and those hold; register \
                 another version to change them"
            );
        }
        Ok(())
    }
}
