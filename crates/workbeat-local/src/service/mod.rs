//! The in-process service: the engine behind a lock, driven by tokio's time.

mod builder;
mod clock;
mod error;
mod handle;
mod heartbeats;
mod local;
mod outcome;
mod poll;
mod port;
mod previous;
mod shared;
mod start;
mod unpolled;

pub use builder::LocalServiceBuilder;
pub use error::{LocalError, LocalErrorKind};
pub use handle::ActivityHandle;
pub use heartbeats::{Heartbeat, Heartbeats};
pub use local::LocalService;
pub use outcome::ActivityOutcome;
pub use start::StartActivity;
