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

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use slab::Slab;

use super::super::seat::Seat;
use super::class::{Class, ClassKey, TaskAt, Ticket, Urgency};
use super::latency::Latency;
use super::rate::Rate;
use super::stretch::demand;
use crate::moment::Moment;

/// A worker among those that share the budget.
pub(super) type MemberId = u32;

/// When a task wants to heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::heartbeat) enum Turn {
    /// Not now: a call is under way, or the task is closed.
    Away,
    /// At this moment if nothing is stretched; else by when it would be without jitter, which
    /// would mix up the order of evenly spaced turns.
    Normal { at: Moment, unjittered: Moment },
    /// At this moment as soon as a call is free: a retry, or a timeout that comes near.
    Exact(Moment),
}

/// What a schedule is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::heartbeat) enum Order {
    /// The task may heartbeat, and is so far behind its time.
    Beat(Seat, Duration),
    /// The task is let go.
    LetGo(Seat),
    /// The task is let go no longer: it is served again, or its timeout passed or is another.
    Kept(Seat),
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
    /// The number of its ticket.
    number: u64,
    member: MemberId,
    seat: Seat,
    class: u32,
    /// When the service last saw it alive, at the latest.
    alive: Moment,
    /// When it wants to beat.
    at: Moment,
    place: Place,
    let_go: bool,
}

impl Task {
    fn ticket(&self, at: usize) -> Ticket {
        Ticket {
            number: self.number,
            // More tasks than that fit into no memory.
            at: at as TaskAt,
        }
    }
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
    class_of: BTreeMap<ClassKey, u32>,
    tasks: Slab<Task>,
    exact: BTreeSet<(Moment, TaskAt)>,
    ready: BTreeSet<(Urgency, TaskAt)>,
    orders: BTreeMap<MemberId, Vec<(Ticket, Order)>>,
    /// Whose orders are new, each once.
    woken: Vec<MemberId>,
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
    now: Option<Moment>,
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
            tasks: Slab::new(),
            exact: BTreeSet::new(),
            ready: BTreeSet::new(),
            orders: BTreeMap::new(),
            woken: Vec::new(),
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

    /// The plan of one of so many workers that learn from the same throttling.
    pub(super) fn among(mut self, workers: u32) -> Self {
        self.rate = self.rate.among(workers);
        self
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
        let tickets: BTreeSet<_> = tasks.map(|(at, task)| task.ticket(at)).collect();
        for ticket in tickets {
            self.exit(ticket);
        }
        self.orders.remove(&member);
        self.woken = self.orders.keys().copied().collect();
    }

    /// One whose orders are new, each once.
    pub(super) fn take_woken(&mut self) -> Option<MemberId> {
        self.woken.pop()
    }

    /// A worker's task comes in.
    pub(super) fn enter(
        &mut self,
        member: MemberId,
        seat: Seat,
        class: ClassKey,
        now: Moment,
    ) -> Ticket {
        self.tickets += 1;
        let class = self.class(class, now);
        let vacant = self.tasks.vacant_entry();
        let at = vacant.key();
        let task = vacant.insert(Task {
            number: self.tickets,
            member,
            seat,
            class,
            alive: now,
            at: now,
            place: Place::Away,
            let_go: false,
        });
        let ticket = task.ticket(at);
        self.classes[class as usize].kept.insert(ticket);
        self.stale = true;
        ticket
    }

    /// A task leaves.
    pub(super) fn exit(&mut self, ticket: Ticket) {
        if self.task(ticket).is_none() {
            return;
        }
        self.lift(ticket.at);
        let task = self.tasks.remove(ticket.at as usize);
        let class = &mut self.classes[task.class as usize];
        class.forget(ticket, task.let_go);
        self.let_go -= usize::from(task.let_go);
        self.stale = true;
    }

