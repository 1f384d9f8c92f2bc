//! `DescribeWorkflowType`

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::{RegisteredWorkflowType, RegistrationStatus, known};
use crate::engine::event::ChildPolicy;
use crate::engine::fault::Fault;
use crate::engine::ids::WorkflowType;
use crate::engine::time::Timestamp;
use crate::engine::wire;

/// Asks for a workflow type and its defaults.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeWorkflowType {
    /// The domain.
    pub domain: String,
    /// The type.
    pub workflow_type: WorkflowType,
}

/// A workflow type and its defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowTypeDetail {
    /// The type and its state.
    pub type_info: WorkflowTypeInfo,
    /// What holds where a start does not say.
    pub configuration: WorkflowTypeConfiguration,
}

/// A workflow type and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowTypeInfo {
    /// The type.
    pub workflow_type: WorkflowType,
    /// Whether executions of it can be started.
    pub status: RegistrationStatus,
    /// What it does, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was registered.
    pub creation_date: Timestamp,
    /// When it was deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation_date: Option<Timestamp>,
}

/// What holds for an execution where its start does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkflowTypeConfiguration {
    /// How long a decision task may take.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub default_task_start_to_close_timeout: Option<Timeout>,
    /// How long an execution may take.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub default_execution_start_to_close_timeout: Option<Timeout>,
    /// The task list of its decision tasks.
    #[serde(
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_list: Option<String>,
    /// The priority of its decision tasks; higher first.
    #[serde(with = "wire::priority", skip_serializing_if = "Option::is_none")]
    pub default_task_priority: Option<i32>,
    /// What becomes of an execution's children when it is terminated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_child_policy: Option<ChildPolicy>,
    /// The IAM role by which an execution invokes Lambda functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_lambda_role: Option<String>,
}

impl Operation for DescribeWorkflowType {
    const NAME: &'static str = "DescribeWorkflowType";

    type Answer = WorkflowTypeDetail;

    fn apply_to(self, engine: &mut Engine) -> Result<WorkflowTypeDetail, Fault> {
        let types = &engine.domains.named(&self.domain)?.workflow_types;
        let known = known(types, &self.workflow_type)?;
        let defaults = known.defaults.clone();
        Ok(WorkflowTypeDetail {
            type_info: WorkflowTypeInfo::of(&self.workflow_type, known),
            configuration: WorkflowTypeConfiguration {
                default_task_start_to_close_timeout: defaults.task_start_to_close,
                default_execution_start_to_close_timeout: defaults.execution_start_to_close,
                default_task_list: defaults.task_list,
                default_task_priority: defaults.priority,
                default_child_policy: defaults.child_policy,
                default_lambda_role: defaults.lambda_role,
            },
        })
    }
}

impl WorkflowTypeInfo {
    /// What there is to say of a type.
    pub(super) fn of(workflow_type: &WorkflowType, known: &RegisteredWorkflowType) -> Self {
        Self {
            workflow_type: workflow_type.clone(),
            status: known.status(),
            description: known.description.clone(),
            creation_date: known.created,
            deprecation_date: known.deprecated,
        }
    }
}
