//! Why a server could not start.

use std::error::Error;
use std::fmt;
use std::iter;

/// A server that could not start; the text says what to do about it.
pub struct ServerError {
    kind: ServerErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of [`ServerError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerErrorKind {
    /// Somebody else listens at the address.
    AddressInUse,
    /// The address cannot be listened at.
    Listen,
    /// Another server uses the data file.
    DataInUse,
    /// The data file is no database of this server, or one of another version.
    DataFormat,
    /// The data file cannot be read or written.
    Data,
}

impl ServerError {
    pub(crate) fn new(kind: ServerErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ServerErrorKind {
        self.kind
    }
}

/// What it and its sources say, in one line: a `main` that returns the error prints that.
impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let levels = iter::successors(Some(self as &dyn Error), |&error| error.source());
        let levels: Vec<_> = levels.map(ToString::to_string).collect();
        f.write_str(&levels.join(": ").replace(['\r', '\n'], " "))
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ServerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
