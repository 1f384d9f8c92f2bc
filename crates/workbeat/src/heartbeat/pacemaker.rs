//! Starts what the schedule says is due, for all tasks of a worker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::lost::Failures;
use super::schedule::{Due, Schedule};
use super::seat::Seat;
use super::suspend::SuspendWatch;
use super::{HeartbeatBudget, HeartbeatBudgetStatus, Pace};
use crate::activity::ActivityOptions;
use crate::service::{ActivityService, Timeout, asked};
#[cfg(feature = "testing")]
use crate::service::{HeartbeatAnswer, ServiceError};
use crate::span::Within;
use crate::task::{AbortReason, StopReason, TaskRecord};
use crate::time::bounded;
use crate::told::{debug, warn};

/// A heartbeat this much behind its time means that nothing ran: an activity blocks the
/// runtime's threads, or the machine is overloaded.
const LATE: Duration = Duration::from_secs(1);

/// The least time from one warning about tasks that are let go to the next.
const LET_GO_WARNING: Duration = Duration::from_secs(60);

/// The one heartbeat scheduler of a worker. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pacemaker {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) service: Arc<dyn ActivityService>,
    /// Whether the service tells the timeouts of a task.
    tells_timeouts: bool,
    default_interval: Duration,
    state: Mutex<State>,
    /// Wakes the driver when something is due earlier than it knows.
    wake: Arc<Notify>,
}

pub(super) struct State {
    pub(super) schedule: Schedule<Beating>,
    /// Tasks whose timeouts the service is to be asked for.
    to_ask: Vec<Seat>,
    /// Until when the driver sleeps.
    asleep_until: Option<Instant>,
    /// When it was last said that tasks are let go, if some still are.
    said_let_go: Option<Instant>,
    suspended: SuspendWatch,
}

pub(super) struct Beating {
    record: Arc<TaskRecord>,
    pub(super) options: Arc<ActivityOptions>,
    /// The heartbeat under way.
    pub(super) call: Option<AbortHandle>,
    /// Whether a refusal was already warned about.
    pub(super) warned: bool,
    pub(super) failures: Failures,
}

impl Pacemaker {
    pub(crate) fn new(
        service: Arc<dyn ActivityService>,
        default_interval: Duration,
        budget: &HeartbeatBudget,
        random: fastrand::Rng,
    ) -> Self {
        let capabilities = asked(|| service.capabilities()).unwrap_or_default();
        let member = budget.join();
        let wake = Arc::clone(&member.wake);
        Self {
            shared: Arc::new(Shared {
                service,
                tells_timeouts: capabilities.task_timeouts,
                default_interval,
                state: Mutex::new(State {
                    schedule: Schedule::new(member, random),
                    to_ask: Vec::new(),
                    asleep_until: None,
                    said_let_go: None,
                    suspended: SuspendWatch::default(),
                }),
                wake,
            }),
        }
    }

    /// Looks no more at the machine's clocks, which no seed sets.
    pub(crate) fn ignore_clocks(&self) {
        self.shared.state().suspended = SuspendWatch::blind();
    }

    /// Starts the driver in `runtime`, in place of one that has ended. It stops, with every
    /// heartbeat under way, when the handle is dropped.
    pub(crate) fn start(&self, runtime: &Handle) -> AbortOnDropHandle<()> {
        // What a driver had under way ends with it.
        self.shared.state().schedule.calls_lost(Instant::now());
        AbortOnDropHandle::new(runtime.spawn(drive(Arc::clone(&self.shared))))
    }

    /// Heartbeats for a task from now on.
    pub(crate) fn enter(&self, record: &Arc<TaskRecord>, options: &Arc<ActivityOptions>) {
        let declared = options.heartbeat_timeout;
        let pace = self.shared.pace(options, declared);
        let ask = self.shared.tells_timeouts;
        let beating = Beating {
            record: Arc::clone(record),
            options: Arc::clone(options),
            call: None,
            warned: false,
            failures: Failures::default(),
        };
        let mut state = self.shared.state();
        let started = record.started();
        let seat = state.schedule.insert(record.key, beating, pace, started);
        record.set_seat(seat.at);
        if let Some(timeout) = options.start_to_close_timeout {
            state.expect_close(record, seat, timeout);
        }
        if ask {
            state.to_ask.push(seat);
        }
        self.shared.rouse(&state, ask);
    }

