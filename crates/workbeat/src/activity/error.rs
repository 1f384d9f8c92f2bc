//! How an activity ends badly.

use std::error::Error;
use std::fmt;

use serde::Serialize;

use super::{FailureCode, PreviousProgressError, Stopped};
use crate::chain::{chain, sources};
use crate::service::Redacted;

/// How an activity ends other than with its output: failed, canceled, or handed on.
///
/// Any error that can be boxed turns into a failure through `?`: its reason is then the name
/// of the error's type, and its details are what the error and its sources say. The name is
/// the compiler's, good for people and logs; where a decider branches on the reason, choose
/// one with [`failed`](Self::failed). A [`Stopped`] anywhere among the sources turns into canceled instead, so
/// that `?` on [`until_stopped`](super::ActivityContext::until_stopped) acknowledges; and a
/// [`PreviousProgressError`] into [`FailureCode::PreviousProgressUnknown`].
///
/// ```
/// use workbeat::ActivityError;
///
/// fn read(path: &str) -> Result<String, ActivityError> {
///     if path.is_empty() {
///         return Err(ActivityError::failed("path is empty"));
///     }
///     Ok(std::fs::read_to_string(path)?)
/// }
///
/// assert_eq!(read("").unwrap_err().reason(), Some("path is empty"));
/// let error = read("/no/such/file").unwrap_err();
/// assert_eq!(error.reason(), Some("std::io::error::Error"));
/// assert!(error.details().unwrap().contains("No such file"));
/// ```
///
/// `Debug` and `Display` do not show the details. Like `anyhow::Error` it does not implement
/// [`Error`] itself; that is what lets `?` take every error.
///
/// # Limits
///
/// Amazon SWF takes a reason of 256 characters and details of 32,768. What is longer is cut at
/// a character boundary, with a marker.
pub struct ActivityError(Box<Inner>);

struct Inner {
    kind: ActivityErrorKind,
    reason: Option<String>,
    details: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The ways to end without an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ActivityErrorKind {
    /// The work failed.
    Failed,
    /// The work was given up because somebody asked for that.
    Canceled,
    /// The work goes on elsewhere, and whoever holds the task token ends the task.
    HandedOn,
}

impl ActivityError {
    /// The work failed. `reason` is a short code or sentence; deciders branch on it.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::new(ActivityErrorKind::Failed, Some(reason.into()), None)
    }

    /// The work was given up because its cancellation was requested, and what is left of it.
    ///
    /// This acknowledges the request. Where nobody asked, the task fails instead, with a reason
    /// that says so. Empty details are none.
    pub fn canceled(details: impl Into<String>) -> Self {
        let details = Some(details.into()).filter(|details| !details.is_empty());
        Self::new(ActivityErrorKind::Canceled, None, details)
    }

    /// The task will be completed elsewhere: no error at all, but an end without an outcome.
    ///
    /// The worker sends nothing, heartbeats no more for the task and frees its slot. Whoever was
    /// given the [task token](super::ActivityContext::task_token) keeps the task alive and ends
    /// it, with a [`CompletionClient`](crate::CompletionClient) for instance. Details and source
    /// of this error go nowhere.
    ///
    /// ```
    /// use workbeat::prelude::*;
    ///
    /// /// Asks a person, who answers hours later and in another process.
    /// #[activity(heartbeat_timeout = "1h")]
    /// async fn approve(order: u64, ctx: ActivityContext) -> Result<bool, ActivityError> {
    ///     put_up(order, serde_json::to_string(ctx.task_token())?).await?;
    ///     Err(ActivityError::handed_on())
    /// }
    ///
    /// async fn put_up(_order: u64, _token: String) -> std::io::Result<()> {
    ///     Ok(()) // into a queue, a table: somewhere safe, because a token is a secret
    /// }
    /// ```
    ///
    /// Hand the token over first and return this then. Between the two both processes may speak
    /// for the task, which is fine: the service takes one outcome.
    #[must_use]
    pub fn handed_on() -> Self {
        Self::new(ActivityErrorKind::HandedOn, None, None)
    }

