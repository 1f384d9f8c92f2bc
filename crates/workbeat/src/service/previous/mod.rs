//! What a service knows of the last attempt of an activity.

mod attempt;
mod envelope;
mod event;
mod search;

pub use attempt::PreviousAttempt;
pub use envelope::ProgressEnvelope;
pub use event::AttemptEvent;
pub use search::PreviousAttemptSearch;
