//! A workflow execution's history: its events as SWF's JSON has them, and what they say.

mod event;
mod outcome;
mod stage;
mod took;
mod words;

pub(crate) use event::{Event, TypeName};
pub(crate) use outcome::{Outcome, status_words};
pub(crate) use stage::Stage;
pub(crate) use took::took;
pub(crate) use words::describe;

/// Small histories for tests.
#[cfg(test)]
pub(crate) mod example;
