//! The one outcome of a task: decided, made to fit, sent.

mod decide;
mod fit;
mod responder;
mod tries;
mod value;

pub(crate) use decide::{Decision, Ending, Said, decide, draining};
pub(crate) use fit::{fit, with_progress};
pub(crate) use responder::{Answered, Responder};
pub(crate) use tries::{HEARTBEAT, Tried, Tries};
pub(crate) use value::Outcome;
