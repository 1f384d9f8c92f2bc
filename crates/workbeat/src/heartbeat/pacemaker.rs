//! What a worker's tasks ask of their one heartbeat scheduler, and what it knows of them.
//!
//! The [driver](super::driver) does what is due.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::Pace;
use super::arrivals::{Arrivals, WAIT};
use super::driver::drive;
use super::lanes::{Labelled, Lanes};
use super::lost::Failures;
use super::schedule::Schedule;
use super::seat::{Seat, Whereabouts};
use super::suspend::SuspendWatch;
use super::under_way::Withdraw;
use crate::activity::ActivityOptions;
use crate::moment::Moment;
use crate::service::Timeout;
#[cfg(feature = "testing")]
use crate::service::{HeartbeatAnswer, ServiceError};
use crate::task::TaskRecord;

/// The one heartbeat scheduler of a worker. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pacemaker {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    default_interval: Duration,
    state: Mutex<State>,
    /// Wakes the driver when something is due earlier than it knows.
    pub(super) wake: Arc<Notify>,
}

pub(super) struct State {
    pub(super) arrivals: Arrivals<Arriving>,
    pub(super) lanes: Lanes,
    /// Tasks whose timeouts their service is to be asked for.
    pub(super) to_ask: Vec<Arc<TaskRecord>>,
    pub(super) driver: Driver,
    pub(super) suspended: SuspendWatch,
}

/// What the driver does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Driver {
    /// It will look at the schedule before it sleeps.
    Awake,
    /// It sleeps until then, or until it is woken.
    Asleep(Option<Instant>),
}

/// A task that has just begun.
pub(super) struct Arriving {
    record: Arc<TaskRecord>,
    options: Arc<ActivityOptions>,
    /// Its outcome is on its way already.
    held: bool,
}

pub(super) struct Beating {
    pub(super) record: Arc<TaskRecord>,
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
    /// For tasks of the first service, and of those others: the budget and the label of each.
    pub(crate) fn new<'a>(
        default_interval: Duration,
        first: Labelled<'a>,
        others: impl IntoIterator<Item = Labelled<'a>>,
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
            Whereabouts::Arriving(number).note(record);
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
        let seat = match Whereabouts::of(record) {
            Some(Whereabouts::Seated(seat)) => Some(seat),
            Some(Whereabouts::Arriving(number)) => {
                let arriving = state.arrivals.take(record.key, number);
                arriving.map(|arriving| self.shared.seat(&mut state, arriving))
            }
            None => None,
        };
        drop(state);
        if let Some(seat) = seat {
            self.shared
                .answered(record, seat, answer, Instant::now(), None);
        }
    }

    /// Heartbeats no more for a task: its outcome was accepted, or nobody runs it any more.
    pub(crate) fn leave(&self, record: &TaskRecord) {
        let mut state = self.shared.state();
        match Whereabouts::of(record) {
            Some(Whereabouts::Arriving(number)) => {
                let left = state.arrivals.take(record.key, number);
                drop(state);
                drop(left);
            }
            Some(Whereabouts::Seated(seat)) => {
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
        match Whereabouts::of(record) {
            Some(Whereabouts::Arriving(number)) => state.set_held(record, number, true),
            Some(Whereabouts::Seated(seat)) => state.schedule(record).hold(seat),
            None => {}
        }
    }

    /// Lets heartbeats go again: the outcome has not been accepted yet.
    pub(crate) fn release(&self, record: &TaskRecord) {
        let mut state = self.shared.state();
        match Whereabouts::of(record) {
            Some(Whereabouts::Arriving(number)) => state.set_held(record, number, false),
            Some(Whereabouts::Seated(seat)) => {
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

    /// Notes the start-to-close timeout that the service tells of this very task.
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
    pub(super) fn next_wake(&self) -> Option<Instant> {
        let arrival = self.arrivals.next_wake().map(Moment::instant);
        self.lanes.next_wake().into_iter().chain(arrival).min()
    }

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
    pub(super) fn look_at_clocks(&mut self, now: Instant) -> Option<Duration> {
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
    pub(super) fn seat(&self, state: &mut State, arriving: Arriving) -> Seat {
        let Arriving {
            record,
            options,
            held,
        } = arriving;
        let pace = self.pace(&options, options.heartbeat_timeout);
        let ask = record.source().capabilities.task_timeouts;
        let declared_close = options.start_to_close_timeout.is_some();
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
        Whereabouts::Seated(seat).note(&record);
        if declared_close {
            schedule.set_close(seat, record.deadline());
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
}

#[cfg(test)]
#[path = "pacemaker_tests.rs"]
mod tests;
