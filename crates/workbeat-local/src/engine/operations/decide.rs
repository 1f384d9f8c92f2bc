//! `Decide`: the built-in decider's `PollForDecisionTask` and
//! `RespondDecisionTaskCompleted` in one.

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::decision::{Decision, DecisionOutcome, check_order};
use crate::engine::decision_task::Completion;
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
        check_order(&self.decisions)?;
        let run_id =
            engine.open_execution(&self.domain, &self.workflow_id, self.run_id.as_deref())?;
        let unknown = || Fault::unknown_workflow(&self.workflow_id);
        let decided: usize = self.decisions.iter().map(Decision::events).sum();
        // Three for the decision cycle itself, or two if its task is scheduled already.
        if !engine.make_room(&run_id, decided.saturating_add(3)) {
            return Err(unknown());
        }
        if engine.decision_task(&run_id).is_none() {
            engine.want_decision(&run_id);
            engine.schedule_decision_task(&run_id);
        }
        let identity = Some("workbeat-local".into());
        if engine.start_decision_task(&run_id, identity).is_none() {
            return Err(Fault::validation(
                "A decider has the decision task of this execution: the built-in one cannot decide",
            ));
        }
        let completion = Completion {
            decisions: self.decisions,
            ..Completion::default()
        };
        let completed = engine.complete_decision_task(&run_id, completion);
        let (completed, outcomes) = completed.ok_or_else(unknown)?;
        Ok(Decided {
            decision_task_completed_event_id: completed,
            outcomes,
        })
    }
}
