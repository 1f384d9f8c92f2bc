//! What a user writes: the [`Activity`] trait, its context, its errors and its options.

mod asking;
mod bounds;
mod context;
mod error;
mod failure;
mod fetched;
mod function;
mod options;
mod previous;
mod reported;

use std::future::Future;

pub use bounds::{ActivityInput, ActivityOutput, ActivityReturn, NoInput};
pub use context::{ActivityContext, Stopped};
pub use error::{ActivityError, ActivityErrorKind};
pub use failure::FailureCode;
pub(crate) use fetched::fetched;
pub use function::{ActivityFn, FnActivity, activity_fn};
pub use options::ActivityOptions;
pub use previous::{PreviousProgressError, PreviousProgressErrorKind};
pub use reported::ReportedProgress;

/// A piece of work that a [`Worker`](crate::Worker) runs for a service.
///
/// Implement it on a type that holds what the work needs: a connection pool, a client, a
/// setting. Where nothing is held, [`#[activity]`](macro@crate::activity) on an async fn or
/// [`WorkerBuilder::activity_fn`](crate::worker::WorkerBuilder::activity_fn) is shorter.
///
/// Beside [`run`](Self::run) the worker heartbeats: nothing in it needs to.
///
/// ```
/// use workbeat::prelude::*;
///
/// struct Resize {
///     largest: u32,
/// }
///
/// impl Activity for Resize {
///     type Input = u32;
///     type Output = u32;
///
///     fn name(&self) -> &str {
///         "resize"
///     }
///
///     fn version(&self) -> &str {
///         "1.0"
///     }
///
///     async fn run(&self, width: u32, ctx: ActivityContext) -> Result<u32, ActivityError> {
///         ctx.report("reading");
///         Ok(width.min(self.largest))
///     }
/// }
/// ```
///
/// # Cancel safety
///
/// The future of `run` is dropped when the worker is stopped at once, when its drain deadline
/// comes, when the run of the worker is dropped, and when it outlives its
/// [cancel grace](ActivityOptions::cancel_grace); never otherwise. A cancellation alone only
/// fires the token.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an activity",
    label = "this is not an `Activity`",
    note = "put `#[activity]` on an async fn and register the type it generates (`pack` gives `Pack`)",
    note = "for a method `copy` with `#[activity]`, register what it makes of an `Arc` of the shared state: `store.copy_activity()`",
    note = "for a closure or a plain async fn, use `.activity_fn(name, version, f)` of the builder, or `workbeat::activity_fn(name, version, f)`"
)]
pub trait Activity: Send + Sync + 'static {
    /// What the activity is given, decoded from the task's input.
    type Input: ActivityInput;
    /// What it gives back, encoded as the task's result.
    type Output: ActivityOutput;

    /// The activity type's name; 1 to 256 characters without `:`, `/`, `|` or control
    /// characters.
    fn name(&self) -> &str;

    /// The activity type's version; 1 to 64 characters of the same kind.
    fn version(&self) -> &str;

    /// Timeouts, heartbeat interval, cancel grace and the rest. The default sets none.
    fn options(&self) -> ActivityOptions {
        ActivityOptions::default()
    }

    /// Does the work.
    ///
    /// # Errors
    ///
    /// [`ActivityError::failed`] when the work failed; any error that can be boxed becomes one
    /// through `?`. [`ActivityError::canceled`] to acknowledge a cancellation.
    fn run(
        &self,
        input: Self::Input,
        ctx: ActivityContext,
    ) -> impl Future<Output = Result<Self::Output, ActivityError>> + Send;
}
