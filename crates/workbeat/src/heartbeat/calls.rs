//! The pacemaker's calls to the service, and what it makes of the answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::pacemaker::Shared;
use super::schedule::Beaten;
use super::seat::Seat;
use crate::moment::Moment;
use crate::retry::Backoff;
use crate::service::{
    HeartbeatAnswer, Loggable, ServiceError, ServiceErrorKind, TaskTimeouts, guarded,
};
use crate::task::{StopReason, TaskRecord};
use crate::time::bounded;
use crate::told::{debug, trace, warn};

/// A heartbeat this much behind its time means that nothing ran: an activity blocks the
/// runtime's threads, or the machine is overloaded.
const LATE: Duration = Duration::from_secs(1);

/// How often the service is asked for a task's timeouts before the worker goes on without.
const ASK_ATTEMPTS: u32 = 4;

/// How long one such call may take.
const ASK_TIMEOUT: Duration = Duration::from_secs(10);

/// The waits between two of them.
const ASK_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

impl Shared {
    /// One heartbeat.
    pub(super) async fn beat(self: Arc<Self>, record: Arc<TaskRecord>, seat: Seat, due: Moment) {
        let sent = Instant::now();
        let begins = self.state().schedule(&record).begins(seat, sent);
        let Some(call_timeout) = begins else { return };
        let _under_way = UnderWay {
            shared: &self,
            record: &record,
            seat,
        };
        let late = Moment::from(sent).saturating_since(due);
        if late > LATE {
            record.worker.metrics.heartbeat_late(&record);
            warn!(
                ?late,
                "a heartbeat goes out late because nothing ran: does an activity block the runtime's threads?"
            );
        }
        record.worker.metrics.heartbeat_sent(&record);
        let carried = record.source().capabilities.heartbeat_details;
        let details = carried.then(|| record.details()).flatten();
        let call = async {
            let token = &record.task.token;
            let service = &record.source().service;
            (**service).heartbeat(token, details.as_deref()).await
        };
        let answer = guarded(call_timeout, call).await;
        self.answered(&record, seat, &answer, sent, details.as_deref());
    }

    pub(super) fn answered(
        &self,
        record: &TaskRecord,
        seat: Seat,
        answer: &Result<HeartbeatAnswer, ServiceError>,
        sent: Instant,
        details: Option<&str>,
    ) {
        let beaten = beaten(answer, details.is_some());
        let mut state = self.state();
        let Some(task) = state.schedule(record).get_mut(seat) else {
            // It left while the call was under way, so nothing that came back matters.
            return;
        };
        task.call = None;
        task.failures.note(answer);
        let warned = std::mem::replace(&mut task.warned, beaten == Beaten::Refused);
        let cancel_requested = record.source().capabilities.cancel_requests
            && answer.as_ref().is_ok_and(|answer| answer.cancel_requested);
        let asked = cancel_requested && !record.stop().cancel_requested();
        // A closed task is as good a reason to end as a request.
        let grace = task.options.cancel_grace;
        let grace = grace.filter(|_| asked || beaten == Beaten::Closed);
        let now = Instant::now();
        state.schedule(record).answered(seat, beaten, now);
        if let Some(grace) = grace {
            state.schedule(record).set_grace(seat, now + bounded(grace));
        }
        self.rouse(&mut state);
        // What a token or a subscriber sets off is not run under the lock.
        drop(state);

        record.worker.metrics.heartbeat_answered(record, beaten);
        match answer {
            Ok(_) => {
                record.set_last_heartbeat(sent);
                trace!(cancel_requested, "heartbeat accepted");
                if asked {
                    record.worker.metrics.cancel_requested(record);
                    record.fire(StopReason::CancelRequested);
                }
            }
            Err(error) => {
                if error.kind() == ServiceErrorKind::Invalid
                    && let Some(details) = details
                {
                    // Most likely the details; without them the task at least stays alive.
                    record.clear_details(details);
                }
                log_failure(beaten, error, warned);
                match error.kind() {
                    ServiceErrorKind::WorkflowClosed => record.fire(StopReason::WorkflowClosed),
                    kind if kind.closes_task() => record.fire(StopReason::TaskClosed),
                    _ => {}
                }
            }
        }
    }

