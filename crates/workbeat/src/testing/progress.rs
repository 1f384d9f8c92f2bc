//! What an activity under test reported.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;

/// One report of progress.
///
/// Each report is there, also where a worker would send only the newest with the next heartbeat.
#[derive(Clone, PartialEq, Eq)]
pub struct Progress {
    after: Duration,
    details: Option<String>,
    fitted: bool,
}

impl Progress {
    pub(super) fn new(after: Duration, details: Option<String>, fitted: bool) -> Self {
        Self {
            after,
            details,
            fitted,
        }
    }

    /// How long after the activity began.
    #[must_use]
    pub fn after(&self) -> Duration {
        self.after
    }

    /// What a heartbeat just after it would carry: the report, as JSON or as text.
    ///
    /// If it did not [fit](Self::fitted), what goes out in its place: the text with its end cut
    /// off, the last report that fitted, or a note that it was too large.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        self.details.as_deref()
    }

    /// The same, read from JSON.
    ///
    /// # Panics
    ///
    /// When there are none, or they are not what `T` wants.
    #[track_caller]
    #[must_use]
    pub fn details_as<T: DeserializeOwned>(&self) -> T {
        let details = self.details.as_deref().unwrap_or("null");
        match serde_json::from_str(details) {
            Ok(value) => value,
            Err(error) => panic!(
                "the progress {details} is no {}: {error}",
                std::any::type_name::<T>()
            ),
        }
    }

    /// Whether the report can be sent as it is: within the service's limit, and serializable.
    #[must_use]
    pub fn fitted(&self) -> bool {
        self.fitted
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.details().unwrap_or("nothing"))?;
        if self.fitted {
            Ok(())
        } else {
            f.write_str(" (in place of a report that did not fit)")
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} after {:?}", self.after)
    }
}

/// Several reports in a line, for a person.
pub(super) struct Reports<'a>(pub(super) &'a [Progress]);

impl fmt::Display for Reports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("none"),
            [only] => write!(f, "{only}"),
            [.., last] => write!(f, "{} reports, the last: {last}", self.0.len()),
        }
    }
}