    fn new(kind: ActivityErrorKind, reason: Option<String>, details: Option<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            reason,
            details,
            source: None,
        }))
    }

    /// The same error with `details`, as plain text.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<String>) -> Self {
        self.0.details = Some(details.into());
        self
    }

    /// The same error with `details`, as JSON.
    ///
    /// Details that do not serialize are replaced by a text that says why.
    #[must_use]
    pub fn with_json_details(self, details: &impl Serialize) -> Self {
        let details = serde_json::to_string(details)
            .unwrap_or_else(|error| format!("the details did not serialize: {error}"));
        self.with_details(details)
    }

    /// The same error with what lies below it. Without other details, the details say what the
    /// source and its sources say.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let source = source.into();
        if self.0.details.is_none() {
            self.0.details = Some(chain(&*source));
        }
        self.0.source = Some(source);
        self
    }

    /// Failed, canceled or handed on.
    #[must_use]
    pub fn kind(&self) -> ActivityErrorKind {
        self.0.kind
    }

    /// Whether it is a cancellation that is acknowledged.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.0.kind == ActivityErrorKind::Canceled
    }

    /// Whether the task will be completed elsewhere.
    #[must_use]
    pub fn is_handed_on(&self) -> bool {
        self.0.kind == ActivityErrorKind::HandedOn
    }

    /// The reason of a failure.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The details.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        self.0.details.as_deref()
    }

    /// What lies below it.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    pub(crate) fn into_parts(self) -> (ActivityErrorKind, Option<String>, Option<String>) {
        (self.0.kind, self.0.reason, self.0.details)
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for ActivityError {
    fn from(error: E) -> Self {
        let error = error.into();
        #[cfg(feature = "tower")]
        let error = match crate::middleware::unbox(error) {
            Ok(error) => return error,
            Err(error) => error,
        };
        if is_stopped(&*error) {
            return Self::canceled("").with_silent_source(error);
        }
        // The attempt after this one must know that nothing was done.
        let unknown = sources(&*error).find_map(|error| error.downcast_ref());
        if let Some(unknown) = unknown {
            let unknown: &PreviousProgressError = unknown;
            let reason = FailureCode::PreviousProgressUnknown.reason(unknown);
            return Self::failed(reason).with_source(error);
        }
        Self::failed(type_name::<E>()).with_source(error)
    }
}

impl ActivityError {
    fn with_silent_source(mut self, source: Box<dyn Error + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }
}

/// The error's type as a reason; a bare text has no type worth naming.
fn type_name<E>() -> &'static str {
    match std::any::type_name::<E>() {
        "&str" | "alloc::string::String" => "error",
        name if name.starts_with("alloc::boxed::Box<dyn") => "error",
        name => name,
    }
}

fn is_stopped(error: &(dyn Error + 'static)) -> bool {
    sources(error).any(|error| {
        // An I/O error does not name what it wraps among its sources.
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        error.is::<Stopped>() || wrapped.is_some_and(|wrapped| is_stopped(wrapped))
    })
}

impl fmt::Debug for ActivityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityError")
            .field("kind", &self.0.kind)
            .field("reason", &self.0.reason)
            .field("details", &Redacted(self.0.details.as_deref()))
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ActivityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.kind, &self.0.reason) {
            (ActivityErrorKind::Failed, Some(reason)) => write!(f, "failed: {reason}"),
            (ActivityErrorKind::Failed, None) => f.write_str("failed"),
            (ActivityErrorKind::Canceled, _) => f.write_str("canceled"),
            (ActivityErrorKind::HandedOn, _) => f.write_str("handed on"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StopReason;
    use crate::service::{ServiceError, ServiceErrorKind};

    #[derive(Debug, thiserror::Error)]
    #[error("cannot copy")]
    struct Outer(#[source] Box<dyn Error + Send + Sync>);

    #[test]
    fn an_error_becomes_a_failure_that_names_its_type_and_says_its_chain() {
        let io = std::io::Error::other("disk full");
        let error = ActivityError::from(Outer(io.into()));
        assert_eq!(error.kind(), ActivityErrorKind::Failed);
        assert!(
            error
                .reason()
                .is_some_and(|reason| reason.ends_with("::Outer"))
        );
        assert_eq!(error.details(), Some("cannot copy: disk full"));
    }

    #[test]
    fn stopped_becomes_canceled_even_below_another_error() {
        let stopped = Stopped::new(StopReason::CancelRequested);
        assert!(ActivityError::from(stopped).is_canceled());
        assert!(ActivityError::from(Outer(stopped.into())).is_canceled());
        assert!(ActivityError::from(std::io::Error::other(stopped)).is_canceled());
    }

    #[test]
    fn progress_that_could_not_be_told_is_a_failure_of_the_framework() {
        let refused = || {
            let error = ServiceError::new(ServiceErrorKind::NotPermitted, "no");
            PreviousProgressError::refused(error)
        };
        for error in [
            ActivityError::from(refused()),
            ActivityError::from(Outer(refused().into())),
        ] {
            let code = error.reason().and_then(FailureCode::of);
            assert_eq!(code, Some(FailureCode::PreviousProgressUnknown));
            assert!(
                error
                    .details()
                    .is_some_and(|details| details.ends_with("no"))
            );
        }
    }

    #[test]
    fn a_text_becomes_a_failure_with_the_text_as_details() {
        let error = ActivityError::from("no more chunks");
        assert_eq!(error.reason(), Some("error"));
        assert_eq!(error.details(), Some("no more chunks"));
    }

    #[test]
    fn details_do_not_show_in_debug_or_display() {
        let error = ActivityError::failed("code").with_details("secret");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}
