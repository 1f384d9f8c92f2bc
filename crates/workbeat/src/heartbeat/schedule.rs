//! When each task is to heartbeat, and which of its deadlines have passed.
//!
//! A pure structure: no clock, no I/O. The [pacemaker](super::pacemaker) tells it the time and
//! does what it says.

use std::collections::BTreeSet;
use std::time::Duration;

use slab::Slab;
use tokio::time::Instant;

use super::Pace;
use super::budget::{ClassKey, HeartbeatBudgetStatus, Member, Order, Ticket, Turn, Verdict};
use super::seat::Seat;
use crate::moment::Moment;
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
    /// A heartbeat, so far behind its time; it `begins` when its call goes out, and the schedule
    /// counts it as under way until it is `answered`.
    Beat { late: Duration },
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

/// The heartbeats and deadlines of all tasks of one worker, with a `T` for each.
///
/// It knows when a task wants to heartbeat; the budget says when it may.
#[derive(Debug)]
pub(crate) struct Schedule<T> {
    tasks: Slab<Entry<T>>,
    /// The next moment of every task at which a deadline passes.
    wakes: BTreeSet<(Moment, u32)>,
    budget: Member,
    /// How long calls take at most, nearly always, as of the last look.
    longest_call: Option<Duration>,
    random: fastrand::Rng,
}

#[derive(Debug)]
struct Entry<T> {
    key: TaskKey,
    task: T,
    pace: Pace,
    /// When the next heartbeat should go out. None once the task is closed.
    next_beat: Option<Moment>,
    /// When the heartbeat under way went out.
    sent: Option<Moment>,
    /// When the service last saw the task alive, at the latest.
    alive: Moment,
    close_at: Option<Moment>,
    grace_at: Option<Moment>,
    ticket: Ticket,
    failures: u32,
    /// An outcome is on its way, and a heartbeat should not cross it.
    held: bool,
    lost: bool,
    /// The next heartbeat is wanted at its very moment: it may be late already.
    hurried: bool,
}

/// What the budget must be told of a task when it changes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wants {
    pace: Pace,
    lost: bool,
    alive: Moment,
    turn: Turn,
}

impl<T> Entry<T> {
    fn wants(&self) -> Wants {
        Wants {
            pace: self.pace,
            lost: self.lost,
            alive: self.alive,
            turn: self.turn(),
        }
    }

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
                unjittered: next.max(self.alive + self.pace.interval()),
            }
        }
    }

    /// When a heartbeat is worth it even while an outcome is under way: a timeout comes near.
    fn urgent_at(&self) -> Option<Moment> {
        Some(self.alive + self.pace.timeout()? * 3 / 4)
    }

    /// How long a call that goes out at `now` may take, where calls take `longest` at most,
    /// nearly always.
    ///
    /// What is left of the timeout must do for it and for one more, unless no call would come
    /// back in that. A call that takes much longer than others has most likely gone wrong; the
    /// next one is given twice as long.
    fn call_timeout(&self, now: Moment, longest: Option<Duration>) -> Duration {
        let mut whole = self.pace.call_timeout();
        let mut least = SHORTEST_CALL;
        if let (Some(longest), Some(timeout)) = (longest, self.pace.timeout()) {
            let patience = (longest * 4).max(timeout / 32).max(SHORTEST_PATIENCE);
            whole = whole.min(patience.saturating_mul(1 << self.failures.min(8)));
            least = least.max(longest * 3 / 2).min(whole);
        }
        let most = self.lost_at().map_or_else(
            || self.blindly().map_or(whole, |timeout| timeout / 6),
            |lost| lost.saturating_since(now) / 2,
        );
        whole.min(most).max(least)
    }

    /// The timeout of a task that is presumed lost. A heartbeat whose answer was lost may have
    /// kept it alive since, nobody knows until when: several tries must fit into any timeout.
    fn blindly(&self) -> Option<Duration> {
        self.pace.timeout().filter(|_| self.lost)
    }

    /// When the heartbeat timeout will have passed unheard.
    fn lost_at(&self) -> Option<Moment> {
        let timeout = self.pace.timeout().filter(|_| !self.lost)?;
        Some(self.alive + timeout)
    }

    fn next_wake(&self) -> Option<Moment> {
        [self.lost_at(), self.close_at, self.grace_at]
            .into_iter()
            .flatten()
            .min()
    }
}

impl<T> Schedule<T> {
    pub(super) fn new(budget: Member, random: fastrand::Rng) -> Self {
        Self {
            tasks: Slab::new(),
            wakes: BTreeSet::new(),
            budget,
            longest_call: None,
            random,
        }
    }