    /// What a task wants, and its class if it is another.
    pub(super) fn want(
        &mut self,
        ticket: Ticket,
        key: Option<ClassKey>,
        alive: Moment,
        turn: Turn,
    ) {
        let Some(task) = self.task(ticket) else {
            return;
        };
        let (before, let_go) = (task.class, task.let_go);
        self.lift(ticket.at);
        let class = match key {
            Some(key) => self.class(key, alive),
            None => self.begin_if_unserved(before, alive),
        };
        if class != before {
            self.classes[before as usize].forget(ticket, let_go);
            self.classes[class as usize].kept.insert(ticket);
            if let_go {
                self.let_go -= 1;
                self.order(ticket, Order::Kept);
            }
            self.stale = true;
        }
        let Some(task) = self.tasks.get_mut(ticket.at as usize) else {
            return;
        };
        task.alive = alive;
        task.let_go &= task.class == class;
        task.class = class;
        let (at, place) = match turn {
            Turn::Away => return,
            Turn::Normal { at, unjittered } => {
                let class = &self.classes[class as usize];
                let stretched = class.stretched(self.stretch, self.margin);
                (stretched.map_or(at, |_| unjittered), Place::Ring)
            }
            Turn::Exact(at) => (at, Place::Exact),
        };
        task.at = at;
        self.put(ticket.at, place);
    }

    fn class(&mut self, key: ClassKey, now: Moment) -> u32 {
        let class = *self.class_of.entry(key).or_insert_with(|| {
            self.classes.push(Class::new(key, now));
            // Rounding keeps their number small.
            (self.classes.len() - 1) as u32
        });
        self.begin_if_unserved(class, now)
    }

    /// Where nobody has a turn in a class, its turns begin anew.
    fn begin_if_unserved(&mut self, class: u32, now: Moment) -> u32 {
        let found = &mut self.classes[class as usize];
        if found.kept.is_empty() {
            found.last = now;
        }
        class
    }

    fn task(&self, ticket: Ticket) -> Option<&Task> {
        let task = self.tasks.get(ticket.at as usize);
        task.filter(|task| task.number == ticket.number)
    }

    /// Takes a task out of wherever it waits.
    fn lift(&mut self, at: TaskAt) -> Place {
        let Some(task) = self.tasks.get_mut(at as usize) else {
            return Place::Away;
        };
        let place = std::mem::replace(&mut task.place, Place::Away);
        let class = &mut self.classes[task.class as usize];
        match place {
            Place::Away | Place::Granted => {}
            Place::Ring | Place::Exact if task.let_go => {
                class.spare.remove(&(task.at, at));
            }
            Place::Ring => {
                class.ring.remove(&(task.at, at));
            }
            Place::Exact => {
                class.beside -= 1;
                self.exact.remove(&(task.at, at));
            }
            Place::Ready => {
                class.beside -= 1;
                self.ready.remove(&(urgency(task, class), at));
            }
        }
        place
    }

    /// Lets a task that was lifted wait there.
    fn put(&mut self, at: TaskAt, place: Place) {
        let Some(task) = self.tasks.get_mut(at as usize) else {
            return;
        };
        let class = &mut self.classes[task.class as usize];
        task.place = place;
        match place {
            Place::Away | Place::Granted => {}
            Place::Ring | Place::Exact | Place::Ready if task.let_go => {
                task.place = Place::Ring;
                class.spare.insert((task.at, at));
            }
            Place::Ring => {
                class.ring.insert((task.at, at));
            }
            Place::Exact => {
                class.beside += 1;
                self.exact.insert((task.at, at));
            }
            Place::Ready => {
                class.beside += 1;
                self.ready.insert((urgency(task, class), at));
            }
        }
    }

    fn order(&mut self, ticket: Ticket, order: impl FnOnce(Seat) -> Order) {
        let Some(task) = self.tasks.get(ticket.at as usize) else {
            return;
        };
        if let Some(orders) = self.orders.get_mut(&task.member) {
            orders.push((ticket, order(task.seat)));
            if !self.woken.contains(&task.member) {
                self.woken.push(task.member);
            }
        }
    }

    /// Takes what a worker is told.
    pub(super) fn orders(&mut self, member: MemberId) -> Vec<Order> {
        self.woken.retain(|woken| *woken != member);
        let orders = self.orders.get_mut(&member).map(std::mem::take);
        let valid = orders.into_iter().flatten().filter(|(ticket, order)| {
            // It may have left, or want something else by now; and if it wants a turn again and
            // has it already, that is one heartbeat.
            let task = self.tasks.get_mut(ticket.at as usize);
            let task = task.filter(|task| task.number == ticket.number);
            task.is_some_and(|task| {
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
    pub(super) fn answered(&mut self, verdict: Verdict, sent: Moment, now: Moment) {
        let useful = self.latency.useful();
        match verdict {
            Verdict::Answered => {
                self.latency.answered(now.saturating_since(sent));
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

    pub(super) fn figures(&mut self, now: Moment) -> Figures {
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
