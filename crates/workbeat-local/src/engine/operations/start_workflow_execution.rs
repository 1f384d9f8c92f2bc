//! `StartWorkflowExecution`

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::TypeName;
use crate::engine::event::ChildPolicy;
use crate::engine::execution::{Overrides, Start, Unsettled};
use crate::engine::fault::{Fault, Resource};
use crate::engine::ids::WorkflowType;
use crate::engine::payload::Payload;
use crate::engine::{limits, wire};

/// Starts an execution, and schedules its first decision task.
///
/// What is `None` is filled in from the defaults of the workflow type; what neither says is a
/// `DefaultUndefinedFault`, unless the settings are
/// [lenient](crate::engine::Settings::lenient_types).
///
/// A workflow id that an open execution has is a `WorkflowExecutionAlreadyStartedFault`;
/// that of a closed one can be used again, and its runs are told apart by their run ids.
///
/// ```
/// # use workbeat_local::engine::*;
/// # use workbeat::service::{ActivityType, Timeout};
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// let start = StartWorkflowExecution {
///     domain: domain(),
///     workflow_id: "order-1".into(),
///     workflow_type: WorkflowType::new("order", "1.0"),
///     ..Default::default()
/// };
/// let run = engine.apply(start, now)?;
/// let history = engine.history(&run.run_id).expect("the run is known");
/// let events: Vec<_> = history.iter().map(HistoryEvent::event_type).collect();
/// assert_eq!(events, ["WorkflowExecutionStarted", "DecisionTaskScheduled"]);
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartWorkflowExecution {
    /// The domain.
    pub domain: String,
    /// What the caller calls it; unique among the open executions of the domain.
    pub workflow_id: String,
    /// Which workflow to run.
    pub workflow_type: WorkflowType,
    /// The task list of its decision tasks.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list: Option<String>,
    /// The priority of its decision tasks; higher first.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// What to give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may take. SWF does not take `NONE`.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub execution_start_to_close_timeout: Option<Timeout>,
    /// Tags to find it by; at most five.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_list: Option<Vec<String>>,
    /// How long each of its decision tasks may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_start_to_close_timeout: Option<Timeout>,
    /// What becomes of its children when it is terminated or times out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_policy: Option<ChildPolicy>,
    /// The role under which it may run Lambda functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lambda_role: Option<String>,
}

/// Which run of the workflow was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Run {
    /// The run id: 32 hexadecimal digits.
    pub run_id: Arc<str>,
}

impl Operation for StartWorkflowExecution {
    const NAME: &'static str = "StartWorkflowExecution";

    type Answer = Run;

    fn apply_to(self, engine: &mut Engine) -> Result<Run, Fault> {
        let domain = engine.domains.key_for_new(&self.domain)?;
        let overrides = Overrides {
            task_list: self.task_list,
            task_priority: self.task_priority,
            execution_start_to_close: self.execution_start_to_close_timeout,
            task_start_to_close: self.task_start_to_close_timeout,
            child_policy: self.child_policy,
            lambda_role: self.lambda_role,
        };
        let configuration = engine.configure(domain, &self.workflow_type, &overrides);
        let configuration =
            configuration.map_err(|unsettled| unsettled.fault(&self.workflow_type))?;
        if engine.open_run_in(domain, &self.workflow_id).is_some() {
            return Err(Fault::already_started(&self.workflow_id));
        }
        let open = engine.domains.get(domain).map_or(0, |it| it.open.len());
        if open >= limits::OPEN_WORKFLOWS {
            let limit = limits::OPEN_WORKFLOWS;
            return Err(Fault::limit_exceeded(format!(
                "The domain has {limit} open executions already"
            )));
        }
        let run_id = engine.next_run_id();
        let tags = self.tag_list.unwrap_or_default();
        let start = Start {
            domain,
            workflow_id: self.workflow_id.into(),
            workflow_type: self.workflow_type,
            configuration,
            tag_list: tags.into_iter().map(Into::into).collect(),
            input: self.input,
            parent: None,
            continued_execution_run_id: None,
        };
        engine.start_execution(&run_id, start);
        Ok(Run { run_id })
    }
}

impl Unsettled {
    /// How a start of this type is refused.
    fn fault(self, workflow_type: &WorkflowType) -> Fault {
        match self {
            Self::TypeDoesNotExist => {
                Fault::unknown_type(Resource::WorkflowType, &workflow_type.shown())
            }
            Self::TypeDeprecated => Fault::type_deprecated(workflow_type.shown()),
            Self::ExecutionStartToCloseTimeout => {
                Fault::default_undefined("executionStartToCloseTimeout")
            }
            Self::TaskStartToCloseTimeout => Fault::default_undefined("taskStartToCloseTimeout"),
            Self::TaskList => Fault::default_undefined("taskList"),
            Self::ChildPolicy => Fault::default_undefined("childPolicy"),
        }
    }
}
