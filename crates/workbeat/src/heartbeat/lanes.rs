//! The heartbeats of one worker, service by service: a quota is each service's own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::pacemaker::Beating;
use super::schedule::Schedule;
use super::{HeartbeatBudget, HeartbeatBudgetStatus};
use crate::told::warn;

/// The least time from one warning about tasks that are let go to the next.
const LET_GO_WARNING: Duration = Duration::from_secs(60);

/// The budget of a service, and the service's name, if there are several.
pub(super) type Labelled<'a> = (&'a HeartbeatBudget, Option<Arc<str>>);

/// When the tasks of each service are to heartbeat. Most workers have one service.
pub(super) struct Lanes {
    first: Lane,
    others: Vec<Lane>,
}

/// When the tasks of one service are.
pub(super) struct Lane {
    pub(super) schedule: Schedule<Beating>,
    /// The service's name, if there are several.
    label: Option<Arc<str>>,
    /// When it was last said that tasks are let go, if some still are.
    said_let_go: Option<Instant>,
}

impl Lanes {
    /// One for the first service, whose random numbers do not depend on whether there are more.
    pub(super) fn new<'a>(
        first: Labelled<'a>,
        others: impl IntoIterator<Item = Labelled<'a>>,
        wake: &Arc<Notify>,
        random: fastrand::Rng,
    ) -> Self {
        let lane = |(budget, label): Labelled<'_>, random| Lane {
            schedule: Schedule::new(budget.join(Arc::clone(wake)), random),
            label,
            said_let_go: None,
        };
        let mut apart = random.clone();
        let others = others.into_iter();
        Self {
            others: others.map(|other| lane(other, apart.fork())).collect(),
            first: lane(first, random),
        }
    }

    /// That of the service with this number.
    pub(super) fn of(&mut self, number: usize) -> &mut Schedule<Beating> {
        let other = number.checked_sub(1);
        let lane = other.and_then(|at| self.others.get_mut(at));
        &mut lane.unwrap_or(&mut self.first).schedule
    }

    pub(super) fn each(&mut self) -> impl Iterator<Item = &mut Lane> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }

    /// When something will be due next.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        let others = self.others.iter();
        let others = others.filter_map(|lane| lane.schedule.next_wake());
        self.first
            .schedule
            .next_wake()
            .into_iter()
            .chain(others)
            .min()
    }
}

impl Lane {
    /// Whether to say that tasks are let go, or no longer: once, and again from time to time.
    pub(super) fn shortage(&mut self, let_go: bool, now: Instant) -> Option<Shortage> {
        let due = match self.said_let_go {
            None => let_go,
            Some(said) => now >= said + LET_GO_WARNING,
        };
        if !due {
            return None;
        }
        let budget = self.schedule.budget();
        if budget.let_go == 0 {
            let over = self.said_let_go.take().is_some();
            return over.then(|| Shortage {
                service: self.label.clone(),
                budget: None,
            });
        }
        self.said_let_go = Some(now);
        Some(Shortage {
            service: self.label.clone(),
            budget: Some(budget),
        })
    }
}

/// What there is to say of tasks that the budget has no room for.
pub(super) struct Shortage {
    service: Option<Arc<str>>,
    /// None if no task is let go any more.
    budget: Option<HeartbeatBudgetStatus>,
}

impl Shortage {
    pub(super) fn say(self) {
        let service = self.service.as_deref();
        match self.budget {
            Some(budget) => warn!(
                service,
                let_go = budget.let_go,
                tasks = budget.tasks,
                rate = budget.rate,
                wanted = budget.demand,
                throttled = budget.throttled,
                "more heartbeats are wanted than the budget has room for; those with the shortest timeouts, and of them the youngest, are let go"
            ),
            None => warn!(service, "no task's heartbeats are let go any more"),
        }
    }
}
