//! Activities in flight: memory, heartbeats and their lateness, cancellations.

mod arrivals;
mod beat;
mod cancel;
mod grow;
mod hold;
mod service;
mod side;

pub(crate) use beat::{Beat, beat};
pub(crate) use cancel::{Cancel, CancelSide, cancel, cancel_side};
pub(crate) use grow::{Grow, grow};
pub(crate) use hold::{Hold, hold};
pub(crate) use side::{HeldSide, counts, held_side};
