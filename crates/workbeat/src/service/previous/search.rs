//! The search for the last attempt in a history: pure, as it is shown the events.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{AttemptEvent, PreviousAttempt, ProgressEnvelope};
use crate::activity::FailureCode;
use crate::service::{ActivityTask, ActivityType};

/// Looks for the attempt before a task's own, from the end of its run's history to the beginning.
///
/// For those who implement [`ActivityService`](crate::service::ActivityService) over a history like Amazon
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
    activity_id: Arc<str>,
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
            activity_id: Arc::clone(&task.activity_id),
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
#[path = "search_tests.rs"]
mod tests;
