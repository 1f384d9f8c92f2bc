//! The terminal answer for a task.

use std::fmt;

use crate::service::Redacted;

/// How a task ends: at most one a task.
///
/// `Debug` shows the reason, but neither result nor details.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The activity did its work.
    Completed {
        /// What it gave back.
        result: Option<String>,
    },
    /// The activity failed, or the framework failed it.
    Failed {
        /// A short code or sentence that deciders branch on.
        reason: String,
        /// The rest of the story.
        details: Option<String>,
    },
    /// The activity acknowledged that its cancellation was requested.
    Canceled {
        /// What it says of how far it got.
        details: Option<String>,
    },
}

impl Outcome {
    pub(crate) const COMPLETED: &'static str = "completed";

    /// The outcome's name in logs and metrics.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Completed { .. } => Self::COMPLETED,
            Self::Failed { .. } => "failed",
            Self::Canceled { .. } => "canceled",
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed { result } => f
                .debug_struct("Completed")
                .field("result", &Redacted(result.as_deref()))
                .finish(),
            Self::Failed { reason, details } => f
                .debug_struct("Failed")
                .field("reason", reason)
                .field("details", &Redacted(details.as_deref()))
                .finish(),
            Self::Canceled { details } => f
                .debug_struct("Canceled")
                .field("details", &Redacted(details.as_deref()))
                .finish(),
        }
    }
}
