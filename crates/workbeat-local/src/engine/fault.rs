//! How a request is refused.

use std::fmt;

use workbeat::service::WorkflowExecution;

use super::ids::EventId;
use super::limits;

/// Why the service refused a request: SWF's error, with its `__type` and a message.
///
/// Where SWF's own wording is known the message has it, because workers have to read it: it
/// is all that tells a closed task from a closed workflow. No message shows a payload.
///
/// ```
/// use workbeat_local::engine::{Engine, FaultKind, PollForActivityTask, Resource, Timestamp};
///
/// let mut engine = Engine::default();
/// let poll = PollForActivityTask { domain: "nowhere".into(), ..Default::default() };
/// let fault = engine.apply(poll, Timestamp::from_millis(0)).unwrap_err();
/// assert_eq!(fault.kind(), FaultKind::Validation); // the task list has no name either
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    message: String,
}

/// What sort of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// The named thing does not exist, or is closed.
    UnknownResource(Resource),
    /// A quota of the account is used up.
    LimitExceeded,
    /// The type is registered already.
    TypeAlreadyExists,
    /// The type is deprecated already.
    TypeDeprecated,
    /// The domain is registered already.
    DomainAlreadyExists,
    /// An execution with this workflow id is open.
    WorkflowExecutionAlreadyStarted,
    /// The type is not deprecated.
    TypeNotDeprecated,
    /// The domain is deprecated.
    DomainDeprecated,
    /// Neither the request nor the type's registration says something that must be said.
    DefaultUndefined,
    /// The resource would have too many tags.
    TooManyTags,
    /// The caller may not do it. The engine never says so; a shell around it may.
    OperationNotPermitted,
    /// A value is too long, malformed or missing.
    Validation,
    /// A member has another JSON type than SWF's.
    Serialization,
    /// SWF has no operation of this name.
    UnknownOperation,
}

/// What an [`FaultKind::UnknownResource`] did not find.
///
/// SWF says it in the message only. A worker needs the difference: a closed task says
/// nothing about the workflow's other tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// No domain of this name.
    Domain,
    /// No activity type of this name and version.
    ActivityType,
    /// No workflow type of this name and version.
    WorkflowType,
    /// No open execution: it never was, or it is closed.
    Execution,
    /// The execution is open, this decision task of it is closed.
    Decision,
    /// The execution is open, this activity task of it is closed.
    Activity,
}

/// The `__type` of a fault that SWF's model has.
macro_rules! modelled {
    ($name:literal) => {
        concat!("com.amazonaws.swf.base.model#", $name, "Fault")
    };
}

