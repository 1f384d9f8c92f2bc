//! How an activity under test ended.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Progress;
use super::progress::Reports;
use crate::activity::FailureCode;
use crate::service::ActivityType;
use crate::task::StopReason;
use crate::worker::{DrainReport, Unanswered};

/// How an activity's task ended: what the service was sent, within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// It was completed.
    #[non_exhaustive]
    Completed {
        /// The output as JSON, or an untyped activity's text.
        result: Option<String>,
    },
    /// It failed, or the framework failed it.
    #[non_exhaustive]
    Failed {
        /// What deciders branch on.
        reason: String,
        /// The rest of the story.
        details: Option<String>,
    },
    /// It was canceled, because somebody had asked for that.
    #[non_exhaustive]
    Canceled {
        /// What the activity says of how far it got.
        details: Option<String>,
    },
    /// The activity handed the task on; nothing was sent.
    HandedOn,
    /// The service had said that the task or its workflow is closed; nothing was sent.
    Closed,
    /// The worker was stopped at once; nothing was sent.
    Abandoned,
}

impl Ended {
    /// What became of a task for which nothing was sent.
    pub(super) fn silently(report: &DrainReport) -> Self {
        let outcomes = report.outcomes;
        let mut unanswered = report.unanswered.iter();
        if outcomes.handed_on > 0 {
            Self::HandedOn
        } else if unanswered.any(|task| task.why == Unanswered::StoppedAtOnce) {
            Self::Abandoned
        } else {
            Self::Closed
        }
    }
}

impl Ended {
    /// The reason of a failure.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Failed { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// The details of a failure or a cancellation.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        match self {
            Self::Failed { details, .. } | Self::Canceled { details } => details.as_deref(),
            _ => None,
        }
    }
}

/// How it ended, without details.
pub(super) struct Brief<'a>(pub(super) &'a Ended);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ended::Completed {
                result: Some(result),
            } => write!(f, "completed with {result}"),
            Ended::Completed { result: None } => f.write_str("completed without a result"),
            Ended::Failed { reason, .. } => write!(f, "failed with the reason {reason:?}"),
            Ended::Canceled { .. } => f.write_str("canceled"),
            Ended::HandedOn => f.write_str("handed on, nothing was sent"),
            Ended::Closed => f.write_str("nothing was sent: the task is closed"),
            Ended::Abandoned => f.write_str("nothing was sent: the worker was stopped at once"),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Brief(self))?;
        match self.details() {
            Some(details) => write!(f, ", details: {details}"),
            None => Ok(()),
        }
    }
}

/// How a run of an activity ended, and what could be seen of it.
///
/// `O` is the activity's output. `Debug` shows everything, payloads included.
#[must_use = "look at how the activity ended"]
pub struct TestOutcome<O> {
    pub(super) activity_type: ActivityType,
    pub(super) input: Option<String>,
    pub(super) ended: Ended,
    /// There only if it completed.
    pub(super) output: Option<O>,
    pub(super) progress: Vec<Progress>,
    pub(super) took: Duration,
    pub(super) stop_reason: Option<StopReason>,
    pub(super) still_running: bool,
}

impl<O> TestOutcome<O> {
    /// What the service was sent, or why nothing.
    pub fn ended(&self) -> &Ended {
        &self.ended
    }

    /// The output itself, if the task was completed with it.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// #[activity]
    /// async fn divide(numbers: (u32, u32)) -> Result<u32, ActivityError> {
    ///     let (dividend, divisor) = numbers;
    ///     let quotient = dividend.checked_div(divisor);
    ///     quotient.ok_or_else(|| ActivityError::failed("DIVIDED_BY_ZERO"))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let quotient = ActivityTest::new(Divide).input((6, 2)).run().await.into_output()?;
    /// assert_eq!(quotient, 3);
    ///
    /// let outcome = ActivityTest::new(Divide).input((6, 0)).run().await;
    /// assert_eq!(outcome.into_output().unwrap_err().ended().reason(), Some("DIVIDED_BY_ZERO"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotCompleted`], which says how it ended instead.
    pub fn into_output(self) -> Result<O, NotCompleted> {
        let story = self.to_string();
        self.output.ok_or(NotCompleted {
            ended: self.ended,
            story,
        })
    }

    /// The reason of a failure.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.ended.reason()
    }

    /// The framework's code of a failure, if the framework made it.
    #[must_use]
    pub fn failure_code(&self) -> Option<FailureCode> {
        FailureCode::of(self.reason()?)
    }

    /// The details of a failure or a cancellation.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        self.ended.details()
    }

    /// Every report of progress, the oldest first.
    #[must_use]
    pub fn progress(&self) -> &[Progress] {
        &self.progress
    }

    /// Every report of progress, read from JSON.
    ///
    /// # Panics
    ///
    /// When one is not what `T` wants.
    #[track_caller]
    #[must_use]
    pub fn progress_as<T: DeserializeOwned>(&self) -> Vec<T> {
        let mut values = Vec::with_capacity(self.progress.len());
        for progress in &self.progress {
            values.push(progress.details_as());
        }
        values
    }

    /// How long it took, from when the activity began to when the service had the outcome, or
    /// to when it was clear that none is sent.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Why the token fired, if it has: the worst reason.
    #[must_use]
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.stop_reason
    }

    /// Whether blocking code of the activity still runs, because it cannot be aborted. Possible
    /// only where the worker ended before it: after a drain's deadline, or when it was stopped.
    #[must_use]
    pub fn is_still_running(&self) -> bool {
        self.still_running
    }
}

/// The whole story, for a person: it begins with how it ended.
impl<O> fmt::Display for TestOutcome<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.activity_type, Brief(&self.ended))?;
        self.fmt_context(f)
    }
}

impl<O> TestOutcome<O> {
    /// What is around the end of it, a line each.
    pub(super) fn fmt_context(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(details) = self.details() {
            write!(f, "\n   details: {details}")?;
        }
        let input = self.input.as_deref().unwrap_or("none");
        let progress = Reports(&self.progress);
        write!(f, "\n     input: {input}\n  progress: {progress}")?;
        write!(f, "\n      took: {:?}", self.took)?;
        if let Some(reason) = self.stop_reason {
            write!(f, "\n   stopped: {reason}")?;
        }
        if self.still_running {
            f.write_str("\n      note: blocking code of it still runs")?;
        }
        Ok(())
    }
}

impl<O> fmt::Debug for TestOutcome<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The activity did not complete. `Debug` is the whole story, so that `unwrap` tells it.
pub struct NotCompleted {
    ended: Ended,
    story: String,
}

impl NotCompleted {
    /// How it ended instead.
    pub fn ended(&self) -> &Ended {
        &self.ended
    }
}

impl fmt::Display for NotCompleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the activity did not complete: {}", self.ended)
    }
}

impl fmt::Debug for NotCompleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the activity did not complete: {}", self.story)
    }
}

impl Error for NotCompleted {}