    /// Takes in a task that the service started at `now`.
    pub(crate) fn insert(&mut self, key: TaskKey, task: T, pace: Pace, now: Instant) -> Seat {
        let now = Moment::from(now);
        let next_beat = now + pace.next_interval(&mut self.random);
        let vacant = self.tasks.vacant_entry();
        let seat = Seat::new(key, vacant.key());
        let entry = Entry {
            key,
            task,
            pace,
            next_beat: Some(next_beat),
            sent: None,
            alive: now,
            close_at: None,
            grace_at: None,
            ticket: self.budget.enter(seat, ClassKey::new(&pace, false), now),
            failures: 0,
            held: false,
            lost: false,
            hurried: false,
        };
        self.budget.want(entry.ticket, None, now, entry.turn());
        if let Some(wake) = entry.next_wake() {
            self.wakes.insert((wake, seat.at));
        }
        vacant.insert(entry);
        seat
    }

    /// Forgets a task.
    pub(crate) fn remove(&mut self, seat: Seat) -> Option<T> {
        let wake = self.entry(seat)?.next_wake();
        let entry = self.tasks.remove(seat.at as usize);
        self.budget.exit(entry.ticket);
        if let Some(wake) = wake {
            self.wakes.remove(&(wake, seat.at));
        }
        Some(entry.task)
    }

    /// What belongs to a task, if it is still there.
    pub(crate) fn get_mut(&mut self, seat: Seat) -> Option<&mut T> {
        Some(&mut self.entry(seat)?.task)
    }

    /// Each task.
    pub(crate) fn tasks(&mut self) -> impl Iterator<Item = (Seat, &mut T)> {
        let tasks = self.tasks.iter_mut();
        tasks.map(|(at, entry)| (Seat::new(entry.key, at), &mut entry.task))
    }

    fn entry(&mut self, seat: Seat) -> Option<&mut Entry<T>> {
        let entry = self.tasks.get_mut(seat.at as usize);
        entry.filter(|entry| entry.key == seat.key)
    }

    /// Sets another pace, because more became known of the task's timeouts.
    pub(crate) fn set_pace(&mut self, seat: Seat, pace: Pace, now: Instant) {
        let now = Moment::from(now);
        self.change(seat, |entry, random| {
            entry.pace = pace;
            let from = entry.sent.unwrap_or(entry.alive);
            let latest = (from + pace.next_interval(random)).max(now);
            entry.next_beat = entry.next_beat.map(|next| next.min(latest));
        });
    }

    /// Sets when the start-to-close timeout passes, if ever.
    pub(crate) fn set_close(&mut self, seat: Seat, at: Option<Instant>) {
        self.change(seat, |entry, _| entry.close_at = at.map(Moment::from));
    }

    /// Sets when the cancel grace is over.
    pub(crate) fn set_grace(&mut self, seat: Seat, at: Instant) {
        self.change(seat, |entry, _| entry.grace_at = Some(at.into()));
    }

    /// Holds heartbeats back while an outcome is under way.
    pub(crate) fn hold(&mut self, seat: Seat) {
        self.change(seat, |entry, _| entry.held = true);
    }

    /// Lets heartbeats go again at `now`. What was held back is not late.
    pub(crate) fn release(&mut self, seat: Seat, now: Instant) {
        let now = Moment::from(now);
        self.change(seat, |entry, _| {
            entry.held = false;
            entry.next_beat = entry.next_beat.map(|next| next.max(now));
        });
    }

    /// The heartbeat that was due goes out at `now`, and may take so long. Not if the task left,
    /// nor if its outcome went on its way in between, which then waits for as long as it can.
    pub(crate) fn begins(&mut self, seat: Seat, now: Instant) -> Option<Duration> {
        let now = Moment::from(now);
        let longest = self.longest_call;
        let entry = self.entry(seat)?;
        if entry.held && entry.urgent_at().is_none_or(|at| at > now) {
            self.change(seat, |entry, _| entry.sent = None);
            return None;
        }
        // It stays sent as of when it was handed out: those that wait for each other would come
        // later and with more of them each time.
        Some(entry.call_timeout(now, longest))
    }

    /// When a task is presumed lost, if ever.
    pub(crate) fn deadline(&mut self, seat: Seat) -> Option<Moment> {
        self.entry(seat)?.lost_at()
    }

    /// What came of the heartbeat that was under way.
    pub(crate) fn answered(&mut self, seat: Seat, beaten: Beaten, now: Instant) {
        let now = Moment::from(now);
        let sent = self.entry(seat).and_then(|entry| entry.sent);
        if let Some(sent) = sent {
            let verdict = match beaten {
                Beaten::Accepted | Beaten::Refused | Beaten::Closed => Verdict::Answered,
                Beaten::Failed => Verdict::Failed,
                Beaten::Throttled => Verdict::Throttled,
            };
            self.budget.answered(verdict, sent, now);
        }
        self.ended(seat, beaten, now);
    }

