//! Starts what the schedule says is due, for all tasks of a worker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::lost::Failures;
use super::next_calls::{NextCall, NextCalls, What};
use super::schedule::{Due, Schedule};
use super::seat::Seat;
use super::suspend::SuspendWatch;
use super::under_way::{CallsUnderWay, Withdraw};
use super::{HeartbeatBudget, HeartbeatBudgetStatus, Pace};
use crate::activity::ActivityOptions;
use crate::moment::Moment;
use crate::service::{ActivityService, ServiceCapabilities, Timeout, asked};
#[cfg(feature = "testing")]
use crate::service::{HeartbeatAnswer, ServiceError};
use crate::span::Within;
use crate::task::{AbortReason, StopReason, TaskRecord};
use crate::time::bounded;
use crate::told::{debug, told, warn};

/// The least time from one warning about tasks that are let go to the next.
const LET_GO_WARNING: Duration = Duration::from_secs(60);

/// The one heartbeat scheduler of a worker. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pacemaker {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) service: Arc<dyn ActivityService>,
    pub(super) capabilities: ServiceCapabilities,
    default_interval: Duration,
    state: Mutex<State>,
    /// Wakes the driver when something is due earlier than it knows.
    wake: Arc<Notify>,
}

pub(super) struct State {
    pub(super) schedule: Schedule<Beating>,
    /// Tasks whose timeouts the service is to be asked for.
    to_ask: Vec<Seat>,
    driver: Driver,
    /// When it was last said that tasks are let go, if some still are.
    said_let_go: Option<Instant>,
    suspended: SuspendWatch,
}

/// What the driver does.
#[derive(Clone, Copy, Debug)]
enum Driver {
    /// It will look at the schedule before it sleeps.
    Awake,
    /// It sleeps until then, or until it is woken.
    Asleep(Option<Instant>),
}

pub(super) struct Beating {
    record: Arc<TaskRecord>,
    pub(super) options: Arc<ActivityOptions>,
    /// Withdraws the heartbeat under way.
    pub(super) call: Option<Withdraw>,
    /// The service was or is to be asked for the task's timeouts, and has not said.
    pub(super) asking: bool,
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
                capabilities,
                default_interval,
                state: Mutex::new(State {
                    schedule: Schedule::new(member, random),
                    to_ask: Vec::new(),
                    driver: Driver::Asleep(None),
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
        self.shared.state().calls_lost();
        AbortOnDropHandle::new(runtime.spawn(drive(Arc::clone(&self.shared))))
    }

    /// Heartbeats for a task from now on.
    pub(crate) fn enter(&self, record: &Arc<TaskRecord>, options: &Arc<ActivityOptions>) {
        let declared = options.heartbeat_timeout;
        let pace = self.shared.pace(options, declared);
        let ask = self.shared.capabilities.task_timeouts;
        let beating = Beating {
            record: Arc::clone(record),
            options: Arc::clone(options),
            call: None,
            asking: ask,
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
            call.withdraw();
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
    /// What a driver had under way ended with it.
    fn calls_lost(&mut self) {
        self.schedule.calls_lost(Instant::now());
        let tasks = self.schedule.tasks();
        let asking = tasks.filter_map(|(seat, task)| task.asking.then_some(seat));
        self.to_ask = asking.collect();
    }

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
        let earlier = match state.driver {
            Driver::Awake => false,
            Driver::Asleep(until) => state
                .schedule
                .next_wake()
                .is_some_and(|next| until.is_none_or(|until| next < until)),
        };
        if earlier || anyway {
            self.wake.notify_one();
        }
    }

    /// Looks what is due: says what is to be said, and adds the calls that are to be made.
    fn look(&self, calls: &mut NextCalls) {
        let mut passed = Vec::new();
        let mut state = self.state();
        let now = Instant::now();
        state.driver = Driver::Awake;
        let slept = state.look_at_clocks(now);
        let mut let_go = false;
        let mut lost = Vec::new();
        for (seat, due) in state.schedule.due(now) {
            let_go |= due == Due::LetGo;
            let deadline = state.schedule.deadline(seat);
            let Some(task) = state.schedule.get_mut(seat) else {
                continue;
            };
            if let Due::Beat { late } = due {
                let due = Moment::from(now).before(late);
                calls.beat(Arc::clone(&task.record), seat, due, deadline);
                continue;
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
                calls.ask(Arc::clone(&task.record), seat, now.into());
            }
        }
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
            // A token's waker is the application's code.
            let _: Option<()> = told(|| say(&record, due));
        }
        shortage.say();
    }

    /// Makes a call, and keeps it if it has to wait.
    async fn make(self: &Arc<Self>, call: NextCall, under_way: &mut CallsUnderWay) {
        let NextCall { record, seat, what } = call;
        match what {
            What::Beat { due } => {
                let beat = Arc::clone(self).beat(Arc::clone(&record), seat, due);
                let waits = under_way.begin(Within::span_of(record, beat)).await;
                if let Some(withdraw) = waits {
                    match self.state().schedule.get_mut(seat) {
                        Some(task) => task.call = Some(withdraw),
                        None => withdraw.withdraw(),
                    }
                }
            }
            What::Ask => {
                let ask = Arc::clone(self).ask(Arc::clone(&record), seat);
                under_way.begin(Within::span_of(record, ask)).await;
            }
        }
    }

    /// Until when the driver sleeps, unless it is woken.
    fn fall_asleep(&self) -> Option<Instant> {
        let mut state = self.state();
        let next_look = state.suspended.next_look();
        let until = state.schedule.next_wake().into_iter().chain(next_look);
        let until = until.min();
        state.driver = Driver::Asleep(until);
        until
    }
}

/// Tells the task what became due.
fn say(record: &TaskRecord, due: Due) {
    let metrics = &record.worker.metrics;
    match due {
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

/// How many calls begin, and how many answers are dealt with, before other tasks of the runtime
/// have a turn.
const AT_ONCE: usize = 32;

async fn drive(shared: Arc<Shared>) {
    let mut under_way = CallsUnderWay::default();
    let mut next = NextCalls::default();
    loop {
        shared.look(&mut next);
        for _ in 0..AT_ONCE {
            let Some(call) = next.pop() else { break };
            shared.make(call, &mut under_way).await;
        }
        let more_ended = under_way.end(AT_ONCE);
        if more_ended || !next.is_empty() {
            yield_now().await;
            continue;
        }
        let until = shared.fall_asleep();
        tokio::select! {
            biased;
            () = under_way.one_ends() => {}
            () = shared.wake.notified() => {}
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
        }
    }
}

#[cfg(test)]
#[path = "pacemaker_tests.rs"]
mod tests;
