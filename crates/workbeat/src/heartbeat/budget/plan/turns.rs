//! Whose turn it is.

use std::time::Duration;

use super::super::class::{Class, TaskAt};
use super::{MemberId, Order, Place, Plan};
use crate::moment::Moment;
use crate::time::from_seconds;

impl Plan {
    /// When the next turn of a class is.
    fn release(&self, class: &Class) -> Option<Moment> {
        let (at, _) = class.ring.first()?;
        Some(match class.stretched(self.stretch, self.margin) {
            Some(stretched) => {
                let spaced = class.last + class.spacing(stretched);
                if class.key.yields {
                    // Nothing is lost by waiting, and a stretch over 1 is meant.
                    spaced
                } else {
                    spaced.min(class.latest(*at, self.stretch, self.margin))
                }
            }
            None => *at,
        })
    }

    /// When to wake for a class: with the first turn that is due, those that are due a little
    /// later are waited for. Waking costs more than many heartbeats do. Where there is a limit, not
    /// so many go out that it would matter, and several at once are throttled more easily.
    fn wake(&self, class: &Class) -> Option<Moment> {
        let release = self.release(class)?;
        if self.rate.limit().is_some() {
            return Some(release);
        }
        class.last_within(release + class.patience())
    }

    fn serves(&self, class: &Class) -> bool {
        !(self.gives_way && class.key.yields)
    }

    /// When the next heartbeat can go out.
    fn next(&mut self) -> Option<Moment> {
        self.rebalance();
        let ready = self.now.filter(|_| !self.ready.is_empty());
        let exact = self.exact.first().map(|(at, _)| *at);
        let served = self.classes.iter().filter(|class| self.serves(class));
        let turns = served.filter_map(|class| self.wake(class));
        let due = turns.chain(ready).chain(exact).min();
        let ready = self.rate.ready_at();
        let due = due.map(|due| ready.map_or(due, |ready| due.max(ready)));
        let left_over = self.left_over().map(|(at, _)| at);
        let full = self.rate.full_at();
        let left_over = left_over.map(|at| full.map_or(at, |full| at.max(full)));
        due.into_iter().chain(left_over).min()
    }

    /// When the next heartbeat of a worker can go out, or its orders can be taken.
    pub(in super::super) fn next_for(&mut self, member: MemberId) -> Option<Moment> {
        let next = self.next();
        match self.orders.get(&member) {
            Some(orders) if !orders.is_empty() => self.now.or(next),
            _ => next,
        }
    }

    /// Hands out the heartbeats that are due at `now`, to whomever they belong.
    pub(in super::super) fn run(&mut self, now: Moment) {
        let expected = self.next();
        self.now = Some(self.now.map_or(now, |last| last.max(now)));
        self.rate.settle(now);
        while let Some(&(due, at)) = self.exact.first() {
            if due > now {
                break;
            }
            self.lift(at);
            self.put(at, Place::Ready);
        }
        let late = |due: Moment| now.saturating_since(expected.map_or(due, |at| at.max(due)));
        while self.rate.is_ready() {
            let Some((at, due)) = self.pick(now) else {
                break;
            };
            self.grant(at, due, late(due), now);
        }
        while self.rate.limit().is_some() && self.rate.is_full() {
            let Some((due, at)) = self.left_over().filter(|(due, _)| *due <= now) else {
                break;
            };
            self.grant(at, due, Duration::ZERO, now);
        }
    }

    /// The most urgent task among those whose turn it is.
    fn pick(&self, now: Moment) -> Option<(TaskAt, Moment)> {
        let ready = self.ready.first().map(|(urgency, at)| {
            let due = self.tasks.get(*at as usize).map_or(now, |task| task.at);
            (*urgency, *at, due)
        });
        let served = self.classes.iter().filter(|class| self.serves(class));
        let turns = served.filter_map(|class| {
            let due = self.release(class).filter(|due| *due <= now)?;
            let (next, at) = class.ring.first()?;
            Some((class.urgency(class.deadline(*next)), *at, due))
        });
        let (_, at, due) = turns.chain(ready).min()?;
        Some((at, due))
    }

    /// Whose call it is when nobody who is served needs it: a task let go that can still be in
    /// time, or one that gave way.
    fn left_over(&self) -> Option<(Moment, TaskAt)> {
        if self.let_go == 0 && !self.gives_way {
            return None;
        }
        let waiting = self.classes.iter().filter_map(|class| {
            let gave_way = class.ring.first().filter(|_| !self.serves(class));
            gave_way.into_iter().chain(class.spare.first()).min()
        });
        waiting.min().copied()
    }

    fn grant(&mut self, at: TaskAt, due: Moment, late: Duration, now: Moment) {
        let place = self.lift(at);
        let Some(task) = self.tasks.get_mut(at as usize) else {
            return;
        };
        task.place = Place::Granted;
        let ticket = task.ticket(at as usize);
        let class = &mut self.classes[task.class as usize];
        if place == Place::Ring && !task.let_go {
            // A class that is behind catches up, but not with more than a quarter of a round.
            let behind = class.stretched(self.stretch, self.margin);
            let behind = behind.map(|round| from_seconds(round / 4.0));
            let last = behind.map_or(now, |behind| due.max(now.before(behind)));
            class.last = last.max(class.last);
        }
        self.rate.take(now);
        self.order(ticket, |seat| Order::Beat(seat, late));
    }
}
