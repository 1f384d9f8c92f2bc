//! tower's layers around activities.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tower_service::Service;

use super::{ActivityCall, CallResult, Middleware, Next};
use crate::activity::{ActivityError, ActivityErrorKind};
use crate::chain::sources;

type BoxError = Box<dyn Error + Send + Sync>;

/// What a layer is put around: a service that runs whatever comes next for a call.
///
/// It is always ready, and clones are the same service. Needs the feature `tower`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallService;

impl Service<ActivityCall> for CallService {
    type Response = Option<String>;
    type Error = CallError;
    type Future = BoxFuture<'static, Result<Option<String>, CallError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut call: ActivityCall) -> Self::Future {
        Box::pin(async move {
            let Some(next) = call.next.take() else {
                let error = ActivityError::failed("the call has come past its layer already");
                return Err(CallError(error));
            };
            Next(next).run(call).await.map_err(CallError)
        })
    }
}

/// An [`ActivityError`] as an error that layers can hold and box.
///
/// `?` and `into` make the same [`ActivityError`] of it again, also when a layer has boxed it.
/// Needs the feature `tower`.
pub struct CallError(ActivityError);

impl CallError {
    /// How the activity ended.
    #[must_use]
    pub fn activity_error(&self) -> &ActivityError {
        &self.0
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallError").field(&self.0).finish()
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source().map(|source| source as _)
    }
}

/// The activity's own error, if that is what a layer has boxed, or what lies below its error.
pub(crate) fn unbox(error: BoxError) -> Result<ActivityError, BoxError> {
    let error = match error.downcast::<CallError>() {
        Ok(error) => return Ok(error.0),
        Err(error) => error,
    };
    let below = sources(&*error).find_map(|below| below.downcast_ref::<CallError>());
    let copy = below.map(|below| copy(&below.0));
    copy.ok_or(error)
}

/// The same error without its source, whose owner is somebody else.
fn copy(error: &ActivityError) -> ActivityError {
    let details = error.details().unwrap_or_default();
    match error.kind() {
        ActivityErrorKind::HandedOn => ActivityError::handed_on(),
        ActivityErrorKind::Canceled => ActivityError::canceled(details),
        ActivityErrorKind::Failed => {
            let copy = ActivityError::failed(error.reason().unwrap_or_default());
            match error.details() {
                Some(details) => copy.with_details(details),
                None => copy,
            }
        }
    }
}

/// A layered service as middleware.
pub(crate) struct Layered<S>(Mutex<S>);

impl<S> Layered<S> {
    pub(crate) fn new(service: S) -> Self {
        // Not all services can be shared, but all that are cloned can be sent.
        Self(Mutex::new(service))
    }
}

impl<S> Middleware for Layered<S>
where
    S: Service<ActivityCall, Response = Option<String>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    async fn around(&self, mut call: ActivityCall, next: Next) -> CallResult {
        let mut service = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let ctx = call.ctx.clone();
        let ready = tokio::select! {
            biased;
            ready = poll_fn(|cx| service.poll_ready(cx)) => ready,
            _ = ctx.stopped() => return Err(ActivityError::canceled(
                "stopped before it began: it waited for a layer",
            )),
        };
        ready.map_err(ActivityError::from)?;
        call.next = Some(next.0);
        service.call(call).await.map_err(ActivityError::from)
    }
}
