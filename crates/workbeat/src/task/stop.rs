//! Why an activity's token fired.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

/// Why an activity's cancellation token fired.
///
/// It can grow worse while the activity cleans up: first the cancellation is requested, then
/// the task is closed. The variants are in that order, so reasons can be compared.
///
/// Only the last two are the service's own word that nobody waits for an outcome; all others
/// are requests or local presumptions, and a result that is still produced is offered to the
/// service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// Somebody asked for the activity to be cancelled. Acknowledge with
    /// [`ActivityError::canceled`](crate::ActivityError::canceled).
    CancelRequested,
    /// No heartbeat was accepted for a whole heartbeat timeout: a presumption that the service
    /// has given the task up.
    HeartbeatLost,
    /// The start-to-close timeout passed: a presumption too.
    TimedOut,
    /// The worker's drain deadline came, it was stopped at once, or its run was dropped.
    WorkerStopping,
    /// The service says that the task is closed: it timed out, or was ended elsewhere.
    TaskClosed,
    /// The service says that the whole workflow is closed.
    WorkflowClosed,
}

impl StopReason {
    /// The reason's name in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CancelRequested => "cancel requested",
            Self::HeartbeatLost => "heartbeat lost",
            Self::TimedOut => "timed out",
            Self::WorkerStopping => "worker stopping",
            Self::TaskClosed => "task closed",
            Self::WorkflowClosed => "workflow closed",
        }
    }

    /// Whether it is the service's own word that the task is closed.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::TaskClosed | Self::WorkflowClosed)
    }

    fn code(self) -> u8 {
        match self {
            Self::CancelRequested => 1,
            Self::HeartbeatLost => 2,
            Self::TimedOut => 3,
            Self::WorkerStopping => 4,
            Self::TaskClosed => 5,
            Self::WorkflowClosed => 6,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::CancelRequested),
            2 => Some(Self::HeartbeatLost),
            3 => Some(Self::TimedOut),
            4 => Some(Self::WorkerStopping),
            5 => Some(Self::TaskClosed),
            6 => Some(Self::WorkflowClosed),
            _ => None,
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The worst reason so far, and whether the service ever asked for cancellation.
#[derive(Debug, Default)]
pub(crate) struct StopState {
    worst: AtomicU8,
    cancel_requested: AtomicU8,
}

impl StopState {
    /// Notes `reason`; true if it is worse than what was known.
    pub(crate) fn note(&self, reason: StopReason) -> bool {
        if reason == StopReason::CancelRequested {
            self.cancel_requested.store(1, Ordering::Release);
        }
        self.worst.fetch_max(reason.code(), Ordering::AcqRel) < reason.code()
    }

    /// The worst reason so far.
    pub(crate) fn worst(&self) -> Option<StopReason> {
        StopReason::from_code(self.worst.load(Ordering::Acquire))
    }

    /// Whether the service asked for cancellation, whatever came after.
    pub(crate) fn cancel_requested(&self) -> bool {
        self.cancel_requested.load(Ordering::Acquire) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_grows_worse_and_never_better() {
        let state = StopState::default();
        assert_eq!(state.worst(), None);
        assert!(state.note(StopReason::CancelRequested));
        assert!(state.note(StopReason::TaskClosed));
        assert!(!state.note(StopReason::HeartbeatLost));
        assert_eq!(state.worst(), Some(StopReason::TaskClosed));
        assert!(state.cancel_requested());
    }

    #[test]
    fn a_request_after_a_worse_reason_is_still_remembered() {
        let state = StopState::default();
        state.note(StopReason::HeartbeatLost);
        assert!(!state.note(StopReason::CancelRequested));
        assert_eq!(state.worst(), Some(StopReason::HeartbeatLost));
        assert!(state.cancel_requested());
    }
}
