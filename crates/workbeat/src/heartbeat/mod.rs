//! The pacemaker: the one heartbeat scheduler of a worker.
//!
//! When to beat is a pure structure ([`schedule`]); only the [`pacemaker`] does I/O.

mod calls;
mod pace;
mod pacemaker;
mod schedule;

pub(crate) use pace::Pace;
pub(crate) use pacemaker::Pacemaker;
