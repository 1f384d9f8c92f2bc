//! A call of an activity, and what comes next.

use std::fmt;
use std::sync::Arc;

use super::stack::{Around, Endpoint};
use crate::activity::{ActivityContext, ActivityError};
use crate::service::Redacted;

/// How a call ends: with the activity's output as JSON, or with its error.
pub type CallResult = Result<Option<String>, ActivityError>;

/// A call of an activity: what it is given.
///
/// `Debug` does not show the input.
#[derive(Clone)]
#[non_exhaustive]
pub struct ActivityCall {
    /// The input as JSON, or as the decider wrote it where the worker has no
    /// [codec](crate::codec). It may be changed.
    pub input: Option<String>,
    /// What the activity sees of its task.
    pub ctx: ActivityContext,
    /// What comes after a tower layer, which is given the call alone.
    #[cfg(feature = "tower")]
    pub(super) next: Option<Remaining>,
}

impl ActivityCall {
    pub(super) fn new(input: Option<String>, ctx: ActivityContext) -> Self {
        Self {
            input,
            ctx,
            #[cfg(feature = "tower")]
            next: None,
        }
    }
}

impl fmt::Debug for ActivityCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityCall")
            .field("input", &Redacted(self.input.as_deref()))
            .field("ctx", &self.ctx)
            .finish_non_exhaustive()
    }
}

/// What comes after a middleware: the next one, and at last the activity.
#[must_use = "the activity does not run unless `run` is called"]
pub struct Next(pub(super) Remaining);

/// The middleware that is left, and the activity. A tower layer may run it again.
#[derive(Clone)]
pub(super) struct Remaining {
    around: Arc<Around>,
    at: usize,
    endpoint: Arc<dyn Endpoint>,
}

impl Next {
    pub(super) fn new(around: Arc<Around>, endpoint: Arc<dyn Endpoint>) -> Self {
        Self(Remaining {
            around,
            at: 0,
            endpoint,
        })
    }

    /// Runs what comes next. It can be run once: an activity runs once a task.
    ///
    /// # Errors
    ///
    /// Those of the activity, and of the middleware between.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, so is the activity.
    pub async fn run(self, call: ActivityCall) -> CallResult {
        let Remaining {
            around,
            at,
            endpoint,
        } = self.0;
        let Some(middleware) = around.middleware.get(at).map(Arc::clone) else {
            return endpoint.call(call.input, call.ctx).await;
        };
        let at = at + 1;
        let next = Self(Remaining {
            around,
            at,
            endpoint,
        });
        middleware.around_boxed(call, next).await
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}
