//! Why the text of an option could not be read.

use std::error::Error;
use std::fmt;

/// An option's text that could not be read; it says what would have been right.
///
/// ```
/// use workbeat_server::Faults;
///
/// let error = "throttled=0.1".parse::<Faults>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no fault is called `throttled`: there are throttle, unavailable, lost-answer, phantom \
///      and latency"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOptionError(String);

impl ParseOptionError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for ParseOptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ParseOptionError {}
