//! How many heartbeats may go out, and whose.

mod class;
mod kept;
mod latency;
#[expect(
    clippy::indexing_slicing,
    reason = "classes are numbered as they come and none ever goes; a task that a class lists is there"
)]
mod plan;
mod rate;
mod status;
mod stretch;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub(super) use self::class::{ClassKey, Ticket};
use self::plan::{MemberId, Plan};
pub(super) use self::plan::{Order, Turn, Verdict};
pub use self::status::HeartbeatBudgetStatus;
use super::seat::Seat;
use crate::moment::Moment;

/// How many heartbeats a second may go out, for one worker or for several that share an account.
///
/// A service throttles heartbeats: Amazon SWF takes 160 a second from an account, with some in
/// reserve. While the heartbeats that are wanted fit the rate, a budget changes nothing. When
/// they do not, it stretches every interval in proportion to its own heartbeat timeout, by as
/// little as will do, so that no task misses its timeout for as long as any schedule could keep
/// all of them. Past that it lets tasks go by a rule: those with the shortest timeouts first,
/// because they need the most calls each, and among equals the youngest, because the older hold
/// more work. A task that is let go still runs, and is served again when there is room.
///
/// A worker without one gets its own, as [`learning`](Self::learning) makes it. A quota is an
/// account's, so give workers of one account clones of one budget: clones share it.
///
/// Whatever its rate, a budget learns from throttling: throttled heartbeats cut the rate, by
/// what the service still accepts, and accepted ones raise it slowly.
///
/// Outcomes are never held back by it.
///
/// ```
/// use workbeat::HeartbeatBudget;
/// use workbeat::prelude::*;
/// use workbeat_local::LocalService;
///
/// # async fn cut(input: String) -> Result<String, ActivityError> { Ok(input) }
/// # async fn glue(input: String) -> Result<String, ActivityError> { Ok(input) }
/// # fn main() -> Result<(), workbeat::worker::BuildError> {
/// let service = LocalService::new();
/// let budget = HeartbeatBudget::new(160.0);
/// let cutters = Worker::builder(service.clone())
///     .task_list("cut")
///     .activity_fn("cut", "1.0", cut)
///     .heartbeat_budget(budget.clone())
///     .build()?;
/// let gluers = Worker::builder(service)
///     .task_list("glue")
///     .activity_fn("glue", "1.0", glue)
///     .heartbeat_budget(budget.clone())
///     .build()?;
/// assert_eq!(budget.status().rate, Some(160.0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HeartbeatBudget {
    shared: Arc<Shared>,
}

struct Shared {
    /// As it was given, which may be no rate at all; a worker's builder says so.
    ceiling: Option<f64>,
    state: Mutex<State>,
}

struct State {
    plan: Plan,
    wakes: BTreeMap<MemberId, Arc<Notify>>,
}

impl HeartbeatBudget {
    /// At most so many heartbeats a second.
    ///
    /// It must be a number greater than zero: else the build of a worker that has it fails.
    #[must_use]
    pub fn new(calls_a_second: f64) -> Self {
        Self::with(Some(calls_a_second), 1)
    }

    /// Without a known rate: it learns one when a heartbeat is throttled, from the rate at which
    /// heartbeats then went out.
    #[must_use]
    pub fn learning() -> Self {
        Self::with(None, 1)
    }

    /// The same for one of about so many workers in processes of their own, which share an account's
    /// quota and learn it from the throttling that all of them meet.
    ///
    /// Each then leaves the others room: throttling cuts its rate as far as its own tasks can bear,
    /// a twentieth over the sum of 1/timeout. In simulations no task missed its timeout where the quota
    /// had a tenth to spare over what the tasks of all workers need, however unevenly the workers had
    /// them, and where one worker's part of it carried many tasks. Where it carries a few dozen, because
    /// timeouts are short, some are lost: give each a share with [`new`](Self::new).
    /// One worker alone, which [`learning`](Self::learning) is for, keeps twice what its tasks need.
    /// Zero counts as one.
    #[must_use]
    pub fn learning_among(workers: u32) -> Self {
        Self::with(None, workers)
    }

    fn with(ceiling: Option<f64>, workers: u32) -> Self {
        let plan = Plan::new(ceiling.filter(|rate| is_rate(*rate)));
        let state = State {
            plan: plan.among(workers),
            wakes: BTreeMap::new(),
        };
        Self {
            shared: Arc::new(Shared {
                ceiling,
                state: Mutex::new(state),
            }),
        }
    }

