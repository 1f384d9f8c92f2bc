//! The one ordered index of everything that time will do.

use std::collections::BTreeMap;

use super::event::ActivityTaskTimeoutType;
use super::ids::{ActivityKey, PollId};
use super::time::Timestamp;

/// What happens when its time has come.
///
/// The order of the variants, and of the timeout types, decides among deadlines of the
/// same millisecond; among equals the one that was set first goes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deadline {
    /// One of an activity's four timeouts passes.
    Timeout(ActivityTaskTimeoutType, ActivityKey),
    /// A long poll has been held for as long as it may.
    PollHold(PollId),
}

impl Deadline {
    fn rank(&self) -> Option<ActivityTaskTimeoutType> {
        match self {
            Self::Timeout(timeout_type, _) => Some(*timeout_type),
            Self::PollHold(_) => None,
        }
    }
}

type Place = (Timestamp, Option<ActivityTaskTimeoutType>, u64);

/// Deadlines by time, and the time of each deadline.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    order: BTreeMap<Place, Deadline>,
    places: BTreeMap<Deadline, Place>,
    set: u64,
}

impl Deadlines {
    /// Sets the deadline, or moves it.
    pub(super) fn set(&mut self, deadline: Deadline, at: Timestamp) {
        self.clear(&deadline);
        self.set += 1;
        let place = (at, deadline.rank(), self.set);
        self.places.insert(deadline.clone(), place);
        self.order.insert(place, deadline);
    }

    /// Takes the deadline out, if it is set.
    pub(super) fn clear(&mut self, deadline: &Deadline) {
        if let Some(place) = self.places.remove(deadline) {
            self.order.remove(&place);
        }
    }

    /// The earliest time at which something happens.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.order.first_key_value().map(|((at, ..), _)| *at)
    }

    /// Takes out the first deadline that has come by `now`.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, Deadline)> {
        let entry = self.order.first_entry()?;
        let (at, ..) = *entry.key();
        if at > now {
            return None;
        }
        let deadline = entry.remove();
        self.places.remove(&deadline);
        Some((at, deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn timeout(timeout_type: ActivityTaskTimeoutType, scheduled: i64) -> Deadline {
        Deadline::Timeout(timeout_type, ActivityKey::new("run", scheduled))
    }

    #[test]
    fn deadlines_come_in_the_order_of_their_times() {
        let mut deadlines = Deadlines::default();
        deadlines.set(Deadline::PollHold(PollId(1)), at(20));
        deadlines.set(Deadline::PollHold(PollId(2)), at(10));
        assert_eq!(deadlines.next(), Some(at(10)));
        assert_eq!(deadlines.pop_due(at(9)), None);
        assert_eq!(
            deadlines.pop_due(at(30)),
            Some((at(10), Deadline::PollHold(PollId(2))))
        );
        assert_eq!(
            deadlines.pop_due(at(30)),
            Some((at(20), Deadline::PollHold(PollId(1))))
        );
        assert_eq!(deadlines.next(), None);
    }

    #[test]
    fn a_deadline_that_is_moved_comes_once_and_later() {
        let mut deadlines = Deadlines::default();
        let heartbeat = timeout(ActivityTaskTimeoutType::Heartbeat, 5);
        deadlines.set(heartbeat.clone(), at(10));
        deadlines.set(heartbeat.clone(), at(20));
        assert_eq!(deadlines.pop_due(at(10)), None);
        assert_eq!(deadlines.pop_due(at(20)), Some((at(20), heartbeat)));
        assert_eq!(deadlines.pop_due(at(99)), None);
    }

    #[test]
    fn start_to_close_goes_before_heartbeat_in_the_same_millisecond() {
        let mut deadlines = Deadlines::default();
        let heartbeat = timeout(ActivityTaskTimeoutType::Heartbeat, 5);
        let start_to_close = timeout(ActivityTaskTimeoutType::StartToClose, 5);
        deadlines.set(heartbeat, at(10));
        deadlines.set(start_to_close.clone(), at(10));
        assert_eq!(deadlines.pop_due(at(10)), Some((at(10), start_to_close)));
    }
}
