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

    /// In their order, from bad to worst.
    const ALL: [Self; 6] = [
        Self::CancelRequested,
        Self::HeartbeatLost,
        Self::TimedOut,
        Self::WorkerStopping,
        Self::TaskClosed,
        Self::WorkflowClosed,
    ];

    /// A number that grows as the reason grows worse; zero is left for none.
    fn code(self) -> u8 {
        self as u8 + 1
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
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
    fn every_reason_is_read_back_from_its_number_and_the_numbers_follow_the_order() {
        assert!(StopReason::ALL.is_sorted());
        for reason in StopReason::ALL {
            assert_eq!(StopReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(StopReason::from_code(0), None);
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
