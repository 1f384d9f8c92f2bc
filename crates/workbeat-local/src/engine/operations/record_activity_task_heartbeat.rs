//! `RecordActivityTaskHeartbeat`

use serde::{Deserialize, Serialize};
use workbeat::service::TaskToken;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::payload::Payload;

/// Says that a task is alive. It restarts the heartbeat clock and no other.
///
/// A heartbeat makes no event. What the last one carried shows in `ActivityTaskTimedOut`, and
/// nowhere else; a last heartbeat without details leaves none. The answer is the only way in
/// which a worker learns that its task is to be canceled.
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
/// let beat = RecordActivityTaskHeartbeat {
///     task_token: task.token.clone(),
///     details: Some("3 of 7 files".into()),
/// };
/// assert!(!engine.apply(beat.clone(), now)?.cancel_requested);
///
/// let cancel = RequestCancelActivityTask { activity_id: "pack-1".into() };
/// # let decide = |decision: Decision| Decide {
/// #     domain: domain(),
/// #     workflow_id: "order-1".into(),
/// #     decisions: vec![decision],
/// #     ..Default::default()
/// # };
/// engine.apply(decide(cancel.into()), now)?;
/// assert!(engine.apply(beat, now)?.cancel_requested);
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordActivityTaskHeartbeat {
    /// Names the task.
    pub task_token: TaskToken,
    /// How far the activity is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
}

/// What the service says to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTaskStatus {
    /// Somebody asked for this task to be canceled.
    pub cancel_requested: bool,
}

impl Operation for RecordActivityTaskHeartbeat {
    const NAME: &'static str = "RecordActivityTaskHeartbeat";

    type Answer = ActivityTaskStatus;

    fn apply_to(self, engine: &mut Engine) -> Result<ActivityTaskStatus, Fault> {
        let activity = engine.started(&self.task_token)?;
        let answer = engine.beat(&activity, self.details);
        let unknown = || Fault::unknown_activity(activity.scheduled_event_id);
        let cancel_requested = answer.ok_or_else(unknown)?;
        Ok(ActivityTaskStatus { cancel_requested })
    }
}
