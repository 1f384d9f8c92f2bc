//! Middleware from closures and plain async fns.

use std::fmt;
use std::future::Future;

use super::{ActivityCall, CallResult, Middleware, Next};
use crate::activity::ActivityError;

/// Middleware made of a function; see [`middleware_fn`].
#[derive(Clone)]
pub struct FnMiddleware<F>(F);

/// Makes middleware of a closure or a plain async fn.
///
/// [`WorkerBuilder::middleware_fn`](crate::worker::WorkerBuilder::middleware_fn) does this and adds
/// it. A closure that captures something gives back an `async move` block, with a copy of its own:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use workbeat::middleware::middleware_fn;
///
/// let upper = middleware_fn(async |mut call, next| {
///     call.input = call.input.map(|input| input.to_uppercase());
///     next.run(call).await
/// });
///
/// let failures = Arc::new(AtomicU64::new(0));
/// let counting = middleware_fn(move |call, next| {
///     let failures = Arc::clone(&failures);
///     async move {
///         let ended = next.run(call).await;
///         failures.fetch_add(u64::from(ended.is_err()), Ordering::Relaxed);
///         ended
///     }
/// });
/// # let _ = (upper, counting);
/// ```
pub fn middleware_fn<F, Fut, E>(function: F) -> FnMiddleware<F>
where
    F: Fn(ActivityCall, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
    E: Into<ActivityError>,
{
    FnMiddleware(function)
}

impl<F, Fut, E> Middleware for FnMiddleware<F>
where
    F: Fn(ActivityCall, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
    E: Into<ActivityError>,
{
    async fn around(&self, call: ActivityCall, next: Next) -> CallResult {
        (self.0)(call, next).await.map_err(Into::into)
    }
}

impl<F> fmt::Debug for FnMiddleware<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnMiddleware").finish_non_exhaustive()
    }
}
