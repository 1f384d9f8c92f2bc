//! What is private and takes bytes from outside: only for the fuzz targets, which build this
//! crate with `cfg(fuzzing)`.

use serde::Serialize;

use crate::activity::{ActivityError, ActivityInput};
use crate::outcome::Outcome;
use crate::service::ServiceLimits;

/// Decodes a task's input.
///
/// # Errors
///
/// The failure that the task would end with.
pub fn decode<T: ActivityInput>(input: Option<&str>) -> Result<T, ActivityError> {
    crate::codec::decode(input)
}

/// Encodes an activity's output.
///
/// # Errors
///
/// The failure that the task would end with.
pub fn encode<T: Serialize>(output: &T) -> Result<String, ActivityError> {
    crate::codec::encode(output)
}

/// As much of a text as fits.
#[must_use]
pub fn cut(text: String, limit: usize) -> String {
    crate::service::cut(text, limit)
}

/// What is sent of an outcome's reason, and of its payload, within Amazon SWF's limits: of a
/// completion (0), a failure (1) or a cancellation.
#[must_use]
pub fn fit(kind: u8, reason: &str, payload: &str) -> (Option<String>, Option<String>) {
    let (reason, payload) = (reason.to_owned(), Some(payload.to_owned()));
    let outcome = match kind {
        0 => Outcome::Completed { result: payload },
        1 => Outcome::Failed {
            reason,
            details: payload,
        },
        _ => Outcome::Canceled { details: payload },
    };
    match crate::outcome::fit(outcome, &ServiceLimits::SWF) {
        Outcome::Completed { result } => (None, result),
        Outcome::Failed { reason, details } => (Some(reason), details),
        Outcome::Canceled { details } => (None, details),
    }
}
