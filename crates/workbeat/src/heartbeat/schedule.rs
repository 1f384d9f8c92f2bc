//! When each task is to heartbeat, and which of its deadlines have passed.
//!
//! A pure structure: no clock, no I/O. The [pacemaker](super::pacemaker) tells it the time and
//! does what it says.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::Pace;
use super::budget::{ClassKey, HeartbeatBudgetStatus, Member, Order, Ticket, Turn, Verdict};
use crate::task::TaskKey;

/// The least time that a call is given, however near the timeout is.
const SHORTEST_CALL: Duration = Duration::from_millis(10);

/// The least time that a call is given where it is known how long calls take.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(50);

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
    /// The budget has no room for the task's heartbeats.
    LetGo,
    /// It is let go no longer.
    Kept,
}

/// What came of a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beaten {
    /// The service accepted it.
    Accepted,
    /// The service wants fewer calls: try again when the budget allows.
    Throttled,
    /// It did not get through, or the service had no time for it: try again soon.
    Failed,
    /// The service refuses it, and trying sooner will not help: try again in an interval.
    Refused,
    /// The task is closed: no more heartbeats.
    Closed,
}

/// The heartbeats and deadlines of all tasks of one worker.
///
/// It knows when a task wants to heartbeat; the budget says when it may.
#[derive(Debug)]
pub(crate) struct Schedule {
    tasks: HashMap<TaskKey, Entry>,
    /// The next moment of every task at which a deadline passes.
    wakes: BTreeSet<(Instant, TaskKey)>,
    budget: Member,
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
    /// The next heartbeat is wanted at its very moment: it may be late already.
    hurried: bool,
    ticket: Ticket,
    /// What the budget was told last.
    wanted: Option<(ClassKey, Instant, Turn)>,
}

impl Entry {
    /// When the next heartbeat should go out.
    fn turn(&self) -> Turn {
        let Some(next) = self.next_beat.filter(|_| self.sent.is_none()) else {
            return Turn::Away;
        };
        if self.held {
            let urgent = self.urgent_at();
            return urgent.map_or(Turn::Away, |urgent| Turn::Exact(next.max(urgent)));
        }
        if self.failures > 0 || self.hurried {
            Turn::Exact(next)
        } else {
            Turn::Normal {
                at: next,
                unjittered: next.max(self.alive + self.pace.interval),
            }
        }
    }

    /// When a heartbeat is worth it even while an outcome is under way: a timeout comes near.
    fn urgent_at(&self) -> Option<Instant> {
        Some(self.alive + self.pace.timeout? * 3 / 4)
    }

    /// How long a call that goes out at `now` may take, where calls take `longest` at most,
    /// nearly always.
    ///
    /// What is left of the timeout must do for it and for one more, unless no call would come
    /// back in that. A call that takes much longer than others has most likely gone wrong; the
    /// next one is given twice as long.
    fn call_timeout(&self, now: Instant, longest: Option<Duration>) -> Duration {
        let mut whole = self.pace.call_timeout();
        let mut least = SHORTEST_CALL;
        if let (Some(longest), Some(timeout)) = (longest, self.pace.timeout) {
            let patience = (longest * 4).max(timeout / 32).max(SHORTEST_PATIENCE);
            whole = whole.min(patience.saturating_mul(1 << self.failures.min(8)));
            least = least.max(longest * 3 / 2).min(whole);
        }
        let most = self.lost_at().map_or_else(
            || self.blindly().map_or(whole, |timeout| timeout / 6),
            |lost| lost.saturating_duration_since(now) / 2,
        );
        whole.min(most).max(least)
    }

    /// The timeout of a task that is presumed lost. A heartbeat whose answer was lost may have
    /// kept it alive since, nobody knows until when: several tries must fit into any timeout.
    fn blindly(&self) -> Option<Duration> {
        self.pace.timeout.filter(|_| self.lost)
    }

    /// When the heartbeat timeout will have passed unheard.
    fn lost_at(&self) -> Option<Instant> {
        let timeout = self.pace.timeout.filter(|_| !self.lost)?;
        Some(self.alive + timeout)
    }

    fn next_wake(&self) -> Option<Instant> {
        [self.lost_at(), self.close_at, self.grace_at]
            .into_iter()
            .flatten()
            .min()
    }
}

impl Schedule {
    pub(super) fn new(budget: Member, random: fastrand::Rng) -> Self {
        Self {
            tasks: HashMap::new(),
            wakes: BTreeSet::new(),
            budget,
            random,
        }
    }

