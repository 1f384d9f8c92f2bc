//! What a codec says when it cannot.

use std::error::Error;
use std::fmt;

/// Why a payload could not be decoded or encoded.
///
/// It goes into the details of the failure that the task ends with, and is not logged, so it may
/// say what was there.
///
/// ```
/// use workbeat::codec::CodecError;
///
/// let source = "x".parse::<u32>().unwrap_err();
/// let error = CodecError::new("the header has no version").with_source(source);
/// assert_eq!(error.to_string(), "the header has no version");
/// ```
pub struct CodecError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CodecError {
    /// An error with this message: one sentence, lower case, no full stop.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// The same error with what lies below it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Debug for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::chain::debug(self, f)
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CodecError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
