//! Text that belongs to the user: inputs, results and details.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An input, a result, a `control` or details: text that is never logged.
///
/// Cloning it is cheap, because the history, the task and the watchers share one copy.
/// `Debug` shows its length alone; [`as_str`](Self::as_str) is the way to the text.
///
/// ```
/// use workbeat_local::engine::Payload;
///
/// let payload = Payload::from("the secret");
/// assert_eq!(format!("{payload:?}"), "Payload(10 characters)");
/// assert_eq!(payload.as_str(), "the secret");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Arc<str>);

impl Payload {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for Payload {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl AsRef<str> for Payload {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Payload({} characters)",
            super::validate::characters(&self.0)
        )
    }
}
