//! How the last attempt ended.

use std::fmt;

use super::ProgressEnvelope;
use crate::service::Redacted;

/// How the last attempt of an activity ended, with what the service has kept of it.
///
/// It is what [`previous_attempt`](crate::service::ActivityService::previous_attempt) answers. The worker
/// takes the progress out of it: of a timeout the details are that of the last heartbeat; of a
/// failure they hold progress if a worker wrote a [`ProgressEnvelope`] there.
///
/// `Debug` does not show the details.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreviousAttempt {
    /// It timed out. The details are those of its last heartbeat.
    TimedOut(Option<String>),
    /// It failed, with these details.
    Failed(Option<String>),
}

impl PreviousAttempt {
    /// The details, as the service has them.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        match self {
            Self::TimedOut(details) | Self::Failed(details) => details.as_deref(),
        }
    }

    /// The progress that it last reported, if that is known.
    ///
    /// ```
    /// use workbeat::service::{PreviousAttempt, ProgressEnvelope};
    ///
    /// let killed = PreviousAttempt::TimedOut(Some("[3,7]".to_owned()));
    /// assert_eq!(killed.progress().as_deref(), Some("[3,7]"));
    ///
    /// let plain = PreviousAttempt::Failed(Some("disk full".to_owned()));
    /// assert_eq!(plain.progress(), None);
    /// let envelope = ProgressEnvelope::new("[3,7]").with_details("disk full");
    /// let failed = PreviousAttempt::Failed(Some(envelope.to_text()));
    /// assert_eq!(failed.progress().as_deref(), Some("[3,7]"));
    /// ```
    #[must_use]
    pub fn progress(self) -> Option<String> {
        match self {
            Self::TimedOut(details) => details,
            Self::Failed(details) => Some(ProgressEnvelope::read(&details?)?.progress),
        }
    }
}

impl fmt::Debug for PreviousAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::TimedOut(_) => "TimedOut",
            Self::Failed(_) => "Failed",
        };
        let details = Redacted(self.details());
        f.debug_tuple(name).field(&details).finish()
    }
}
