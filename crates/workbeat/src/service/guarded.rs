//! Calls to an adapter, which is somebody else's code: it can panic, and it can hang.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;

use super::{ServiceError, ServiceErrorKind};
use crate::told::error;

/// Makes a call, and turns its panic into an error.
pub(crate) fn caught<T>(
    call: impl Future<Output = Result<T, ServiceError>>,
) -> impl Future<Output = Result<T, ServiceError>> {
    AssertUnwindSafe(call).catch_unwind().map(|answer| {
        answer.unwrap_or_else(|panic| {
            let said = crate::panic::message(panic);
            let message = format!("the adapter of the service panicked: {said}");
            Err(ServiceError::new(ServiceErrorKind::Unavailable, message).ambiguous())
        })
    })
}

/// Asks for what needs no call. A panic gives nothing.
pub(crate) fn asked<T>(ask: impl FnOnce() -> T) -> Option<T> {
    let answer = catch_unwind(AssertUnwindSafe(ask));
    let answer = answer.map_err(|panic| {
        let said = crate::panic::message(panic);
        error!(
            said,
            "the adapter of the service panicked when it was asked what it takes"
        );
    });
    answer.ok()
}

/// Makes a call, and turns its panic, or that it takes longer than `limit`, into an error.
///
/// Not an async fn, nor is [`caught`]: each would have a second place for the call in every task.
pub(crate) fn guarded<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, ServiceError>>,
) -> impl Future<Output = Result<T, ServiceError>> {
    caught(timeout(limit, call).map(move |answer| {
        answer.unwrap_or_else(|_| {
            let message = format!("the service did not answer within {limit:?}");
            Err(ServiceError::new(ServiceErrorKind::Unavailable, message).ambiguous())
        })
    }))
}