impl Fault {
    /// What sort of fault it is.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The message, as SWF words it where its wording is known. It holds no payload.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The `__type` that stands for it on SWF's wire.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            FaultKind::UnknownResource(_) => modelled!("UnknownResource"),
            FaultKind::LimitExceeded => modelled!("LimitExceeded"),
            FaultKind::TypeAlreadyExists => modelled!("TypeAlreadyExists"),
            FaultKind::TypeDeprecated => modelled!("TypeDeprecated"),
            FaultKind::TypeNotDeprecated => modelled!("TypeNotDeprecated"),
            FaultKind::DomainAlreadyExists => modelled!("DomainAlreadyExists"),
            FaultKind::DomainDeprecated => modelled!("DomainDeprecated"),
            FaultKind::DefaultUndefined => modelled!("DefaultUndefined"),
            FaultKind::TooManyTags => modelled!("TooManyTags"),
            FaultKind::OperationNotPermitted => modelled!("OperationNotPermitted"),
            FaultKind::WorkflowExecutionAlreadyStarted => {
                modelled!("WorkflowExecutionAlreadyStarted")
            }
            FaultKind::Validation => "com.amazon.coral.validate#ValidationException",
            FaultKind::Serialization => "com.amazon.coral.service#SerializationException",
            FaultKind::UnknownOperation => "com.amazon.coral.service#UnknownOperationException",
        }
    }

    fn new(kind: FaultKind, message: String) -> Self {
        Self { kind, message }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Validation, message.into())
    }

    /// Constraints that a request breaks, as many as it breaks.
    pub(super) fn broken(constraints: &[String]) -> Self {
        let (count, constraints) = (constraints.len(), constraints.join("; "));
        let errors = if count == 1 { "error" } else { "errors" };
        Self::validation(format!(
            "{count} validation {errors} detected: {constraints}"
        ))
    }

    /// A quota is used up. A shell around the engine may have quotas of its own.
    pub fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::new(FaultKind::LimitExceeded, message.into())
    }

    pub(super) fn too_many_tags(message: impl Into<String>) -> Self {
        Self::new(FaultKind::TooManyTags, message.into())
    }

    /// The caller may not do what it asked for: for a shell that controls access.
    pub fn operation_not_permitted(message: impl Into<String>) -> Self {
        Self::new(FaultKind::OperationNotPermitted, message.into())
    }

    pub(super) fn unknown_operation(name: &str) -> Self {
        let name: String = name.chars().take(64).collect();
        Self::new(
            FaultKind::UnknownOperation,
            format!("Unknown operation: {name}"),
        )
    }

    pub(super) fn serialization(operation: &str, mismatch: &impl fmt::Display) -> Self {
        let message = format!("The input of {operation} cannot be read: {mismatch}");
        Self::new(FaultKind::Serialization, message)
    }

    pub(super) fn unknown_domain(name: &str) -> Self {
        let kind = FaultKind::UnknownResource(Resource::Domain);
        Self::new(kind, format!("Unknown domain: {name}"))
    }

    pub(super) fn unknown_arn(arn: &str) -> Self {
        let kind = FaultKind::UnknownResource(Resource::Domain);
        Self::new(kind, format!("Unknown domain: {arn}"))
    }

    /// What would be new in a deprecated domain.
    pub(super) fn no_new_in_domain(name: &str) -> Self {
        let kind = FaultKind::UnknownResource(Resource::Domain);
        let message =
            format!("Unknown domain: {name} (it is deprecated: nothing new begins in it)");
        Self::new(kind, message)
    }

    /// An activity type or a workflow type, which `sort` says.
    pub(super) fn unknown_type(sort: Resource, shown: &str) -> Self {
        let kind = FaultKind::UnknownResource(sort);
        Self::new(kind, format!("Unknown type: {shown}"))
    }

    /// The form that a worker's late call gets after the whole workflow was closed.
    pub(super) fn unknown_execution(execution: &WorkflowExecution) -> Self {
        let kind = FaultKind::UnknownResource(Resource::Execution);
        let WorkflowExecution {
            workflow_id,
            run_id,
            ..
        } = execution;
        let which = format!("WorkflowExecution=[workflowId={workflow_id}, runId={run_id}]");
        Self::new(kind, format!("Unknown execution: {which}"))
    }

    pub(super) fn unknown_workflow(workflow_id: &str) -> Self {
        let kind = FaultKind::UnknownResource(Resource::Execution);
        Self::new(
            kind,
            format!("Unknown execution, workflowId = {workflow_id}"),
        )
    }

    /// The form that a decider's late call gets after the task alone was closed.
    pub(super) fn unknown_decision(scheduled_event_id: EventId) -> Self {
        let kind = FaultKind::UnknownResource(Resource::Decision);
        Self::new(
            kind,
            format!("Unknown decision, scheduledEventId = {scheduled_event_id}"),
        )
    }

    /// What neither a start nor the type of its workflow says: SWF names the member alone.
    pub(super) fn default_undefined(member: &str) -> Self {
        Self::new(FaultKind::DefaultUndefined, member.to_owned())
    }

    pub(super) fn too_many_pollers() -> Self {
        let limit = limits::POLLERS;
        Self::limit_exceeded(format!("{limit} pollers wait at this task list already"))
    }

    /// The form that a worker's late call gets after the task alone was closed.
    pub(super) fn unknown_activity(scheduled_event_id: EventId) -> Self {
        let kind = FaultKind::UnknownResource(Resource::Activity);
        Self::new(
            kind,
            format!("Unknown activity, scheduledEventId = {scheduled_event_id}"),
        )
    }

    pub(super) fn type_already_exists(shown: String) -> Self {
        Self::new(FaultKind::TypeAlreadyExists, shown)
    }

    pub(super) fn type_deprecated(shown: String) -> Self {
        Self::new(FaultKind::TypeDeprecated, shown)
    }

    pub(super) fn type_not_deprecated(shown: String) -> Self {
        Self::new(FaultKind::TypeNotDeprecated, shown)
    }

    pub(super) fn domain_already_exists(name: &str) -> Self {
        Self::new(FaultKind::DomainAlreadyExists, name.to_owned())
    }

    pub(super) fn domain_deprecated(name: &str) -> Self {
        Self::new(FaultKind::DomainDeprecated, name.to_owned())
    }

    pub(super) fn already_started(workflow_id: &str) -> Self {
        Self::new(
            FaultKind::WorkflowExecutionAlreadyStarted,
            format!("Already Started, workflowId = {workflow_id}"),
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = self.type_name().split_once('#').unwrap_or_default();
        write!(f, "{name}: {}", self.message)
    }
}

impl std::error::Error for Fault {}
