//! Sends the heartbeats that the schedule says are due, and carries what the service answers.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, debug, trace, warn};

use super::Pace;
use super::schedule::{Beaten, Due, Schedule};
use crate::activity::ActivityOptions;
use crate::retry::Backoff;
use crate::service::{
    ActivityService, HeartbeatAnswer, Loggable, ServiceError, ServiceErrorKind, TaskTimeouts,
    Timeout,
};
use crate::task::{AbortReason, StopReason, TaskKey, TaskRecord};
use crate::time::bounded;

/// A heartbeat this much behind its time means that nothing ran: an activity blocks the
/// runtime's threads, or the machine is overloaded.
const LATE: Duration = Duration::from_secs(1);

/// How often the service is asked for a task's timeouts before the worker goes on without.
const ASK_ATTEMPTS: u32 = 4;

/// The one heartbeat scheduler of a worker. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pacemaker {
    shared: Arc<Shared>,
}

struct Shared {
    service: Arc<dyn ActivityService>,
    default_interval: Duration,
    state: Mutex<State>,
    /// Wakes the driver when something is due earlier than it knows.
    wake: Notify,
}

struct State {
    schedule: Schedule,
    tasks: HashMap<TaskKey, Beating>,
    /// Tasks whose timeouts the service is to be asked for.
    to_ask: Vec<TaskKey>,
    /// Until when the driver sleeps.
    asleep_until: Option<Instant>,
}

struct Beating {
    record: Arc<TaskRecord>,
    options: Arc<ActivityOptions>,
    /// The heartbeat under way.
    call: Option<AbortHandle>,
    /// Whether a refusal was already warned about.
    warned: bool,
}

impl Pacemaker {
    pub(crate) fn new(
        service: Arc<dyn ActivityService>,
        default_interval: Duration,
        random: fastrand::Rng,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                service,
                default_interval,
                state: Mutex::new(State {
                    schedule: Schedule::new(random),
                    tasks: HashMap::new(),
                    to_ask: Vec::new(),
                    asleep_until: None,
                }),
                wake: Notify::new(),
            }),
        }
    }

    /// Starts the driver. It stops, with every heartbeat under way, when the handle is dropped.
    pub(crate) fn start(&self) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(tokio::spawn(drive(Arc::clone(&self.shared))))
    }

    /// Heartbeats for a task from now on.
    pub(crate) fn enter(&self, record: &Arc<TaskRecord>, options: &Arc<ActivityOptions>) {
        let key = record.key;
        let declared = options.heartbeat_timeout;
        let pace = self.shared.pace(options, declared);
        let ask = self.shared.service.capabilities().task_timeouts
            && (declared.is_none() || options.start_to_close_timeout.is_none());
        let mut state = self.shared.state();
        state.schedule.insert(key, pace, record.started);
        if let Some(limit) = options.start_to_close_timeout.and_then(Timeout::duration) {
            state.expect_close(record, limit);
        }
        state.tasks.insert(
            key,
            Beating {
                record: Arc::clone(record),
                options: Arc::clone(options),
                call: None,
                warned: false,
            },
        );
        if ask {
            state.to_ask.push(key);
        }
        self.shared.rouse(&state, ask);
    }

    /// Heartbeats no more for a task: its outcome was accepted, or nobody runs it any more.
    pub(crate) fn leave(&self, key: TaskKey) {
        let mut state = self.shared.state();
        state.schedule.remove(key);
        if let Some(Beating {
            call: Some(call), ..
        }) = state.tasks.remove(&key)
        {
            call.abort();
        }
    }

    /// Holds heartbeats back while an outcome is under way, so that none crosses it.
    pub(crate) fn hold(&self, key: TaskKey) {
        self.shared.state().schedule.hold(key, true);
    }

    /// Lets heartbeats go again: the outcome has not been accepted yet.
    pub(crate) fn release(&self, key: TaskKey) {
        let mut state = self.shared.state();
        state.schedule.hold(key, false);
        self.shared.rouse(&state, false);
    }
}