    /// Takes in a task that the service started at `now`.
    pub(crate) fn insert(&mut self, key: TaskKey, pace: Pace, now: Instant) {
        let next_beat = now + pace.next_interval(&mut self.random);
        let ticket = self.budget.enter(key, ClassKey::new(&pace, false), now);
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
                hurried: false,
                ticket,
                wanted: None,
            },
        );
        self.index(key);
    }

    /// Forgets a task.
    pub(crate) fn remove(&mut self, key: TaskKey) {
        let Some(entry) = self.tasks.remove(&key) else {
            return;
        };
        self.budget.exit(entry.ticket);
        if let Some(at) = entry.wake {
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
        let sent = self.tasks.get(&key).and_then(|entry| entry.sent);
        if let Some(sent) = sent {
            let verdict = match beaten {
                Beaten::Accepted | Beaten::Refused | Beaten::Closed => Verdict::Answered,
                Beaten::Failed => Verdict::Failed,
                Beaten::Throttled => Verdict::Throttled,
            };
            self.budget.answered(verdict, sent, now);
        }
        self.ended(key, beaten, now);
    }

    fn ended(&mut self, key: TaskKey, beaten: Beaten, now: Instant) {
        let Some(entry) = self.tasks.get_mut(&key) else {
            return;
        };
        entry.hurried = false;
        let sent = entry.sent.take().unwrap_or(now);
        let interval = entry.pace.next_interval(&mut self.random);
        match beaten {
            Beaten::Accepted => {
                entry.failures = 0;
                // Whatever was presumed: the service has it alive.
                entry.lost = false;
                entry.alive = entry.alive.max(sent);
                entry.next_beat = Some((sent + interval).max(now));
            }
            Beaten::Failed | Beaten::Throttled => {
                entry.failures += 1;
                let delay = entry.pace.retry_delay(entry.failures, &mut self.random);
                // The nearer the timeout, the sooner the next try.
                let most = match (entry.lost_at(), entry.blindly()) {
                    (Some(lost), _) => lost.saturating_duration_since(now) / 4,
                    (None, Some(timeout)) if beaten == Beaten::Failed => timeout / 8,
                    (None, _) => delay,
                };
                let delay = delay.min(most);
                // A call that was not answered has waited already.
                let delay = delay.saturating_sub(now.saturating_duration_since(sent));
                let delay = delay.max(SHORTEST_RETRY);
                entry.next_beat = Some(now + delay);
            }
            Beaten::Refused => entry.next_beat = Some((sent + interval).max(now)),
            Beaten::Closed => {
                self.budget.exit(entry.ticket);
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
            self.ended(key, Beaten::Failed, now);
        }
    }

    /// Makes every heartbeat due at `now`, because nobody knows how long ago the last ones were.
    pub(crate) fn hurry(&mut self, now: Instant) {
        let keys: Vec<_> = self.tasks.keys().copied().collect();
        for key in keys {
            self.change(key, |entry| {
                entry.hurried = true;
                entry.next_beat = entry.next_beat.map(|next| next.min(now));
            });
        }
    }

    /// Everything that is due at `now`: first the deadlines that passed, then the heartbeats that
    /// may go out, the nearest deadline first. Each thing is said once.
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
            });
        }
        for order in self.budget.run(now) {
            match order {
                Order::Beat(key, late) => due.extend(self.start(key, late, now)),
                Order::LetGo(key) => due.push((key, Due::LetGo)),
                Order::Kept(key) => due.push((key, Due::Kept)),
            }
        }
        due
    }

    fn start(&mut self, key: TaskKey, late: Duration, now: Instant) -> Option<(TaskKey, Due)> {
        let longest = self.budget.longest_call();
        let entry = self.tasks.get_mut(&key)?;
        let call_timeout = entry.call_timeout(now, longest);
        entry.sent = Some(now);
        self.index(key);
        Some((key, Due::Beat { late, call_timeout }))
    }

    /// When something will be due next.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let deadline = self.wakes.first().map(|(at, _)| *at);
        deadline.into_iter().chain(self.budget.next()).min()
    }

    /// What the budget is asked for and gives.
    pub(crate) fn budget(&self) -> HeartbeatBudgetStatus {
        self.budget.status()
    }

    /// Whether there is no task.
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
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
        let class = ClassKey::new(&entry.pace, entry.lost);
        let wanted = Some((class, entry.alive, entry.turn()));
        if wanted != entry.wanted {
            self.budget
                .want(entry.ticket, class, entry.alive, entry.turn());
            entry.wanted = wanted;
        }
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
