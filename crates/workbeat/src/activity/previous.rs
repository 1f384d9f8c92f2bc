//! What the last attempt of the same activity reported.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::asking::{Unanswered, answer};
use super::{ActivityContext, Stopped};
use crate::chain;
use crate::service::{PreviousAttempt, ServiceError};
use crate::task::{Progress, TaskRecord};
use crate::told::warn;

/// How long the service may take for one answer. A long history comes in many pages, and under a
/// throttle of 60 calls a second a thousand activities that ask at once wait for minutes. Who is cut
/// off begins anew; an adapter bounds each of its requests itself.
const CALL_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// What an earlier attempt left.
impl ActivityContext {
    /// What the last attempt of the same activity last reported, or `None` if there was no attempt
    /// before, or none that left progress.
    ///
    /// It is off by default: [`WorkerBuilder::previous_progress`] turns it on. Then it asks the
    /// service, here and now, and no activity that does not call this costs anything. Heartbeats go
    /// on meanwhile. Calls that fail are tried again for as long as the activity is not told to
    /// stop.
    ///
    /// An attempt is of the same activity if the decider scheduled it in the same run, with the
    /// same activity id and the same type. If it timed out, this is what its last heartbeat carried,
    /// and so can be older than its last report. If it failed, it is what it last reported, provided
    /// its worker was told [`progress_in_failures`]. After one that completed or was canceled there
    /// is none.
    ///
    /// Report as soon as you have resumed, so that an attempt after this one finds something too.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # async fn copy_page(page: usize) {}
    /// async fn copy(pages: usize, ctx: ActivityContext) -> Result<(), ActivityError> {
    ///     let done = ctx.previous_progress::<usize>().await?.unwrap_or(0);
    ///     for page in done..pages {
    ///         ctx.report(page);
    ///         ctx.until_stopped(copy_page(page)).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`PreviousProgressError`]: if it is off, if the service does not know it or refuses to tell
    /// it, if it is no JSON of a `T`, and if the activity is told to stop; `?` acknowledges that as
    /// a cancellation.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    ///
    /// [`WorkerBuilder::previous_progress`]: crate::worker::WorkerBuilder::previous_progress
    /// [`progress_in_failures`]: crate::worker::WorkerBuilder::progress_in_failures
    pub async fn previous_progress<T: DeserializeOwned>(
        &self,
    ) -> Result<Option<T>, PreviousProgressError> {
        let Some(text) = self.previous_progress_text().await? else {
            return Ok(None);
        };
        serde_json::from_str(&text).map(Some).map_err(|error| {
            let message = if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
                format!(
                    "what the last attempt reported is no {}",
                    std::any::type_name::<T>()
                )
            } else {
                "what the last attempt reported is no JSON; `previous_progress_text` gives it as it is"
                    .to_owned()
            };
            PreviousProgressError::new(PreviousProgressErrorKind::NotDecoded, message)
                .with_source(error)
        })
    }

    /// The same as text, as the heartbeat carried it: for what was reported with
    /// [`report_text`](Self::report_text). What was too long for the service is as it was cut.
    ///
    /// # Errors
    ///
    /// As for [`previous_progress`](Self::previous_progress), but that nothing is decoded.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn previous_progress_text(&self) -> Result<Option<String>, PreviousProgressError> {
        let text = ask(self.record()).await?;
        if text
            .as_deref()
            .is_some_and(Progress::stands_for_one_too_large)
        {
            // It is JSON that parses, and of nobody's type.
            warn!(parent: self.span(), "the last attempt's progress was too large for the service and is not known");
            return Ok(None);
        }
        Ok(text)
    }

    /// The same as [`previous_progress`](Self::previous_progress), for blocking code: it blocks the
    /// thread.
    ///
    /// # Errors
    ///
    /// As for [`previous_progress`](Self::previous_progress).
    ///
    /// # Panics
    ///
    /// When it is called from async code, whose thread must not be blocked.
    pub fn previous_progress_blocking<T: DeserializeOwned>(
        &self,
    ) -> Result<Option<T>, PreviousProgressError> {
        let runtime = &self.record().worker.runtime;
        runtime.block_on(self.previous_progress())
    }
}

/// Asks the service until it answers or the activity is told to stop.
async fn ask(record: &TaskRecord) -> Result<Option<String>, PreviousProgressError> {
    let source = record.source();
    let refused = if !record.worker.previous_progress {
        Some((
            PreviousProgressErrorKind::Off,
            "the worker does not ask for it: add `.previous_progress(true)` where it is built, and see what that costs",
        ))
    } else if !source.capabilities.previous_attempts {
        Some((
            PreviousProgressErrorKind::NotSupported,
            "the service keeps nothing of earlier attempts",
        ))
    } else {
        None
    };
    if let Some((kind, message)) = refused {
        return Err(PreviousProgressError::new(kind, message));
    }
    let service = &source.service;
    let call = || service.previous_attempt(&record.task);
    match answer(record, "previous attempt", CALL_TIMEOUT, call).await {
        Ok(attempt) => Ok(attempt.and_then(PreviousAttempt::progress)),
        Err(Unanswered::Refused(error)) => Err(PreviousProgressError::refused(error)),
        Err(Unanswered::Stopped(reason)) => {
            let message = "the activity was told to stop before the service had answered";
            let error = PreviousProgressError::new(PreviousProgressErrorKind::Stopped, message);
            Err(error.with_source(Stopped::new(reason)))
        }
    }
}

/// What the last attempt reported is not to be had.
///
/// Through `?` it becomes a failure, [`FailureCode::PreviousProgressUnknown`](crate::FailureCode), or
/// an acknowledged cancellation if the activity was told to stop. An attempt after such a failure finds
/// what this one did not.
pub struct PreviousProgressError {
    kind: PreviousProgressErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of [`PreviousProgressError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PreviousProgressErrorKind {
    /// The worker was not told to ask:
    /// [`WorkerBuilder::previous_progress`](crate::worker::WorkerBuilder::previous_progress).
    Off,
    /// The service keeps nothing of earlier attempts.
    NotSupported,
    /// The service refuses to tell it. The source says why.
    Refused,
    /// It is not JSON of the wanted type.
    NotDecoded,
    /// The activity was told to stop before the service had answered.
    Stopped,
}

impl PreviousProgressError {
    fn new(kind: PreviousProgressErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(super) fn refused(error: ServiceError) -> Self {
        let message = "the service refuses to tell it";
        Self::new(PreviousProgressErrorKind::Refused, message).with_source(error)
    }

    fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> PreviousProgressErrorKind {
        self.kind
    }
}

impl fmt::Debug for PreviousProgressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        chain::debug(self, f)
    }
}

impl fmt::Display for PreviousProgressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the last attempt's progress is not known: {}",
            self.message
        )
    }
}

impl Error for PreviousProgressError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
