//! The names of things inside the engine.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The number of an event in its history: dense, and the first is 1. SWF uses 0 for "none".
pub type EventId = i64;

/// A long poll that waits for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PollId(pub(super) u64);

/// One activity of one run, for as long as the engine lives.
///
/// An activity id may be used again once its activity is closed; this may not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct ActivityKey {
    /// The run it belongs to.
    pub run_id: Arc<str>,
    /// Its `ActivityTaskScheduled` event.
    pub scheduled_event_id: EventId,
}

impl ActivityKey {
    /// The activity of `run_id` that the event `scheduled_event_id` scheduled.
    pub fn new(run_id: impl Into<Arc<str>>, scheduled_event_id: EventId) -> Self {
        Self {
            run_id: run_id.into(),
            scheduled_event_id,
        }
    }
}

/// The name and version of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkflowType {
    /// Up to 256 characters.
    pub name: Arc<str>,
    /// Up to 64 characters.
    pub version: Arc<str>,
}

impl WorkflowType {
    /// The workflow `name` in `version`.
    pub fn new(name: impl Into<Arc<str>>, version: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
        }
    }
}

/// A domain by the order in which it was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct DomainKey(pub(super) u32);
