//! The one outcome of a task: decided, made to fit, sent.

mod decide;
mod fit;
mod responder;
mod value;

pub(crate) use decide::{Decision, Ending, Said, decide, draining};
use fit::fit;
pub(crate) use responder::{Answered, Responder};
pub(crate) use value::Outcome;
