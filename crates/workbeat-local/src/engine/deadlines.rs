//! The one ordered index of everything that time will do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::ActivityTaskTimeoutType;
use super::ids::{ActivityKey, EventId, PollId};
use super::time::Timestamp;

/// What happens when its time has come.
///
/// The order of the variants, of the timeout types, and then of what they are about, decides
/// among deadlines of the same millisecond. So the order is the same for an engine that was
/// restored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deadline {
    /// One of an activity's four timeouts passes.
    ActivityTimeout(ActivityTaskTimeoutType, ActivityKey),
    /// A timer of a run fires: its `TimerStarted` event.
    Timer(Arc<str>, EventId),
    /// The decision task of a run waited, or ran, for too long.
    DecisionTimeout(Arc<str>),
    /// A whole execution took too long.
    ExecutionTimeout(Arc<str>),
    /// A closed execution was kept for long enough.
    Retention(Arc<str>),
    /// A long poll has been held for as long as it may.
    PollHold(PollId),
}

/// Deadlines by time, and the time of each deadline.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    order: BTreeSet<(Timestamp, Deadline)>,
    times: BTreeMap<Deadline, Timestamp>,
}

impl Deadlines {
    /// Sets the deadline, or moves it.
    pub(super) fn set(&mut self, deadline: Deadline, at: Timestamp) {
        self.clear(&deadline);
        self.times.insert(deadline.clone(), at);
        self.order.insert((at, deadline));
    }

    /// Takes the deadline out, if it is set.
    pub(super) fn clear(&mut self, deadline: &Deadline) {
        if let Some((deadline, at)) = self.times.remove_entry(deadline) {
            self.order.remove(&(at, deadline));
        }
    }

    /// The earliest time at which something happens.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes out the first deadline that has come by `now`.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, Deadline)> {
        if self.next()? > now {
            return None;
        }
        let (at, deadline) = self.order.pop_first()?;
        self.times.remove(&deadline);
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
        Deadline::ActivityTimeout(timeout_type, ActivityKey::new("run", scheduled))
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
