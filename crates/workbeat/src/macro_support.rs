//! What the code that `#[activity]` generates names. No part of the public API: it may change
//! in any release.

use std::future::Future;
use std::sync::Arc;

use crate::activity::{
    Activity, ActivityContext, ActivityError, ActivityInput, ActivityOptions, ActivityOutput,
    ActivityReturn, NoInput, activity_fn,
};

/// `T`, if it can be an input.
pub type InputOf<T> = <T as CheckInput>::Checked;

/// What a function that returns `R` gives back, if that can be an output.
pub type OutputOf<R> = <<R as ActivityReturn>::Output as CheckOutput>::Checked;

/// Like [`ActivityInput`], and names the type again, so that a type that is none is an error
/// where it is named and an unknown type, about which nothing more is said, everywhere else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the input of an activity",
    label = "an activity's input is decoded from its task, so it must be `Deserialize`",
    note = "derive `serde::Deserialize` for `{Self}` and for what it holds; it must also be `Send`"
)]
pub trait CheckInput {
    /// The same type.
    type Checked: ActivityInput;
}

#[diagnostic::do_not_recommend]
impl<T: ActivityInput> CheckInput for T {
    type Checked = T;
}

/// Like [`ActivityOutput`], and names the type again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the output of an activity",
    label = "an activity's output is encoded as its task's result, so it must be `Serialize`",
    note = "derive `serde::Serialize` for `{Self}` and for what it holds; it must also be `Send`"
)]
pub trait CheckOutput {
    /// The same type.
    type Checked: ActivityOutput;
}

#[diagnostic::do_not_recommend]
impl<T: ActivityOutput> CheckOutput for T {
    type Checked = T;
}

/// Runs an async function.
pub fn run_async<F, O, C>(
    future: F,
    convert: C,
) -> impl Future<Output = Result<O, ActivityError>> + Send
where
    F: Future + Send,
    C: FnOnce(F::Output) -> Result<O, ActivityError> + Send,
{
    async move { convert(future.await) }
}

/// Runs a function that blocks its thread. What it returns is converted there, so that its
/// error need not be `Send`.
pub fn run_blocking<F, R, O, C>(
    ctx: ActivityContext,
    function: F,
    convert: C,
) -> impl Future<Output = Result<O, ActivityError>> + Send
where
    F: FnOnce(ActivityContext) -> R + Send + 'static,
    C: FnOnce(R) -> Result<O, ActivityError> + Send + 'static,
    O: ActivityOutput,
{
    async move { ctx.run_blocking(move |ctx| convert(function(ctx))).await }
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
