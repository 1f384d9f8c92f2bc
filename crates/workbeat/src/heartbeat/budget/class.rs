//! Tasks that are alike for the budget: the same timeout and the same interval.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::Pace;
use super::kept::Kept;
use crate::moment::Moment;
use crate::time::from_seconds;

/// The longest that a task which is due waits for others, so that one wake-up serves all.
const LONGEST_PATIENCE: Duration = Duration::from_millis(20);

/// Names a task in a budget, in the order in which tasks came: the older, the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::heartbeat) struct Ticket {
    pub(super) number: u64,
    /// Where its plan has the task. Another has the same place later, but not the number.
    pub(super) at: TaskAt,
}

/// Where a plan has a task: half the size of a pointer, because all its queues hold it.
pub(super) type TaskAt = u32;

/// Who is first, among those whose turn it is: whoever has something to lose, by deadline. One
/// that has nothing to lose can be long overdue, and must not take the call that saves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Urgency {
    yields: bool,
    deadline: Moment,
}

/// What tasks of one class have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::heartbeat) struct ClassKey {
    /// The heartbeat timeout; without one, three intervals stand for it.
    pub(super) timeout: Duration,
    /// The time between two heartbeats when nothing is stretched.
    pub(super) interval: Duration,
    /// There is nothing to lose: no timeout is known, or it has passed unheard.
    pub(super) yields: bool,
}

impl ClassKey {
    pub(in crate::heartbeat) fn new(pace: &Pace, lost: bool) -> Self {
        // Jittered intervals are drawn from the upper fifth.
        let mean = if pace.has_jitter() {
            pace.interval().mul_f64(0.9)
        } else {
            pace.interval()
        };
        let timeout = pace.timeout().unwrap_or_else(|| pace.interval() * 3);
        Self {
            timeout: rounded(timeout),
            interval: rounded(mean),
            yields: lost || pace.timeout().is_none(),
        }
    }
}

/// Rounded down to one part in 128, so that there are few classes whatever timeouts tasks have:
/// by whole seconds, which services count in, else by milliseconds. Whole seconds up to 256 s
/// are exact, and nothing counts as a millisecond: what is divided by it must be finite.
fn rounded(duration: Duration) -> Duration {
    let whole = duration.subsec_nanos() == 0;
    let rounded = if whole {
        Duration::from_secs(leading_bits(duration.as_secs()))
    } else {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(leading_bits(millis))
    };
    rounded.max(Duration::from_millis(1))
}

fn leading_bits(number: u64) -> u64 {
    let shift = (64 - number.leading_zeros()).saturating_sub(8);
    if number <= 256 {
        number
    } else {
        number >> shift << shift
    }
}

/// The tasks of one class.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) key: ClassKey,
    /// Those that are served.
    pub(super) kept: Kept,
    /// Those that are let go, because there are more than any schedule can serve.
    pub(super) let_go: BTreeSet<Ticket>,
    /// Those of the kept that wait for their next turn, by when that is at the normal interval.
    pub(super) ring: BTreeSet<(Moment, TaskAt)>,
    /// Those of the let go that wait for a call that is left over.
    pub(super) spare: BTreeSet<(Moment, TaskAt)>,
    /// How many of the kept wait for a moment of their own, beside the ring.
    pub(super) beside: usize,
    /// When the last turn of the class was; while it is stretched its turns are evenly spaced.
    pub(super) last: Moment,
}

impl Class {
    pub(super) fn new(key: ClassKey, now: Moment) -> Self {
        Self {
            key,
            kept: Kept::default(),
            let_go: BTreeSet::new(),
            ring: BTreeSet::new(),
            spare: BTreeSet::new(),
            beside: 0,
            last: now,
        }
    }

    /// A task is in this class no longer.
    pub(super) fn forget(&mut self, ticket: Ticket, let_go: bool) {
        if let_go {
            self.let_go.remove(&ticket);
        } else {
            self.kept.remove(ticket);
        }
    }

    /// The time from one heartbeat of a task to its next under `stretch`, if that is longer than
    /// the normal interval.
    pub(super) fn stretched(&self, stretch: f64, margin: f64) -> Option<f64> {
        let interval = stretch * self.useful(margin);
        (interval > self.key.interval.as_secs_f64()).then_some(interval)
    }

    /// What of the timeout can be used, in seconds: not the last bit of it, which the call and
    /// the turns of other classes may take.
    pub(super) fn useful(&self, margin: f64) -> f64 {
        let timeout = self.key.timeout.as_secs_f64();
        timeout - margin.min(timeout / 4.0)
    }

    /// The time from one turn of the class to the next.
    pub(super) fn spacing(&self, stretched: f64) -> Duration {
        let turns = (self.kept.len() - self.beside).max(1);
        from_seconds(stretched / turns as f64)
    }

    /// How long a task that is due waits for others: nothing that a timeout notices.
    pub(super) fn patience(&self) -> Duration {
        (self.key.interval / 500).min(LONGEST_PATIENCE)
    }

    /// When the last turn by then is, at the normal interval.
    pub(super) fn last_within(&self, then: Moment) -> Option<Moment> {
        let mut within = self.ring.range(..=(then, TaskAt::MAX));
        within.next_back().map(|(at, _)| *at)
    }

    /// The latest moment for the turn of a task that waits in the ring: half way from when it
    /// is due under `stretch` to when it is too late.
    ///
    /// Evenly spaced turns come by then for as long as nobody leaves. When others do, the turns
    /// of those who stay move apart at once, and this is what brings theirs in time.
    pub(super) fn latest(&self, at: Moment, stretch: f64, margin: f64) -> Moment {
        let useful = self.useful(margin);
        let spare =
            self.key.timeout.as_secs_f64() - useful + (1.0 - stretch).max(0.0) / 2.0 * useful;
        self.deadline(at).before(from_seconds(spare))
    }

    /// How urgent a task of the class is that has this deadline.
    pub(super) fn urgency(&self, deadline: Moment) -> Urgency {
        Urgency {
            yields: self.key.yields,
            deadline,
        }
    }

    /// The heartbeat deadline of a task that waits in the ring, or as good as that.
    pub(super) fn deadline(&self, at: Moment) -> Moment {
        // The interval of the class is that with jitter.
        at + self.key.timeout.saturating_sub(self.key.interval * 10 / 9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_down_and_fine_and_leaves_whole_seconds_alone() {
        for seconds in 1..=256 {
            let whole = Duration::from_secs(seconds);
            assert_eq!(rounded(whole), whole);
        }
        for millis in (1..100_000).chain([3_600_000, u64::MAX / 2]) {
            let exact = Duration::from_millis(millis);
            let rounded = rounded(exact);
            assert!(rounded <= exact, "{exact:?}");
            assert!(rounded >= exact.mul_f64(127.0 / 128.0), "{exact:?}");
        }
    }

    #[test]
    fn there_are_few_classes_between_a_second_and_an_hour() {
        let timeouts: BTreeSet<_> = (1..=3_600).map(Duration::from_secs).map(rounded).collect();
        assert!(timeouts.len() < 800, "{}", timeouts.len());
    }
}
