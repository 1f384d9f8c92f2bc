//! `RespondActivityTaskCompleted`, `RespondActivityTaskFailed` and
//! `RespondActivityTaskCanceled`: the three ways in which a worker ends a task.

use serde::{Deserialize, Serialize};
use workbeat::service::TaskToken;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::{ActivityTaskCanceled, ActivityTaskCompleted, ActivityTaskFailed};
use crate::engine::fault::Fault;
use crate::engine::payload::Payload;

/// Completes a task.
///
/// A second answer for the same task, of whichever sort, is an `UnknownResourceFault`: also
/// when the first one's answer got lost on its way to the worker.
///
/// ```
/// # use workbeat_local::engine::*;
/// # use workbeat::service::{ActivityType, Timeout};
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// # let start = StartWorkflowExecution {
/// #     domain: domain(),
/// #     workflow_id: "order-1".into(),
/// #     workflow_type: WorkflowType::new("order", "1.0"),
/// #     ..Default::default()
/// # };
/// # let run = engine.apply(start, now)?;
/// # let pack = ActivityType::new("pack", "1.0");
/// # let decide = Decide {
/// #     domain: domain(),
/// #     workflow_id: "order-1".into(),
/// #     decisions: vec![ScheduleActivityTask::new(pack, "pack-1").into()],
/// #     ..Default::default()
/// # };
/// # engine.apply(decide, now)?;
/// # let poll = PollForActivityTask {
/// #     domain: domain(),
/// #     task_list: "default".into(),
/// #     identity: None,
/// # };
/// # let Polled::Task(task) = engine.apply(poll, now)? else { panic!("no task") };
/// let respond = RespondActivityTaskCompleted {
///     task_token: task.token.clone(),
///     result: Some("7 files".into()),
/// };
/// engine.apply(respond.clone(), now)?;
/// let fault = engine.apply(respond, now).unwrap_err();
/// assert_eq!(fault.kind(), FaultKind::UnknownResource(Resource::Activity));
/// assert_eq!(fault.message(), "Unknown activity, scheduledEventId = 5");
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RespondActivityTaskCompleted {
    /// Names the task.
    pub task_token: TaskToken,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
}

/// Fails a task.
///
/// SWF does not try again by itself: the decider sees the reason and decides. So a reason is
/// best a short, stable word, and the story goes into the details.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RespondActivityTaskFailed {
    /// Names the task.
    pub task_token: TaskToken,
    /// Why, in a word that a decider can branch on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why, at length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

/// Acknowledges a task's cancellation.
///
/// When nobody asked for it, it is accepted all the same unless the settings are
/// [strict](crate::engine::Settings::strict_cancel); the event then has no
/// `latestCancelRequestedEventId`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RespondActivityTaskCanceled {
    /// Names the task.
    pub task_token: TaskToken,
    /// What the worker says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

impl Operation for RespondActivityTaskCompleted {
    const NAME: &'static str = "RespondActivityTaskCompleted";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let key = engine.started(&self.task_token)?;
        engine.close_activity(&key, |activity, scheduled_event_id| ActivityTaskCompleted {
            result: self.result,
            scheduled_event_id,
            started_event_id: activity.started_event_id(),
        });
        Ok(())
    }
}

impl Operation for RespondActivityTaskFailed {
    const NAME: &'static str = "RespondActivityTaskFailed";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let key = engine.started(&self.task_token)?;
        engine.close_activity(&key, |activity, scheduled_event_id| ActivityTaskFailed {
            reason: self.reason.map(Into::into),
            details: self.details,
            scheduled_event_id,
            started_event_id: activity.started_event_id(),
        });
        Ok(())
    }
}

impl Operation for RespondActivityTaskCanceled {
    const NAME: &'static str = "RespondActivityTaskCanceled";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let key = engine.started(&self.task_token)?;
        let asked = engine
            .activity(&key)
            .is_some_and(|it| it.cancel_requested.is_some());
        if engine.settings.strict_cancel && !asked {
            return Err(Fault::validation(
                "The cancellation of this task was not requested, and the service is set to \
                 refuse RespondActivityTaskCanceled then",
            ));
        }
        engine.close_activity(&key, |activity, scheduled_event_id| ActivityTaskCanceled {
            details: self.details,
            scheduled_event_id,
            started_event_id: activity.started_event_id(),
            latest_cancel_requested_event_id: activity.cancel_requested,
        });
        Ok(())
    }
}
