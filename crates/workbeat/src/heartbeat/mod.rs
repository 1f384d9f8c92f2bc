//! The pacemaker: the one heartbeat scheduler of a worker.
//!
//! When to beat is a pure structure: the [`schedule`] of each of a worker's services knows when its
//! tasks want to, the [`budget`], which workers can share, whose turn it is. A task that has just begun is
//! among the [`arrivals`]. The [`pacemaker`] has all of them, and the [`driver`] does what is due;
//! only its [`calls`] do I/O.

mod arrivals;
mod budget;
mod calls;
mod driver;
mod lanes;
mod lost;
mod next_calls;
mod pace;
mod pacemaker;
mod schedule;
mod seat;
#[cfg(test)]
mod simulation;
mod suspend;
mod under_way;

pub use budget::{HeartbeatBudget, HeartbeatBudgetStatus};
pub(crate) use pace::Pace;
pub(crate) use pacemaker::Pacemaker;
pub(crate) use schedule::Beaten;
