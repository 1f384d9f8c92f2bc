//! When each task is to heartbeat, and which of its deadlines have passed.
//!
//! A pure structure: no clock, no I/O. The [pacemaker](super::pacemaker) tells it the time and
//! does what it says.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::Pace;
use crate::task::TaskKey;

/// The least time that a call is given, however near the timeout is.
const SHORTEST_CALL: Duration = Duration::from_millis(10);

/// The least time from a failed heartbeat to the next try, however near the timeout is.
const SHORTEST_RETRY: Duration = Duration::from_millis(10);

/// Something that is due for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// A heartbeat; the schedule counts it as under way until it is `answered`.
    Beat {
        /// How far behind its time it is.
        late: Duration,
        /// How long the call may take.
        call_timeout: Duration,
    },
    /// No heartbeat was accepted for a whole timeout. Said once.
    HeartbeatLost,
    /// The start-to-close timeout passed. Said once.
    TimedOut,
    /// The cancel grace is over. Said once.
    GraceExpired,
}

/// What came of a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beaten {
    /// The service accepted it.
    Accepted,
    /// It did not get through, or the service had no time for it: try again soon.
    Failed,
    /// The service refuses it, and trying sooner will not help: try again in an interval.
    Refused,
    /// The task is closed: no more heartbeats.
    Closed,
}

/// The heartbeats and deadlines of all tasks.
#[derive(Debug)]
pub(crate) struct Schedule {
    tasks: HashMap<TaskKey, Entry>,
    /// The next moment of every task at which something can be due.
    wakes: BTreeSet<(Instant, TaskKey)>,
    random: fastrand::Rng,
}

#[derive(Debug)]
struct Entry {
    pace: Pace,
    /// When the next heartbeat should go out. None once the task is closed.
    next_beat: Option<Instant>,
    /// When the heartbeat under way went out.
    sent: Option<Instant>,
    /// When the service last saw the task alive, at the latest.
    alive: Instant,
    failures: u32,
    /// An outcome is on its way, and a heartbeat should not cross it.
    held: bool,
    lost: bool,
    close_at: Option<Instant>,
    grace_at: Option<Instant>,
    /// The key of this entry in `wakes`.
    wake: Option<Instant>,
}

impl Entry {
    /// When the next heartbeat may go out.
    fn beat_at(&self) -> Option<Instant> {
        let next = self.next_beat.filter(|_| self.sent.is_none())?;
        if !self.held {
            return Some(next);
        }
        Some(next.max(self.urgent_at()?))
    }

    /// When a heartbeat is worth it even while an outcome is under way: a timeout comes near.
    fn urgent_at(&self) -> Option<Instant> {
        Some(self.alive + self.pace.timeout? * 3 / 4)
    }

    /// How long a call that goes out at `now` may take: what is left of the timeout must do
    /// for it and for one more.
    fn call_timeout(&self, now: Instant) -> Duration {
        let whole = self.pace.call_timeout();
        self.lost_at().map_or(whole, |lost| {
            let left = lost.saturating_duration_since(now);
            whole.min(left / 2).max(SHORTEST_CALL)
        })
    }

    /// When the heartbeat timeout will have passed unheard.
    fn lost_at(&self) -> Option<Instant> {
        let timeout = self.pace.timeout.filter(|_| !self.lost)?;
        Some(self.alive + timeout)
    }

    fn next_wake(&self) -> Option<Instant> {
        [self.beat_at(), self.lost_at(), self.close_at, self.grace_at]
            .into_iter()
            .flatten()
            .min()
    }
}

impl Schedule {
    pub(crate) fn new(random: fastrand::Rng) -> Self {
        Self {
            tasks: HashMap::new(),
            wakes: BTreeSet::new(),
            random,
        }
    }

    /// Takes in a task that the service started at `now`.
    pub(crate) fn insert(&mut self, key: TaskKey, pace: Pace, now: Instant) {
        let next_beat = now + pace.next_interval(&mut self.random);
        self.tasks.insert(
            key,
            Entry {
                pace,
                next_beat: Some(next_beat),
                sent: None,
                alive: now,
                failures: 0,
                held: false,
                lost: false,
                close_at: None,
                grace_at: None,
                wake: None,
            },
        );
        self.index(key);
    }

    /// Forgets a task.
    pub(crate) fn remove(&mut self, key: TaskKey) {
        if let Some(Entry { wake: Some(at), .. }) = self.tasks.remove(&key) {
            self.wakes.remove(&(at, key));
        }
    }

    /// Sets another pace, because more became known of the task's timeouts.
    pub(crate) fn set_pace(&mut self, key: TaskKey, pace: Pace, now: Instant) {
        let interval = pace.next_interval(&mut self.random);
        self.change(key, |entry| {
            entry.pace = pace;
            let from = entry.sent.unwrap_or(entry.alive);
            entry.next_beat = entry
                .next_beat
                .map(|next| next.min((from + interval).max(now)));
        });
    }

