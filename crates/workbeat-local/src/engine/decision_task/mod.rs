//! Decision tasks: at most one a run, and what asks for one.

mod complete;
mod lifecycle;
mod polled;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::event::EventAttributes;
use super::execution::HistoryPage;
use super::ids::EventId;
use super::task_list::Place;
use super::time::Timestamp;
use super::wire;

pub(super) use complete::Completion;
pub use polled::DecisionTask;

/// The deciding side of one run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Decisions {
    pub(super) task: Option<OpenDecisionTask>,
    /// An event came that a decider must see, and that the open task does not show.
    pub(super) wanted: bool,
    /// The `DecisionTaskStarted` event of the last task that a decider completed.
    pub(super) processed: EventId,
    /// Where its decision tasks go instead of the task list of its configuration.
    pub(super) task_list: Option<TaskListOverride>,
}

/// What a poll for a decision task asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct DecisionPoll {
    pub(super) identity: Option<Arc<str>>,
    pub(super) page: HistoryPage,
    /// Whether the events begin at the last task that a decider completed.
    pub(super) start_at_previous: bool,
}

/// Another task list for a run's decision tasks, as a decider asked for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TaskListOverride {
    pub(super) task_list: Arc<str>,
    /// How long a task may wait there before the override ends; for good if there is none.
    #[serde(with = "wire::timeout")]
    pub(super) schedule_to_start: Option<Timeout>,
}

/// A decision task from its scheduling to its end.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OpenDecisionTask {
    pub(super) scheduled_event_id: EventId,
    pub(super) scheduled_at: Timestamp,
    /// The task list it waits, or waited, in.
    pub(super) task_list: Arc<str>,
    /// How long it may wait there, if that is limited.
    #[serde(with = "wire::timeout")]
    pub(super) schedule_to_start: Option<Timeout>,
    pub(super) state: DecisionTaskState,
}

/// Where an open decision task stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum DecisionTaskState {
    /// It waits in its task list.
    Scheduled { place: Place },
    /// A decider has it.
    Started {
        started_event_id: EventId,
        started_at: Timestamp,
    },
}

impl OpenDecisionTask {
    /// Its `DecisionTaskStarted` event, or 0 as SWF writes it when there is none.
    pub(super) fn started_event_id(&self) -> EventId {
        match self.state {
            DecisionTaskState::Scheduled { .. } => 0,
            DecisionTaskState::Started {
                started_event_id, ..
            } => started_event_id,
        }
    }
}

impl EventAttributes {
    /// Whether a decider must see the event: whatever happens to an execution from outside,
    /// and each of its own decisions that could not be carried out.
    pub(super) fn calls_for_decision(&self) -> bool {
        matches!(
            self,
            Self::WorkflowExecutionStarted(_)
                | Self::WorkflowExecutionSignaled(_)
                | Self::WorkflowExecutionCancelRequested(_)
                | Self::DecisionTaskTimedOut(_)
                | Self::ActivityTaskCompleted(_)
                | Self::ActivityTaskFailed(_)
                | Self::ActivityTaskTimedOut(_)
                | Self::ActivityTaskCanceled(_)
                | Self::TimerFired(_)
                | Self::ChildWorkflowExecutionStarted(_)
                | Self::ChildWorkflowExecutionCompleted(_)
                | Self::ChildWorkflowExecutionFailed(_)
                | Self::ChildWorkflowExecutionTimedOut(_)
                | Self::ChildWorkflowExecutionCanceled(_)
                | Self::ChildWorkflowExecutionTerminated(_)
                | Self::ExternalWorkflowExecutionSignaled(_)
                | Self::ExternalWorkflowExecutionCancelRequested(_)
                | Self::ScheduleActivityTaskFailed(_)
                | Self::RequestCancelActivityTaskFailed(_)
                | Self::CompleteWorkflowExecutionFailed(_)
                | Self::FailWorkflowExecutionFailed(_)
                | Self::CancelWorkflowExecutionFailed(_)
                | Self::ContinueAsNewWorkflowExecutionFailed(_)
                | Self::RecordMarkerFailed(_)
                | Self::StartTimerFailed(_)
                | Self::CancelTimerFailed(_)
                | Self::StartChildWorkflowExecutionFailed(_)
                | Self::SignalExternalWorkflowExecutionFailed(_)
                | Self::RequestCancelExternalWorkflowExecutionFailed(_)
                | Self::ScheduleLambdaFunctionFailed(_)
                | Self::StartLambdaFunctionFailed(_)
        )
    }
}
