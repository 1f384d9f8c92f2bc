//! Whose heartbeat is next, among all tasks of all workers that share a budget.
//!
//! A pure structure: no clock, no I/O. Each worker's [schedule](super::super::schedule) says when
//! its tasks want to beat, and is told when they may.
//!
//! At normal intervals each task has a moment of its own. A class of tasks whose interval is
//! stretched has turns instead, evenly spaced, so that each of its n tasks comes up once in
//! s x timeout, in the order in which they last beat. So a change of s holds for all tasks at
//! once without a look at any of them, and tasks that began together spread by themselves.

mod balance;
#[cfg(test)]
mod tests;
mod turns;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::class::{Class, ClassKey, Ticket, Urgency};
use super::latency::Latency;
use super::rate::Rate;
use super::stretch::demand;
use crate::task::TaskKey;

/// A worker among those that share the budget.
pub(super) type MemberId = u32;

/// When a task wants to heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::heartbeat) enum Turn {
    /// Not now: a call is under way, or the task is closed.
    Away,
    /// At this moment if nothing is stretched; else by when it would be without jitter, which
    /// would mix up the order of evenly spaced turns.
    Normal { at: Instant, unjittered: Instant },
    /// At this moment as soon as a call is free: a retry, or a timeout that comes near.
    Exact(Instant),
}

/// What a schedule is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::heartbeat) enum Order {
    /// The task may heartbeat, and is so far behind its time.
    Beat(TaskKey, Duration),
    /// The task is let go.
    LetGo(TaskKey),
    /// The task is let go no longer: it is served again, or its timeout passed or is another.
    Kept(TaskKey),
}

/// How a heartbeat's call ended, for the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::heartbeat) enum Verdict {
    /// The service answered it.
    Answered,
    /// It was not answered in time, or the service has trouble.
    Failed,
    /// The service wants fewer calls.
    Throttled,
}

#[derive(Debug)]
struct Task {
    member: MemberId,
    key: TaskKey,
    class: usize,
    /// When the service last saw it alive, at the latest.
    alive: Instant,
    /// When it wants to beat.
    at: Instant,
    place: Place,
    let_go: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Away,
    /// In its class's ring.
    Ring,
    /// Waits for its own moment.
    Exact,
    /// Its moment has come, and it waits for a call.
    Ready,
    /// It may beat, and its schedule is about to hear of it.
    Granted,
}

/// The tasks of all workers that share a budget, and the rate.
#[derive(Debug)]
pub(super) struct Plan {
    rate: Rate,
    latency: Latency,
    /// A class stays, also when it is empty, so the index that a task has of its class holds.
    classes: Vec<Class>,
    class_of: BTreeMap<ClassKey, usize>,
    tasks: HashMap<Ticket, Task>,
    exact: BTreeSet<(Instant, Ticket)>,
    ready: BTreeSet<(Urgency, Ticket)>,
    orders: BTreeMap<MemberId, Vec<(Ticket, Order)>>,
    /// Whose orders are new.
    woken: BTreeSet<MemberId>,
    tickets: u64,
    members: MemberId,
    /// Zero while every interval is normal.
    stretch: f64,
    /// What a heartbeat must be ahead of its deadline by, in seconds.
    margin: f64,
    /// What of that is for the call.
    call_margin: f64,
    gives_way: bool,
    /// Tasks or rate changed since the stretch was found.
    stale: bool,
    let_go: usize,
    let_go_ever: u64,
    now: Option<Instant>,
}

/// What a plan shows of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) ceiling: Option<f64>,
    pub(super) rate: Option<f64>,
    pub(super) measured: f64,
    pub(super) demand: f64,
    pub(super) stretch: f64,
    pub(super) tasks: usize,
    pub(super) let_go: usize,
    pub(super) let_go_ever: u64,
    pub(super) throttled: u64,
}