    /// Sets when the start-to-close timeout passes, if ever.
    pub(crate) fn set_close(&mut self, key: TaskKey, at: Option<Instant>) {
        self.change(key, |entry| entry.close_at = at);
    }

    /// Sets when the cancel grace is over.
    pub(crate) fn set_grace(&mut self, key: TaskKey, at: Instant) {
        self.change(key, |entry| entry.grace_at = Some(at));
    }

    /// Holds heartbeats back while an outcome is under way.
    pub(crate) fn hold(&mut self, key: TaskKey) {
        self.change(key, |entry| entry.held = true);
    }

    /// Lets heartbeats go again at `now`. What was held back is not late.
    pub(crate) fn release(&mut self, key: TaskKey, now: Instant) {
        self.change(key, |entry| {
            entry.held = false;
            entry.next_beat = entry.next_beat.map(|next| next.max(now));
        });
    }

    /// Whether the heartbeat under way may still start: not if the task left, nor if its outcome
    /// went on its way in between, which then waits for as long as it can.
    pub(crate) fn may_start(&mut self, key: TaskKey) -> bool {
        let Some(entry) = self.tasks.get_mut(&key) else {
            return false;
        };
        let now = entry.sent;
        if !entry.held
            || entry
                .urgent_at()
                .is_some_and(|at| now.is_some_and(|now| at <= now))
        {
            return true;
        }
        entry.sent = None;
        self.index(key);
        false
    }

    /// What came of the heartbeat that was under way.
    pub(crate) fn answered(&mut self, key: TaskKey, beaten: Beaten, now: Instant) {
        let Some(entry) = self.tasks.get_mut(&key) else {
            return;
        };
        let sent = entry.sent.take().unwrap_or(now);
        let interval = entry.pace.next_interval(&mut self.random);
        match beaten {
            Beaten::Accepted => {
                entry.failures = 0;
                entry.alive = entry.alive.max(sent);
                entry.next_beat = Some((sent + interval).max(now));
            }
            Beaten::Failed => {
                entry.failures += 1;
                let delay = entry.pace.retry_delay(entry.failures, &mut self.random);
                // The nearer the timeout, the sooner the next try.
                let delay = entry.lost_at().map_or(delay, |lost| {
                    let left = lost.saturating_duration_since(now);
                    delay.min(left / 4).max(SHORTEST_RETRY)
                });
                entry.next_beat = Some(now + delay);
            }
            Beaten::Refused => entry.next_beat = Some((sent + interval).max(now)),
            Beaten::Closed => {
                entry.next_beat = None;
                entry.lost = true;
                entry.close_at = None;
            }
        }
        self.index(key);
    }

    /// No heartbeat that is under way will be answered.
    pub(crate) fn calls_lost(&mut self, now: Instant) {
        let under_way = self.tasks.iter().filter(|(_, entry)| entry.sent.is_some());
        let mut under_way: Vec<_> = under_way.map(|(key, _)| *key).collect();
        under_way.sort_unstable();
        for key in under_way {
            self.answered(key, Beaten::Failed, now);
        }
    }

    /// Everything that is due at `now`, earliest first. Each thing is said once.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<(TaskKey, Due)> {
        let mut due = Vec::new();
        while let Some(&(at, key)) = self.wakes.first() {
            if at > now {
                break;
            }
            self.change(key, |entry| {
                if entry.lost_at().is_some_and(|at| at <= now) {
                    entry.lost = true;
                    due.push((key, Due::HeartbeatLost));
                }
                if entry.close_at.is_some_and(|at| at <= now) {
                    entry.close_at = None;
                    due.push((key, Due::TimedOut));
                }
                if entry.grace_at.is_some_and(|at| at <= now) {
                    entry.grace_at = None;
                    due.push((key, Due::GraceExpired));
                }
                if let Some(at) = entry.beat_at().filter(|at| *at <= now) {
                    entry.sent = Some(now);
                    due.push((
                        key,
                        Due::Beat {
                            late: now - at,
                            call_timeout: entry.call_timeout(now),
                        },
                    ));
                }
            });
        }
        due
    }

    /// When something will be due next.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        self.wakes.first().map(|(at, _)| *at)
    }

    fn change(&mut self, key: TaskKey, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.tasks.get_mut(&key) {
            change(entry);
            self.index(key);
        }
    }

    fn index(&mut self, key: TaskKey) {
        let Some(entry) = self.tasks.get_mut(&key) else {
            return;
        };
        let wake = entry.next_wake();
        if wake == entry.wake {
            return;
        }
        if let Some(at) = std::mem::replace(&mut entry.wake, wake) {
            self.wakes.remove(&(at, key));
        }
        if let Some(at) = wake {
            self.wakes.insert((at, key));
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
