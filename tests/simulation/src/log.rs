//! What happened in a run, in order: the calls as the worker and as the service saw them, what
//! activities were told, what was done to workers and activities.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use workbeat::StopReason;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{DrainReport, Unanswered};

/// An activity of the run, by its place in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u32);

/// One life of one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LifeId {
    pub(crate) worker: usize,
    pub(crate) life: usize,
}

/// One call of a worker, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u32);

/// What was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Poll,
    Heartbeat,
    Complete,
    Fail,
    Cancel,
    Timeouts,
    Register,
}

impl Op {
    /// Whether it offers an outcome.
    pub(crate) fn is_outcome(self) -> bool {
        matches!(self, Self::Complete | Self::Fail | Self::Cancel)
    }
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A poll brought a task.
    Task(TaskId),
    /// A poll brought none.
    Empty,
    /// A heartbeat was accepted.
    Beat { cancel_requested: bool },
    /// An outcome was accepted, or a type registered.
    Accepted,
    /// The timeouts of a task.
    Timeouts {
        heartbeat: Option<Duration>,
        start_to_close: Option<Duration>,
    },
    /// An error.
    Error(ServiceErrorKind),
}

impl Answer {
    /// Whether it is the service's word that the task is closed.
    pub(crate) fn closes(self) -> bool {
        use ServiceErrorKind::{TaskClosed, UnknownResource, WorkflowClosed};
        matches!(
            self,
            Self::Error(TaskClosed | WorkflowClosed | UnknownResource)
        )
    }
}

/// How the body of an activity ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    Completed,
    Failed,
    SaidCanceled,
    HandedOn,
    Panicked,
    /// Its future was dropped.
    Dropped,
}

/// What a life left behind.
#[derive(Clone, Debug)]
pub(crate) struct LifeReport {
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) canceled: u64,
    pub(crate) closed: u64,
    pub(crate) closed_after_lost_answer: u64,
    pub(crate) closed_with_result: u64,
    pub(crate) handed_on: u64,
    pub(crate) unanswered: Vec<(TaskId, Unanswered)>,
    pub(crate) omitted: u64,
    pub(crate) still_running: usize,
    pub(crate) polls_given_up: usize,
    /// Whether the run ended with an error.
    pub(crate) failed_run: bool,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    /// The decider started an activity.
    Scheduled(TaskId),
    /// The decider asked for a cancellation.
    CancelRequested(TaskId),
    /// The decider terminated the workflow of an activity.
    Terminated(TaskId),
    /// Somebody who was handed a task completed it.
    CompletedElsewhere(TaskId),

    /// A worker made a call, and what the network will do with it.
    Called {
        call: CallId,
        life: LifeId,
        op: Op,
        task: Option<TaskId>,
        fate: &'static str,
    },
    /// The call, or a copy of it, reached the service, which answered.
    Reached {
        call: CallId,
        answer: Answer,
    },
    /// The worker heard the answer.
    Heard {
        call: CallId,
        answer: Answer,
    },
    /// The worker gave the call up.
    GivenUp {
        call: CallId,
    },

    /// The body of an activity began.
    Began(TaskId),
    /// Its token fired.
    Told(TaskId, StopReason),
    /// It ended, and why it had been told to stop.
    Ended(TaskId, BodyEnd, Option<StopReason>),

    /// A worker began.
    LifeBegan(LifeId),
    Paused(LifeId),
    Resumed(LifeId),
    DrainAsked(LifeId),
    StopAsked(LifeId),
    /// The future of its run was dropped.
    RunDropped(LifeId),
    /// Its run returned.
    RunEnded(LifeId, Box<LifeReport>),
    /// Its run panicked.
    RunPanicked(LifeId),
    /// After the end: how many slots are held.
    SlotsAtEnd(LifeId, usize),

    /// How far the budget of a worker stretches intervals, as parts of the timeouts.
    Stretched(LifeId, Option<f64>),
    /// The worker's status says that the budget has no room for a task.
    LetGo(TaskId),
    /// It says so no longer.
    Kept(TaskId),

    /// The faults are over.
    Calm,
    /// Something was still open when the run had to end.
    Stuck {
        held: usize,
        pending: usize,
    },
}

/// A fact and its time since the run began.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Duration,
    pub(crate) fact: Fact,
}

/// The log of a run. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    began: Instant,
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Log {
    /// A log that begins now.
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            entries: Arc::default(),
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the run has gone on.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// When the run will have gone on for that long.
    pub(crate) fn instant(&self, at: Duration) -> Instant {
        self.began + at
    }

    pub(crate) fn note(&self, fact: Fact) {
        let at = self.now();
        self.entries().push(Entry { at, fact });
    }

    /// Takes everything out.
    pub(crate) fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.entries())
    }
}

impl LifeReport {
    /// What the run of a worker said, in the terms of the log.
    pub(crate) fn new(
        report: &DrainReport,
        failed_run: bool,
        name: impl Fn(&workbeat::service::TaskToken) -> TaskId,
    ) -> Self {
        let unanswered = report.unanswered.iter();
        Self {
            completed: report.outcomes.completed,
            failed: report.outcomes.failed,
            canceled: report.outcomes.canceled,
            closed: report.outcomes.closed,
            closed_after_lost_answer: report.outcomes.closed_after_lost_answer,
            closed_with_result: report.outcomes.closed_with_result,
            handed_on: report.outcomes.handed_on,
            unanswered: unanswered
                .map(|task| (name(&task.token), task.why))
                .collect(),
            omitted: report.unanswered_omitted,
            still_running: report.still_running.len(),
            polls_given_up: report.polls_given_up,
            failed_run,
        }
    }
}