impl Plan {
    pub(super) fn new(ceiling: Option<f64>) -> Self {
        Self {
            rate: Rate::new(ceiling),
            latency: Latency::default(),
            classes: Vec::new(),
            class_of: BTreeMap::new(),
            tasks: HashMap::new(),
            exact: BTreeSet::new(),
            ready: BTreeSet::new(),
            orders: BTreeMap::new(),
            woken: BTreeSet::new(),
            tickets: 0,
            members: 0,
            stretch: 0.0,
            margin: 0.0,
            call_margin: 0.0,
            gives_way: false,
            stale: false,
            let_go: 0,
            let_go_ever: 0,
            now: None,
        }
    }

    /// A worker joins.
    pub(super) fn join(&mut self) -> MemberId {
        self.members += 1;
        self.orders.insert(self.members, Vec::new());
        self.members
    }

    /// A worker leaves, and all its tasks with it.
    pub(super) fn part(&mut self, member: MemberId) {
        let tasks = self.tasks.iter().filter(|(_, task)| task.member == member);
        let tickets: BTreeSet<_> = tasks.map(|(ticket, _)| *ticket).collect();
        for ticket in tickets {
            self.exit(ticket);
        }
        self.orders.remove(&member);
        self.woken.remove(&member);
        self.woken.extend(self.orders.keys());
    }

    /// Whose orders are new since it was last asked.
    pub(super) fn take_woken(&mut self) -> BTreeSet<MemberId> {
        std::mem::take(&mut self.woken)
    }

