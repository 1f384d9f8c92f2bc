//! Why a payload is not to be had, or not to be stored.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use workbeat::service::{ServiceError, ServiceErrorKind};

/// A store did not do what it was asked to.
///
/// It is cheap to clone, because several may wait for one call.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kinds of [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// It wants fewer calls. Tried again, later.
    Throttled,
    /// It, or the way to it, is down. Tried again.
    Unavailable,
    /// It refuses: a permission is missing, or the bucket is not there.
    Refused,
}

impl StoreError {
    /// An error of `kind`, with a sentence that says what happened and how to mend it. It must not
    /// quote the payload.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// The same error with what lies below it.
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// A payload could not be fetched or stored.
///
/// Its sentences name the payload by its digest and quote nothing of it.
#[derive(Debug)]
pub struct PayloadError {
    kind: PayloadErrorKind,
    message: String,
    source: Option<StoreError>,
}

/// The kinds of [`PayloadError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadErrorKind {
    /// The text says that it is a reference, and is no good one, or one of a version or an encoding
    /// that this reader does not know.
    BadReference,
    /// The store has no such payload: it has expired, or was written to another store.
    Missing,
    /// What is stored is not what the reference stands for.
    Corrupt,
    /// It is larger than [`Payloads::largest`](crate::Payloads::largest).
    TooLarge,
    /// The store did not do it, or this program did not come to it, as when its runtime ends; the
    /// source says why.
    Store(StoreErrorKind),
}

impl PayloadError {
    pub(crate) fn new(kind: PayloadErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn store(what: &str, error: StoreError) -> Self {
        Self {
            kind: PayloadErrorKind::Store(error.kind),
            message: format!("the store did not {what} the payload"),
            source: Some(error),
        }
    }

    /// The program did not come to do this with it.
    pub(crate) fn passing(done: &str, error: StoreError) -> Self {
        Self {
            kind: PayloadErrorKind::Store(error.kind),
            message: format!("the payload was not {done}"),
            source: Some(error),
        }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> PayloadErrorKind {
        self.kind
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for PayloadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// As the worker takes it: what may pass is tried again, anything else is final. It is never the
/// service's word on the task.
impl From<PayloadError> for ServiceError {
    fn from(error: PayloadError) -> Self {
        let kind = match error.kind {
            PayloadErrorKind::Store(StoreErrorKind::Throttled) => ServiceErrorKind::Throttled,
            PayloadErrorKind::Store(StoreErrorKind::Unavailable) => ServiceErrorKind::Unavailable,
            PayloadErrorKind::Store(StoreErrorKind::Refused) => ServiceErrorKind::NotPermitted,
            _ => ServiceErrorKind::Invalid,
        };
        let message = error.message.clone();
        match error.source {
            Some(source) => Self::new(kind, message).with_source(source),
            None => Self::new(kind, message),
        }
    }
}
