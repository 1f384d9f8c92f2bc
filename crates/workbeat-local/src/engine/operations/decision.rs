//! The decisions that a decider can take, and what came of them.

use serde::{Deserialize, Serialize};
use workbeat::service::{ActivityType, Timeout};

use crate::engine::event::{RequestCancelActivityTaskFailedCause, ScheduleActivityTaskFailedCause};
use crate::engine::ids::EventId;
use crate::engine::payload::Payload;
use crate::engine::wire::{self, BROKEN};

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

        #[derive(Clone, Debug, Serialize, Deserialize)]
        enum DecisionType {
            $($name,)*
        }

        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct OnWire {
            decision_type: DecisionType,
            $(#[serde(default, skip_serializing_if = "Option::is_none")]
            $member: Option<$name>,)*
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
                    $(DecisionType::$name => wire.$member.map(Self::$name),)*
                }
                .ok_or_else(|| format!("{BROKEN}The attributes of a decision are missing"))
            }
        }

        impl From<Decision> for OnWire {
            fn from(decision: Decision) -> Self {
                match decision {
                    $(Decision::$name(decision) => Self {
                        $member: Some(decision),
                        ..Self::of(DecisionType::$name)
                    },)*
                }
            }
        }
    };
}

decisions! {
    /// Schedule an activity.
    ScheduleActivityTask in schedule_activity_task_decision_attributes,
    /// Ask for an activity to be canceled.
    RequestCancelActivityTask in request_cancel_activity_task_decision_attributes,
    /// Complete the execution. It must be the last decision.
    CompleteWorkflowExecution in complete_workflow_execution_decision_attributes,
}

/// Schedule an activity.
///
/// Its task goes to the poll that waits longest at its task list, or waits there itself.
/// What is `None` is filled in from the defaults of the type. A default that is missing too
/// makes a [`DecisionFailure`], unless the settings are
/// [lenient](crate::engine::Settings::lenient_types).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleActivityTask {
    /// Which activity to run.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
    /// What the decider calls it; unique among the open activities of the execution.
    pub activity_id: String,
    /// What the decider notes for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// What the decider passes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may take altogether.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_to_close_timeout: Option<Timeout>,
    /// The task list it goes to.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list: Option<String>,
    /// Its priority; higher first.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// How long it may wait for a worker.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_to_start_timeout: Option<Timeout>,
    /// How long it may run.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_to_close_timeout: Option<Timeout>,
    /// The longest time between two heartbeats.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub heartbeat_timeout: Option<Timeout>,
}

impl ScheduleActivityTask {
    /// An activity without input, with the defaults of its type.
    pub fn new(activity_type: ActivityType, activity_id: impl Into<String>) -> Self {
        Self {
            activity_type,
            activity_id: activity_id.into(),
            control: None,
            input: None,
            schedule_to_close_timeout: None,
            task_list: None,
            task_priority: None,
            schedule_to_start_timeout: None,
            start_to_close_timeout: None,
            heartbeat_timeout: None,
        }
    }
}

/// Ask for an activity to be canceled.
///
/// Before a worker has taken the task this closes it, with an `ActivityTaskCanceled` whose
/// `startedEventId` is 0. After that it is a request, which the worker may ignore.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCancelActivityTask {
    /// What the decider called it.
    pub activity_id: String,
}

/// Complete the execution.
///
/// Activities that are still open are over without an event of their own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteWorkflowExecution {
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Payload>,
}

/// What came of one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecisionOutcome {
    /// The event that records it.
    pub event_id: EventId,
    /// Why it could not be carried out, if it could not.
    pub failure: Option<DecisionFailure>,
}

/// Why a decision could not be carried out. Its event says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecisionFailure {
    /// The activity could not be scheduled.
    ScheduleActivityTask(ScheduleActivityTaskFailedCause),
    /// The cancellation could not be requested.
    RequestCancelActivityTask(RequestCancelActivityTaskFailedCause),
}

impl Decision {
    /// How many events it takes at most.
    pub(super) fn events(&self) -> usize {
        match self {
            Self::ScheduleActivityTask(_) | Self::CompleteWorkflowExecution(_) => 1,
            // Before the start, the request and the end.
            Self::RequestCancelActivityTask(_) => 2,
        }
    }

    /// Whether it closes the execution.
    pub(super) fn closes(&self) -> bool {
        matches!(self, Self::CompleteWorkflowExecution(_))
    }
}
