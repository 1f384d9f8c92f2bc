//! `RegisterWorkflowType`

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::{RegisteredWorkflowType, WorkflowDefaults, register};
use crate::engine::event::ChildPolicy;
use crate::engine::fault::Fault;
use crate::engine::ids::WorkflowType;
use crate::engine::wire;

/// Makes a workflow type known, with what holds where the start of an execution does not say.
///
/// A type cannot be registered twice, not even when it is deprecated: that is a
/// `TypeAlreadyExistsFault`. Once it has been deleted, it can be.
///
/// A default that is `None` is undefined: a start must then say it, or is refused with a
/// `DefaultUndefinedFault`. An execution's own timeout cannot be `NONE`.
///
/// ```
/// # use std::time::Duration;
/// # use workbeat_local::engine::*;
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::default();
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// let register = RegisterWorkflowType {
///     domain: domain(),
///     name: "order".into(),
///     version: "1.0".into(),
///     default_task_list: Some("deciders".into()),
///     default_task_start_to_close_timeout: Some(Duration::from_secs(10).into()),
///     default_execution_start_to_close_timeout: Some(Duration::from_secs(3_600).into()),
///     default_child_policy: Some(ChildPolicy::Terminate),
///     ..Default::default()
/// };
/// engine.apply(register.clone(), now)?;
/// let fault = engine.apply(register, now).unwrap_err();
/// assert_eq!(fault.kind(), FaultKind::TypeAlreadyExists);
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterWorkflowType {
    /// The domain.
    pub domain: String,
    /// The workflow's name.
    pub name: String,
    /// The workflow's version.
    pub version: String,
    /// What it does, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How long a decision task may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_start_to_close_timeout: Option<Timeout>,
    /// How long an execution may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_execution_start_to_close_timeout: Option<Timeout>,
    /// The task list of its decision tasks.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_list: Option<String>,
    /// The priority of its decision tasks; higher first.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_priority: Option<i32>,
    /// What becomes of an execution's children when it is terminated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_child_policy: Option<ChildPolicy>,
    /// The IAM role by which an execution invokes Lambda functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_lambda_role: Option<String>,
}

impl Operation for RegisterWorkflowType {
    const NAME: &'static str = "RegisterWorkflowType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let now = engine.now;
        let domain = engine.domains.named_for_new(&self.domain)?;
        let registered = RegisteredWorkflowType {
            description: self.description,
            defaults: WorkflowDefaults {
                task_list: self.default_task_list,
                priority: self.default_task_priority,
                task_start_to_close: self.default_task_start_to_close_timeout,
                execution_start_to_close: self.default_execution_start_to_close_timeout,
                child_policy: self.default_child_policy,
                lambda_role: self.default_lambda_role,
            },
            created: now,
            deprecated: None,
            implied: false,
        };
        let room = domain.has_room();
        let workflow_type = WorkflowType::new(self.name, self.version);
        register(&mut domain.workflow_types, workflow_type, registered, room)
    }
}
