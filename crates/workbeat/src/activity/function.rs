//! Activities from closures and plain async fns.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use futures_util::FutureExt;

use super::{
    Activity, ActivityContext, ActivityError, ActivityInput, ActivityOptions, ActivityOutput,
    ActivityReturn, NoInput,
};

/// A function that can be run as an activity: an async fn or a closure that takes the input
/// and the [`ActivityContext`], or the input alone, or the context alone, or nothing, and
/// returns a `Result`.
///
/// `Args` only tells these forms apart; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run as an activity",
    label = "this is not a function that an activity can be made of",
    note = "it must be an async fn or a closure that takes `(input, ActivityContext)`, `(input)`, `(ActivityContext)` or nothing, in this order and by value",
    note = "its input must own its data and be `Deserialize`, its future `Send`, and its output `Result<T, E>` with a `Serialize` `T`",
    note = "to be told which of these it is, put `#[activity]` on the function for once",
    note = "to register a type that implements `Activity`, or a method with `#[activity]`, use `.activity(...)`"
)]
pub trait ActivityFn<Args>: Send + Sync + 'static {
    /// What the function is given.
    type Input: ActivityInput;
    /// What it gives back.
    type Output: ActivityOutput;

    /// Calls it.
    fn call(
        &self,
        input: Self::Input,
        ctx: ActivityContext,
    ) -> impl Future<Output = Result<Self::Output, ActivityError>> + Send;
}

macro_rules! activity_fn_forms {
    ($([$($generic:ident)?] |$given:ident, $ctx:ident| ($($argument:ident: $type:ty),*) as $args:ty, $input:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<F, Fut $(, $generic)?> ActivityFn<$args> for F
        where
            F: Fn($($type),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: ActivityReturn<Output: ActivityOutput>> + Send,
            $($generic: ActivityInput,)?
        {
            type Input = $input;
            type Output = <Fut::Output as ActivityReturn>::Output;

            #[allow(unused_variables, reason = "a form need not take both")]
            // Not an async fn, which would keep room for the arguments beside the future.
            fn call(
                &self,
                $given: Self::Input,
                $ctx: ActivityContext,
            ) -> impl Future<Output = Result<Self::Output, ActivityError>> + Send {
                (self)($($argument),*).map(ActivityReturn::into_activity_result)
            }
        }
    )*};
}

activity_fn_forms! {
    [I] |input, ctx| (input: I, ctx: ActivityContext) as (I, ActivityContext), I;
    [I] |input, ctx| (input: I) as (I,), I;
    [] |input, ctx| (ctx: ActivityContext) as (ActivityContext,), NoInput;
    [] |input, ctx| () as (), NoInput;
}

/// An activity made of a function; see [`activity_fn`].
pub struct FnActivity<F, Args> {
    name: String,
    version: String,
    options: ActivityOptions,
    function: F,
    args: PhantomData<fn(Args)>,
}

/// Makes an activity of a closure or a plain async fn.
///
/// [`WorkerBuilder::activity_fn`](crate::worker::WorkerBuilder::activity_fn) does this and
/// registers it; use this one to set options.
///
/// ```
/// use std::time::Duration;
/// use workbeat::prelude::*;
///
/// async fn length(text: String) -> Result<usize, ActivityError> {
///     Ok(text.len())
/// }
///
/// let activity = workbeat::activity_fn("length", "1.0", length)
///     .with_options(ActivityOptions::new().heartbeat_timeout(Duration::from_secs(30)));
/// assert_eq!(activity.name(), "length");
/// ```
pub fn activity_fn<F, Args>(
    name: impl Into<String>,
    version: impl Into<String>,
    function: F,
) -> FnActivity<F, Args>
where
    F: ActivityFn<Args>,
{
    FnActivity {
        name: name.into(),
        version: version.into(),
        options: ActivityOptions::default(),
        function,
        args: PhantomData,
    }
}

impl<F, Args> FnActivity<F, Args> {
    /// The same activity with these options.
    #[must_use]
    pub fn with_options(mut self, options: ActivityOptions) -> Self {
        self.options = options;
        self
    }
}

impl<F, Args> Activity for FnActivity<F, Args>
where
    F: ActivityFn<Args>,
    Args: 'static,
{
    type Input = F::Input;
    type Output = F::Output;

    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn options(&self) -> ActivityOptions {
        self.options.clone()
    }

    fn run(
        &self,
        input: Self::Input,
        ctx: ActivityContext,
    ) -> impl Future<Output = Result<Self::Output, ActivityError>> + Send {
        self.function.call(input, ctx)
    }
}

impl<F, Args> fmt::Debug for FnActivity<F, Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnActivity")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
