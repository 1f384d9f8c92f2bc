//! Progress in the details of a failure.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::service::Redacted;

/// The details of a failure with the progress beside them: a small JSON object.
///
/// Amazon SWF shows heartbeats in the history only when an attempt times out. A worker that is
/// told [`progress_in_failures`](crate::worker::WorkerBuilder::progress_in_failures) writes this
/// into the details of a failure, so that the next attempt has the progress all the same:
///
/// ```json
/// {"workbeat.progress":1,"progress":"{\"offset\":4096}","details":"disk full"}
/// ```
///
/// | member | |
/// |---|---|
/// | `workbeat.progress` | the version of the envelope, 1 |
/// | `progress` | the text that the next heartbeat would have carried |
/// | `details` | the details as they are without the envelope; missing if there are none |
///
/// `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProgressEnvelope {
    #[serde(rename = "workbeat.progress")]
    version: u32,
    /// The text that the next heartbeat would have carried.
    pub progress: String,
    /// The details of the failure, without the envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl ProgressEnvelope {
    const VERSION: u32 = 1;

    /// An envelope with this progress, and without details.
    #[must_use]
    pub fn new(progress: impl Into<String>) -> Self {
        Self {
            version: Self::VERSION,
            progress: progress.into(),
            details: None,
        }
    }

    /// The same envelope with the details of the failure.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Reads the details of a failure; `None` if they are no envelope of this version.
    ///
    /// ```
    /// use workbeat::service::ProgressEnvelope;
    ///
    /// let details = r#"{"workbeat.progress":1,"progress":"7","details":"disk full"}"#;
    /// let envelope = ProgressEnvelope::read(details).unwrap();
    /// assert_eq!(envelope.progress, "7");
    /// assert_eq!(envelope.details.as_deref(), Some("disk full"));
    /// assert_eq!(ProgressEnvelope::read("disk full"), None);
    /// ```
    #[must_use]
    pub fn read(details: &str) -> Option<Self> {
        if !details.trim_start().starts_with('{') {
            return None;
        }
        let envelope: Self = serde_json::from_str(details).ok()?;
        (envelope.version == Self::VERSION).then_some(envelope)
    }

    /// The envelope as the details of a failure.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Two texts and a number always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl fmt::Debug for ProgressEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressEnvelope")
            .field("version", &self.version)
            .field("progress", &Redacted(Some(&self.progress)))
            .field("details", &Redacted(self.details.as_deref()))
            .finish()
    }
}
