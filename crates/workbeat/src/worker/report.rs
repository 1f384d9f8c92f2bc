//! What a worker says when it is done.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::chain;
use crate::service::{ActivityTask, ActivityType, ServiceError, TaskToken, WorkflowExecution};

/// What became of every task that the worker was given.
///
/// A task is either counted in [`outcomes`](Self::outcomes) or listed in
/// [`unanswered`](Self::unanswered): nothing is lost without a word.
///
/// ```
/// # use workbeat::worker::DrainReport;
/// fn tell(report: &DrainReport) {
///     println!("{report}");
///     for task in &report.unanswered {
///         // The token lets another process answer in this one's place.
///         println!("{} of {:?}: {:?}", task.activity_type, task.workflow, task.why);
///     }
/// }
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[must_use]
pub struct DrainReport {
    /// How many tasks ended in which way.
    pub outcomes: OutcomeCounts,
    /// Tasks that got no answer. The service will end them by a timeout. The first 10,000.
    pub unanswered: Vec<UnansweredTask>,
    /// How many more there were.
    pub unanswered_omitted: u64,
    /// Activities that could not be aborted, because they block a thread, and still run. Their
    /// outcome is settled; what they do is not.
    pub still_running: Vec<RunningOn>,
    /// Polls that were still under way when the worker had to end. A service may hand a task to
    /// such a poll, where nobody works on it.
    pub polls_given_up: usize,
}

impl DrainReport {
    /// Whether every task was answered, no poll given up, and nothing runs on.
    ///
    /// It says nothing of how the tasks ended: a result that came too late for its task, which
    /// was [closed](OutcomeCounts::closed_with_result), leaves a report clean.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.unanswered.is_empty()
            && self.unanswered_omitted == 0
            && self.still_running.is_empty()
            && self.polls_given_up == 0
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutcomeCounts {
            completed,
            failed,
            canceled,
            closed,
            closed_after_lost_answer: lost,
            closed_with_result: late,
            handed_on,
        } = self.outcomes;
        write!(
            f,
            "{completed} completed, {failed} failed, {canceled} canceled, {closed} closed already"
        )?;
        match (lost, late) {
            (0, 0) => {}
            (0, late) => write!(f, " (of these {late} with a result that came too late)")?,
            (lost, 0) => write!(f, " (of these {lost} probably accepted)")?,
            (lost, late) => write!(
                f,
                " (of these {lost} probably accepted, {late} with a result that came too late)"
            )?,
        }
        write!(
            f,
            ", {handed_on} handed on, {} unanswered, {} polls given up",
            self.unanswered.len() as u64 + self.unanswered_omitted,
            self.polls_given_up
        )?;
        match self.still_running.len() {
            0 => Ok(()),
            running => write!(f, "; the code of {running} of these tasks still runs"),
        }
    }
}

/// How many tasks ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutcomeCounts {
    /// Accepted as completed.
    pub completed: u64,
    /// Accepted as failed.
    pub failed: u64,
    /// Accepted as canceled.
    pub canceled: u64,
    /// Closed already, by the service's own word: timed out, ended by somebody else or with its
    /// workflow, or by an outcome of this worker whose answer was lost.
    pub closed: u64,
    /// Those of `closed` where an earlier try of the outcome was not answered, and was most likely
    /// what closed the task.
    pub closed_after_lost_answer: u64,
    /// Those of `closed` whose activity had come to a result: it came too late, and the work was
    /// in vain.
    pub closed_with_result: u64,
    /// Handed on by their activities, to be completed elsewhere.
    pub handed_on: u64,
}

/// A task that got no answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UnansweredTask {
    /// With this, another process can still answer for it.
    pub token: TaskToken,
    /// The [name](super::ServiceStatus::name) of the service that takes the answer, if the worker has
    /// several.
    pub service: Option<String>,
    /// Which activity it was.
    pub activity_type: ActivityType,
    /// What the decider called it.
    pub activity_id: String,
    /// The workflow that waits for it.
    pub workflow: WorkflowExecution,
    /// Why there is no answer.
    pub why: Unanswered,
}

impl UnansweredTask {
    pub(crate) fn new(task: &ActivityTask, service: Option<&str>, why: Unanswered) -> Self {
        Self {
            token: task.token.clone(),
            service: service.map(str::to_owned),
            activity_type: task.activity_type.clone(),
            activity_id: task.activity_id.to_string(),
            workflow: task.workflow.clone(),
            why,
        }
    }
}

