//! `TerminateWorkflowExecution`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::{
    ChildPolicy, WorkflowExecutionTerminated, WorkflowExecutionTerminatedCause,
};
use crate::engine::fault::Fault;
use crate::engine::payload::Payload;

/// Terminates an execution. Its open activities are over: their workers' next call says so.
///
/// No event is written for an activity that is closed in this way, and none of its timeouts
/// comes any more. A task that still waits in its list is taken out of it.
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
/// let terminate = TerminateWorkflowExecution {
///     domain: domain(),
///     workflow_id: "order-1".into(),
///     reason: Some("not needed any more".into()),
///     ..Default::default()
/// };
/// engine.apply(terminate, now)?;
/// let beat = RecordActivityTaskHeartbeat { task_token: task.token, details: None };
/// let fault = engine.apply(beat, now).unwrap_err();
/// assert_eq!(fault.kind(), FaultKind::UnknownResource(Resource::Execution));
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TerminateWorkflowExecution {
    /// The domain.
    pub domain: String,
    /// The workflow id.
    pub workflow_id: String,
    /// The run; if none, the open one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Why, in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why, at length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Payload>,
    /// What becomes of its children; if none, what its start said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_policy: Option<ChildPolicy>,
}

impl Operation for TerminateWorkflowExecution {
    const NAME: &'static str = "TerminateWorkflowExecution";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let run_id =
            engine.open_execution(&self.domain, &self.workflow_id, self.run_id.as_deref())?;
        let execution = engine.open(&run_id);
        let policy = execution.map(|execution| execution.configuration.child_policy);
        let terminated = WorkflowExecutionTerminated {
            reason: self.reason.map(Into::into),
            details: self.details,
            child_policy: self.child_policy.or(policy).unwrap_or_default(),
            cause: Some(WorkflowExecutionTerminatedCause::OperatorInitiated),
        };
        engine.close_execution(&run_id, terminated);
        Ok(())
    }
}