impl State {
    fn expect_close(&mut self, record: &TaskRecord, limit: Duration) {
        let deadline = record.started + bounded(limit);
        record.set_deadline(deadline);
        self.schedule.set_close(record.key, deadline);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The schedule is changed by infallible steps only.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pace(&self, options: &ActivityOptions, timeout: Option<Timeout>) -> Pace {
        Pace::new(options.heartbeat_interval, timeout, self.default_interval)
    }

    /// Wakes the driver if it would sleep for too long.
    fn rouse(&self, state: &State, anyway: bool) {
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
    fn start_due(self: &Arc<Self>, calls: &mut JoinSet<()>) -> Option<Instant> {
        let mut passed = Vec::new();
        let mut state = self.state();
        for (key, due) in state.schedule.due(Instant::now()) {
            let Some(task) = state.tasks.get_mut(&key) else {
                continue;
            };
            if let Due::Beat { call_timeout, .. } = due {
                let beat = Arc::clone(self).beat(Arc::clone(&task.record), call_timeout);
                task.call = Some(calls.spawn(beat.instrument(task.record.span.clone())));
            }
            passed.push((Arc::clone(&task.record), due));
        }
        for key in std::mem::take(&mut state.to_ask) {
            if let Some(task) = state.tasks.get(&key) {
                let ask = Arc::clone(self).ask(Arc::clone(&task.record));
                calls.spawn(ask.instrument(task.record.span.clone()));
            }
        }
        let until = state.schedule.next_wake();
        state.asleep_until = until;
        // What a token or a subscriber sets off is not run under the lock.
        drop(state);
        for (record, due) in passed {
            say(&record, due);
        }
        until
    }

    /// One heartbeat call.
    async fn beat(self: Arc<Self>, record: Arc<TaskRecord>, call_timeout: Duration) {
        if !self.state().schedule.may_start(record.key) {
            return;
        }
        let sent = Instant::now();
        let details = record.details();
        let call = self
            .service
            .heartbeat(&record.task.token, details.as_deref());
        // A panic in an adapter must not take the pacemaker with it.
        let call = AssertUnwindSafe(timeout(call_timeout, call)).catch_unwind();
        let answer = match call.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(unavailable("the heartbeat was not answered in time").ambiguous()),
            Err(_) => Err(unavailable("the service's heartbeat call panicked")),
        };
        self.answered(&record, answer, sent);
    }

    fn answered(
        &self,
        record: &Arc<TaskRecord>,
        answer: Result<HeartbeatAnswer, ServiceError>,
        sent: Instant,
    ) {
        let key = record.key;
        let mut state = self.state();
        let Some(task) = state.tasks.get_mut(&key) else {
            // It left while the call was under way, so nothing that came back matters.
            return;
        };
        task.call = None;
        let beaten = match &answer {
            Ok(_) => Beaten::Accepted,
            Err(error) if error.kind().closes_task() => Beaten::Closed,
            Err(error) if error.kind().is_transient() => Beaten::Failed,
            Err(_) => Beaten::Refused,
        };
        let grace = task.options.cancel_grace;
        let warned = std::mem::replace(&mut task.warned, beaten == Beaten::Refused);
        let now = Instant::now();
        state.schedule.answered(key, beaten, now);
        let cancel_requested = answer.as_ref().is_ok_and(|answer| answer.cancel_requested);
        if let Some(grace) = grace.filter(|_| cancel_requested && !record.stop().cancel_requested())
        {
            state.schedule.set_grace(key, now + bounded(grace));
        }
        self.rouse(&state, false);
        drop(state);
        match answer {
            Ok(_) => {
                record.set_last_heartbeat(sent);
                trace!(cancel_requested, "heartbeat accepted");
                if cancel_requested && !record.stop().cancel_requested() {
                    record.fire(StopReason::CancelRequested);
                }
            }
            Err(error) => {
                if error.kind() == ServiceErrorKind::Invalid {
                    // Most likely the details; without them the task at least stays alive.
                    record.clear_details();
                }
                log_failure(beaten, &error, warned);
                if error.kind().closes_task() {
                    record.fire(match error.kind() {
                        ServiceErrorKind::WorkflowClosed => StopReason::WorkflowClosed,
                        _ => StopReason::TaskClosed,
                    });
                }
            }
        }
    }

    /// Asks the service for what the activity does not declare.
    async fn ask(self: Arc<Self>, record: Arc<TaskRecord>) {
        let mut delays = Backoff::new(Duration::from_millis(100), Duration::from_secs(5)).delays();
        let mut random = fastrand::Rng::new();
        for attempt in 1..=ASK_ATTEMPTS {
            let call = timeout(Duration::from_secs(10), self.service.timeouts(&record.task));
            let error = match call.await {
                Ok(Ok(timeouts)) => return self.learned(&record, timeouts),
                Ok(Err(error)) => error,
                Err(_) => unavailable("the service did not say the task's timeouts in time"),
            };
            let again = error.kind().is_transient() && attempt < ASK_ATTEMPTS;
            debug!(kind = error.kind().as_str(), error = %Loggable(&error), again, "the task's timeouts are not known");
            if !again {
                return;
            }
            tokio::time::sleep(delays.next(&mut random)).await;
        }
    }

    fn learned(&self, record: &Arc<TaskRecord>, timeouts: TaskTimeouts) {
        let mut state = self.state();
        let Some(task) = state.tasks.get(&record.key) else {
            return;
        };
        let options = Arc::clone(&task.options);
        if options.heartbeat_timeout.is_none() {
            let pace = self.pace(&options, timeouts.heartbeat);
            state.schedule.set_pace(record.key, pace);
        }
        if options.start_to_close_timeout.is_none()
            && let Some(limit) = timeouts.start_to_close.and_then(Timeout::duration)
        {
            state.expect_close(record, limit);
        }
        self.rouse(&state, false);
    }
}

fn unavailable(message: &str) -> ServiceError {
    ServiceError::new(ServiceErrorKind::Unavailable, message)
}

fn log_failure(beaten: Beaten, error: &ServiceError, warned: bool) {
    let (kind, error) = (error.kind().as_str(), Loggable(error));
    match beaten {
        Beaten::Refused if !warned => {
            warn!(kind, %error, "the service refuses the heartbeat; the activity goes on");
        }
        Beaten::Closed => debug!(kind, %error, "the service says that the task is closed"),
        _ => debug!(kind, %error, "the heartbeat failed and is tried again"),
    }
}

/// Tells the task what became due.
fn say(record: &TaskRecord, due: Due) {
    match due {
        Due::Beat { late, .. } if late > LATE => warn!(
            parent: &record.span,
            ?late,
            "a heartbeat goes out late because nothing ran: does an activity block the runtime's threads?"
        ),
        Due::Beat { .. } => {}
        Due::HeartbeatLost => record.fire(StopReason::HeartbeatLost),
        Due::TimedOut => record.fire(StopReason::TimedOut),
        Due::GraceExpired => record.abort.order(AbortReason::GraceExpired),
    }
}

async fn drive(shared: Arc<Shared>) {
    let mut calls = JoinSet::new();
    loop {
        let until = shared.start_due(&mut calls);
        tokio::select! {
            () = shared.wake.notified() => {}
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
            Some(_) = calls.join_next(), if !calls.is_empty() => {}
        }
    }
}
