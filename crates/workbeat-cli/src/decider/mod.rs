//! The decider of one-activity workflows: what `workbeat start` makes.
//!
//! All that it needs is in the execution's own history, so that whichever command runs can go
//! on where another one left: `start` decides, and after `start --detach`, Ctrl-C or a crash
//! `wait` and `cancel` do.

mod decide;
mod plan;

pub(crate) use decide::{ACTIVITY_ID, Decision, decide};
pub(crate) use plan::Plan;

use crate::history::{Event, TypeName};

/// The name of the workflow type of what `workbeat start` makes.
pub(crate) const WORKFLOW_TYPE: &str = "workbeat.start";

/// Its version: the rules of the decider and of the plan.
pub(crate) const WORKFLOW_VERSION: &str = "1";

/// Whether a type is that of a workflow which this decider decides for.
pub(crate) fn is_our_type(workflow_type: &TypeName) -> bool {
    workflow_type.name == WORKFLOW_TYPE && workflow_type.version == WORKFLOW_VERSION
}

/// Whether a history is of a workflow which this decider decides for.
pub(crate) fn is_ours(history: &[Event]) -> bool {
    let started = history.first();
    started
        .and_then(|event| event.type_name("workflowType"))
        .is_some_and(|workflow_type| is_our_type(&workflow_type))
}
