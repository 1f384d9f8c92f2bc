//! The history: events with SWF's names and attributes.

mod activity;
mod cause;
mod decision;
mod workflow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::ids::EventId;
use super::time::Timestamp;

pub use activity::{
    ActivityTaskCancelRequested, ActivityTaskCanceled, ActivityTaskCompleted, ActivityTaskFailed,
    ActivityTaskScheduled, ActivityTaskStarted, ActivityTaskTimedOut,
    RequestCancelActivityTaskFailed, ScheduleActivityTaskFailed,
};
pub use cause::{
    ActivityTaskTimeoutType, ChildPolicy, RequestCancelActivityTaskFailedCause,
    ScheduleActivityTaskFailedCause, WorkflowExecutionTerminatedCause,
};
pub use decision::{DecisionTaskCompleted, DecisionTaskScheduled, DecisionTaskStarted};
pub use workflow::{
    WorkflowExecutionCompleted, WorkflowExecutionStarted, WorkflowExecutionTerminated,
};

/// One event of a history.
///
/// It serializes to SWF's JSON shape: `eventId`, `eventTimestamp`, `eventType`, and the
/// attributes under the event's own member name.
///
/// ```
/// use workbeat_local::engine::EventAttributes;
/// use workbeat_local::{LocalService, StartActivity};
///
/// let service = LocalService::new();
/// let activity = service.start(StartActivity::new("pack", "1.0").activity_id("pack-1"))?;
/// for event in activity.history() {
///     println!("{:>3} {}", event.event_id, event.event_type());
///     if let EventAttributes::ActivityTaskScheduled(scheduled) = &event.attributes {
///         assert_eq!(&*scheduled.activity_id, "pack-1");
///     }
/// }
/// # Ok::<(), workbeat_local::LocalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryEvent {
    /// Its number in the history: the first is 1, and none is left out.
    pub event_id: EventId,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub attributes: EventAttributes,
}

impl HistoryEvent {
    /// SWF's name of what happened, such as `ActivityTaskScheduled`.
    #[must_use]
    pub fn event_type(&self) -> &'static str {
        self.attributes.event_type()
    }
}

impl Serialize for HistoryEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("eventId", &self.event_id)?;
        map.serialize_entry("eventTimestamp", &self.timestamp)?;
        map.serialize_entry("eventType", self.event_type())?;
        self.attributes.serialize_entry(&mut map)?;
        map.end()
    }
}

/// Declares the events: a variant each, its member name in SWF's JSON, and the two
/// functions that need all of them.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $member:literal,)*) => {
        /// What happened, with SWF's attributes of the event.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum EventAttributes {
            $($(#[$doc])* $name($name),)*
        }

        impl EventAttributes {
            /// SWF's name of what happened, such as `ActivityTaskScheduled`.
            #[must_use]
            pub fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            fn serialize_entry<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    $(Self::$name(attributes) => map.serialize_entry($member, attributes),)*
                }
            }
        }

        $(impl From<$name> for EventAttributes {
            fn from(attributes: $name) -> Self {
                Self::$name(attributes)
            }
        })*
    };
}

events! {
    /// The execution was started.
    WorkflowExecutionStarted = "workflowExecutionStartedEventAttributes",
    /// The decider completed the execution.
    WorkflowExecutionCompleted = "workflowExecutionCompletedEventAttributes",
    /// The execution was terminated, by a person or by a quota.
    WorkflowExecutionTerminated = "workflowExecutionTerminatedEventAttributes",
    /// A decision task was scheduled.
    DecisionTaskScheduled = "decisionTaskScheduledEventAttributes",
    /// A decider took the decision task.
    DecisionTaskStarted = "decisionTaskStartedEventAttributes",
    /// The decider answered the decision task.
    DecisionTaskCompleted = "decisionTaskCompletedEventAttributes",
    /// An activity was scheduled.
    ActivityTaskScheduled = "activityTaskScheduledEventAttributes",
    /// An activity could not be scheduled.
    ScheduleActivityTaskFailed = "scheduleActivityTaskFailedEventAttributes",
    /// A worker took the activity task.
    ActivityTaskStarted = "activityTaskStartedEventAttributes",
    /// The worker completed the activity task.
    ActivityTaskCompleted = "activityTaskCompletedEventAttributes",
    /// The worker failed the activity task.
    ActivityTaskFailed = "activityTaskFailedEventAttributes",
    /// One of the activity task's four timeouts passed.
    ActivityTaskTimedOut = "activityTaskTimedOutEventAttributes",
    /// The activity task was canceled.
    ActivityTaskCanceled = "activityTaskCanceledEventAttributes",
    /// The decider asked for the activity task to be canceled.
    ActivityTaskCancelRequested = "activityTaskCancelRequestedEventAttributes",
    /// The decider asked for the cancellation of an activity that is not open.
    RequestCancelActivityTaskFailed = "requestCancelActivityTaskFailedEventAttributes",
}
