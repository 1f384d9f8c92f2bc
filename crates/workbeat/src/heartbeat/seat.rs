//! Where a task's heartbeats are kept.

use crate::task::{TaskKey, TaskRecord};

/// Names a task in a schedule, and says where it is there. Another has the same place later, but
/// not the key.
///
/// So a task is found without a search, which in a table of a million tasks costs as much as the
/// rest of a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seat {
    pub(super) key: TaskKey,
    pub(super) at: u32,
}

impl Seat {
    pub(super) fn new(key: TaskKey, at: usize) -> Self {
        // More tasks than that fit into no memory.
        let at = at as u32;
        Self { key, at }
    }

    /// That of a task, if it ever entered.
    pub(super) fn of(record: &TaskRecord) -> Option<Self> {
        let at = record.seat()?;
        let key = record.key;
        Some(Self { key, at })
    }
}
