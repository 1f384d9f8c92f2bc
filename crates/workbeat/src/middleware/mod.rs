//! Code around activities: to measure, to refuse, to change what goes in and what comes out.
//!
//! A [`Middleware`] is called in place of the activity, with the call and with what comes
//! [next](Next): other middleware, and at last the activity.
//!
//! ```
//! use workbeat::middleware::{ActivityCall, CallResult, Middleware, Next};
//! use workbeat::prelude::*;
//! use tokio::time::Instant;
//!
//! /// Prints how long each activity took.
//! struct Timing;
//!
//! impl Middleware for Timing {
//!     async fn around(&self, call: ActivityCall, next: Next) -> CallResult {
//!         let name = call.ctx.activity_type().to_string();
//!         let began = Instant::now();
//!         let ended = next.run(call).await;
//!         println!("{name} took {:?}", began.elapsed());
//!         ended
//!     }
//! }
//!
//! /// Who asks. The activities see it.
//! struct Caller(String);
//!
//! /// Lets only those in who say who they are.
//! async fn authenticate(call: ActivityCall, next: Next) -> CallResult {
//!     let workflow_id = &*call.ctx.workflow().workflow_id;
//!     let Some((caller, _)) = workflow_id.split_once('-') else {
//!         return Err(ActivityError::failed("NOT_AUTHENTICATED"));
//!     };
//!     call.ctx.set_extension(Caller(caller.to_owned()));
//!     next.run(call).await
//! }
//!
//! #[activity]
//! async fn greet(ctx: ActivityContext) -> Result<String, ActivityError> {
//!     let caller = ctx.extension::<Caller>().ok_or("nobody")?;
//!     Ok(format!("Hello, {}!", caller.0))
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     use workbeat_local::{LocalService, StartActivity};
//! let service = LocalService::new();
//! let worker = Worker::builder(service.clone())
//!     .task_list("a")
//!     .activity(Greet)
//!     .middleware(Timing) // the first is the outermost
//!     .middleware_fn(authenticate)
//!     .build()?;
//! tokio::spawn(worker.run());
//! let start = || StartActivity::new("greet", "1.0").task_list("a");
//! let greeted = service.start(start().workflow_id("ann-1"))?.outcome().await;
//! assert_eq!(greeted.result::<String>()?, "Hello, ann!");
//! let refused = service.start(start().workflow_id("1"))?.outcome().await;
//! assert_eq!(refused.reason(), Some("NOT_AUTHENTICATED"));
//! #     Ok(())
//! # }
//! ```
//!
//! # Where it runs
//!
//! In the activity's place, in its task and its span, after it has a slot and a place under the
//! [limit](crate::worker::WorkerBuilder::activity_limit) of its type. So everything that holds
//! for an activity holds for it: heartbeats go on meanwhile, a panic fails the task, and its
//! future is dropped when the activity's is, with it. What it returns is decided upon as if the
//! activity had returned it: a failure, an acknowledged cancellation, a task that is
//! [handed on](crate::ActivityError::handed_on).
//!
//! It sees JSON. A [codec](crate::codec) is outside of all middleware, and does its work before and
//! after. Without one an input is what the decider wrote, so that middleware can also decrypt it,
//! with the time and the context that a codec has not.
//!
//! It does not see an input that the codec could not decode, nor what ends the task without the
//! activity: a type that is not known, a cut drain, a dropped future.
//!
//! # The order
//!
//! The first that is added is the outermost. What is added for
//! [one type](crate::worker::WorkerBuilder::activity_middleware) is inside of what is added for all.
//!
//! # Compared with a tower layer
//!
//! With the feature `tower`, `WorkerBuilder::layer` takes layers made for anything: a limit of
//! concurrency, a timeout. Middleware of your own is shorter as a [`Middleware`].
//!
//! # What it costs
//!
//! Nothing where there is none. Where there is, a box for each and two for the activity.

mod call;
mod extensions;
mod function;
mod stack;
#[cfg(feature = "tower")]
mod tower;

use std::future::Future;

pub use call::{ActivityCall, CallResult, Next};
pub(crate) use extensions::Extensions;
pub use function::{FnMiddleware, middleware_fn};
pub(crate) use stack::{Around, Endpoint, ErasedMiddleware};
#[cfg(feature = "tower")]
pub use tower::{CallError, CallService};
#[cfg(feature = "tower")]
pub(crate) use tower::{Layered, unbox};

/// Code around activities; see [the module](self).
///
/// A function of a call and what comes next is one too: [`middleware_fn`].
///
/// # Cancel safety
///
/// The future is dropped whenever the activity's would be, at any await. What must happen all the
/// same belongs into a `Drop`. A cancellation alone only fires the token, which is in
/// [`ActivityCall::ctx`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not middleware",
    label = "this is not a `Middleware`",
    note = "for a closure or an async fn that takes `(ActivityCall, Next)`, use `.middleware_fn(...)` of the builder, or `workbeat::middleware::middleware_fn(...)`"
)]
pub trait Middleware: Send + Sync + 'static {
    /// Does what it does around `next.run(call)`; or does not run it, and gives a result itself.
    ///
    /// # Errors
    ///
    /// Those of the activity, and its own. The task ends as if the activity had returned them.
    fn around(&self, call: ActivityCall, next: Next) -> impl Future<Output = CallResult> + Send;
}
