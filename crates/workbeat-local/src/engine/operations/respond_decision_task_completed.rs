//! `RespondDecisionTaskCompleted`

use serde::{Deserialize, Serialize};
use workbeat::service::{TaskToken, Timeout};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::decision::{Decision, check_order};
use crate::engine::decision_task::{Completion, TaskListOverride};
use crate::engine::fault::Fault;
use crate::engine::payload::Payload;
use crate::engine::wire;

/// Completes a decision task with what was decided.
///
/// The decisions are carried out in order, each with an event of its own. A decision that is
/// malformed refuses the whole answer; one that cannot be carried out is an event too, and the
/// others go on. What they ask of other executions comes after them.
///
/// A second answer for the same task, or one that comes after it timed out, is an
/// `UnknownResourceFault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RespondDecisionTaskCompleted {
    /// Names the task.
    pub task_token: TaskToken,
    /// The decisions, in order. One that closes the execution must be the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<Vec<Decision>>,
    /// What the decider keeps with the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_context: Option<Payload>,
    /// Where the execution's decision tasks go from now on.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list: Option<String>,
    /// How long a decision task may wait there before they go to the old task list again; for
    /// good if it does not say.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list_schedule_to_start_timeout: Option<Timeout>,
}

impl Default for RespondDecisionTaskCompleted {
    fn default() -> Self {
        Self {
            task_token: TaskToken::new(""),
            decisions: None,
            execution_context: None,
            task_list: None,
            task_list_schedule_to_start_timeout: None,
        }
    }
}

impl Operation for RespondDecisionTaskCompleted {
    const NAME: &'static str = "RespondDecisionTaskCompleted";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let decisions = self.decisions.unwrap_or_default();
        check_order(&decisions)?;
        let run_id = engine.deciding(&self.task_token)?;
        let schedule_to_start = self.task_list_schedule_to_start_timeout;
        let task_list = self.task_list.map(|task_list| TaskListOverride {
            task_list: task_list.into(),
            schedule_to_start: schedule_to_start.map(wire::rounded),
        });
        let completion = Completion {
            decisions,
            execution_context: self.execution_context,
            task_list,
        };
        let unknown = engine.workflow(&run_id).map(|(_, id)| id.clone());
        match (engine.complete_decision_task(&run_id, completion), unknown) {
            // The history could not take the answer: the run is closed.
            (None, Some(id)) => Err(Fault::unknown_execution(&id)),
            _ => Ok(()),
        }
    }
}
