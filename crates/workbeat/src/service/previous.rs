//! What a service knows of the last attempt of an activity.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::text::Redacted;
use super::{ActivityTask, ActivityType};
use crate::activity::FailureCode;

/// How the last attempt of an activity ended, with what the service has kept of it.
///
/// It is what [`previous_attempt`](super::ActivityService::previous_attempt) answers. The worker
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

/// The details of a failure with the progress beside them: a small JSON object.
///
/// Amazon SWF shows heartbeats in the history only when an attempt times out. A worker that is
/// told [`progress_in_failures`](crate::worker::WorkerBuilder::progress_in_failures) writes this
/// into the details of a failure, so that the next attempt has the progress all the same:
///
/// ```json
/// {"workbeat.progress":1,"progress":"{\"offset\":4096}","details":"disk full"}
/// ```
///
/// | member | |
/// |---|---|
/// | `workbeat.progress` | the version of the envelope, 1 |
/// | `progress` | the text that the next heartbeat would have carried |
/// | `details` | the details as they are without the envelope; missing if there are none |
///
/// `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProgressEnvelope {
    #[serde(rename = "workbeat.progress")]
    version: u32,
    /// The text that the next heartbeat would have carried.
    pub progress: String,
    /// The details of the failure, without the envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl ProgressEnvelope {
    const VERSION: u32 = 1;

    /// An envelope with this progress, and without details.
    #[must_use]
    pub fn new(progress: impl Into<String>) -> Self {
        Self {
            version: Self::VERSION,
            progress: progress.into(),
            details: None,
        }
    }

    /// The same envelope with the details of the failure.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Reads the details of a failure; `None` if they are no envelope of this version.
    ///
    /// ```
    /// use workbeat::service::ProgressEnvelope;
    ///
    /// let details = r#"{"workbeat.progress":1,"progress":"7","details":"disk full"}"#;
    /// let envelope = ProgressEnvelope::read(details).unwrap();
    /// assert_eq!(envelope.progress, "7");
    /// assert_eq!(envelope.details.as_deref(), Some("disk full"));
    /// assert_eq!(ProgressEnvelope::read("disk full"), None);
    /// ```
    #[must_use]
    pub fn read(details: &str) -> Option<Self> {
        if !details.trim_start().starts_with('{') {
            return None;
        }
        let envelope: Self = serde_json::from_str(details).ok()?;
        (envelope.version == Self::VERSION).then_some(envelope)
    }

    /// The envelope as the details of a failure.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Two texts and a number always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl fmt::Debug for ProgressEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressEnvelope")
            .field("version", &self.version)
            .field("progress", &Redacted(Some(&self.progress)))
            .field("details", &Redacted(self.details.as_deref()))
            .finish()
    }
}

/// What an event of a history says of an attempt of an activity; for a [`PreviousAttemptSearch`].
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

/// Looks for the attempt before a task's own, from the end of its run's history to the beginning.
///
/// For those who implement [`ActivityService`](super::ActivityService) over a history like Amazon
/// SWF's. It does no I/O: it is shown the events, the newest first, and says when it is done.
///
/// The attempt before is the last one, in the same run, that was scheduled with the same activity
/// id and the same type. Two kinds are passed over, because they say nothing of how far it was: one
/// that timed out without any details or with empty ones, which no worker took or which ended before its first heartbeat;
/// and one that the framework failed ([`FailureCode`](crate::FailureCode)) without its progress, often
/// before the activity began.
///
/// ```
/// use std::ops::ControlFlow;
/// use workbeat::service::{
///     ActivityTask, ActivityType, AttemptEvent, PreviousAttempt, PreviousAttemptSearch, TaskToken,
///     WorkflowExecution,
/// };
///
/// let pack = ActivityType::new("pack", "1.0");
/// let run = WorkflowExecution::new("order-1", "a1b2");
/// let task = ActivityTask::new(TaskToken::new("t"), "pack-1", pack, run, 12);
/// let mut search = PreviousAttemptSearch::new(&task);
/// let scheduled = AttemptEvent::Scheduled { activity_id: "pack-1", name: "pack", version: "1.0" };
/// for (event_id, event) in [
///     (12, AttemptEvent::Started { scheduled_event_id: 11 }),
///     (11, scheduled),
///     (7, AttemptEvent::TimedOut { scheduled_event_id: 5, details: Some("3 of 7") }),
/// ] {
///     assert!(search.look(event_id, event).is_continue());
/// }
/// let found = Some(PreviousAttempt::TimedOut(Some("3 of 7".to_owned())));
/// assert_eq!(search.look(5, scheduled), ControlFlow::Break(found));
/// ```
#[derive(Debug)]
#[must_use = "a search finds nothing unless it is shown events"]
pub struct PreviousAttemptSearch {
    activity_id: std::sync::Arc<str>,
    activity_type: ActivityType,
    started_event_id: i64,
    /// The event that scheduled the task's own attempt, once that is known.
    scheduled_event_id: Option<i64>,
    /// The ends whose attempts are still to come, by the events that scheduled them.
    ended: BTreeMap<i64, End>,
}

