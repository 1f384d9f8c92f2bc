//! What a list is narrowed to.

use serde::{Deserialize, Serialize};

use crate::engine::execution::{CloseStatus, Execution};
use crate::engine::fault::Fault;
use crate::engine::time::Timestamp;

/// Executions that were started, or closed, between two times; both count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExecutionTimeFilter {
    /// The first time.
    pub oldest_date: Timestamp,
    /// The last time; if none, up to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_date: Option<Timestamp>,
}

impl ExecutionTimeFilter {
    /// From `oldest` on.
    #[must_use]
    pub fn since(oldest: Timestamp) -> Self {
        Self {
            oldest_date: oldest,
            latest_date: None,
        }
    }
}

/// Executions of one workflow id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowExecutionFilter {
    /// The workflow id.
    pub workflow_id: String,
}

/// Executions of one workflow, or of one version of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowTypeFilter {
    /// The workflow's name.
    pub name: String,
    /// The version; if none, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Executions with one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagFilter {
    /// The tag.
    pub tag: String,
}

/// Executions that were closed in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CloseStatusFilter {
    /// How they were closed.
    pub status: CloseStatus,
}

impl From<CloseStatus> for CloseStatusFilter {
    fn from(status: CloseStatus) -> Self {
        Self { status }
    }
}

/// The filters of a request, of which it can have one at most.
#[derive(Default)]
pub(in crate::engine) struct Filters<'a> {
    pub(in crate::engine) execution: Option<&'a WorkflowExecutionFilter>,
    pub(in crate::engine) workflow_type: Option<&'a WorkflowTypeFilter>,
    pub(in crate::engine) tag: Option<&'a TagFilter>,
    pub(in crate::engine) close_status: Option<CloseStatusFilter>,
}

/// What an execution must be.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Filter<'a> {
    Any,
    Workflow(&'a str),
    Type(&'a str, Option<&'a str>),
    Tag(&'a str),
    Status(CloseStatus),
}

impl<'a> Filters<'a> {
    /// The one filter that there is, if there is one.
    pub(in crate::engine) fn one(self) -> Result<Filter<'a>, Fault> {
        let version = |it: &'a WorkflowTypeFilter| {
            let version = it.version.as_deref();
            version.filter(|version| !version.is_empty())
        };
        let all = [
            self.execution.map(|it| Filter::Workflow(&it.workflow_id)),
            self.workflow_type
                .map(|it| Filter::Type(&it.name, version(it))),
            self.tag.map(|it| Filter::Tag(&it.tag)),
            self.close_status.map(|it| Filter::Status(it.status)),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (None, _) => Ok(Filter::Any),
            (Some(filter), None) => Ok(filter),
            _ => Err(Fault::validation(
                "Cannot specify more than one exclusive filters in the same query: \
                 executionFilter, typeFilter, tagFilter and closeStatusFilter exclude each other",
            )),
        }
    }
}

impl Filter<'_> {
    /// Whether an execution is that.
    pub(super) fn takes(&self, execution: &Execution) -> bool {
        match *self {
            Self::Any => true,
            Self::Workflow(workflow_id) => *execution.id.workflow_id == *workflow_id,
            Self::Type(name, version) => {
                let known = &execution.workflow_type;
                *known.name == *name && version.is_none_or(|version| *known.version == *version)
            }
            Self::Tag(tag) => execution.tag_list.iter().any(|known| **known == *tag),
            Self::Status(status) => execution.closed.is_some_and(|it| it.status == status),
        }
    }
}