    /// A worker's task comes in.
    pub(super) fn enter(
        &mut self,
        member: MemberId,
        key: TaskKey,
        class: ClassKey,
        now: Instant,
    ) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let class = self.class(class, now);
        self.classes[class].kept.insert(ticket);
        self.tasks.insert(
            ticket,
            Task {
                member,
                key,
                class,
                alive: now,
                at: now,
                place: Place::Away,
                let_go: false,
            },
        );
        self.stale = true;
        ticket
    }

    /// A task leaves.
    pub(super) fn exit(&mut self, ticket: Ticket) {
        self.lift(ticket);
        if let Some(task) = self.tasks.remove(&ticket) {
            let class = &mut self.classes[task.class];
            class.kept.remove(&ticket);
            class.let_go.remove(&ticket);
            self.let_go -= usize::from(task.let_go);
            self.stale = true;
        }
    }

    /// What a task wants.
    pub(super) fn want(&mut self, ticket: Ticket, key: ClassKey, alive: Instant, turn: Turn) {
        self.lift(ticket);
        let class = self.class(key, alive);
        let Some(task) = self.tasks.get_mut(&ticket) else {
            return;
        };
        task.alive = alive;
        if task.class != class {
            self.classes[task.class].kept.remove(&ticket);
            self.classes[task.class].let_go.remove(&ticket);
            self.classes[class].kept.insert(ticket);
            let let_go = std::mem::take(&mut task.let_go);
            task.class = class;
            if let_go {
                self.let_go -= 1;
                self.order(ticket, Order::Kept);
            }
            self.stale = true;
        }
        let (at, place) = match turn {
            Turn::Away => return,
            Turn::Normal { at, unjittered } => {
                let class = &self.classes[class];
                let stretched = class.stretched(self.stretch, self.margin);
                (stretched.map_or(at, |_| unjittered), Place::Ring)
            }
            Turn::Exact(at) => (at, Place::Exact),
        };
        if let Some(task) = self.tasks.get_mut(&ticket) {
            task.at = at;
        }
        self.put(ticket, place);
    }

    fn class(&mut self, key: ClassKey, now: Instant) -> usize {
        let class = *self.class_of.entry(key).or_insert_with(|| {
            self.classes.push(Class::new(key, now));
            self.classes.len() - 1
        });
        if self.classes[class].kept.is_empty() {
            self.classes[class].last = now;
        }
        class
    }

    /// Takes a task out of wherever it waits.
    fn lift(&mut self, ticket: Ticket) -> Place {
        let Some(task) = self.tasks.get_mut(&ticket) else {
            return Place::Away;
        };
        let place = std::mem::replace(&mut task.place, Place::Away);
        let class = &mut self.classes[task.class];
        match place {
            Place::Away | Place::Granted => {}
            Place::Ring | Place::Exact if task.let_go => {
                class.spare.remove(&(task.at, ticket));
            }
            Place::Ring => {
                class.ring.remove(&(task.at, ticket));
            }
            Place::Exact => {
                class.beside -= 1;
                self.exact.remove(&(task.at, ticket));
            }
            Place::Ready => {
                class.beside -= 1;
                self.ready.remove(&(urgency(task, class), ticket));
            }
        }
        place
    }

    /// Lets a task that was lifted wait there.
    fn put(&mut self, ticket: Ticket, place: Place) {
        let Some(task) = self.tasks.get_mut(&ticket) else {
            return;
        };
        let class = &mut self.classes[task.class];
        task.place = place;
        match place {
            Place::Away | Place::Granted => {}
            Place::Ring | Place::Exact | Place::Ready if task.let_go => {
                task.place = Place::Ring;
                class.spare.insert((task.at, ticket));
            }
            Place::Ring => {
                class.ring.insert((task.at, ticket));
            }
            Place::Exact => {
                class.beside += 1;
                self.exact.insert((task.at, ticket));
            }
            Place::Ready => {
                class.beside += 1;
                self.ready.insert((urgency(task, class), ticket));
            }
        }
    }

    fn order(&mut self, ticket: Ticket, order: impl FnOnce(TaskKey) -> Order) {
        let Some(task) = self.tasks.get(&ticket) else {
            return;
        };
        if let Some(orders) = self.orders.get_mut(&task.member) {
            orders.push((ticket, order(task.key)));
            self.woken.insert(task.member);
        }
    }

    /// Takes what a worker is told.
    pub(super) fn orders(&mut self, member: MemberId) -> Vec<Order> {
        self.woken.remove(&member);
        let orders = self.orders.get_mut(&member).map(std::mem::take);
        let valid = orders.into_iter().flatten().filter(|(ticket, order)| {
            // It may have left, or want something else by now; and if it wants a turn again and
            // has it already, that is one heartbeat.
            self.tasks.get_mut(ticket).is_some_and(|task| {
                let granted = task.place == Place::Granted;
                let beats = matches!(order, Order::Beat(..));
                if beats && granted {
                    task.place = Place::Away;
                }
                granted || !beats
            })
        });
        valid.map(|(_, order)| order).collect()
    }

    /// A call that went out at `sent` has ended.
    pub(super) fn answered(&mut self, verdict: Verdict, sent: Instant, now: Instant) {
        let useful = self.latency.useful();
        match verdict {
            Verdict::Answered => {
                self.latency.answered(now.saturating_duration_since(sent));
                self.stale |= self.rate.accept(sent, now);
            }
            Verdict::Failed => {}
            Verdict::Throttled => self.stale |= self.rate.throttle(sent, now),
        }
        self.latency.failed(verdict == Verdict::Failed);
        let margin = self.latency.margin().as_secs_f64();
        self.stale |= (self.latency.useful() - useful).abs() > 0.0
            || (margin - self.call_margin).abs() > self.call_margin / 16.0;
    }

    /// How long a call takes at most, nearly always.
    pub(super) fn longest_call(&self) -> Option<Duration> {
        self.latency.longest()
    }

    pub(super) fn figures(&mut self, now: Instant) -> Figures {
        self.rebalance();
        Figures {
            ceiling: self.rate.ceiling(),
            rate: self.rate.limit(),
            measured: self.rate.measured(now),
            demand: demand(&self.shares(true)),
            stretch: self.stretch,
            tasks: self.tasks.len(),
            let_go: self.let_go,
            let_go_ever: self.let_go_ever,
            throttled: self.rate.throttled(),
        }
    }
}

fn urgency(task: &Task, class: &Class) -> Urgency {
    let from = if class.key.yields {
        task.at
    } else {
        task.alive
    };
    class.urgency(from + class.key.timeout)
}
