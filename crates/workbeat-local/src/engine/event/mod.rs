//! The history: events with SWF's names and attributes.

mod activity;
mod cause;
mod child;
mod closing;
mod decision;
mod external;
mod lambda;
mod marker;
mod signal;
mod timeout;
mod timer;
mod workflow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ids::EventId;
use super::time::Timestamp;

pub use activity::{
    ActivityTaskCancelRequested, ActivityTaskCanceled, ActivityTaskCompleted, ActivityTaskFailed,
    ActivityTaskScheduled, ActivityTaskStarted, ActivityTaskTimedOut,
    RequestCancelActivityTaskFailed, ScheduleActivityTaskFailed,
};
pub use cause::{
    CancelTimerFailedCause, CancelWorkflowExecutionFailedCause, ChildPolicy,
    CompleteWorkflowExecutionFailedCause, ContinueAsNewWorkflowExecutionFailedCause,
    FailWorkflowExecutionFailedCause, RecordMarkerFailedCause,
    RequestCancelActivityTaskFailedCause, RequestCancelExternalWorkflowExecutionFailedCause,
    ScheduleActivityTaskFailedCause, ScheduleLambdaFunctionFailedCause,
    SignalExternalWorkflowExecutionFailedCause, StartChildWorkflowExecutionFailedCause,
    StartLambdaFunctionFailedCause, StartTimerFailedCause, WorkflowExecutionCancelRequestedCause,
    WorkflowExecutionTerminatedCause,
};
pub use child::{
    ChildWorkflowExecutionCanceled, ChildWorkflowExecutionCompleted, ChildWorkflowExecutionFailed,
    ChildWorkflowExecutionStarted, ChildWorkflowExecutionTerminated,
    ChildWorkflowExecutionTimedOut, StartChildWorkflowExecutionFailed,
    StartChildWorkflowExecutionInitiated,
};
pub use closing::{
    CancelWorkflowExecutionFailed, CompleteWorkflowExecutionFailed,
    ContinueAsNewWorkflowExecutionFailed, FailWorkflowExecutionFailed,
};
pub use decision::{
    DecisionTaskCompleted, DecisionTaskScheduled, DecisionTaskStarted, DecisionTaskTimedOut,
};
pub use external::{
    ExternalWorkflowExecutionCancelRequested, RequestCancelExternalWorkflowExecutionFailed,
    RequestCancelExternalWorkflowExecutionInitiated,
};
pub use lambda::{
    LambdaFunctionCompleted, LambdaFunctionFailed, LambdaFunctionScheduled, LambdaFunctionStarted,
    LambdaFunctionTimedOut, ScheduleLambdaFunctionFailed, StartLambdaFunctionFailed,
};
pub use marker::{MarkerRecorded, RecordMarkerFailed};
pub use signal::{
    ExternalWorkflowExecutionSignaled, SignalExternalWorkflowExecutionFailed,
    SignalExternalWorkflowExecutionInitiated, WorkflowExecutionSignaled,
};
pub use timeout::{
    ActivityTaskTimeoutType, DecisionTaskTimeoutType, LambdaFunctionTimeoutType,
    WorkflowExecutionTimeoutType,
};
pub use timer::{CancelTimerFailed, StartTimerFailed, TimerCanceled, TimerFired, TimerStarted};
pub use workflow::{
    WorkflowExecutionCancelRequested, WorkflowExecutionCanceled, WorkflowExecutionCompleted,
    WorkflowExecutionContinuedAsNew, WorkflowExecutionFailed, WorkflowExecutionStarted,
    WorkflowExecutionTerminated, WorkflowExecutionTimedOut,
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

/// An event as it stands on SWF's wire. What it says of its type is said twice: by its name
/// and by the member that its attributes are under, which is the one that counts.
#[derive(Serialize, Deserialize)]
#[serde(rename = "HistoryEvent", rename_all = "camelCase")]
struct Shape<A> {
    event_timestamp: Timestamp,
    #[serde(skip_deserializing)]
    event_type: &'static str,
    event_id: EventId,
    #[serde(flatten)]
    attributes: A,
}

impl Serialize for HistoryEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shape = Shape {
            event_timestamp: self.timestamp,
            event_type: self.event_type(),
            event_id: self.event_id,
            attributes: &self.attributes,
        };
        shape.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HistoryEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shape = Shape::<EventAttributes>::deserialize(deserializer)?;
        Ok(Self {
            event_id: shape.event_id,
            timestamp: shape.event_timestamp,
            attributes: shape.attributes,
        })
    }
}

