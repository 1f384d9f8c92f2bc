//! What nearly every file with an activity in it needs.
//!
//! ```
//! use workbeat::prelude::*;
//! ```

pub use crate::activity::{Activity, ActivityContext, ActivityError, ActivityOptions, Stopped};
pub use crate::task::StopReason;
pub use crate::worker::{Worker, WorkerHandle};
pub use workbeat_macros::activity;
