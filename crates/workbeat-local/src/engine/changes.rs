//! What has changed, for a shell that keeps the state elsewhere.
//!
//! Each thing is a row of its own, so a heartbeat or an event writes what it changes and no
//! more. Only what cannot be told from other rows has one: places in task lists, deadlines
//! and the indexes by name are built again from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ids::{ActivityKey, EventId};

/// One thing that is kept as a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    /// How many run ids were given.
    RunsGiven,
    /// An execution, without what is open in it and without its history.
    Execution(Arc<str>),
    /// An event of a history.
    Event(Arc<str>, EventId),
    /// An open activity.
    Activity(ActivityKey),
    /// An open timer of a run, by its `TimerStarted` event.
    Timer(Arc<str>, EventId),
    /// An open child of a run, by its `StartChildWorkflowExecutionInitiated` event.
    Child(Arc<str>, EventId),
}

/// The rows that were changed since somebody asked last.
#[derive(Debug, Default)]
pub(super) struct Changes {
    tracked: bool,
    rows: BTreeSet<Row>,
}

impl Changes {
    /// Notes nothing unless `tracked`.
    pub(super) fn new(tracked: bool) -> Self {
        Self {
            tracked,
            rows: BTreeSet::new(),
        }
    }

    /// Notes that a row was changed, made or removed.
    pub(super) fn mark(&mut self, row: impl FnOnce() -> Row) {
        if self.tracked {
            self.rows.insert(row());
        }
    }
}