/// Declares the events: a variant each, and its member name in SWF's JSON.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $member:literal,)*) => {
        /// What happened, with SWF's attributes of the event.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum EventAttributes {
            $(
                $(#[$doc])*
                #[serde(rename = $member)]
                $name($name),
            )*
        }

        impl EventAttributes {
            /// SWF's name of what happened, such as `ActivityTaskScheduled`.
            #[must_use]
            pub fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
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
    /// Somebody asked for the execution to be canceled.
    WorkflowExecutionCancelRequested = "workflowExecutionCancelRequestedEventAttributes",
    /// The decider completed the execution.
    WorkflowExecutionCompleted = "workflowExecutionCompletedEventAttributes",
    /// The decider could not complete the execution.
    CompleteWorkflowExecutionFailed = "completeWorkflowExecutionFailedEventAttributes",
    /// The decider failed the execution.
    WorkflowExecutionFailed = "workflowExecutionFailedEventAttributes",
    /// The decider could not fail the execution.
    FailWorkflowExecutionFailed = "failWorkflowExecutionFailedEventAttributes",
    /// The execution took too long.
    WorkflowExecutionTimedOut = "workflowExecutionTimedOutEventAttributes",
    /// The decider canceled the execution.
    WorkflowExecutionCanceled = "workflowExecutionCanceledEventAttributes",
    /// The decider could not cancel the execution.
    CancelWorkflowExecutionFailed = "cancelWorkflowExecutionFailedEventAttributes",
    /// The decider closed the execution and started the next run of its workflow.
    WorkflowExecutionContinuedAsNew = "workflowExecutionContinuedAsNewEventAttributes",
    /// The decider could not continue the execution as a new one.
    ContinueAsNewWorkflowExecutionFailed = "continueAsNewWorkflowExecutionFailedEventAttributes",
    /// The execution was terminated.
    WorkflowExecutionTerminated = "workflowExecutionTerminatedEventAttributes",
    /// A decision task was scheduled.
    DecisionTaskScheduled = "decisionTaskScheduledEventAttributes",
    /// A decider took the decision task.
    DecisionTaskStarted = "decisionTaskStartedEventAttributes",
    /// The decider answered the decision task.
    DecisionTaskCompleted = "decisionTaskCompletedEventAttributes",
    /// The decider did not answer the decision task in time.
    DecisionTaskTimedOut = "decisionTaskTimedOutEventAttributes",
    /// An activity was scheduled. The defaults of its type are filled in.
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
    /// The execution received a signal.
    WorkflowExecutionSignaled = "workflowExecutionSignaledEventAttributes",
    /// The decider recorded a marker.
    MarkerRecorded = "markerRecordedEventAttributes",
    /// A marker could not be recorded.
    RecordMarkerFailed = "recordMarkerFailedEventAttributes",
    /// The decider started a timer.
    TimerStarted = "timerStartedEventAttributes",
    /// A timer could not be started.
    StartTimerFailed = "startTimerFailedEventAttributes",
    /// The time of a timer has come.
    TimerFired = "timerFiredEventAttributes",
    /// The decider canceled a timer.
    TimerCanceled = "timerCanceledEventAttributes",
    /// The decider canceled a timer that is not open.
    CancelTimerFailed = "cancelTimerFailedEventAttributes",
    /// The decider asked for a child workflow to be started. The defaults of its type are filled in.
    StartChildWorkflowExecutionInitiated = "startChildWorkflowExecutionInitiatedEventAttributes",
    /// The child workflow could not be started.
    StartChildWorkflowExecutionFailed = "startChildWorkflowExecutionFailedEventAttributes",
    /// The child workflow was started.
    ChildWorkflowExecutionStarted = "childWorkflowExecutionStartedEventAttributes",
    /// The child workflow was completed.
    ChildWorkflowExecutionCompleted = "childWorkflowExecutionCompletedEventAttributes",
    /// The child workflow failed.
    ChildWorkflowExecutionFailed = "childWorkflowExecutionFailedEventAttributes",
    /// The child workflow took too long.
    ChildWorkflowExecutionTimedOut = "childWorkflowExecutionTimedOutEventAttributes",
    /// The child workflow was canceled.
    ChildWorkflowExecutionCanceled = "childWorkflowExecutionCanceledEventAttributes",
    /// The child workflow was terminated.
    ChildWorkflowExecutionTerminated = "childWorkflowExecutionTerminatedEventAttributes",
    /// The decider asked for a signal to be sent to another execution.
    SignalExternalWorkflowExecutionInitiated = "signalExternalWorkflowExecutionInitiatedEventAttributes",
    /// The signal could not be sent.
    SignalExternalWorkflowExecutionFailed = "signalExternalWorkflowExecutionFailedEventAttributes",
    /// The other execution has the signal.
    ExternalWorkflowExecutionSignaled = "externalWorkflowExecutionSignaledEventAttributes",
    /// The decider asked for the cancellation of another execution.
    RequestCancelExternalWorkflowExecutionInitiated = "requestCancelExternalWorkflowExecutionInitiatedEventAttributes",
    /// The other execution could not be asked.
    RequestCancelExternalWorkflowExecutionFailed = "requestCancelExternalWorkflowExecutionFailedEventAttributes",
    /// The other execution was asked to cancel.
    ExternalWorkflowExecutionCancelRequested = "externalWorkflowExecutionCancelRequestedEventAttributes",
    /// A Lambda function was scheduled.
    LambdaFunctionScheduled = "lambdaFunctionScheduledEventAttributes",
    /// The function was invoked.
    LambdaFunctionStarted = "lambdaFunctionStartedEventAttributes",
    /// The function returned.
    LambdaFunctionCompleted = "lambdaFunctionCompletedEventAttributes",
    /// The function failed.
    LambdaFunctionFailed = "lambdaFunctionFailedEventAttributes",
    /// The function ran for too long.
    LambdaFunctionTimedOut = "lambdaFunctionTimedOutEventAttributes",
    /// A Lambda function could not be scheduled.
    ScheduleLambdaFunctionFailed = "scheduleLambdaFunctionFailedEventAttributes",
    /// The function could not be invoked.
    StartLambdaFunctionFailed = "startLambdaFunctionFailedEventAttributes",
}
