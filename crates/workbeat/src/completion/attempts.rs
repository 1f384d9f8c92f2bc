//! How long a call is tried, and how it ends.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{CompletionError, CompletionErrorKind};
use crate::outcome::{Tried, Tries};
use crate::service::{ServiceError, ServiceErrorKind};
use crate::task::Random;

/// The tries of one call, and until when there are more.
pub(super) struct Attempts {
    pub(super) tries: Tries,
    pub(super) random: Random,
    until: Option<Instant>,
}

impl Attempts {
    pub(super) fn new(patience: Option<Duration>, what: &'static str) -> Self {
        Self {
            tries: Tries::new(what),
            random: Random::new(None),
            until: patience.map(|patience| Instant::now() + patience),
        }
    }

    /// How the call ends, if it does; else waits until the next try.
    pub(super) async fn ended<T>(&self, tried: Tried<T>) -> Option<Result<T, CompletionError>> {
        let (kind, error) = match tried {
            Tried::Accepted(answer) => return Some(Ok(answer)),
            Tried::Closed(error) => (CompletionErrorKind::Closed, error),
            Tried::Rejected(error) => (CompletionErrorKind::Rejected, error),
            Tried::NotYet { error, .. } if is_refusal(&error) => {
                (CompletionErrorKind::NotPermitted, error)
            }
            Tried::NotYet { wait, error } => {
                let next = Instant::now() + wait;
                if self.until.is_none_or(|until| next < until) {
                    sleep(wait).await;
                    return None;
                }
                (CompletionErrorKind::NoAnswer, error)
            }
        };
        let ambiguous = self.tries.ambiguous();
        Some(Err(CompletionError::service(kind, error, ambiguous)))
    }
}

fn is_refusal(error: &ServiceError) -> bool {
    error.kind() == ServiceErrorKind::NotPermitted
}
