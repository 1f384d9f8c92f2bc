//! One task while it is in the worker: its record, its progress, why it should stop.

mod abort;
mod progress;
mod record;
mod source;
mod stop;
#[cfg(feature = "testing")]
mod witness;

pub(crate) use abort::{Abort, AbortReason};
pub(crate) use progress::Progress;
pub(crate) use record::{Random, TaskKey, TaskRecord, WorkerFacts};
pub(crate) use source::{Source, TaskList};
pub use stop::StopReason;
pub(crate) use stop::StopState;
#[cfg(feature = "testing")]
pub(crate) use witness::{Witness, WitnessCell};
