//! Where a task's heartbeats are kept.

use super::arrivals::NUMBERS;
use crate::task::{TaskKey, TaskRecord};

/// Where the pacemaker has a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// It has just begun, and has this number among those.
    Arriving(u32),
    /// It has a seat in a schedule.
    Seated(Seat),
}

impl Whereabouts {
    /// That of a task, if it ever entered. It changes under the pacemaker's lock only.
    pub(super) fn of(record: &TaskRecord) -> Option<Self> {
        let place = record.whereabouts()?;
        Some(match place.checked_sub(ARRIVING) {
            Some(number) => Self::Arriving(number),
            None => Self::Seated(Seat {
                key: record.key,
                at: place,
            }),
        })
    }

    /// Notes that the task is there now.
    pub(super) fn note(self, record: &TaskRecord) {
        record.set_whereabouts(match self {
            Self::Arriving(number) => ARRIVING + number,
            Self::Seated(seat) => seat.at,
        });
    }
}

/// What a record keeps tells a number from a seat: no memory holds that many tasks.
const ARRIVING: u32 = 1 << 31;

// Nor is any number what says that a record has no place.
const _: () = assert!(ARRIVING + NUMBERS < u32::MAX);

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

    /// That of a task, if it has one or had one.
    pub(super) fn of(record: &TaskRecord) -> Option<Self> {
        match Whereabouts::of(record)? {
            Whereabouts::Seated(seat) => Some(seat),
            Whereabouts::Arriving(_) => None,
        }
    }
}