    /// What is asked of the budget now, and what it gives.
    #[must_use]
    pub fn status(&self) -> HeartbeatBudgetStatus {
        self.state().plan.figures(Instant::now().into()).into()
    }

    /// The rate that it was given, if that is none.
    pub(crate) fn fault(&self) -> Option<f64> {
        self.shared.ceiling.filter(|rate| !is_rate(*rate))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The plan is changed by infallible steps only.
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker's pacemaker joins, whose driver is woken by `wake`.
    pub(super) fn join(&self, wake: Arc<Notify>) -> Member {
        let mut state = self.state();
        let id = state.plan.join();
        state.wakes.insert(id, wake);
        drop(state);
        Member {
            budget: self.clone(),
            id,
        }
    }
}

impl Default for HeartbeatBudget {
    /// [`learning`](Self::learning).
    fn default() -> Self {
        Self::learning()
    }
}

impl fmt::Debug for HeartbeatBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeartbeatBudget")
            .field("calls_a_second", &self.shared.ceiling)
            .finish_non_exhaustive()
    }
}

fn is_rate(rate: f64) -> bool {
    // Less than one call in a decade is none.
    rate.is_finite() && rate > 1e-8
}

/// One worker's share in a budget. When it is dropped, its tasks ask for nothing more.
#[derive(Debug)]
pub(super) struct Member {
    budget: HeartbeatBudget,
    id: MemberId,
}

impl Member {
    /// Does something with the plan, and wakes the other workers that it concerns.
    fn plan<T>(&self, change: impl FnOnce(&mut Plan) -> T) -> T {
        let mut state = self.budget.state();
        let changed = change(&mut state.plan);
        while let Some(id) = state.plan.take_woken() {
            if let Some(wake) = state.wakes.get(&id).filter(|_| id != self.id) {
                wake.notify_one();
            }
        }
        changed
    }

    pub(super) fn enter(&self, seat: Seat, class: ClassKey, now: Moment) -> Ticket {
        self.plan(|plan| plan.enter(self.id, seat, class, now))
    }

    pub(super) fn exit(&self, ticket: Ticket) {
        self.plan(|plan| plan.exit(ticket));
    }

    /// What a task wants, and its class if it is another.
    pub(super) fn want(&self, ticket: Ticket, class: Option<ClassKey>, alive: Moment, turn: Turn) {
        self.plan(|plan| plan.want(ticket, class, alive, turn));
    }

    /// When the worker's driver has something to do.
    pub(super) fn next(&self) -> Option<Moment> {
        self.plan(|plan| plan.next_for(self.id))
    }

    /// Hands out what is due, and takes what is for this worker.
    pub(super) fn run(&self, now: Moment) -> Vec<Order> {
        self.plan(|plan| {
            plan.run(now);
            plan.orders(self.id)
        })
    }

    /// A call has ended.
    pub(super) fn answered(&self, verdict: Verdict, sent: Moment, now: Moment) {
        self.plan(|plan| plan.answered(verdict, sent, now));
    }

    /// How long a call takes at most, nearly always; none before the first answer.
    pub(super) fn longest_call(&self) -> Option<Duration> {
        self.plan(|plan| plan.longest_call())
    }

    pub(super) fn status(&self) -> HeartbeatBudgetStatus {
        self.budget.status()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.plan(|plan| plan.part(self.id));
        self.budget.state().wakes.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::TaskKey;

    #[test]
    fn what_is_no_rate_is_a_fault_and_learns() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE] {
            let budget = HeartbeatBudget::new(rate);
            assert!(budget.fault().is_some(), "{rate}");
            assert_eq!(budget.status().rate, None);
        }
        assert_eq!(HeartbeatBudget::new(0.5).fault(), None);
        assert_eq!(HeartbeatBudget::learning().fault(), None);
    }

    #[test]
    fn clones_share_and_defaults_do_not() {
        let budget = HeartbeatBudget::new(5.0);
        let member = budget.clone().join(Arc::default());
        let pace = super::super::Pace::new(None, None, Duration::from_secs(10));
        let now = Instant::now().into();
        let seat = Seat::new(TaskKey(1), 0);
        member.enter(seat, ClassKey::new(&pace, false), now);
        assert_eq!(budget.status().tasks, 1);
        assert_eq!(HeartbeatBudget::default().status().tasks, 0);
        drop(member);
        assert_eq!(budget.status().tasks, 0);
    }
}
