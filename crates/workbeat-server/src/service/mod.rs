//! The engines of all regions, their time, and those who wait for them.

mod clock;
mod mark;
mod poll;
mod region;
mod regions;
mod shared;
mod ticker;

pub(crate) use mark::Mark;
pub(crate) use shared::{Called, Shared};
pub(crate) use ticker::tick;