    /// Asks the service for the timeouts of a task.
    pub(super) async fn ask(self: Arc<Self>, record: Arc<TaskRecord>, seat: Seat) {
        let mut delays = ASK_BACKOFF.delays();
        let mut random = record.worker.random.fork();
        for attempt in 1..=ASK_ATTEMPTS {
            // The first try is made for a task that is over too: it says how long it waited.
            if attempt > 1 && self.state().schedule(&record).get_mut(seat).is_none() {
                return;
            }
            let call = async { (*record.source().service).timeouts(&record.task).await };
            let error = match guarded(ASK_TIMEOUT, call).await {
                Ok(timeouts) => return self.learned(&record, seat, timeouts),
                Err(error) => error,
            };
            let again = error.kind().is_transient() && attempt < ASK_ATTEMPTS;
            debug!(kind = error.kind().as_str(), error = %Loggable(&error), again, "the task's timeouts are not known");
            if !again {
                if let Some(task) = self.state().schedule(&record).get_mut(seat) {
                    task.asking = false;
                }
                return;
            }
            tokio::time::sleep(delays.next(&mut random)).await;
        }
    }

    fn learned(&self, record: &TaskRecord, seat: Seat, timeouts: TaskTimeouts) {
        if let Some(waited) = timeouts.waited {
            record.worker.metrics.waited(record.task_list(), waited);
        }
        let mut state = self.state();
        let Some(task) = state.schedule(record).get_mut(seat) else {
            return;
        };
        task.asking = false;
        // Of a declared and a told timeout the shorter is safe, whichever is right.
        let timeout = [task.options.heartbeat_timeout, timeouts.heartbeat]
            .into_iter()
            .flatten()
            .min_by_key(|timeout| timeout.duration().unwrap_or(Duration::MAX));
        let pace = self.pace(&task.options, timeout);
        state.schedule(record).set_pace(seat, pace, Instant::now());
        if let Some(timeout) = timeouts.start_to_close {
            state.expect_close(record, seat, timeout);
        }
        self.rouse(&mut state);
    }
}

fn beaten(answer: &Result<HeartbeatAnswer, ServiceError>, with_details: bool) -> Beaten {
    match answer.as_ref().map_err(ServiceError::kind) {
        Ok(_) => Beaten::Accepted,
        Err(kind) if kind.closes_task() => Beaten::Closed,
        Err(ServiceErrorKind::Throttled) => Beaten::Throttled,
        Err(kind) if kind.is_transient() => Beaten::Failed,
        // Without the details it may well be accepted.
        Err(ServiceErrorKind::Invalid) if with_details => Beaten::Failed,
        Err(_) => Beaten::Refused,
    }
}

fn log_failure(beaten: Beaten, error: &ServiceError, warned: bool) {
    let (kind, log) = (error.kind().as_str(), Loggable(error));
    match beaten {
        Beaten::Refused if !warned => {
            warn!(kind, error = %log, "the service refuses the heartbeat; the activity goes on");
        }
        Beaten::Failed if error.kind() == ServiceErrorKind::Invalid => {
            warn!(kind, error = %log, "the service rejects the progress; the heartbeat goes out without");
        }
        Beaten::Closed => debug!(kind, error = %log, "the service says that the task is closed"),
        _ => debug!(kind, error = %log, "the heartbeat failed and is tried again"),
    }
}

/// A heartbeat that went out. If it ends without an answer, by a panic of a subscriber for
/// instance, the next one must not wait for it.
struct UnderWay<'a> {
    shared: &'a Shared,
    record: &'a TaskRecord,
    seat: Seat,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.shared.state();
            let now = Instant::now();
            let schedule = state.schedule(self.record);
            schedule.answered(self.seat, Beaten::Failed, now);
            self.shared.rouse(&mut state);
        }
    }
}
