//! When something is to happen to an activity under test.

use std::time::Duration;

/// When something happens to an activity under test.
///
/// ```
/// # use std::time::Duration;
/// use workbeat::prelude::*;
/// use workbeat::testing::{ActivityTest, When};
///
/// #[activity]
/// async fn wait(ctx: ActivityContext) -> Result<(), ActivityError> {
///     ctx.report("waiting");
///     ctx.until_stopped(std::future::pending::<()>()).await?;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let an_hour = Duration::from_secs(3600);
/// let outcome = ActivityTest::new(Wait).cancel_when(When::Elapsed(an_hour)).run().await;
/// assert_eq!(outcome.assert_canceled().took(), an_hour);
///
/// let outcome = ActivityTest::new(Wait).cancel_when(When::Progress(1)).run().await;
/// assert_eq!(outcome.assert_canceled().took(), Duration::ZERO);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// With the n-th report of progress, counted from 1: before `report` returns. With 0, before
    /// the activity begins.
    Progress(usize),
    /// So long after the activity began. If the activity itself waits for that very moment, either
    /// may come first: choose one in between.
    Elapsed(Duration),
}
