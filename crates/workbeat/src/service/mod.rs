//! The port to an orchestration service, and the words that cross it.
//!
//! The framework knows no service. It speaks to one through [`ActivityService`], and an
//! adapter (the embedded service, Amazon SWF) implements it.

mod capabilities;
mod error;
mod guarded;
mod limits;
mod name;
mod port;
mod previous;
mod registration;
mod shared;
mod task;
mod text;
mod token;

/// Put this on an `impl` of [`ActivityService`]: the port is used as a trait object.
pub use async_trait::async_trait;
pub use capabilities::ServiceCapabilities;
pub(crate) use error::Loggable;
pub use error::{ServiceError, ServiceErrorKind};
pub use limits::ServiceLimits;
pub(crate) use limits::TooLong;
pub use port::{ActivityService, HeartbeatAnswer, PollRequest};
pub use previous::{AttemptEvent, PreviousAttempt, PreviousAttemptSearch, ProgressEnvelope};
pub use registration::ActivityTypeRegistration;
pub use task::{ActivityTask, ActivityType, TaskTimeouts, Timeout, WorkflowExecution};
pub use token::TaskToken;

pub(crate) use guarded::{asked, caught, guarded};
pub(crate) use name::name_fault;
pub(crate) use text::{Redacted, cut, over, utf16_len};
