//! Timers: an open one fires once, or is canceled.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::core::Engine;
use super::deadlines::Deadline;
use super::event::TimerFired;
use super::ids::EventId;
use super::rows::Row;
use super::time::Timestamp;
use super::wire;

/// An open timer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Timer {
    pub(super) timer_id: Arc<str>,
    pub(super) started_at: Timestamp,
    #[serde(with = "wire::required_timeout")]
    pub(super) start_to_fire: Timeout,
}

impl Engine {
    /// Keeps a timer that was started, and starts its clock.
    pub(super) fn keep_timer(
        &mut self,
        run_id: &Arc<str>,
        started_event_id: EventId,
        timer: Timer,
    ) {
        let at = timer.start_to_fire.duration();
        let at = at.map(|duration| timer.started_at + duration);
        let Some(execution) = self.executions.get_mut(run_id) else {
            return;
        };
        execution
            .timer_ids
            .insert(timer.timer_id.clone(), started_event_id);
        execution.timers.insert(started_event_id, timer);
        self.changes
            .mark(|| Row::Timer(run_id.clone(), started_event_id));
        if let Some(at) = at {
            let deadline = Deadline::Timer(run_id.clone(), started_event_id);
            self.deadlines.set(deadline, at);
        }
    }

    /// Takes an open timer out, and its clock.
    pub(super) fn take_timer(
        &mut self,
        run_id: &Arc<str>,
        started_event_id: EventId,
    ) -> Option<Timer> {
        let execution = self.executions.get_mut(run_id)?;
        let timer = execution.timers.remove(&started_event_id)?;
        execution.timer_ids.remove(&timer.timer_id);
        self.let_timer_go(run_id, started_event_id);
        Some(timer)
    }

    /// Forgets a timer that is closed, and its clock.
    pub(super) fn let_timer_go(&mut self, run_id: &Arc<str>, started_event_id: EventId) {
        self.deadlines
            .clear(&Deadline::Timer(run_id.clone(), started_event_id));
        self.changes
            .mark(|| Row::Timer(run_id.clone(), started_event_id));
    }

    /// A timer's time has come.
    pub(super) fn fire_timer(&mut self, run_id: &Arc<str>, started_event_id: EventId) {
        if let Some(timer) = self.take_timer(run_id, started_event_id) {
            let timer_id = timer.timer_id;
            let fired = TimerFired {
                timer_id,
                started_event_id,
            };
            self.record(run_id, fired);
        }
    }
}
