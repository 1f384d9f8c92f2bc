//! The labels of metrics, and what their values can be.

use super::values::{
    DrainEnd, HeartbeatOutcome, PollOutcome, RetryKind, SlotState, TaskOutcome, Value,
};

/// A label of a [`Metric`](super::Metric).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// All values that it can have; none listed where they are the application's own names.
    pub values: &'static [&'static str],
    /// What it says, and what bounds it if its values are the application's.
    pub description: &'static str,
}

impl Label {
    /// The label with this value.
    pub(super) fn is(&self, value: &str) -> ::metrics::Label {
        ::metrics::Label::new(self.name, value.to_owned())
    }
}

/// The name of tasks' types that are served by the one untyped handler.
pub(super) const UNTYPED: &str = "untyped";

/// The name of tasks' types that the worker does not know.
pub(super) const UNKNOWN: &str = "unknown";

pub(super) const TASK_LIST: Label = Label {
    name: "task_list",
    values: &[],
    description: "a task list that the worker polls",
};

pub(super) const SERVICE: Label = Label {
    name: "service",
    values: &[],
    description: "the name of a service that the worker takes tasks from; only where it has several",
};

pub(super) const ACTIVITY_TYPE: Label = Label {
    name: "activity_type",
    values: &[],
    description: "the name of a registered activity type; `untyped` for all that the untyped handler serves, `unknown` for all that the worker does not know",
};

pub(super) const VERSION: Label = Label {
    name: "version",
    values: &[],
    description: "the version of a registered activity type; empty for `untyped` and `unknown`",
};

pub(super) const POLL_OUTCOME: Label = Label {
    name: "outcome",
    values: PollOutcome::VALUES,
    description: "what the poll brought",
};

pub(super) const SLOT_STATE: Label = Label {
    name: "state",
    values: SlotState::VALUES,
    description: "what holds the slot",
};

pub(super) const TASK_OUTCOME: Label = Label {
    name: "outcome",
    values: TaskOutcome::VALUES,
    description: "what became of the task; of those that were closed already two sorts are told apart, as in the drain report",
};

pub(super) const HEARTBEAT_OUTCOME: Label = Label {
    name: "outcome",
    values: HeartbeatOutcome::VALUES,
    description: "what the service made of the heartbeat",
};

pub(super) const RETRY_KIND: Label = Label {
    name: "kind",
    values: RetryKind::VALUES,
    description: "why the outcome was not accepted",
};

pub(super) const DRAIN_END: Label = Label {
    name: "outcome",
    values: DrainEnd::VALUES,
    description: "whether the drain report is clean",
};
