//! SWF's operations, one file each: the request, its answer, its rules.

mod count_closed_workflow_executions;
mod count_open_workflow_executions;
mod count_pending_activity_tasks;
mod count_pending_decision_tasks;
mod decide;
mod delete_activity_type;
mod delete_workflow_type;
mod deprecate_activity_type;
mod deprecate_domain;
mod deprecate_workflow_type;
mod describe_activity_type;
mod describe_domain;
mod describe_workflow_execution;
mod describe_workflow_type;
mod get_workflow_execution_history;
mod list_activity_types;
mod list_closed_workflow_executions;
mod list_domains;
mod list_open_workflow_executions;
mod list_tags_for_resource;
mod list_workflow_types;
mod named;
mod poll_for_activity_task;
mod poll_for_decision_task;
mod record_activity_task_heartbeat;
mod register_activity_type;
mod register_domain;
mod register_workflow_type;
mod request_cancel_workflow_execution;
mod respond_activity_task;
mod respond_decision_task_completed;
mod signal_workflow_execution;
mod start_workflow_execution;
mod tag_resource;
mod terminate_workflow_execution;
mod undeprecate_activity_type;
mod undeprecate_domain;
mod undeprecate_workflow_type;
mod untag_resource;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::{Answered, OnWire, text};
use super::core::Engine;
use super::fault::Fault;
use super::time::Timestamp;
use super::visibility::WorkflowExecutionInfos;

pub use count_closed_workflow_executions::CountClosedWorkflowExecutions;
pub use count_open_workflow_executions::{CountOpenWorkflowExecutions, WorkflowExecutionCount};
pub use count_pending_activity_tasks::{CountPendingActivityTasks, PendingTaskCount};
pub use count_pending_decision_tasks::CountPendingDecisionTasks;
pub use decide::{Decide, Decided};
pub use delete_activity_type::DeleteActivityType;
pub use delete_workflow_type::DeleteWorkflowType;
pub use deprecate_activity_type::DeprecateActivityType;
pub use deprecate_domain::DeprecateDomain;
pub use deprecate_workflow_type::DeprecateWorkflowType;
pub use describe_activity_type::{
    ActivityTypeConfiguration, ActivityTypeDetail, ActivityTypeInfo, DescribeActivityType,
};
pub use describe_domain::{DescribeDomain, DomainConfiguration, DomainDetail, DomainInfo};
pub use describe_workflow_execution::{
    DescribeWorkflowExecution, WorkflowExecutionConfiguration, WorkflowExecutionDetail,
    WorkflowExecutionOpenCounts,
};
pub use describe_workflow_type::{
    DescribeWorkflowType, WorkflowTypeConfiguration, WorkflowTypeDetail, WorkflowTypeInfo,
};
pub use get_workflow_execution_history::{GetWorkflowExecutionHistory, History};
pub use list_activity_types::{ActivityTypeInfos, ListActivityTypes};
pub use list_closed_workflow_executions::ListClosedWorkflowExecutions;
pub use list_domains::{DomainInfos, ListDomains};
pub use list_open_workflow_executions::ListOpenWorkflowExecutions;
pub use list_tags_for_resource::{ListTagsForResource, ResourceTags};
pub use list_workflow_types::{ListWorkflowTypes, WorkflowTypeInfos};
pub use poll_for_activity_task::{PollForActivityTask, Polled};
pub use poll_for_decision_task::{PollForDecisionTask, PolledForDecision};
pub use record_activity_task_heartbeat::{ActivityTaskStatus, RecordActivityTaskHeartbeat};
pub use register_activity_type::RegisterActivityType;
pub use register_domain::RegisterDomain;
pub use register_workflow_type::RegisterWorkflowType;
pub use request_cancel_workflow_execution::RequestCancelWorkflowExecution;
pub use respond_activity_task::{
    RespondActivityTaskCanceled, RespondActivityTaskCompleted, RespondActivityTaskFailed,
};
pub use respond_decision_task_completed::RespondDecisionTaskCompleted;
pub use signal_workflow_execution::SignalWorkflowExecution;
pub use start_workflow_execution::{Run, StartWorkflowExecution};
pub use tag_resource::TagResource;
pub use terminate_workflow_execution::TerminateWorkflowExecution;
pub use undeprecate_activity_type::UndeprecateActivityType;
pub use undeprecate_domain::UndeprecateDomain;
pub use undeprecate_workflow_type::UndeprecateWorkflowType;
pub use untag_resource::UntagResource;

/// One of SWF's operations, with the type of its answer.
///
/// It is implemented by each operation of this module and cannot be implemented elsewhere.
/// As JSON an operation has SWF's own shape, so [`Engine::call`] takes it by its name.
pub trait Operation: sealed::Sealed + Serialize + DeserializeOwned {
    /// SWF's name of the operation.
    const NAME: &'static str;

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

/// Declares the operations that a wire can name, and how one is found by its name.
macro_rules! operations {
    ($($name:ident,)*) => {
        $(impl sealed::Sealed for $name {})*

        /// Applies the operation `name` that stands in `input`.
        pub(super) fn dispatch(
            engine: &mut Engine,
            name: &str,
            input: &Value,
            now: Timestamp,
        ) -> Result<Answered, Fault> {
            match name {
                $($name::NAME => engine.call_as::<$name>(input, now),)*
                _ => Err(Fault::unknown_operation(name)),
            }
        }
    };
}

operations! {
    CountClosedWorkflowExecutions,
    CountOpenWorkflowExecutions,
    CountPendingActivityTasks,
    CountPendingDecisionTasks,
    DeleteActivityType,
    DeleteWorkflowType,
    DeprecateActivityType,
    DeprecateDomain,
    DeprecateWorkflowType,
    DescribeActivityType,
    DescribeDomain,
    DescribeWorkflowExecution,
    DescribeWorkflowType,
    GetWorkflowExecutionHistory,
    ListActivityTypes,
    ListClosedWorkflowExecutions,
    ListDomains,
    ListOpenWorkflowExecutions,
    ListTagsForResource,
    ListWorkflowTypes,
    PollForActivityTask,
    PollForDecisionTask,
    RecordActivityTaskHeartbeat,
    RegisterActivityType,
    RegisterDomain,
    RegisterWorkflowType,
    RequestCancelWorkflowExecution,
    RespondActivityTaskCanceled,
    RespondActivityTaskCompleted,
    RespondActivityTaskFailed,
    RespondDecisionTaskCompleted,
    SignalWorkflowExecution,
    StartWorkflowExecution,
    TagResource,
    TerminateWorkflowExecution,
    UndeprecateActivityType,
    UndeprecateDomain,
    UndeprecateWorkflowType,
    UntagResource,
}

/// The built-in decider's, which no wire can name.
impl sealed::Sealed for Decide {}

/// The answers that the wire has as they are.
macro_rules! json_answers {
    ($($answer:ty,)*) => {
        $(impl OnWire for $answer {
            fn on_wire(self) -> Answered {
                Answered::Done(text(&self))
            }
        })*
    };
}

json_answers! {
    ActivityTaskStatus,
    ActivityTypeDetail,
    ActivityTypeInfos,
    DomainDetail,
    DomainInfos,
    History,
    PendingTaskCount,
    ResourceTags,
    Run,
    WorkflowExecutionCount,
    WorkflowExecutionDetail,
    WorkflowExecutionInfos,
    WorkflowTypeDetail,
    WorkflowTypeInfos,
}
