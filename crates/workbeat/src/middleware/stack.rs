//! What stands around an activity: its codec and its middleware.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{ActivityCall, CallResult, Middleware, Next};
use crate::activity::{ActivityContext, fetched};
use crate::codec::{Codec, decode_input, encode_result};
use crate::panic::discard;

/// An activity as the innermost piece.
pub(crate) trait Endpoint: Send + Sync {
    fn call(
        self: Arc<Self>,
        input: Option<String>,
        ctx: ActivityContext,
    ) -> BoxFuture<'static, CallResult>;

    /// Whether it looks at what the task carries.
    fn looks_at_input(&self) -> bool;
}

/// Middleware without its type.
pub(crate) trait ErasedMiddleware: Send + Sync {
    fn around_boxed(&self, call: ActivityCall, next: Next) -> BoxFuture<'_, CallResult>;
}

impl<M: Middleware> ErasedMiddleware for M {
    fn around_boxed(&self, call: ActivityCall, next: Next) -> BoxFuture<'_, CallResult> {
        Box::pin(self.around(call, next))
    }
}

/// What stands around an activity type; most have none.
#[derive(Clone, Default)]
pub(crate) struct Around {
    pub(crate) codec: Option<Arc<dyn Codec>>,
    /// A service of the worker's knows what inputs stand for, where they can be kept elsewhere.
    pub(crate) stored_inputs: bool,
    /// The outermost first.
    pub(crate) middleware: Vec<Arc<dyn ErasedMiddleware>>,
}

impl Around {
    pub(crate) fn is_empty(&self) -> bool {
        self.codec.is_none() && !self.stored_inputs && self.middleware.is_empty()
    }

    /// Runs the activity with all that stands around it.
    pub(crate) fn run(
        self: Arc<Self>,
        endpoint: Arc<dyn Endpoint>,
        input: Option<String>,
        ctx: ActivityContext,
    ) -> BoxFuture<'static, CallResult> {
        Box::pin(async move {
            let elsewhere = self.stored_inputs
                && ctx.record().source().capabilities.stored_inputs
                && endpoint.looks_at_input();
            let input = match input {
                Some(input) if elsewhere => Some(fetched(&ctx, input).await?),
                input => input,
            };
            let input = match decode_input(self.codec.as_deref(), input) {
                Err(_) if !endpoint.looks_at_input() => None,
                decoded => decoded?,
            };
            let next = Next::new(Arc::clone(&self), endpoint);
            let result = next.run(ActivityCall::new(input, ctx)).await?;
            encode_result(self.codec.as_deref(), result)
        })
    }
}

impl Drop for Around {
    fn drop(&mut self) {
        // Middleware is the application's too. A wall for each: a second panic would abort the
        // process.
        discard(self.codec.take());
        self.middleware.drain(..).for_each(discard);
    }
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around")
            .field("codec", &self.codec.is_some())
            .field("stored_inputs", &self.stored_inputs)
            .field("middleware", &self.middleware.len())
            .finish()
    }
}