    /// Takes an answer as if a heartbeat of the task, sent at this moment, had brought it.
    #[cfg(feature = "testing")]
    pub(crate) fn hear(&self, record: &TaskRecord, answer: &Result<HeartbeatAnswer, ServiceError>) {
        if let Some(seat) = Seat::of(record) {
            self.shared
                .answered(record, seat, answer, Instant::now(), false);
        }
    }

    /// Heartbeats no more for a task: its outcome was accepted, or nobody runs it any more.
    pub(crate) fn leave(&self, record: &TaskRecord) {
        let Some(seat) = Seat::of(record) else { return };
        let left = self.shared.state().schedule.remove(seat);
        if let Some(call) = left.and_then(|beating| beating.call) {
            call.abort();
        }
    }

    /// Holds heartbeats back while an outcome is under way, so that none crosses it.
    pub(crate) fn hold(&self, record: &TaskRecord) {
        if let Some(seat) = Seat::of(record) {
            self.shared.state().schedule.hold(seat);
        }
    }

    /// Lets heartbeats go again: the outcome has not been accepted yet.
    pub(crate) fn release(&self, record: &TaskRecord) {
        let Some(seat) = Seat::of(record) else { return };
        let mut state = self.shared.state();
        state.schedule.release(seat, Instant::now());
        self.shared.rouse(&state, false);
    }
}

impl State {
    /// Notes a start-to-close timeout: first the declared one, then what the service tells of
    /// this very task.
    pub(super) fn expect_close(&mut self, record: &TaskRecord, seat: Seat, timeout: Timeout) {
        let deadline = timeout
            .duration()
            .map(|limit| record.started() + bounded(limit));
        record.set_deadline(deadline);
        self.schedule.set_close(seat, deadline);
    }
}

impl State {
    /// Makes every heartbeat due if the machine was suspended, and says for how long it was.
    fn look_at_clocks(&mut self, now: Instant) -> Option<Duration> {
        if self.schedule.is_empty() {
            self.suspended.rest();
            return None;
        }
        let slept = self.suspended.look(now)?;
        self.schedule.hurry(now);
        Some(slept)
    }

    /// Whether to say that tasks are let go, or no longer: once, and again from time to time.
    fn shortage(&mut self, let_go: bool, now: Instant) -> Shortage {
        let due = match self.said_let_go {
            None => let_go,
            Some(said) => now >= said + LET_GO_WARNING,
        };
        if !due {
            return Shortage::NothingNew;
        }
        let budget = self.schedule.budget();
        if budget.let_go == 0 {
            let over = self.said_let_go.take().is_some();
            return if over {
                Shortage::Over
            } else {
                Shortage::NothingNew
            };
        }
        self.said_let_go = Some(now);
        Shortage::Is(budget)
    }
}

/// What there is to say of tasks that the budget has no room for.
enum Shortage {
    NothingNew,
    Is(HeartbeatBudgetStatus),
    Over,
}

