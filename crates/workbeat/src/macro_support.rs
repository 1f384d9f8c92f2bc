//! What the code that `#[activity]` generates names. No part of the public API: it may change
//! in any release.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::activity::{
    Activity, ActivityContext, ActivityError, ActivityFailure, ActivityInput, ActivityOptions, ActivityOutput,
    ActivityReturn, NoInput, activity_fn,
};

/// Stands for a type, in the place where the user wrote it. A function that takes one and finds
/// that the type will not do is told so there.
#[derive(Debug)]
pub struct Type<T>(PhantomData<fn() -> T>);

impl<T> Type<T> {
    /// The only value.
    pub const WITNESS: Self = Self(PhantomData);
}

/// How a function's result becomes one with the framework's own error.
///
/// The bound is here and not on those that run the function: they return opaque types, which
/// would repeat it, and with it the error.
pub fn conversion<T, E>(_: Type<Result<T, E>>) -> Conversion<T, E>
where
    E: ActivityFailure,
{
    ActivityReturn::into_activity_result
}

/// What [`conversion`] gives.
pub type Conversion<T, E> = fn(Result<T, E>) -> Result<T, ActivityError>;

/// Runs an async function.
pub fn run_async<T, E, F>(
    conversion: Conversion<T, E>,
    future: F,
) -> impl Future<Output = Result<T, ActivityError>> + Send
where
    F: Future<Output = Result<T, E>> + Send,
{
    async move { conversion(future.await) }
}

/// Runs a function that blocks its thread. What it returns is converted there, so that its
/// error need not be `Send`.
pub fn run_blocking<T, E, F>(
    ctx: ActivityContext,
    conversion: Conversion<T, E>,
    function: F,
) -> impl Future<Output = Result<T, ActivityError>> + Send
where
    T: Send + 'static,
    E: 'static,
    F: FnOnce(ActivityContext) -> Result<T, E> + Send + 'static,
{
    async move {
        ctx.run_blocking(move |ctx| conversion(function(ctx)))
            .await
    }
}

/// An activity of a method over shared state.
pub fn over_shared<S, I, O, F, Fut>(
    shared: &Arc<S>,
    name: &str,
    version: &str,
    options: ActivityOptions,
    method: F,
) -> impl Activity<Input = I, Output = O> + use<S, I, O, F, Fut>
where
    S: Send + Sync + 'static,
    I: ActivityInput,
    O: ActivityOutput,
    F: Fn(Arc<S>, I, ActivityContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O, ActivityError>> + Send,
{
    let shared = Arc::clone(shared);
    activity_fn(name, version, move |input: I, ctx: ActivityContext| {
        method(Arc::clone(&shared), input, ctx)
    })
    .with_options(options)
}

/// Stands in for an activity whose attribute or signature is wrong, so that registering it is
/// no second error.
#[derive(Debug)]
pub struct StandIn;

impl Activity for StandIn {
    type Input = NoInput;
    type Output = ();

    fn name(&self) -> &str {
        ""
    }

    fn version(&self) -> &str {
        ""
    }

    async fn run(&self, _: NoInput, _: ActivityContext) -> Result<(), ActivityError> {
        Ok(())
    }
}
