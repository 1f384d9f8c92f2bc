//! An execution: its ids, and what a list tells of it.

use aws_sdk_swf::types::{CloseStatus, ExecutionStatus, WorkflowExecution, WorkflowExecutionInfo};
use serde::Serialize;

use crate::decider;
use crate::history::TypeName;
use crate::output::rfc3339;

/// The ids of one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExecutionId {
    /// The workflow id.
    pub(crate) workflow_id: String,
    /// The run id.
    pub(crate) run_id: String,
}

impl ExecutionId {
    pub(super) fn to_sdk(&self) -> Option<WorkflowExecution> {
        let builder = WorkflowExecution::builder().workflow_id(&self.workflow_id);
        builder.run_id(&self.run_id).build().ok()
    }

    pub(super) fn from_sdk(execution: WorkflowExecution) -> Self {
        Self {
            workflow_id: execution.workflow_id,
            run_id: execution.run_id,
        }
    }
}

/// What a list tells of an execution. Its JSON is what `workbeat list --output json` shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExecutionRecord {
    /// The workflow id.
    pub(crate) workflow_id: String,
    /// The run id.
    pub(crate) run_id: String,
    /// The workflow type.
    pub(crate) workflow_type: TypeName,
    /// The activity type, if `workbeat start` made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) activity_type: Option<TypeName>,
    /// `open`, or how it was closed.
    pub(crate) status: &'static str,
    /// Whether its activity is over and `workbeat wait` has only to be run, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_be_finished: Option<bool>,
    /// Whether its cancellation was requested.
    pub(crate) cancel_requested: bool,
    /// When it started.
    #[serde(serialize_with = "timestamp")]
    pub(crate) start_timestamp: f64,
    /// When it was closed.
    #[serde(
        serialize_with = "optional_timestamp",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) close_timestamp: Option<f64>,
    /// Its tags.
    pub(crate) tags: Vec<String>,
}

fn timestamp<S: serde::Serializer>(timestamp: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&rfc3339(*timestamp))
}

fn optional_timestamp<S: serde::Serializer>(at: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    at.map(rfc3339).serialize(to)
}

/// Before the activity type in the tag of what `workbeat start` makes.
const ACTIVITY_TAG: &str = "workbeat:";

/// The tag that tells a list which activity it is: a list shows tags and no input.
pub(crate) fn activity_tag(activity_type: &TypeName) -> Option<String> {
    let tag = format!("{ACTIVITY_TAG}{activity_type}");
    (tag.chars().count() <= 256).then_some(tag)
}

fn activity_of_tag(tag: &str) -> Option<TypeName> {
    let (name, version) = tag.strip_prefix(ACTIVITY_TAG)?.split_once('/')?;
    Some(TypeName::new(name, version))
}

impl ExecutionRecord {
    /// The ids.
    pub(crate) fn id(&self) -> ExecutionId {
        ExecutionId {
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
        }
    }

    /// What it is called in a list: the activity's type rather than the workflow's.
    pub(crate) fn shown_type(&self) -> &TypeName {
        self.activity_type.as_ref().unwrap_or(&self.workflow_type)
    }

    /// Whether it is of the type that a person named, as `NAME` or `NAME/VERSION`.
    pub(crate) fn is_of_type(&self, wanted: &str) -> bool {
        let is = |of: &TypeName| of.name == wanted || of.to_string() == wanted;
        is(&self.workflow_type) || self.activity_type.as_ref().is_some_and(is)
    }

    pub(super) fn from_sdk(execution: WorkflowExecutionInfo) -> Option<Self> {
        let id = ExecutionId::from_sdk(execution.execution?);
        let workflow_type = execution.workflow_type?;
        let workflow_type = TypeName::new(workflow_type.name, workflow_type.version);
        let mut tags = execution.tag_list.unwrap_or_default();
        let mut activity_type = None;
        if decider::is_our_type(&workflow_type) {
            activity_type = tags.iter().find_map(|tag| activity_of_tag(tag));
            tags.retain(|tag| activity_of_tag(tag).is_none());
        }
        let status = match (&execution.execution_status, &execution.close_status) {
            (ExecutionStatus::Open, _) => "open",
            (_, Some(CloseStatus::Completed)) => "completed",
            (_, Some(CloseStatus::Failed)) => "failed",
            (_, Some(CloseStatus::Canceled)) => "canceled",
            (_, Some(CloseStatus::Terminated)) => "terminated",
            (_, Some(CloseStatus::TimedOut)) => "timedOut",
            (_, Some(CloseStatus::ContinuedAsNew)) => "continuedAsNew",
            _ => "closed",
        };
        Some(Self {
            workflow_id: id.workflow_id,
            run_id: id.run_id,
            workflow_type,
            activity_type,
            status,
            to_be_finished: None,
            cancel_requested: execution.cancel_requested,
            start_timestamp: execution.start_timestamp.as_secs_f64(),
            close_timestamp: execution.close_timestamp.map(|at| at.as_secs_f64()),
            tags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_activity_is_in_a_tag() {
        let activity_type = TypeName::new("resize", "1.0");
        let tag = activity_tag(&activity_type).unwrap();
        assert_eq!(activity_of_tag(&tag), Some(activity_type));
        assert_eq!(activity_of_tag("resize"), None);
        assert_eq!(activity_tag(&TypeName::new("x".repeat(256), "1")), None);
    }
}
