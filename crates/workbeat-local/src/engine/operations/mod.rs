//! SWF's operations, one file each: the request, its answer, its rules.

mod count_pending_activity_tasks;
mod decide;
mod decision;
mod deprecate_activity_type;
mod describe_activity_type;
mod get_workflow_execution_history;
mod poll_for_activity_task;
mod record_activity_task_heartbeat;
mod register_activity_type;
mod register_domain;
mod request_cancel_activity_task;
mod respond_activity_task;
mod schedule_activity_task;
mod start_workflow_execution;
mod terminate_workflow_execution;

use std::sync::Arc;

use workbeat::service::{TaskToken, WorkflowExecution};

use super::core::Engine;
use super::fault::Fault;
use super::ids::ActivityKey;
use super::{activity::ActivityState, token};

pub use count_pending_activity_tasks::{CountPendingActivityTasks, PendingTaskCount};
pub use decide::{Decide, Decided};
pub use decision::{
    CompleteWorkflowExecution, Decision, DecisionFailure, DecisionOutcome,
    RequestCancelActivityTask, ScheduleActivityTask,
};
pub use deprecate_activity_type::DeprecateActivityType;
pub use describe_activity_type::{
    ActivityTypeConfiguration, ActivityTypeDetail, ActivityTypeInfo, DescribeActivityType,
    RegistrationStatus,
};
pub use get_workflow_execution_history::{GetWorkflowExecutionHistory, History};
pub use poll_for_activity_task::{PollForActivityTask, Polled};
pub use record_activity_task_heartbeat::{ActivityTaskStatus, RecordActivityTaskHeartbeat};
pub use register_activity_type::RegisterActivityType;
pub use register_domain::RegisterDomain;
pub use respond_activity_task::{
    RespondActivityTaskCanceled, RespondActivityTaskCompleted, RespondActivityTaskFailed,
};
pub use start_workflow_execution::{Run, StartWorkflowExecution};
pub use terminate_workflow_execution::TerminateWorkflowExecution;

/// One of SWF's operations, with the type of its answer.
///
/// It is implemented by each operation of this module, and by [`Request`], which is any of
/// them. It cannot be implemented elsewhere.
pub trait Operation: sealed::Sealed {
    /// What the operation answers.
    type Answer;

    /// Applies it at the engine's present time; [`Engine::apply`] is the way to call it.
    #[doc(hidden)]
    fn apply_to(self, engine: &mut Engine) -> Result<Self::Answer, Fault>;
}

mod sealed {
    /// Keeps [`Operation`](super::Operation) to this module's types.
    #[expect(unnameable_types, reason = "that nobody can name it is the point")]
    pub trait Sealed {}
}

/// Declares [`Request`] and [`Answer`] over all operations.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident -> $answer:ty,)*) => {
        /// Any of the operations; a shell that reads them from a wire makes one of these.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum Request {
            $($(#[$doc])* $name($name),)*
        }

        /// What the operation of the same name answered.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum Answer {
            $($(#[$doc])* $name($answer),)*
        }

        impl sealed::Sealed for Request {}

        impl Operation for Request {
            type Answer = Answer;

            fn apply_to(self, engine: &mut Engine) -> Result<Answer, Fault> {
                match self {
                    $(Self::$name(operation) => operation.apply_to(engine).map(Answer::$name),)*
                }
            }
        }

        $(impl sealed::Sealed for $name {}

        impl From<$name> for Request {
            fn from(operation: $name) -> Self {
                Self::$name(operation)
            }
        })*
    };
}

operations! {
    /// Makes a domain known.
    RegisterDomain -> (),
    /// Makes an activity type known.
    RegisterActivityType -> (),
    /// Asks for a type and its defaults.
    DescribeActivityType -> ActivityTypeDetail,
    /// Lets no further activity of a type be scheduled.
    DeprecateActivityType -> (),
    /// Asks for a task.
    PollForActivityTask -> Polled,
    /// Says that a task is alive.
    RecordActivityTaskHeartbeat -> ActivityTaskStatus,
    /// Completes a task.
    RespondActivityTaskCompleted -> (),
    /// Fails a task.
    RespondActivityTaskFailed -> (),
    /// Acknowledges a task's cancellation.
    RespondActivityTaskCanceled -> (),
    /// Asks how many tasks wait in a task list.
    CountPendingActivityTasks -> PendingTaskCount,
    /// Starts an execution.
    StartWorkflowExecution -> Run,
    /// Decides, in a decider's place.
    Decide -> Decided,
    /// Terminates an execution.
    TerminateWorkflowExecution -> (),
    /// Asks for an execution's history.
    GetWorkflowExecutionHistory -> History,
}

impl Engine {
    /// The started activity that a worker's token names: the one home of the late calls.
    fn started(&self, token: &TaskToken) -> Result<ActivityKey, Fault> {
        let named = token::read(&self.seed, token)?;
        let key = named.activity;
        match self
            .executions
            .get(&key.run_id)
            .filter(|found| found.domain == named.domain)
        {
            None => {
                let unknown = WorkflowExecution::new("", key.run_id);
                Err(Fault::unknown_execution(&unknown))
            }
            Some(execution) if !execution.open => Err(Fault::unknown_execution(&execution.id)),
            Some(_) => match self.activity(&key).map(|activity| &activity.state) {
                Some(ActivityState::Started { .. }) => Ok(key),
                _ => Err(Fault::unknown_activity(key.scheduled_event_id)),
            },
        }
    }

    /// The run that a workflow id, and perhaps a run id, names, if it is open.
    fn open_execution(
        &self,
        domain: &str,
        workflow_id: &str,
        run_id: Option<&str>,
    ) -> Result<Arc<str>, Fault> {
        self.domains.key(domain)?;
        let open = self.open_run(domain, workflow_id);
        match run_id {
            None => open.ok_or_else(|| Fault::unknown_workflow(workflow_id)),
            Some(run_id) => open.filter(|open| **open == *run_id).ok_or_else(|| {
                Fault::unknown_execution(&WorkflowExecution::new(workflow_id, run_id))
            }),
        }
    }
}
