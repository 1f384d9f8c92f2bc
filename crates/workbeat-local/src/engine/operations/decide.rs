//! `Decide`: the built-in decider's `PollForDecisionTask` and
//! `RespondDecisionTaskCompleted` in one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Operation;
use super::decision::{CompleteWorkflowExecution, Decision, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{
    DecisionTaskCompleted, DecisionTaskStarted, WorkflowExecutionCompleted,
};
use crate::engine::fault::Fault;
use crate::engine::ids::EventId;

/// Decides, in a decider's place.
///
/// It is no operation of SWF. It takes the decision task of an open execution (scheduling
/// one if none waits) and answers it at once, so the history shows what a decider's would:
/// `DecisionTaskScheduled`, `DecisionTaskStarted`, `DecisionTaskCompleted`, and an event
/// for each decision.
///
/// A decision that is malformed refuses the request, and nothing is recorded. One that
/// cannot be carried out is recorded as SWF records it, and the others go on:
/// [`Decided::outcomes`] says which is which.
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
/// let decide = Decide {
///     domain: domain(),
///     workflow_id: "order-1".into(),
///     decisions: vec![
///         ScheduleActivityTask::new(pack, "pack-1").into(),
///         RequestCancelActivityTask { activity_id: "unheard-of".into() }.into(),
///     ],
///     ..Default::default()
/// };
/// let decided = engine.apply(decide, now)?;
/// assert_eq!(decided.outcomes[0].failure, None);
/// assert_eq!(
///     decided.outcomes[1].failure,
///     Some(DecisionFailure::RequestCancelActivityTask(
///         RequestCancelActivityTaskFailedCause::ActivityIdUnknown
///     ))
/// );
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decide {
    /// The domain.
    pub domain: String,
    /// The workflow id.
    pub workflow_id: String,
    /// The run; if none, the open one.
    pub run_id: Option<String>,
    /// The decisions, in order. One that closes the execution must be the last.
    pub decisions: Vec<Decision>,
}

/// What came of the decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decided {
    /// The event that all of the decisions' events point to.
    pub decision_task_completed_event_id: EventId,
    /// One for each decision, in order.
    pub outcomes: Vec<DecisionOutcome>,
}

impl Operation for Decide {
    const NAME: &'static str = "Decide";

    type Answer = Decided;

    fn apply_to(self, engine: &mut Engine) -> Result<Decided, Fault> {
        self.validate()?;
        let run_id =
            engine.open_execution(&self.domain, &self.workflow_id, self.run_id.as_deref())?;
        let decided: usize = self.decisions.iter().map(Decision::events).sum();
        // Three for the decision cycle itself, or two if its task is scheduled already.
        let events = 3 + decided;
        if !engine.make_room(&run_id, events) {
            return Err(Fault::unknown_workflow(&self.workflow_id));
        }
        let unknown = || Fault::unknown_workflow(&self.workflow_id);
        let completed = engine.decision_cycle(&run_id).ok_or_else(unknown)?;

        let mut outcomes = Vec::with_capacity(self.decisions.len());
        let mut task_lists = Vec::new();
        for decision in self.decisions {
            outcomes.push(match decision {
                Decision::ScheduleActivityTask(decision) => {
                    let (outcome, list) = engine.schedule(&run_id, decision, completed);
                    task_lists.extend(list);
                    outcome
                }
                Decision::RequestCancelActivityTask(decision) => {
                    engine.request_cancel(&run_id, &decision.activity_id, completed)
                }
                Decision::CompleteWorkflowExecution(decision) => {
                    engine.complete_execution(&run_id, decision, completed)
                }
            });
        }
        // Only now: the events of one decision task stand together in the history.
        for list in task_lists {
            engine.match_task_list(&list);
        }
        Ok(Decided {
            decision_task_completed_event_id: completed,
            outcomes,
        })
    }
}

impl Decide {
    fn validate(&self) -> Result<(), Fault> {
        let last = self.decisions.len().saturating_sub(1);
        if self.decisions.iter().take(last).any(Decision::closes) {
            return Err(Fault::validation("Close must be last decision in list"));
        }
        Ok(())
    }
}

impl Engine {
    /// Takes and answers the decision task; its `DecisionTaskCompleted` event.
    fn decision_cycle(&mut self, run_id: &Arc<str>) -> Option<EventId> {
        let now = self.now;
        let execution = self.executions.get_mut(run_id)?;
        let scheduled_event_id = execution.schedule_decision(now);
        execution.decision_task = None;
        let identity = Some("workbeat-local".into());
        let started = DecisionTaskStarted {
            identity,
            scheduled_event_id,
        };
        let started_event_id = execution.record(now, started);
        let completed = DecisionTaskCompleted {
            execution_context: None,
            scheduled_event_id,
            started_event_id,
            task_list: None,
            task_list_schedule_to_start_timeout: None,
        };
        Some(execution.record(now, completed))
    }

    fn complete_execution(
        &mut self,
        run_id: &Arc<str>,
        decision: CompleteWorkflowExecution,
        decision_task_completed_event_id: EventId,
    ) -> DecisionOutcome {
        let event_id = self.next_event_id(run_id);
        let result = decision.result;
        let event = WorkflowExecutionCompleted {
            result,
            decision_task_completed_event_id,
        };
        self.close_execution(run_id, event);
        DecisionOutcome {
            event_id,
            failure: None,
        }
    }

    pub(super) fn next_event_id(&self, run_id: &Arc<str>) -> EventId {
        self.executions
            .get(run_id)
            .map_or(0, |execution| execution.next_event_id())
    }
}
