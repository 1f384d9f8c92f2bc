//! A snapshot of a budget.

use super::plan::Figures;

/// What is asked of a [`HeartbeatBudget`](crate::HeartbeatBudget) at one moment, by all workers
/// that share it, and what it gives. Rates are in calls a second.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HeartbeatBudgetStatus {
    /// The rate that it was given, if it was.
    pub ceiling: Option<f64>,
    /// How many heartbeats may go out. None while nothing is known of a limit.
    pub rate: Option<f64>,
    /// How many went out of late.
    pub measured: f64,
    /// How many there would be if every interval were normal.
    pub demand: f64,
    /// The part of its heartbeat timeout that a task waits from one heartbeat to the next, where
    /// that is longer than its normal interval. None while every interval is normal; near 1
    /// there is no room for more tasks.
    pub stretch: Option<f64>,
    /// How many tasks share the budget. A task counts when it has lasted for 20 to 40 ms: a shorter
    /// one asks for no heartbeat.
    pub tasks: usize,
    /// How many of them are let go, because no schedule could serve all.
    pub let_go: usize,
    /// How often a task was let go so far.
    pub let_go_ever: u64,
    /// How many heartbeats the service throttled so far.
    pub throttled: u64,
}

impl From<Figures> for HeartbeatBudgetStatus {
    fn from(figures: Figures) -> Self {
        Self {
            ceiling: figures.ceiling,
            rate: figures.rate,
            measured: figures.measured,
            demand: figures.demand,
            stretch: Some(figures.stretch).filter(|stretch| *stretch > 0.0),
            tasks: figures.tasks,
            let_go: figures.let_go,
            let_go_ever: figures.let_go_ever,
            throttled: figures.throttled,
        }
    }
}
