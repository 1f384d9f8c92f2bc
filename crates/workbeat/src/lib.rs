//! Activity workers that heartbeat, report progress and cancel by themselves.

mod codec;
mod heartbeat;
mod outcome;
mod retry;
mod task;
mod time;

pub mod activity;
#[doc(hidden)]
pub mod macro_support;
pub mod prelude;
pub mod service;
pub mod worker;

pub use activity::{
    Activity, ActivityContext, ActivityError, ActivityErrorKind, ActivityOptions, FailureCode,
    Stopped, activity_fn,
};
pub use outcome::Outcome;
pub use retry::Backoff;
pub use service::ActivityService;
pub use task::StopReason;
pub use tokio_util::sync::CancellationToken;
pub use workbeat_macros::activity;
pub use worker::{Worker, WorkerHandle};
