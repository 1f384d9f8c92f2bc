//! What a history says of attempts.

use std::fmt;

/// What an event of a history says of an attempt of an activity; for a [`PreviousAttemptSearch`](super::PreviousAttemptSearch).
///
/// `Debug` does not show the details.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEvent<'a> {
    /// ActivityTaskScheduled: an attempt begins with it.
    Scheduled {
        /// What the decider calls the activity.
        activity_id: &'a str,
        /// The name of its type.
        name: &'a str,
        /// The version of its type.
        version: &'a str,
    },
    /// ActivityTaskStarted.
    Started {
        /// The attempt's ActivityTaskScheduled event.
        scheduled_event_id: i64,
    },
    /// ActivityTaskTimedOut.
    TimedOut {
        /// The attempt's ActivityTaskScheduled event.
        scheduled_event_id: i64,
        /// Those of the last heartbeat.
        details: Option<&'a str>,
    },
    /// ActivityTaskFailed.
    Failed {
        /// The attempt's ActivityTaskScheduled event.
        scheduled_event_id: i64,
        /// That of the failure.
        reason: Option<&'a str>,
        /// Those of the failure.
        details: Option<&'a str>,
    },
    /// ActivityTaskCompleted or ActivityTaskCanceled: there is nothing to resume.
    Done {
        /// The attempt's ActivityTaskScheduled event.
        scheduled_event_id: i64,
    },
}

impl fmt::Debug for AttemptEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheduled { .. } => "Scheduled",
            Self::Started { .. } => "Started",
            Self::TimedOut { .. } => "TimedOut",
            Self::Failed { .. } => "Failed",
            Self::Done { .. } => "Done",
        })
    }
}
