//! `StartWorkflowExecution`

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{Timeout, WorkflowExecution};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::{ChildPolicy, DecisionTaskScheduled, WorkflowExecutionStarted};
use crate::engine::execution::Execution;
use crate::engine::fault::Fault;
use crate::engine::ids::WorkflowType;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// Starts an execution, and schedules its first decision task.
///
/// Workflow types need no registration yet, and the executions have no timeouts of their
/// own: what decides in them is [`Decide`](super::Decide).
///
/// A workflow id that an open execution has is a `WorkflowExecutionAlreadyStartedFault`;
/// that of a closed one can be used again, and its runs are told apart by their run ids.
///
/// ```
/// # use workbeat_local::engine::*;
/// # use workbeat::service::{ActivityType, Timeout};
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// let start = StartWorkflowExecution {
///     domain: domain(),
///     workflow_id: "order-1".into(),
///     workflow_type: WorkflowType::new("order", "1.0"),
///     ..Default::default()
/// };
/// let run = engine.apply(start, now)?;
/// let history = engine.history(&run.run_id).expect("the run is known");
/// let events: Vec<_> = history.iter().map(HistoryEvent::event_type).collect();
/// assert_eq!(events, ["WorkflowExecutionStarted", "DecisionTaskScheduled"]);
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartWorkflowExecution {
    /// The domain.
    pub domain: String,
    /// What the caller calls it; unique among the open executions of the domain.
    pub workflow_id: String,
    /// Which workflow to run.
    pub workflow_type: WorkflowType,
    /// The task list of its decision tasks; `default` if none.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list: Option<String>,
    /// What to give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// What becomes of its children when it is terminated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_policy: Option<ChildPolicy>,
}

/// Which run of the workflow was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Run {
    /// The run id: 32 hexadecimal digits.
    pub run_id: Arc<str>,
}

impl Operation for StartWorkflowExecution {
    const NAME: &'static str = "StartWorkflowExecution";

    type Answer = Run;

    fn apply_to(self, engine: &mut Engine) -> Result<Run, Fault> {
        let domain = engine.domains.key(&self.domain)?;
        if engine.open_run(&self.domain, &self.workflow_id).is_some() {
            return Err(Fault::already_started(&self.workflow_id));
        }
        let run_id = engine.seed.next_run_id();
        let workflow_id: Arc<str> = self.workflow_id.into();
        let task_list: Arc<str> = self.task_list.as_deref().unwrap_or("default").into();

        let id = WorkflowExecution::new(workflow_id.clone(), run_id.clone());
        let child_policy = self.child_policy.unwrap_or_default();
        let mut execution = Execution::new(domain, id, child_policy, task_list.clone());
        let started = WorkflowExecutionStarted {
            input: self.input,
            execution_start_to_close_timeout: Some(Timeout::None),
            task_start_to_close_timeout: Some(Timeout::None),
            child_policy,
            task_list,
            task_priority: None,
            workflow_type: self.workflow_type,
            tag_list: Vec::new(),
            continued_execution_run_id: None,
            parent_workflow_execution: None,
            lambda_role: None,
            parent_initiated_event_id: 0,
        };
        execution.record(engine.now, started);
        execution.schedule_decision(engine.now);

        engine.executions.insert(run_id.clone(), execution);
        if let Some(domain) = engine.domains.get_mut(domain) {
            domain.open.insert(workflow_id, run_id.clone());
        }
        Ok(Run { run_id })
    }
}

impl Execution {
    /// Schedules a decision task, unless one is waiting already.
    pub(super) fn schedule_decision(&mut self, now: crate::engine::Timestamp) -> i64 {
        if let Some(scheduled_event_id) = self.decision_task {
            return scheduled_event_id;
        }
        let scheduled = DecisionTaskScheduled {
            task_list: self.task_list.clone(),
            task_priority: None,
            schedule_to_start_timeout: None,
            start_to_close_timeout: Some(Timeout::None),
        };
        let scheduled_event_id = self.record(now, scheduled);
        self.decision_task = Some(scheduled_event_id);
        scheduled_event_id
    }
}
