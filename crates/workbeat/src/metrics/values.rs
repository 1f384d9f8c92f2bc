//! The values of labels that are the framework's own: in the words of the logs.

use crate::heartbeat::Beaten;
use crate::service::ServiceErrorKind;
use crate::worker::{Polled, TaskEnd, Unanswered};

/// What a label can say.
pub(super) trait Value: Copy + 'static {
    /// All of it, as text, in the order of the numbers.
    const VALUES: &'static [&'static str];

    /// Where it is in `VALUES`.
    fn number(self) -> usize;
}

macro_rules! values {
    ($($(#[$doc:meta])* $name:ident { $($value:ident => $text:expr),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($value),* }

        impl Value for $name {
            const VALUES: &'static [&'static str] = &[$($text),*];

            fn number(self) -> usize {
                self as usize
            }
        }
    )* };
}

values! {
    /// What a poll brought.
    PollOutcome {
        Task => "task",
        Empty => "empty",
        Throttled => "throttled",
        Failed => "failed",
    }

    /// What holds a slot.
    SlotState {
        Task => "task",
        Poll => "poll",
        Free => "free",
    }

    /// What became of a task.
    TaskOutcome {
        Completed => TaskEnd::Completed.as_str(),
        Failed => TaskEnd::Failed.as_str(),
        Canceled => TaskEnd::Canceled.as_str(),
        Closed => TaskEnd::Closed.as_str(),
        ProbablyAccepted => TaskEnd::ProbablyAccepted.as_str(),
        ResultTooLate => TaskEnd::ResultTooLate.as_str(),
        HandedOn => TaskEnd::HandedOn.as_str(),
        Rejected => TaskEnd::Unanswered(Unanswered::Rejected).as_str(),
        LeftToOthers => TaskEnd::Unanswered(Unanswered::LeftToOthers).as_str(),
        DrainDeadline => TaskEnd::Unanswered(Unanswered::DrainDeadline).as_str(),
        StoppedAtOnce => TaskEnd::Unanswered(Unanswered::StoppedAtOnce).as_str(),
    }

    /// What came of a heartbeat.
    HeartbeatOutcome {
        Accepted => "accepted",
        Throttled => "throttled",
        Failed => "failed",
        Refused => "refused",
        Closed => "closed",
    }

    /// Why an outcome is sent again.
    RetryKind {
        Throttled => ServiceErrorKind::Throttled.as_str(),
        Unavailable => ServiceErrorKind::Unavailable.as_str(),
        NotPermitted => ServiceErrorKind::NotPermitted.as_str(),
        LimitExceeded => ServiceErrorKind::LimitExceeded.as_str(),
    }

    /// How a drain ended.
    DrainEnd {
        Clean => "clean",
        Unclean => "unclean",
    }
}

impl From<Polled> for PollOutcome {
    fn from(polled: Polled) -> Self {
        match polled {
            Polled::Task => Self::Task,
            Polled::Empty => Self::Empty,
            Polled::Failed(ServiceErrorKind::Throttled) => Self::Throttled,
            Polled::Failed(_) => Self::Failed,
        }
    }
}

impl From<TaskEnd> for TaskOutcome {
    fn from(end: TaskEnd) -> Self {
        match end {
            TaskEnd::Completed => Self::Completed,
            TaskEnd::Failed => Self::Failed,
            TaskEnd::Canceled => Self::Canceled,
            TaskEnd::Closed => Self::Closed,
            TaskEnd::ProbablyAccepted => Self::ProbablyAccepted,
            TaskEnd::ResultTooLate => Self::ResultTooLate,
            TaskEnd::HandedOn => Self::HandedOn,
            TaskEnd::Unanswered(Unanswered::Rejected) => Self::Rejected,
            TaskEnd::Unanswered(Unanswered::LeftToOthers) => Self::LeftToOthers,
            TaskEnd::Unanswered(Unanswered::DrainDeadline) => Self::DrainDeadline,
            TaskEnd::Unanswered(Unanswered::StoppedAtOnce) => Self::StoppedAtOnce,
        }
    }
}

impl From<Beaten> for HeartbeatOutcome {
    fn from(beaten: Beaten) -> Self {
        match beaten {
            Beaten::Accepted => Self::Accepted,
            Beaten::Throttled => Self::Throttled,
            Beaten::Failed => Self::Failed,
            Beaten::Refused => Self::Refused,
            Beaten::Closed => Self::Closed,
        }
    }
}

impl RetryKind {
    /// That of an error after which an outcome is sent again.
    pub(super) fn of(kind: ServiceErrorKind) -> Option<Self> {
        match kind {
            ServiceErrorKind::Throttled => Some(Self::Throttled),
            ServiceErrorKind::Unavailable => Some(Self::Unavailable),
            ServiceErrorKind::NotPermitted => Some(Self::NotPermitted),
            ServiceErrorKind::LimitExceeded => Some(Self::LimitExceeded),
            ServiceErrorKind::TaskClosed
            | ServiceErrorKind::WorkflowClosed
            | ServiceErrorKind::UnknownResource
            | ServiceErrorKind::Invalid => None,
        }
    }
}
