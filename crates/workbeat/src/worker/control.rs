//! What the application wants of the worker, and what the worker shows of itself.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::sync::{Semaphore, watch};

use super::live::Live;
use crate::heartbeat::HeartbeatBudget;

/// How the worker should end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shutdown {
    /// Not yet.
    #[default]
    No,
    /// Take no new tasks, and end when those that run have ended.
    Drain,
    /// At once.
    Stop,
}

/// What the application wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) paused: bool,
    pub(crate) shutdown: Shutdown,
}

/// How far the worker's run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    NotStarted,
    /// The activity types are being registered.
    Starting,
    Running,
    Ended,
}

/// Shared by a worker and its handles.
#[derive(Debug)]
pub(crate) struct Steering {
    pub(crate) control: watch::Sender<Control>,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) live: Arc<Live>,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) slots_total: usize,
    pub(crate) polls: AtomicUsize,
    pub(crate) budget: HeartbeatBudget,
}

impl Steering {
    pub(crate) fn new(slots: usize, budget: HeartbeatBudget) -> Self {
        Self {
            control: watch::Sender::default(),
            phase: watch::Sender::default(),
            live: Arc::default(),
            slots: Arc::new(Semaphore::new(slots.min(Semaphore::MAX_PERMITS))),
            slots_total: slots,
            polls: AtomicUsize::new(0),
            budget,
        }
    }
}

/// Goes with the worker and its run, and says that the run has ended, also when it was dropped
/// before it began.
#[derive(Debug)]
pub(crate) struct EndGuard(pub(crate) Arc<Steering>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.phase.send_replace(Phase::Ended);
    }
}