impl Shortage {
    fn say(self) {
        match self {
            Self::NothingNew => {}
            Self::Is(budget) => warn!(
                let_go = budget.let_go,
                tasks = budget.tasks,
                rate = budget.rate,
                wanted = budget.demand,
                throttled = budget.throttled,
                "more heartbeats are wanted than the budget has room for; those with the shortest timeouts, and of them the youngest, are let go"
            ),
            Self::Over => warn!("no task's heartbeats are let go any more"),
        }
    }
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // The schedule is changed by infallible steps only.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn pace(&self, options: &ActivityOptions, timeout: Option<Timeout>) -> Pace {
        Pace::new(options.heartbeat_interval, timeout, self.default_interval)
    }

    /// Wakes the driver if it would sleep for too long.
    pub(super) fn rouse(&self, state: &State, anyway: bool) {
        let earlier = match (state.schedule.next_wake(), state.asleep_until) {
            (Some(next), Some(until)) => next < until,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if earlier || anyway {
            self.wake.notify_one();
        }
    }

    /// Starts everything that is due, and says until when nothing more will be.
    fn start_due(self: &Arc<Self>, asks: &mut JoinSet<()>) -> Option<Instant> {
        let mut passed = Vec::new();
        let mut state = self.state();
        let now = Instant::now();
        let slept = state.look_at_clocks(now);
        let mut let_go = false;
        let mut lost = Vec::new();
        for (seat, due) in state.schedule.due(now) {
            let_go |= due == Due::LetGo;
            let Some(task) = state.schedule.get_mut(seat) else {
                continue;
            };
            if let Due::Beat { late, call_timeout } = due {
                let beat = Arc::clone(self).beat(Arc::clone(&task.record), seat, call_timeout);
                let call = tokio::spawn(Within::span_of(Arc::clone(&task.record), beat));
                task.call = Some(call.abort_handle());
                if late <= LATE {
                    continue;
                }
            }
            if due == Due::HeartbeatLost
                && let Some(failures) = task.failures.untold()
            {
                lost.push((Arc::clone(&task.record), failures));
            }
            passed.push((Arc::clone(&task.record), due));
        }
        for seat in std::mem::take(&mut state.to_ask) {
            if let Some(task) = state.schedule.get_mut(seat) {
                let ask = Arc::clone(self).ask(Arc::clone(&task.record), seat);
                asks.spawn(Within::span_of(Arc::clone(&task.record), ask));
            }
        }
        let next_look = state.suspended.next_look();
        let until = state.schedule.next_wake().into_iter().chain(next_look);
        let until = until.min();
        state.asleep_until = until;
        let shortage = state.shortage(let_go, now);
        // What a token or a subscriber sets off is not run under the lock.
        drop(state);
        if let Some(slept) = slept {
            warn!(
                ?slept,
                "the machine was suspended; every heartbeat is due now"
            );
        }
        for (record, failures) in lost {
            failures.say(&record, now);
        }
        for (record, due) in passed {
            say(&record, due);
        }
        shortage.say();
        until
    }
}

/// Tells the task what became due.
fn say(record: &TaskRecord, due: Due) {
    let metrics = &record.worker.metrics;
    match due {
        Due::Beat { late, .. } if late > LATE => {
            metrics.heartbeat_late();
            warn!(
                parent: &record.span,
                ?late,
                "a heartbeat goes out late because nothing ran: does an activity block the runtime's threads?"
            );
        }
        Due::Beat { .. } => {}
        Due::LetGo => {
            record.set_let_go(true);
            metrics.heartbeat_let_go();
            debug!(parent: &record.span, "the budget has no room for the task's heartbeats");
        }
        Due::Kept => {
            record.set_let_go(false);
            debug!(parent: &record.span, "the task's heartbeats are let go no longer");
        }
        Due::HeartbeatLost => {
            metrics.heartbeat_lost(record);
            record.fire(StopReason::HeartbeatLost);
        }
        Due::TimedOut => record.fire(StopReason::TimedOut),
        #[cfg(workbeat_seeded_faults)]
        Due::GraceExpired if crate::seeded_faults::SeededFault::ForgetsGrace.is_planted() => {}
        Due::GraceExpired => record.abort.order(AbortReason::GraceExpired),
    }
}

async fn drive(shared: Arc<Shared>) {
    let beats = Beats { shared };
    let mut asks = JoinSet::new();
    loop {
        // Where something is due all the time, the select below never gets to it.
        while asks.try_join_next().is_some() {}
        let until = beats.shared.start_due(&mut asks);
        tokio::select! {
            biased;
            () = beats.shared.wake.notified() => {}
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
            Some(_) = asks.join_next(), if !asks.is_empty() => {}
        }
    }
}

/// Owns the heartbeats under way, which end with it. A `JoinSet` would cost each a tenth more,
/// for a result that nobody reads.
struct Beats {
    shared: Arc<Shared>,
}

impl Drop for Beats {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        for call in state.schedule.tasks().filter_map(|task| task.call.take()) {
            call.abort();
        }
    }
}

#[cfg(test)]
#[path = "pacemaker_tests.rs"]
mod tests;
