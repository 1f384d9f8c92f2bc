//! Short activities: what one costs beside a loop written by hand, and whether memory stays flat.

mod floor;
mod noop;
mod service;
mod side;
mod soak;

pub(crate) use noop::{Noop, allocations, instructions, noop};
pub(crate) use side::{ShortSide, short_side};
pub(crate) use soak::{Soak, soak};

use workbeat::ActivityError;

/// How many activities run at once, as a worker has it by default.
const SLOTS: usize = 100;

/// The activity: it gives back what it was given.
async fn echo(input: String) -> Result<String, ActivityError> {
    Ok(input)
}
