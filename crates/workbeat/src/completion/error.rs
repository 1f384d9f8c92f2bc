//! Why a task could not be kept alive or ended.

use std::error::Error;
use std::fmt;

use crate::chain;
use crate::service::ServiceError;

/// A [`CompletionClient`](super::CompletionClient) could not do what it was asked to.
///
/// [`kind`](Self::kind) says what to make of it, [`source`](Error::source) is what the service
/// said, where it said something.
///
/// ```
/// use workbeat::completion::{CompletionError, CompletionErrorKind};
///
/// fn worth_another_try(error: &CompletionError) -> bool {
///     matches!(
///         error.kind(),
///         CompletionErrorKind::NoAnswer | CompletionErrorKind::NotPermitted
///     )
/// }
/// ```
pub struct CompletionError {
    kind: CompletionErrorKind,
    message: String,
    ambiguous: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of [`CompletionError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompletionErrorKind {
    /// The service says that the task is closed: ended by somebody else, timed out, or its
    /// workflow is closed. Final. After an answer that was lost it can mean that this very
    /// outcome was applied; see [`is_ambiguous`](CompletionError::is_ambiguous).
    Closed,
    /// The service rejects what was sent, and would again. Nothing was applied.
    Rejected,
    /// The credentials are missing, expired or may not do this.
    NotPermitted,
    /// The result is longer than the service takes. Nothing was sent: a result is never
    /// truncated.
    TooLarge,
    /// The value does not serialize. Nothing was sent.
    NotSerializable,
    /// The service gave no final answer within
    /// [`give_up_after`](super::CompletionClient::give_up_after).
    NoAnswer,
}

impl CompletionError {
    pub(super) fn new(kind: CompletionErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            ambiguous: false,
            source: None,
        }
    }

    pub(super) fn service(kind: CompletionErrorKind, error: ServiceError, ambiguous: bool) -> Self {
        let message = match kind {
            CompletionErrorKind::Closed if ambiguous => {
                "the task is closed, perhaps by an earlier try of this call whose answer was lost"
            }
            CompletionErrorKind::Closed => {
                "the task is closed: it was ended elsewhere or timed out, or its workflow is closed"
            }
            CompletionErrorKind::Rejected => "the service rejects what was sent",
            CompletionErrorKind::NotPermitted => "the service does not permit it",
            _ => "the service has not accepted it in time",
        };
        Self {
            ambiguous,
            ..Self::new(kind, message).with_source(error)
        }
    }

    pub(super) fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> CompletionErrorKind {
        self.kind
    }

    /// Whether the outcome may have been applied although there was no answer that says so.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }
}

impl fmt::Debug for CompletionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        chain::debug(self, f)
    }
}

impl fmt::Display for CompletionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.ambiguous && self.kind != CompletionErrorKind::Closed {
            f.write_str(" (it may have been applied)")?;
        }
        Ok(())
    }
}

impl Error for CompletionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