/// How an attempt ended.
#[derive(Debug)]
enum End {
    /// There may be something to resume.
    Early(PreviousAttempt),
    /// It says nothing of how far it was.
    Silent,
    Done,
}

impl PreviousAttemptSearch {
    /// A search for the attempt before that of `task`.
    pub fn new(task: &ActivityTask) -> Self {
        Self {
            activity_id: std::sync::Arc::clone(&task.activity_id),
            activity_type: task.activity_type.clone(),
            started_event_id: task.started_event_id,
            scheduled_event_id: None,
            ended: BTreeMap::new(),
        }
    }

    /// Whether the task's own start was among the events. If it was not, the history is not up to
    /// date, and says nothing yet.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.scheduled_event_id.is_some()
    }

    /// Looks at the next event, which must be an older one than the last. Breaks with what was
    /// found, or with `None` if there is no attempt to resume. When the history has no more
    /// events, there is none either. Both hold only if the search [has begun](Self::has_begun).
    pub fn look(
        &mut self,
        event_id: i64,
        event: AttemptEvent<'_>,
    ) -> ControlFlow<Option<PreviousAttempt>> {
        let Some(own) = self.scheduled_event_id else {
            if let AttemptEvent::Started { scheduled_event_id } = event
                && event_id == self.started_event_id
            {
                self.scheduled_event_id = Some(scheduled_event_id);
            }
            // What comes after the task's own start is not of an earlier attempt.
            if event_id < self.started_event_id {
                return ControlFlow::Break(None);
            }
            return ControlFlow::Continue(());
        };
        match event {
            AttemptEvent::Scheduled {
                activity_id,
                name,
                version,
            } => {
                let ended = self.ended.remove(&event_id);
                let same = activity_id == &*self.activity_id
                    && name == &*self.activity_type.name
                    && version == &*self.activity_type.version;
                if same && event_id < own {
                    return match ended {
                        Some(End::Silent) => ControlFlow::Continue(()),
                        Some(End::Early(attempt)) => ControlFlow::Break(Some(attempt)),
                        Some(End::Done) | None => ControlFlow::Break(None),
                    };
                }
            }
            AttemptEvent::TimedOut {
                scheduled_event_id,
                details,
            } => {
                let details = details.filter(|details| !details.is_empty());
                let end = details.map_or(End::Silent, |details| {
                    End::Early(PreviousAttempt::TimedOut(Some(details.to_owned())))
                });
                self.end(scheduled_event_id, end);
            }
            AttemptEvent::Failed {
                scheduled_event_id,
                reason,
                details,
            } => {
                let by_framework = reason.and_then(FailureCode::of).is_some();
                let end = if by_framework && details.and_then(ProgressEnvelope::read).is_none() {
                    End::Silent
                } else {
                    End::Early(PreviousAttempt::Failed(details.map(str::to_owned)))
                };
                self.end(scheduled_event_id, end);
            }
            AttemptEvent::Done { scheduled_event_id } => self.end(scheduled_event_id, End::Done),
            AttemptEvent::Started { .. } => {}
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self, scheduled_event_id: i64, end: End) {
        self.ended.insert(scheduled_event_id, end);
    }
}

#[cfg(test)]
#[path = "previous_tests.rs"]
mod tests;