/// Why a task got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unanswered {
    /// The drain deadline came before the service accepted an outcome. One may have been
    /// applied.
    DrainDeadline,
    /// The worker was stopped at once.
    StoppedAtOnce,
    /// The service rejected the outcome, and the failure that said so too.
    Rejected,
    /// The worker does not know the type and leaves it to another worker.
    LeftToOthers,
}

/// An activity that runs on after the worker ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunningOn {
    /// Which activity it is.
    pub activity_type: ActivityType,
    /// What the decider calls it.
    pub activity_id: String,
    /// The workflow that waited for it.
    pub workflow: WorkflowExecution,
}

impl RunningOn {
    pub(crate) fn new(task: &ActivityTask) -> Self {
        Self {
            activity_type: task.activity_type.clone(),
            activity_id: task.activity_id.to_string(),
            workflow: task.workflow.clone(),
        }
    }
}

/// The worker could not start its work; a setting or a permission must be mended.
///
/// It comes of what is refused in the first minute of a run, and of what is refused later while no
/// other service knows the activity types, or no other task list has been polled.
///
/// What the worker was given in spite of that is in the [`report`](Self::report). A task list
/// that is refused ends the run only when the polls of the others are over, which Amazon SWF
/// holds for up to 60 s.
pub struct RunError(Box<Inner>);

struct Inner {
    mistake: Mistake,
    report: DrainReport,
}

/// What a service refused at start-up.
pub(super) struct Mistake {
    pub(super) kind: RunErrorKind,
    pub(super) source: ServiceError,
    /// The service's name, if the worker has several.
    pub(super) service: Option<Arc<str>>,
}

/// Where the worker could not start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunErrorKind {
    /// An activity type could not be registered.
    Registration(ActivityType),
    /// The first polls of a task list were refused.
    Poll {
        /// The task list.
        task_list: String,
    },
}

impl RunError {
    pub(super) fn new(mistake: Mistake, report: DrainReport) -> Self {
        Self(Box::new(Inner { mistake, report }))
    }

    /// Where the worker could not start.
    #[must_use]
    pub fn kind(&self) -> &RunErrorKind {
        &self.0.mistake.kind
    }

    /// The [name](super::ServiceStatus::name) of the service that refused, if the worker has several.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.0.mistake.service.as_deref()
    }

    /// Takes the report out.
    pub fn into_report(self) -> DrainReport {
        self.0.report
    }

    /// What became of the tasks that the worker was given all the same.
    pub fn report(&self) -> &DrainReport {
        &self.0.report
    }
}

impl fmt::Debug for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        chain::debug(self, f)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self.service() {
            Some(service) => format!(" with {service}"),
            None => String::new(),
        };
        match self.kind() {
            RunErrorKind::Registration(activity_type) => write!(
                f,
                "the activity type `{activity_type}` could not be registered{of}; mend what the source says, or register it elsewhere and set `register_types(false)`"
            ),
            RunErrorKind::Poll { task_list } => write!(
                f,
                "the task list `{task_list}` could not be polled{of}; check its name, the domain and the permissions"
            ),
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0.mistake.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_of_closed_tasks_what_is_known_of_them() {
        let mut report = DrainReport::default();
        let told = |report: &DrainReport| report.to_string();
        let clean = "0 completed, 0 failed, 0 canceled, 0 closed already, 0 handed on, 0 unanswered, 0 polls given up";
        assert_eq!(told(&report), clean);
        report.outcomes.closed = 5;
        report.outcomes.closed_with_result = 2;
        assert!(
            told(&report)
                .contains("5 closed already (of these 2 with a result that came too late), ")
        );
        report.outcomes.closed_after_lost_answer = 1;
        assert!(told(&report).contains(
            "5 closed already (of these 1 probably accepted, 2 with a result that came too late), "
        ));
        report.outcomes.closed_with_result = 0;
        assert!(told(&report).contains("5 closed already (of these 1 probably accepted), "));
        assert!(report.is_clean(), "every task was answered");
    }

    #[test]
    fn a_task_whose_code_still_runs_is_counted_as_it_ended() {
        let mut report = DrainReport::default();
        report.outcomes.failed = 6;
        report.still_running.push(RunningOn {
            activity_type: ActivityType::new("work", "1.0"),
            activity_id: "a".into(),
            workflow: WorkflowExecution::new("w", "r"),
        });
        let told = report.to_string();
        assert!(
            told.ends_with("; the code of 1 of these tasks still runs"),
            "{told}"
        );
        assert!(!report.is_clean());
    }
}
