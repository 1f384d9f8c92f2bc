//! What there is to say of a task whose heartbeats are not accepted.

use tokio::time::Instant;

use crate::service::{HeartbeatAnswer, ServiceError, ServiceErrorKind};
use crate::task::TaskRecord;
use crate::told::warn;

/// The tries of a task's heartbeat since one was accepted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Failures {
    // There is one of these a task.
    count: u16,
    last: Option<ServiceErrorKind>,
    /// It was said that the task is presumed lost. Once a task: with a timeout that is short
    /// for its network it can happen again and again.
    said: bool,
}

impl Failures {
    /// Notes how a try ended.
    pub(super) fn note(&mut self, answer: &Result<HeartbeatAnswer, ServiceError>) {
        match answer {
            Ok(_) => (self.count, self.last) = (0, None),
            Err(error) => {
                self.count = self.count.saturating_add(1);
                self.last = Some(error.kind());
            }
        }
    }

    /// What is to be said when the task is presumed lost, the first time.
    pub(super) fn untold(&mut self) -> Option<Self> {
        let said = std::mem::replace(&mut self.said, true);
        (!said).then_some(*self)
    }

    /// Says that the task is presumed lost.
    pub(super) fn say(self, record: &TaskRecord, now: Instant) {
        let alive = record.last_heartbeat().unwrap_or_else(|| record.started());
        warn!(
            parent: &record.span,
            unheard_for = ?now.saturating_duration_since(alive),
            failed_tries = self.count,
            last = self.last.map(ServiceErrorKind::as_str),
            let_go = record.let_go(),
            "no heartbeat was accepted for a whole heartbeat timeout; the service has probably given the task up"
        );
    }
}
