//! The opaque name of a task.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What the service calls a task. Whoever holds it can heartbeat for the task and end it.
///
/// It is cheap to clone and can be serialized, so that another process can go on with the
/// task. It is a secret: `Debug` shows only a short fingerprint, which is enough to follow a
/// task through the logs.
///
/// ```
/// # use workbeat::service::TaskToken;
/// let token = TaskToken::new("AAAAKgAAAAEAAAAA");
/// assert!(!format!("{token:?}").contains("AAAAKg"));
/// assert_eq!(token.expose(), "AAAAKgAAAAEAAAAA");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskToken(Arc<str>);

impl TaskToken {
    /// A token as the service gave it.
    pub fn new(token: impl Into<Arc<str>>) -> Self {
        Self(token.into())
    }

    /// The token itself, for a request to the service. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A short number that stands for the token in logs; it does not give the token away.
    #[must_use]
    pub fn fingerprint(&self) -> u32 {
        // FNV-1a, folded: not a secure digest, but 32 bits of it tell nothing that would help
        // to make up a token, and it is the same in every process.
        let hash = self
            .0
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        (hash >> 32) as u32 ^ hash as u32
    }
}

impl fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskToken(#{:08x})", self.fingerprint())
    }
}

impl Serialize for TaskToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TaskToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