    fn ended(&mut self, seat: Seat, beaten: Beaten, now: Moment) {
        if beaten == Beaten::Closed
            && let Some(entry) = self.entry(seat)
        {
            let ticket = entry.ticket;
            self.budget.exit(ticket);
        }
        self.change(seat, |entry, random| {
            entry.hurried = false;
            let sent = entry.sent.take().unwrap_or(now);
            let interval = entry.pace.next_interval(random);
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
                    let delay = entry.pace.retry_delay(entry.failures, random);
                    // The nearer the timeout, the sooner the next try.
                    let most = match (entry.lost_at(), entry.blindly()) {
                        (Some(lost), _) => lost.saturating_since(now) / 4,
                        (None, Some(timeout)) if beaten == Beaten::Failed => timeout / 8,
                        (None, _) => delay,
                    };
                    let delay = delay.min(most);
                    // A call that was not answered has waited already.
                    let delay = delay.saturating_sub(now.saturating_since(sent));
                    let delay = delay.max(SHORTEST_RETRY);
                    entry.next_beat = Some(now + delay);
                }
                Beaten::Refused => entry.next_beat = Some((sent + interval).max(now)),
                Beaten::Closed => {
                    entry.next_beat = None;
                    entry.lost = true;
                    entry.close_at = None;
                }
            }
        });
    }

    /// No heartbeat that is under way will be answered.
    pub(crate) fn calls_lost(&mut self, now: Instant) {
        let under_way = self.seats(|entry| entry.sent.is_some());
        for seat in under_way {
            self.ended(seat, Beaten::Failed, now.into());
        }
    }

    /// Makes every heartbeat due at `now`, because nobody knows how long ago the last ones were.
    pub(crate) fn hurry(&mut self, now: Instant) {
        let now = Moment::from(now);
        for seat in self.seats(|_| true) {
            self.change(seat, |entry, _| {
                entry.hurried = true;
                entry.next_beat = entry.next_beat.map(|next| next.min(now));
            });
        }
    }

    /// Those tasks, the oldest first.
    fn seats(&self, which: impl Fn(&Entry<T>) -> bool) -> Vec<Seat> {
        let tasks = self.tasks.iter().filter(|(_, entry)| which(entry));
        let mut seats: Vec<_> = tasks.map(|(at, entry)| Seat::new(entry.key, at)).collect();
        seats.sort_unstable();
        seats
    }

    /// Everything that is due at `now`: first the deadlines that passed, then the heartbeats that
    /// may go out, the nearest deadline first. Each thing is said once.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<(Seat, Due)> {
        let now = Moment::from(now);
        let mut due = Vec::new();
        while let Some(&(_, at)) = self.wakes.first().filter(|(wake, _)| *wake <= now) {
            let Some(entry) = self.tasks.get(at as usize) else {
                break;
            };
            let seat = Seat { key: entry.key, at };
            self.change(seat, |entry, _| {
                if entry.lost_at().is_some_and(|at| at <= now) {
                    entry.lost = true;
                    due.push((seat, Due::HeartbeatLost));
                }
                if entry.close_at.is_some_and(|at| at <= now) {
                    entry.close_at = None;
                    due.push((seat, Due::TimedOut));
                }
                if entry.grace_at.is_some_and(|at| at <= now) {
                    entry.grace_at = None;
                    due.push((seat, Due::GraceExpired));
                }
            });
        }
        self.longest_call = self.budget.longest_call();
        for order in self.budget.run(now) {
            match order {
                Order::Beat(seat, late) => {
                    if let Some(entry) = self.entry(seat) {
                        // The budget knows that a task to which it gave the turn wants none.
                        entry.sent = Some(now);
                        due.push((seat, Due::Beat { late }));
                    }
                }
                Order::LetGo(seat) => due.push((seat, Due::LetGo)),
                Order::Kept(seat) => due.push((seat, Due::Kept)),
            }
        }
        due
    }

    /// When something will be due next.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let deadline = self.wakes.first().map(|(at, _)| *at);
        let next = deadline.into_iter().chain(self.budget.next()).min();
        next.map(Moment::instant)
    }

    /// What the budget is asked for and gives.
    pub(crate) fn budget(&self) -> HeartbeatBudgetStatus {
        self.budget.status()
    }

    /// Whether there is no task.
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Changes a task, and tells the budget what it wants if that changed with it.
    fn change(&mut self, seat: Seat, change: impl FnOnce(&mut Entry<T>, &mut fastrand::Rng)) {
        let entry = self.tasks.get_mut(seat.at as usize);
        let Some(entry) = entry.filter(|entry| entry.key == seat.key) else {
            return;
        };
        let (before, wake) = (entry.wants(), entry.next_wake());
        change(entry, &mut self.random);
        let after = entry.wants();
        if after != before {
            let same = (after.pace, after.lost) == (before.pace, before.lost);
            let class = (!same).then(|| ClassKey::new(&after.pace, after.lost));
            self.budget
                .want(entry.ticket, class, after.alive, after.turn);
        }
        let next = entry.next_wake();
        if next != wake {
            if let Some(at) = wake {
                self.wakes.remove(&(at, seat.at));
            }
            if let Some(at) = next {
                self.wakes.insert((at, seat.at));
            }
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
