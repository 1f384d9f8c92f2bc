//! What the code that `#[activity]` generates names. No part of the public API: it may change
//! in any release.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::activity::{
    Activity, ActivityContext, ActivityError, ActivityInput, ActivityOptions, ActivityOutput,
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

/// An error that turns into an [`ActivityError`]; says what to do about one that does not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an activity",
    label = "an activity's error must turn into an `ActivityError`",
    note = "implement `std::error::Error` for `{Self}` and let it be `Send + Sync`, or implement `From<{Self}> for ActivityError`, or return `ActivityError`",
    note = "a boxed error must be a `Box<dyn Error + Send + Sync>`"
)]
pub trait IntoActivityError: Into<ActivityError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<ActivityError>> IntoActivityError for E {}

/// Turns what a function returned into a result with the framework's own error.
pub type Conversion<R, T> = fn(R) -> Result<T, ActivityError>;

/// The conversion of a `Result` that is written out.
///
/// The bound is here and not on those that run the function: they return opaque types, which
/// would repeat it, and with it the error.
pub fn conversion<T, E>(_: Type<Result<T, E>>) -> Conversion<Result<T, E>, T>
where
    E: IntoActivityError,
{
    |returned| returned.map_err(Into::into)
}

/// The conversion of a type that the macro does not know: an alias of `Result`, it is hoped.
pub fn conversion_of_alias<R, T>(_: Type<R>) -> Conversion<R, T>
where
    R: ActivityReturn<Output = T>,
{
    R::into_activity_result
}

/// Runs an async function.
#[expect(clippy::manual_async_fn, reason = "that it is `Send` is checked here")]
pub fn run_async<R, T, F>(
    conversion: Conversion<R, T>,
    future: F,
) -> impl Future<Output = Result<T, ActivityError>> + Send
where
    F: Future<Output = R> + Send,
{
    async move { conversion(future.await) }
}

/// Runs a function that blocks its thread. What it returns is converted there, so that its
/// error need not be `Send`.
#[expect(clippy::manual_async_fn, reason = "that it is `Send` is checked here")]
pub fn run_blocking<R, T, F>(
    ctx: ActivityContext,
    conversion: Conversion<R, T>,
    function: F,
) -> impl Future<Output = Result<T, ActivityError>> + Send
where
    R: 'static,
    T: Send + 'static,
    F: FnOnce(ActivityContext) -> R + Send + 'static,
{
    async move { ctx.run_blocking(move |ctx| conversion(function(ctx))).await }
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
