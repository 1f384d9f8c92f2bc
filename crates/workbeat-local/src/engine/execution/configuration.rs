//! An execution's configuration: what its start says, and the defaults of its type.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use crate::engine::core::Engine;
use crate::engine::domain::WorkflowDefaults;
use crate::engine::event::{
    ChildPolicy, ContinueAsNewWorkflowExecutionFailedCause, StartChildWorkflowExecutionFailedCause,
};
use crate::engine::ids::{DomainKey, WorkflowType};
use crate::engine::wire;

/// What holds for an execution, all of it decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::engine) struct Configuration {
    /// The task list of its decision tasks.
    pub(in crate::engine) task_list: Arc<str>,
    /// The priority of its decision tasks; 0 if none.
    pub(in crate::engine) task_priority: Option<i32>,
    #[serde(with = "wire::required_timeout")]
    pub(in crate::engine) execution_start_to_close: Timeout,
    #[serde(with = "wire::required_timeout")]
    pub(in crate::engine) task_start_to_close: Timeout,
    pub(in crate::engine) child_policy: ChildPolicy,
    pub(in crate::engine) lambda_role: Option<Arc<str>>,
}

/// What a start says itself of its configuration.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Overrides {
    pub(in crate::engine) task_list: Option<String>,
    pub(in crate::engine) task_priority: Option<i32>,
    pub(in crate::engine) execution_start_to_close: Option<Timeout>,
    pub(in crate::engine) task_start_to_close: Option<Timeout>,
    pub(in crate::engine) child_policy: Option<ChildPolicy>,
    pub(in crate::engine) lambda_role: Option<String>,
}

/// Why a configuration cannot be settled. A start answers it with a fault, a decision with
/// the cause of its failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Unsettled {
    TypeDoesNotExist,
    TypeDeprecated,
    ExecutionStartToCloseTimeout,
    TaskStartToCloseTimeout,
    TaskList,
    ChildPolicy,
}

/// The causes of the two decisions that start an execution, under the names that they share.
macro_rules! causes {
    ($($cause:ident,)*) => {$(
        impl From<Unsettled> for $cause {
            fn from(unsettled: Unsettled) -> Self {
                match unsettled {
                    Unsettled::TypeDoesNotExist => Self::WorkflowTypeDoesNotExist,
                    Unsettled::TypeDeprecated => Self::WorkflowTypeDeprecated,
                    Unsettled::ExecutionStartToCloseTimeout => {
                        Self::DefaultExecutionStartToCloseTimeoutUndefined
                    }
                    Unsettled::TaskStartToCloseTimeout => {
                        Self::DefaultTaskStartToCloseTimeoutUndefined
                    }
                    Unsettled::TaskList => Self::DefaultTaskListUndefined,
                    Unsettled::ChildPolicy => Self::DefaultChildPolicyUndefined,
                }
            }
        }
    )*};
}

causes! {
    StartChildWorkflowExecutionFailedCause,
    ContinueAsNewWorkflowExecutionFailedCause,
}

impl Engine {
    /// Fills in the defaults of a workflow type, or says what is missing.
    ///
    /// Lenient settings take a type that nobody registered, and what nobody says is then no
    /// timeout, the task list `default`, and termination of the children.
    pub(in crate::engine) fn configure(
        &self,
        domain: DomainKey,
        workflow_type: &WorkflowType,
        overrides: &Overrides,
    ) -> Result<Configuration, Unsettled> {
        let lenient = self.settings.takes_any_workflow();
        let types = self.domains.get(domain).map(|it| &it.workflow_types);
        let undeclared = WorkflowDefaults::default();
        let defaults = match types.and_then(|types| types.get(workflow_type)) {
            Some(known) if known.deprecated.is_some() => return Err(Unsettled::TypeDeprecated),
            Some(known) => &known.defaults,
            None if lenient => &undeclared,
            None => return Err(Unsettled::TypeDoesNotExist),
        };
        let no_timeout = lenient.then_some(Timeout::None);
        let timeout = |own: Option<Timeout>, default: Option<Timeout>, missing| {
            let settled = own.or(default).or(no_timeout);
            settled.map(wire::rounded).ok_or(missing)
        };
        let task_list = overrides.task_list.as_deref();
        let task_list = task_list.or(defaults.task_list.as_deref());
        let task_list = task_list.or_else(|| lenient.then_some("default"));
        let child_policy = overrides.child_policy.or(defaults.child_policy);
        let child_policy = child_policy.or_else(|| lenient.then_some(ChildPolicy::Terminate));
        let lambda_role = overrides.lambda_role.as_deref();
        let lambda_role = lambda_role.or(defaults.lambda_role.as_deref());
        // In the order in which SWF asks for them.
        let execution_start_to_close = timeout(
            overrides.execution_start_to_close,
            defaults.execution_start_to_close,
            Unsettled::ExecutionStartToCloseTimeout,
        )?;
        let task_list = task_list.ok_or(Unsettled::TaskList)?.into();
        let task_start_to_close = timeout(
            overrides.task_start_to_close,
            defaults.task_start_to_close,
            Unsettled::TaskStartToCloseTimeout,
        )?;
        Ok(Configuration {
            task_list,
            task_priority: overrides.task_priority.or(defaults.priority),
            execution_start_to_close,
            task_start_to_close,
            child_policy: child_policy.ok_or(Unsettled::ChildPolicy)?,
            lambda_role: lambda_role.map(Into::into),
        })
    }
}
