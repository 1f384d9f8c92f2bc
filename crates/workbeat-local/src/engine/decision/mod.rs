//! The decisions that a decider can take, one file each: its shape, its rules, and every
//! reason why it cannot be carried out.
//!
//! The causes that end in `RATE_EXCEEDED` are not among them: nothing here is throttled. Nor
//! is `OPERATION_NOT_PERMITTED`: there is no access control inside the engine.

mod cancel_timer;
mod cancel_workflow_execution;
mod complete_workflow_execution;
mod continue_as_new;
mod fail_workflow_execution;
mod outcome;
mod record_marker;
mod request_cancel_activity_task;
mod request_cancel_external;
mod schedule_activity_task;
mod schedule_lambda_function;
mod signal_external;
mod start_child;
mod start_timer;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::core::Engine;
use super::fault::Fault;
use super::ids::EventId;
use super::wire::BROKEN;

pub use cancel_timer::CancelTimer;
pub use cancel_workflow_execution::CancelWorkflowExecution;
pub use complete_workflow_execution::CompleteWorkflowExecution;
pub use continue_as_new::ContinueAsNewWorkflowExecution;
pub use fail_workflow_execution::FailWorkflowExecution;
pub use outcome::{DecisionFailure, DecisionOutcome};
pub use record_marker::RecordMarker;
pub use request_cancel_activity_task::RequestCancelActivityTask;
pub use request_cancel_external::RequestCancelExternalWorkflowExecution;
pub use schedule_activity_task::ScheduleActivityTask;
pub use schedule_lambda_function::ScheduleLambdaFunction;
pub use signal_external::SignalExternalWorkflowExecution;
pub use start_child::StartChildWorkflowExecution;
pub use start_timer::StartTimer;

/// The decision task that a decision belongs to.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) run_id: Arc<str>,
    /// Its `DecisionTaskCompleted` event.
    pub(super) completed: EventId,
    /// Whether something came since its start that the decider has not seen: then it must not
    /// close the execution.
    pub(super) unhandled: bool,
}

/// What each decision is to the engine.
trait CarryOut: Sized {
    /// How many events it takes at most.
    const EVENTS: usize = 1;
    /// Whether it closes the execution, and must be the last.
    const CLOSES: bool = false;

    /// Carries it out, or writes down why not.
    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome;
}

/// Declares the decisions: a variant each, its member name in SWF's JSON, and the shape on the
/// wire, where `decisionType` names the member that is read.
macro_rules! decisions {
    ($($(#[$doc:meta])* $name:ident in $member:ident,)*) => {
        /// One decision.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(try_from = "OnWire", into = "OnWire")]
        #[non_exhaustive]
        pub enum Decision {
            $($(#[$doc])* $name($name),)*
        }

        $(impl From<$name> for Decision {
            fn from(decision: $name) -> Self {
                Self::$name(decision)
            }
        })*

        impl Decision {
            /// How many events it takes at most.
            pub(super) fn events(&self) -> usize {
                match self {
                    $(Self::$name(_) => <$name as CarryOut>::EVENTS,)*
                }
            }

            /// Whether it closes the execution.
            pub(super) fn closes(&self) -> bool {
                match self {
                    $(Self::$name(_) => <$name as CarryOut>::CLOSES,)*
                }
            }
        }

        impl Engine {
            /// Carries out one decision of a decision task.
            pub(super) fn carry_out(
                &mut self,
                decision: Decision,
                decided: &Decided,
            ) -> DecisionOutcome {
                match decision {
                    $(Decision::$name(decision) => decision.carry_out(self, decided),)*
                }
            }
        }

        #[derive(Clone, Debug, Serialize, Deserialize)]
        enum DecisionType {
            $($name,)*
        }

        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct OnWire {
            decision_type: DecisionType,
            $(#[serde(default, skip_serializing_if = "Option::is_none")]
            $member: Option<Box<$name>>,)*
        }

        impl OnWire {
            fn of(decision_type: DecisionType) -> Self {
                Self { decision_type, $($member: None,)* }
            }
        }

        impl TryFrom<OnWire> for Decision {
            type Error = String;

            fn try_from(wire: OnWire) -> Result<Self, String> {
                match wire.decision_type {
                    $(DecisionType::$name => wire
                        .$member
                        .map(|attributes| *attributes)
                        .or_else(unsaid)
                        .map(Self::$name),)*
                }
                .ok_or_else(|| format!("{BROKEN}The attributes of a decision are missing"))
            }
        }

        impl From<Decision> for OnWire {
            fn from(decision: Decision) -> Self {
                match decision {
                    $(Decision::$name(decision) => Self {
                        $member: Some(Box::new(decision)),
                        ..Self::of(DecisionType::$name)
                    },)*
                }
            }
        }
    };
}

/// A decision whose attributes are left out; `None` if it must say something.
fn unsaid<D: serde::de::DeserializeOwned>() -> Option<D> {
    serde_json::from_value(serde_json::json!({})).ok()
}

decisions! {
    /// Schedule an activity.
    ScheduleActivityTask in schedule_activity_task_decision_attributes,
    /// Ask for an activity to be canceled.
    RequestCancelActivityTask in request_cancel_activity_task_decision_attributes,
    /// Complete the execution. It must be the last decision.
    CompleteWorkflowExecution in complete_workflow_execution_decision_attributes,
    /// Fail the execution. It must be the last decision.
    FailWorkflowExecution in fail_workflow_execution_decision_attributes,
    /// Cancel the execution. It must be the last decision.
    CancelWorkflowExecution in cancel_workflow_execution_decision_attributes,
    /// Close the execution and start another run in its place. It must be the last decision.
    ContinueAsNewWorkflowExecution in continue_as_new_workflow_execution_decision_attributes,
    /// Write a marker into the history.
    RecordMarker in record_marker_decision_attributes,
    /// Start a timer.
    StartTimer in start_timer_decision_attributes,
    /// Cancel a timer.
    CancelTimer in cancel_timer_decision_attributes,
    /// Signal another execution.
    SignalExternalWorkflowExecution in signal_external_workflow_execution_decision_attributes,
    /// Ask another execution to cancel.
    RequestCancelExternalWorkflowExecution
        in request_cancel_external_workflow_execution_decision_attributes,
    /// Start a child.
    StartChildWorkflowExecution in start_child_workflow_execution_decision_attributes,
    /// Run a Lambda function. There are none here: it always fails.
    ScheduleLambdaFunction in schedule_lambda_function_decision_attributes,
}

/// Checks the one rule about the decisions of an answer together. A malformed answer is
/// refused as a whole; a decision that cannot be carried out is an event.
pub(super) fn check_order(decisions: &[Decision]) -> Result<(), Fault> {
    let last = decisions.len().saturating_sub(1);
    if decisions.iter().take(last).any(Decision::closes) {
        return Err(Fault::validation("Close must be last decision in list"));
    }
    Ok(())
}
