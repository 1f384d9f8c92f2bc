//! What a service can say instead of yes.

use std::error::Error;
use std::fmt;

use crate::chain;

/// A call to the service that did not succeed.
///
/// Its [`kind`](Self::kind) says what the worker makes of it; `Display` is one sentence for a
/// person, and [`source`](Error::source) is what lies below.
///
/// ```
/// use workbeat::service::{ServiceError, ServiceErrorKind};
///
/// let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
/// let error = ServiceError::new(ServiceErrorKind::Unavailable, "the answer was lost")
///     .with_source(lost)
///     .ambiguous();
/// assert_eq!(
///     error.to_string(),
///     "unavailable: the answer was lost (the request may have been applied)"
/// );
/// ```
pub struct ServiceError {
    kind: ServiceErrorKind,
    message: String,
    ambiguous: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of [`ServiceError`] that the worker tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceErrorKind {
    /// The service wants fewer calls. Tried again, later.
    Throttled,
    /// The service, or the way to it, is down. Tried again.
    Unavailable,
    /// The task is closed: completed, failed, timed out or canceled. Final.
    TaskClosed,
    /// The whole workflow of the task is closed. Final.
    WorkflowClosed,
    /// The credentials are missing, expired or may not do this.
    NotPermitted,
    /// The service rejected what was sent.
    Invalid,
    /// A domain, a type or a task that the service does not know.
    UnknownResource,
    /// A quota of the account is used up. Tried again, later.
    LimitExceeded,
}

impl ServiceErrorKind {
    /// The kind's name in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::TaskClosed => "task closed",
            Self::WorkflowClosed => "workflow closed",
            Self::NotPermitted => "not permitted",
            Self::Invalid => "invalid",
            Self::UnknownResource => "unknown resource",
            Self::LimitExceeded => "limit exceeded",
        }
    }

    /// Whether the service may answer otherwise when it is asked again.
    pub(crate) fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::Unavailable | Self::LimitExceeded
        )
    }

    /// Whether, said of a task, it is the service's word that nobody waits for the task.
    pub(crate) fn closes_task(self) -> bool {
        matches!(
            self,
            Self::TaskClosed | Self::WorkflowClosed | Self::UnknownResource
        )
    }
}

impl fmt::Display for ServiceErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ServiceError {
    /// An error of `kind`, with a sentence that says what happened and how to mend it.
    pub fn new(kind: ServiceErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            ambiguous: false,
            source: None,
        }
    }

    /// The same error with what lies below it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error, where the request may have been applied although it failed: the answer
    /// was lost, or did not come in time.
    #[must_use]
    pub fn ambiguous(mut self) -> Self {
        self.ambiguous = true;
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ServiceErrorKind {
        self.kind
    }

    /// The sentence that says what happened, without the kind.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the request may have been applied although it failed.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        chain::debug(self, f)
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)?;
        if self.ambiguous {
            f.write_str(" (the request may have been applied)")?;
        }
        Ok(())
    }
}

impl Error for ServiceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// An error as it may be logged: what a service says of invalid input may quote the input.
pub(crate) struct Loggable<'a>(pub(crate) &'a ServiceError);

impl fmt::Display for Loggable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind {
            ServiceErrorKind::Invalid => write!(f, "{} [message redacted]", self.0.kind),
            _ => self.0.fmt(f),
        }
    }
}
