//! The tasks that left the worker last.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::report::Unanswered;
use crate::moment::Moment;
use crate::outcome::Answered;
use crate::service::{ActivityType, WorkflowExecution};
use crate::task::TaskRecord;

/// How many are kept.
const MOST: usize = 50;

/// A task that left the worker: what it was and how it ended, and nothing of its result.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndedActivity {
    /// Which activity it was.
    pub activity_type: ActivityType,
    /// What the decider called it.
    pub activity_id: Arc<str>,
    /// The workflow that waited for it.
    pub workflow: WorkflowExecution,
    /// The [name](super::ServiceStatus::name) of the service that it came from, if the worker has
    /// several.
    pub service: Option<Arc<str>>,
    /// How it ended.
    pub end: TaskEnd,
    /// How long it was in the worker, its outcome's way to the service included.
    pub took: Duration,
    /// How long ago it ended.
    pub ago: Duration,
}

/// How a task left the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskEnd {
    /// Accepted as completed.
    Completed,
    /// Accepted as failed.
    Failed,
    /// Accepted as canceled.
    Canceled,
    /// Closed already, by the service's own word.
    Closed,
    /// Closed already, most likely by an outcome of this worker whose answer was lost.
    ProbablyAccepted,
    /// Closed already when the activity came to a result: the work was in vain.
    ResultTooLate,
    /// Handed on, to be completed elsewhere.
    HandedOn,
    /// There was no answer for it.
    Unanswered(Unanswered),
}

impl TaskEnd {
    /// The end in a word or a few, as spans and metrics say it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Closed => "closed",
            Self::ProbablyAccepted => "probably accepted",
            Self::ResultTooLate => "result too late",
            Self::HandedOn => "handed on",
            Self::Unanswered(Unanswered::DrainDeadline) => "unanswered: drain deadline",
            Self::Unanswered(Unanswered::StoppedAtOnce) => "unanswered: stopped at once",
            Self::Unanswered(Unanswered::Rejected) => "unanswered: rejected",
            Self::Unanswered(Unanswered::LeftToOthers) => "unanswered: left to others",
        }
    }
}

impl TaskEnd {
    /// Whether somebody should look at it.
    pub(crate) fn is_error(self) -> bool {
        match self {
            Self::Failed | Self::ResultTooLate => true,
            Self::Unanswered(why) => why != Unanswered::LeftToOthers,
            Self::Completed
            | Self::Canceled
            | Self::Closed
            | Self::ProbablyAccepted
            | Self::HandedOn => false,
        }
    }
}

impl fmt::Display for TaskEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Answered> for TaskEnd {
    fn from(answered: Answered) -> Self {
        match answered {
            Answered::Completed => Self::Completed,
            Answered::Failed => Self::Failed,
            Answered::Canceled => Self::Canceled,
            Answered::Closed => Self::Closed,
            Answered::ProbablyAccepted => Self::ProbablyAccepted,
            Answered::ResultTooLate => Self::ResultTooLate,
            Answered::HandedOn => Self::HandedOn,
            Answered::Rejected => Self::Unanswered(Unanswered::Rejected),
        }
    }
}

/// One of them. Its names are shared with the task, so that nothing is allocated for it; the
/// record itself would keep the task's span open and its runtime held.
#[derive(Debug)]
struct Ended {
    activity_type: ActivityType,
    activity_id: Arc<str>,
    workflow: WorkflowExecution,
    service: Option<Arc<str>>,
    end: TaskEnd,
    took: Duration,
    at: Moment,
}

/// The last of them, oldest first.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<Ended>>);

impl Recent {
    /// Notes that a task has left.
    pub(super) fn note(&self, record: &TaskRecord, end: TaskEnd) {
        let now = Instant::now();
        let ended = Ended {
            activity_type: record.task.activity_type.clone(),
            activity_id: Arc::clone(&record.task.activity_id),
            workflow: record.task.workflow.clone(),
            service: record.source().label.clone(),
            end,
            took: record.age(now),
            at: now.into(),
        };
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = if recent.len() < MOST {
            None
        } else {
            recent.pop_front()
        };
        recent.push_back(ended);
        drop(recent);
        drop(forgotten);
    }

    /// Those that ended, newest first.
    pub(super) fn ended(&self, now: Instant) -> Vec<EndedActivity> {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = recent.iter().rev().map(|ended| EndedActivity {
            activity_type: ended.activity_type.clone(),
            activity_id: Arc::clone(&ended.activity_id),
            workflow: ended.workflow.clone(),
            service: ended.service.clone(),
            end: ended.end,
            took: ended.took,
            ago: Moment::from(now).saturating_since(ended.at),
        });
        shown.collect()
    }
}
