//! Starts what the schedule says is due, for all tasks of a worker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::arrivals::{Arrivals, WAIT};
use super::lanes::Lanes;
use super::lost::Failures;
use super::next_calls::{NextCall, NextCalls, What};
use super::schedule::{Due, Schedule};
use super::seat::{Place, Seat};
use super::suspend::SuspendWatch;
use super::under_way::{CallsUnderWay, Withdraw};
use super::{HeartbeatBudget, Pace};
use crate::activity::ActivityOptions;
use crate::moment::Moment;
use crate::service::Timeout;
#[cfg(feature = "testing")]
use crate::service::{HeartbeatAnswer, ServiceError};
use crate::span::Within;
use crate::task::{AbortReason, StopReason, TaskRecord};
use crate::told::{debug, told, warn};

/// The one heartbeat scheduler of a worker. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pacemaker {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    default_interval: Duration,
    state: Mutex<State>,
    /// Wakes the driver when something is due earlier than it knows.
    wake: Arc<Notify>,
}

pub(super) struct State {
    arrivals: Arrivals<Arriving>,
    lanes: Lanes,
    /// Tasks whose timeouts their service is to be asked for.
    to_ask: Vec<Arc<TaskRecord>>,
    driver: Driver,
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

/// A task that has just begun.
struct Arriving {
    record: Arc<TaskRecord>,
    options: Arc<ActivityOptions>,
    /// Its outcome is on its way already.
    held: bool,
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
    /// For tasks of the first service, and of those others; each has a budget.
    pub(crate) fn new<'a>(
        default_interval: Duration,
        first: &HeartbeatBudget,
        others: impl IntoIterator<Item = (&'a HeartbeatBudget, Arc<str>)>,
        random: fastrand::Rng,
    ) -> Self {
        let wake = Arc::new(Notify::new());
        Self {
            shared: Arc::new(Shared {
                default_interval,
                state: Mutex::new(State {
                    arrivals: Arrivals::default(),
                    lanes: Lanes::new(first, others, &wake, random),
                    to_ask: Vec::new(),
                    driver: Driver::Asleep(None),
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
        if let Some(timeout) = options.start_to_close_timeout {
            record.expect_close(timeout);
        }
        let arriving = Arriving {
            record: Arc::clone(record),
            options: Arc::clone(options),
            held: false,
        };
        let mut state = self.shared.state();
        if self.shared.may_wait(record, options) {
            let first = state.arrivals.is_empty();
            let number = state.arrivals.push(record.key, arriving, record.began());
            Place::Arriving(number).note(record);
            // Where there are others, the driver looks in time already.
            if first {
                let next = state.arrivals.next_wake().map(Moment::instant);
                self.shared.rouse_for(&mut state, next);
            }
        } else {
            self.shared.seat(&mut state, arriving);
            self.shared.rouse(&mut state);
        }
    }

    /// Takes an answer as if a heartbeat of the task, sent at this moment, had brought it.
    #[cfg(feature = "testing")]
    pub(crate) fn hear(&self, record: &TaskRecord, answer: &Result<HeartbeatAnswer, ServiceError>) {
        let mut state = self.shared.state();
        let seat = match Place::of(record) {
            Some(Place::Seated(seat)) => Some(seat),
            Some(Place::Arriving(number)) => {
                let arriving = state.arrivals.take(record.key, number);
                arriving.map(|arriving| self.shared.seat(&mut state, arriving))
            }
            None => None,
        };
        drop(state);
        if let Some(seat) = seat {
            self.shared
                .answered(record, seat, answer, Instant::now(), false);
        }
    }

    /// Heartbeats no more for a task: its outcome was accepted, or nobody runs it any more.
    pub(crate) fn leave(&self, record: &TaskRecord) {
        let mut state = self.shared.state();
        match Place::of(record) {
            Some(Place::Arriving(number)) => {
                let left = state.arrivals.take(record.key, number);
                drop(state);
                drop(left);
            }
            Some(Place::Seated(seat)) => {
                let left = state.schedule(record).remove(seat);
                drop(state);
                if let Some(call) = left.and_then(|beating| beating.call) {
                    call.withdraw();
                }
            }
            None => {}
        }
    }

    /// Holds heartbeats back while an outcome is under way, so that none crosses it.
    pub(crate) fn hold(&self, record: &TaskRecord) {
        let mut state = self.shared.state();
        match Place::of(record) {
            Some(Place::Arriving(number)) => state.set_held(record, number, true),
            Some(Place::Seated(seat)) => state.schedule(record).hold(seat),
            None => {}
        }
    }

    /// Lets heartbeats go again: the outcome has not been accepted yet.
    pub(crate) fn release(&self, record: &TaskRecord) {
        let mut state = self.shared.state();
        match Place::of(record) {
            Some(Place::Arriving(number)) => state.set_held(record, number, false),
            Some(Place::Seated(seat)) => {
                state.schedule(record).release(seat, Instant::now());
                self.shared.rouse(&mut state);
            }
            None => {}
        }
    }
}

impl State {
    /// The one in which this task is.
    pub(super) fn schedule(&mut self, record: &TaskRecord) -> &mut Schedule<Beating> {
        self.lanes.of(record.source().number)
    }

    /// Notes a start-to-close timeout: first the declared one, then what the service tells of
    /// this very task.
    pub(super) fn expect_close(&mut self, record: &TaskRecord, seat: Seat, timeout: Timeout) {
        let deadline = record.expect_close(timeout);
        self.schedule(record).set_close(seat, deadline);
    }

    fn set_held(&mut self, record: &TaskRecord, number: u32, held: bool) {
        if let Some(arriving) = self.arrivals.get_mut(record.key, number) {
            arriving.held = held;
        }
    }

    /// When the driver must look next.
    fn next_wake(&self) -> Option<Instant> {
        let arrival = self.arrivals.next_wake().map(Moment::instant);
        self.lanes.next_wake().into_iter().chain(arrival).min()
    }
}

impl State {
    /// What a driver had under way ended with it.
    fn calls_lost(&mut self) {
        let now = Instant::now();
        self.to_ask.clear();
        for lane in self.lanes.each() {
            lane.schedule.calls_lost(now);
            let tasks = lane.schedule.tasks().filter(|(_, task)| task.asking);
            self.to_ask
                .extend(tasks.map(|(_, task)| Arc::clone(&task.record)));
        }
    }

    /// Makes every heartbeat due if the machine was suspended, and says for how long it was.
    fn look_at_clocks(&mut self, now: Instant) -> Option<Duration> {
        if self.lanes.each().all(|lane| lane.schedule.is_empty()) {
            self.suspended.rest();
            return None;
        }
        let slept = self.suspended.look(now)?;
        for lane in self.lanes.each() {
            lane.schedule.hurry(now);
        }
        Some(slept)
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

    /// Whether nothing can be due for the task before it has waited for its seat.
    fn may_wait(&self, record: &TaskRecord, options: &ActivityOptions) -> bool {
        let interval = self.pace(options, options.heartbeat_timeout).interval();
        let close = options.start_to_close_timeout.and_then(Timeout::duration);
        let soonest = close.map_or(interval, |close| close.min(interval));
        soonest > WAIT * 10 && !record.source().capabilities.task_timeouts
    }

    /// Gives a task its place in a schedule.
    fn seat(&self, state: &mut State, arriving: Arriving) -> Seat {
        let Arriving {
            record,
            options,
            held,
        } = arriving;
        let pace = self.pace(&options, options.heartbeat_timeout);
        let ask = record.source().capabilities.task_timeouts;
        let close = options.start_to_close_timeout;
        let beating = Beating {
            record: Arc::clone(&record),
            options,
            call: None,
            asking: ask,
            warned: false,
            failures: Failures::default(),
        };
        let schedule = state.schedule(&record);
        let seat = schedule.insert(record.key, beating, pace, record.started());
        if held {
            schedule.hold(seat);
        }
        Place::Seated(seat).note(&record);
        if let Some(timeout) = close {
            state.expect_close(&record, seat, timeout);
        }
        if ask {
            state.to_ask.push(record);
        }
        seat
    }

    /// Wakes the driver if it would sleep for too long.
    pub(super) fn rouse(&self, state: &mut State) {
        if !state.to_ask.is_empty() {
            self.wake(state);
        } else if matches!(state.driver, Driver::Asleep(_)) {
            let next = state.next_wake();
            self.rouse_for(state, next);
        }
    }

    /// Wakes the driver if it would sleep for longer than that.
    fn rouse_for(&self, state: &mut State, next: Option<Instant>) {
        if let (Driver::Asleep(until), Some(next)) = (state.driver, next)
            && until.is_none_or(|until| next < until)
        {
            self.wake(state);
        }
    }

    fn wake(&self, state: &mut State) {
        state.driver = Driver::Awake;
        self.wake.notify_one();
    }

    /// Looks what is due: says what is to be said, and adds the calls that are to be made.
    fn look(&self, calls: &mut NextCalls) {
        let mut passed = Vec::new();
        let mut state = self.state();
        let now = Instant::now();
        state.driver = Driver::Awake;
        while let Some(arriving) = state.arrivals.pop(now.into()) {
            self.seat(&mut state, arriving);
        }
        let slept = state.look_at_clocks(now);
        let mut lost = Vec::new();
        let mut shortages = Vec::new();
        for lane in state.lanes.each() {
            let mut let_go = false;
            for (seat, due) in lane.schedule.due(now) {
                let_go |= due == Due::LetGo;
                let deadline = lane.schedule.deadline(seat);
                let Some(task) = lane.schedule.get_mut(seat) else {
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
            shortages.extend(lane.shortage(let_go, now));
        }
        for record in std::mem::take(&mut state.to_ask) {
            if let Some(seat) = Seat::of(&record)
                && state.schedule(&record).get_mut(seat).is_some()
            {
                calls.ask(record, seat, now.into());
            }
        }
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
        for shortage in shortages {
            shortage.say();
        }
    }

    /// Makes a call, and keeps it if it has to wait.
    async fn make(self: &Arc<Self>, call: NextCall, under_way: &mut CallsUnderWay) {
        let NextCall { record, seat, what } = call;
        match what {
            What::Beat { due } => {
                let beat = Arc::clone(self).beat(Arc::clone(&record), seat, due);
                let within = Within::span_of(Arc::clone(&record), beat);
                let waits = under_way.begin(within).await;
                if let Some(withdraw) = waits {
                    match self.state().schedule(&record).get_mut(seat) {
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
        let until = state.next_wake().into_iter().chain(next_look);
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
            metrics.heartbeat_let_go(record);
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
